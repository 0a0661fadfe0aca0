//! Sources of sound (files and generators) and the facts about them.
//!
//! Stand-in: only the names that `playlist` needs; the real folder replaces this file.

use std::path::PathBuf;

use crate::units::{DbTp, Lufs, SafeText, Span};

pub mod generator;

/// What a track or bed is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Material {
    /// A file.
    File(PathBuf),
    /// A generator.
    Generator(generator::Recipe),
    /// Intended silence.
    Silence,
}

/// What one full decode of a file found.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// True length.
    pub length: Span,
    /// Frames at the file's own rate.
    pub frames: u64,
    /// What its header claims, where that is more than a tenth of a second from the truth.
    pub claimed: Option<Span>,
    /// The file's rate, in Hz.
    pub rate_hz: u32,
    /// Its channels.
    pub channels: u16,
    /// Its codec.
    pub codec: SafeText,
    /// Integrated loudness; `None` when silent.
    pub loudness: Option<Lufs>,
    /// Loudness range, in LU.
    pub range_lu: f64,
    /// Loudest three seconds.
    pub short_term_max: Option<Lufs>,
    /// True peak.
    pub true_peak: DbTp,
    /// Silence before the first sound.
    pub lead_in: Span,
    /// Silence after the last.
    pub tail: Span,
    /// From tags.
    pub title: Option<SafeText>,
    /// From tags.
    pub artist: Option<SafeText>,
}

/// Why a file cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// Nothing at this path.
    #[error("\"{name}\" is not there; put the file back, or correct its path in the playlist")]
    Missing {
        /// File name.
        name: SafeText,
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
    /// The system refused to open or read it.
    #[error("\"{name}\" cannot be read ({reason}); check the disk it is on and who may read the file")]
    Unreadable {
        /// File name.
        name: SafeText,
        /// The system's reason.
        reason: SafeText,
    },
}

/// The BLAKE3 hash of a file's content, in hex.
///
/// # Errors
/// When it cannot be read.
pub fn content_hash(path: &std::path::Path) -> Result<String, MediaError> {
    let name = SafeText::new(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy());
    let unreadable = |error: std::io::Error| MediaError::Unreadable { name, reason: SafeText::new(&error.to_string()) };
    let mut hasher = blake3::Hasher::new();
    std::fs::File::open(path).and_then(|file| hasher.update_reader(file).map(|_| ())).map_err(unreadable)?;
    Ok(hasher.finalize().to_hex().to_string())
}
