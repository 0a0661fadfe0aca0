//! The machine's own stumbling: the yardstick for gaps in the sound.
#![allow(dead_code, reason = "each test uses its part of it")]
#![allow(clippy::unwrap_used, reason = "nothing panics while the lock is held")]

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// When the machine itself did not let a thread run, and for how long: the yardstick for gaps.
pub struct Jitter(Arc<Mutex<Vec<(Instant, Duration)>>>);

/// Less is nothing out of the ordinary.
const STALL: Duration = Duration::from_millis(3);

impl Jitter {
    pub fn start() -> Self {
        let meter = Self(Arc::default());
        // One for each core: a virtual machine may stall one of them and let another run.
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let stalls = Arc::downgrade(&meter.0);
            std::thread::spawn(move || {
                while let Some(stalls) = stalls.upgrade() {
                    let before = Instant::now();
                    sleep(Duration::from_millis(1));
                    let late = before.elapsed().saturating_sub(Duration::from_millis(1));
                    if late > STALL {
                        stalls.lock().unwrap().push((Instant::now(), late));
                    }
                }
            });
        }
        meter
    }

    /// The same, and how long the threads of this process, the sound server, were ready to run and not let: what it hands on
    /// goes through a usual thread of its, which waits when those that measure do not.
    pub fn beside(server: u32) -> Self {
        let meter = Self::start();
        let stalls = Arc::downgrade(&meter.0);
        std::thread::spawn(move || {
            let mut known = waited(server);
            while let Some(stalls) = stalls.upgrade() {
                sleep(Duration::from_millis(2));
                let now = waited(server);
                for (thread, waited) in &now {
                    let late = known.get(thread).map_or(Duration::ZERO, |before| waited.saturating_sub(*before));
                    if late > STALL {
                        stalls.lock().unwrap().push((Instant::now(), late));
                    }
                }
                known = now;
            }
        });
        meter
    }

    pub fn stalls(&self) -> Vec<(Instant, Duration)> {
        self.0.lock().unwrap().clone()
    }

    /// How often a thread was kept waiting for more than 10 ms.
    pub fn over_10_ms(&self) -> usize {
        self.stalls().iter().filter(|(_, late)| *late > Duration::from_millis(10)).count()
    }

    pub fn worst(&self) -> Duration {
        self.stalls().into_iter().map(|(_, late)| late).max().unwrap_or_default()
    }

    /// The longest that a thread was kept waiting about this moment.
    pub fn near(&self, at: Instant) -> Duration {
        let is_near = |stall: Instant| at.max(stall) - at.min(stall) < Duration::from_millis(250);
        let near = self.stalls().into_iter().filter(|(stall, _)| is_near(*stall));
        near.map(|(_, late)| late).max().unwrap_or_default()
    }

    /// Whether a gap heard at this moment is the machine's: it stood still for as long, just then. Of a buffer that is asked
    /// for at once, all may be missing: that much is taken off by the caller.
    pub fn explains(&self, at: Instant, gap: Duration) -> bool {
        self.near(at) + STALL > gap
    }
}

/// How long each thread of a process has waited for a core since it began: the second number of its `schedstat`, in ns.
fn waited(process: u32) -> HashMap<OsString, Duration> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let waited = |thread: std::fs::DirEntry| {
        let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let nanoseconds = told.split(' ').nth(1)?.parse().ok()?;
        Some((thread.file_name(), Duration::from_nanos(nanoseconds)))
    };
    threads.filter_map(waited).collect()
}
