//! `undertone selftest --faults`: the fault matrix on this machine, with the program itself, a sound server of its own and
//! sinks that nobody hears.

mod bench;
mod checks;
mod desk;
mod ear;
mod hostile;
mod matrix;
mod meter;
mod rig;
mod rows;
mod server;
mod stage;
mod table;

use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Instant;

use clap::Args;

use super::args::Format;
use super::failure::{Failure, WRONG};
use bench::Bench;
use checks::Trouble;
use matrix::{How, MATRIX, Row};
use table::{Line, Outcome};

#[derive(Args)]
pub(super) struct SelftestArgs {
    /// Break everything that may break in a session, and measure what happens
    #[arg(long, required = true)]
    faults: bool,
    /// Only these rows, such as 1-8,13
    #[arg(long, value_name = "ROWS")]
    rows: Option<Rows>,
    /// How to tell the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Rows of the matrix, as they are written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rows(Vec<RangeInclusive<u8>>);

impl FromStr for Rows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |word: &str| {
            let row = word.trim().parse().ok().filter(|row| MATRIX.iter().any(|listed| listed.number == *row));
            row.ok_or_else(|| format!("\"{word}\" is no row: they go from 1 to {}", MATRIX.len()))
        };
        let range = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            Ok(number(from)?..=number(to)?)
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Self)
    }
}

pub(super) fn run(arguments: &SelftestArgs) -> Result<ExitCode, Failure> {
    let chosen =
        |row: &&Row| arguments.rows.as_ref().is_none_or(|rows| rows.0.iter().any(|range| range.contains(&row.number)));
    let rows: Vec<&Row> = MATRIX.iter().filter(chosen).collect();
    let bench = Bench::set_up()?;
    let mut lines = Vec::new();
    for row in &rows {
        let line = tell_progress(row, || measure(row, &bench));
        if bench.is_stopped() {
            return Err(Failure::could_not("stopped; what was started for it is gone again"));
        }
        lines.push(line);
    }
    table::print(&lines, arguments.format)?;
    let count = |is: fn(&Outcome) -> bool| lines.iter().filter(|line| is(&line.outcome)).count();
    match (count(|outcome| matches!(outcome, Outcome::Failed)), count(|outcome| matches!(outcome, Outcome::Passed))) {
        (0, 0) => Err(Failure::could_not("no row could be run here; the table says what each needs")),
        (0, _) => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::from(WRONG)),
    }
}

/// One row, measured here or told where it is.
fn measure(row: &'static Row, bench: &Bench) -> Line {
    let told = |outcome, measured: String| Line { row, outcome, measured };
    match row.how {
        How::Elsewhere(test) => told(Outcome::Elsewhere, test.to_owned()),
        How::NotHere { needs, instead } => told(Outcome::NotRun, format!("needs {needs}; in its place: {instead}")),
        How::Here(run) => match run(bench) {
            Ok(checks) => told(if checks.passed() { Outcome::Passed } else { Outcome::Failed }, checks.measured()),
            Err(Trouble::NotHere(needs)) => told(Outcome::NotRun, needs),
            Err(Trouble::Failed(what)) => told(Outcome::Failed, what),
        },
    }
}

/// Tells on stderr what is being done, since it takes minutes.
fn tell_progress(row: &Row, measure: impl FnOnce() -> Line) -> Line {
    let since = Instant::now();
    let line = measure();
    let secs = since.elapsed().as_secs_f64();
    eprintln!("{:>3} {:<10} {:>5.1} s  {}: {}", row.number, line.outcome.word(), secs, row.fault, line.measured);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_has_every_row_once_and_in_order() {
        let numbers: Vec<u8> = MATRIX.iter().map(|row| row.number).collect();
        assert_eq!(numbers, (1..=54).collect::<Vec<u8>>());
    }

    #[test]
    fn the_published_table_has_every_row() {
        let published =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/faults.md")).expect("it is there");
        let rows: Vec<&str> = published.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(rows.len(), MATRIX.len());
        for (row, line) in MATRIX.iter().zip(rows) {
            let begins = format!("| {} | {} | {} | ", row.number, row.fault, row.required);
            assert!(line.starts_with(&begins), "{line}\nshould begin\n{begins}");
        }
    }

    #[test]
    fn rows_are_chosen_by_numbers_and_ranges() {
        assert_eq!("1-8,13".parse(), Ok(Rows(vec![1..=8, 13..=13])));
        for nonsense in ["", "0", "55", "x", "3-", "1;2"] {
            assert!(nonsense.parse::<Rows>().is_err(), "{nonsense}");
        }
    }
}
