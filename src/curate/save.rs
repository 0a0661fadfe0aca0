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
    let aside = aside(path);
    // Left by a process of this number that died here.
    let _ = fs::remove_file(&aside);
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

/// In the same folder, under a short name of its own: the file's may be as long as a name can be.
fn aside(path: &Path) -> PathBuf {
    path.with_file_name(format!(".undertone-{}.part", std::process::id()))
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
