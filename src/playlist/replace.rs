//! Puts a text in the place of a file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Written aside, synced, renamed: there is always a whole file. It keeps its permissions; a link to it stays a link.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = path.with_file_name(format!(".{name}.part"));
    let written = write_aside(path, &aside, text).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // Half a file is of no use. That it cannot be written is told by the error.
        let _ = fs::remove_file(&aside);
    }
    written
}

fn write_aside(path: &Path, aside: &Path, text: &str) -> io::Result<()> {
    // Left by a process that died here.
    let _ = fs::remove_file(aside);
    let mut file = OpenOptions::new().write(true).create_new(true).open(aside)?;
    if let Ok(before) = fs::metadata(path) {
        file.set_permissions(before.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
