//! The slot: where an output finds the render half, and from where the control half can take it back.
//!
//! An output's callback only ever tries the lock. So a stream that hangs, or lives on after its death, can be abandoned:
//! the core is taken out, goes into the slot of the next stream, and the old one finds nothing and is silent.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rodio::{ChannelCount, SampleRate, Source};

use super::render::{BLOCK, Block, Core};
use crate::units::{ENGINE_RATE_HZ, Frames};

const STEREO: ChannelCount = NonZero::new(2).unwrap();
const RATE: SampleRate = NonZero::new(ENGINE_RATE_HZ).unwrap();

/// Holds the core for one output. Clones share it.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Box<Core>>>>);

impl Slot {
    /// Gives the core to this slot's output.
    pub fn put(&self, core: Box<Core>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(core);
    }

    /// Takes it back; waits no longer than a callback renders.
    pub fn take(&self) -> Option<Box<Core>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// One block for the output: silence if the core is elsewhere.
    fn render(&self, block: &mut Block) {
        let mut guard = match self.0.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return silence(block),
        };
        match &mut *guard {
            Some(core) => render_safely(core, block),
            None => silence(block),
        }
    }
}

/// Renders a block; if the core panics, it plays the safe bed alone from now on, and if even that fails, nothing.
pub fn render_safely(core: &mut Core, block: &mut Block) {
    for _ in 0..2 {
        if catch_unwind(AssertUnwindSafe(|| core.render(block))).is_ok() {
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
}

/// An output is not judged in its first seconds: the first callbacks of a sleeping sink came up to 0.9 s late.
pub const GRACE: Duration = Duration::from_secs(3);

impl Heartbeat {
    /// For an output with this buffer, which begins at `epoch`.
    pub fn new(epoch: Instant, buffer_frames: u32) -> Self {
        // Two buffers lie between us and the device; 10 ms for those who call.
        let patience = Frames(2 * u64::from(buffer_frames)).span().millis().unsigned_abs() * 1000 + 10_000;
        Self { epoch, last: AtomicU64::new(0), blocks: AtomicU64::new(0), patience, xruns: AtomicU64::new(0) }
    }

    /// Sound is asked for at `now`.
    fn beat(&self, now: Instant) {
        let now = u64::try_from(now.saturating_duration_since(self.epoch).as_micros()).unwrap_or(u64::MAX);
        let last = self.last.swap(now, Relaxed);
        if now.saturating_sub(last) > self.patience && last > GRACE.as_micros() as u64 {
            self.xruns.fetch_add(1, Relaxed);
        }
        self.blocks.fetch_add(1, Relaxed);
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
}

/// The engine as an endless source for one output.
pub struct EngineSource {
    slot: Slot,
    heartbeat: Arc<Heartbeat>,
    block: Block,
    used: usize,
}

impl EngineSource {
    /// Plays what is in this slot.
    pub fn new(slot: Slot, heartbeat: Arc<Heartbeat>) -> Self {
        Self { slot, heartbeat, block: [[0.0; 2]; BLOCK], used: 2 * BLOCK }
    }
}

impl Iterator for EngineSource {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.used == 2 * BLOCK {
            self.heartbeat.beat(Instant::now());
            self.slot.render(&mut self.block);
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
