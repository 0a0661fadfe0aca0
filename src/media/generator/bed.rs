//! The safe bed: the sound that covers a gap when everything else has failed.

use super::hush::Brown;
use super::noise::Seed;
use super::recipe::{Recipe, Settings};
use super::{BLOCK, Block, LOUDNESS, ORIGIN, PRE_ROLL, Voice};
use crate::units::{Decibels, Frames, Lufs, Span};

/// A generator that needs no file, no thread and, once built, no memory; the same in every session.
pub struct SafeBed {
    voice: Box<dyn Voice>,
    block: Block,
    /// The next frame to hand out.
    clock: u64,
    gain: f32,
}

impl SafeBed {
    /// Integrated loudness of the built-in one (product rule: no more than -30 LUFS).
    pub const LOUDNESS: Lufs = Lufs(-34.0);

    /// The built-in one, brown noise, ready to sound. Everything it will ever need is inside it.
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings { brightness: 0.25, movement: 0.5, ..Settings::default() };
        let gain = Decibels((Self::LOUDNESS.0 - LOUDNESS.0) as f32);
        // The filters start from nothing; two seconds on they know no more of it.
        Self::warm(Box::new(Brown::new(Seed(1), &settings)), gain, Span::ZERO, Span::from_secs(2))
    }

    /// The one that a playlist asks for. Takes some tens of milliseconds to warm up, so it is not for the callback.
    #[must_use]
    pub fn of(recipe: &Recipe, gain: Decibels) -> Self {
        Self::warm(recipe.voice(), gain, ORIGIN - PRE_ROLL, PRE_ROLL)
    }

    fn warm(voice: Box<dyn Voice>, gain: Decibels, from: Span, over: Span) -> Self {
        let clock = Frames::of(from).0 / BLOCK as u64 * BLOCK as u64;
        let mut bed = Self { voice, block: [[0.0; BLOCK]; 2], clock, gain: gain.gain().0 };
        (0..Frames::of(over).0).for_each(|_| _ = bed.frame());
        bed
    }

    /// The next frame, left and right. Never allocates, never ends.
    pub fn frame(&mut self) -> [f32; 2] {
        let place = (self.clock % BLOCK as u64) as usize;
        if place == 0 {
            self.voice.render(self.clock, &mut self.block);
        }
        self.clock += 1;
        [self.block[0][place] * self.gain, self.block[1][place] * self.gain]
    }
}

impl Default for SafeBed {
    fn default() -> Self {
        Self::new()
    }
}
