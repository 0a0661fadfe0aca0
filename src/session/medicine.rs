//! The medicine clock: the dose mark and its correction, boosters, devices, cues.
//!
//! *The first mark* times every phase after preparation, and the session joins the phase that the medicine clock is in, by
//! crossfade; the therapist's own moves before it gave the plan no clock, so they do not count. A hold of preparation waits
//! for nothing but the dose and ends with it; a hold of any other phase outlives the mark.
//!
//! *A correction* moves every boundary by as much as the mark and keeps what verbs did to them. The session then joins the
//! phase that the clock is in, with three exceptions: a held phase stays held; a phase that waits for the therapist
//! (`ask`, `manual`, time up) is not left by it; and it never goes back behind a phase entered by hand. A correction by more
//! than an hour, or to more than an hour ago, must be confirmed: a stray `dose` late in a session must not restart the plan.
//!
//! *A mark so late that the plan is over* joins the last phase, which then ends after a full countdown, so that it can be
//! vetoed.

use super::Session;
use super::clockwork::COUNTDOWN;
use super::event::Why;
use super::plan::PhaseKind;
use super::refusal::Refusal;
use super::state::Stage;
use crate::units::{MedicineTime, SafeText, SessionTime, Span};

/// A mark moved by more than this, or to longer ago, must be confirmed (product rule).
const UNUSUAL: Span = Span::from_mins(60);

impl Session {
    /// Marks the dose, or corrects the mark.
    pub(super) fn dose(&mut self, ago: Span, confirmed: bool, now: SessionTime) -> Result<(), Refusal> {
        let mark = now - ago;
        match self.state.course.mark {
            None => self.first_mark(mark, now),
            Some(old) => {
                let unusual = ago > UNUSUAL || (mark - old).abs() > UNUSUAL;
                if unusual && !confirmed {
                    return Err(Refusal::Unconfirmed);
                }
                self.correct_mark(mark, mark - old, now);
            }
        }
        Ok(())
    }

    /// The first phase that the medicine clock times.
    fn first_timed(&self) -> Option<usize> {
        self.plan.phases.iter().position(|phase| phase.kind != PhaseKind::Preparation)
    }

    fn first_mark(&mut self, mark: SessionTime, now: SessionTime) {
        self.state.course.mark = Some(mark);
        let Some(first) = self.first_timed() else { return };
        let course = &mut self.state.course;
        course.boundaries.mark(mark, first, &self.lengths);
        course.by_hand = first;
        if course.stage == Stage::Held && course.phase < first {
            course.stage = Stage::Running;
        }
        let phase = course.boundaries.phase_at(now, first);
        self.join(phase, now);
    }

    fn correct_mark(&mut self, mark: SessionTime, by: Span, now: SessionTime) {
        let waiting = self.overdue(now);
        let course = &mut self.state.course;
        course.mark = Some(mark);
        course.boundaries.correct(by);
        let phase = course.boundaries.phase_at(now, course.by_hand);
        let stays = waiting && phase > course.phase;
        self.join(if stays { self.state.course.phase } else { phase }, now);
    }

    /// Joins a phase by crossfade, unless it is the present one or the present one is held.
    fn join(&mut self, phase: usize, now: SessionTime) {
        let last = self.plan.phases.len() - 1;
        let course = &mut self.state.course;
        if course.stage == Stage::Held {
            return self.replan_after(now);
        }
        let fair = now + COUNTDOWN;
        if phase == last
            && let Some(end) = course.boundaries.end(last).filter(|end| *end < fair)
        {
            course.boundaries.slide(last, fair - end);
        }
        if phase == course.phase {
            self.replan_after(now);
        } else {
            self.enter(phase, now, Why::Dose);
        }
    }

    /// A booster: the peak ends no earlier than the route's rule says. After the peak it is recorded, and moves nothing.
    pub(super) fn booster(&mut self, ago: Span, now: SessionTime) -> Result<(), Refusal> {
        let mark = self.state.course.mark.ok_or(Refusal::NoMark)?;
        let rule = self.plan.route.booster.ok_or(Refusal::NoBooster)?;
        if now - ago < mark {
            return Err(Refusal::BeforeDose);
        }
        self.keep_peak_until(now - ago + rule, now);
        Ok(())
    }

    /// The next device: as a booster, and the observation counter runs from it.
    pub(super) fn device(&mut self, now: SessionTime) -> Result<(), Refusal> {
        let rule = self.plan.route.device.ok_or(Refusal::NoDevice)?;
        self.state.course.mark.ok_or(Refusal::NoMark)?;
        self.state.course.device = Some(now);
        self.keep_peak_until(now + rule, now);
        Ok(())
    }

    fn keep_peak_until(&mut self, instant: SessionTime, now: SessionTime) {
        let Some(peak) = self.peak() else { return };
        if self.state.course.phase > peak {
            let text = SafeText::new("the peak is over, so the plan stays; `goto` goes back to it");
            self.state.notice(now, text);
            return;
        }
        self.state.course.boundaries.not_before(peak, instant);
        self.replan_after(now);
    }

    /// The phase that covers the peak's minutes: the peak, or the neighbour that has them where a playlist leaves it out.
    fn peak(&self) -> Option<usize> {
        let first = self.first_timed()?;
        let covering = self.plan.phases.iter().rposition(|phase| phase.kind <= PhaseKind::Peak);
        Some(covering.map_or(first, |phase| phase.max(first)))
    }

    /// The medicine clock at `now`.
    #[must_use]
    pub fn medicine(&self, now: SessionTime) -> Option<MedicineTime> {
        self.state.course.mark.map(|mark| MedicineTime::at(now - mark))
    }

    /// When the silent "spit" cue is shown.
    pub(super) fn cue_at(&self) -> Option<SessionTime> {
        let mark = self.state.course.mark?;
        self.plan.route.spit.map(|spit| mark + spit.since_start())
    }

    /// When observation is over: it runs from the last device, the first of which was the dose.
    pub(super) fn observed_until(&self) -> Option<SessionTime> {
        // A mark corrected to after the last device is the later of the two.
        let last = self.state.course.device.max(self.state.course.mark)?;
        self.plan.route.observation.map(|length| last + length)
    }
}
