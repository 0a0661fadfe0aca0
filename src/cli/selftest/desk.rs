//! A desk: the panel in a terminal that nobody sees, its keys and everything it writes.

use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::checks::Trouble;
use crate::platform::Pty;

/// Longer than a key must rest to count again.
const CALM: Duration = Duration::from_millis(800);

/// The terminal and the panel in it; both go with it.
pub(super) struct Desk<'b> {
    bench: &'b Bench,
    pub(super) pty: Pty,
    written: Arc<Mutex<Vec<u8>>>,
}

impl<'b> Desk<'b> {
    /// Starts the command in a terminal of 80 by 24.
    pub(super) fn open(bench: &'b Bench, command: Command) -> Result<Self, Trouble> {
        let pty = Pty::open(command, 24, 80)?;
        let written = Arc::new(Mutex::new(Vec::new()));
        let (kept, output) = (Arc::clone(&written), pty.output()?);
        let read = move || output.for_each(|bytes| locked(&kept).extend(bytes));
        std::thread::Builder::new().name("desk".into()).spawn(read)?;
        Ok(Self { bench, pty, written })
    }

    /// How much has been written: a mark for [`Desk::since`].
    pub(super) fn now(&self) -> usize {
        locked(&self.written).len()
    }

    /// What has been written since a mark.
    pub(super) fn since(&self, mark: usize) -> Vec<u8> {
        locked(&self.written)[mark..].to_vec()
    }

    /// Whether a text has been written since a mark. The whole screen is written every ten seconds.
    pub(super) fn shows(&self, mark: usize, text: &str) -> bool {
        locked(&self.written)[mark..].windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// Waits until a text has been written since a mark; how long that took.
    pub(super) fn until(&self, mark: usize, text: &str) -> Result<Duration, Trouble> {
        self.bench.wait(Instant::now(), &format!("the panel shows \"{text}\""), || self.shows(mark, text))
    }

    /// Types these bytes at once.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        Ok(self.pty.send(bytes)?)
    }

    /// Keys one after another, calmly.
    pub(super) fn press(&mut self, keys: &[&str]) -> Result<(), Trouble> {
        for key in keys {
            self.send(key.as_bytes())?;
            self.bench.rest(CALM)?;
        }
        Ok(())
    }

    /// Whether the program in it has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.pty.child().try_wait(), Ok(Some(_)))
    }
}

fn locked(written: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    written.lock().unwrap_or_else(PoisonError::into_inner)
}
