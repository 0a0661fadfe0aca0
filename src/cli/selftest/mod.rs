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
mod stumbles;
mod table;

use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::Args;

use super::args::Format;
use super::failure::{Failure, WRONG};
use bench::Bench;
use checks::{Done, Trouble};
use matrix::{How, MATRIX, Row};
use table::{Line, Outcome};

/// A machine that lets a thread wait for so long tears holes into sound and recording alike: two buffers of the sound server.
const STILL: Duration = Duration::from_millis(20);

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
    let (outcome, measured) = match row.how {
        How::Elsewhere(test) => (Outcome::Elsewhere, test.to_owned()),
        How::NotHere { needs, instead } => (Outcome::NotRun, format!("needs {needs}; in its place: {instead}")),
        How::Here(run) => fairly(|| stumbles::during(|| judge(run(bench)))),
    };
    Line { row, outcome, measured }
}

/// The result of a row; of a second try, which says so, where it failed while the machine itself stood still.
fn fairly(mut run: impl FnMut() -> ((Outcome, String), Duration)) -> (Outcome, String) {
    match run() {
        ((Outcome::Failed, measured), stood) if stood >= STILL => {
            let ((outcome, again), _) = run();
            let stood = stood.as_millis();
            (outcome, format!("{again} (second try; in the first the machine stood still for {stood} ms: {measured})"))
        }
        (judged, _) => judged,
    }
}

fn judge(done: Done) -> (Outcome, String) {
    match done {
        Ok(checks) => (if checks.passed() { Outcome::Passed } else { Outcome::Failed }, checks.measured()),
        Err(Trouble::NotHere(needs)) => (Outcome::NotRun, needs),
        Err(Trouble::Failed(what)) => (Outcome::Failed, what),
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
    fn a_row_that_fails_is_tried_again_only_if_the_machine_stood_still() {
        let tried = |failures: usize, stood: u64| {
            let mut tries = 0;
            let (outcome, measured) = fairly(|| {
                tries += 1;
                let outcome = if tries <= failures { Outcome::Failed } else { Outcome::Passed };
                ((outcome, format!("try {tries}")), Duration::from_millis(stood))
            });
            (outcome.word(), measured)
        };
        assert_eq!(tried(0, 50), ("pass", "try 1".to_owned()));
        assert_eq!(tried(1, 19), ("FAIL", "try 1".to_owned()));
        let told = "try 2 (second try; in the first the machine stood still for 50 ms: try 1)";
        assert_eq!(tried(1, 50), ("pass", told.to_owned()));
        assert_eq!(tried(2, 50), ("FAIL", told.to_owned()));
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
