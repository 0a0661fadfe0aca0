//! A gain that follows its aim no faster than ears may be asked to bear, and turns no sharp corner.

use super::{BLOCK, Block};
use crate::units::{Decibels, ENGINE_RATE_HZ};

/// Nothing ever rises faster than this, in dB per block (sound rule: 12 dB/s).
pub const RISE: f32 = per_block(12.0);
/// Nothing falls faster than this, in dB per block: from full to silent in 150 ms. Faster would be heard as a click.
pub const FALL: f32 = per_block(400.0);

/// A speed in dB per second as dB per block.
pub const fn per_block(per_second: f32) -> f32 {
    per_second * BLOCK as f32 / ENGINE_RATE_HZ as f32
}

/// A gap in the sound up to this many frames is a blink (0.5 s).
const BLINK: u64 = 24_000;
/// Where sound goes on after a blink, in dB.
const AFTER_BLINK: f32 = -20.0;

/// After a fault the last 20 dB take longer, so that the whole way from silence takes 8 s (sound rule).
const LAST_STRETCH: f32 = 20.0;
const LAST_RISE: f32 = per_block(4.3);

/// How much a level that comes back after a fault may rise in a block, when it has so many dB to go.
pub fn rise_after_fault(to_go: f32) -> f32 {
    if to_go < LAST_STRETCH { LAST_RISE } else { RISE }
}

/// How many blocks a corner is rounded over: 5.3 ms.
const ROUND: usize = 4;

/// A gain in dB on its way to an aim. Straight in dB, with rounded corners; within a block it is a straight line of gains.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    now: f32,
    /// Where it was at the end of the last blocks, in any order.
    recent: [f32; ROUND],
    oldest: usize,
    /// Linear, at the beginning and at the end of this block.
    gain: [f32; 2],
}

impl Level {
    /// At rest at this many dB.
    pub fn at(level: f32) -> Self {
        Self { now: level, recent: [level; ROUND], oldest: 0, gain: [linear(level); 2] }
    }

    /// Begins anew after so many frames without sound: after a blink of up to 0.5 s from -20 dB, else from silence. For the
    /// ear that is no step, since nothing sounds just then.
    pub fn resume(&mut self, gap: u64) {
        let from = if gap <= BLINK { AFTER_BLINK } else { Decibels::SILENCE.0 };
        self.now = self.now.min(from);
        self.appear();
    }

    /// Is where it is, but begins from nothing, over a corner's length.
    pub fn appear(&mut self) {
        *self = Self { now: self.now, ..Self::at(Decibels::SILENCE.0) };
    }

    /// Where it is, in dB.
    pub fn now(&self) -> f32 {
        self.now
    }

    /// Whether nothing is heard in this block.
    pub fn is_silent(&self) -> bool {
        self.gain == [0.0; 2]
    }

    /// Whether following this aim changes nothing any more.
    pub fn is_at_rest(&self, aim: f32) -> bool {
        self.now == aim && self.recent == [aim; ROUND] && self.gain[0] == self.gain[1]
    }

    /// Moves on by a block towards `aim`, by no more than `rise` or `fall` (dB per block).
    pub fn follow(&mut self, aim: f32, rise: f32, fall: f32) {
        let next = aim.clamp(self.now - fall, self.now + rise);
        let resting = next == self.now && self.recent == [next; ROUND];
        if resting {
            self.gain[0] = self.gain[1];
            return;
        }
        self.now = next;
        self.recent[self.oldest] = next;
        self.oldest = (self.oldest + 1) % ROUND;
        let mean = if self.recent == [next; ROUND] { next } else { self.recent.iter().sum::<f32>() / ROUND as f32 };
        self.gain = [self.gain[1], linear(mean)];
    }

    /// Applies this block's gains.
    pub fn apply(&self, block: &mut Block) {
        let [from, to] = self.gain;
        if from == to {
            if from != 1.0 {
                block.iter_mut().for_each(|frame| *frame = frame.map(|sample| sample * from));
            }
            return;
        }
        let slope = (to - from) / BLOCK as f32;
        for (frame, place) in block.iter_mut().zip(1u8..) {
            let gain = from + slope * f32::from(place);
            *frame = frame.map(|sample| sample * gain);
        }
    }
}

/// The factor for a level in dB; exactly 0 at [`Decibels::SILENCE`].
fn linear(level: f32) -> f32 {
    Decibels(level).gain().0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gain at the end of each block on the way from one level to another.
    fn path(from: f32, to: f32, blocks: usize) -> Vec<f32> {
        let mut level = Level::at(from);
        (0..blocks)
            .map(|_| {
                level.follow(to, RISE, FALL);
                level.gain[1]
            })
            .collect()
    }

    #[test]
    fn from_silence_to_full_takes_five_seconds() {
        let gains = path(-60.0, 0.0, 5 * 750 + ROUND);
        let loud = |gain: &f32| *gain >= 0.999;
        assert_eq!(gains.iter().position(loud).map(|block| block / 75), Some(50), "tenths of a second");
        assert_eq!(gains.last(), Some(&1.0));
    }

    #[test]
    fn a_fall_is_quick_but_no_click() {
        let gains = path(0.0, -60.0, 150);
        assert_eq!(gains[119], 0.0, "silent within 160 ms");
        let slopes: Vec<f32> = gains.windows(2).map(|pair| (pair[1] - pair[0]) / BLOCK as f32).collect();
        let bend = slopes.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(bend < 0.0004, "the sine's own bend is 0.00083: {bend}");
    }

    #[test]
    fn after_a_blink_it_comes_back_low_and_without_a_step() {
        let mut level = Level::at(0.0);
        level.resume(1_000);
        let mut last = 0.0;
        for _ in 0..ROUND {
            level.follow(0.0, RISE, FALL);
            assert_eq!(level.gain[0], last);
            last = level.gain[1];
        }
        assert!((last - 0.1).abs() < 0.01, "{last}");
        level.resume(48_000);
        level.follow(0.0, RISE, FALL);
        assert!(level.gain[1] < 0.0011, "{}", level.gain[1]);
    }

    #[test]
    fn at_rest_it_changes_nothing() {
        let mut block = [[0.3, -0.7]; BLOCK];
        let mut level = Level::at(0.0);
        level.follow(0.0, RISE, FALL);
        level.apply(&mut block);
        assert_eq!(block, [[0.3, -0.7]; BLOCK]);
    }
}
