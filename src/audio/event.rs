//! What the engine reports.

use super::Target;
use crate::units::{Frames, SafeText, Span, Ticket};

/// Something that happened in the engine. Of one piece: `Loaded`, `Failed` or `Late`; after a cross `Started`, then perhaps `Starved`,
/// `Failed` (it will end early) or `Ended`, and last exactly one `Left`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Open and ready to be crossed to.
    Loaded {
        /// Whose.
        ticket: Ticket,
    },
    /// It cannot be played, or not to its end; what has been decoded (up to 30 s) still sounds.
    Failed {
        /// Whose.
        ticket: Ticket,
        /// In words.
        why: SafeText,
    },
    /// It was not open or decoded in time, and is given up; nothing is wrong with it.
    Late {
        /// Whose.
        ticket: Ticket,
        /// In words.
        why: SafeText,
    },
    /// The crossfade to it has begun.
    Started {
        /// Whose.
        ticket: Ticket,
    },
    /// It sounds no more.
    Left {
        /// Whose.
        ticket: Ticket,
        /// How much of it was played.
        heard: Frames,
    },
    /// It ran out by itself while it should sound; the safe bed takes over.
    Ended {
        /// Whose.
        ticket: Ticket,
    },
    /// Its decoder is late; the safe bed fills in until it is back.
    Starved {
        /// Whose.
        ticket: Ticket,
    },
    /// The phase's bed cannot be played.
    BedFailed {
        /// In words.
        why: SafeText,
    },
    /// An output is gone. The place is kept, and the same output is tried again for ever.
    OutputLost {
        /// Which, as it was chosen.
        output: Target,
        /// In words.
        why: SafeText,
    },
    /// An output is back after a loss.
    OutputBack {
        /// Which, as it was chosen.
        output: Target,
        /// How long nothing was heard.
        silence: Span,
    },
    /// A chosen output plays.
    OutputOn {
        /// Which, as it was chosen.
        output: Target,
    },
    /// A selected output cannot be opened; what played before stays.
    OutputRefused {
        /// Which, as it was chosen.
        output: Target,
        /// In words.
        why: SafeText,
    },
    /// The device was not served in time too often; its buffer is larger from now on.
    BufferGrown {
        /// The new size.
        frames: u32,
    },
    /// The device was not served in time.
    Xruns {
        /// How often since the engine was built.
        count: u64,
    },
    /// The render half failed inside and plays the safe bed alone from now on.
    BedOnly,
}
