//! What each record says to a colleague.

use super::line::span;
use crate::session::{Event, Report as Trouble, Source, Why};

/// What a record says to a colleague; `None` for what the list of pieces tells, or what is only machinery.
pub(super) fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Started { source, .. } => format!("start ({})", name(*source)),
        Event::Comfort { level_db, cap_db, source } => {
            format!("comfort: level {level_db}, never above {cap_db} ({})", name(*source))
        }
        Event::Dose { ago_s, corrected, source, .. } => {
            let mark = if *corrected { "dose mark corrected" } else { "dose" };
            format!("{mark}{} ({})", ago(*ago_s), name(*source))
        }
        Event::Booster { ago_s, source } => format!("booster{} ({})", ago(*ago_s), name(*source)),
        Event::Verb { verb, source } => format!("{verb} ({})", name(*source)),
        Event::Refused { verb, source, why } => format!("{verb} refused: {why} ({})", name(*source)),
        Event::Undone { verb, source } => format!("{verb} taken back ({})", name(*source)),
        Event::Phase { to, why, .. } => {
            format!(
                "phase: {}{}",
                to.map_or("none", |kind| kind.name()),
                if *why == Why::Planned { "" } else { because(*why) }
            )
        }
        Event::Output { name, state } => format!("output {name}: {state}"),
        Event::Fault { report } => trouble(report),
        Event::Recovered { silence_s } => {
            format!("sound is back after {}", span(*silence_s))
        }
        Event::Ended { .. } => "end of the session".into(),
        Event::Track { .. }
        | Event::TrackEnd { .. }
        | Event::Joint { .. }
        | Event::Plan { .. }
        | Event::Loudest { .. } => return None,
    })
}

/// The name of a record's kind, as the journal has it.
pub(super) fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap_or_default();
    value.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn trouble(report: &Trouble) -> String {
    match report {
        Trouble::Late { why, .. } => format!("FAULT a piece came too late: {why}"),
        Trouble::Failed { why, .. } => format!("FAULT a piece could not be played: {why}"),
        Trouble::Ended { .. } => "FAULT a piece ended earlier than planned".into(),
        Trouble::OutputLost { why } => format!("FAULT no sound: {why}"),
        Trouble::OutputBack { silence } => format!("sound is back after {silence}"),
        Trouble::Fault { what, why } => format!("FAULT {what}: {why}"),
    }
}

const fn because(why: Why) -> &'static str {
    match why {
        Why::Planned => ", as planned",
        Why::Verb => ", as asked",
        Why::Dose => ", by the dose mark",
        Why::Undo => ", by taking back",
        Why::Veto => ", held against the countdown",
        Why::Resumed => ", after a fault",
    }
}

fn name(source: Source) -> &'static str {
    match source {
        Source::Key => "key",
        Source::Clicker => "clicker",
        Source::Ctl => "ctl",
        Source::Script => "script",
    }
}

fn ago(seconds: f64) -> String {
    if seconds == 0.0 { String::new() } else { format!(", {} ago", span(seconds)) }
}
