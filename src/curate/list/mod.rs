//! Lists of files as other programs keep them: M3U8 and XSPF, read from anybody and written so that reading them back gives
//! the same list.

mod m3u;
mod xspf;

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::paths::{relative, written};
use crate::playlist::Part;
use crate::units::{SafeText, Span, TrackTime};

/// A list of files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// What it is called.
    pub title: Option<SafeText>,
    /// In order.
    pub entries: Vec<Entry>,
}

/// One file of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Where it is: a path, mostly from the list's folder, with `/`.
    pub file: String,
    /// What it is called.
    pub title: Option<SafeText>,
    /// By whom.
    pub artist: Option<SafeText>,
    /// How long the whole file is.
    pub length: Option<Span>,
    /// Where it belongs, if a playlist was exported.
    pub part: Option<Part>,
    /// Where in the file to begin.
    pub start: Option<TrackTime>,
    /// Where in the file to stop.
    pub end: Option<TrackTime>,
}

/// A format of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A path a line, with comments that mean something.
    M3u,
    /// XML, <https://www.xspf.org>.
    Xspf,
}

/// Why a list cannot be read; the sentence goes on after the list's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The name ends in neither.
    #[error("ends in neither .m3u8, .m3u nor .xspf; give it the ending of what it is")]
    Kind,
    /// Too large.
    #[error("is larger than 4 MiB, and so is no list of music; check that it is the right file")]
    TooLarge,
    /// Not text.
    #[error("is not UTF-8 text; save it again from its program as M3U8 or XSPF")]
    NotUtf8,
    /// The pieces of a stream.
    #[error("is the index of a network stream, not a list of files; sessions play without a network")]
    Stream,
    /// Not XML, or not a list in it.
    #[error("is not an XSPF list ({0}); save it again from its program")]
    Xml(SafeText),
    /// Nothing in it.
    #[error("names no files; save it again from its program")]
    Empty,
    /// Too many.
    #[error("names more than 2,000 files, which no playlist may have; split it")]
    TooMany,
}

/// The largest list, in bytes.
pub const LARGEST: u64 = 4 << 20;
/// The most tracks that a playlist may have (format.md).
const MOST: usize = 2000;

impl Kind {
    /// By a file's ending.
    ///
    /// # Errors
    /// [`ListError::Kind`].
    pub fn of(path: &Path) -> Result<Self, ListError> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("m3u8" | "m3u") => Ok(Self::M3u),
            Some("xspf") => Ok(Self::Xspf),
            _ => Err(ListError::Kind),
        }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`ListError`]; whatever else it holds is passed over.
    pub fn read(self, bytes: &[u8]) -> Result<List, ListError> {
        if bytes.len() as u64 > LARGEST {
            return Err(ListError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ListError::NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let list = match self {
            Self::M3u => m3u::read(text)?,
            Self::Xspf => xspf::read(text)?,
        };
        match list.entries.len() {
            0 => Err(ListError::Empty),
            1..=MOST => Ok(list),
            _ => Err(ListError::TooMany),
        }
    }

    /// Writes a list; and the files that this format cannot name.
    #[must_use]
    pub fn write(self, list: &List) -> (String, Vec<String>) {
        match self {
            Self::M3u => m3u::write(list),
            Self::Xspf => (xspf::write(list), Vec::new()),
        }
    }
}

impl Entry {
    /// The path of its file from a playlist's folder (absolute), when the list lies in another (absolute); or why it has none, as the end
    /// of a sentence.
    pub(super) fn path_from(&self, playlist: &Path, list: &Path) -> Result<String, &'static str> {
        let file = self.local()?;
        if playlist == list && file.is_relative() {
            // As it was written, so that nothing changes that need not.
            return written(&file).ok_or("is not UTF-8");
        }
        let way = relative(playlist, &tidied(&list.join(file))).ok_or("lies on another drive")?;
        written(&way).ok_or("is not UTF-8")
    }

    /// Its file on this machine, as far as the list tells.
    pub(super) fn local(&self) -> Result<PathBuf, &'static str> {
        let Some((scheme, rest)) = self.file.split_once("://") else { return Ok(PathBuf::from(&self.file)) };
        if !scheme.eq_ignore_ascii_case("file") {
            return Err("is an address on a network; sessions play without one");
        }
        let path = rest.strip_prefix("localhost").unwrap_or(rest);
        match percent_decode_str(path).decode_utf8() {
            Ok(path) => Ok(PathBuf::from(path.into_owned())),
            Err(_) => Err("is not UTF-8"),
        }
    }
}

/// Without `.` and, as far as there is something before it, without `..`.
fn tidied(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if tidy.file_name().is_some() => drop(tidy.pop()),
            other => tidy.push(other),
        }
    }
    tidy
}

#[cfg(test)]
mod tests;
