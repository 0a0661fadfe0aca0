//! `undertone import` and `undertone export`: lists of other programs, M3U8 and XSPF.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::failure::{Failure, WRONG, say};
use super::{library, new};
use crate::curate::{self, Adopted, Entry, Found, Kind, LARGEST, List};
use crate::media::Facts;
use crate::playlist::{NamedFile, NamedTrack, Severity};
use crate::units::{SafeText, Span};

#[derive(Args)]
pub(super) struct ImportArgs {
    /// A list ending in .m3u8, .m3u or .xspf
    list: PathBuf,
    /// Where to write the playlist; without it, beside the list
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The route, which gives the phases their minutes (see `undertone routes`)
    #[arg(long, default_value = "im")]
    route: String,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(super) struct ExportArgs {
    /// A playlist file, or the name of a built-in one
    playlist: PathBuf,
    /// Where to write: a name ending in .m3u8 or .xspf; without it, an M3U8 beside the playlist
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

pub(super) fn import(arguments: &ImportArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let options = library::options(&paths, &Default::default());
    let preset = new::preset(&options, &arguments.route)?;
    let list = read(&arguments.list)?;
    let output = arguments.output.clone().unwrap_or_else(|| arguments.list.with_extension("toml"));
    library::must_be_free(&output, arguments.force)?;
    let (from, to) = (library::folder_of(&arguments.list)?, library::folder_of(&output)?);
    let lengths = lengths(&paths, &list.paths(&from, &to), &to);
    let stem = library::shown(arguments.list.file_stem().unwrap_or_default());
    let title = if stem.is_empty() { "Untitled".into() } else { stem };
    let found = Found { list: &from, playlist: &to, lengths: &lengths };
    let Adopted { draft, left_out } = curate::adopt(&list, title, &preset, found);
    for sentence in &left_out {
        eprintln!("left out: {sentence}");
    }
    curate::save(&output, draft.text().toml.as_bytes(), arguments.force).map_err(Failure::could_not)?;
    let shown = library::shown(&output);
    let count = list.entries.len() - left_out.len();
    say!("{shown}: {count} of {} files, in {} phases and pools", list.entries.len(), draft.sections.len())?;
    let (_, findings) = library::load(&paths, &output, &options);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    match errors {
        0 => say!("It can be played; {} to know of, which `undertone check {shown}` shows.", findings.len())?,
        _ => say!("Before it can be played, {errors} to mend: `undertone check {shown}` says what.")?,
    }
    Ok(if errors == 0 && left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

/// Reads a list from a regular file of a list's size.
fn read(path: &Path) -> Result<List, Failure> {
    let shown = library::shown(path);
    let unreadable = |error: std::io::Error| {
        Failure::could_not(format!("{shown} cannot be read: {error}; check the path, and that you may read the file"))
    };
    // Before opening: opening a pipe would wait for ever.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(Failure::could_not(format!("{shown} is not a regular file; give a list ending in .m3u8 or .xspf")));
    }
    let mut bytes = Vec::new();
    let kind = Kind::of(path).map_err(|error| Failure::could_not(format!("{shown} {error}")))?;
    File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    kind.read(&bytes).map_err(|error| Failure::could_not(format!("{shown} {error}")))
}

/// How long those files play that are there.
fn lengths(
    paths: &crate::platform::Paths,
    written: &[Result<String, &'static str>],
    folder: &Path,
) -> BTreeMap<String, Span> {
    let there: BTreeMap<PathBuf, &String> =
        written.iter().flatten().map(|file| (folder.join(file), file)).filter(|(path, _)| path.is_file()).collect();
    let files: Vec<PathBuf> = there.keys().cloned().collect();
    let facts = library::examine(paths, &files);
    let length = |facts: &Facts| facts.sound().1 - facts.sound().0;
    there.iter().filter_map(|(path, file)| Some(((*file).clone(), length(facts.get(path)?.as_ref().ok()?)))).collect()
}

pub(super) fn export(arguments: &ExportArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let file = library::find(&arguments.playlist)?;
    let options = library::options(&paths, &Default::default());
    let named = library::named(&file, &options)?;
    // Of a built-in one, whose folder is the program's own, into this folder.
    let beside =
        if file == arguments.playlist { file.as_path() } else { Path::new(file.file_name().unwrap_or_default()) };
    let output = arguments.output.clone().unwrap_or_else(|| beside.with_extension("m3u8"));
    let shown = library::shown(&output);
    let kind = Kind::of(&output).map_err(|error| Failure::could_not(format!("{shown} {error}")))?;
    library::must_be_free(&output, arguments.force)?;
    let (from, to) = (library::folder_of(&file)?, library::folder_of(&output)?);

    let tracks =
        || named.files.iter().filter_map(|file| Some((file, file.track.as_ref().filter(|track| !track.excluded)?)));
    let there: Vec<PathBuf> = tracks().filter_map(|(file, _)| file.found.clone().ok()).collect();
    let facts = library::examine(&paths, &there);
    let mut list = List { title: named.title.clone(), entries: Vec::new() };
    for (file, track) in tracks() {
        let facts = file.found.as_ref().ok().and_then(|path| facts.get(path)?.as_ref().ok());
        list.entries.push(entry(file, track, facts, (&from, &to)));
    }
    // As a session goes, whatever the order of the text.
    list.entries.sort_by_key(|entry| (entry.part.is_none(), entry.part));
    let (text, unnamed) = kind.write(&list);
    let mut left_out: Vec<String> = unnamed
        .iter()
        .map(|file| {
            format!("\"{}\" has a line break in its name; export it as .xspf, or rename it", SafeText::new(file))
        })
        .collect();
    left_out.extend(
        tracks()
            .filter_map(|(file, _)| file.found.as_ref().err())
            .map(|why| format!("{why}; it is in the list all the same")),
    );
    for sentence in &left_out {
        eprintln!("{sentence}");
    }
    curate::save(&output, text.as_bytes(), arguments.force).map_err(Failure::could_not)?;
    say!(
        "{shown}: {} files; generated pieces, silences, levels and tags stay behind",
        list.entries.len() - unnamed.len()
    )?;
    Ok(if left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

/// A track as an entry: its path from the list's folder, and what is known of it.
fn entry(file: &NamedFile, track: &NamedTrack, facts: Option<&Facts>, (from, to): (&Path, &Path)) -> Entry {
    let real = file.found.clone().unwrap_or_else(|_| from.join(&file.written));
    // What lies beside the playlist, and is exported there, keeps its path as it is written.
    let kept = from == to && from.join(&file.written).exists();
    let way = curate::relative(to, &real).filter(|_| !kept).and_then(|way| curate::written(&way));
    let stem = || Path::new(&file.written).file_stem().map(library::shown);
    Entry {
        file: way.unwrap_or_else(|| file.written.clone()),
        title: track.title.clone().or_else(|| facts?.title.clone()).or_else(stem).filter(|title| !title.is_empty()),
        artist: track.artist.clone().or_else(|| facts?.artist.clone()),
        length: facts.map(|facts| facts.length),
        part: track.part,
        start: track.start,
        end: track.end,
    }
}
