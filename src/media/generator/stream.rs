//! A voice as a stream that the engine can pull.

use std::num::NonZero;
use std::time::Duration;

use super::recipe::Recipe;
use super::{BLOCK, Block, ORIGIN, PRE_ROLL, Voice};
use crate::media::{MediaError, Stream};
use crate::units::{ENGINE_RATE_HZ, Frames, TrackTime};

/// An endless piece. Its instrument is built and warmed up when its first sample is asked for, which takes some tens of
/// milliseconds: many pieces are opened and passed unheard.
pub(super) struct Endless {
    recipe: Recipe,
    from: TrackTime,
    playing: Option<Playing>,
}

/// One that sounds.
struct Playing {
    voice: Box<dyn Voice>,
    block: Block,
    /// The first frame of the next block.
    next_block: u64,
    /// The next sample of this block, both channels counted.
    place: usize,
}

impl Endless {
    /// From a place in the piece.
    pub(super) fn new(recipe: Recipe, from: TrackTime) -> Self {
        Self { recipe, from, playing: None }
    }
}

impl Playing {
    fn warmed_up(voice: Box<dyn Voice>, from: TrackTime) -> Self {
        let heard = Frames::of(from - TrackTime::ZERO).0 + Frames::of(ORIGIN).0;
        let first_block = (heard - Frames::of(PRE_ROLL).0) / BLOCK as u64;
        let next_block = first_block * BLOCK as u64;
        let mut playing = Self { voice, block: [[0.0; BLOCK]; 2], next_block, place: 0 };
        while playing.next_block <= heard {
            playing.refill();
        }
        playing.place = 2 * (heard + BLOCK as u64 - playing.next_block) as usize;
        playing
    }

    fn refill(&mut self) {
        self.voice.render(self.next_block, &mut self.block);
        self.next_block += BLOCK as u64;
        self.place = 0;
    }

    fn next(&mut self) -> f32 {
        if self.place == 2 * BLOCK {
            self.refill();
        }
        let sample = self.block[self.place % 2][self.place / 2];
        self.place += 1;
        sample
    }
}

impl Iterator for Endless {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let playing = self.playing.get_or_insert_with(|| Playing::warmed_up(self.recipe.voice(), self.from));
        Some(playing.next())
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
