//! A stream whose device runs dry again and again gets a larger buffer.

use std::time::{Duration, Instant};

use super::{Keeper, Step};
use crate::audio::Event;
use crate::audio::output::OutputError;
use crate::audio::supervisor::World;

/// So many xruns within `WINDOW` double the buffer.
const XRUNS: usize = 3;
const WINDOW: Duration = Duration::from_secs(60);
/// Attempts with a larger buffer before the one that has played is tried again.
const PATIENT: usize = 2;
/// No buffer is larger, in frames.
pub(super) const LARGEST: u32 = 4096;

impl Keeper {
    /// Takes in how often the device and the line ran dry; too often, and another stream is opened with a buffer twice as large. The
    /// old one plays on until that asks for sound: a machine too busy to serve the one may take long over the other.
    pub(super) fn count_xruns(&mut self, world: &World, now: Instant) {
        let Some(live) = &mut self.live else { return };
        let new = live.xruns() - live.known_xruns;
        let dry = live.heartbeat.dry() - live.known_dry;
        (live.known_xruns, live.known_dry) = (live.known_xruns + new, live.known_dry + dry);
        self.xruns += new + dry;
        if new + dry > 0 {
            world.report(Event::Xruns { count: self.xruns });
        }
        // A line that ran dry keeps more in itself from then on; a larger buffer here would not help it.
        if new > 0 {
            self.recent_xruns.push(now);
        }
        self.recent_xruns.retain(|at| now.saturating_duration_since(*at) < WINDOW);
        let stays = self.attempt.is_none() && !self.is_leaving();
        if self.recent_xruns.len() >= XRUNS && self.buffer < self.largest && stays {
            self.recent_xruns.clear();
            self.begin(self.larger(), world, now);
        }
    }

    pub(super) fn larger(&self) -> u32 {
        (2 * self.buffer).min(self.largest)
    }

    /// There is no other stream beside the one that plays. One that did not answer is tried again after as many xruns; but some
    /// devices can be opened only once, and then the old stream goes first.
    pub(super) fn not_grown(&mut self, why: &OutputError, world: &World, now: Instant) -> Step {
        if *why == OutputError::NoAnswer {
            return Step::Nothing;
        }
        self.buffer = self.larger();
        world.report(Event::BufferGrown { frames: self.buffer });
        self.stop(now, now, world);
        Step::Stopped
    }

    /// A device that plays and cannot be opened with more goes back to what it played with, for good. At first the old stream may
    /// still be closing.
    pub(super) fn shrinks(&mut self, world: &World, now: Instant) -> bool {
        if !self.ever_heard || self.buffer <= self.proven || self.tries < PATIENT {
            return false;
        }
        (self.buffer, self.largest, self.tries, self.retry_at) = (self.proven, self.proven, 0, now);
        world.report(Event::BufferGrown { frames: self.buffer });
        true
    }
}
