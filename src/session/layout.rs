//! Keeping the timeline filled: which pool plays now, up to which boundary, and what follows it.

use std::collections::VecDeque;

use super::Session;
use super::clockwork::{AHEAD, SOFT_END};
use super::effect::Effect;
use super::plan::{Order, Steer, TrackId};
use super::planner::{self, Goal, Heard, Layout, Line, Pool, Start, Task};
use crate::units::{SessionTime, Span};

/// Open-ended music is looked at again no sooner than this.
const LOOK_AGAIN: Span = Span::from_mins(1);

/// Tags that never ground (product rule).
const NOT_GROUNDING: [&str; 2] = ["lyrics", "percussion"];

impl Session {
    /// Lays out the rest; what sounds keeps sounding.
    pub(super) fn replan_after(&mut self, now: SessionTime) {
        let start = match self.state.course.timeline.now() {
            Some(slot) => Start::After(slot.clone(), now),
            None => Start::Cross(now, None),
        };
        self.replan(start, now);
    }

    /// Lays out the rest, beginning with a crossfade now, to `first` if given.
    pub(super) fn replan_crossing(&mut self, now: SessionTime, first: Option<TrackId>) {
        let course = &mut self.state.course;
        if let Some(slot) = course.timeline.now() {
            // It was counted as heard to its planned end.
            course.heard.insert(self.plan.music(slot.track), now);
        }
        self.replan(Start::Cross(now, first), now);
    }

    fn replan(&mut self, start: Start, now: SessionTime) {
        let course = &self.state.course;
        let pool = self.pool(course.phase, course.steer, now);
        let goal = self.goal(now);
        let Layout { leave, slots } = self.lay_out(&pool, &course.heard, start, goal);
        let timeline = &mut self.state.course.timeline;
        if let (Some(leave), Some((_, slot))) = (leave, &mut timeline.sounding) {
            slot.until = leave;
            // It was counted as heard to where it was to be left before; the next phase is laid out by this.
            self.state.course.heard.insert(self.plan.music(slot.track), slot.ends());
        }
        let timeline = &mut self.state.course.timeline;
        timeline.coming = VecDeque::from(slots);
        timeline.laid_out = now;
        timeline.extend_from = now + LOOK_AGAIN;
        self.plan_ahead();
        self.forget_unless_next();
    }

    /// Adds to music without a boundary.
    pub(super) fn extend_layout(&mut self, now: SessionTime) {
        let course = &self.state.course;
        let pool = self.pool(course.phase, course.steer, now);
        let heard = self.heard_by_then();
        let last = course.timeline.coming.back().or(course.timeline.now()).cloned();
        let start = last.map_or(Start::Cross(now, None), |slot| Start::After(slot, now));
        let Layout { leave, slots } = self.lay_out(&pool, &heard, start, self.goal(now));
        let timeline = &mut self.state.course.timeline;
        let last = timeline.coming.back_mut().or(timeline.sounding.as_mut().map(|(_, slot)| slot));
        if let (Some(leave), Some(slot)) = (leave, last) {
            slot.until = leave;
        }
        timeline.coming.extend(slots);
        timeline.extend_from = now + LOOK_AGAIN;
    }

    /// Lays out the phase after this one, from the boundary on, so that its first piece is prepared in time.
    pub(super) fn plan_ahead(&mut self) {
        let course = &self.state.course;
        let next = course.phase + 1;
        let begun = course.timeline.coming.iter().any(|slot| slot.phase == next);
        let Some(at) = self.automatic_end().filter(|_| course.steer.is_none() && !begun) else { return };
        let Some(phase) = self.plan.phases.get(next) else { return };
        let heard = self.heard_by_then();
        let ends = course.boundaries.end(next).filter(|_| phase.advance == super::Advance::Auto);
        let goal = ends.map_or(Goal::Open(at + AHEAD), |end| Goal::Boundary(end, self.crossfade_after(next)));
        let pool = self.pool(next, None, at);
        let slots = self.lay_out(&pool, &heard, Start::Cross(at, None), goal).slots;
        self.state.course.timeline.coming.extend(slots);
    }

    /// What will have been heard when all that is laid out has been.
    fn heard_by_then(&self) -> Heard {
        let course = &self.state.course;
        let mut heard = course.heard.clone();
        heard.extend(course.timeline.coming.iter().map(|slot| (self.plan.music(slot.track), slot.ends())));
        heard
    }

    fn lay_out(&self, pool: &Pool, heard: &Heard, start: Start, goal: Goal) -> Layout {
        planner::lay_out(&Task { plan: &self.plan, pool, heard, start, goal, seed: self.seed })
    }

    /// Whether the present music has no boundary to fit to: the phase is open, held, waits for the therapist, or a
    /// steering pool plays, which lasts until `home`.
    pub(super) fn is_open(&self) -> bool {
        self.automatic_end().is_none() || self.state.course.steer.is_some()
    }

    fn goal(&self, now: SessionTime) -> Goal {
        match self.automatic_end() {
            Some(end) if !self.is_open() => Goal::Boundary(end, self.crossfade_after(self.state.course.phase)),
            _ => Goal::Open(now + AHEAD),
        }
    }

    /// The crossfade out of a phase: the one into the next, or the soft end.
    fn crossfade_after(&self, phase: usize) -> Span {
        self.plan.phases.get(phase + 1).map_or(SOFT_END, |next| next.crossfade)
    }

    /// What may play in a phase, or in a steering pool during it. Without a playable piece of its own: any other phase's,
    /// of which the planner takes those nearest in intensity.
    pub(super) fn pool(&self, phase: usize, steer: Option<Steer>, now: SessionTime) -> Pool {
        let course = &self.state.course;
        let of_phase = &self.plan.phases[phase];
        let steering = steer.and_then(|steer| self.plan.steering.iter().find(|pool| pool.steer == steer));
        let own = steering.map_or(&of_phase.pool, |pool| &pool.pool);
        let begins = course.visits[phase].filter(|visit| visit.left.is_none()).map_or(now, |visit| visit.entered);
        let length = course.boundaries.end(phase).map_or(of_phase.planned, |end| end - begins);
        let mut pool = Pool {
            pieces: self.playable(own, steer),
            phase,
            steer,
            crossfade: steering.map_or(of_phase.crossfade, |pool| pool.crossfade),
            order: if steer.is_some() { Order::Shuffled } else { of_phase.order },
            line: Line { begins, length, intensity: of_phase.intensity },
        };
        if pool.pieces.is_empty() {
            let mut all: Vec<TrackId> = self.plan.phases.iter().flat_map(|phase| phase.pool.iter().copied()).collect();
            all.sort_unstable();
            all.dedup();
            pool.pieces = self.playable(&all, steer);
            pool.order = Order::Planned;
        }
        pool
    }

    /// Whether the music of this track could not be played, or came too late and rests.
    pub(super) fn is_left_out(&self, track: TrackId) -> bool {
        let music = self.plan.music(track);
        self.state.failed.contains(&music) || self.state.late.get(&music).is_some_and(|late| late.until > self.now)
    }

    /// The pieces that are not left out, and that ground where that is asked for.
    fn playable(&self, pieces: &[TrackId], steer: Option<Steer>) -> Vec<TrackId> {
        let grounds = |id: &TrackId| {
            let tags = &self.plan.track(*id).tags;
            steer != Some(Steer::Ground) || !tags.iter().any(|tag| NOT_GROUNDING.contains(&tag.as_str()))
        };
        pieces.iter().copied().filter(|id| !self.is_left_out(*id)).filter(grounds).collect()
    }

    /// Asks for the phase's bed, if it is not the one that lies there.
    pub(super) fn settle_bed(&mut self) {
        let phase = &self.plan.phases[self.state.course.phase];
        if self.state.bed != phase.bed {
            let (bed, over) = (phase.bed, phase.crossfade);
            self.state.bed = bed;
            self.effect(Effect::Bed { bed, over });
        }
    }

    /// Gives up a prepared piece that is no longer the next.
    pub(super) fn forget_unless_next(&mut self) {
        if !self.state.course.timeline.prepared_is_next() {
            self.forget_prepared();
        }
    }

    /// Gives up the prepared piece.
    pub(super) fn forget_prepared(&mut self) {
        if let Some((ticket, _)) = self.state.course.timeline.prepared.take() {
            self.effect(Effect::Forget { ticket });
        }
    }
}
