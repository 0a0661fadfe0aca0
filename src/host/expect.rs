//! What a script may expect of the state.

use std::str::FromStr;

use crate::session::{PhaseKind, Snapshot, Transport};
use crate::units::{Decibels, MedicineTime, SafeText, SessionTime, Span};

/// One expectation.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// The present phase; `None` before the start and after the end.
    Phase(Option<PhaseKind>),
    /// Whether music is heard.
    Playing(bool),
    /// Whether nothing is heard: on purpose, for want of an output, or because the session has not begun or is over.
    Silent(bool),
    /// When the session ends; `None` while that is open. To the second.
    EndTime(Option<SessionTime>),
    /// When the present phase ends; `None` while that is open. To the second.
    PhaseEnd(Option<SessionTime>),
    /// The medicine clock; `None` before the dose mark. To the second.
    Medicine(Option<MedicineTime>),
    /// The title of the piece that sounds.
    Track(SafeText),
    /// The therapist's level.
    Level(Decibels),
    /// Whether the phase is held.
    Held(bool),
    /// Whether the programme is ducked.
    Ducked(bool),
    /// What the therapist intends.
    Transport(Transport),
}

const KNOWN: &str = "a script can expect: phase NAME|none, playing [yes|no], silent [yes|no], end-time TIME|open, \
                     phase-end TIME|open, medicine TIME|none, track TITLE, level L, held [yes|no], ducked [yes|no], \
                     transport ready|running|held|ending|ended";

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let value = value.trim();
        let wrong = || format!("\"{text}\" cannot be expected; {KNOWN}");
        let yes = || match value {
            "" | "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(wrong()),
        };
        let time = |text: &str| text.parse::<SessionTime>().map_err(|error| error.to_string());
        let open = || if value == "open" { Ok(None) } else { time(value).map(Some) };
        match word {
            "phase" if value == "none" => Ok(Self::Phase(None)),
            "phase" => PhaseKind::named(value).map(|kind| Self::Phase(Some(kind))).ok_or_else(wrong),
            "playing" => yes().map(Self::Playing),
            "silent" => yes().map(Self::Silent),
            "end-time" => open().map(Self::EndTime),
            "phase-end" => open().map(Self::PhaseEnd),
            "medicine" if value == "none" => Ok(Self::Medicine(None)),
            "medicine" => value
                .parse()
                .map(|time| Self::Medicine(Some(time)))
                .map_err(|error: crate::units::TimeError| error.to_string()),
            "track" if !value.is_empty() => Ok(Self::Track(SafeText::new(value.trim_matches('"')))),
            "level" => value.parse().map(Self::Level).map_err(|error: crate::units::LevelError| error.to_string()),
            "held" => yes().map(Self::Held),
            "ducked" => yes().map(Self::Ducked),
            "transport" => transport(value).map(Self::Transport).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

fn transport(name: &str) -> Option<Transport> {
    match name {
        "ready" => Some(Transport::Ready),
        "running" => Some(Transport::Running),
        "held" => Some(Transport::Held),
        "ending" => Some(Transport::Ending),
        "ended" => Some(Transport::Ended),
        _ => None,
    }
}

impl Expectation {
    /// `Ok` when the state is as expected; otherwise what it is instead.
    ///
    /// # Errors
    /// The state found, in words.
    pub fn check(&self, found: &Snapshot, output_lost: bool) -> Result<(), String> {
        let silent = output_lost || found.now.is_none() || found.quiet.is_some_and(|quiet| quiet.is_silent());
        let same = |left: SessionTime, right: SessionTime| (left - right).abs() < Span::from_secs(1);
        let phase = found.phase.as_ref().map(|phase| phase.kind);
        let phase_end = found.phase.as_ref().and_then(|phase| phase.ends);
        let alike = |wanted: &Option<SessionTime>, found: Option<SessionTime>| match (wanted, found) {
            (Some(wanted), Some(found)) => same(*wanted, found),
            (wanted, found) => wanted.is_none() && found.is_none(),
        };
        let title = found.now.as_ref().map(|now| now.title.clone());
        let (holds, instead) = match self {
            Self::Phase(kind) => (*kind == phase, phase.map_or("none", PhaseKind::name).to_owned()),
            Self::Playing(yes) => (*yes != silent, word(silent, "silent", "playing")),
            Self::Silent(yes) => (*yes == silent, word(silent, "silent", "playing")),
            Self::EndTime(time) => (alike(time, found.ends), shown(found.ends, "open")),
            Self::PhaseEnd(time) => (alike(time, phase_end), shown(phase_end, "open")),
            Self::Medicine(time) => {
                let clock = |time: MedicineTime| SessionTime::at(time.since_start());
                (alike(&time.map(clock), found.medicine.map(clock)), shown(found.medicine, "none"))
            }
            Self::Track(wanted) => (title.as_ref() == Some(wanted), shown(title, "none")),
            Self::Level(level) => ((level.0 - found.level.0).abs() < 0.05, found.level.to_string()),
            Self::Held(yes) => {
                let held = found.transport == Transport::Held;
                (*yes == held, word(held, "held", "not held"))
            }
            Self::Ducked(yes) => (*yes == found.ducked, word(found.ducked, "ducked", "not ducked")),
            Self::Transport(wanted) => (*wanted == found.transport, format!("{:?}", found.transport).to_lowercase()),
        };
        if holds { Ok(()) } else { Err(instead) }
    }
}

fn word(yes: bool, if_so: &str, if_not: &str) -> String {
    if yes { if_so } else { if_not }.to_owned()
}

fn shown<T: ToString>(value: Option<T>, nothing: &str) -> String {
    value.map_or_else(|| nothing.to_owned(), |value| value.to_string())
}
