//! The verbs that move the session on its plan: hold, release, extend, shift, next, return, goto, steering, different; and
//! taking them back.

use super::Session;
use super::effect::Effect;
use super::event::{Event, Why};
use super::plan::{PhaseKind, Steer};
use super::planner::{Heard, Slot, nearest};
use super::refusal::Refusal;
use super::state::{Stage, Visit};
use crate::units::{SessionTime, Span, Ticket};

impl Session {
    /// Stays in this phase. During the countdown it is the veto; during the last fade, when that came by the plan, a late
    /// one: the programme rises again.
    pub(super) fn hold(&mut self, now: SessionTime) -> Result<(), Refusal> {
        if self.state.course.stage == Stage::Held {
            return Err(Refusal::HeldAlready);
        }
        let ending = matches!(self.state.course.stage, Stage::Ending { .. });
        if ending || self.countdown(now).is_some() {
            let kind = Some(self.plan.phases[self.state.course.phase].kind);
            self.event(Event::Phase { from: kind, to: kind, why: Why::Veto });
        }
        self.state.course.stage = Stage::Held;
        if ending {
            let rise = self.state.lanes.rise(now);
            self.effect(rise);
        }
        self.replan_after(now);
        Ok(())
    }

    /// Goes on: what was held beyond the phase's planned end moves it and all later ones, once.
    pub(super) fn release(&mut self, now: SessionTime) -> Result<(), Refusal> {
        let course = &mut self.state.course;
        if course.stage != Stage::Held {
            return Err(Refusal::NotHeld);
        }
        course.stage = Stage::Running;
        if let Some(end) = course.boundaries.end(course.phase).filter(|end| *end < now) {
            course.boundaries.slide(course.phase, now - end);
        }
        self.replan_after(now);
        Ok(())
    }

    /// This phase ends later; from now, if its time is up already.
    pub(super) fn extend(&mut self, by: Span, now: SessionTime) -> Result<(), Refusal> {
        let phase = self.state.course.phase;
        let end = self.state.course.boundaries.end(phase).ok_or(Refusal::NoBoundary)?;
        let late = if self.overdue(now) { now - end } else { Span::ZERO };
        self.state.course.boundaries.slide(phase, late + by);
        self.replan_after(now);
        Ok(())
    }

    /// Every later boundary slides.
    pub(super) fn shift(&mut self, by: Span, now: SessionTime) -> Result<(), Refusal> {
        let phase = self.state.course.phase;
        let end = self.state.course.boundaries.end(phase).ok_or(Refusal::NoBoundary)?;
        if by < Span::ZERO && end + by <= now {
            return Err(Refusal::TooEarly);
        }
        self.state.course.boundaries.slide(phase, by);
        self.replan_after(now);
        Ok(())
    }

    /// Crosses to the next phase now.
    pub(super) fn next(&mut self, now: SessionTime) -> Result<(), Refusal> {
        let next = self.state.course.phase + 1;
        if next >= self.plan.phases.len() {
            return Err(Refusal::LastPhase);
        }
        self.move_to(next, now);
        Ok(())
    }

    /// Crosses to the named phase now.
    pub(super) fn go_to(&mut self, kind: PhaseKind, now: SessionTime) -> Result<(), Refusal> {
        let to = self.plan.phases.iter().position(|phase| phase.kind == kind).ok_or(Refusal::NoSuchPhase(kind))?;
        if to == self.state.course.phase {
            return Err(Refusal::ThereAlready(kind));
        }
        self.move_to(to, now);
        Ok(())
    }

    /// By hand: the phase and all later ones last their planned lengths from now. The first phase without a dose mark is
    /// open-ended again.
    fn move_to(&mut self, to: usize, now: SessionTime) {
        let course = &mut self.state.course;
        course.stage = Stage::Running;
        course.steer = None;
        course.by_hand = to;
        if to == 0 && course.mark.is_none() {
            course.boundaries.open_from(0);
        } else {
            course.boundaries.enter(to, now, &self.lengths);
        }
        self.enter(to, now, Why::Verb);
    }

    /// Crosses to a steering pool, which plays until `home` or until another phase is asked for; boundaries pass meanwhile.
    pub(super) fn steer(&mut self, steer: Steer, now: SessionTime) -> Result<(), Refusal> {
        if self.state.course.steer == Some(steer) {
            return Err(Refusal::SteeredAlready(steer));
        }
        if !self.plan.steering.iter().any(|pool| pool.steer == steer)
            || self.pool(self.state.course.phase, Some(steer), now).pieces.is_empty()
        {
            return Err(Refusal::NoSuchPool(steer));
        }
        self.state.course.steer = Some(steer);
        self.replan_crossing(now, None);
        Ok(())
    }

    /// Back to the phase's own pool.
    pub(super) fn home(&mut self, now: SessionTime) -> Result<(), Refusal> {
        self.state.course.steer.take().ok_or(Refusal::HomeAlready)?;
        self.replan_crossing(now, None);
        Ok(())
    }

    /// Another piece of the same pool, as near as possible in intensity.
    pub(super) fn different(&mut self, now: SessionTime) -> Result<(), Refusal> {
        let course = &self.state.course;
        let sounding = course.timeline.now().map(|slot| slot.track);
        let wanted = sounding.map_or(3, |track| self.plan.track(track).intensity);
        let music = sounding.map(|track| self.plan.music(track));
        let mut pieces = self.pool(course.phase, course.steer, now).pieces;
        pieces.retain(|id| Some(self.plan.music(*id)) != music);
        let other = nearest(&self.plan, &pieces, wanted, &course.heard, now, self.seed).ok_or(Refusal::NoOther)?;
        self.replan_crossing(now, Some(other));
        Ok(())
    }

    /// Takes the last reversible verb back: see `undo`.
    pub(super) fn take_back(&mut self, now: SessionTime) -> Result<(), Refusal> {
        let taken = self.state.taken.take_if(|taken| taken.left(now) > Span::ZERO).ok_or(Refusal::NothingToUndo)?;
        let was = std::mem::replace(&mut self.state.course, *taken.course);
        let bed = self.state.bed;
        self.now = taken.at;
        let sent = std::mem::take(&mut self.outbox);
        while !matches!(self.state.course.stage, Stage::Ending { .. }) && self.step(now) {}
        self.now = now;
        self.outbox = sent;
        self.state.bed = bed;

        self.announce_return(was.phase);
        self.keep_what_was_heard(&was.heard);
        self.settle_bed();
        let deck = was.timeline.sounding;
        self.state.course.timeline.prepared = was.timeline.prepared;
        self.avoid_what_failed(deck.as_ref().map(|(_, slot)| slot), now);
        self.forget_unless_next();
        self.return_to_sound(deck, now);
        self.settle_end(matches!(was.stage, Stage::Ending { .. }), now);
        Ok(())
    }

    fn announce_return(&mut self, from: usize) {
        let to = self.state.course.phase;
        if from != to {
            let kind = |phase: usize| Some(self.plan.phases[phase].kind);
            self.event(Event::Phase { from: kind(from), to: kind(to), why: Why::Undo });
        }
    }

    fn keep_what_was_heard(&mut self, heard: &Heard) {
        for (track, until) in heard {
            let known = self.state.course.heard.entry(*track).or_insert(*until);
            *known = (*known).max(*until);
        }
    }

    /// Plans again if something has failed that the restored plan counts on. What still sounds may go on.
    fn avoid_what_failed(&mut self, deck: Option<&Slot>, now: SessionTime) {
        let timeline = &self.state.course.timeline;
        let reopened = |slot: &&Slot| !deck.is_some_and(|plays| same_instance(plays, slot));
        if timeline.now().filter(reopened).is_some_and(|slot| self.is_left_out(slot.track)) {
            self.replan_crossing(now, None);
        } else if timeline.coming.iter().any(|slot| self.is_left_out(slot.track)) {
            self.replan_after(now);
        }
    }

    /// Crosses back to the restored piece, at the place it would have reached; nothing if it still sounds, or if it has
    /// failed or run out, so that another one is on its way.
    fn return_to_sound(&mut self, deck: Option<(Ticket, Slot)>, now: SessionTime) {
        let restored = std::mem::replace(&mut self.state.course.timeline.sounding, deck);
        let opens = |slot: &Slot| slot.position(now) < slot.until && !self.is_left_out(slot.track);
        let restored = restored.map(|(_, slot)| (opens(&slot), slot));
        let deck = self.state.course.timeline.sounding.as_mut();
        match (deck, restored) {
            (Some((_, plays)), Some((_, slot))) if same_instance(plays, &slot) => {
                *plays = Slot { ease: plays.ease, ..slot }
            }
            (_, Some((true, slot))) => self.play_from_place(slot, now),
            _ => {}
        }
    }

    /// Opens a piece at the place it has reached by the session clock, and crosses to it.
    pub(super) fn play_from_place(&mut self, slot: Slot, now: SessionTime) {
        let ticket = self.ticket();
        let until = self.playable_until(&slot);
        self.effect(Effect::Prepare { ticket, track: slot.track, from: slot.position(now), until });
        self.change_over(now, ticket, slot);
    }

    /// An end that was taken back lets the programme rise again; one that would have come anyway comes now.
    fn settle_end(&mut self, was_ending: bool, now: SessionTime) {
        match self.state.course.stage {
            Stage::Ending { why, .. } => self.begin_end(now, why),
            _ if was_ending => {
                let rise = self.state.lanes.rise(now);
                self.effect(rise);
            }
            _ => {}
        }
    }

    /// When a phase was last entered.
    pub(super) fn entered(&self, phase: usize) -> Option<Visit> {
        self.state.course.visits[phase]
    }
}

/// Whether two slots are one and the same playing of a piece.
fn same_instance(one: &Slot, other: &Slot) -> bool {
    (one.track, one.begins, one.from) == (other.track, other.begins, other.from)
}
