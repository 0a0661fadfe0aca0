//! An ear: a recording of a sink's monitor, measured as it comes.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::checks::Trouble;
use super::meter::{self, FLOOR, Meter, SOUNDS, Window, level, median};
use super::rig::Rig;

/// What is heard for so long no more is silence, though nothing says so: a suspended sink's monitor delivers nothing.
const STALE: Duration = Duration::from_millis(300);

/// What comes back after a fault begins below this, in dBFS.
const SOFT: f32 = -40.0;

/// What is heard on one sink, from its beginning.
pub(super) struct Ear {
    parec: Child,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    meter: Meter,
    /// When each window was complete.
    times: Vec<Instant>,
}

impl Ear {
    /// Listens to a sink of this rig.
    pub(super) fn on(rig: &Rig, sink: &str) -> Result<Self, Trouble> {
        let mut parec = rig
            .command("parec")
            .args(["-d", &format!("{sink}.monitor"), "--format=float32le", "--rate=48000", "--channels=2"])
            .args(["--latency-msec=10"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut pipe = parec.stdout.take().ok_or_else(|| Trouble::failed("the recording has no end to read"))?;
        let heard = Arc::new(Mutex::new(Heard::default()));
        let kept = Arc::clone(&heard);
        std::thread::Builder::new().name("ear".into()).spawn(move || {
            let (mut bytes, mut held) = ([0; 8192], 0);
            while let Ok(read @ 1..) = pipe.read(&mut bytes[held..]) {
                let filled = held + read;
                let samples: Vec<f32> =
                    bytes[..filled].as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
                let whole = samples.len() & !1;
                locked(&kept).take(&samples[..whole]);
                bytes.copy_within(4 * whole..filled, 0);
                held = filled - 4 * whole;
            }
        })?;
        let ear = Self { parec, heard };
        rig.bench.wait(Instant::now(), "the recording begins", || ear.now() > 0)?;
        Ok(ear)
    }

    /// How many windows have been heard: a mark for [`Ear::since`].
    pub(super) fn now(&self) -> usize {
        locked(&self.heard).times.len()
    }

    /// What has been heard since a mark.
    pub(super) fn since(&self, mark: usize) -> Vec<Window> {
        locked(&self.heard).meter.windows[mark..].to_vec()
    }

    /// The level of the last tenth of a second, in dBFS.
    pub(super) fn level(&self) -> f32 {
        let heard = locked(&self.heard);
        if heard.times.last().is_none_or(|last| last.elapsed() > STALE) {
            return FLOOR;
        }
        let windows = &heard.meter.windows;
        level(&windows[windows.len().saturating_sub(10)..])
    }

    /// The level of most of the last tenth of a second, in dBFS: what a busy machine tears out of it does not count.
    pub(super) fn steady(&self) -> f32 {
        let heard = locked(&self.heard);
        let windows = &heard.meter.windows;
        median(&windows[windows.len().saturating_sub(10)..])
    }

    /// The longest hole in the recording since a mark, by its own samples.
    pub(super) fn longest_hole(&self, mark: usize) -> Duration {
        Duration::from_secs_f64(meter::longest_silence(&self.since(mark)))
    }

    /// The longest time since a mark in which nothing sounded, by the clock on the wall.
    pub(super) fn longest_silence(&self, mark: usize) -> Duration {
        let heard = locked(&self.heard);
        let began = heard.times.get(mark).copied().unwrap_or_else(Instant::now);
        let sounding = heard.times.iter().zip(&heard.meter.windows).skip(mark);
        let sounding = sounding.filter(|(_, window)| window.level > SOUNDS).map(|(at, _)| *at);
        let (mut last, mut longest) = (began, Duration::ZERO);
        for at in sounding.chain([Instant::now()]) {
            longest = longest.max(at.saturating_duration_since(last));
            last = at;
        }
        longest
    }

    /// When a window since the mark first was as asked.
    pub(super) fn first(&self, mark: usize, is_it: impl Fn(&Window) -> bool) -> Option<Instant> {
        let heard = locked(&self.heard);
        let place = heard.meter.windows.iter().skip(mark).position(is_it)?;
        heard.times.get(mark + place).copied()
    }

    /// When a window since the mark was last as asked.
    pub(super) fn last(&self, mark: usize, is_it: impl Fn(&Window) -> bool) -> Option<Instant> {
        let heard = locked(&self.heard);
        let place = heard.meter.windows.iter().skip(mark).rposition(is_it)?;
        heard.times.get(mark + place).copied()
    }

    /// When something first came up softly after the mark, and its place: a mark from there on. What lay in the server's
    /// buffers before the fault comes out at its old level, and is none of it.
    pub(super) fn comes_up(&self, mark: usize) -> Option<(Instant, usize)> {
        let heard = locked(&self.heard);
        let soft = |window: &Window| window.level > SOUNDS && window.level < SOFT;
        let place = mark + heard.meter.windows.iter().skip(mark).position(soft)?;
        heard.times.get(place).map(|at| (*at, place))
    }
}

impl Heard {
    fn take(&mut self, samples: &[f32]) {
        self.meter.feed(samples);
        self.times.resize(self.meter.windows.len(), Instant::now());
    }
}

fn locked(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Ear {
    fn drop(&mut self) {
        // It may have ended with its server.
        let _ = self.parec.kill();
        let _ = self.parec.wait();
    }
}
