//! Quantities as types: levels, times, frames, and text that is safe to show.
//!
//! *Invariant:* names no other folder; every value is plain data, cheap to copy or clone.
//!
//! Clocks are three types that do not mix: [`SessionTime`] (since the session was started; counts through suspend),
//! [`MedicineTime`] (since the dose mark; may be negative), [`TrackTime`] (a place inside one piece). The audio clock is
//! [`Frames`]; it is blind to underruns. Their differences are all [`Span`].

mod contour;
mod frames;
mod level;
mod text;
mod ticket;
mod time;

pub use contour::Contour;
pub use frames::{ENGINE_RATE_HZ, Frames};
pub use level::{DbTp, Decibels, Gain, LevelError, Lufs};
pub use text::SafeText;
pub use ticket::Ticket;
pub use time::{MedicineTime, SessionTime, Span, TimeError, TrackTime};
