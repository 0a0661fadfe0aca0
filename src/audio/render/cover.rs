//! The cover: raises the safe bed when the programme is about to run out or has, and lowers it when music is back.

use super::deck::Supply;
use super::level::{Level, per_block};
use super::{BLOCK, Block};
use crate::media::generator::SafeBed;
use crate::units::Decibels;

/// The bed comes while this much music is left (1 s): it is there when the music ends.
const LOW: u64 = 48_000;
/// It goes when this much lies ready again (2 s).
const PLENTY: u64 = 96_000;
/// A bed that has come this far, in dB of its own level, is not taken away before the music is up again.
const HEARD: f32 = -20.0;
/// From nothing to its own level in 1 s. Quicker than anything else may rise, since it takes over from louder sound.
const RISE: f32 = per_block(60.0);
/// Back to nothing in 4 s, under music that is louder.
const FALL: f32 = per_block(15.0);

/// The safe bed and its gain.
pub struct Cover {
    bed: SafeBed,
    /// The built-in bed, for when the first one has failed too.
    last: SafeBed,
    failed: bool,
    level: Level,
    wanted: bool,
}

impl Cover {
    /// Silent, and ready with this bed.
    pub fn new(bed: SafeBed) -> Self {
        Self { bed, last: SafeBed::new(), failed: false, level: Level::at(Decibels::SILENCE.0), wanted: false }
    }

    /// Something inside panicked, and it may have been the bed: from now on the built-in one.
    pub fn fall_back(&mut self) {
        self.failed = true;
    }

    /// One block: decides by what the programme has ready, and by whether it is up or still rising from nothing.
    pub fn advance(&mut self, lead: Supply, is_up: bool) {
        let bridges = self.level.now() > HEARD && !is_up;
        self.wanted = bridges || lead.frames < if self.wanted { PLENTY } else { LOW };
        let aim = if self.wanted { 0.0 } else { Decibels::SILENCE.0 };
        self.level.follow(aim, RISE, FALL);
    }

    /// For how many blocks it stays away, when the programme has this much left and nothing else changes.
    pub fn rests_for(&self, lead: Supply) -> u64 {
        let away = !self.wanted && self.level.is_at_rest(Decibels::SILENCE.0);
        if away { lead.frames.saturating_sub(LOW) / BLOCK as u64 } else { 0 }
    }

    /// Whether nothing of it is heard in this block.
    pub fn is_silent(&self) -> bool {
        self.level.is_silent()
    }

    /// Adds the block to `out`, under the gain of the lanes.
    pub fn add_to(&mut self, out: &mut Block, lanes: &Level) {
        if self.is_silent() {
            return;
        }
        let bed = if self.failed { &mut self.last } else { &mut self.bed };
        let mut sound = [[0.0; 2]; BLOCK];
        sound.iter_mut().for_each(|frame| *frame = bed.frame());
        self.level.apply(&mut sound);
        lanes.apply(&mut sound);
        for (out, frame) in out.iter_mut().zip(sound) {
            *out = [out[0] + frame[0], out[1] + frame[1]];
        }
    }
}
