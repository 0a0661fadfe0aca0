//! Finds the files of a playlist again after they were moved, and marks them by checksum; changes nothing else in its text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::quote::quote;
use crate::playlist::{Named, NamedFile, NamedTrack};
use crate::units::{SafeText, Span};

/// A file that could be one of those looked for.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its real path.
    pub path: PathBuf,
    /// As the playlist would write it.
    pub written: String,
    /// What it holds, by BLAKE3, where that was looked at.
    pub content: Option<String>,
    /// How long it plays, where that was looked at.
    pub length: Option<Span>,
}

/// How a file was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By the checksum in the playlist.
    Checksum,
    /// By what was remembered of the file before it was moved.
    Remembered,
    /// By its name only, and that it is long enough: a guess.
    Name,
}

/// A file found again.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Which of [`Named::files`].
    pub index: usize,
    /// Its new path, as the playlist writes it.
    pub to: String,
    /// How it was recognised.
    pub proof: Proof,
}

/// A change of a text: these bytes give way to that.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The bytes.
    pub at: Range<usize>,
    /// What comes in their place.
    pub text: String,
}

/// Looks for the files of a playlist that are not where it says. `remembered` tells what a path held when it was last looked at.
#[must_use]
pub fn relink(named: &Named, seen: &[Seen], remembered: &dyn Fn(&Path) -> Option<String>) -> Vec<Link> {
    let mut by_content: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for file in seen {
        if let Some(content) = &file.content {
            by_content.entry(content).or_default().push(file);
        }
    }
    let lost = named.files.iter().enumerate().filter(|(_, file)| file.found.is_err());
    lost.filter_map(|(index, file)| {
        let (best, proof) = match file.content(remembered) {
            Some((content, proof)) => (nearest(by_content.get(content.as_str())?, file), proof),
            None => (guess(seen, file), Proof::Name),
        };
        Some(Link { index, to: best?.written.clone(), proof })
    })
    .collect()
}

impl NamedFile {
    /// What the file held: by its checksum, or by what is remembered of where it was.
    fn content(&self, remembered: &dyn Fn(&Path) -> Option<String>) -> Option<(String, Proof)> {
        let checksum = self.track.as_ref().and_then(|track| track.checksum.as_deref());
        match checksum.and_then(|checksum| checksum.strip_prefix("blake3:")) {
            Some(hash) => Some((hash.to_ascii_lowercase(), Proof::Checksum)),
            None => self.expected.iter().find_map(|path| remembered(path)).map(|content| (content, Proof::Remembered)),
        }
    }

    /// Whether a path ends in the same name, whatever the case and the form of its letters.
    #[must_use]
    pub fn is_called_as(&self, path: &str) -> bool {
        let name = |path: &str| SafeText::new(path.rsplit('/').next().unwrap_or(path)).as_str().to_lowercase();
        name(path) == name(&self.written)
    }
}

/// Of several alike the one with the same name, then the first.
fn nearest<'a>(alike: &[&'a Seen], file: &NamedFile) -> Option<&'a Seen> {
    alike.iter().find(|seen| file.is_called_as(&seen.written)).or(alike.first()).copied()
}

/// The only one of that name which is long enough for what the playlist says of it.
fn guess<'a>(seen: &'a [Seen], file: &NamedFile) -> Option<&'a Seen> {
    let needed = file.track.as_ref().map_or(Span::ZERO, |track| track.reaches.since_start());
    let fits = |seen: &&Seen| file.is_called_as(&seen.written) && seen.length.is_some_and(|length| length >= needed);
    let mut fitting = seen.iter().filter(fits);
    let first = fitting.next()?;
    // Copies of one file are no doubt.
    fitting.all(|other| first.content.is_some() && other.content == first.content).then_some(first)
}

impl Named {
    /// The change that lets a file be at another path.
    #[must_use]
    pub fn with_path(&self, index: usize, path: &str) -> Change {
        Change { at: self.files[index].at.clone(), text: quote(path) }
    }

    /// The change that gives a track without checksum the one of this content; `None` for what has one or cannot have one.
    #[must_use]
    pub fn with_checksum(&self, index: usize, content: &str) -> Option<Change> {
        let NamedFile { at, track, .. } = &self.files[index];
        let NamedTrack { inline, checksum: None, .. } = track.as_ref()? else { return None };
        let entry = format!("checksum = \"blake3:{content}\"");
        if *inline {
            return Some(Change { at: at.end..at.end, text: format!(", {entry}") });
        }
        // A line of its own below, as the file's line is: after a comment that belongs to that.
        let begin = self.text[..at.start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &self.text[begin..];
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let end = self.text[at.end..].find('\n').map_or(self.text.len(), |newline| at.end + newline);
        let (end, newline) = if self.text[..end].ends_with('\r') { (end - 1, "\r\n") } else { (end, "\n") };
        Some(Change { at: end..end, text: format!("{newline}{indent}{entry}") })
    }
}

/// A text with some changes, none of which overlap.
#[must_use]
pub fn edited(text: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|change| change.at.start);
    let (mut edited, mut copied) = (String::with_capacity(text.len()), 0);
    for Change { at, text: new } in changes {
        edited.push_str(&text[copied..at.start]);
        edited.push_str(&new);
        copied = at.end;
    }
    edited + &text[copied..]
}

#[cfg(test)]
#[path = "tests/relink.rs"]
mod tests;
