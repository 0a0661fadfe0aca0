//! Writing a file whole, and never over another one unless told to.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::units::SafeText;

/// Why a file was not written; what was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Something is there already.
    #[error("{0} is there already and was left alone; choose another name with -o, or replace it with --force")]
    Taken(SafeText),
    /// The disk refused.
    #[error("{name} cannot be written ({reason}); choose another place for it, or make room")]
    Disk {
        /// The file.
        name: SafeText,
        /// The system's reason.
        reason: SafeText,
    },
}

/// Whether a file may be written there.
///
/// # Errors
/// [`SaveError::Taken`], unless what is there may be replaced.
pub fn must_be_free(path: &Path, replace: bool) -> Result<(), SaveError> {
    match fs::symlink_metadata(path) {
        Ok(_) if !replace => Err(SaveError::Taken(SafeText::new(&path.to_string_lossy()))),
        _ => Ok(()),
    }
}

/// Writes a file aside, syncs it and gives it its name; over another file only with `replace`.
///
/// # Errors
/// [`SaveError`].
pub fn save(path: &Path, bytes: &[u8], replace: bool) -> Result<(), SaveError> {
    save_with(path, replace, |file| file.write_all(bytes))
}

/// As [`save`], for what is too long to hold.
pub(super) fn save_with(
    path: &Path,
    replace: bool,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), SaveError> {
    must_be_free(path, replace)?;
    let shown = || SafeText::new(&path.to_string_lossy());
    // A link to the file stays a link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let aside = aside_in(path.parent().unwrap_or(path));
    let written = File::create_new(&aside).and_then(|mut file| {
        if let Ok(before) = fs::metadata(path) {
            file.set_permissions(before.permissions())?;
        }
        write(&mut file)?;
        file.sync_all()?;
        fs::rename(&aside, path)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&aside);
        SaveError::Disk { name: shown(), reason: SafeText::new(&error.to_string()) }
    })
}

/// Where to write in this folder what is to appear there whole: under a short name of its own, for the other may be as long
/// as a name can be. What processes that died have left under such names is removed.
pub(super) fn aside_in(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (Some(process), Ok(kind)) = (entry.file_name().to_str().and_then(process_of), entry.file_type()) else {
            continue;
        };
        // Of this number, but not of this process, which only begins here.
        if process != std::process::id() && may_live(process, &entry.path()) {
            continue;
        }
        // Of a link neither of them touches what it leads to. What cannot be removed only lies there for longer.
        let _ = if kind.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
    }
    folder.join(part_of(std::process::id()))
}

fn part_of(process: u32) -> String {
    format!(".undertone-{process}.part")
}

/// The process whose part has exactly this name.
fn process_of(name: &str) -> Option<u32> {
    let process = name.strip_prefix(".undertone-")?.strip_suffix(".part")?.parse().ok()?;
    (part_of(process) == name).then_some(process)
}

/// Whether a process may still be writing there: unless it is known that it does not, it may.
#[cfg(target_os = "linux")]
fn may_live(process: u32, part: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = |path: &Path| fs::symlink_metadata(path).ok().map(|about| about.uid());
    let ours = owner(Path::new("/proc/self"));
    // Another user's processes may be hidden.
    ours.is_none() || owner(part) != ours || Path::new(&format!("/proc/{process}")).exists()
}

/// Whether a process may still be writing there: where none can be looked up, a day without a change tells that it does not.
#[cfg(not(target_os = "linux"))]
fn may_live(_: u32, part: &Path) -> bool {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    let changed = fs::symlink_metadata(part).and_then(|about| about.modified()).ok();
    changed.and_then(|changed| changed.elapsed().ok()).is_none_or(|since| since < DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_over_unless_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.toml");
        save(&path, b"one", false).unwrap();
        assert!(matches!(save(&path, b"two", false), Err(SaveError::Taken(_))));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        save(&path, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_that_died_has_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut over = std::process::Command::new("true").spawn().unwrap();
        over.wait().unwrap();
        let living = std::os::unix::process::parent_id();
        let [dead, own, living] = [over.id(), std::process::id(), living].map(part_of);
        fs::write(at("music.flac"), "music").unwrap();
        // A file by `pack`, a folder by `unpack`; what a link in it leads to is not removed.
        fs::create_dir(at(&dead)).unwrap();
        std::os::unix::fs::symlink(folder.path(), at(&dead).join("link")).unwrap();
        fs::create_dir(at(&own)).unwrap();
        let alike =
            [".undertone-007.part", ".undertone-+7.part", ".undertone-.part", ".undertone-9.part.m", "x-9.part"];
        let kept = alike.iter().copied().chain([living.as_str()]);
        kept.clone().for_each(|name| fs::write(at(name), "").unwrap());
        save(&at("list.toml"), b"one", false).unwrap();
        assert!(!at(&dead).exists() && !at(&own).exists());
        assert!(kept.chain(["music.flac", "list.toml"]).all(|name| at(name).exists()));
        fs::write(at(&dead), "half").unwrap();
        std::os::unix::fs::symlink(at("music.flac"), at(&own)).unwrap();
        save(&at("list.toml"), b"two", true).unwrap();
        assert!(!at(&dead).exists() && !at(&own).is_symlink());
        assert_eq!(fs::read(at("music.flac")).unwrap(), b"music");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_replaced_keeps_its_permissions_and_a_link_stays_one() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("list.toml"), folder.path().join("link.toml"));
        save(&path, b"one", false).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        save(&link, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.toml");
        save(&path, b"one", false).unwrap();
        let failed = save_with(&path, true, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("no room"))
        });
        assert!(failed.unwrap_err().to_string().contains("no room"));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(matches!(save(&folder.path().join("no/such/list.toml"), b"", false), Err(SaveError::Disk { .. })));
    }
}
