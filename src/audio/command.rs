//! What the engine can be told: mechanical orders, in the words of decks and lanes.

use super::settings::{Selection, Target};
use crate::media::{MediaError, Stream};
use crate::units::{Decibels, Frames, Gain, Ticket};

/// Opens a piece. Runs on a thread of its own: it may block, and a panic in it is only that piece's failure.
pub type Opener = Box<dyn FnOnce() -> Result<Box<dyn Stream>, MediaError> + Send>;

/// What a [`Command::Ramp`] moves. The lanes multiply; none of them touches a deck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The therapist's level for this client.
    Comfort,
    /// Lowered for talking.
    Duck,
    /// Whether the programme is there at all.
    Presence,
}

/// The shape of a crossfade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Sine and cosine, for unlike material: their powers sum to one.
    EqualPower,
    /// Straight lines, for like material: their gains sum to one.
    EqualGain,
}

/// A gain on top of a piece's own that stays for a while and then goes back to nothing, straight in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ease {
    /// At first.
    pub by: Decibels,
    /// For how long, from the first frame of the piece.
    pub stays: Frames,
    /// How fast it goes back.
    pub back_per_second: f32,
}

impl Ease {
    /// Its own gain from the start.
    pub const NONE: Self = Self { by: Decibels::ZERO, stays: Frames::ZERO, back_per_second: 1.0 };
}

/// An order to the engine. None blocks, and none is a step: the shortest ramp is 10 ms.
pub enum Command {
    /// Opens a piece and decodes ahead, silently. Answered by `Loaded` or `Failed`.
    Load {
        /// Names the piece in every later order and report.
        ticket: Ticket,
        /// Opens it.
        open: Opener,
        /// How much of it will be played, if that is known; `None` for an endless source.
        length: Option<Frames>,
    },
    /// A loaded piece is no longer wanted. What sounds already is left alone: it is left only by crossing.
    Unload {
        /// Whose.
        ticket: Ticket,
    },
    /// Crosses from all that sounds to this loaded piece, as soon as 0.2 s of it are decoded. When nothing sounds (or
    /// nothing but silence, for a second) it rises from -60 dB over this time, but no faster than 12 dB/s (5 s to full level) and no slower than 8 s.
    Cross {
        /// Whose.
        ticket: Ticket,
        /// How long the crossfade lasts.
        over: Frames,
        /// Its shape.
        curve: Curve,
        /// The gain of the piece: trim, playlist gain and phase level together.
        gain: Gain,
        /// What matches it to what sounds before it.
        ease: Ease,
    },
    /// Crosses to this bed under the programme, or to none.
    Bed {
        /// Opens the bed; `None` for no bed.
        open: Option<Opener>,
        /// Its gain.
        gain: Gain,
        /// How long the crossfade lasts.
        over: Frames,
    },
    /// Moves a lane, straight in dB. Whatever is asked, the lanes together never rise faster than 12 dB/s.
    Ramp {
        /// Which.
        lane: Lane,
        /// Begins from here (a jump is eased); from where it is, if `None`.
        from: Option<Decibels>,
        /// To here; [`Decibels::SILENCE`] is silence.
        to: Decibels,
        /// How long it takes.
        over: Frames,
    },
    /// Plays on these outputs and no others (two at most; none for silence). A new one comes in from -20 dB, and the old ones
    /// give way once it plays; they stay if it cannot be opened.
    Select {
        /// Which.
        outputs: Vec<Selection>,
    },
    /// Makes one output softer than its gain, because something outside makes it louder.
    Trim {
        /// Which, as it was chosen.
        output: Target,
        /// By this, at most 0 dB.
        by: Decibels,
    },
    /// Opens one output anew: its sound does not arrive where it should.
    Reopen {
        /// Which, as it was chosen.
        output: Target,
    },
}
