//! `undertone relink`: finds the music of a playlist again after it was moved, and writes checksums that make this certain.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::failure::{Failure, WRONG, say};
use super::{library, progress};
use crate::curate::{self, Change, Link, Proof, Seen};
use crate::media::{Cache, contents_of};
use crate::platform::Paths;
use crate::playlist::{Named, Options};
use crate::units::SafeText;

#[derive(Args)]
pub(super) struct RelinkArgs {
    /// A playlist file; only its `file` values are changed
    playlist: PathBuf,
    /// Where to look for the music; without it, in the playlist's folder
    folder: Option<PathBuf>,
    /// Take files that are known by their name only
    #[arg(long)]
    by_name: bool,
    /// Write the checksum of every file that has none yet
    #[arg(long)]
    checksums: bool,
}

pub(super) fn run(arguments: &RelinkArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let options = library::options(&paths, &Default::default());
    let file = &arguments.playlist;
    let named = library::named(file, &options)?;
    let lost = named.files.iter().filter(|file| file.found.is_err()).count();
    let mut changes = Vec::new();
    let (mut links, mut seen) = (Vec::new(), Vec::new());
    if lost > 0 {
        seen = look(&paths, &named, file, arguments.folder.as_deref(), &options)?;
        let cache = Cache::at(&paths.cache);
        links = curate::relink(&named, &seen, &|path| cache.remembered(path));
        tell(&named, &links, arguments.by_name)?;
        links.retain(|link| link.proof != Proof::Name || arguments.by_name);
        changes.extend(links.iter().map(|link| named.with_path(link.index, &link.to)));
    }
    let relinked = changes.len();
    if arguments.checksums {
        changes.extend(checksums(&paths, &named, &links, &seen));
    }
    let marked = changes.len() - relinked;
    if !changes.is_empty() {
        let text = curate::edited(&named.text, changes);
        curate::save(file, text.as_bytes(), true).map_err(Failure::could_not)?;
    }
    let shown = library::shown(file);
    let still = lost - relinked;
    let checksums = if arguments.checksums { format!(", {marked} checksums written") } else { String::new() };
    say!("{shown}: {} files named, {relinked} found again, {still} still missing{checksums}", named.files.len())?;
    Ok(if still == 0 { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

fn tell(named: &Named, links: &[Link], by_name: bool) -> Result<(), Failure> {
    for (index, file) in named.files.iter().enumerate().filter(|(_, file)| file.found.is_err()) {
        let old = SafeText::new(&file.written);
        let Some(Link { to, proof, .. }) = links.iter().find(|link| link.index == index) else {
            say!("\"{old}\" was not found")?;
            continue;
        };
        let new = SafeText::new(to);
        match (proof, by_name) {
            (Proof::Checksum, _) => say!("\"{old}\" is \"{new}\" (same checksum)")?,
            (Proof::Remembered, _) => say!("\"{old}\" is \"{new}\" (same content as when it was last measured)")?,
            (Proof::Name, true) => say!("\"{old}\" is taken to be \"{new}\" (same name; listen to it)")?,
            (Proof::Name, false) => {
                say!(
                    "\"{old}\" may be \"{new}\": it has that name, and nothing else is known. Listen to it; --by-name takes it"
                )?;
            }
        }
    }
    Ok(())
}

/// The music that could be what is missing: under the folder, and where a playlist's files may lie.
fn look(
    paths: &Paths,
    named: &Named,
    playlist: &Path,
    folder: Option<&Path>,
    options: &Options,
) -> Result<Vec<Seen>, Failure> {
    let own = library::folder_of(playlist)?;
    let given = folder.unwrap_or(&own);
    let folder = std::fs::canonicalize(given).ok().filter(|real| real.is_dir());
    let folder = folder.ok_or_else(|| Failure::could_not(format!("{} is not a folder", library::shown(given))))?;
    let roots: Vec<PathBuf> = std::iter::once(own.clone())
        .chain(options.library_roots.iter().filter_map(|root| std::fs::canonicalize(root).ok()))
        .collect();
    let files = library::music_in(&folder);
    let reach = |path: &PathBuf| {
        let written = roots.iter().find_map(|root| curate::written(path.strip_prefix(root).ok()?))?;
        Some(Seen { path: path.clone(), written, ..Seen::default() })
    };
    let mut seen: Vec<Seen> = files.iter().filter_map(reach).collect();
    if seen.is_empty() && !files.is_empty() {
        return Err(Failure::could_not(format!(
            "{} does not lie in the playlist's folder, where its music must be; move the playlist there, or the music beside it",
            library::shown(given)
        )));
    }
    hear(paths, named, &mut seen);
    Ok(seen)
}

/// Finds out what the files hold; and how long those last of which only the name is known.
fn hear(paths: &Paths, named: &Named, seen: &mut [Seen]) {
    let lost = || named.files.iter().filter(|file| file.found.is_err());
    let files: Vec<PathBuf> = seen.iter().map(|seen| seen.path.clone()).collect();
    let contents = contents(paths, &files);
    let alike: Vec<PathBuf> = seen
        .iter()
        .filter(|seen| lost().any(|file| file.is_called_as(&seen.written)))
        .map(|seen| seen.path.clone())
        .collect();
    let facts = library::examine(paths, &alike);
    for seen in seen {
        seen.content = contents.get(&seen.path).cloned();
        seen.length = facts.get(&seen.path).and_then(|facts| Some(facts.as_ref().ok()?.length));
    }
}

/// What files hold, with progress; what cannot be read is left out.
fn contents(paths: &Paths, files: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let bar = progress::bar(files.len(), "reading");
    let contents = contents_of(files, &Cache::at(&paths.cache), &|_, _| bar.inc(1));
    bar.finish_and_clear();
    contents.into_iter().filter_map(|(path, content)| Some((path, content.ok()?))).collect()
}

/// The checksums of every track that has none and whose file is there, or has just been found.
fn checksums(paths: &Paths, named: &Named, links: &[Link], seen: &[Seen]) -> Vec<Change> {
    let path = |index: usize| {
        let link = links.iter().find(|link| link.index == index);
        let found =
            link.and_then(|link| seen.iter().find(|seen| seen.written == link.to)).map(|seen| seen.path.clone());
        found.or_else(|| named.files[index].found.clone().ok())
    };
    let places: Vec<(usize, PathBuf)> =
        (0..named.files.len()).filter_map(|index| Some((index, path(index)?))).collect();
    let files: BTreeSet<PathBuf> = places.iter().map(|(_, path)| path.clone()).collect();
    let contents = contents(paths, &files.into_iter().collect::<Vec<_>>());
    places.iter().filter_map(|(index, path)| named.with_checksum(*index, contents.get(path)?)).collect()
}
