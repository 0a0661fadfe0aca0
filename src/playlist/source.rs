//! The text of one file, with its name, and where its lines are.

use super::diagnostic::Place;
use crate::units::SafeText;

/// A file's text.
#[derive(Debug, PartialEq)]
pub(super) struct Source {
    pub name: SafeText,
    pub text: String,
}

impl Source {
    /// The place of these bytes.
    pub fn place(&self, span: std::ops::Range<usize>) -> Place {
        let start = span.start.min(self.text.len());
        let before = &self.text.as_bytes()[..start];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        // A lead byte starts a character; counting them needs no valid boundary.
        let column = before[line_start..].iter().filter(|byte| (**byte & 0xC0) != 0x80).count() + 1;
        Place { file: self.name.clone(), line, column, span }
    }
}
