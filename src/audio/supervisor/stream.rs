//! A stream that plays, what it is judged by, and the threads that may hang in opening, watching and closing it.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::audio::Selection;
use crate::audio::output::{Faults, Null, Output, OutputError, Outputs};
use crate::audio::render::Core;
use crate::audio::render::traffic::Gauges;
use crate::audio::slot::{EngineSource, GRACE, Heartbeat, Slot};
use crate::units::ENGINE_RATE_HZ;

/// A stream that has not asked for sound for so long has stalled.
const STALLED: Duration = Duration::from_secs(1);
/// How often it is asked whether the output is still there.
const WATCH: Duration = Duration::from_millis(500);

/// A stream, and what it needs to be judged.
pub struct Live {
    pub output: Box<dyn Output>,
    pub slot: Slot,
    pub heartbeat: Arc<Heartbeat>,
    pub faults: Arc<Faults>,
    /// Frames asked for.
    pub buffer: u32,
    /// Says that the device is gone, found by asking.
    pub gone: Arc<AtomicBool>,
    since: Instant,
    /// Xruns that have been reported, and times its line ran dry.
    pub known_xruns: u64,
    pub known_dry: u64,
}

impl Live {
    /// Whether it is older than the time in which it is not judged.
    pub fn has_lasted(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) > GRACE
    }

    /// How often the device ran dry.
    pub fn xruns(&self) -> u64 {
        self.heartbeat.xruns() + self.faults.xruns.load(Relaxed)
    }

    /// Why it must be given up, if it must; sound was last asked for so long ago.
    pub fn verdict(&self, age: Duration, now: Instant) -> Option<&'static str> {
        let judged = self.has_lasted(now);
        if self.faults.fatal.load(Relaxed) {
            Some("the sound output reported that it stopped")
        } else if self.gone.load(Relaxed) {
            Some("the sound output was unplugged")
        } else if judged && age > STALLED {
            Some("the sound output takes no sound any more")
        } else {
            None
        }
    }
}

/// Where the core is when no output has it: nobody hears it, but time goes on.
pub struct Nowhere {
    slot: Slot,
    pub heartbeat: Arc<Heartbeat>,
    _null: Null,
}

impl Nowhere {
    /// Takes the core in.
    pub fn with(core: Option<Box<Core>>, gauges: Arc<Gauges>, epoch: Instant) -> Self {
        let slot = Slot::new(gauges, None, epoch);
        slot.bay().core = core;
        let heartbeat = Arc::new(Heartbeat::new(Instant::now(), ENGINE_RATE_HZ));
        Self { _null: Null::start(EngineSource::new(slot.clone(), heartbeat.clone())), slot, heartbeat }
    }

    /// Gives the core away.
    pub fn leave(&mut self) -> Option<Box<Core>> {
        self.slot.bay().core.take()
    }
}

/// Opens a stream whose slot is still empty; its age counts from `since`, when it was asked for.
pub fn open(
    outputs: &dyn Outputs,
    selection: &Selection,
    buffer: u32,
    slot: Slot,
    since: Instant,
) -> Result<Live, OutputError> {
    let faults = Arc::new(Faults::default());
    let heartbeat = Arc::new(Heartbeat::new(since, buffer));
    let source = EngineSource::new(slot.clone(), heartbeat.clone());
    let output = outputs.open(&selection.target, buffer, source, faults.clone())?;
    Ok(Live { output, slot, heartbeat, faults, buffer, gone: Arc::default(), since, known_xruns: 0, known_dry: 0 })
}

/// Asks again and again whether an output is still there. Two answers in a row make it gone.
pub fn watch_over(outputs: Arc<dyn Outputs>, id: String) -> Arc<AtomicBool> {
    let gone = Arc::new(AtomicBool::new(false));
    let told = Arc::downgrade(&gone);
    spawn("watching", move || {
        let mut is_there = outputs.watch(&id);
        let mut absent = 0;
        while let Some(gone) = told.upgrade() {
            absent = if is_there() == Some(false) { absent + 1 } else { 0 };
            gone.store(absent >= 2, Relaxed);
            drop(gone);
            std::thread::sleep(WATCH);
        }
    });
    gone
}

/// An attempt that may hang; counted for as long as it does, however it ends.
pub struct Hanging(Arc<AtomicUsize>);

impl Hanging {
    pub fn count(all: &Arc<AtomicUsize>) -> Self {
        all.fetch_add(1, Relaxed);
        Self(all.clone())
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Drops something on a thread that may hang in it; without a thread it is left as it is.
pub fn reap(dead: impl Send + 'static) {
    let dead = ManuallyDrop::new(dead);
    spawn("reaper", move || drop(ManuallyDrop::into_inner(dead)));
}

pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(refused) = std::thread::Builder::new().name(name.into()).spawn(work) {
        tracing::error!(%refused, name, "no thread");
    }
}
