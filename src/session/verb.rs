//! The verbs: everything a therapist can ask for, in one vocabulary for keys, clicker, `ctl`, scripts and the journal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::plan::{PhaseKind, Steer};
use crate::units::{SafeText, Span, TimeError};

/// One request. Its text form ([`fmt::Display`], [`FromStr`]) is the same everywhere: `dose --ago 2m`, `goto peak`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Verb {
    /// Begins the session.
    Start,
    /// Starts the medicine clock, or corrects the mark.
    Dose {
        /// How long ago the medicine was given.
        ago: Span,
        /// The therapist has confirmed a correction that is unusual (above 60 minutes).
        confirmed: bool,
    },
    /// A second dose: the peak lasts longer.
    Booster {
        /// How long ago it was given.
        ago: Span,
    },
    /// The next Spravato device.
    Device,
    /// Slides every later boundary.
    Shift {
        /// By this much; negative is earlier.
        by: Span,
    },
    /// Stay in this phase.
    Hold,
    /// Go on after a hold.
    Release,
    /// This phase ends later.
    Extend {
        /// By this much.
        by: Span,
    },
    /// Cross to the next phase now.
    Next,
    /// Cross to the return now.
    Return,
    /// Cross to the named phase now.
    Goto(PhaseKind),
    /// Cross to a steering pool.
    Steer(Steer),
    /// Back from a steering pool to the phase's own.
    Home,
    /// Same feeling, another piece.
    Different,
    /// Lower the programme for talking.
    Duck,
    /// Lift the duck.
    Unduck,
    /// Intended silence.
    Silence,
    /// Back from silence, mute or break.
    Resume,
    /// The client is up: very soft, same place.
    Break,
    /// Back from a break.
    Back,
    /// -1.5 dB.
    Softer,
    /// +1.5 dB, never above the comfort cap.
    Louder,
    /// Panic: silent within 2 s; again, within 250 ms.
    Mute,
    /// A stamp in the journal.
    Mark {
        /// `vitals`, `nausea`, …, or one of the clinic's own.
        name: SafeText,
    },
    /// Sets this client's level, with the client awake.
    Comfort,
    /// Cross to another output.
    Output {
        /// Its name in the settings.
        name: SafeText,
    },
    /// Soft end.
    End,
    /// Takes back the last reversible verb.
    Undo,
}

impl Verb {
    /// A destructive verb moves the session on or ends it: given twice within 700 ms it counts once, from whatever source.
    #[must_use]
    pub const fn is_destructive(&self) -> bool {
        matches!(
            self,
            Self::Start
                | Self::Dose { .. }
                | Self::Booster { .. }
                | Self::Device
                | Self::Shift { .. }
                | Self::Extend { .. }
                | Self::Next
                | Self::Return
                | Self::Goto(_)
                | Self::Steer(_)
                | Self::Home
                | Self::Different
                | Self::End
        )
    }
}

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A key of the panel.
    Key,
    /// A presenter or pedal.
    Clicker,
    /// `undertone ctl`.
    Ctl,
    /// A scenario script.
    Script,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ago = |ago: &Span| if *ago == Span::ZERO { String::new() } else { format!(" --ago {ago}") };
        match self {
            Self::Dose { ago: since, confirmed } => {
                write!(f, "dose{}{}", ago(since), if *confirmed { " --confirm" } else { "" })
            }
            Self::Booster { ago: since } => write!(f, "booster{}", ago(since)),
            Self::Shift { by } => write!(f, "shift {}{by}", if *by < Span::ZERO { "" } else { "+" }),
            Self::Extend { by } => write!(f, "extend {by}"),
            Self::Goto(kind) => write!(f, "goto {}", kind.name()),
            Self::Mark { name } => write!(f, "mark {name}"),
            Self::Output { name } => write!(f, "output {name}"),
            plain => f.write_str(plain_name(plain)),
        }
    }
}

/// The name of a verb that takes no argument.
fn plain_name(verb: &Verb) -> &'static str {
    PLAIN.iter().find(|(_, listed)| listed == verb).map_or("", |(name, _)| name)
}

/// Every verb without an argument, and its name.
const PLAIN: &[(&str, Verb)] = &[
    ("start", Verb::Start),
    ("device", Verb::Device),
    ("hold", Verb::Hold),
    ("release", Verb::Release),
    ("next", Verb::Next),
    ("return", Verb::Return),
    ("ground", Verb::Steer(Steer::Ground)),
    ("warmer", Verb::Steer(Steer::Warmer)),
    ("deeper", Verb::Steer(Steer::Deeper)),
    ("home", Verb::Home),
    ("different", Verb::Different),
    ("duck", Verb::Duck),
    ("unduck", Verb::Unduck),
    ("silence", Verb::Silence),
    ("resume", Verb::Resume),
    ("break", Verb::Break),
    ("back", Verb::Back),
    ("softer", Verb::Softer),
    ("louder", Verb::Louder),
    ("mute", Verb::Mute),
    ("comfort", Verb::Comfort),
    ("end", Verb::End),
    ("undo", Verb::Undo),
];

/// Verbs with an argument, and how they are written.
const ARGUED: &[(&str, &str)] = &[
    ("dose", "dose [--ago T] [--confirm]"),
    ("booster", "booster [--ago T]"),
    ("shift", "shift +T or shift -T"),
    ("extend", "extend T"),
    ("goto", "goto PHASE"),
    ("mark", "mark NAME"),
    ("output", "output NAME"),
];

/// The names of all verbs, for help and for "did you mean".
pub fn verb_names() -> impl Iterator<Item = &'static str> {
    PLAIN.iter().map(|(name, _)| *name).chain(ARGUED.iter().map(|(name, _)| *name))
}

/// Why a text is not a verb.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerbError {
    /// No verb of that name.
    #[error("there is no verb \"{0}\"; there are: {names}", names = verb_names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
    /// The verb's argument is missing, or there is one too many.
    #[error("write it as: {0}")]
    Shape(&'static str),
    /// No phase of that name.
    #[error("there is no phase \"{0}\"; the phases are preparation, onset, ascent, peak, return, integration")]
    Phase(String),
    /// Not a length of time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A length that must be more than nothing, or not negative.
    #[error("\"{0}\" is out of range here; give a length between 0 s and 12 h")]
    Range(String),
}

/// Splits `--ago T` off a verb's arguments; `None` where there is none.
fn ago(words: &[&str]) -> Result<Option<Span>, VerbError> {
    match words {
        [] => Ok(None),
        ["--ago", text] => bounded(text, Span::ZERO).map(Some),
        _ => Err(VerbError::Shape("--ago T, such as --ago 2m")),
    }
}

/// A length from `least` to 12 hours, the longest session.
fn bounded(text: &str, least: Span) -> Result<Span, VerbError> {
    let span: Span = text.parse()?;
    if span < least || span > Span::from_mins(720) { Err(VerbError::Range(text.to_owned())) } else { Ok(span) }
}

impl FromStr for Verb {
    type Err = VerbError;

    fn from_str(text: &str) -> Result<Self, VerbError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some((name, rest)) = words.split_first() else { return Err(VerbError::Unknown(String::new())) };
        if let Some((_, verb)) = PLAIN.iter().find(|(plain, _)| plain == name) {
            return if rest.is_empty() { Ok(verb.clone()) } else { Err(VerbError::Shape("the verb alone")) };
        }
        let Some((_, shape)) = ARGUED.iter().find(|(argued, _)| argued == name) else {
            return Err(VerbError::Unknown((*name).to_owned()));
        };
        match (*name, rest) {
            ("dose", _) => {
                let confirmed = rest.contains(&"--confirm");
                let others: Vec<&str> = rest.iter().copied().filter(|word| *word != "--confirm").collect();
                Ok(Self::Dose { ago: ago(&others)?.unwrap_or_default(), confirmed })
            }
            ("booster", _) => Ok(Self::Booster { ago: ago(rest)?.unwrap_or_default() }),
            ("shift", [by]) => Ok(Self::Shift { by: bounded(by, Span::from_mins(-720))? }),
            ("extend", [by]) => Ok(Self::Extend { by: bounded(by, Span::from_millis(1))? }),
            ("goto", [phase]) => {
                PhaseKind::named(phase).map(Self::Goto).ok_or_else(|| VerbError::Phase((*phase).to_owned()))
            }
            ("mark", _) => named(rest).map(|name| Self::Mark { name }).ok_or(VerbError::Shape(shape)),
            ("output", _) => named(rest).map(|name| Self::Output { name }).ok_or(VerbError::Shape(shape)),
            _ => Err(VerbError::Shape(shape)),
        }
    }
}

/// A name of several words; `None` if nothing of it can be shown.
fn named(words: &[&str]) -> Option<SafeText> {
    Some(SafeText::new(&words.join(" "))).filter(|name| !name.is_empty())
}

impl TryFrom<String> for Verb {
    type Error = VerbError;
    fn try_from(text: String) -> Result<Self, VerbError> {
        text.parse()
    }
}

impl From<Verb> for String {
    fn from(verb: Verb) -> Self {
        verb.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_reads_back_what_it_shows() {
        let argued = [
            "dose",
            "dose --ago 2m",
            "dose --ago 1h10m --confirm",
            "booster --ago 30s",
            "shift +2m",
            "shift -1m30s",
            "extend 5m",
            "goto peak",
            "mark vitals",
            "output speakers",
        ];
        for text in argued.into_iter().chain(PLAIN.iter().map(|(name, _)| *name)) {
            assert_eq!(text.parse::<Verb>().map(|verb| verb.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_verb_is_refused_with_a_way_out() {
        assert_eq!("jump".parse::<Verb>(), Err(VerbError::Unknown("jump".into())));
        assert_eq!("goto moon".parse::<Verb>(), Err(VerbError::Phase("moon".into())));
        for wrong in [
            "extend",
            "extend 0s",
            "extend -5m",
            "next now",
            "dose 5m",
            "dose --ago",
            "shift",
            "shift 13h",
            "mark",
            "mark \0",
            "",
        ] {
            assert!(wrong.parse::<Verb>().is_err(), "{wrong}");
        }
    }
}
