//! The null output: nobody hears it, but time goes on, so that the place is kept while there is no device.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::audio::slot::EngineSource;

/// Sound is asked for this often, 480 frames each time.
const PERIOD: Duration = Duration::from_millis(10);
const SAMPLES: usize = 960;
/// After a longer stop (the machine slept) the lost time is not made up for in a rush.
const STOPPED: Duration = Duration::from_secs(1);

/// Asks for sound in real time, on a thread of its own, until dropped.
pub struct Null {
    over: Arc<AtomicBool>,
}

impl Null {
    /// Begins to ask.
    pub fn start(mut source: EngineSource) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let work = move || {
            let mut due = Instant::now();
            while !is_over.load(Relaxed) {
                source.by_ref().take(SAMPLES).for_each(drop);
                due += PERIOD;
                let now = Instant::now();
                if now.saturating_duration_since(due) > STOPPED {
                    due = now;
                }
                std::thread::sleep(due.saturating_duration_since(now));
            }
        };
        if let Err(refused) = std::thread::Builder::new().name("null output".into()).spawn(work) {
            tracing::error!(%refused, "no thread for the null output");
        }
        Self { over }
    }
}

impl Drop for Null {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
    }
}
