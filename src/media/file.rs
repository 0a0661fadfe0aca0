//! A music file, or the files that one recording was cut into, as a stream: decoded, resampled, from a place on.

use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};

use super::guard::CEILING;
use super::reel::Reel;
use super::resample::{Resampler, Start};
use super::stream::{RATE, STEREO};
use super::{MediaError, Slice, Stream};
use crate::units::{ENGINE_RATE_HZ, Frames, TrackTime};

/// Plays to the end. One resampler goes across all the cuts, so that the sound does too.
pub(super) struct FileStream {
    reel: Option<Reel>,
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
    pub(super) fn open(slices: &[Slice], from: TrackTime) -> Result<Self, MediaError> {
        let from = Frames::of(from.since_start()).0;
        // Opened at the start first: the rate decides where in the file the place is.
        let mut reel = Reel::open(slices, 0)?;
        let rate_hz = reel.rate_hz();
        let resampler = (rate_hz != ENGINE_RATE_HZ).then(|| Resampler::new(rate_hz));
        let start =
            resampler.as_ref().map_or(Start { file_frame: from, drop: 0 }, |resampler| resampler.start_at(from));
        if start.file_frame > 0 {
            reel = Reel::open(slices, start.file_frame)?;
        }
        Ok(Self {
            reel: Some(reel),
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
            let Some(reel) = &mut self.reel else { return false };
            self.decoded.clear();
            let more = reel.more(&mut self.decoded);
            match &mut self.resampler {
                Some(resampler) => resampler.push(&self.decoded, &mut self.ready),
                None => self.ready.extend_from_slice(&self.decoded),
            }
            if !matches!(more, Ok(true)) {
                self.fault = more.err();
                self.reel = None;
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
