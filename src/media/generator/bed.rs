//! The safe bed: the sound that covers a gap when everything else has failed.

use super::hush::Brown;
use super::noise::Seed;
use super::recipe::Settings;
use super::{BLOCK, Block, LOUDNESS, Voice};
use crate::units::{Decibels, Lufs};

/// Brown noise that needs no file, no thread and, once built, no memory; the same in every session.
#[derive(Debug)]
pub struct SafeBed {
    voice: Brown,
    block: Block,
    /// The next frame to hand out.
    clock: u64,
    gain: f32,
}

impl SafeBed {
    /// Its integrated loudness (product rule: no more than -30 LUFS).
    pub const LOUDNESS: Lufs = Lufs(-34.0);

    /// Ready to sound. Everything it will ever need is inside it.
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings { brightness: 0.25, movement: 0.5, ..Settings::default() };
        let gain = Decibels((Self::LOUDNESS.0 - LOUDNESS.0) as f32).gain().0;
        let mut bed = Self { voice: Brown::new(Seed(1), &settings), block: [[0.0; BLOCK]; 2], clock: 0, gain };
        // The filters start from nothing; two seconds on they know no more of it.
        (0..2 * 48_000).for_each(|_| _ = bed.frame());
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
