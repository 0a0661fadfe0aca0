//! The snapshot: the state turned into plain data for screens and scripts.

use super::clockwork::{COUNTDOWN, CUE};
use super::event::{Event, PlannedEnd};
use super::plan::Advance;
use super::snapshot::{ArcPhase, NextView, NowView, PhaseView, Snapshot, Transport, UndoOffer};
use super::state::Stage;
use super::{Phase, Session};
use crate::units::{SafeText, SessionTime, Span};

/// The ends of the present phase and of the later ones, as shown.
#[derive(Debug, PartialEq)]
pub(super) struct PlannedEnds(Vec<PlannedEnd>);

impl PlannedEnds {
    pub(super) fn into_event(self) -> Event {
        let ends = self.0.last().and_then(|last| last.ends);
        Event::Plan { phases: self.0, ends }
    }
}

impl Session {
    /// The state at `now` for screens and scripts.
    #[must_use]
    pub fn snapshot(&self, now: SessionTime) -> Snapshot {
        let (course, lanes) = (&self.state.course, &self.state.lanes);
        let cue = self.cue_at().filter(|cue| *cue <= now && now < *cue + CUE);
        let observation = self.observed_until().filter(|_| course.stage != Stage::Ended);
        Snapshot {
            title: self.plan.title.clone(),
            route: self.plan.route.name.clone(),
            at: now,
            medicine: self.medicine(now),
            transport: self.transport(),
            phase: self.phase_view(now),
            now: self.now_view(now),
            next: self.next_view(),
            level: lanes.level(),
            cap: lanes.cap(),
            ducked: lanes.ducked(),
            quiet: lanes.quiet(),
            arc: self.arc(now),
            ends: if let Stage::Ending { done, .. } = course.stage {
                Some(done)
            } else {
                self.shown_end(self.plan.phases.len() - 1)
            },
            undo: self.undo_offer(now),
            cue: cue.map(|_| SafeText::new("spit")),
            observation: observation.map(|until| (until - now).or_zero()),
            notices: self.state.notices.iter().cloned().collect(),
        }
    }

    pub(crate) const fn transport(&self) -> Transport {
        match self.state.course.stage {
            Stage::Ready => Transport::Ready,
            Stage::Running => Transport::Running,
            Stage::Held => Transport::Held,
            Stage::Ending { .. } => Transport::Ending,
            Stage::Ended => Transport::Ended,
        }
    }

    /// Whether a crossfade is going on at `now`.
    fn is_crossing(&self, now: SessionTime) -> bool {
        self.state.course.timeline.now().is_some_and(|slot| now < slot.begins + slot.over)
    }

    /// Whether anything is on its way that is heard at its own pace: a joint, a fade, the soft end. A rehearsal hurries
    /// only the waits between them.
    #[must_use]
    pub fn is_fading(&self, now: SessionTime) -> bool {
        let ending = matches!(self.state.course.stage, Stage::Ending { .. });
        ending || self.is_crossing(now) || self.state.lanes.moves(now)
    }

    fn phase_view(&self, now: SessionTime) -> Option<PhaseView> {
        let course = &self.state.course;
        if matches!(course.stage, Stage::Ready | Stage::Ended) {
            return None;
        }
        let phase = &self.plan.phases[course.phase];
        Some(PhaseView {
            kind: phase.kind,
            title: title(phase),
            entered: self.entered(course.phase)?.entered,
            ends: self.boundary().or(if let Stage::Ending { done, .. } = course.stage { Some(done) } else { None }),
            advance: phase.advance,
            overdue: self.overdue(now),
            countdown: self.countdown(now),
            steer: course.steer,
        })
    }

    fn now_view(&self, now: SessionTime) -> Option<NowView> {
        let slot = self.state.course.timeline.now()?;
        let track = self.plan.track(slot.track);
        Some(NowView {
            title: track.title.clone(),
            artist: track.artist.clone(),
            position: slot.position(now),
            until: slot.until,
            crossing: self.is_crossing(now),
        })
    }

    fn next_view(&self) -> Option<NextView> {
        let slot = self.state.course.timeline.coming.front()?;
        Some(NextView {
            title: self.plan.track(slot.track).title.clone(),
            at: Some(slot.begins),
            phase: self.plan.phases[slot.phase].kind,
        })
    }

    /// All phases. An end that is open is drawn as if the phase ended as planned, or now if that is past.
    fn arc(&self, now: SessionTime) -> Vec<ArcPhase> {
        let course = &self.state.course;
        let mut joined = SessionTime::ZERO;
        (0..self.plan.phases.len())
            .map(|index| {
                let phase = &self.plan.phases[index];
                let (begins, ends) = match self.entered(index) {
                    Some(visit) if index != course.phase || visit.left.is_some() => (Some(visit.entered), visit.left),
                    entered if index >= course.phase && course.stage != Stage::Ended => {
                        let begins = entered.map_or(joined, |visit| visit.entered);
                        joined = self.shown_end(index).unwrap_or_else(|| (begins + phase.planned).max(now));
                        (Some(begins), Some(joined))
                    }
                    _ => (None, None),
                };
                ArcPhase { kind: phase.kind, title: title(phase), begins, ends, intensity: phase.intensity }
            })
            .collect()
    }

    fn undo_offer(&self, now: SessionTime) -> Option<UndoOffer> {
        let taken = self.state.taken.as_ref()?;
        let left = taken.left(now);
        (left > Span::ZERO).then(|| UndoOffer { verb: taken.verb.clone(), left })
    }

    /// The time of this phase is up, and it waits for the therapist.
    pub(super) fn overdue(&self, now: SessionTime) -> bool {
        let waits = self.plan.phases[self.state.course.phase].advance != Advance::Auto;
        waits && self.boundary().is_some_and(|end| end <= now)
    }

    /// The visible countdown before the session moves on by itself.
    pub(super) fn countdown(&self, now: SessionTime) -> Option<Span> {
        let left = self.automatic_end()? - now;
        (Span::ZERO..=COUNTDOWN).contains(&left).then_some(left)
    }

    /// When a phase from the present one on ends; `None` while that is open.
    pub(super) fn shown_end(&self, phase: usize) -> Option<SessionTime> {
        let course = &self.state.course;
        match course.stage {
            Stage::Ready | Stage::Held => None,
            Stage::Running if self.overdue(self.now) => None,
            Stage::Running => course.boundaries.end(phase),
            Stage::Ending { done, .. } => (phase == course.phase).then_some(done),
            Stage::Ended => course.visits[course.phase].and_then(|visit| visit.left),
        }
    }

    /// The ends of the present phase and of all later ones.
    pub(super) fn planned_ends(&self) -> PlannedEnds {
        // Thousandths of a minute: short enough to be read back to the bit.
        let minutes = |end: SessionTime| (end.since_start().secs_f64() / 0.06).round() / 1000.0;
        let shown = |index: usize| {
            let phase = &self.plan.phases[index];
            PlannedEnd { phase: phase.kind, ends: self.shown_end(index).map(minutes), intensity: phase.intensity }
        };
        if matches!(self.state.course.stage, Stage::Ready | Stage::Ended) {
            return PlannedEnds(Vec::new());
        }
        PlannedEnds((self.state.course.phase..self.plan.phases.len()).map(shown).collect())
    }
}

/// A phase's title, or its kind.
fn title(phase: &Phase) -> SafeText {
    phase.title.clone().unwrap_or_else(|| SafeText::new(phase.kind.name()))
}
