//! The state of a session: machines as enums with their data, and the course, which is all that `undo` restores.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::boundaries::Boundaries;
use super::event::Why;
use super::gate::Gate;
use super::lanes::Lanes;
use super::plan::{BedId, Steer, TrackId};
use super::planner::Heard;
use super::snapshot::Notice;
use super::timeline::Timeline;
use super::undo::Taken;
use crate::units::{SafeText, SessionTime, Span};

/// What the therapist intends: the machine of the transport.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// Loaded; nothing sounds yet.
    Ready,
    /// Following the plan.
    Running,
    /// Staying in this phase.
    Held,
    /// The last fade, until `done`.
    Ending {
        /// When it will be silent.
        done: SessionTime,
        /// Why it ends.
        why: Why,
    },
    /// Over.
    Ended,
}

/// When a phase was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Visit {
    pub entered: SessionTime,
    pub left: Option<SessionTime>,
}

/// Where the session stands on its plan, and what will play: all that a verb may change and `undo` restores.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course {
    pub stage: Stage,
    /// The present phase: an index into the plan's phases.
    pub phase: usize,
    /// The latest visit of each phase.
    pub visits: Vec<Option<Visit>>,
    pub boundaries: Boundaries,
    /// The dose mark; before the session's start if the medicine was given before it.
    pub mark: Option<SessionTime>,
    /// The last device after the dose itself (Spravato).
    pub device: Option<SessionTime>,
    /// The latest phase entered by hand: a corrected mark does not go back behind it.
    pub by_hand: usize,
    pub steer: Option<Steer>,
    pub timeline: Timeline,
    pub heard: Heard,
}

/// Music that was not there in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lateness {
    /// Not chosen before.
    pub until: SessionTime,
    /// How long it rested last.
    pub rest: Span,
}

/// Everything; two sessions with equal states behave alike.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub course: Course,
    pub lanes: Lanes,
    pub gate: Gate,
    /// What `undo` would take back.
    pub taken: Option<Taken>,
    /// Music that could not be played; never chosen again in this session.
    pub failed: BTreeSet<TrackId>,
    pub late: BTreeMap<TrackId, Lateness>,
    /// The bed that was last asked for.
    pub bed: Option<BedId>,
    /// The last ticket given out.
    pub tickets: u32,
    pub notices: VecDeque<Notice>,
}

impl State {
    pub(super) fn new(phases: usize) -> Self {
        let course = Course {
            stage: Stage::Ready,
            phase: 0,
            visits: vec![None; phases],
            boundaries: Boundaries::open(phases),
            mark: None,
            device: None,
            by_hand: 0,
            steer: None,
            timeline: Timeline::default(),
            heard: Heard::new(),
        };
        Self {
            course,
            lanes: Lanes::new(),
            gate: Gate::default(),
            taken: None,
            failed: BTreeSet::new(),
            late: BTreeMap::new(),
            bed: None,
            tickets: 0,
            notices: VecDeque::new(),
        }
    }

    /// Something worth knowing; the latest five are kept.
    pub(super) fn notice(&mut self, at: SessionTime, text: SafeText) {
        self.notices.push_back(Notice { at, text });
        if self.notices.len() > 5 {
            self.notices.pop_front();
        }
    }
}
