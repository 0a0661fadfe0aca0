//! The outlets: one for each output that may play at the same time. The finished sound leaves through each with a gain of its
//! own; to an output that keeps its own time it leaves through a line.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use rtrb::{Producer, RingBuffer};

use super::level::{FALL, Level, RISE, per_block, rise_after_fault};
use super::line::{LONGEST, Line};
use super::{BLOCK, Block};
use crate::units::{Decibels, Frames};

/// Outputs that may play at the same time: headphones and speakers.
pub const OUTLETS: usize = 2;

/// One output gives way to another softly: silent in 2 s.
const GIVE_WAY: f32 = per_block(30.0);

/// What is asked of an outlet, and what it does: for anybody to read and set at any time.
#[derive(Debug, Default)]
pub struct OutletGauge {
    /// The gain wanted, in dB, as bits; 0 dB at first.
    aim: AtomicU32,
    /// The gain now.
    now: AtomicU32,
    /// It falls as one output gives way to another, not as quickly as it can.
    gently: AtomicBool,
    /// One more than the frames' time for which it was not heard; 0 when nothing is asked.
    come_in: AtomicU64,
    /// How far its output is behind the one that sets the pace, in frames.
    delay: AtomicU32,
    /// Its output keeps its own time, and reads the line.
    pub follows: AtomicBool,
}

impl OutletGauge {
    /// Asks for this gain, no higher than 0 dB.
    pub fn set(&self, gain: Decibels) {
        self.gently.store(false, Relaxed);
        self.aim.store(gain.0.to_bits(), Relaxed);
    }

    /// Asks for silence, at once or gently.
    pub fn hush(&self, gently: bool) {
        self.gently.store(gently, Relaxed);
        self.aim.store(Decibels::SILENCE.0.to_bits(), Relaxed);
    }

    /// It begins to be heard, after so many frames' time without it. Until its first block it is silent, and says so: what it
    /// was when it was last heard is nothing to go by.
    pub fn come_in(&self, gap: Frames) {
        self.now.store(Decibels::SILENCE.0.to_bits(), Relaxed);
        self.come_in.store(gap.0 + 1, Relaxed);
    }

    /// Notes how far its output is behind.
    pub fn set_delay(&self, frames: u32) {
        self.delay.store(frames, Relaxed);
    }

    /// How far its output is behind the one that sets the pace.
    pub fn delay(&self) -> Frames {
        Frames(u64::from(self.delay.load(Relaxed)))
    }

    /// The gain now.
    pub fn gain(&self) -> Decibels {
        Decibels(f32::from_bits(self.now.load(Relaxed)))
    }
}

/// The way to one output.
pub struct Outlet {
    level: Level,
    /// Coming back after a fault.
    returning: bool,
    line: Option<Producer<[f32; 2]>>,
}

impl Outlet {
    /// Open, with no line yet.
    pub fn new() -> Self {
        Self { level: Level::at(0.0), returning: false, line: None }
    }

    /// Lays the line; its other end.
    pub fn connect(&mut self) -> Line {
        let (from, to) = RingBuffer::new(LONGEST);
        self.line = Some(from);
        Line::new(to)
    }

    /// One block: moves on by no more than is left of the rise that ears may bear. `unheard`: nothing comes this way at all, so
    /// it may be where it should be at once.
    pub fn advance(&mut self, gauge: &OutletGauge, risen: f32, unheard: bool) {
        let asked = f32::from_bits(gauge.aim.load(Relaxed));
        let aim = if asked.is_nan() { Decibels::SILENCE.0 } else { asked.clamp(Decibels::SILENCE.0, 0.0) };
        if let Some(gap) = gauge.come_in.swap(0, Relaxed).checked_sub(1) {
            self.level.resume(gap);
            self.returning = gap > 0;
        }
        if unheard {
            (self.level, self.returning) = (Level::at(aim), false);
        }
        let rise = if self.returning { rise_after_fault(aim - self.level.now()) } else { RISE };
        let fall = if gauge.gently.load(Relaxed) { GIVE_WAY } else { FALL };
        self.level.follow(aim, (rise - risen).max(0.0), fall);
        self.returning &= self.level.now() < aim;
        gauge.now.store(self.level.now().to_bits(), Relaxed);
    }

    /// Applies its gain to a block.
    pub fn apply(&self, block: &mut Block) {
        self.level.apply(block);
    }

    /// Sends a block down the line; what does not fit is lost, and the output there hears of it as a gap.
    pub fn send(&mut self, block: &Block) {
        if let Some(line) = &mut self.line {
            let mut sound = *block;
            self.level.apply(&mut sound);
            if line.slots() >= BLOCK {
                _ = line.push_partial_slice(&sound);
            }
        }
    }
}
