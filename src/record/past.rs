//! The sessions that were: finding, listing and removing them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::RecordError;
use super::alive;
use super::code::is_code;
use super::manifest::{Manifest, playlist_path};
use super::story::read;
use super::wall::WallTime;
use crate::session::Event;
use crate::units::{SafeText, SessionTime, Span};

/// One session of the past, or the one that is running.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Its code.
    pub code: String,
    /// When it was begun; `None` if its manifest is lost.
    pub began: Option<WallTime>,
    /// The playlist's title; `None` if it was never started.
    pub title: Option<SafeText>,
    /// How many times it was hurried; `None` if it was no rehearsal.
    pub rehearsal: Option<u32>,
    /// When its last record was made.
    pub lasted: SessionTime,
    /// Whether it came to its end; otherwise it is running, or was broken off.
    pub ended: bool,
    /// When its journal was last written to, by the file system.
    written: Option<WallTime>,
}

impl Past {
    /// How long ago it was begun; where its manifest is lost, how long ago its journal was last written to. Negative if the
    /// clock was set back meanwhile.
    #[must_use]
    pub fn age(&self, now: WallTime) -> Option<Span> {
        self.began.or(self.written).map(|then| now.since(then))
    }
}

/// The journal of a session: `CODE.jsonl`.
#[must_use]
pub fn journal_path(folder: &Path, code: &str) -> PathBuf {
    folder.join(format!("{code}.jsonl"))
}

/// Where a journal goes on when the disk failed it: `CODE.2.jsonl` and so on.
pub(super) fn part_path(journal: &Path, part: u32) -> PathBuf {
    let stem = journal.file_stem().unwrap_or_default().to_string_lossy();
    let first = match stem.rsplit_once('.') {
        Some((first, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => first,
        _ => &stem,
    };
    journal.with_file_name(format!("{first}.{part}.jsonl"))
}

/// Where a journal keeps room for its last words: `CODE.reserve`.
pub(super) fn reserve_path(journal: &Path) -> PathBuf {
    part_path(journal, 1).with_extension("").with_extension("reserve")
}

/// Every file of a session's journal, oldest first.
pub(super) fn parts(folder: &Path, code: &str) -> Vec<PathBuf> {
    let first = journal_path(folder, code);
    std::iter::once(first.clone()).filter(|path| path.exists()).chain(later_parts(&first)).collect()
}

/// The files in which a journal goes on, oldest first.
pub(super) fn later_parts(journal: &Path) -> impl Iterator<Item = PathBuf> + use<'_> {
    (2..100).map(|part| part_path(journal, part)).take_while(|path| path.exists())
}

/// All sessions in this folder, the latest first. What cannot be read is listed with what is known of it.
///
/// # Errors
/// [`RecordError::Read`] when the folder cannot be read; a folder that is not there holds no sessions.
pub fn sessions(folder: &Path) -> Result<Vec<Past>, RecordError> {
    let mut past: Vec<Past> = codes(folder)?.into_iter().map(|code| look(folder, code)).collect();
    past.sort_by(|one, other| other.began.cmp(&one.began).then_with(|| one.code.cmp(&other.code)));
    Ok(past)
}

/// Removes every file of a session, its manifest last: half a removal is still listed.
///
/// # Errors
/// [`RecordError::Read`] when a file is there and cannot be removed.
pub fn purge(folder: &Path, code: &str) -> Result<(), RecordError> {
    let manifest = Manifest::path(folder, code);
    let (reserve, playlist) = (reserve_path(&journal_path(folder, code)), playlist_path(folder, code));
    // What a process that died while it wrote them has left.
    let aside = [&playlist, &manifest].map(|path| path.with_extension("part"));
    let files = parts(folder, code)
        .into_iter()
        .rev()
        .chain(aside)
        .chain([reserve, alive::path(folder, code), playlist, manifest])
        .filter(|path| path.exists());
    for path in files.filter(|_| is_code(code)) {
        fs::remove_file(&path).map_err(|source| unreadable(&path, source))?;
    }
    Ok(())
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> RecordError {
    RecordError::Read { name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(), source }
}

fn codes(folder: &Path) -> Result<Vec<String>, RecordError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(unreadable(folder, source)),
    };
    let code =
        |name: &str| name.strip_suffix(".jsonl").or_else(|| name.strip_suffix(".session.json")).map(str::to_owned);
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut codes: Vec<String> = names.filter_map(|name| code(&name)).filter(|code| is_code(code)).collect();
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

fn look(folder: &Path, code: String) -> Past {
    let manifest = Manifest::read(folder, &code).ok();
    let began = manifest.as_ref().map(|manifest| manifest.began);
    let rehearsal = manifest.and_then(|manifest| manifest.options.speed);
    let records = read(&journal_path(folder, &code)).map(|story| story.records).unwrap_or_default();
    let title = records.iter().find_map(|record| match &record.event {
        Event::Started { title, .. } => Some(title.clone()),
        _ => None,
    });
    let end = records.iter().find(|record| matches!(record.event, Event::Ended { .. }));
    let lasted = end.or(records.last()).map_or(SessionTime::ZERO, |record| record.t);
    let modified = fs::metadata(journal_path(folder, &code)).and_then(|metadata| metadata.modified());
    let written = modified.ok().and_then(WallTime::of);
    Past { code, began, title, rehearsal, lasted, ended: end.is_some(), written }
}
