//! Tells when a file was saved, however the editor does it: in place, or written aside and renamed.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::NotHere;

/// A save is several changes in a row; it is told once nothing has happened for so long.
const QUIET: Duration = Duration::from_millis(300);

/// A file is watched as long as this lives.
#[derive(Debug)]
pub struct Edits {
    _watcher: RecommendedWatcher,
}

/// Calls `saved` after each save of a file, from a thread of its own. The file may be missing; its folder may not.
///
/// The folder is watched, not the file: most editors put another file in its place, and a watch on the old one would wait
/// for ever.
///
/// # Errors
/// [`NotHere`] when the folder cannot be watched: it is not there, or the system watches too many already.
pub fn watch_file(file: &Path, saved: impl FnMut() + Send + 'static) -> Result<Edits, NotHere> {
    let refused = |error: &dyn std::fmt::Display| {
        NotHere::because(&format!(
            "the folder of {} cannot be watched ({error}); check that it is there",
            file.display()
        ))
    };
    let file_at = std::path::absolute(file).map_err(|error| refused(&error))?;
    let (Some(folder), Some(name)) = (file_at.parent(), file_at.file_name().map(ToOwned::to_owned)) else {
        return Err(refused(&"it has no name"));
    };
    let (changed, changes) = channel();
    let heard = move |event: notify::Result<Event>| {
        // A watcher in trouble may have missed a save: look again.
        let ours = event.map_or(true, |event| {
            let named = event.paths.iter().any(|path| path.file_name() == Some(name.as_os_str()));
            event.need_rescan() || (named && !event.kind.is_access())
        });
        if ours {
            // Nobody listens once the watch is over.
            let _ = changed.send(());
        }
    };
    let mut watcher = notify::recommended_watcher(heard).map_err(|error| refused(&error))?;
    watcher.watch(folder, RecursiveMode::NonRecursive).map_err(|error| refused(&error))?;
    let listen = move || tell(&changes, saved);
    thread::Builder::new().name("edits".to_owned()).spawn(listen).map_err(|error| refused(&error))?;
    Ok(Edits { _watcher: watcher })
}

/// Many changes in a row are one save.
fn tell(changes: &Receiver<()>, mut saved: impl FnMut()) {
    while changes.recv().is_ok() {
        while changes.recv_timeout(QUIET).is_ok() {}
        saved();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::mpsc::RecvTimeoutError;

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn a_save_is_told_once_however_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.toml");
        fs::write(&file, "one").unwrap();
        let (told, saves) = channel();
        let _edits = watch_file(&file, move || told.send(()).unwrap_or_default()).unwrap();
        let in_place = |text: &str| fs::write(&file, text).unwrap();
        let aside = |text: &str| {
            let other = folder.path().join(".list.toml.swp");
            fs::write(&other, text).unwrap();
            fs::rename(&other, &file).unwrap();
        };
        for (save, text) in
            [(&in_place as &dyn Fn(&str), "two"), (&aside, "three"), (&aside, "four"), (&in_place, "five")]
        {
            save(text);
            saves.recv_timeout(SOON).unwrap();
            assert_eq!(saves.recv_timeout(2 * QUIET), Err(RecvTimeoutError::Timeout), "{text} was told twice");
        }
        fs::remove_file(&file).unwrap();
        saves.recv_timeout(SOON).unwrap();
        aside("six");
        saves.recv_timeout(SOON).unwrap();
    }

    #[test]
    fn what_happens_to_other_files_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.toml");
        fs::write(&file, "one").unwrap();
        let (told, saves) = channel();
        let _edits = watch_file(&file, move || told.send(()).unwrap_or_default()).unwrap();
        fs::write(folder.path().join("other.toml"), "x").unwrap();
        // Reading the file is no save: whoever is told of one reads it.
        fs::read(&file).unwrap();
        assert_eq!(saves.recv_timeout(3 * QUIET), Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_sentence() {
        let error = watch_file(Path::new("/nowhere/list.toml"), || {}).unwrap_err();
        assert!(error.to_string().contains("cannot be watched"), "{error}");
    }
}
