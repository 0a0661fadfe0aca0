//! `undertone analyze`: the measured facts of music files, as a table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::failure::{Failure, WRONG, say};
use super::library;
use crate::media::{Facts, Rise};
use crate::units::{Lufs, SafeText, TrackTime};

pub(super) fn run(given: &[PathBuf]) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let mut files = Vec::new();
    for path in given {
        // A file named outright is always looked at.
        if path.is_dir() { files.extend(library::music_in(path)) } else { files.push(path.clone()) }
    }
    if files.is_empty() {
        return Err(Failure::could_not("no music files were found there; name files or folders that hold some"));
    }
    let found = library::examine(&paths, &files);
    say!(
        "{:>8}  {:>11}  {:>8}  {:>11}  {:>10}  {:>7}  {:>7}  file",
        "length",
        "loudness",
        "range",
        "loudest 3 s",
        "true peak",
        "lead-in",
        "tail"
    )?;
    let mut wrong = false;
    for file in &files {
        match found.get(file) {
            Some(Ok(facts)) => {
                say!("{}  {}", row(facts), name(file))?;
                for Rise { at, by_lu } in &facts.rises {
                    say!("{:>8}  leaps by {by_lu:.0} LU at {at}, after a quiet minute", "")?;
                }
            }
            Some(Err(error)) => {
                wrong = true;
                say!("{error}")?;
            }
            None => {}
        }
    }
    Ok(if wrong { ExitCode::from(WRONG) } else { ExitCode::SUCCESS })
}

fn name(file: &Path) -> SafeText {
    SafeText::new(&file.to_string_lossy())
}

fn row(facts: &Facts) -> String {
    let told = |loudness: Option<Lufs>, none: &str| loudness.map_or_else(|| none.to_owned(), |told| told.to_string());
    format!(
        "{:>8}  {:>11}  {:>8}  {:>11}  {:>10}  {:>7}  {:>7}",
        TrackTime::at(facts.length).to_string(),
        told(facts.loudness, "silent"),
        format!("{:.1} LU", facts.range_lu),
        told(facts.short_term_max, "-"),
        facts.true_peak.to_string(),
        format!("{:.1} s", facts.lead_in.secs_f64()),
        format!("{:.1} s", facts.tail.secs_f64()),
    )
}
