//! The slot: where an output finds the render half, and from where the control half can take it back.
//!
//! An output's callback only ever tries the lock. So a stream that hangs, or lives on after its death, can be abandoned:
//! the core is taken out, goes into the slot of the next stream, and the old one finds nothing and is silent. When two
//! outputs play, one has the core and sets the pace; the other has the end of a line (see [`super::render::line`]).

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rodio::{ChannelCount, SampleRate, Source};

use super::render::line::{Line, Moment};
use super::render::traffic::{Clock, Gauges};
use super::render::{BLOCK, Block, Core};
use crate::platform::Boottime;
use crate::units::{ENGINE_RATE_HZ, Frames, Span};

const STEREO: ChannelCount = NonZero::new(2).unwrap();
const RATE: SampleRate = NonZero::new(ENGINE_RATE_HZ).unwrap();
/// Blocks that are asked for closer to each other than this belong to one burst.
const BURST: Duration = Duration::from_millis(1);

/// An output that asks for nothing for longer, and then goes on, was not heard meanwhile (a stopped process, a suspended
/// device): it comes back as after any fault.
const AWAY: Duration = Duration::from_millis(500);

/// How often a callback tries to get at its bay before it is silent for a block.
const TRIES: usize = 100;

/// What an output plays from: the core if it sets the pace, and its outlet's line if another one does or did.
#[derive(Default)]
pub struct Bay {
    /// Everything that sounds.
    pub core: Option<Box<Core>>,
    /// What was rendered at another output's pace.
    pub line: Option<Box<Line>>,
}

/// The bay of one output. Clones share it.
#[derive(Clone)]
pub struct Slot {
    bay: Arc<Mutex<Bay>>,
    gauges: Arc<Gauges>,
    /// Which outlet its sound comes from; `None` where nobody hears it.
    outlet: Option<usize>,
    /// The engine's own clock begins here.
    epoch: Instant,
}

impl Slot {
    /// An empty one.
    pub fn new(gauges: Arc<Gauges>, outlet: Option<usize>, epoch: Instant) -> Self {
        Self { bay: Arc::default(), gauges, outlet, epoch }
    }

    /// The bay, for the control half; waits no longer than a callback renders.
    pub fn bay(&self) -> MutexGuard<'_, Bay> {
        self.bay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One block for the output: silence if there is nothing here. Tells whether a line has just run dry. `away`: how long the
    /// output was not heard until now.
    fn render(&self, block: &mut Block, now: Moment, away: Option<Duration>) -> bool {
        let Some(mut guard) = self.try_bay() else {
            away.into_iter().for_each(|away| self.come_back(away));
            silence(block);
            return false;
        };
        let Bay { core, line } = &mut *guard;
        // One that has nothing to play may share its outlet with the one that plays.
        if let Some(away) = away.filter(|_| core.is_some() || line.is_some()) {
            // What lies in it was rendered meanwhile, at full level.
            line.iter_mut().for_each(|line| line.reset());
            self.come_back(away);
        }
        if core.is_some() && now.first {
            self.gauges.set_pulse(now);
        }
        let elsewhere = core.is_none();
        let clock = Clock { elsewhere, ..self.gauges.clock(now) };
        let mut more = |block: &mut Block| match core {
            Some(core) => {
                render_safely(core, block, self.outlet);
                true
            }
            None => false,
        };
        match line {
            Some(line) if elsewhere || line.is_used() => {
                let went_dry = line.play(block, now, clock, &mut more);
                if let Some(outlet) = self.outlet {
                    self.gauges.outlets[outlet].set_delay(line.delay_kept());
                }
                return went_dry;
            }
            _ if more(block) => {}
            _ => silence(block),
        }
        false
    }

    /// The bay, for a callback, which does not wait; but whoever has it only moves a pointer, which takes no time.
    fn try_bay(&self) -> Option<MutexGuard<'_, Bay>> {
        for _ in 0..TRIES {
            match self.bay.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        None
    }

    /// What comes next follows a silence of this length.
    fn come_back(&self, silence: Duration) {
        if let Some(outlet) = self.outlet {
            let frames = silence.as_millis() as u64 * u64::from(ENGINE_RATE_HZ) / 1000;
            self.gauges.outlets[outlet].come_in(Frames(frames));
        }
    }

    /// How long ago, by the process's own clock, it was made.
    fn age(&self, now: Instant) -> Span {
        Span::from_millis(i64::try_from(now.saturating_duration_since(self.epoch).as_millis()).unwrap_or(i64::MAX))
    }

    fn moment(&self, now: Instant, waited: Duration) -> Moment {
        Moment { micros: now.saturating_duration_since(self.epoch).as_micros() as u32, first: waited > BURST }
    }
}

/// Renders a block; if the core panics, it plays the safe bed alone from now on, and if even that fails, nothing.
pub fn render_safely(core: &mut Core, block: &mut Block, outlet: Option<usize>) {
    for _ in 0..2 {
        if catch_unwind(AssertUnwindSafe(|| core.render(block, outlet))).is_ok() {
            return;
        }
        core.fail();
    }
    silence(block);
}

fn silence(block: &mut Block) {
    *block = [[0.0; 2]; BLOCK];
}

/// When an output asks for sound, as far as it can be seen from this side.
#[derive(Debug)]
pub struct Heartbeat {
    epoch: Instant,
    /// Microseconds after the epoch at which sound was last asked for.
    last: AtomicU64,
    blocks: AtomicU64,
    /// Waits longer than this mean that the device ran dry.
    patience: u64,
    xruns: AtomicU64,
    dry: AtomicU64,
}

/// An output is not judged in its first seconds: the first callbacks of a sleeping sink came up to 0.9 s late.
pub const GRACE: Duration = Duration::from_secs(3);

impl Heartbeat {
    /// For an output with this buffer, which begins at `epoch`.
    pub fn new(epoch: Instant, buffer_frames: u32) -> Self {
        // Two buffers lie between us and the device; 10 ms for those who call.
        let patience = Frames(2 * u64::from(buffer_frames)).span().millis().unsigned_abs() * 1000 + 10_000;
        Self {
            epoch,
            last: AtomicU64::new(0),
            blocks: AtomicU64::new(0),
            patience,
            xruns: AtomicU64::new(0),
            dry: AtomicU64::new(0),
        }
    }

    /// Sound is asked for at `now`; how long after the last time.
    fn beat(&self, now: Instant) -> Duration {
        let now = u64::try_from(now.saturating_duration_since(self.epoch).as_micros()).unwrap_or(u64::MAX);
        let last = self.last.swap(now, Relaxed);
        let waited = now.saturating_sub(last);
        if waited > self.patience && last > GRACE.as_micros() as u64 {
            self.xruns.fetch_add(1, Relaxed);
        }
        self.blocks.fetch_add(1, Relaxed);
        Duration::from_micros(waited)
    }

    /// A line ran dry before its output was served.
    fn ran_dry(&self) {
        self.dry.fetch_add(1, Relaxed);
    }

    /// How long ago sound was last asked for (since the epoch, if never).
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.epoch + Duration::from_micros(self.last.load(Relaxed)))
    }

    /// How often sound was asked for, in blocks.
    pub fn blocks(&self) -> u64 {
        self.blocks.load(Relaxed)
    }

    /// How often the device must have run dry.
    pub fn xruns(&self) -> u64 {
        self.xruns.load(Relaxed)
    }

    /// How often its line did.
    pub fn dry(&self) -> u64 {
        self.dry.load(Relaxed)
    }
}

/// The engine as an endless source for one output.
pub struct EngineSource {
    slot: Slot,
    heartbeat: Arc<Heartbeat>,
    sleep: Sleep,
    block: Block,
    used: usize,
}

/// How long the machine sleeps: what its own clock counts on and the process's does not.
#[derive(Debug, Default)]
struct Sleep {
    /// How far the one was ahead of the other, once that is known.
    ahead: Option<Span>,
}

impl Sleep {
    /// How long the machine has slept since this was last asked, given both clocks now.
    fn since_last(&mut self, machine: Span, process: Span) -> Duration {
        let ahead = machine - process;
        let before = self.ahead.replace(ahead).unwrap_or(ahead);
        Duration::from_millis(u64::try_from((ahead - before).millis()).unwrap_or(0))
    }
}

impl EngineSource {
    /// Plays what is in this slot.
    pub fn new(slot: Slot, heartbeat: Arc<Heartbeat>) -> Self {
        Self { slot, heartbeat, sleep: Sleep::default(), block: [[0.0; 2]; BLOCK], used: 2 * BLOCK }
    }

    /// The next block, which is asked for now.
    pub(super) fn block(&mut self, now: Instant) -> &Block {
        let waited = self.heartbeat.beat(now);
        // A server may carry a stream through the machine's sleep: no wait is seen then, and nothing was heard all the same.
        let away = waited.max(self.sleep.since_last(Boottime::now(), self.slot.age(now)));
        let away = Some(away).filter(|away| *away > AWAY && self.heartbeat.blocks() > 1);
        if self.slot.render(&mut self.block, self.slot.moment(now, waited), away) {
            self.heartbeat.ran_dry();
        }
        &self.block
    }
}

impl Iterator for EngineSource {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.used == 2 * BLOCK {
            self.block(Instant::now());
            self.used = 0;
        }
        let sample = self.block.as_flattened()[self.used];
        self.used += 1;
        Some(sample)
    }
}

impl Source for EngineSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }
    fn channels(&self) -> ChannelCount {
        STEREO
    }
    fn sample_rate(&self) -> SampleRate {
        RATE
    }
    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_was_away_hears_nothing_of_what_lies_in_its_line() {
        let gauges = Arc::new(Gauges::default());
        let slot = Slot::new(gauges.clone(), Some(1), Instant::now());
        let (mut to, from) = rtrb::RingBuffer::new(16_384);
        slot.bay().line = Some(Box::new(Line::new(from)));
        let mut send = |blocks: usize| (0..blocks * BLOCK).for_each(|_| to.push([0.4; 2]).expect("there is room"));
        send(30);
        let mut micros = 0;
        let mut loudest = |blocks: usize, away: Option<Duration>, send: &mut dyn FnMut(usize)| {
            let mut loudest = 0.0_f32;
            for nth in 0..blocks {
                send(1);
                micros += 1_333;
                let now = Moment { micros, first: true };
                gauges.set_pulse(now);
                let mut block = [[0.0; 2]; BLOCK];
                slot.render(&mut block, now, away.filter(|_| nth == 0));
                loudest = block.as_flattened().iter().fold(loudest, |loudest, sample| loudest.max(sample.abs()));
            }
            loudest
        };
        assert!(loudest(100, None, &mut send) > 0.39, "it is heard");
        send(100);
        assert!(loudest(4, Some(Duration::from_millis(700)), &mut send) < 1e-6);
        assert!(gauges.outlets[1].gain() <= crate::units::Decibels::SILENCE, "and what comes next comes in");
    }

    #[test]
    fn only_what_the_machine_has_slept_counts_as_sleep() {
        let mut sleep = Sleep::default();
        let mut slept = |machine, process| {
            let [machine, process] = [machine, process].map(Span::from_millis);
            sleep.since_last(machine, process).as_millis()
        };
        assert_eq!(slept(5_000_000, 1_000), 0, "the machine has run for longer than the process");
        assert_eq!(slept(5_004_000, 5_000), 0, "both went on");
        assert_eq!(slept(5_005_001, 6_000), 1, "read a moment later");
        assert_eq!(slept(5_006_000, 7_000), 0);
        assert_eq!(slept(5_607_000, 8_000), 600_000, "ten minutes of sleep in a second");
        assert_eq!(slept(5_608_000, 9_000), 0);
    }
}
