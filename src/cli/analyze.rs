//! `undertone analyze`: the measured facts of music files, as a table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::failure::{Failure, WRONG, say};
use super::library;
use crate::media::{Facts, Rise};
use crate::units::{Lufs, SafeText, TrackTime};

/// Files with these endings are looked at in a folder; a file named outright is always looked at.
const MUSIC: [&str; 12] = ["flac", "mp3", "m4a", "aac", "mp4", "ogg", "oga", "opus", "wav", "aif", "aiff", "aifc"];

pub(super) fn run(given: &[PathBuf]) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let mut files = Vec::new();
    for path in given {
        gather(path, &mut files, path.is_dir());
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

fn gather(path: &Path, files: &mut Vec<PathBuf>, filter: bool) {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        inside.sort();
        for path in inside {
            // A folder that is a link may lead round in a circle.
            if !(path.is_dir() && path.is_symlink()) {
                gather(&path, files, true);
            }
        }
        return;
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    if !filter || ending.is_some_and(|ending| MUSIC.contains(&ending.as_str())) {
        files.push(path.to_owned());
    }
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
