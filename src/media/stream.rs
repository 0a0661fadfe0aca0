//! The contract of every producer of sound, and how one is opened.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};

use super::file::FileStream;
use super::{MediaError, generator};
use crate::units::{ENGINE_RATE_HZ, TrackTime};

/// Channels of every stream.
pub(super) const STEREO: ChannelCount = NonZero::new(2).unwrap();
/// The rate of every stream.
pub(super) const RATE: SampleRate = NonZero::new(ENGINE_RATE_HZ).unwrap();

/// A producer of sound: interleaved stereo at [`ENGINE_RATE_HZ`], no spans, finite samples within ±4; ends with `None`.
///
/// Work (reading, decoding, resampling) happens in `next`, on the caller's thread.
pub trait Stream: Source + Send {
    /// Why it ended, when something broke; `None` while it plays and after a proper end.
    fn fault(&self) -> Option<&MediaError> {
        None
    }
}

/// What a deck can play.
#[derive(Clone, Debug, PartialEq)]
pub enum Material {
    /// A music file.
    File(PathBuf),
    /// Files that were cut from one recording, in order, at one rate; at least one.
    Cut(Vec<Slice>),
    /// Generated sound, endless.
    Generator(generator::Recipe),
    /// Nothing, endless.
    Silence,
}

/// One of the files that a recording was cut into.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The file.
    pub path: PathBuf,
    /// How long it is, in frames at its own rate ([`super::Facts::frames`]): where in the whole the next one begins.
    pub frames: u64,
}

/// Opens material at a place in it, exact to the frame; a place past the end gives a stream that ends at once.
///
/// # Errors
/// A file that is missing, unreadable, of a kind without decoder, or damaged from the start.
pub fn open(material: &Material, from: TrackTime) -> Result<Box<dyn Stream>, MediaError> {
    match material {
        Material::File(path) => {
            Ok(Box::new(FileStream::open(&[Slice { path: path.clone(), frames: u64::MAX }], from)?))
        }
        Material::Cut(slices) => Ok(Box::new(FileStream::open(slices, from)?)),
        Material::Generator(recipe) => Ok(recipe.source(from)),
        Material::Silence => Ok(Box::new(Silence)),
    }
}

/// Endless silence.
#[derive(Clone, Copy, Debug)]
pub struct Silence;

impl Iterator for Silence {
    type Item = f32;
    fn next(&mut self) -> Option<f32> {
        Some(0.0)
    }
}

impl Source for Silence {
    fn current_span_len(&self) -> Option<usize> {
        None
    }
    fn channels(&self) -> ChannelCount {
        STEREO
    }
    fn sample_rate(&self) -> SampleRate {
        RATE
    }
    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl Stream for Silence {}
