//! Taking back: `undo` gives the session in which the verb never was.
//!
//! The course as it stood before the verb is kept for 30 s. `undo` restores it and lets it run, unheard, to the present: so
//! boundaries, mark, hold and slots are exactly those of a session without the verb, and a boundary that would have been
//! passed meanwhile is passed. If the music is another one by then, it crosses back to the place it would have reached.
//!
//! What is not taken back: the clocks, the journal, the lanes (they have their own inverse verbs), what failed, and what
//! was heard meanwhile, which stays heard.

use super::state::Course;
use super::verb::Verb;
use crate::units::{SessionTime, Span};

/// How long a verb can be taken back (product rule).
pub(super) const OFFER: Span = Span::from_secs(30);

/// A verb that can still be taken back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taken {
    pub verb: Verb,
    pub at: SessionTime,
    /// The course before it.
    pub course: Box<Course>,
}

impl Taken {
    /// How long the offer still stands.
    pub(super) fn left(&self, now: SessionTime) -> Span {
        OFFER - (now - self.at)
    }
}

/// Whether a verb changes the course, so that `undo` means it. The level, the duck and quiet are not among them: they have
/// inverse verbs, and pressing `softer` does not take the offer away from the `next` before it.
pub(super) const fn is_reversible(verb: &Verb) -> bool {
    match verb {
        Verb::Dose { .. }
        | Verb::Booster { .. }
        | Verb::Device
        | Verb::Shift { .. }
        | Verb::Hold
        | Verb::Release
        | Verb::Extend { .. }
        | Verb::Next
        | Verb::Return
        | Verb::Goto(_)
        | Verb::Steer(_)
        | Verb::Home
        | Verb::Different
        | Verb::End => true,
        Verb::Start
        | Verb::Duck
        | Verb::Unduck
        | Verb::Silence
        | Verb::Resume
        | Verb::Break
        | Verb::Back
        | Verb::Softer
        | Verb::Louder
        | Verb::Mute
        | Verb::Mark { .. }
        | Verb::Comfort
        | Verb::Output { .. }
        | Verb::Undo => false,
    }
}
