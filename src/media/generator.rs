//! Generated sound.

/// What a generator is to play.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe;

impl Recipe {
    /// The sound itself, from a place on.
    #[must_use]
    pub fn source(&self, _from: crate::units::TrackTime) -> Box<dyn super::Stream> {
        Box::new(super::Silence)
    }
}
