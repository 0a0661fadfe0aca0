//! The system's favours: paths, clocks, locks, signals, processes, and what it knows about the way to the loudspeaker.
//!
//! *Invariant:* names no part of the program but `units`; where a system cannot do a thing, the answer is [`NotHere`] with a
//! reason, never a pretence. Unsafe code is here or nowhere, file by file, each with its reason.

mod clock;
mod deadline;
mod edits;
mod inhibit;
mod lock;
mod media_keys;
mod paths;
mod pin;
mod power;
mod priority;
mod process;
#[cfg(target_os = "linux")]
mod pty;
mod route;
mod signals;
mod terminal;

pub use clock::{Boottime, boot_id};
pub use edits::{Edits, watch_file};
pub use inhibit::{Inhibit, hold_awake};
pub use lock::{Held, HostLock};
pub use media_keys::{MediaKey, MediaKeys, hear_media_keys};
pub use paths::{FolderError, Paths, assets, playlists};
pub use pin::{Pin, Verdict};
pub use power::{Power, free_mb, power, power_of};
pub use priority::{Priority, take_priority};
pub use process::{StartedHost, become_session_leader, private_files, spawn_host, this_program, user_id};
#[cfg(target_os = "linux")]
pub use pty::Pty;
pub use route::{RouteTruth, look};
pub use signals::{Signal, block_all, listen, watch};
pub use terminal::{HiddenTyping, QuietStderr, hide_typing, quiet_stderr};

use crate::units::SafeText;

/// This machine cannot do that; the reason in words, for `doctor` and the screen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotHere(pub SafeText);

impl NotHere {
    fn because(reason: &str) -> Self {
        Self(SafeText::new(reason))
    }
}

#[cfg(test)]
mod tests;
