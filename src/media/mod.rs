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
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MediaError {
    /// No decoder opens it.
    #[error("no decoder here opens this file; convert it to FLAC, for example")]
    Unknown,
}

/// The BLAKE3 hash of a text, in hex.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
