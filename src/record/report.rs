//! The report: what a session was, in words and relative times, for a colleague to read.

use super::story::Story;

/// The report as plain text.
#[must_use]
pub fn report_text(story: &Story) -> String {
    Report::of(story).text()
}

/// What a journal amounts to.
pub struct Report;
/// A piece that was heard.
pub struct Heard;
/// One line of the course.
pub struct ReportLine;

impl Report {
    /// Sums a journal up.
    #[must_use]
    pub fn of(_story: &Story) -> Self {
        Self
    }

    /// For reading.
    #[must_use]
    pub fn text(&self) -> String {
        String::new()
    }
}
