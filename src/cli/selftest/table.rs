//! The table at the end: fault, required, measured, and whether that is well.

use std::io::{self, Write};

use super::matrix::Row;
use crate::cli::args::Format;
use crate::cli::failure::{Failure, print as print_out};

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// This machine cannot break that.
    NotRun,
    /// Another test measures it.
    Elsewhere,
}

impl Outcome {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed => "FAIL",
            Self::NotRun => "not run",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// A row and what came of it.
pub(super) struct Line {
    pub(super) row: &'static Row,
    pub(super) outcome: Outcome,
    /// The measurements; or where else it is measured, or what is missing here.
    pub(super) measured: String,
}

/// Columns of the text table and their widths.
const COLUMNS: [(&str, usize); 5] = [("", 3), ("fault", 26), ("required", 32), ("measured", 46), ("result", 9)];

pub(super) fn print(lines: &[Line], format: Format) -> Result<(), Failure> {
    print_out(|out| match format {
        Format::Text => text(out, lines),
        Format::Json => json(out, lines),
    })
}

fn text(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    row(out, &COLUMNS.map(|(name, _)| name.to_owned()))?;
    for line in lines {
        let number = format!("{:>2}", line.row.number);
        let [fault, required] = [line.row.fault, line.row.required].map(str::to_owned);
        row(out, &[number, fault, required, line.measured.clone(), line.outcome.word().to_owned()])?;
    }
    let count = |outcome: Outcome| lines.iter().filter(|line| line.outcome == outcome).count();
    let [passed, failed] = [Outcome::Passed, Outcome::Failed].map(count);
    let [not_run, elsewhere] = [Outcome::NotRun, Outcome::Elsewhere].map(count);
    writeln!(out, "{passed} passed, {failed} failed, {elsewhere} measured by other tests, {not_run} not run here")
}

/// One row of cells, each broken into lines of its column's width.
fn row(out: &mut dyn Write, cells: &[String; 5]) -> io::Result<()> {
    let mut columns: Vec<_> =
        cells.iter().zip(COLUMNS).map(|(cell, (_, width))| wrapped(cell, width).into_iter()).collect();
    loop {
        let parts: Vec<Option<String>> = columns.iter_mut().map(Iterator::next).collect();
        if parts.iter().all(Option::is_none) {
            return writeln!(out);
        }
        let mut line = String::new();
        for (part, (_, width)) in parts.into_iter().zip(COLUMNS) {
            line += &format!("{:<width$}  ", part.unwrap_or_default());
        }
        writeln!(out, "{}", line.trim_end())?;
    }
}

/// Lines of at most this width, broken between words; a longer word stays whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn json(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    let row = |line: &Line| {
        serde_json::json!({
            "row": line.row.number,
            "fault": line.row.fault,
            "required": line.row.required,
            "measured": line.measured,
            "result": line.outcome.word().to_lowercase(),
        })
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_broken_between_words() {
        assert_eq!(wrapped("at most 1.5 s after the fault", 12), ["at most 1.5", "s after the", "fault"]);
        assert_eq!(wrapped("", 12), Vec::<String>::new());
        assert_eq!(wrapped("incomprehensibilities", 4), ["incomprehensibilities"]);
    }
}
