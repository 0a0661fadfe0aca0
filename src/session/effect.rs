//! Inputs to the core, and the effects it asks for, in musical words; `host::conduct` translates them for the engine.

use serde::{Deserialize, Serialize};

use super::plan::{BedId, Curve, TrackId};
use super::verb::{Source, Verb};
use crate::units::{Decibels, SafeText, Span, Ticket, TrackTime};

/// Something that happens to the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The therapist asks for something.
    Verb(Verb, Source),
    /// The world reports something about the sound.
    Report(Report),
    /// The host has come back after a fault and has repeated the journal: sound again, at the place.
    Resumed,
    /// Nothing but time has passed.
    Tick,
}

/// What the host tells the core about the sound. Reports reach the journal, so that a replay sees them too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case")]
pub enum Report {
    /// The piece of this ticket cannot be played, or not to its end: missing, damaged, refused by the decoder.
    Failed {
        /// Whose.
        ticket: Ticket,
        /// In words for the journal and the screen.
        why: SafeText,
    },
    /// The piece of this ticket was not there in time: its disk hangs, or the machine is too busy. Nothing is wrong with it.
    Late {
        /// Whose.
        ticket: Ticket,
        /// In words for the journal and the screen.
        why: SafeText,
    },
    /// The piece of this ticket ended by itself, earlier than the plan expected.
    Ended {
        /// Whose.
        ticket: Ticket,
    },
    /// The output is gone; nothing is heard.
    OutputLost {
        /// In words.
        why: SafeText,
    },
    /// The output is back.
    OutputBack {
        /// How long nothing was heard.
        silence: Span,
    },
    /// A fault that changes nothing in the session but belongs in the journal (xruns, a slow disk, a clock step).
    Fault {
        /// Its kebab-case name, as in scenario scripts.
        what: SafeText,
        /// In words.
        why: SafeText,
    },
}

/// What a [`Effect::Level`] moves. The lanes multiply; none of them touches a deck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// The therapist's level for this client.
    Comfort,
    /// Lowered for talking.
    Duck,
    /// Whether the programme is there at all: first sound, silence, mute, break, the end.
    Presence,
}

/// A request to the engine, in musical words.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open this piece and decode ahead, silently; a later [`Effect::Cross`] names its ticket.
    Prepare {
        /// The piece's ticket.
        ticket: Ticket,
        /// Which piece.
        track: TrackId,
        /// From where.
        from: TrackTime,
        /// As far as it may have to play: a file's end; for a generator, as long as a session can last. It is left by a
        /// later [`Effect::Cross`], usually sooner.
        until: TrackTime,
    },
    /// A prepared piece is no longer wanted.
    Forget {
        /// Whose.
        ticket: Ticket,
    },
    /// Cross from whatever sounds to this prepared piece now. An intended silence is a piece too.
    Cross {
        /// Whose.
        ticket: Ticket,
        /// How long the crossfade lasts.
        over: Span,
        /// Its shape.
        curve: Curve,
        /// Trim, playlist gain and phase level together.
        gain: Decibels,
        /// On top of it during the crossfade and for [`Effect::EASED_ON_FOR`] after it; then it goes back to nothing, at
        /// [`Effect::eased_back_per_second`].
        ease: Decibels,
    },
    /// Cross to this bed under the programme, or to none.
    Bed {
        /// Which.
        bed: Option<BedId>,
        /// How long it takes.
        over: Span,
    },
    /// Move a lane.
    Level {
        /// Which.
        lane: Lane,
        /// Begin from here (an upward jump is eased by the engine); from where it is, if `None`.
        from: Option<Decibels>,
        /// To here; [`Decibels::SILENCE`] is silence.
        to: Decibels,
        /// How long it takes.
        over: Span,
    },
    /// Cross to another output.
    Output {
        /// Its name in the settings.
        name: SafeText,
    },
    /// The session has ended and its last fade is over: no effect follows.
    Finish,
}

impl Effect {
    /// How long the easing of a joint stays after the crossfade.
    pub const EASED_ON_FOR: Span = super::joint::SHORT_TERM;

    /// How fast the easing of a joint goes back, in dB per second: up as slowly as a rise without a key must be.
    #[must_use]
    pub fn eased_back_per_second(ease: Decibels) -> f32 {
        super::joint::back_per_second(ease)
    }
}
