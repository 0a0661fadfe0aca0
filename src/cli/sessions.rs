//! `undertone sessions`: what was recorded, without identity.

use std::process::ExitCode;

use super::args::SessionsAction;
use super::failure::{Failure, say};
use super::library;
use crate::record::{self, Past};
use crate::units::SafeText;

pub(super) fn run(action: Option<SessionsAction>) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let folder = paths.sessions();
    match action.unwrap_or(SessionsAction::List) {
        SessionsAction::List => {
            let past = record::sessions(&folder).map_err(Failure::could_not)?;
            if past.is_empty() {
                say!("no session has been recorded here")?;
            }
            for session in past {
                say!("{}", line(&session))?;
            }
        }
        SessionsAction::Report { code } => {
            let story =
                record::read(&record::journal_path(&folder, &code.to_uppercase())).map_err(Failure::could_not)?;
            say!("{}", record::report_text(&story))?;
        }
        SessionsAction::Purge { code, all } => {
            let past = record::sessions(&folder).map_err(Failure::could_not)?;
            let chosen = past
                .iter()
                .filter(|session| all || code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(&session.code)));
            let codes: Vec<&str> = chosen.map(|session| session.code.as_str()).collect();
            if codes.is_empty() && !all {
                return Err(Failure::could_not("there is no session of that code; `undertone sessions` lists them"));
            }
            for code in &codes {
                record::purge(&folder, code).map_err(Failure::could_not)?;
            }
            say!("{} deleted", codes.len())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One past session on one line.
fn line(session: &Past) -> String {
    let began = session.began.map_or_else(|| "at an unknown time".to_owned(), |began| began.to_string());
    let title = session.title.as_ref().map_or("not started", SafeText::as_str);
    let ended = if session.ended { "ended" } else { "not ended" };
    let rehearsal = session.rehearsal.map(|speed| format!("rehearsal x{speed}, ")).unwrap_or_default();
    format!("{}  {began}  {title}, {rehearsal}{} {ended}", session.code, session.lasted)
}
