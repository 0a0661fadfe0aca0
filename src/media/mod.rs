//! Sources of sound (files and generators) and the facts about them.
//!
//! *Invariant:* whatever a file contains, a [`Stream`] yields finite stereo samples within ±4 at the engine's rate, and
//! then ends; it never panics, and says in [`Stream::fault`] when it ended because something broke.

mod access;
mod beside;
mod brightness;
mod cache;
mod container;
mod decode;
mod downmix;
mod error;
mod facts;
mod file;
pub mod generator;
mod guard;
mod meter;
mod mp4;
mod reel;
mod repeat;
mod resample;
mod sink;
mod sniff;
mod stream;
mod tone;

pub use cache::{Cache, content_hash, contents_of, examine_all, hash};
pub use error::{Damage, MediaError};
pub use facts::{Facts, Rise, examine};
pub use repeat::repeat;
pub use sink::FileSink;
pub use stream::{Material, Silence, Slice, Stream, open};
pub use tone::{Side, tone};

#[cfg(test)]
mod tests;
