//! The timeline: what sounds, what is prepared, and what is to come, each at its instant on the session clock.
//!
//! A crossfade is a slot's data, never a chain of callbacks: at its instant the core asks for the cross, and where the
//! music is at any other instant is arithmetic.

use std::collections::VecDeque;

use super::planner::Slot;
use crate::units::{SessionTime, Span, Ticket};

/// A piece is prepared this long before its crossfade (product rule: decoded 60 s before; the rest is for opening it).
const PREPARE_AHEAD: Span = Span::from_secs(120);

/// What plays when.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Timeline {
    /// What sounds.
    pub sounding: Option<(Ticket, Slot)>,
    /// What has been prepared: the first of `coming`, if it is the same piece from the same place.
    pub prepared: Option<(Ticket, Slot)>,
    /// What comes, in order.
    pub coming: VecDeque<Slot>,
    /// When `coming` was laid out; what rested then is missing in it.
    pub laid_out: SessionTime,
    /// Music without a boundary is not added to before this.
    pub extend_from: SessionTime,
}

impl Timeline {
    /// Whether the prepared piece is the one that comes next. Where it is left may have changed since.
    pub(super) fn prepared_is_next(&self) -> bool {
        match (&self.prepared, self.coming.front()) {
            (Some((_, ready)), Some(next)) => ready.track == next.track && ready.from == next.from,
            _ => false,
        }
    }

    /// When the next piece should be prepared; `None` if it is, or if there is none.
    pub(super) fn prepare_at(&self) -> Option<SessionTime> {
        let next = self.coming.front()?;
        (!self.prepared_is_next()).then(|| next.begins - PREPARE_AHEAD)
    }

    /// When the next crossfade begins.
    pub(super) fn cross_at(&self) -> Option<SessionTime> {
        self.coming.front().map(|next| next.begins)
    }

    /// Until when there is music.
    pub(super) fn ends(&self) -> Option<SessionTime> {
        self.coming.back().or(self.sounding.as_ref().map(|(_, slot)| slot)).map(Slot::ends)
    }

    /// The piece that sounds.
    pub(super) fn now(&self) -> Option<&Slot> {
        self.sounding.as_ref().map(|(_, slot)| slot)
    }
}
