//! The core: decides what should be happening now. Follows the medicine clock, plans the music, carries out verbs.
//!
//! *Invariant:* pure. It has no clock, no files, no threads and no sound; time is an argument, and the same inputs at the
//! same instants give the same outputs.
//!
//! The contract: `handle(now, input)`, then `poll()` until it gives [`Output::Deadline`]; call again with
//! [`Input::Tick`] no later than that deadline. `now` never goes back.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod effect;
mod event;
mod plan;
mod route;
mod snapshot;
mod verb;

pub use effect::{Effect, Input, Lane, Report};
pub use event::{Event, PlannedEnd, Why};
pub use plan::{Advance, BedId, Curve, Material, Order, Phase, PhaseKind, Plan, Steer, SteeringPool, Track, TrackId};
pub use route::Route;
pub use snapshot::{ArcPhase, NextView, Notice, NowView, PhaseView, Quiet, Snapshot, Transport, UndoOffer};
pub use verb::{Source, Verb, VerbError, verb_names};

use crate::units::SessionTime;

/// What the core wants done or known.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// For the journal and the screen.
    Event(Event),
    /// For the engine.
    Effect(Effect),
    /// Nothing more now; wake the core no later than this (`None`: not before the next input).
    Deadline(Option<SessionTime>),
}

/// One session.
pub struct Session {
    _plan: Plan,
}

impl Session {
    /// A session that is loaded and not yet started. `seed` decides every choice that the plan leaves open.
    #[must_use]
    pub fn new(_plan: Plan, _seed: u64) -> Self {
        Self { _plan }
    }

    /// Takes in what happened at `now`.
    pub fn handle(&mut self, _now: SessionTime, _input: Input) {}

    /// The next output; [`Output::Deadline`] when there is no more.
    pub fn poll(&mut self) -> Output {
        Output::Deadline(None)
    }

    /// The state at `now` for screens and scripts.
    #[must_use]
    pub fn snapshot(&self, _now: SessionTime) -> Snapshot {
        unreachable!("written by its owner")
    }
}
