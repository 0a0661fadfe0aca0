//! What the engine is built with, and which outputs there are.

use crate::media::generator::Recipe;
use crate::units::{DbTp, Decibels, SafeText};

/// Fixed for the life of an engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The level no sound ever exceeds.
    pub ceiling: DbTp,
    /// Frames between two requests of the device at first; doubled after repeated xruns, up to 4096.
    pub buffer_frames: u32,
    /// The generator that covers every failure, and the gain that brings it to its level; `None` for the built-in one.
    pub bed: Option<(Recipe, Decibels)>,
}

impl Default for Settings {
    /// The sound rules: -3 dBTP, 512 frames, the built-in safe bed.
    fn default() -> Self {
        Self { ceiling: DbTp(-3.0), buffer_frames: 512, bed: None }
    }
}

/// Which output, and how loud at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Where the sound goes.
    pub target: Target,
    /// A fixed gain of this output, no higher than 0 dB.
    pub gain: Decibels,
}

impl Target {
    /// The device, if it is one.
    #[must_use]
    pub fn device(&self) -> Option<String> {
        if let Self::Device(id) = self { Some(id.clone()) } else { None }
    }
}

impl Selection {
    /// This target at full level.
    #[must_use]
    pub fn of(target: Target) -> Self {
        Self { target, gain: Decibels::ZERO }
    }
}

/// Where sound goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The system's default device at the first opening; from then on that device and no other.
    Default,
    /// This device, by its [`DeviceInfo::id`] or its name.
    Device(String),
    /// Nowhere, in real time: everything runs and nobody hears it.
    Null,
}

/// An output device of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Stays the same over restarts; for settings and [`Target::Device`].
    pub id: String,
    /// As people know it.
    pub name: SafeText,
    /// Whether the system would choose it.
    pub default: bool,
}
