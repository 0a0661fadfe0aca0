//! Files that rendered sound is written to.

use std::path::Path;

use super::MediaError;
use super::error::name_of;

/// A WAV or FLAC file in the making: 24 bits, stereo, at the engine's rate.
#[derive(Debug)]
pub enum FileSink {}

impl FileSink {
    /// Starts a file; its extension says which kind.
    ///
    /// # Errors
    /// An extension other than `.wav` and `.flac`, or a place that cannot be written.
    pub fn create(path: &Path) -> Result<Self, MediaError> {
        Err(MediaError::UnknownSink { name: name_of(path) })
    }

    /// Adds interleaved stereo samples.
    ///
    /// # Errors
    /// A full disk, or more than the format can hold.
    pub fn write(&mut self, _samples: &[f32]) -> Result<(), MediaError> {
        match *self {}
    }

    /// Completes the file.
    ///
    /// # Errors
    /// A full disk.
    pub fn finish(self) -> Result<(), MediaError> {
        match self {}
    }
}
