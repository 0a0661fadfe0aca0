//! The planner: chooses the music of one phase, from a pool, up to a boundary. Pure and deterministic.
//!
//! Given the pool, the span to fill and what was already heard, it lays out slots, each crossing into the next, such that
//! the last piece ends (by itself, or at one of its exits) inside the crossfade at the boundary.
//!
//! In this order it wants: no piece again within 20 minutes; no piece again at all while an unheard one is left; no
//! piece cut off at the boundary; exits used sparingly, late ones rather than early ones; intensity close to the phase's
//! line. [`fit`] weighs these exactly over the subsets of a pool. What is longer than the pool can fill is first laid out
//! piece by piece ([`pick`]) until the rest can be fitted.
//!
//! The same task gives the same slots; what sounds already is part of the task and keeps sounding.

mod fit;
mod pick;
mod pieces;
mod seed;

use std::collections::BTreeMap;

pub(super) use pick::nearest;

use super::joint::Ease;
use super::plan::{Material, Order, Plan, Steer, Track, TrackId};
use crate::units::{SessionTime, Span, TrackTime};

/// A piece is not repeated sooner than this while there is anything else (product rule).
pub(super) const NOT_AGAIN_WITHIN: Span = Span::from_mins(20);

/// When each music was last heard, or will have been; by [`Plan::music`].
pub(super) type Heard = BTreeMap<TrackId, SessionTime>;

/// One piece at its place on the session clock.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// Which piece.
    pub track: TrackId,
    /// The phase it plays in: an index into the plan's phases.
    pub phase: usize,
    /// The steering pool it comes from.
    pub steer: Option<Steer>,
    /// When the crossfade into it begins.
    pub begins: SessionTime,
    /// How long that crossfade lasts.
    pub over: Span,
    /// From where in the piece.
    pub from: TrackTime,
    /// Where in the piece it is left: its end, an exit, or wherever the boundary falls.
    pub until: TrackTime,
    /// How its loudness was matched to the piece before it; nothing until it is crossed to.
    pub ease: Ease,
}

impl Slot {
    /// When it will have been left.
    pub(super) fn ends(&self) -> SessionTime {
        self.begins + (self.until - self.from)
    }

    /// Where in the piece we are at `now`.
    pub(super) fn position(&self, now: SessionTime) -> TrackTime {
        (self.from + (now - self.begins).or_zero()).min(self.until)
    }

    /// When the piece reaches `place`.
    pub(super) fn reaches(&self, place: TrackTime) -> SessionTime {
        self.begins + (place - self.from)
    }
}

/// The line that intensity follows over a phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    /// When the phase was entered.
    pub begins: SessionTime,
    /// How long it is.
    pub length: Span,
    /// Intensity at its beginning and at its end.
    pub intensity: (u8, u8),
}

impl Line {
    /// The wanted intensity in hundredths.
    pub(super) fn at(&self, now: SessionTime) -> i64 {
        let (first, last) = (i64::from(self.intensity.0) * 100, i64::from(self.intensity.1) * 100);
        let length = self.length.millis().max(1);
        let gone = (now - self.begins).millis().clamp(0, length);
        first + (last - first) * gone / length
    }

    /// Whether the line falls.
    pub(super) fn falls(&self) -> bool {
        self.intensity.1 < self.intensity.0
    }
}

/// Where a layout begins.
#[derive(Clone, Debug)]
pub(super) enum Start {
    /// With a crossfade at this instant; with this piece, if given.
    Cross(SessionTime, Option<TrackId>),
    /// After the piece that sounds, which may be left no sooner than the instant.
    After(Slot, SessionTime),
}

/// What a layout must reach.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// A boundary: the last piece ends between it and the end of the crossfade that begins there.
    Boundary(SessionTime, Span),
    /// No boundary yet: music at least until then.
    Open(SessionTime),
}

/// A pool and how to choose from it.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// Its pieces, without those that failed.
    pub pieces: Vec<TrackId>,
    /// The phase the slots belong to.
    pub phase: usize,
    /// The steering pool, if it is one.
    pub steer: Option<Steer>,
    /// Crossfade into and inside it.
    pub crossfade: Span,
    /// How it chooses.
    pub order: Order,
    /// The intensity it follows.
    pub line: Line,
}

/// All that a layout depends on.
pub(super) struct Task<'a> {
    pub plan: &'a Plan,
    pub pool: &'a Pool,
    pub heard: &'a Heard,
    pub start: Start,
    pub goal: Goal,
    pub seed: u64,
}

/// A layout: where the piece that sounds is left, and what follows it.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    pub leave: Option<TrackTime>,
    pub slots: Vec<Slot>,
}

/// Lays out the pool from the start to the goal. Empty only if the pool is.
pub(super) fn lay_out(task: &Task<'_>) -> Layout {
    let mut draft = Draft::new(task);
    match task.goal {
        Goal::Open(beyond) => draft.fill(beyond),
        Goal::Boundary(at, over) => draft.reach(at, over),
    }
    draft.into_layout()
}

/// A layout in the making.
struct Draft<'a> {
    task: &'a Task<'a>,
    /// What sounds at the start, then the slots.
    slots: Vec<Slot>,
    /// Whether the first of them sounds already.
    sounding: bool,
    heard: Heard,
    /// The next joint begins no earlier than this.
    earliest: SessionTime,
}

impl<'a> Draft<'a> {
    fn new(task: &'a Task<'a>) -> Self {
        let mut draft =
            Self { task, slots: Vec::new(), sounding: false, heard: task.heard.clone(), earliest: SessionTime::ZERO };
        match &task.start {
            Start::Cross(at, first) => {
                draft.earliest = *at;
                if let Some(first) = *first {
                    draft.append(first);
                }
            }
            Start::After(slot, now) => {
                draft.earliest = *now;
                let mut slot = slot.clone();
                slot.until = natural_end(task.plan.track(slot.track), &slot, *now);
                draft.heard.insert(task.plan.music(slot.track), slot.ends());
                draft.slots.push(slot);
                draft.sounding = true;
            }
        }
        draft
    }

    fn into_layout(mut self) -> Layout {
        let leave = self.sounding.then(|| self.slots.remove(0).until);
        Layout { leave, slots: self.slots }
    }

    /// Until when there is music.
    fn end(&self) -> SessionTime {
        self.slots.last().map_or(self.earliest, Slot::ends)
    }

    /// The joint into `track` after the last slot: when it begins and how long it lasts.
    fn joint(&self, track: &Track) -> (SessionTime, Span) {
        let wished = overlap(track, self.task.pool.crossfade);
        let Some(last) = self.slots.last() else { return (self.earliest, wished) };
        let over = wished.min(half(last.until - last.from)).min((last.ends() - self.earliest).or_zero());
        (last.ends() - over, over.max(SHORTEST_JOINT))
    }

    /// Adds a piece whole.
    fn append(&mut self, id: TrackId) {
        let track = self.task.plan.track(id);
        let plan = self.task.plan;
        if let Some(last) = self.slots.last_mut().filter(|last| plan.music(last.track) == track.same_as)
            && track.material == Material::Generator
        {
            // A generator has no end of its own: rather than crossing into itself it goes on.
            last.until = last.until + track.length();
            let ends = last.ends();
            self.heard.insert(track.same_as, ends);
            return;
        }
        let (begins, over) = self.joint(track);
        self.push(id, begins, over, track.start, track.end);
    }

    fn push(&mut self, track: TrackId, begins: SessionTime, over: Span, from: TrackTime, until: TrackTime) {
        let Pool { phase, steer, .. } = *self.task.pool;
        let slot = Slot { track, phase, steer, begins, over, from, until, ease: Ease::default() };
        self.heard.insert(self.task.plan.music(track), slot.ends());
        self.slots.push(slot);
    }

    /// Piece by piece until there is music beyond an instant.
    fn fill(&mut self, beyond: SessionTime) {
        while self.end() < beyond {
            if self.repeat_region() {
                continue;
            }
            let before = self.end();
            let Some(id) = pick::next(self.task, &self.heard, before, self.slots.last()) else { return };
            self.append(id);
            if self.end() <= before {
                return;
            }
        }
    }

    /// Repeats the last piece's loop region once nothing unheard is left; `false` if it has none, or has passed it.
    fn repeat_region(&mut self) -> bool {
        let pieces = &self.task.pool.pieces;
        let unheard = pieces.iter().any(|id| !self.heard.contains_key(&self.task.plan.music(*id)));
        let Some(last) = self.slots.last().filter(|last| !unheard && pieces.contains(&last.track)) else {
            return false;
        };
        let track = self.task.plan.track(last.track);
        let Some((from, until)) = track.loop_region.filter(|(from, until)| *until - *from >= LONG_REGION) else {
            return false;
        };
        let over = self.task.pool.crossfade.min(half(until - from));
        let leaves = last.reaches(until) - over;
        if last.from >= until || leaves < self.earliest || leaves < last.begins + last.over {
            return false;
        }
        let id = last.track;
        let index = self.slots.len() - 1;
        self.slots[index].until = until;
        self.push(id, leaves, over, from, until);
        true
    }

    /// To a boundary: piece by piece while there is more to fill than the pool can fit, then fitted.
    fn reach(&mut self, at: SessionTime, over: Span) {
        // Nothing is laid out backwards, whatever a caller asks for.
        let at = at.max(self.earliest);
        loop {
            let before = self.end();
            if fit::fit(self, at, over) {
                return;
            }
            let Some(id) = pick::next(self.task, &self.heard, before, self.slots.last()) else { return };
            self.append(id);
            if self.end() <= before {
                return;
            }
        }
    }
}

/// A loop region shorter than this would be noticed as a loop.
const LONG_REGION: Span = Span::from_secs(30);

/// No joint is shorter (product rule: 2 s to 60 s).
pub(super) const SHORTEST_JOINT: Span = Span::from_secs(2);

/// The crossfade into a piece: never longer than half of it.
fn overlap(track: &Track, crossfade: Span) -> Span {
    track.fade_in.unwrap_or(crossfade).min(half(track.length()))
}

fn half(span: Span) -> Span {
    Span::from_millis(span.millis() / 2)
}

/// Where a sounding piece would be left if nothing else were planned: a recording at its end; a generator at the end of
/// its planned minutes, or a little later if it has been stretched beyond them.
fn natural_end(track: &Track, slot: &Slot, now: SessionTime) -> TrackTime {
    let planned = if track.material == Material::Generator { slot.from + track.length() } else { track.end };
    let reached = slot.position(now) + Span::from_mins(1);
    if track.material == Material::Generator && planned < reached { reached } else { planned }
}

#[cfg(test)]
mod tests;
