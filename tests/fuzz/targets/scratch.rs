//! A file in memory for what only reads files.

use std::path::PathBuf;

/// This process's own.
pub fn folder() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let memory = if shared.is_dir() { shared } else { std::env::temp_dir() };
    memory.join(format!("undertone-fuzz-{}", std::process::id()))
}

/// The path of the scratch file of this name, with these bytes in it.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::create_dir_all(folder()).expect("a folder in memory");
    std::fs::write(&path, bytes).expect("room in memory");
    path
}
