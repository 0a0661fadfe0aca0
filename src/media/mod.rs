//! Sources of sound (files and generators) and the facts about them.
//!
//! *Invariant:* whatever a file contains, a [`Stream`] yields finite stereo samples within ±4 at the engine's rate, and
//! then ends; it never panics, and says in [`Stream::fault`] when it ended because something broke.

mod cache;
mod error;
mod facts;
pub mod generator;
mod sink;
mod stream;

pub use cache::{Cache, examine_all};
pub use error::{Damage, MediaError};
pub use facts::{Facts, examine};
pub use sink::FileSink;
pub use stream::{Material, Silence, Stream, open};
