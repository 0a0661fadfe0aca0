//! Signs of life beside each journal, `CODE.alive`: where the session stood when its host was last alive.
//!
//! Written in place and never growing, so that a full disk has nothing to refuse. Two places are written in turn: if a power
//! cut tears one, the other is whole. The journal alone is enough to come back; this only tells it to the second.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::journal::sync_folder;
use super::line::{is_whole, sealed, seconds, span};
use crate::units::{SessionTime, Span};

/// The place of one beat, in bytes.
const PLACE: usize = 64;
/// The whole file.
const SIZE: usize = 2 * PLACE;

/// A sign of life of a session's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// On the session clock.
    pub t: SessionTime,
    /// On the machine's own clock, since its start.
    pub at: Span,
}

/// A beat as it is written.
#[derive(Deserialize)]
struct Written {
    t: f64,
    at: f64,
}

impl Beat {
    /// The last sign of life of the session of this code; `None` if it left none that can be read.
    #[must_use]
    pub fn last(folder: &Path, code: &str) -> Option<Self> {
        let bytes = std::fs::read(path(folder, code)).ok()?;
        bytes.chunks(PLACE).take(2).filter_map(Self::read).max_by_key(|beat| beat.at)
    }

    fn read(place: &[u8]) -> Option<Self> {
        let line = place.split(|byte| *byte == b'\n').next().filter(|line| is_whole(line) == Some(true))?;
        let Written { t, at } = serde_json::from_slice(line).ok()?;
        Some(Self { t: SessionTime::at(span(t)), at: span(at) })
    }

    fn line(self) -> String {
        sealed(&format!("{{\"t\":{},\"at\":{}", seconds(self.t.since_start()), seconds(self.at)))
    }
}

/// `CODE.alive`.
pub(super) fn path(folder: &Path, code: &str) -> PathBuf {
    folder.join(format!("{code}.alive"))
}

/// The file, open to be written in place.
#[derive(Debug)]
pub(super) struct Alive {
    file: File,
    /// Which of the two places the next beat takes.
    second: bool,
}

impl Alive {
    /// Takes its room on the disk, or opens what an earlier host left; for this user only.
    pub(super) fn open(folder: &Path, code: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path(folder, code))?;
        if file.metadata()?.len() != SIZE as u64 {
            file.set_len(0)?;
            file.write_all(&[b'\n'; SIZE])?;
            file.sync_all()?;
            sync_folder(folder)?;
        }
        Ok(Self { file, second: false })
    }

    /// Writes a beat; not synced.
    pub(super) fn beat(&mut self, beat: Beat) -> io::Result<()> {
        let place = if self.second { PLACE } else { 0 };
        self.second = !self.second;
        let mut bytes = beat.line().into_bytes();
        bytes.resize(PLACE, b'\n');
        self.file.seek(SeekFrom::Start(place as u64))?;
        self.file.write_all(&bytes)
    }

    /// Waits until the disk holds it.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
