//! The line to an output that keeps its own time: what was rendered for it at another output's pace, read at its own.
//!
//! When that other output is gone the render half itself comes to this one. The line is then played out first, so the sound
//! goes on without a gap, a jump, or a change of its delay.

use rtrb::Consumer;

use super::drift::Drift;
use super::level::{FALL, Level, RISE};
use super::stretch::{Stretch, TAPS};
use super::traffic::Clock;
use super::{BLOCK, Block};

/// The most a line holds, in frames (341 ms): what two buffers of the largest size need, with room to spare.
pub const LONGEST: usize = 16_384;
/// What lies in the line beside a burst of the reader's, so that a writer who is late does no harm: 4 ms, and half a burst at
/// least, since buffers are large where the machine is often late.
const MARGIN: f64 = 192.0;
/// The most that it grows to by itself on a machine that is often late: 20 ms. More would take the two outputs audibly apart,
/// and a machine that is later than that starves the first one too.
const MOST_MARGIN: f64 = 960.0;
/// A gap of up to 0.1 s is a stumble, as a device makes it that was not served: the sound goes on where it was.
const STUMBLE: u64 = 4_800;
/// A reader that is so much and two of its bursts behind its aim (it slept) begins anew: 43 ms. One that only came late to a
/// burst has as much in its device, and is on time again for the next.
const TOO_FAR: f64 = 2_048.0;
/// The longest burst of the last this many to twice as many counts. A stream's first one fills an empty device, and is soon
/// forgotten.
const BURSTS: u32 = 6;

/// When a block is asked for, in microseconds of the engine's own clock (which comes around every 71 minutes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub micros: u32,
    /// It is the first block of a burst.
    pub first: bool,
}

/// The reader's end of a line.
pub struct Line {
    from: Consumer<[f32; 2]>,
    stretch: Stretch,
    drift: Drift,
    speed: f64,
    /// Something has come through it since it was laid; before, the render half plays as if there were none.
    used: bool,
    flowing: bool,
    was_heard: bool,
    /// Eases it in after a gap.
    level: Level,
    /// For how many frames nothing has come.
    dry: u64,
    margin: f64,
    bursts: Bursts,
    last_look: u32,
    /// One block is kept back, to fade out when no other follows.
    kept: Block,
    /// What the render half has given beyond the line's end.
    given: Block,
    taken: usize,
}

impl Line {
    /// Nothing has come yet.
    pub fn new(from: Consumer<[f32; 2]>) -> Self {
        Self {
            from,
            stretch: Stretch::new(),
            drift: Drift::new(),
            speed: 1.0,
            used: false,
            flowing: false,
            was_heard: false,
            level: Level::at(0.0),
            dry: 0,
            margin: MARGIN,
            bursts: Bursts::default(),
            last_look: 0,
            kept: [[0.0; 2]; BLOCK],
            given: [[0.0; 2]; BLOCK],
            taken: BLOCK,
        }
    }

    /// Empties it for another stream of the same output.
    pub fn reset(&mut self) {
        while self.from.pop().is_ok() {}
        self.stretch.reset();
        self.drift.restart();
        (self.speed, self.used, self.flowing, self.was_heard) = (1.0, false, false, false);
        (self.level, self.dry, self.bursts) = (Level::at(0.0), 0, Bursts::default());
        (self.kept, self.taken) = ([[0.0; 2]; BLOCK], BLOCK);
    }

    /// Whether it stands between the render half and the output.
    pub fn is_used(&self) -> bool {
        self.used || self.from.slots() > 0
    }

    /// The delay it keeps, with the block that is kept back and half of the taps, in frames.
    pub fn delay_kept(&self) -> u32 {
        self.aim() as u32 + (BLOCK + TAPS / 2) as u32
    }

    /// A block for the output; `more` renders the next one if the render half is here. Tells whether the line has just run dry.
    pub fn play(
        &mut self,
        out: &mut Block,
        now: Moment,
        clock: Clock,
        more: &mut dyn FnMut(&mut Block) -> bool,
    ) -> bool {
        self.used = true;
        self.bursts.count(now.first);
        if !self.flowing {
            self.begin(clock);
        }
        if !clock.elsewhere {
            // No other clock counts any more.
            self.speed = 1.0;
        } else if self.flowing && now.first {
            self.look(now, clock);
        }
        let mut next = [[0.0; 2]; BLOCK];
        let went_dry = self.flowing && !self.fill(&mut next, more);
        if went_dry {
            self.stop();
        }
        self.dry = if self.flowing { 0 } else { self.dry + BLOCK as u64 };
        self.level.follow(0.0, RISE, FALL);
        self.level.apply(&mut next);
        *out = std::mem::replace(&mut self.kept, next);
        went_dry
    }

    /// The delay to keep, in frames.
    fn aim(&self) -> f64 {
        f64::from(self.bursts.longest()) + self.margin()
    }

    fn margin(&self) -> f64 {
        self.margin.max(f64::from(self.bursts.longest()) / 2.0)
    }

    /// Begins when there is enough; what is too much is left out, since nothing is heard just then. After a stumble half the
    /// margin is enough: waiting for the rest of it could cost a whole burst more, and the drift makes up for it unheard.
    fn begin(&mut self, clock: Clock) {
        if clock.elsewhere {
            let too_much = self.delay(clock) - self.aim();
            let least = if self.was_heard { -self.margin() / 2.0 } else { 0.0 };
            if too_much < least || !self.bursts.is_known() {
                return;
            }
            for _ in 0..too_much.max(0.0) as usize {
                _ = self.from.pop();
            }
            if self.was_heard {
                // It ran dry: from now on it keeps more.
                self.margin = (self.margin * 1.5).min(MOST_MARGIN);
            }
        }
        self.drift.restart();
        self.stretch.reset();
        if self.was_heard && self.dry > STUMBLE {
            self.level.resume(self.dry);
        } else {
            // At first the outlet brings it in; and a stumble is as short as it can be.
            self.level.appear();
        }
        (self.flowing, self.was_heard) = (true, true);
    }

    /// Nothing for a while: what is kept fades out.
    fn stop(&mut self) {
        self.flowing = false;
        fade_out(&mut self.kept);
    }

    /// How far the output is behind what was rendered, as if both were done evenly.
    fn delay(&self, clock: Clock) -> f64 {
        self.from.slots() as f64 + clock.ahead
    }

    fn look(&mut self, now: Moment, clock: Clock) {
        let secs = f64::from(now.micros.wrapping_sub(self.last_look)) * 1e-6;
        self.last_look = now.micros;
        let error = self.delay(clock) - self.aim();
        if error > TOO_FAR + 2.0 * f64::from(self.bursts.longest()) {
            self.stop();
        } else {
            self.speed = self.drift.correct(error, secs);
        }
    }

    /// Reads a block; `false` when it runs dry on the way.
    fn fill(&mut self, block: &mut Block, more: &mut dyn FnMut(&mut Block) -> bool) -> bool {
        for frame in block.iter_mut() {
            for _ in 0..self.stretch.advance(self.speed) {
                let Some(next) = self.next(more) else {
                    // What was read of it is lost with it.
                    *block = [[0.0; 2]; BLOCK];
                    return false;
                };
                self.stretch.push(next);
            }
            *frame = self.stretch.frame();
        }
        true
    }

    fn next(&mut self, more: &mut dyn FnMut(&mut Block) -> bool) -> Option<[f32; 2]> {
        if self.taken == BLOCK {
            if let Ok(frame) = self.from.pop() {
                return Some(frame);
            }
            if !more(&mut self.given) {
                return None;
            }
            self.taken = 0;
        }
        self.taken += 1;
        Some(self.given[self.taken - 1])
    }
}

/// How much the reader asks for at a time, in frames.
#[derive(Clone, Copy, Debug, Default)]
struct Bursts {
    present: u32,
    longest_now: u32,
    longest_before: u32,
    counted: u32,
}

impl Bursts {
    /// A block is asked for; `first`: of a new burst.
    fn count(&mut self, first: bool) {
        if first {
            self.longest_now = self.longest_now.max(self.present);
            (self.present, self.counted) = (0, self.counted + 1);
            if self.counted.is_multiple_of(BURSTS) {
                self.longest_before = std::mem::take(&mut self.longest_now);
            }
        }
        self.present += BLOCK as u32;
    }

    fn longest(&self) -> u32 {
        self.longest_before.max(self.longest_now).max(BLOCK as u32)
    }

    /// Whether enough were seen to go by, without the first.
    fn is_known(&self) -> bool {
        self.counted >= 2 * BURSTS
    }
}

/// To nothing over the block.
fn fade_out(block: &mut Block) {
    for (frame, left) in block.iter_mut().zip((0..BLOCK as u16).rev()) {
        let gain = f32::from(left) / BLOCK as f32;
        *frame = frame.map(|sample| sample * gain * gain * (3.0 - 2.0 * gain));
    }
}

#[cfg(test)]
mod tests;
