//! The session process: builds the parts and connects them; one queue, one deadline.
//!
//! *Invariant:* the only place where the core meets the engine. The same [`Room`] serves a real session ([`live`]) and one
//! in virtual time ([`simulate`]); nothing of it is written twice.

pub mod audition;
mod conduct;
mod expect;
mod heard;
mod listeners;
pub mod live;
mod often;
mod outputs;
mod pace;
mod room;
mod sabotage;
mod scribe;
pub mod script;
pub mod simulate;
mod supply;
mod trial;
mod truth;

pub use outputs::Outputs;
pub use room::{Answer, Room};
pub use sabotage::VARIABLE as SABOTAGE;
