//! The engine: plays pieces from decks through lanes and a limiter into an output.
//!
//! *Invariant:* the render half (`render`) does arithmetic only; whatever a file, a decoder or a device does, it goes on
//! at the right place, under the ceiling, and rises no faster than 12 dB/s.

mod command;
mod engine;
mod event;
mod settings;
mod view;

pub use command::{Command, Curve, Lane, Opener};
pub use engine::{Engine, devices};
pub use event::Event;
pub use settings::{DeviceInfo, Selection, Settings, Target};
pub use view::{Health, View};
