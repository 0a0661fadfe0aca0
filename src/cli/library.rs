//! Finds playlists and loads them, with progress and with everything that is wrong said at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::args::PlaylistArgs;
use super::failure::Failure;
use super::progress;
use crate::curate;
use crate::media::{Cache, Facts, MediaError, examine_all};
use crate::platform::{self, Paths};
use crate::playlist::{self, Diagnostic, Loaded, Named, Options, Settings, Severity, gravest};
use crate::units::SafeText;

/// Asks something of the sound libraries; what they write to standard error meanwhile goes to the log, if there can be one.
pub(super) fn quietly<T>(paths: &Paths, ask: impl FnOnce() -> T) -> T {
    let _quiet = platform::quiet_stderr(&paths.log);
    ask()
}

/// Where things are on this machine; the folders exist and are private.
pub(super) fn paths() -> Result<Paths, Failure> {
    let paths = Paths::find().map_err(Failure::could_not)?;
    paths.create().map_err(Failure::could_not)?;
    Ok(paths)
}

/// The playlist's file: the path as given, or the built-in playlist of that name.
pub(super) fn find(name: &Path) -> Result<PathBuf, Failure> {
    if name.exists() {
        return Ok(name.to_owned());
    }
    let built_in = built_in_playlists().join(name).with_extension("toml");
    if name.components().count() == 1 && built_in.exists() {
        return Ok(built_in);
    }
    let names: Vec<String> = in_folder(&built_in_playlists()).iter().filter_map(|path| stem(path)).collect();
    Err(Failure::could_not(format!(
        "there is no playlist {}; give a file, or one of the built-in ones: {}",
        shown(name),
        names.join(", ")
    )))
}

/// The folder of the playlists that come with the program; an empty path where there is none.
pub(super) fn built_in_playlists() -> PathBuf {
    platform::playlists().unwrap_or_default()
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_string_lossy().into_owned())
}

/// The playlists of a folder, by name.
pub(super) fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    found.sort();
    found
}

/// Files with these endings are looked at in a folder.
const MUSIC: [&str; 12] = ["flac", "mp3", "m4a", "aac", "mp4", "ogg", "oga", "opus", "wav", "aif", "aiff", "aifc"];

/// The music in a folder and the folders below it, by name; without what is hidden.
pub(super) fn music_in(folder: &Path) -> Vec<PathBuf> {
    let mut inside: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    inside.sort();
    let mut files = Vec::new();
    for path in inside {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_dir() {
            // A folder that is a link may lead round in a circle.
            if !hidden && !path.is_symlink() {
                files.extend(music_in(&path));
            }
        } else if !hidden {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            files.extend(ending.is_some_and(|ending| MUSIC.contains(&ending.as_str())).then_some(path));
        }
    }
    files
}

/// A path as it may be shown.
pub(super) fn shown(path: impl AsRef<Path>) -> SafeText {
    SafeText::new(&path.as_ref().to_string_lossy())
}

/// The folder that a file lies in, or would, as it really is.
pub(super) fn folder_of(file: &Path) -> Result<PathBuf, Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::canonicalize(folder).map_err(|error| {
        Failure::could_not(format!("{} cannot be used ({error}); make that folder first", shown(folder)))
    })
}

/// Says at once, not after long work, that there is something where a file is to be written.
pub(super) fn must_be_free(output: &Path, replace: bool) -> Result<(), Failure> {
    curate::must_be_free(output, replace).map_err(Failure::could_not)
}

/// Which files a playlist names; what keeps it from being understood is shown.
pub(super) fn named(file: &Path, options: &Options) -> Result<Named, Failure> {
    playlist::named(file, options).map_err(|findings| {
        eprintln!("{}", playlist::draw(&findings));
        Failure::wrong(format!("{} has the errors above; mend them first. Nothing was changed", shown(file)))
    })
}

/// What the program itself decides about loading.
pub(super) fn options(paths: &Paths, arguments: &PlaylistArgs) -> Options {
    Options {
        route: arguments.route.clone(),
        infusion: arguments.infusion,
        exclude: arguments.exclude.clone(),
        library_roots: platform::assets().into_iter().collect(),
        clinic_routes: Some(paths.settings.join("routes.toml")),
    }
}

/// The clinic's settings; what is wrong with them is shown, and nothing begins until it is mended.
pub(super) fn settings(paths: &Paths) -> Result<Settings, Failure> {
    let file = Settings::file(&paths.settings);
    Settings::read(&file).map_err(|findings| {
        eprintln!("{}", playlist::draw(&findings));
        Failure::wrong(format!("{} has the errors above; mend or remove it", shown(&file)))
    })
}

/// Reads a playlist behind the panel, where nothing may be printed.
pub(super) fn load_quietly(paths: &Paths, file: &Path, options: &Options) -> (Option<Loaded>, Vec<Diagnostic>) {
    playlist::load(file, options, &mut |files| remembered(paths, files))
}

/// The facts about files that have been measured before, or quietly measured now.
pub(super) fn remembered(paths: &Paths, files: &[PathBuf]) -> BTreeMap<PathBuf, Result<Facts, MediaError>> {
    examine_all(files, &Cache::at(&paths.cache), &|_, _| {})
}

/// Reads a playlist, examining its files with a progress bar.
pub(super) fn load(paths: &Paths, file: &Path, options: &Options) -> (Option<Loaded>, Vec<Diagnostic>) {
    playlist::load(file, options, &mut |files| examine(paths, files))
}

/// The facts about files, from the cache or measured now on every core.
pub(super) fn examine(paths: &Paths, files: &[PathBuf]) -> BTreeMap<PathBuf, Result<Facts, MediaError>> {
    let cache = Cache::at(&paths.cache);
    let bar = progress::bar(files.len(), "measuring");
    // Seen from the start, and moving while the first long file is heard.
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let shown = AtomicUsize::new(0);
    let found = examine_all(files, &cache, &|done, _| {
        // Calls may arrive out of order; a bar only goes forward.
        bar.set_position(shown.fetch_max(done, Ordering::Relaxed).max(done) as u64);
    });
    bar.finish_and_clear();
    found
}

/// Loads a playlist to play it: warnings are shown and let pass, errors end here.
pub(super) fn ready(paths: &Paths, arguments: &PlaylistArgs) -> Result<(PathBuf, Loaded), Failure> {
    let (file, loaded, warnings) = playable(paths, arguments)?;
    if !warnings.is_empty() {
        eprintln!("{}", playlist::draw(&warnings));
    }
    Ok((file, loaded))
}

/// Loads a playlist that can be played, with the warnings about it; errors are shown and end here.
pub(super) fn playable(paths: &Paths, arguments: &PlaylistArgs) -> Result<(PathBuf, Loaded, Vec<Diagnostic>), Failure> {
    let file = find(&arguments.playlist)?;
    let (loaded, findings) = load(paths, &file, &options(paths, arguments));
    match loaded {
        Some(loaded) if gravest(&findings) != Some(Severity::Error) => Ok((file, loaded, findings)),
        _ => {
            eprintln!("{}", playlist::draw(&findings));
            Err(Failure::wrong(format!(
                "{} cannot be played until the errors above are mended; nothing was started",
                shown(&file)
            )))
        }
    }
}
