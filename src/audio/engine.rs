//! The control half.

use super::{Command, DeviceInfo, Event, Selection, Settings, View};
use crate::units::Frames;

/// Plays.
pub struct Engine {}

impl Engine {
    /// An engine that plays in real time on this output, or keeps trying to.
    #[must_use]
    pub fn real_time(_settings: Settings, _selection: Selection) -> Self {
        Self {}
    }

    /// An engine in virtual time, driven by [`Engine::render`] and [`Engine::skip`].
    #[must_use]
    pub fn offline(_settings: Settings) -> Self {
        Self {}
    }

    /// Takes an order; never blocks.
    pub fn order(&mut self, _command: Command) {}

    /// The next report; never blocks.
    pub fn poll(&mut self) -> Option<Event> {
        None
    }

    /// The state now.
    #[must_use]
    pub fn view(&self) -> View {
        unreachable!("written next")
    }

    /// Offline only: renders, in pieces of interleaved stereo.
    pub fn render(&mut self, _frames: Frames, _sink: &mut dyn FnMut(&[f32])) {}

    /// Offline only: lets time pass without computing sound.
    pub fn skip(&mut self, _frames: Frames) {}
}

/// The output devices of this machine; none without the feature `device`. May block: not for a thread in a hurry.
#[must_use]
pub fn devices() -> Vec<DeviceInfo> {
    Vec::new()
}
