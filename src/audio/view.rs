//! The engine at a glance.

use super::Target;
use crate::units::{DbTp, Decibels, Frames, SafeText, Span, Ticket};

/// What the output is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// The first attempt to open it is going on.
    Opening,
    /// It asks for sound and gets it.
    Running,
    /// It was there and is gone; it is tried again for ever.
    Lost,
    /// There is no device (none found so far, or none wanted): everything runs, nobody hears it.
    Silent,
}

/// One output at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputState {
    /// What it was chosen as.
    pub asked: Target,
    /// The device's own id, once it was open.
    pub id: Option<String>,
    /// What it is doing.
    pub health: Health,
    /// Its name.
    pub name: SafeText,
    /// Its own gain now; what it plays is softer by this than the view's meter.
    pub gain: Decibels,
    /// From an order to its sound, by the buffers that lie between; `None` without a device.
    pub latency: Option<Span>,
    /// How often it was not served in time.
    pub xruns: u64,
    /// How long ago it last asked for sound.
    pub callback_age: Span,
}

impl OutputState {
    /// No device: everything runs, nobody hears it.
    pub(super) fn silent() -> Self {
        Self {
            asked: Target::Null,
            id: None,
            health: Health::Silent,
            name: SafeText::new("none"),
            gain: Decibels::ZERO,
            latency: None,
            xruns: 0,
            callback_age: Span::ZERO,
        }
    }
}

/// The state of the engine at one instant; levels are those after the limiter.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The output that was chosen first.
    pub main: OutputState,
    /// The one that plays beside it.
    pub beside: Option<OutputState>,
    /// Root mean square of the last 400 ms in dBFS, left and right; no lower than -120.
    pub meter: [Decibels; 2],
    /// The highest true peak so far.
    pub peak: DbTp,
    /// The piece that sounds (of two that cross, the one that stays), and how much of it was played.
    pub sounding: Option<(Ticket, Frames)>,
    /// How much of that piece is decoded ahead.
    pub lead: Span,
    /// Frames rendered: the audio clock.
    pub rendered: Frames,
}

impl View {
    /// Every output that was chosen.
    pub fn outputs(&self) -> impl Iterator<Item = &OutputState> {
        std::iter::once(&self.main).chain(&self.beside)
    }
}
