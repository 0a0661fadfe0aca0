//! One host at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// The lock, held as long as this lives; the system frees it when the process dies, however it dies.
#[derive(Debug)]
pub struct HostLock {
    _file: File,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Held {
    /// Another host has it.
    #[error("a session is already open on this machine; `undertone` shows it")]
    Running,
    /// The file cannot be made or locked.
    #[error("the lock file cannot be used ({0}); check that its folder exists and is yours")]
    Unusable(#[from] io::Error),
}

impl HostLock {
    /// Takes the lock, without waiting. The file stays behind; only the lock on it means anything.
    ///
    /// # Errors
    /// [`Held::Running`] when another process, or this one, holds it already.
    pub fn take(path: &Path) -> Result<Self, Held> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Held::Running),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
