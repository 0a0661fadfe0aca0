//! The machine's own stumbling: where no thread is let run in time, no program can be.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{available_parallelism, scope, sleep};
use std::time::{Duration, Instant};

/// How long a nap is that should end on time.
const NAP: Duration = Duration::from_millis(1);

/// Does this; beside what it gives, by how much a thread that did nothing but sleep for 1 ms was late at worst meanwhile.
pub(super) fn during<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (over, worst) = (AtomicBool::new(false), AtomicU64::new(0));
    let nap = || {
        while !over.load(Relaxed) {
            let before = Instant::now();
            sleep(NAP);
            let late = before.elapsed().saturating_sub(NAP);
            worst.fetch_max(u64::try_from(late.as_micros()).unwrap_or(u64::MAX), Relaxed);
        }
    };
    let given = scope(|scope| {
        // One for each core: a virtual machine may stall one of them and let another run.
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            scope.spawn(nap);
        }
        let _ended = End(&over);
        work()
    });
    (given, Duration::from_micros(worst.into_inner()))
}

/// Ends the naps, also when what is measured ends in a panic.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
