//! What is fuzzed: a function for each kind of bytes from outside. It panics if something is wrong.

mod journal;
mod media;
mod playlist;
pub mod scratch;
mod text;
mod wire;
mod words;

/// A target: its name, and what takes the bytes. A format of music is a target of its own, since each has a reader of its own.
pub type Target = (&'static str, fn(&[u8]));

pub const TARGETS: [Target; 12] = [
    ("playlist", playlist::run),
    ("flac", media::run),
    ("mp3", media::run),
    ("mp4", media::run),
    ("ogg", media::run),
    ("opus", media::run),
    ("wav", media::run),
    ("aiff", media::run),
    ("journal", journal::run),
    ("wire", wire::run),
    ("words", words::run),
    ("text", text::run),
];
