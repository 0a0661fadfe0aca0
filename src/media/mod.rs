//! Stand-in for the sources of sound, until the real ones land.

pub mod generator;

use crate::units::SafeText;

/// A producer of sound: interleaved stereo at the engine's rate, no spans; ends with `None`.
pub trait Stream: rodio::Source + Send {
    /// Why it ended, when something broke.
    fn fault(&self) -> Option<&MediaError> {
        None
    }
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
}
