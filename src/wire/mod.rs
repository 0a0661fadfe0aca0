//! The messages between the host and its clients (panel, `ctl`), and the socket that carries them.
//!
//! *Invariant:* never a network socket: a Unix socket in a private directory, or a named pipe on Windows. One JSON object a
//! line, of bounded length; the first message of each side is a [`Hello`] with the version.

mod client;
mod frame;
mod message;
mod server;

use std::path::Path;

use interprocess::local_socket::{GenericFilePath, Name, ToFsName};

pub use client::{Client, Requests};
pub use message::{Hello, OutputHealth, OutputPart, OutputView, Request, Status, Trial, Update, VERSION};
pub use server::{Call, ClientId, Server};

/// What can go wrong between host and client.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Nothing answers.
    #[error("no session is running on this machine; start one with `undertone`")]
    Nobody,
    /// The socket cannot be made or used.
    #[error("the session's socket cannot be used ({0}); check that its folder exists and is yours")]
    Socket(#[from] std::io::Error),
    /// The other side is another version.
    #[error("the session runs under another version of undertone ({0}); end it there, or start that version's panel")]
    Version(crate::units::SafeText),
    /// The other side said something that is no message.
    #[error("the other side of the session's socket spoke nonsense; close this window and open `undertone` again")]
    Nonsense,
    /// The other side went away.
    #[error("the session's host has closed the connection")]
    Closed,
    /// No answer in time: the disk, which every answer waits for, may be slow.
    #[error("the session has not confirmed it yet; it may be done: see `undertone ctl status` before you repeat it")]
    Unconfirmed,
}

/// The socket's name from its path; on Windows a named pipe of the same file name.
fn name_of(path: &Path) -> std::io::Result<Name<'_>> {
    #[cfg(windows)]
    {
        let pipe = format!(r"\\.\pipe\{}", path.to_string_lossy().replace(['\\', '/', ':'], "-"));
        pipe.to_fs_name::<GenericFilePath>()
    }
    #[cfg(not(windows))]
    path.to_fs_name::<GenericFilePath>()
}
