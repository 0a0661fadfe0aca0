//! What is needed to take a session up again that its journal does not say: beside it, as `CODE.session.json`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RecordError;
use super::journal::{open_new, private_folder, sync_folder};
use super::past::unreadable;
use super::wall::WallTime;
use crate::units::{SafeText, SessionTime, Span};

/// How a session was begun. It names a playlist and choices, never a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The session's code.
    pub code: String,
    /// The program's version.
    pub version: String,
    /// The playlist's file.
    pub playlist: PathBuf,
    /// The choices made for this session.
    pub options: Options,
    /// When the session clock stood at zero, on the wall.
    pub began: WallTime,
    /// The same instant on the machine's own clock, where it has one that survives this process.
    pub boot: Option<BootMark>,
    /// How it was heard when that was last known.
    #[serde(default)]
    pub way: Way,
}

/// The way to the ears, as it was accepted: a host that takes the session up plays it nowhere else, and no louder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Way {
    /// The output that the system had chosen, by its id; `None` where one was chosen by its name.
    pub device: Option<String>,
    /// The volume of each of the sound server's outputs, by its name there, in dB.
    pub volumes: BTreeMap<String, f32>,
}

/// `play`'s options, as they were given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The route's name; `None` takes the playlist's.
    pub route: Option<SafeText>,
    /// The length of the infusion.
    pub infusion: Option<Span>,
    /// Tags and titles left out of every pool.
    pub exclude: Vec<String>,
    /// The seed of every choice.
    pub seed: u64,
    /// The output's name; `None` takes the settings'.
    pub output: Option<SafeText>,
    /// How many times hurried; `None` for a session that is no rehearsal.
    pub speed: Option<u32>,
}

/// An instant since this machine was switched on, suspend included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootMark {
    /// Another one after each start of the machine.
    pub id: String,
    /// Since the machine's start.
    pub at: Span,
}

/// Writes a file in place of an earlier one: aside, synced, renamed, so that there is always a whole one; for this user only.
fn put(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let folder = path.parent().unwrap_or(path);
    let aside = path.with_extension("part");
    let written = || -> io::Result<()> {
        private_folder(folder)?;
        // Left by a process that died here.
        let _ = fs::remove_file(&aside);
        let mut file = open_new(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)?;
        sync_folder(folder)
    };
    written().map_err(|source| RecordError::Create { folder: folder.display().to_string(), source })
}

/// Keeps what the session of this code plays, in whatever form a later host will read.
///
/// # Errors
/// [`RecordError::Create`].
pub fn keep_playlist(folder: &Path, code: &str, bytes: &[u8]) -> Result<(), RecordError> {
    put(&playlist_path(folder, code), bytes)
}

/// What the session of this code plays, as it was when that began.
///
/// # Errors
/// [`RecordError::Read`].
pub fn kept_playlist(folder: &Path, code: &str) -> Result<Vec<u8>, RecordError> {
    let path = playlist_path(folder, code);
    fs::read(&path).map_err(|source| unreadable(&path, source))
}

/// `CODE.playlist.json`.
pub(super) fn playlist_path(folder: &Path, code: &str) -> PathBuf {
    folder.join(format!("{code}.playlist.json"))
}

/// Where the session clock stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed {
    /// The session clock.
    pub now: SessionTime,
    /// The machine was restarted in between, so this comes from the wall clock, which may have been set: ask first.
    pub restarted: bool,
}

impl Manifest {
    /// `CODE.session.json`.
    #[must_use]
    pub fn path(folder: &Path, code: &str) -> PathBuf {
        folder.join(format!("{code}.session.json"))
    }

    /// Writes it, in place of an earlier one of the same code.
    ///
    /// # Errors
    /// [`RecordError::Create`]; [`RecordError::Words`] only for a volume that is no number.
    pub fn write(&self, folder: &Path) -> Result<(), RecordError> {
        put(&Self::path(folder, &self.code), serde_json::to_string_pretty(self)?.as_bytes())
    }

    /// The session is taken up again, at `now`: after another start of the machine it is that one's clock that counts.
    pub fn take_up(&mut self, now: SessionTime, boot: Option<BootMark>) {
        self.boot = boot.map(|boot| BootMark { id: boot.id, at: boot.at - now.since_start() });
    }

    /// Reads the manifest of that code.
    ///
    /// # Errors
    /// [`RecordError::Read`], or [`RecordError::NotAManifest`] when it makes no sense.
    pub fn read(folder: &Path, code: &str) -> Result<Self, RecordError> {
        let path = Self::path(folder, code);
        let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
        let name = || path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        serde_json::from_slice(&bytes).map_err(|_| RecordError::NotAManifest { name: name() })
    }

    /// Where the session goes on whose journal ends at `told`: at the session clock. A rehearsal goes on where its journal
    /// ends, since no clock tells how far its hurried one had come.
    #[must_use]
    pub fn place(&self, told: SessionTime, boot: Option<&BootMark>, wall: WallTime) -> SessionTime {
        if self.options.speed.is_some() { told } else { self.elapsed(boot, wall).now.max(told) }
    }

    /// Where the session clock stands, given both clocks now; never before its start.
    #[must_use]
    pub fn elapsed(&self, boot: Option<&BootMark>, wall: WallTime) -> Elapsed {
        match (&self.boot, boot) {
            (Some(then), Some(now)) if then.id == now.id => {
                Elapsed { now: SessionTime::at((now.at - then.at).or_zero()), restarted: false }
            }
            _ => Elapsed { now: SessionTime::at(wall.since(self.began).or_zero()), restarted: true },
        }
    }
}
