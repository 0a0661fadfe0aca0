//! What happened: the records of the journal, past tense. The names and fields are a stable format.
//!
//! Every input that can change the core has a record with all it takes to repeat it: a replay of the journal through
//! [`super::Session`] gives the same session.

use serde::{Deserialize, Serialize};

use super::effect::{Input, Report};
use super::plan::{PhaseKind, Steer, TrackId};
use super::verb::{Source, Verb};
use crate::units::{Decibels, SafeText, Span};

/// One record's kind and fields; `seq`, `t` and `m` are added by whoever writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The session began. (The verb `start`.)
    Started {
        /// The playlist's title.
        title: SafeText,
        /// The route's name.
        route: SafeText,
        /// The seed of every choice.
        seed: u64,
        /// Who asked.
        source: Source,
    },
    /// This client's level was set. (The verb `comfort`.)
    Comfort {
        /// The level taken as comfortable.
        level_db: Decibels,
        /// Never louder than this from now on.
        cap_db: Decibels,
        /// Who asked.
        source: Source,
    },
    /// The dose mark was set or corrected. (The verb `dose`.)
    Dose {
        /// How long before the record the medicine was given, in seconds.
        ago_s: f64,
        /// Whether a mark was there before.
        corrected: bool,
        /// Whether an unusual correction was confirmed.
        confirmed: bool,
        /// Who asked.
        source: Source,
    },
    /// A booster was marked. (The verb `booster`.)
    Booster {
        /// How long before the record it was given, in seconds.
        ago_s: f64,
        /// Who asked.
        source: Source,
    },
    /// Any other verb that was carried out.
    Verb {
        /// As written in scripts.
        verb: Verb,
        /// Who asked.
        source: Source,
    },
    /// A verb that was not carried out; nothing changed.
    Refused {
        /// As written in scripts.
        verb: Verb,
        /// Who asked.
        source: Source,
        /// In words for the screen.
        why: SafeText,
    },
    /// A verb was taken back. (The verb `undo`.)
    Undone {
        /// The verb taken back.
        verb: Verb,
        /// Who asked.
        source: Source,
    },
    /// The session moved to another phase.
    Phase {
        /// From which; `None` at the start.
        from: Option<PhaseKind>,
        /// To which; `None` at the end.
        to: Option<PhaseKind>,
        /// Why.
        why: Why,
    },
    /// A piece began to sound.
    Track {
        /// Its place in the plan.
        id: TrackId,
        /// Its title.
        title: SafeText,
        /// Its artist, if known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        artist: Option<SafeText>,
        /// The phase it plays in.
        phase: PhaseKind,
        /// The steering pool it comes from, if any.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        pool: Option<Steer>,
        /// Where in the piece it began, in seconds.
        from_s: f64,
        /// Trim, playlist gain and phase level together.
        gain_db: Decibels,
    },
    /// A piece was left.
    TrackEnd {
        /// Its place in the plan.
        id: TrackId,
        /// How long it was heard, in seconds, to the middle of the crossfade out of it.
        heard_s: f64,
    },
    /// A crossfade began.
    Joint {
        /// Its length in seconds.
        length_s: f64,
        /// By how much the gain of the piece that comes differs from its own at first, so that loudness makes no step.
        #[serde(default)]
        eased_db: Decibels,
    },
    /// The plan of the rest changed.
    Plan {
        /// Each phase from the present one on and when it ends, in minutes on the session clock.
        phases: Vec<PlannedEnd>,
        /// When the session ends, in minutes on the session clock; `None` while that is open.
        ends: Option<f64>,
    },
    /// An output has begun to play. Added by the host.
    Output {
        /// Its name.
        name: SafeText,
        /// What is known of it, in words.
        state: SafeText,
    },
    /// How loud it has been: the highest true peak so far, after the limiter. Added by the host at the end of a piece, if it
    /// has grown; not where sound is not computed.
    Loudest {
        /// In dBTP, to the tenth.
        peak_dbtp: f64,
    },
    /// Something broke.
    Fault {
        /// What the host reported.
        #[serde(flatten)]
        report: Report,
    },
    /// Sound is back after a fault.
    Recovered {
        /// How long nothing was heard, in seconds.
        silence_s: f64,
    },
    /// The session is over; nothing plays afterwards.
    Ended {
        /// Why.
        why: Why,
    },
}

impl Event {
    /// The input that this record repeats in a replay; `None` for what the core finds out again by itself, and for refused
    /// verbs, which changed nothing.
    #[must_use]
    pub fn input(&self) -> Option<Input> {
        let verb = |verb: Verb, source: &Source| Some(Input::Verb(verb, *source));
        let span = |secs: f64| Span::from_millis((secs * 1000.0).round() as i64);
        match self {
            Self::Started { source, .. } => verb(Verb::Start, source),
            Self::Comfort { source, .. } => verb(Verb::Comfort, source),
            Self::Dose { ago_s, confirmed, source, .. } => {
                verb(Verb::Dose { ago: span(*ago_s), confirmed: *confirmed }, source)
            }
            Self::Booster { ago_s, source } => verb(Verb::Booster { ago: span(*ago_s) }, source),
            Self::Verb { verb: carried_out, source } => verb(carried_out.clone(), source),
            Self::Undone { source, .. } => verb(Verb::Undo, source),
            Self::Fault { report } => Some(Input::Report(report.clone())),
            Self::Recovered { silence_s } => Some(Input::Report(Report::OutputBack { silence: span(*silence_s) })),
            Self::Phase { why: Why::Resumed, .. } => Some(Input::Resumed),
            Self::Refused { .. }
            | Self::Phase { .. }
            | Self::Track { .. }
            | Self::TrackEnd { .. }
            | Self::Joint { .. }
            | Self::Plan { .. }
            | Self::Output { .. }
            | Self::Loudest { .. }
            | Self::Ended { .. } => None,
        }
    }
}

/// When a phase ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedEnd {
    /// The phase.
    pub phase: PhaseKind,
    /// In minutes on the session clock; `None` while that is open.
    pub ends: Option<f64>,
    /// Its planned intensity at its beginning and at its end, 1 to 5.
    #[serde(default = "middling")]
    pub intensity: (u8, u8),
}

/// What a journal that does not say it is drawn as.
const fn middling() -> (u8, u8) {
    (3, 3)
}

/// Why the session moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// Its time was up.
    Planned,
    /// A verb asked for it.
    Verb,
    /// The dose mark showed that the session is elsewhere.
    Dose,
    /// A verb was taken back.
    Undo,
    /// The countdown was vetoed into a hold.
    Veto,
    /// After a fault, at the place on the medicine clock.
    Resumed,
}
