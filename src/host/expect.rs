//! What a script may expect of the state.

use std::fmt;
use std::str::FromStr;

use crate::session::{PhaseKind, Quiet, Snapshot, Transport, Verb};
use crate::units::{Decibels, MedicineTime, SafeText, SessionTime, Span};

/// The state that an expectation is held against.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What the core shows.
    pub snapshot: &'a Snapshot,
    /// Nothing is heard for want of an output.
    pub output_lost: bool,
    /// The verb last given by the script was refused.
    pub refused: bool,
}

/// One expectation: a thing that can be seen, and what it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    topic: Topic,
    wanted: Sight,
}

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Playing,
    Silent,
    Held,
    Ducked,
    Overdue,
    Crossing,
    Refused,
    EndTime,
    PhaseEnd,
    Medicine,
    Countdown,
    Observation,
    Phase,
    Track,
    Transport,
    Steer,
    Quiet,
    Cue,
    Undo,
    Level,
    Cap,
}

/// What is seen there, or should be.
#[derive(Clone, Debug, PartialEq)]
enum Sight {
    /// Whether it is so.
    Is(bool),
    /// A reading of a clock; `None` where there is none.
    Clock(Option<Span>),
    /// A name; `None` where there is none.
    Name(Option<SafeText>),
    /// A level; `None` where there is none.
    Level(Option<Decibels>),
}

/// Every expectation as it is written, and what it looks at.
const TOPICS: [(&str, &str, Topic); 21] = [
    ("phase", "NAME|none", Topic::Phase),
    ("playing", "[yes|no]", Topic::Playing),
    ("silent", "[yes|no]", Topic::Silent),
    ("end-time", "TIME|open", Topic::EndTime),
    ("phase-end", "TIME|open", Topic::PhaseEnd),
    ("medicine", "TIME|none", Topic::Medicine),
    ("countdown", "TIME|none", Topic::Countdown),
    ("observation", "TIME|none", Topic::Observation),
    ("track", "TITLE|none", Topic::Track),
    ("level", "L", Topic::Level),
    ("cap", "L|none", Topic::Cap),
    ("held", "[yes|no]", Topic::Held),
    ("ducked", "[yes|no]", Topic::Ducked),
    ("overdue", "[yes|no]", Topic::Overdue),
    ("crossing", "[yes|no]", Topic::Crossing),
    ("refused", "[yes|no]", Topic::Refused),
    ("transport", "ready|running|held|ending|ended", Topic::Transport),
    ("steer", "ground|warmer|deeper|none", Topic::Steer),
    ("quiet", "silence|mute|break|none", Topic::Quiet),
    ("cue", "spit|none", Topic::Cue),
    ("undo", "VERB|none", Topic::Undo),
];

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let topic = TOPICS.iter().find(|(name, _, _)| *name == word).map(|(_, _, topic)| *topic);
        let wanted = topic.and_then(|topic| topic.read(value.trim()));
        topic.zip(wanted).map(|(topic, wanted)| Self { topic, wanted }).ok_or_else(|| {
            let known: Vec<String> = TOPICS.iter().map(|(name, form, _)| format!("{name} {form}")).collect();
            format!("\"{text}\" cannot be expected; a script can expect: {}", known.join(", "))
        })
    }
}

impl Expectation {
    /// `Ok` when the state is as expected; otherwise what it is instead.
    ///
    /// # Errors
    /// The state found, in words.
    pub fn check(&self, scene: Scene<'_>) -> Result<(), String> {
        let found = self.topic.look(scene);
        if self.wanted.agrees(&found) { Ok(()) } else { Err(found.to_string()) }
    }
}

impl Topic {
    /// The wanted sight as written; `None` if it cannot be one.
    fn read(self, value: &str) -> Option<Sight> {
        match self {
            Self::Playing
            | Self::Silent
            | Self::Held
            | Self::Ducked
            | Self::Overdue
            | Self::Crossing
            | Self::Refused => match value {
                "" | "yes" => Some(Sight::Is(true)),
                "no" => Some(Sight::Is(false)),
                _ => None,
            },
            Self::EndTime | Self::PhaseEnd | Self::Medicine | Self::Countdown | Self::Observation => match value {
                "open" | "none" => Some(Sight::Clock(None)),
                time => time.parse().ok().map(|time: SessionTime| Sight::Clock(Some(time.since_start()))),
            },
            Self::Level | Self::Cap if value == "none" => Some(Sight::Level(None)),
            Self::Level | Self::Cap => value.parse().ok().map(|level| Sight::Level(Some(level))),
            Self::Track if value.is_empty() => None,
            _ if value == "none" => Some(Sight::Name(None)),
            _ => self.knows(value).then(|| Sight::Name(Some(SafeText::new(value.trim_matches('"'))))),
        }
    }

    /// Whether this can be the name of such a thing.
    fn knows(self, name: &str) -> bool {
        match self {
            Self::Phase => PhaseKind::named(name).is_some(),
            Self::Transport => ["ready", "running", "held", "ending", "ended"].contains(&name),
            Self::Steer => ["ground", "warmer", "deeper"].contains(&name),
            Self::Quiet => ["silence", "mute", "break"].contains(&name),
            Self::Cue => name == "spit",
            Self::Undo => name.parse::<Verb>().is_ok(),
            _ => true,
        }
    }

    /// What is seen of it.
    fn look(self, scene: Scene<'_>) -> Sight {
        let Scene { snapshot: seen, output_lost, refused } = scene;
        let silent = output_lost || seen.now.is_none() || seen.quiet.is_some_and(Quiet::is_silent);
        let phase = seen.phase.as_ref();
        let name = |name: &str| Sight::Name(Some(name.into()));
        let named = |name: Option<&str>| Sight::Name(name.map(SafeText::new));
        match self {
            Self::Playing => Sight::Is(!silent),
            Self::Silent => Sight::Is(silent),
            Self::Held => Sight::Is(seen.transport == Transport::Held),
            Self::Ducked => Sight::Is(seen.ducked),
            Self::Overdue => Sight::Is(phase.is_some_and(|phase| phase.overdue)),
            Self::Crossing => Sight::Is(seen.now.as_ref().is_some_and(|now| now.crossing)),
            Self::Refused => Sight::Is(refused),
            Self::EndTime => Sight::Clock(seen.ends.map(SessionTime::since_start)),
            Self::PhaseEnd => Sight::Clock(phase.and_then(|phase| phase.ends).map(SessionTime::since_start)),
            Self::Medicine => Sight::Clock(seen.medicine.map(MedicineTime::since_start)),
            Self::Countdown => Sight::Clock(phase.and_then(|phase| phase.countdown)),
            Self::Observation => Sight::Clock(seen.observation),
            Self::Phase => named(phase.map(|phase| phase.kind.name())),
            Self::Track => Sight::Name(seen.now.as_ref().map(|now| now.title.clone())),
            Self::Transport => name(&format!("{:?}", seen.transport).to_lowercase()),
            Self::Steer => {
                named(phase.and_then(|phase| phase.steer).map(Verb::Steer).map(|verb| verb.to_string()).as_deref())
            }
            Self::Quiet => named(seen.quiet.map(|quiet| format!("{quiet:?}").to_lowercase()).as_deref()),
            Self::Cue => Sight::Name(seen.cue.clone()),
            Self::Undo => named(seen.undo.as_ref().map(|offer| offer.verb.to_string()).as_deref()),
            Self::Level => Sight::Level(Some(seen.level)),
            Self::Cap => Sight::Level(seen.cap),
        }
    }
}

impl Sight {
    /// Clocks agree to the second, levels to a twentieth of a decibel.
    fn agrees(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Clock(Some(wanted)), Self::Clock(Some(found))) => (*wanted - *found).abs() < Span::from_secs(1),
            (Self::Level(Some(wanted)), Self::Level(Some(found))) => (wanted.0 - found.0).abs() < 0.05,
            (wanted, found) => wanted == found,
        }
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Clock(Some(time)) => write!(f, "{}", SessionTime::at(*time)),
            Self::Name(Some(name)) => write!(f, "{name}"),
            Self::Level(Some(level)) => write!(f, "{level}"),
            Self::Clock(None) | Self::Name(None) | Self::Level(None) => f.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_reads(text: &str, reads: bool) {
        assert_eq!(text.parse::<Expectation>().is_ok(), reads, "{text}");
    }

    #[test]
    fn every_expectation_is_read_in_each_of_its_forms() {
        for text in ["phase peak", "phase none", "playing", "silent no", "end-time 101:00", "phase-end open"] {
            check_reads(text, true);
        }
        for text in ["medicine 1:07:40", "countdown 0:30", "observation none", "track \"Low tide\"", "level -1.5 dB"] {
            check_reads(text, true);
        }
        for text in ["cap none", "steer ground", "quiet break", "cue spit", "undo dose --ago 2m", "refused"] {
            check_reads(text, true);
        }
    }

    #[test]
    fn what_cannot_be_is_not_expected() {
        for text in ["phase dinner", "playing loud", "end-time soon", "steer home", "quiet pause", "undo jump", "track"]
        {
            check_reads(text, false);
        }
    }
}
