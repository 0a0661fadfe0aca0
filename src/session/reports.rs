//! What the world reports: a bad or missing piece is replaced and costs no silence; no report ever moves a boundary.

use super::Session;
use super::effect::{Effect, Report};
use super::event::{Event, Why};
use super::plan::TrackId;
use super::state::{Lateness, Stage};
use crate::units::{SafeText, SessionTime, Span, Ticket};

/// A piece that fails while it sounds is left within what was decoded ahead of it.
const AWAY_FROM_FAILURE: Span = Span::from_secs(8);

/// After a fault, a piece that has less than this left to play is not taken up again.
const WORTH_GOING_ON: Span = Span::from_secs(20);

/// A piece that came too late is left alone for so long at first, and twice as long each time after that: a disk that hung may be
/// back soon, and what never comes back (each attempt may hang a thread for good) is asked seven times in two hours.
const FIRST_REST: Span = Span::from_mins(1);

impl Session {
    pub(super) fn report(&mut self, now: SessionTime, report: Report) {
        let concerns_us = match &report {
            Report::Ended { ticket } => self.sounds(*ticket),
            _ => true,
        };
        if !concerns_us {
            return;
        }
        self.event(match &report {
            Report::OutputBack { silence } => Event::Recovered { silence_s: silence.secs_f64() },
            other => Event::Fault { report: other.clone() },
        });
        match report {
            Report::Failed { ticket, why } => {
                self.replace(ticket, now, |session, track| session.fail(track, &why, now))
            }
            Report::Late { ticket, why } => self.replace(ticket, now, |session, track| session.rest(track, &why, now)),
            Report::Ended { .. } => self.leave_early(now),
            Report::OutputLost { why } => self.state.notice(now, why),
            Report::OutputBack { silence } => self.output_back(silence, now),
            Report::Fault { why, .. } => self.state.notice(now, why),
        }
        self.run_to(now);
    }

    fn sounds(&self, ticket: Ticket) -> bool {
        self.state.course.timeline.sounding.as_ref().is_some_and(|(sounding, _)| *sounding == ticket)
    }

    /// Another piece takes the place of this one, once it is `set_aside`. The next is replaced; the present one is left within its
    /// decoded lead.
    fn replace(&mut self, ticket: Ticket, now: SessionTime, set_aside: impl FnOnce(&mut Self, TrackId)) {
        let timeline = &mut self.state.course.timeline;
        let prepared = timeline.prepared.take_if(|(prepared, _)| *prepared == ticket).map(|(_, slot)| slot.track);
        if let Some(track) = prepared {
            set_aside(self, track);
            self.effect(Effect::Forget { ticket });
            self.replan_after(now);
        } else if self.sounds(ticket)
            && let Some(track) = self.state.course.timeline.now().map(|slot| slot.track)
        {
            set_aside(self, track);
            self.leave_early(now);
        }
    }

    /// Never chosen again.
    fn fail(&mut self, track: TrackId, why: &SafeText, now: SessionTime) {
        self.state.failed.insert(self.plan.music(track));
        let title = &self.plan.track(track).title;
        self.state
            .notice(now, SafeText::new(&format!("\"{title}\" cannot be played, another piece takes its place: {why}")));
    }

    /// Not chosen for a while.
    fn rest(&mut self, track: TrackId, why: &SafeText, now: SessionTime) {
        let rest = self.state.late.get(&self.plan.music(track)).map_or(FIRST_REST, |late| late.rest.scaled(2.0));
        self.state.late.insert(self.plan.music(track), Lateness { until: now + rest, rest });
        let title = &self.plan.track(track).title;
        self.state.notice(now, SafeText::new(&format!("\"{title}\" is late, another piece takes its place: {why}")));
    }

    /// Crosses on now, quickly. Where no piece is left at all, the engine's safe bed rises.
    fn leave_early(&mut self, now: SessionTime) {
        if matches!(self.state.course.stage, Stage::Ending { .. } | Stage::Ended) {
            return;
        }
        self.replan_crossing(now, None);
        match self.state.course.timeline.coming.front_mut() {
            Some(slot) if slot.begins <= now => slot.over = slot.over.min(AWAY_FROM_FAILURE),
            _ => {
                self.state.course.timeline.sounding = None;
                self.state.notice(now, SafeText::new("no piece can be played; the safe bed sounds instead"));
            }
        }
    }

    fn output_back(&mut self, silence: Span, now: SessionTime) {
        self.state.notice(now, SafeText::new(&format!("the output is back after {silence}")));
        if matches!(self.state.course.stage, Stage::Running | Stage::Held)
            && let Some(rise) = self.state.lanes.reappear(now)
        {
            self.effect(rise);
        }
    }

    /// The host has started again and has repeated the journal: everything the engine needs, at the place. A last fade stays
    /// silent from here on, but can still be taken back.
    pub(super) fn resume(&mut self, now: SessionTime) {
        if matches!(self.state.course.stage, Stage::Ready | Stage::Ended) {
            return;
        }
        let kind = Some(self.plan.phases[self.state.course.phase].kind);
        self.event(Event::Phase { from: kind, to: kind, why: Why::Resumed });
        self.state.notice(now, SafeText::new("the session broke off; it goes on at its place, softly"));
        for effect in self.state.lanes.again(now) {
            self.effect(effect);
        }
        self.state.bed = None;
        self.settle_bed();
        self.state.course.timeline.prepared = None;
        match self.state.course.timeline.sounding.take() {
            Some((_, slot)) if slot.position(now) + WORTH_GOING_ON <= slot.until => self.play_from_place(slot, now),
            _ => self.replan_crossing(now, None),
        }
        if let Stage::Ending { done, .. } = self.state.course.stage {
            let fade = self.state.lanes.end((done - now).or_zero(), now);
            self.effect(fade);
        }
        self.run_to(now);
    }
}
