//! Sources of sound (files and generators) and the facts about them.

pub mod generator;

/// What can be wrong with a source.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MediaError {}

/// Every producer of sound: stereo, at the engine's rate, no spans; ends with `None`.
pub trait Stream: rodio::Source + Send {
    /// Why it ended, when something broke.
    fn fault(&self) -> Option<&MediaError>;
}
