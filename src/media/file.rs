//! A music file as a stream: decoded, resampled, from a place on.

use std::path::Path;
use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};

use super::decode::Decoder;
use super::guard::CEILING;
use super::resample::{Resampler, Start};
use super::stream::{RATE, STEREO};
use super::{MediaError, Stream};
use crate::units::{ENGINE_RATE_HZ, Frames, TrackTime};

/// Plays one file to its end.
pub(super) struct FileStream {
    decoder: Option<Decoder>,
    resampler: Option<Resampler>,
    decoded: Vec<f32>,
    /// Samples ready to go out, and how many of them have gone.
    ready: Vec<f32>,
    gone: usize,
    /// Engine frames still to be dropped before the place asked for.
    drop: u64,
    fault: Option<MediaError>,
}

impl FileStream {
    pub(super) fn open(path: &Path, from: TrackTime) -> Result<Self, MediaError> {
        let from = Frames::of(from.since_start()).0;
        // Opened at the start first: the rate decides where in the file the place is.
        let mut decoder = Decoder::open(path, 0)?;
        let rate_hz = decoder.rate_hz();
        let resampler = (rate_hz != ENGINE_RATE_HZ).then(|| Resampler::new(rate_hz));
        let start =
            resampler.as_ref().map_or(Start { file_frame: from, drop: 0 }, |resampler| resampler.start_at(from));
        if start.file_frame > 0 {
            decoder = Decoder::open(path, start.file_frame)?;
        }
        Ok(Self {
            decoder: Some(decoder),
            resampler,
            decoded: Vec::new(),
            ready: Vec::new(),
            gone: 0,
            drop: start.drop,
            fault: None,
        })
    }

    /// Makes the next samples ready; `false` at the end.
    fn refill(&mut self) -> bool {
        self.ready.clear();
        self.gone = 0;
        while self.ready.is_empty() {
            let Some(decoder) = &mut self.decoder else { return false };
            self.decoded.clear();
            let more = decoder.more(&mut self.decoded);
            match &mut self.resampler {
                Some(resampler) => resampler.push(&self.decoded, &mut self.ready),
                None => self.ready.extend_from_slice(&self.decoded),
            }
            if !matches!(more, Ok(true)) {
                self.fault = more.err();
                self.decoder = None;
                if let Some(resampler) = &mut self.resampler {
                    resampler.finish(&mut self.ready);
                }
            }
            let dropped = usize::try_from(self.drop).unwrap_or(usize::MAX).min(self.ready.len() / 2);
            self.ready.drain(..dropped * 2);
            self.drop -= dropped as u64;
        }
        true
    }
}

impl Iterator for FileStream {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.gone == self.ready.len() && !self.refill() {
            return None;
        }
        let sample = self.ready[self.gone];
        self.gone += 1;
        // The resampler can overshoot what it was given.
        Some(sample.clamp(-CEILING, CEILING))
    }
}

impl Source for FileStream {
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

impl Stream for FileStream {
    fn fault(&self) -> Option<&MediaError> {
        self.fault.as_ref()
    }
}
