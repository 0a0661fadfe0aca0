//! The snapshot: all that a screen or a script may know of the session, as plain data.

use serde::{Deserialize, Serialize};

use super::plan::{Advance, PhaseKind, Steer};
use super::verb::Verb;
use crate::units::{Decibels, MedicineTime, SafeText, SessionTime, Span, TrackTime};

/// The state of the session at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The playlist's title.
    pub title: SafeText,
    /// The route's name.
    pub route: SafeText,
    /// The instant.
    pub at: SessionTime,
    /// The medicine clock; `None` before the dose mark.
    pub medicine: Option<MedicineTime>,
    /// What the therapist intends.
    pub transport: Transport,
    /// The present phase; `None` before the start and after the end.
    pub phase: Option<PhaseView>,
    /// The piece that sounds.
    pub now: Option<NowView>,
    /// The piece after it.
    pub next: Option<NextView>,
    /// The therapist's level for this client.
    pub level: Decibels,
    /// Never louder than this, once `comfort` has been given.
    pub cap: Option<Decibels>,
    /// Lowered for talking.
    pub ducked: bool,
    /// Silent on purpose.
    pub quiet: Option<Quiet>,
    /// All phases, past and to come, for the arc.
    pub arc: Vec<ArcPhase>,
    /// When the session ends; `None` while that is open.
    pub ends: Option<SessionTime>,
    /// The verb that `undo` would take back, and how long it still can.
    pub undo: Option<UndoOffer>,
    /// A silent cue to show now, such as "spit".
    pub cue: Option<SafeText>,
    /// Observation left since the last device (Spravato).
    pub observation: Option<Span>,
    /// The latest things worth knowing, newest last, at most five.
    pub notices: Vec<Notice>,
}

/// What the therapist intends; found by verbs and the plan alone, never from the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Loaded; nothing sounds yet.
    Ready,
    /// Following the plan.
    Running,
    /// Staying in this phase.
    Held,
    /// The last fade.
    Ending,
    /// Over.
    Ended,
}

/// Intended silence, by which verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quiet {
    /// `silence`.
    Silence,
    /// `mute`.
    Mute,
    /// `break`: very soft rather than silent.
    Break,
}

impl Quiet {
    /// Whether nothing at all is heard.
    #[must_use]
    pub const fn is_silent(self) -> bool {
        matches!(self, Self::Silence | Self::Mute)
    }
}

/// The present phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseView {
    /// Which.
    pub kind: PhaseKind,
    /// Its title, or its kind.
    pub title: SafeText,
    /// When it was entered.
    pub entered: SessionTime,
    /// When it ends; `None` while that is open (preparation, a hold).
    pub ends: Option<SessionTime>,
    /// Who may end it.
    pub advance: Advance,
    /// Its time is up and it waits for the therapist (`ask`, `manual`).
    pub overdue: bool,
    /// The visible countdown before it moves on by itself, from 60 s down.
    pub countdown: Option<Span>,
    /// The steering pool that plays instead of its own.
    pub steer: Option<Steer>,
}

/// The piece that sounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NowView {
    /// Its title.
    pub title: SafeText,
    /// Its artist, if known.
    pub artist: Option<SafeText>,
    /// Where in the piece we are.
    pub position: TrackTime,
    /// Where it will be left.
    pub until: TrackTime,
    /// The crossfade into it is still going on.
    pub crossing: bool,
}

/// The piece to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextView {
    /// Its title.
    pub title: SafeText,
    /// When the crossfade into it begins; `None` while that is open.
    pub at: Option<SessionTime>,
    /// The phase it belongs to.
    pub phase: PhaseKind,
}

/// One phase of the arc.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArcPhase {
    /// Which.
    pub kind: PhaseKind,
    /// Its title, or its kind.
    pub title: SafeText,
    /// When it began or will begin; `None` if it was passed over or is not known.
    pub begins: Option<SessionTime>,
    /// When it ended or will end; `None` as above.
    pub ends: Option<SessionTime>,
    /// Intensity at its beginning and at its end, 1 to 5.
    pub intensity: (u8, u8),
}

/// What `undo` would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoOffer {
    /// The verb.
    pub verb: Verb,
    /// How long the offer stands.
    pub left: Span,
}

/// Something worth knowing: a refusal, a fault, a recovery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// When.
    pub at: SessionTime,
    /// In words for the screen.
    pub text: SafeText,
}
