//! Attempts to open an output, again and again, on threads that may hang.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use super::{Keeper, Part, Step};
use crate::audio::Event;
use crate::audio::output::OutputError;
use crate::audio::slot::Slot;
use crate::audio::supervisor::stream::{Hanging, Live, open, reap, spawn};
use crate::audio::supervisor::{HUSH, World, said};

/// Pauses between attempts, in ms; the last one for ever. A server that returns must be heard again within 2 s.
const BACK_OFF: [u64; 4] = [100, 250, 500, 1000];
/// An attempt that takes longer is abandoned.
const OPENING: Duration = Duration::from_secs(3);
/// Abandoned attempts that may hang at the same time; while there are more, none is added.
pub(super) const HANGING: usize = 4;
/// A new stream must ask for sound within this.
const WARMING: Duration = Duration::from_secs(5);
/// Blocks a new stream asks for before it gets sound: more than a shell takes by itself while it is being built.
const WARM: u64 = 4;

/// A stream on its way.
pub(super) enum Attempt {
    /// On a thread of its own.
    Opening { opened: Receiver<Result<Live, OutputError>>, since: Instant },
    /// Open, but it has not asked for sound yet.
    Warming { live: Live, since: Instant },
    /// It asks for sound, and the stream that it relieves goes down to where this one begins until then.
    Relieving { live: Live, due: Instant },
}

impl Keeper {
    /// Opens what is wanted with a buffer of so many frames, on a thread that may hang.
    pub(super) fn begin(&mut self, buffer: u32, world: &World, now: Instant) {
        let Some(selection) = self.wanted.clone() else { return };
        if self.hanging.load(Relaxed) >= HANGING {
            self.retry_at = now + back_off(usize::MAX);
            return;
        }
        let (send, opened) = channel();
        let (outputs, hanging) = (world.outputs.clone(), Hanging::count(&self.hanging));
        let slot = Slot::new(world.gauges.clone(), Some(self.outlet), world.epoch);
        spawn("opening", move || {
            let opened = open(&*outputs, &selection, buffer, slot, now);
            drop(hanging);
            // If nobody waits any more, it is closed again here.
            _ = send.send(opened);
        });
        self.attempt = Some(Attempt::Opening { opened, since: now });
    }

    pub(super) fn advance_attempt(&mut self, world: &World, now: Instant) -> Step {
        match self.attempt.take() {
            Some(Attempt::Opening { opened, since }) => match opened.try_recv() {
                Ok(Ok(live)) => self.attempt = Some(Attempt::Warming { live, since: now }),
                Ok(Err(why)) => return self.failed(&why, world, now),
                // There was no thread for it, or it panicked.
                Err(TryRecvError::Disconnected) => return self.failed(&OutputError::NoAnswer, world, now),
                Err(_) if now.saturating_duration_since(since) > OPENING => {
                    reap(opened);
                    return self.failed(&OutputError::NoAnswer, world, now);
                }
                Err(_) => self.attempt = Some(Attempt::Opening { opened, since }),
            },
            Some(Attempt::Warming { live, since }) => {
                if live.faults.fatal.load(Relaxed) || now.saturating_duration_since(since) > WARMING {
                    reap(live);
                    return self.failed(&OutputError::NoAnswer, world, now);
                }
                if live.heartbeat.blocks() < WARM {
                    self.attempt = Some(Attempt::Warming { live, since });
                } else if self.live.is_some() {
                    self.attempt = Some(Attempt::Relieving { live, due: now + HUSH });
                    self.set_gain(world);
                } else {
                    return Step::Arrived(Box::new(live));
                }
            }
            Some(Attempt::Relieving { live, due }) if now >= due => return Step::Arrived(Box::new(live)),
            Some(Attempt::Relieving { live, due }) => self.attempt = Some(Attempt::Relieving { live, due }),
            None => {}
        }
        Step::Nothing
    }

    /// An attempt came to nothing.
    fn failed(&mut self, why: &OutputError, world: &World, now: Instant) -> Step {
        if self.live.is_some() {
            return self.not_grown(why, world, now);
        }
        if self.shrinks(world, now) {
            return Step::Nothing;
        }
        self.silent_since.get_or_insert(now);
        let (output, why) = (self.asked.clone(), said(&why.to_string()));
        self.retry_at = now + back_off(self.tries);
        self.tries += 1;
        if self.part == Part::Trial {
            world.report(Event::OutputRefused { output, why });
            return Step::Refused;
        }
        if !std::mem::replace(&mut self.lost, true) {
            world.report(Event::OutputLost { output, why });
        }
        Step::Nothing
    }
}

/// The pause after so many attempts.
pub(super) fn back_off(tries: usize) -> Duration {
    Duration::from_millis(BACK_OFF[tries.min(BACK_OFF.len() - 1)])
}
