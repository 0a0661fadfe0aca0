//! What this process holds: memory and open files, looked at as virtual time passes.

use undertone::units::{SessionTime, Span};

/// How often it is looked at, on the session clock.
const EVERY: Span = Span::from_mins(1);
/// What may be added from the second quarter to the last, in bytes: the journal, which a simulation keeps in memory.
const GROWTH: u64 = 1 << 20;
/// Files may be opened ahead of a joint.
const FILES: usize = 3;

/// What was seen.
pub struct Watch {
    last: Option<SessionTime>,
    memory: Vec<u64>,
    files: Vec<usize>,
}

impl Watch {
    pub fn start() -> Self {
        Self { last: None, memory: Vec::new(), files: Vec::new() }
    }

    /// Looks, if it is time.
    pub fn look(&mut self, now: SessionTime) {
        if self.last.is_some_and(|last| now > last && now - last < EVERY) {
            return;
        }
        self.last = Some(now);
        self.memory.extend(memory());
        self.files.extend(files());
    }

    /// Neither grows once everything is warm.
    pub fn judge(&self, what: &str) {
        if self.memory.is_empty() {
            // This system does not tell.
            return;
        }
        let quarter = self.memory.len() / 4;
        let most = |part: &[u64]| part.iter().copied().max().unwrap_or(0);
        let (early, late) = (most(&self.memory[quarter..2 * quarter]), most(&self.memory[3 * quarter..]));
        let files = &self.files[quarter..];
        let (fewest, most) = (files.iter().min().unwrap(), files.iter().max().unwrap());
        let kb = |bytes: u64| bytes / 1024;
        eprintln!("{what}: {} kB, later {} kB; {fewest} to {most} open files", kb(early), kb(late));
        let hours: Vec<u64> = self.memory.iter().step_by(60).map(|bytes| kb(*bytes)).collect();
        eprintln!("each hour, in kB: {hours:?}");
        assert!(late < early + GROWTH, "{what}: memory grew from {early} to {late} bytes");
        assert!(most - fewest <= FILES, "{what}: {fewest} to {most} open files");
    }
}

/// Resident memory in bytes.
fn memory() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

fn files() -> Option<usize> {
    std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count)
}
