//! The engine at a glance.

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

/// The state of the engine at one instant; levels are those after the limiter.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// What the output is doing.
    pub health: Health,
    /// The output's name.
    pub output: SafeText,
    /// Root mean square of the last 400 ms in dBFS, left and right; no lower than -120.
    pub meter: [Decibels; 2],
    /// The highest true peak so far.
    pub peak: DbTp,
    /// From an order to its sound, by the buffers that lie between; `None` without a device.
    pub latency: Option<Span>,
    /// How often the device was not served in time.
    pub xruns: u64,
    /// The piece that sounds (of two that cross, the one that stays), and how much of it was played.
    pub sounding: Option<(Ticket, Frames)>,
    /// How much of that piece is decoded ahead.
    pub lead: Span,
    /// Frames rendered: the audio clock.
    pub rendered: Frames,
    /// How long ago the output last asked for sound.
    pub callback_age: Span,
}
