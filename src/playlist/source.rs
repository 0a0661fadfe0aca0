//! The text of one file, with its name, and where its lines are. Opening it safely.

use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use super::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::units::SafeText;

/// The largest playlist, in bytes (format.md).
const LARGEST: u64 = 1 << 20;

/// A file's text.
#[derive(Debug, PartialEq)]
pub(super) struct Source {
    pub name: SafeText,
    pub text: String,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

impl Source {
    /// A text under a name.
    pub fn new(name: SafeText, text: String) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        Self { name, text, lines }
    }

    /// Reads a file that must be a regular one, in UTF-8, and no larger than a playlist may be.
    pub fn open(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let name = SafeText::new(&path.to_string_lossy());
        let unreadable = |error: std::io::Error| {
            let message = format!("{name} cannot be read: {error}");
            wrong(Code::Unreadable, message, "check the path, and that you may read the file")
        };
        // Before opening: opening a FIFO would wait for ever.
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            let message = format!("{name} is not a regular file");
            return Err(wrong(Code::NotAFile, message, "give the path of a playlist, a file ending in .toml"));
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
        Self::checked(path, bytes)
    }

    /// What a file holds, or would hold.
    pub fn checked(path: &Path, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let name = SafeText::new(&path.to_string_lossy());
        if bytes.len() as u64 > LARGEST {
            let message = format!("{name} is larger than 1 MiB");
            return Err(wrong(Code::TooLarge, message, "a playlist is short text; check that this is one"));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("{name} is not UTF-8 text: the first wrong byte is byte {valid}, in line {line}");
            wrong(Code::NotUtf8, message, "save it again as UTF-8")
        })?;
        Ok(Self::new(name, text))
    }

    /// The line that holds a byte, counted from 0, and where it begins.
    pub fn line_of(&self, byte: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= byte).saturating_sub(1);
        (line, self.lines[line])
    }

    /// A line's text, counted from 0, without its end.
    pub fn line(&self, line: usize) -> &str {
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        self.text[self.lines[line]..end].trim_end_matches(['\n', '\r'])
    }

    /// The place of these bytes.
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = span.start.min(self.text.len());
        let (line, line_start) = self.line_of(start);
        let column = self.text.get(line_start..start).map_or(0, |before| before.chars().count());
        Place { file: self.name.clone(), line: line + 1, column: column + 1, span: start..span.end.max(start) }
    }
}

fn wrong(code: Code, message: String, advice: &str) -> Box<Diagnostic> {
    let (severity, advice) = (Severity::Error, advice.to_owned());
    Box::new(Diagnostic { code, severity, message, place: None, advice, nearest: None, source: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = Source::new("t.toml".into(), "title = \"Für\"\nx = 1\n".to_owned());
        let line_column = |byte| {
            let place = source.place(byte..byte + 1);
            (place.line, place.column)
        };
        assert_eq!(line_column(0), (1, 1));
        assert_eq!(line_column(12), (1, 12), "after the two bytes of ü");
        assert_eq!(line_column(15), (2, 1));
        assert_eq!(line_column(999), (3, 1), "past the end");
        assert_eq!(source.line(1), "x = 1");
    }

    #[test]
    fn what_is_not_a_playlist_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| Source::open(path).unwrap_err().code;
        assert_eq!(code(folder.path()), Code::NotAFile);
        assert_eq!(code(&folder.path().join("none.toml")), Code::Unreadable);
        let large = folder.path().join("large.toml");
        fs::write(&large, " ".repeat((1 << 20) + 1)).unwrap();
        assert_eq!(code(&large), Code::TooLarge);
        let latin = folder.path().join("latin.toml");
        fs::write(&latin, b"a = 1\nb = \"F\xFCr\"").unwrap();
        let found = Source::open(&latin).unwrap_err();
        assert_eq!(found.code, Code::NotUtf8);
        assert!(found.message.ends_with("the first wrong byte is byte 12, in line 2"), "{}", found.message);
    }
}
