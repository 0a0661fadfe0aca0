//! A file in memory for what only reads files.

use std::path::PathBuf;

/// The path of this process's scratch file, with these bytes in it.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let folder = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let folder = folder.join(format!("undertone-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder in memory");
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("room in memory");
    path
}
