//! What can be wrong with a file, each as a sentence with a way out.

use std::path::Path;

use crate::units::{SafeText, TrackTime};

/// Why a file cannot be played, was broken off, or cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// Nothing at this path.
    #[error("\"{name}\" is not there; put the file back, or correct its path in the playlist")]
    Missing {
        /// File name.
        name: SafeText,
    },
    /// The system refused to open or read it.
    #[error("\"{name}\" cannot be read ({reason}); check the disk it is on and who may read the file")]
    Unreadable {
        /// File name.
        name: SafeText,
        /// The system's reason.
        reason: SafeText,
    },
    /// A folder, pipe, device or socket.
    #[error("\"{name}\" is {what}, not a music file; name the file itself")]
    NotAFile {
        /// File name.
        name: SafeText,
        /// What it is, with its article.
        what: &'static str,
    },
    /// Zero bytes.
    #[error("\"{name}\" is empty (0 bytes); copy it again from where it came from")]
    Empty {
        /// File name.
        name: SafeText,
    },
    /// Known, but without a decoder here.
    #[error("\"{name}\" is {what}, which Undertone cannot play; convert it to FLAC, for example")]
    Unsupported {
        /// File name.
        name: SafeText,
        /// What it is, as far as known.
        what: SafeText,
    },
    /// Copy protected.
    #[error("\"{name}\" is copy protected and plays only in its shop's own program; get it without protection (DRM)")]
    Protected {
        /// File name.
        name: SafeText,
    },
    /// Nothing in it is known.
    #[error("\"{name}\" {what}; replace it by a music file such as FLAC, MP3 or M4A")]
    NotMusic {
        /// File name.
        name: SafeText,
        /// What it holds instead, as the end of a sentence.
        what: &'static str,
    },
    /// More text and pictures before the sound than any honest file has.
    #[error("\"{name}\" carries too much beside its sound (tags, pictures); remove them, or convert it to FLAC")]
    TooMuchBeside {
        /// File name.
        name: SafeText,
    },
    /// The sound breaks off or goes wrong.
    #[error("\"{name}\" is damaged at {at} ({how}); copy it again, or replace it")]
    Damaged {
        /// File name.
        name: SafeText,
        /// Where in the piece.
        at: TrackTime,
        /// In which way.
        how: Damage,
    },
    /// Several recordings of different kinds in one file.
    #[error("\"{name}\" changes its format at {at}; split it into one file for each recording")]
    ChangesFormat {
        /// File name.
        name: SafeText,
        /// Where in the piece.
        at: TrackTime,
    },
    /// The rendered sound cannot be written.
    #[error("\"{name}\" cannot be written ({reason}); choose another place for it, or make room")]
    Unwritable {
        /// File name.
        name: SafeText,
        /// The reason.
        reason: SafeText,
    },
    /// Not a kind of file that can be written.
    #[error("\"{name}\" is neither .wav nor .flac; end its name in one of them")]
    UnknownSink {
        /// File name.
        name: SafeText,
    },
}

/// In which way the sound went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Too many undecodable stretches in one second.
    #[error("cannot be decoded")]
    Undecodable,
    /// Far above full scale for longer than any music.
    #[error("far too loud to be music")]
    Burst,
    /// The decoder itself failed.
    #[error("the decoder gave up")]
    Decoder,
    /// The disk, or the connection to it, failed.
    #[error("cannot be read any further")]
    Read,
}

/// A file's name as it may be shown.
pub(super) fn name_of(path: &Path) -> SafeText {
    SafeText::new(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
}
