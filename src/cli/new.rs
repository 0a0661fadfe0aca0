//! `undertone new`: a playlist proposed from a folder of music.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::failure::{Failure, say};
use super::library;
use crate::curate::{self, Draft, Heard, SHORTEST, Text};
use crate::media::{Facts, MediaError};
use crate::platform::Paths;
use crate::playlist::{self, Diagnostic, Options, Preset, Severity};
use crate::units::{SafeText, TrackTime};

#[derive(Args)]
pub(super) struct NewArgs {
    /// A folder of music; the folders in it are looked through too
    folder: PathBuf,
    /// The route, which gives the phases their minutes (see `undertone routes`)
    #[arg(long, default_value = "im")]
    route: String,
    /// Where to write; without it, into the folder, under the folder's name
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

/// A playlist has 2,000 tracks at most (format.md); one is the generator that is always proposed.
const MOST: usize = 1999;

/// The files that will be proposed, and a sentence for each that will not.
#[derive(Default)]
struct Sorted {
    heard: Vec<Heard>,
    left_out: Vec<String>,
}

pub(super) fn run(arguments: &NewArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let options = library::options(&paths, &Default::default());
    let preset = preset(&options, &arguments.route)?;
    let folder = real_folder(&arguments.folder)?;
    let output = arguments.output.clone().unwrap_or_else(|| arguments.folder.join(named_after(&folder)));
    // Before anything is measured, which may take long.
    library::must_be_free(&output, arguments.force)?;
    let base = library::folder_of(&output)?;
    if !folder.starts_with(&base) {
        return Err(Failure::could_not(format!(
            "{} does not lie above the music, and a playlist's files must lie in its folder; write it into {} or above",
            library::shown(&output),
            library::shown(&arguments.folder)
        )));
    }
    let mut sorted = sort(&paths, &folder, &base)?;
    sorted.refuse_unplayable(&paths, &output, &options);
    for sentence in &sorted.left_out {
        eprintln!("left out: {sentence}");
    }
    let title = library::shown(folder.file_name().unwrap_or_default());
    let title = if title.is_empty() { "Untitled".into() } else { title };
    let draft = curate::propose(title, &preset, &sorted.heard)
        .map_err(|shortage| Failure::wrong(too_little(&options, &preset, &sorted.heard, &shortage)))?;
    let Text { toml, .. } = draft.text();
    let findings = load(&paths, &output, toml.clone(), &options);
    if playlist::gravest(&findings) == Some(Severity::Error) {
        eprintln!("{}", playlist::draw(&findings));
        return Err(Failure::could_not("the playlist would have the errors above; nothing was written"));
    }
    curate::save(&output, toml.as_bytes(), arguments.force).map_err(Failure::could_not)?;
    tell(&output, &draft, sorted.left_out.len(), findings.len())
}

/// The route of that name, if its phases have their minutes without more being known.
pub(super) fn preset(options: &Options, name: &str) -> Result<Preset, Failure> {
    let presets = playlist::presets(options.clinic_routes.as_deref());
    let presets = presets.map_err(|findings| Failure::wrong(playlist::draw(&findings)))?;
    let fixed: Vec<&Preset> = presets.iter().filter(|preset| !preset.needs_infusion()).collect();
    let names: Vec<&str> = fixed.iter().map(|preset| preset.name.as_str()).collect();
    match fixed.iter().find(|preset| preset.name.as_str() == name) {
        Some(preset) => Ok((*preset).clone()),
        None => Err(Failure::could_not(format!(
            "there is no route \"{}\" with times of its own; give one of {}, and change it in the playlist if need be",
            SafeText::new(name),
            names.join(", ")
        ))),
    }
}

fn real_folder(given: &Path) -> Result<PathBuf, Failure> {
    let real = fs::canonicalize(given).ok().filter(|real| real.is_dir());
    real.ok_or_else(|| {
        Failure::could_not(format!("{} is not a folder; give the folder that holds the music", library::shown(given)))
    })
}

/// The name of a folder with `.toml`, no longer than a name may be.
fn named_after(folder: &Path) -> String {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or("playlist");
    let longest = (0..=name.len().min(200)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}.toml", &name[..longest])
}

/// Measures the folder's music and sets aside what cannot be named, opened or heard.
fn sort(paths: &Paths, folder: &Path, base: &Path) -> Result<Sorted, Failure> {
    let mut sorted = Sorted::default();
    let mut named: BTreeMap<PathBuf, String> = BTreeMap::new();
    let files = library::music_in(folder);
    for file in &files {
        match file.strip_prefix(base).ok().and_then(curate::written) {
            Some(written) => drop(named.insert(file.clone(), written)),
            None => sorted.left_out.push(format!(
                "\"{}\" has a name that is not UTF-8, as playlists are; rename it, with letters that show properly, and begin again",
                library::shown(file.strip_prefix(base).unwrap_or(file))
            )),
        }
    }
    if named.is_empty() {
        return Err(Failure::could_not(format!(
            "{} holds no music that can be used{}; FLAC, MP3, M4A, Ogg, Opus, WAV and AIFF files are looked for",
            library::shown(folder),
            if files.is_empty() { "" } else { ": no name in it is UTF-8, so rename the files" }
        )));
    }
    let measured: Vec<PathBuf> = named.keys().cloned().collect();
    let mut facts = library::examine(paths, &measured);
    for (path, file) in named {
        match facts.remove(&path) {
            Some(facts) => sorted.take(file, facts),
            None => sorted.left_out.push(format!("\"{}\" was not examined; try again", SafeText::new(&file))),
        }
    }
    Ok(sorted)
}

impl Sorted {
    fn take(&mut self, file: String, facts: Result<Facts, MediaError>) {
        match facts {
            Ok(facts) if facts.loudness.is_some() && facts.sound().1 - facts.sound().0 < SHORTEST => {
                let length = TrackTime::at(facts.length);
                self.left_out.push(format!(
                    "\"{}\" lasts only {length}; a piece shorter than its two crossfades ({SHORTEST}) is never heard by itself",
                    SafeText::new(&file)
                ));
            }
            Ok(_) if self.heard.len() == MOST => {
                let file = SafeText::new(&file);
                self.left_out.push(format!(
                    "\"{file}\" is one too many: a playlist has 2,000 pieces at most; move some into another folder"
                ));
            }
            Ok(facts) => self.heard.push(Heard { file, facts }),
            Err(error) => self.left_out.push(error.to_string()),
        }
    }

    /// Lets the playlist's own check say of each file whether it may be in one.
    fn refuse_unplayable(&mut self, paths: &Paths, output: &Path, options: &Options) {
        let Text { toml, values } = curate::trial(&self.heard);
        let mut refused: BTreeMap<usize, String> = BTreeMap::new();
        for finding in load(paths, output, toml, options) {
            let at = finding.place.as_ref().and_then(|place| values.iter().position(|value| *value == place.span));
            if let (Some(at), Severity::Error) = (at, finding.severity) {
                refused.entry(at).or_insert_with(|| format!("{}; {}", finding.message, finding.advice));
            }
        }
        let heard = std::mem::take(&mut self.heard).into_iter().enumerate();
        self.heard = heard.filter(|(at, _)| !refused.contains_key(at)).map(|(_, heard)| heard).collect();
        self.left_out.extend(refused.into_values());
    }
}

/// What is wrong with a text, were it a playlist there. Its files have been measured.
fn load(paths: &Paths, output: &Path, toml: String, options: &Options) -> Vec<Diagnostic> {
    playlist::load_text(output, toml, options, &mut |files| library::remembered(paths, files)).1
}

fn too_little(options: &Options, preset: &Preset, heard: &[Heard], shortage: &curate::Shortage) -> String {
    let presets = playlist::presets(options.clinic_routes.as_deref()).unwrap_or_default();
    let fits = |other: &&Preset| !other.needs_infusion() && curate::propose("".into(), other, heard).is_ok();
    let fitting: Vec<&str> = presets.iter().filter(fits).map(|preset| preset.name.as_str()).collect();
    let minutes = |span: crate::units::Span| span.millis() / 60_000;
    let missing = minutes(shortage.needed - shortage.lasts) + 1;
    let instead = match fitting[..] {
        [] => "no route is that short".to_owned(),
        _ => format!("or take a shorter route: {}", fitting.join(", ")),
    };
    format!(
        "too little music for the route {}: it plays {} minutes after the dose, and the {} usable files here last {} (joined by crossfades); \
         nothing was written. Add {missing} minutes of music, better twice as much ({instead})",
        preset.name,
        minutes(shortage.needed),
        heard.len(),
        minutes(shortage.lasts)
    )
}

fn tell(output: &Path, draft: &Draft, left_out: usize, findings: usize) -> Result<ExitCode, Failure> {
    let count: usize = draft.sections.iter().map(|section| section.pieces.len()).sum();
    let shown = library::shown(output);
    say!("{shown}: {count} pieces in {} phases for the route {}", draft.sections.len(), draft.route)?;
    for section in &draft.sections {
        say!("  {}", section.note.trim_start_matches(['-', ' ']))?;
    }
    if left_out > 0 {
        say!("Left out: {left_out}, as said above.")?;
    }
    let next = match findings {
        0 => "It has no findings".to_owned(),
        some => format!("{some} to know of, which `undertone check` shows"),
    };
    say!("{next}. Open it in an editor: it says how each piece was measured. Listen, correct, and check it again.")?;
    Ok(ExitCode::SUCCESS)
}
