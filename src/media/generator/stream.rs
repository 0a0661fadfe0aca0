//! A voice as a stream that the engine can pull.

use std::num::NonZero;
use std::time::Duration;

use super::{BLOCK, Block, ORIGIN, PRE_ROLL, Voice};
use crate::media::{MediaError, Stream};
use crate::units::{ENGINE_RATE_HZ, Frames, TrackTime};

/// An endless piece.
pub(super) struct Endless {
    voice: Box<dyn Voice>,
    block: Block,
    /// The first frame of the next block.
    next_block: u64,
    /// The next sample of this block, both channels counted.
    place: usize,
    /// Where it begins, until its first sample was asked for: it takes some tens of milliseconds to warm up.
    cold: Option<u64>,
}

impl Endless {
    /// From a place in the piece.
    pub(super) fn new(voice: Box<dyn Voice>, from: TrackTime) -> Self {
        let heard = Frames::of(from - TrackTime::ZERO).0 + Frames::of(ORIGIN).0;
        let first_block = (heard - Frames::of(PRE_ROLL).0) / BLOCK as u64;
        let next_block = first_block * BLOCK as u64;
        Self { voice, block: [[0.0; BLOCK]; 2], next_block, place: 2 * BLOCK, cold: Some(heard) }
    }

    fn warm_up(&mut self, heard: u64) {
        while self.next_block <= heard {
            self.refill();
        }
        let into_block = heard + BLOCK as u64 - self.next_block;
        self.place = 2 * into_block as usize;
    }

    fn refill(&mut self) {
        self.voice.render(self.next_block, &mut self.block);
        self.next_block += BLOCK as u64;
        self.place = 0;
    }
}

impl Iterator for Endless {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if let Some(heard) = self.cold.take() {
            self.warm_up(heard);
        }
        if self.place == 2 * BLOCK {
            self.refill();
        }
        let sample = self.block[self.place % 2][self.place / 2];
        self.place += 1;
        Some(sample)
    }
}

impl rodio::Source for Endless {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        const { NonZero::new(2).expect("two channels") }
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        const { NonZero::new(ENGINE_RATE_HZ).expect("a rate above zero") }
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl Stream for Endless {
    fn fault(&self) -> Option<&MediaError> {
        None
    }
}
