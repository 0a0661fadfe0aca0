//! The record of a session: its journal, what is needed to resume it, and the report made of it.
//!
//! *Invariant:* nothing here ever touches the sound, and a record that was taken is never lost while the process lives:
//! what a disk refuses stays in memory and is offered to it again.

mod alive;
mod code;
mod comeback;
mod course;
mod forms;
mod journal;
mod line;
mod manifest;
mod page;
mod past;
mod report;
mod story;
mod wall;
mod words;
mod writer;

use std::io;

pub use alive::Beat;
pub use code::new_code;
pub use comeback::{BrokenOff, Comeback};
pub use course::Stretch;
pub use journal::Journal;
pub use line::Record;
pub use manifest::{BootMark, Elapsed, Manifest, Options, Way, keep_playlist, kept_playlist};
pub use past::{Past, journal_path, purge, sessions};
pub use report::{Gap, Heard, Report, ReportLine, report_text};
pub use story::{LeftOut, Story, read};
pub use wall::WallTime;
pub use writer::{Told, Writer};

/// What can go wrong with a session's record. None of these stops the sound, and none loses what was already taken.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The folder or the file cannot be made.
    #[error("the session's record cannot be kept in {folder} ({source}); check that the folder is yours and has room")]
    Create {
        /// Where.
        folder: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Nothing, or not everything, is on the disk; it is kept in memory and tried again with each record.
    #[error(
        "the session's record is kept in memory only ({0}); free some disk space before this machine is switched off"
    )]
    InMemory(io::Error),
    /// The disk lost what it had promised to keep; all of it was written again, elsewhere.
    #[error("the disk failed the session's record ({source}); it goes on, complete, in {name}")]
    Moved {
        /// The new file's name.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A record cannot be put in words; only a value that is no number does this.
    #[error("one record could not be written down ({0}); the session goes on without it")]
    Words(#[from] serde_json::Error),
    /// So much waits for a slow disk that a record had to be dropped.
    #[error("the disk is too slow for the session's record; one entry was dropped")]
    Behind,
    /// A journal or a manifest cannot be read.
    #[error("{name} cannot be read ({source}); `undertone sessions` lists the sessions there are")]
    Read {
        /// Which file.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A manifest is damaged, or from another version.
    #[error("{name} is not a session this version can resume; its report can still be read")]
    NotAManifest {
        /// Which file.
        name: String,
    },
}

#[cfg(test)]
mod tests;
