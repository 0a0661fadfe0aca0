//! `undertone sessions`: what was recorded, without identity.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::failure::{Failure, print, say};
use super::library;
use crate::platform::{HostLock, Paths};
use crate::record::{self, Past, Report, WallTime};
use crate::session::Transport;
use crate::units::{SafeText, Span};
use crate::wire::{Client, Request, Update};

#[derive(Subcommand)]
pub(super) enum SessionsAction {
    /// List past sessions
    List,
    /// Tell what happened in one: times, verbs, pieces, faults; no identity
    #[command(after_help = "Examples: undertone sessions report K7QF3M\n          \
                            undertone sessions report K7QF3M -o report.html\n          \
                            undertone sessions report K7QF3M --tracks")]
    Report(ReportArgs),
    /// Delete one, those of some age, or all
    #[command(after_help = "Example: undertone sessions purge --older-than 90d")]
    Purge(PurgeArgs),
}

#[derive(Args)]
pub(super) struct ReportArgs {
    /// Its six-character code
    code: String,
    /// How to tell it; without this, as the name after -o says, or as text
    #[arg(long, value_enum, conflicts_with = "tracks")]
    format: Option<ReportFormat>,
    /// Only what was heard, in order, to give to the client: no times, no code
    #[arg(long)]
    tracks: bool,
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For reading, in columns
    Text,
    /// For programs
    Json,
    /// For a spreadsheet
    Csv,
    /// A page for a browser or a printer, with the arc drawn
    Html,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct PurgeArgs {
    /// Its six-character code
    code: Option<String>,
    /// Those that began longer ago than this, in days or weeks
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<Span>,
    /// All of them
    #[arg(long)]
    all: bool,
}

pub(super) fn run(action: Option<SessionsAction>) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    match action.unwrap_or(SessionsAction::List) {
        SessionsAction::List => list(&paths.sessions())?,
        SessionsAction::Report(arguments) => report(&paths.sessions(), &arguments)?,
        SessionsAction::Purge(arguments) => purge(&paths, &arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(folder: &Path) -> Result<(), Failure> {
    let past = record::sessions(folder).map_err(Failure::could_not)?;
    if past.is_empty() {
        say!("no session has been recorded here")?;
    }
    past.iter().try_for_each(|session| say!("{}", line(session)))
}

/// One past session on one line.
fn line(session: &Past) -> String {
    let began = session.began.map_or_else(|| "at an unknown time".to_owned(), |began| began.to_string());
    let title = session.title.as_ref().map_or("not started", SafeText::as_str);
    let ended = if session.ended { "ended" } else { "not ended" };
    let rehearsal = session.rehearsal.map(|speed| format!("rehearsal x{speed}, ")).unwrap_or_default();
    format!("{}  {began}  {title}, {rehearsal}{} {ended}", session.code, session.lasted)
}

fn report(folder: &Path, arguments: &ReportArgs) -> Result<(), Failure> {
    let journal = record::journal_path(folder, &arguments.code.to_uppercase());
    let report = Report::of(&record::read(&journal).map_err(Failure::could_not)?);
    let format = arguments.format.or_else(|| named(arguments.output.as_deref()?)).unwrap_or(ReportFormat::Text);
    let text = match format {
        _ if arguments.tracks => report.track_list(),
        ReportFormat::Text => report.text(),
        ReportFormat::Json => report.json(),
        ReportFormat::Csv => report.csv(),
        ReportFormat::Html => report.html(),
    };
    match &arguments.output {
        None => print(|out| out.write_all(text.as_bytes())),
        Some(file) => fs::write(file, text).map_err(|error| {
            let name = library::shown(file);
            Failure::could_not(format!("{name} cannot be written ({error}); choose another place for the report"))
        }),
    }
}

/// The format that a file's name asks for.
fn named(file: &Path) -> Option<ReportFormat> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "html" | "htm" => Some(ReportFormat::Html),
        "json" => Some(ReportFormat::Json),
        "csv" => Some(ReportFormat::Csv),
        _ => None,
    }
}

fn purge(paths: &Paths, arguments: &PurgeArgs) -> Result<(), Failure> {
    let folder = paths.sessions();
    let past = record::sessions(&folder).map_err(Failure::could_not)?;
    let now = WallTime::now();
    let chosen = |session: &&Past| match (&arguments.code, arguments.older_than) {
        (Some(code), _) => code.eq_ignore_ascii_case(&session.code),
        (None, Some(limit)) => session.age(now).is_some_and(|age| age > limit),
        (None, None) => arguments.all,
    };
    let mut codes: Vec<&str> = past.iter().filter(chosen).map(|session| session.code.as_str()).collect();
    if codes.is_empty() && arguments.code.is_some() {
        return Err(Failure::could_not("there is no session of that code; `undertone sessions` lists them"));
    }
    // Held until all is deleted, so that none begins meanwhile; or a host has it, which says what it plays.
    let _lock = match (running(paths), HostLock::take(&paths.lock())) {
        (Some((running, is_over)), _) => {
            if !is_over && codes.contains(&running.as_str()) {
                say!("{running} is running and is kept; end it first")?;
                codes.retain(|code| *code != running.as_str());
            }
            None
        }
        (None, lock) => Some(lock.map_err(Failure::could_not)?),
    };
    for code in &codes {
        record::purge(&folder, code).map_err(Failure::could_not)?;
    }
    say!("{} deleted", codes.len())
}

/// The session of the host that runs, and whether it is over: what one that is not needs to come back after a fault is not to
/// be deleted under it.
fn running(paths: &Paths) -> Option<(SafeText, bool)> {
    match Client::connect(&paths.socket()).ok()?.ask(&Request::Status).ok()? {
        Update::Status(status) => Some((status.code, status.session.transport == Transport::Ended)),
        _ => None,
    }
}

/// An age as people write it: `90d`, `12w`, or hours as elsewhere.
fn age(text: &str) -> Result<Span, String> {
    let wrong = || format!("\"{text}\" is not an age; write days or weeks, such as 90d or 12w");
    let count = |digits: &str| digits.parse::<u32>().map_err(|_| wrong()).map(i64::from);
    let days = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(days), _) => count(days)?,
        (_, Some(weeks)) => count(weeks)? * 7,
        _ => return text.parse().ok().filter(|span: &Span| *span >= Span::ZERO).ok_or_else(wrong),
    };
    Ok(Span::from_mins(days * 24 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_days_or_weeks_and_never_the_future() {
        for (text, hours) in [("90d", 2160), ("12w", 2016), ("36h", 36), ("0d", 0)] {
            assert_eq!(age(text), Ok(Span::from_mins(hours * 60)), "{text}");
        }
        for wrong in ["90", "-3d", "-3h", "d", "a month", "1.5d"] {
            assert!(age(wrong).is_err_and(|why| why.contains("90d")), "{wrong}");
        }
    }

    #[test]
    fn a_file_name_says_how_the_report_is_written() {
        for (name, html) in [("a.html", true), ("a.HTM", true), ("a.txt", false), ("html", false)] {
            assert_eq!(named(Path::new(name)) == Some(ReportFormat::Html), html, "{name}");
        }
    }
}
