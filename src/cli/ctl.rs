//! `undertone ctl`: one verb to the running session, its status, or its changes line by line.

use std::process::ExitCode;
use std::time::Duration;

use super::changes::changes;
use super::failure::{Failure, say};
use super::library;
use crate::session::{Source, Verb, VerbError, verb_names};
use crate::wire::{Client, Request, Status, Update, WireError};

pub(super) fn run(words: &[String]) -> Result<ExitCode, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["status"] => status(|status| say!("{}", line(status))),
        ["status", "--json"] => status(|status| match serde_json::to_string_pretty(status) {
            Ok(text) => say!("{text}"),
            Err(error) => Err(Failure::could_not(format!("the status cannot be written: {error}"))),
        }),
        ["watch"] => watch(),
        _ => ask(&words.join(" ")),
    }
}

fn connect() -> Result<Client, Failure> {
    let paths = library::paths()?;
    Client::connect(&paths.socket()).map_err(Failure::could_not)
}

fn ask(text: &str) -> Result<ExitCode, Failure> {
    let verb: Verb = text.parse().map_err(|error| Failure::could_not(unknown(&error)))?;
    match connect()?.ask(&Request::Verb { verb, source: Source::Ctl }).map_err(Failure::could_not)? {
        Update::Refused { why } => Err(Failure::wrong(format!("not done: {why}"))),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Names the nearest verb where there is one.
fn unknown(error: &VerbError) -> String {
    let VerbError::Unknown(word) = error else { return error.to_string() };
    let nearest = verb_names().min_by_key(|name| strsim::damerau_levenshtein(name, word));
    match nearest.filter(|name| strsim::damerau_levenshtein(name, word) <= 2) {
        Some(name) => format!("there is no verb \"{word}\"; did you mean \"{name}\"?"),
        None => format!("there is no verb \"{word}\"; there are: {}", verb_names().collect::<Vec<_>>().join(", ")),
    }
}

fn status(show: impl Fn(&Status) -> Result<(), Failure>) -> Result<ExitCode, Failure> {
    match connect()?.ask(&Request::Status).map_err(Failure::could_not)? {
        Update::Status(status) => {
            show(&status)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(Failure::could_not("the session gave no status; try again")),
    }
}

/// One plain line per change, for screen readers and logs.
fn watch() -> Result<ExitCode, Failure> {
    let client = connect()?;
    client.requests().send(&Request::Watch).map_err(Failure::could_not)?;
    let mut last: Option<Box<Status>> = None;
    loop {
        match client.receive(Duration::from_secs(1)) {
            Ok(Some(Update::Status(status))) => {
                for line in changes(last.as_deref(), &status) {
                    say!("{line}")?;
                }
                last = Some(status);
            }
            Ok(_) => {}
            Err(WireError::Closed) => return Ok(ExitCode::SUCCESS),
            Err(error) => return Err(Failure::could_not(error)),
        }
    }
}

/// Everything on one line.
fn line(status: &Status) -> String {
    let session = &status.session;
    let medicine = session.medicine.map_or_else(|| "no dose yet".to_owned(), |time| format!("medicine {time}"));
    format!("{}, {medicine}: {}", session.at, change(status))
}

/// What changes now and then; nothing that moves by itself.
fn change(status: &Status) -> String {
    let session = &status.session;
    let phase = session.phase.as_ref().map_or("no phase".to_owned(), |phase| phase.title.to_string());
    let mut words = vec![format!("{:?}", session.transport).to_lowercase(), phase];
    words.extend(session.phase.as_ref().and_then(|phase| phase.ends).map(|ends| format!("until {ends}")));
    words.extend(session.now.as_ref().map(|now| format!("now {}", now.title)));
    words.extend(session.next.as_ref().map(|next| format!("next {}", next.title)));
    words.push(format!("level {}", session.level));
    words.extend(session.ducked.then(|| "ducked".to_owned()));
    words.extend(session.quiet.map(|quiet| format!("{quiet:?}").to_lowercase()));
    words.push(format!("output {}: {}", status.output.name, status.output.state));
    words.join(", ")
}
