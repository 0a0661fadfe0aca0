//! The core: decides what should be happening now. Follows the medicine clock, plans the music, carries out verbs.
//!
//! *Invariant:* pure. It has no clock, no files, no threads and no sound; time is an argument, and the same inputs at the
//! same instants give the same outputs.
//!
//! The contract: `handle(now, input)`, then `poll()` until it gives [`Output::Deadline`]; call again with
//! [`Input::Tick`] no later than that deadline. `now` is on the session clock, which starts with the verb `start` and is 0
//! until then; it never goes back. A tick that comes late does what was due at the instants when it was due.
//!
//! | to know | read |
//! |---|---|
//! | what a session is made of | `plan`, `route` |
//! | what goes in and comes out | `verb`, `effect`, `event`, `snapshot` |
//! | what is kept | `state`: the machine of the transport, and the course that `undo` restores |
//! | what each verb does | `verbs` (which, when), `course` (moves on the plan), `medicine` (the dose), `lanes` (levels) |
//! | what time does | `clockwork` (what is due), `boundaries` (arithmetic), `timeline` (what plays when) |
//! | which music | `layout` (pool and goal), `planner` (the choice), `joint` (as loud as what was before) |
//! | what goes wrong | `reports`, `refusal`, `gate`, `undo` |
//! | what a plan will come to | `forecast`: the core run ahead |
//!
//! A phase change happens *at* its boundary: there the crossfade into the next phase begins, and the last piece ends inside
//! it. Nothing that happens to the sound moves a boundary.
//!
//! The journal repeats a session: [`Event::input`] of each record, handed in at its instant, gives an equal session; then
//! [`Input::Resumed`] has everything the engine needs sounded again, at the place.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod boundaries;
mod clockwork;
mod course;
mod effect;
mod event;
mod forecast;
mod gate;
mod joint;
mod lanes;
mod layout;
mod medicine;
mod plan;
mod planner;
mod refusal;
mod reports;
mod route;
mod snapshot;
mod state;
mod timeline;
mod undo;
mod verb;
mod verbs;
mod view;

pub use effect::{Effect, Input, Lane, Report};
pub use event::{Event, PlannedEnd, Why};
pub use forecast::{Forecast, Sounding, forecast};
pub use plan::{Advance, BedId, Curve, Material, Order, Phase, PhaseKind, Plan, Steer, SteeringPool, Track, TrackId};
pub use route::Route;
pub use snapshot::{ArcPhase, NextView, Notice, NowView, PhaseView, Quiet, Snapshot, Transport, UndoOffer};
pub use verb::{Source, Verb, VerbError, verb_names};

use std::collections::VecDeque;

use self::state::State;
use crate::units::{SessionTime, Span, Ticket};

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
#[derive(Clone, Debug)]
pub struct Session {
    plan: Plan,
    seed: u64,
    /// The planned length of each phase.
    lengths: Vec<Span>,
    state: State,
    /// The latest instant that was given.
    now: SessionTime,
    outbox: VecDeque<Output>,
}

impl Session {
    /// A session that is loaded and not yet started. `seed` decides every choice that the plan leaves open.
    #[must_use]
    pub fn new(plan: Plan, seed: u64) -> Self {
        let state = State::new(plan.phases.len());
        let lengths = plan.phases.iter().map(|phase| phase.planned).collect();
        Self { plan, seed, lengths, state, now: SessionTime::ZERO, outbox: VecDeque::new() }
    }

    /// Takes in what happened at `now`. What was due before `now` is done first, each thing at its own instant.
    pub fn handle(&mut self, now: SessionTime, input: Input) {
        let now = now.max(self.now);
        self.run_to(now);
        match input {
            Input::Verb(verb, source) => self.verb(now, verb, source),
            Input::Report(report) => self.report(now, report),
            Input::Resumed => self.resume(now),
            Input::Tick => {}
        }
        self.drop_stale_crossings();
    }

    /// The next output; [`Output::Deadline`] when there is no more.
    pub fn poll(&mut self) -> Output {
        self.outbox.pop_front().unwrap_or_else(|| Output::Deadline(self.deadline()))
    }

    fn event(&mut self, event: Event) {
        self.outbox.push_back(Output::Event(event));
    }

    fn effect(&mut self, effect: Effect) {
        self.outbox.push_back(Output::Effect(effect));
    }

    /// After a long gap (the machine slept) several crossfades may have come due: only the last one is still wanted.
    fn drop_stale_crossings(&mut self) {
        let crossed: Vec<_> = self.outbox.iter().filter_map(crossing).collect();
        let Some((_, stale @ [_, ..])) = crossed.split_last() else { return };
        for ticket in stale {
            let prepared_now = self.outbox.iter().any(|output| prepares(output) == Some(*ticket));
            if prepared_now {
                self.outbox.retain(|output| prepares(output) != Some(*ticket) && crossing(output) != Some(*ticket));
            } else if let Some(output) = self.outbox.iter_mut().find(|output| crossing(output) == Some(*ticket)) {
                *output = Output::Effect(Effect::Forget { ticket: *ticket });
            }
        }
    }
}

fn crossing(output: &Output) -> Option<Ticket> {
    if let Output::Effect(Effect::Cross { ticket, .. }) = output { Some(*ticket) } else { None }
}

fn prepares(output: &Output) -> Option<Ticket> {
    if let Output::Effect(Effect::Prepare { ticket, .. }) = output { Some(*ticket) } else { None }
}

#[cfg(test)]
mod tests;
