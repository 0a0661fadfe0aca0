//! The journal's reading side: tolerant of everything that can happen to a file, and plain about what was left out.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::iter;
use std::path::Path;

use super::RecordError;
use super::line::{Line, Record, is_whole};
use super::past::{later_parts, unreadable};
use crate::session::{Event, Input};
use crate::units::SessionTime;

/// A journal, read back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// Ascending by number, each number once.
    pub records: Vec<Record>,
    /// What stood in the file and is not among them.
    pub left_out: LeftOut,
}

/// Lines that could not be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The last line was torn in the writing; it was never acknowledged.
    pub torn: bool,
    /// Altered lines in the midst.
    pub damaged: usize,
    /// Records missing between others, by their numbers, beyond those lines.
    pub missing: u64,
    /// Whole lines of a kind this version does not know.
    pub unknown: usize,
    /// Records that were there already.
    pub repeated: usize,
    /// Files of the journal, the newest, that the disk cannot read any more.
    pub files: usize,
}

/// Reads a journal and whatever continues it beside it (`CODE.2.jsonl`).
///
/// A damaged line is left out and reading goes on: what a later line says did happen, and the mute after a damaged line
/// matters more than the line. A record that two files hold is taken from the first; since each repeats what went before it,
/// one that cannot be read costs nothing but what only it holds.
///
/// # Errors
/// [`RecordError::Read`] when none of them can be read at all; a damaged one can.
pub fn read(path: &Path) -> Result<Story, RecordError> {
    let (mut parts, mut lost, mut why) = (Vec::new(), 0, None);
    for part in iter::once(path.to_owned()).chain(later_parts(path)) {
        match fs::read(&part) {
            Ok(bytes) => {
                parts.push(bytes);
                lost = 0;
            }
            Err(source) => {
                lost += 1;
                why.get_or_insert(unreadable(&part, source));
            }
        }
    }
    if let (true, Some(why)) = (parts.is_empty(), why) {
        return Err(why);
    }
    let mut story = Story::of(parts.iter().map(Vec::as_slice));
    story.left_out.files = lost;
    Ok(story)
}

impl Story {
    /// Reads the bytes of a journal, in one part.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of(iter::once(bytes))
    }

    fn of<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut left_out = LeftOut::default();
        let mut records: BTreeMap<u64, Record> = BTreeMap::new();
        for (index, part) in parts.enumerate() {
            // A later part repeats what went before it, which makes that part's own damage history.
            let mut here = LeftOut::default();
            for record in records_of(part, &mut here) {
                let repeated = records.contains_key(&record.seq);
                here.repeated += usize::from(repeated && index == 0);
                records.entry(record.seq).or_insert(record);
            }
            left_out = here;
        }
        let records: Vec<Record> = records.into_values().collect();
        let numbers =
            records.first().zip(records.last()).map_or(0, |(first, last)| (last.seq - first.seq).saturating_add(1));
        let told = records.len() + left_out.damaged + left_out.unknown;
        left_out.missing = numbers.saturating_sub(told as u64);
        Self { records, left_out }
    }

    /// What the core is given again, at its instants, to come back to the same place. A tick at the last record ends it:
    /// what came by time alone up to there stands in the journal too, and must not be told again.
    pub fn inputs(&self) -> impl Iterator<Item = (SessionTime, Input)> {
        let told = self.records.iter().filter_map(|record| record.event.input().map(|input| (record.t, input)));
        told.chain([(self.until(), Input::Tick)])
    }

    /// Whether the session came to its end.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.records.iter().any(|record| matches!(record.event, Event::Ended { .. }))
    }

    /// The instant of the last record.
    #[must_use]
    pub fn until(&self) -> SessionTime {
        self.records.iter().map(|record| record.t).max().unwrap_or_default()
    }
}

/// The records of one file, in the order of the file.
fn records_of(bytes: &[u8], left_out: &mut LeftOut) -> Vec<Record> {
    let mut records = Vec::new();
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let sealed = lines.iter().any(|line| is_whole(line) == Some(true));
    for (place, line) in lines.iter().enumerate() {
        let last = place + 1 == lines.len();
        match Line::read(line) {
            _ if line.is_empty() => {}
            // Among lines with a checksum, one without has lost it.
            Line::Record { checked, record } if checked || !sealed => records.push(record),
            Line::Unknown => left_out.unknown += 1,
            _ if last => left_out.torn = true,
            _ => left_out.damaged += 1,
        }
    }
    records
}

impl LeftOut {
    /// Whether everything was used.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A sentence for the screen; empty when nothing was left out.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: u64, what: &str| (count > 0).then(|| format!("{count} {what}"));
        let parts: Vec<String> = [
            self.torn.then(|| "the last line, torn in the writing".to_owned()),
            count(self.damaged as u64, "damaged"),
            count(self.missing, "missing"),
            count(self.unknown as u64, "from another version"),
            count(self.repeated as u64, "repeated"),
            count(self.files as u64, "of its files, which the disk cannot read"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { Ok(()) } else { write!(f, "left out of the journal: {}", parts.join(", ")) }
    }
}
