//! A session told line by line, for screen readers and logs: what is, and then only what changes.
//!
//! Nothing that moves by itself (clocks, meters, positions) is a change; a countdown is told at its 60, 30 and 10 seconds.

use crate::session::{Quiet, Snapshot, Steer, Transport};
use crate::units::{SessionTime, Span};
use crate::wire::Status;

/// The moments at which a countdown is told (product rule).
const COUNTED: [Span; 3] = [Span::from_secs(10), Span::from_secs(30), Span::from_secs(60)];

/// The lines that tell how `now` differs from `before`; all of it when there is no before.
pub(super) fn changes(before: Option<&Status>, now: &Status) -> Vec<String> {
    let old = before.map(facts).unwrap_or_default();
    let news = facts(now).into_iter().filter(|fact| !old.contains(fact));
    // At the beginning, what is not there is no news.
    let news = news.filter(|(_, value)| before.is_some() || value != NONE);
    news.map(|(what, value)| format!("{} {what}: {value}", now.session.at)).collect()
}

const NONE: &str = "none";

/// Everything worth telling, each with its name.
fn facts(status: &Status) -> Vec<(&'static str, String)> {
    let (session, output) = (&status.session, &status.output);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let until = |ends: Option<SessionTime>| ends.map(|ends| format!(", until {}", whole(ends))).unwrap_or_default();
    let phase = session.phase.as_ref();
    let cap = session.cap.map(|cap| format!(", cap {cap}")).unwrap_or_default();
    let overdue = phase.is_some_and(|phase| phase.overdue);
    vec![
        ("session", transport(session.transport).to_owned()),
        ("phase", or_none(phase.map(|phase| format!("{}{}", phase.title, until(phase.ends))))),
        ("time is up", or_none(overdue.then(|| "waits for next".to_owned()))),
        ("moves on in", or_none(phase.and_then(|phase| phase.countdown).and_then(counted))),
        ("dose", or_none(dose(session).map(|at| format!("at {at}")))),
        ("now", or_none(session.now.as_ref().map(|now| now.title.to_string()))),
        ("next", or_none(session.next.as_ref().map(|next| next.title.to_string()))),
        ("level", format!("{}{cap}", session.level)),
        ("quiet", or_none(session.quiet.map(|quiet| quiet_word(quiet).to_owned()))),
        ("ducked", if session.ducked { "yes" } else { NONE }.to_owned()),
        ("pool", or_none(phase.and_then(|phase| phase.steer).map(|steer| steer_word(steer).to_owned()))),
        ("cue", or_none(session.cue.as_ref().map(ToString::to_string))),
        ("ends", or_none(session.ends.map(|ends| format!("at {}", whole(ends))))),
        ("sound", format!("{}, {}", output.name, output.state)),
        ("can be taken back", or_none(session.undo.as_ref().map(|offer| offer.verb.to_string()))),
        ("notice", or_none(session.notices.last().map(|notice| notice.text.to_string()))),
    ]
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Ready => "ready",
        Transport::Running => "running",
        Transport::Held => "held",
        Transport::Ending => "ending softly",
        Transport::Ended => "ended",
    }
}

const fn quiet_word(quiet: Quiet) -> &'static str {
    match quiet {
        Quiet::Silence => "silence",
        Quiet::Mute => "muted",
        Quiet::Break => "break",
    }
}

const fn steer_word(steer: Steer) -> &'static str {
    match steer {
        Steer::Ground => "ground",
        Steer::Warmer => "warmer",
        Steer::Deeper => "deeper",
    }
}

/// The last of the counted moments that has come.
fn counted(left: Span) -> Option<String> {
    COUNTED.iter().find(|moment| left <= **moment).map(ToString::to_string)
}

/// When the medicine was given, on the session clock.
fn dose(session: &Snapshot) -> Option<SessionTime> {
    session.medicine.map(|since| whole(session.at - since.since_start()))
}

/// To the second: a screen reader has no use for more.
fn whole(at: SessionTime) -> SessionTime {
    SessionTime::at(Span::from_secs((at.since_start().millis() + 500).div_euclid(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Notice;

    /// A session at its peak, as a host told it.
    fn peak() -> Status {
        serde_json::from_str(include_str!("../../tests/fixtures/screens/peak.json")).unwrap()
    }

    fn check(change: impl FnOnce(&mut Status), told: &[&str]) {
        let before = peak();
        let mut now = peak();
        change(&mut now);
        assert_eq!(changes(Some(&before), &now), told);
    }

    #[test]
    fn the_first_word_is_everything_there_is_one_plain_line_each() {
        let told = changes(None, &peak());
        assert!(told.iter().any(|line| line == "40:30 phase: Open water, until 53:00"), "{told:#?}");
        assert!(told.iter().any(|line| line == "40:30 dose: at 15:00"), "{told:#?}");
        assert!(told.iter().all(|line| line.is_ascii() && !line.ends_with(NONE)), "{told:#?}");
    }

    #[test]
    fn each_change_is_a_line_of_its_own_and_what_moves_by_itself_is_none() {
        check(|_| {}, &[]);
        check(
            |status| {
                status.session.at = status.session.at + Span::from_millis(1250);
                status.session.medicine = status.session.medicine.map(|since| since + Span::from_millis(1250));
                status.output.xruns += 1;
            },
            &[],
        );
        check(|status| status.session.ducked = true, &["40:30 ducked: yes"]);
        check(
            |status| (status.session.quiet, status.session.transport) = (Some(Quiet::Mute), Transport::Held),
            &["40:30 session: held", "40:30 quiet: muted"],
        );
        check(|status| status.session.next = None, &["40:30 next: none"]);
        let at = peak().session.at;
        check(
            |status| status.session.notices.push(Notice { at, text: "the output is back".into() }),
            &["40:30 notice: the output is back"],
        );
    }

    #[test]
    fn a_countdown_is_told_three_times() {
        let at = |secs| {
            let mut status = peak();
            if let Some(phase) = &mut status.session.phase {
                phase.countdown = Some(Span::from_secs(secs));
            }
            status
        };
        let mut told = Vec::new();
        for left in (1..60).rev() {
            told.extend(changes(Some(&at(left + 1)), &at(left)));
        }
        assert_eq!(told, ["40:30 moves on in: 30s", "40:30 moves on in: 10s"]);
        assert_eq!(changes(Some(&peak()), &at(60)), ["40:30 moves on in: 1m"]);
    }
}
