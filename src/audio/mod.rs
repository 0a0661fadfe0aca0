//! The engine: plays pieces from decks through lanes and a limiter into an output.
//!
//! *Invariant:* the render half (`render`) does arithmetic only; whatever a file, a decoder or a device does, it goes on
//! at the right place, under the ceiling, and rises no faster than 12 dB/s.
//!
//! Three parties, joined by rings and atomics: the control half ([`Engine`]) takes orders and reports events; *feeders*
//! decode each piece 30 s ahead, one thread a piece; the *render half* mixes what lies ready, on the thread of whichever
//! output asks for sound. A *supervisor* owns the output. Offline, one thread is all of them.

mod command;
mod engine;
mod event;
mod feeder;
mod offline;
mod output;
mod render;
mod settings;
mod slot;
mod supervisor;
mod view;

pub use command::{Command, Curve, Ease, Lane, Opener};
pub use engine::Engine;
pub use event::Event;
pub use output::{devices, measure_latency};
pub use settings::{DeviceInfo, Selection, Settings, Target};
pub use view::{Health, OutputState, View};
