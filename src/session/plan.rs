//! The plan: a checked, immutable schedule of a session. Made by `playlist`, valid by construction.

use serde::{Deserialize, Serialize};

use super::route::Route;
use crate::units::{Contour, DbTp, Decibels, SafeText, Span, TrackTime};

/// The six kinds of phase, in the order in which a session passes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseKind {
    /// Before the medicine; open-ended.
    Preparation,
    /// From the dose mark until the medicine is felt.
    Onset,
    /// Rising.
    Ascent,
    /// The height of the experience.
    Peak,
    /// Coming back.
    Return,
    /// Awake again, resting.
    Integration,
}

impl PhaseKind {
    /// All kinds, in order.
    pub const ALL: [Self; 6] =
        [Self::Preparation, Self::Onset, Self::Ascent, Self::Peak, Self::Return, Self::Integration];

    /// The name in files, scripts and the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparation => "preparation",
            Self::Onset => "onset",
            Self::Ascent => "ascent",
            Self::Peak => "peak",
            Self::Return => "return",
            Self::Integration => "integration",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who may end a phase when its time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Advance {
    /// Waits for ever.
    Manual,
    /// Waits, and shows that time is up.
    Ask,
    /// Moves on by itself after a visible countdown, which one key vetoes into a hold.
    Auto,
}

/// How a phase chooses from its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The planner chooses.
    Planned,
    /// As written.
    Listed,
    /// Shuffled with the session's seed.
    Shuffled,
}

/// The shape of a crossfade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// -3 dB each at the middle: for unlike material.
    EqualPower,
    /// -6 dB each at the middle: for like material.
    EqualGain,
}

/// A track of the plan: its index in [`Plan::tracks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackId(pub u32);

/// A bed of the plan: an index that the plan's maker and the host agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BedId(pub u32);

/// What the core needs to know of a track's material; the host knows the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// A recording; as long as it is.
    File,
    /// A generator: endless, so it can be stretched or shortened to fit.
    Generator,
    /// Intended silence.
    Silence,
}

/// One piece that a pool offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The title to show.
    pub title: SafeText,
    /// The artist, if known.
    pub artist: Option<SafeText>,
    /// Lower-case tags; `lyrics` and `percussion` are never grounding.
    pub tags: Vec<String>,
    /// 1 (stillest) to 5 (most intense).
    pub intensity: u8,
    /// Loudness trim and the playlist's own gain together; the phase's level comes on top.
    pub gain: Decibels,
    /// How loud it is from second to second, before that gain; empty for silence.
    pub contour: Contour,
    /// Where the sound comes from.
    pub material: Material,
    /// Where in the file the piece begins.
    pub start: TrackTime,
    /// Where it ends by itself, true to the frame count; for a generator, `start` + its planned minutes.
    pub end: TrackTime,
    /// Musical places to leave early: ascending, strictly between `start` and `end`.
    pub exits: Vec<TrackTime>,
    /// A region that may repeat without a seam while a phase is held: `start <= from < to <= end`.
    pub loop_region: Option<(TrackTime, TrackTime)>,
    /// Overrides the length of the crossfade into this piece.
    pub fade_in: Option<Span>,
    /// The first track of the plan that is the same music: itself, unless another one offers it too. What was heard of one
    /// of them was heard of all.
    pub same_as: TrackId,
}

impl Track {
    /// How long the piece lasts when it is heard whole.
    #[must_use]
    pub fn length(&self) -> Span {
        self.end - self.start
    }
}

/// A pool, a plan and a permission.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Which of the six.
    pub kind: PhaseKind,
    /// Shown instead of the kind.
    pub title: Option<SafeText>,
    /// Planned length, more than nothing; preparation's is a guess, it is open-ended.
    pub planned: Span,
    /// Who may end it.
    pub advance: Advance,
    /// Offset to the target loudness.
    pub level: Decibels,
    /// Intensity at its beginning and at its end, 1 to 5.
    pub intensity: (u8, u8),
    /// Crossfade into and inside this phase, 2 s to 60 s.
    pub crossfade: Span,
    /// How it chooses.
    pub order: Order,
    /// The bed under the whole phase.
    pub bed: Option<BedId>,
    /// Its pool: never empty.
    pub pool: Vec<TrackId>,
}

/// The three steering pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Steer {
    /// Safe and plain; never lyrics or percussion.
    Ground,
    /// Warmer.
    Warmer,
    /// Deeper.
    Deeper,
}

/// A steering pool: music to cross to when the therapist asks for another feeling.
#[derive(Clone, Debug, PartialEq)]
pub struct SteeringPool {
    /// Which.
    pub steer: Steer,
    /// Crossfade into and inside it, 2 s to 60 s.
    pub crossfade: Span,
    /// Its pieces: never empty.
    pub pool: Vec<TrackId>,
}

/// A whole session, as planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The playlist's title.
    pub title: SafeText,
    /// The medicine's timing.
    pub route: Route,
    /// The curve of every crossfade.
    pub curve: Curve,
    /// What the limiter holds the output below: a piece is boosted only as far as its true peak leaves room under it.
    pub ceiling: DbTp,
    /// At least one, ascending by kind.
    pub phases: Vec<Phase>,
    /// At most one of each.
    pub steering: Vec<SteeringPool>,
    /// Every piece of every pool; a [`TrackId`] is an index into this.
    pub tracks: Vec<Track>,
}

impl Plan {
    /// A piece of this plan.
    #[must_use]
    pub fn track(&self, id: TrackId) -> &Track {
        &self.tracks[id.0 as usize]
    }

    /// The music that a track is, whichever pool offers it.
    #[must_use]
    pub fn music(&self, id: TrackId) -> TrackId {
        self.track(id).same_as
    }
}
