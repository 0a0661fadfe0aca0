//! What time alone does: prepare, cross, move on at a boundary, finish. And when the core must be woken.

use super::effect::Effect;
use super::event::{Event, Why};
use super::joint::{self, Ease, Side};
use super::plan::{Advance, Material};
use super::state::{Stage, Visit};
use super::undo::OFFER;
use super::{Session, planner};
use crate::units::{Decibels, SessionTime, Span, Ticket, TrackTime};

/// The soft end (product rule); the last piece of the last phase ends inside it.
pub(super) const SOFT_END: Span = Span::from_secs(20);

/// The countdown before an automatic boundary is visible for this long, and a screen is woken at these marks.
pub(super) const COUNTDOWN: Span = Span::from_secs(60);
const COUNTDOWN_MARKS: [Span; 3] = [COUNTDOWN, Span::from_secs(30), Span::from_secs(10)];

/// How long a silent cue is shown.
pub(super) const CUE: Span = Span::from_mins(2);

/// Music without a boundary is laid out this far ahead at least, and more is added before it gets short.
pub(super) const AHEAD: Span = Span::from_mins(40);
const SHORT: Span = Span::from_mins(30);

/// The longest session (scenario scripts end there too).
const LONGEST_SESSION: Span = Span::from_mins(720);

/// Something that is due, in the order in which things due at the same instant are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Finish,
    Boundary,
    TakeUp,
    Extend,
    Prepare,
    Cross,
}

impl Session {
    /// Does all that is due up to `now`, each thing at its own instant.
    pub(super) fn run_to(&mut self, now: SessionTime) {
        while self.step(now) {}
        self.now = now;
    }

    /// Does the first thing that is due up to `now`; `false` if there was none.
    pub(super) fn step(&mut self, now: SessionTime) -> bool {
        let Some((at, due)) = self.dues().into_iter().flatten().min().filter(|(at, _)| *at <= now) else {
            return false;
        };
        self.now = at.max(self.now);
        let now = self.now;
        match due {
            Due::Finish => self.finish(now),
            Due::Boundary => self.pass_boundary(now),
            Due::TakeUp => self.replan_after(now),
            Due::Extend => self.extend_layout(now),
            Due::Prepare => self.prepare_next(),
            Due::Cross => self.cross(now),
        }
        true
    }

    fn dues(&self) -> [Option<(SessionTime, Due)>; 6] {
        let course = &self.state.course;
        let done = if let Stage::Ending { done, .. } = course.stage { Some(done) } else { None };
        let sounds = matches!(course.stage, Stage::Running | Stage::Held | Stage::Ending { .. });
        let timeline = Some(&course.timeline).filter(|_| sounds);
        [
            done.map(|at| (at, Due::Finish)),
            self.automatic_end().map(|at| (at, Due::Boundary)),
            self.take_up_at().map(|at| (at, Due::TakeUp)),
            self.extend_at().map(|at| (at, Due::Extend)),
            timeline.and_then(|timeline| timeline.prepare_at()).map(|at| (at, Due::Prepare)),
            timeline.and_then(|timeline| timeline.cross_at()).map(|at| (at, Due::Cross)),
        ]
    }

    /// When the core must be woken: at the next thing due, or when something shown changes by itself.
    pub(super) fn deadline(&self) -> Option<SessionTime> {
        let course = &self.state.course;
        if matches!(course.stage, Stage::Ready | Stage::Ended) {
            return None;
        }
        let boundary = self.boundary();
        let marks = COUNTDOWN_MARKS.iter().filter_map(|mark| self.automatic_end().map(|end| end - *mark));
        let cue = self.cue_at().into_iter().flat_map(|cue| [cue, cue + CUE]);
        let offer = self.state.taken.as_ref().map(|taken| taken.at + OFFER);
        let shown = marks.chain(cue).chain(offer).chain(boundary).chain(self.observed_until());
        let due = self.dues().into_iter().flatten().map(|(at, _)| at);
        due.chain(shown).filter(|at| *at > self.now).min()
    }

    /// When the present phase ends by plan, whoever may end it; `None` while it is held or open.
    pub(super) fn boundary(&self) -> Option<SessionTime> {
        let course = &self.state.course;
        (course.stage == Stage::Running).then(|| course.boundaries.end(course.phase)).flatten()
    }

    /// When the session moves on by itself.
    pub(super) fn automatic_end(&self) -> Option<SessionTime> {
        let automatic = self.plan.phases[self.state.course.phase].advance == Advance::Auto;
        self.boundary().filter(|_| automatic)
    }

    /// When a piece that is missing in what was laid out has rested; what is prepared by then is heard first.
    fn take_up_at(&self) -> Option<SessionTime> {
        let course = &self.state.course;
        let may = matches!(course.stage, Stage::Running | Stage::Held) && course.timeline.prepared.is_none();
        let rested = self.state.late.values().map(|late| late.until);
        rested.filter(|until| may && *until > course.timeline.laid_out).min()
    }

    /// When the music laid out without a boundary gets short.
    fn extend_at(&self) -> Option<SessionTime> {
        let course = &self.state.course;
        let open = matches!(course.stage, Stage::Running | Stage::Held) && self.is_open();
        let ends = course.timeline.ends().filter(|_| open)?;
        Some((ends - SHORT).max(course.timeline.extend_from))
    }

    fn pass_boundary(&mut self, now: SessionTime) {
        let next = self.state.course.phase + 1;
        if next < self.plan.phases.len() {
            self.enter(next, now, Why::Planned);
        } else {
            self.begin_end(now, Why::Planned);
        }
    }

    /// Enters a phase: its boundary has been set already. What was laid out for it is kept.
    pub(super) fn enter(&mut self, to: usize, now: SessionTime, why: Why) {
        let course = &mut self.state.course;
        let from = course.phase;
        if let Some(visit) = &mut course.visits[from] {
            visit.left = Some(now);
        }
        course.phase = to;
        course.visits[to] = Some(Visit { entered: now, left: None });
        let steered = course.steer.is_some();
        let laid_out = course.timeline.coming.front().is_some_and(|slot| slot.phase == to && slot.begins <= now);
        let kind = |phase: usize| Some(self.plan.phases[phase].kind);
        self.event(Event::Phase { from: kind(from), to: kind(to), why });
        self.settle_bed();
        if steered {
            self.replan_after(now);
        } else if laid_out {
            self.plan_ahead();
        } else {
            self.replan_crossing(now, None);
        }
    }

    /// Begins the soft end.
    pub(super) fn begin_end(&mut self, now: SessionTime, why: Why) {
        self.state.course.stage = Stage::Ending { done: now + SOFT_END, why };
        let fade = self.state.lanes.end(SOFT_END, now);
        self.effect(fade);
    }

    fn finish(&mut self, now: SessionTime) {
        let course = &mut self.state.course;
        let Stage::Ending { why, .. } = course.stage else { return };
        course.stage = Stage::Ended;
        let phase = course.phase;
        if let Some(visit) = &mut course.visits[phase] {
            visit.left = Some(now);
        }
        let last = std::mem::take(&mut course.timeline).sounding;
        self.state.taken = None;
        if let Some((_, slot)) = last {
            self.event(Event::TrackEnd { id: slot.track, heard_s: (now - slot.begins).secs_f64() });
        }
        self.event(Event::Phase { from: Some(self.plan.phases[phase].kind), to: None, why });
        self.event(Event::Ended { why });
        self.effect(Effect::Finish);
    }

    /// Prepares the next piece.
    pub(super) fn prepare_next(&mut self) {
        let Some(slot) = self.state.course.timeline.coming.front().cloned() else { return };
        let ticket = self.ticket();
        let until = self.playable_until(&slot);
        self.effect(Effect::Prepare { ticket, track: slot.track, from: slot.from, until });
        self.state.course.timeline.prepared = Some((ticket, slot));
    }

    /// As far as the deck may have to play: a later plan may leave the piece sooner, or stretch it.
    pub(super) fn playable_until(&self, slot: &planner::Slot) -> TrackTime {
        let track = self.plan.track(slot.track);
        if track.material == Material::Generator { slot.from + LONGEST_SESSION } else { track.end }
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.state.tickets += 1;
        Ticket(self.state.tickets)
    }

    /// Crosses to the next piece.
    pub(super) fn cross(&mut self, now: SessionTime) {
        if !self.state.course.timeline.prepared_is_next() {
            self.forget_prepared();
            self.prepare_next();
        }
        let timeline = &mut self.state.course.timeline;
        let (Some((ticket, _)), Some(slot)) = (timeline.prepared.take(), timeline.coming.pop_front()) else {
            return;
        };
        self.state.course.heard.insert(self.plan.music(slot.track), slot.ends());
        self.change_over(now, ticket, slot);
    }

    /// Makes a prepared piece the one that sounds.
    pub(super) fn change_over(&mut self, now: SessionTime, ticket: Ticket, mut slot: planner::Slot) {
        let over = self.fitting(slot.over, now);
        slot.ease = self.eased(&slot, over, now);
        if let Some((_, left)) = self.state.course.timeline.sounding.take() {
            self.state.course.heard.insert(self.plan.music(left.track), now);
            let heard = (now - left.begins) + over.scaled(0.5);
            self.event(Event::TrackEnd { id: left.track, heard_s: heard.secs_f64() });
            self.event(Event::Joint { length_s: over.secs_f64(), eased_db: slot.ease.by });
        }
        let gain = self.gain_of(&slot);
        let (phase, track) = (&self.plan.phases[slot.phase], self.plan.track(slot.track));
        let sounds = Event::Track {
            id: slot.track,
            title: track.title.clone(),
            artist: track.artist.clone(),
            phase: phase.kind,
            pool: slot.steer,
            from_s: slot.position(now).since_start().secs_f64(),
            gain_db: gain,
        };
        self.effect(Effect::Cross { ticket, over, curve: self.plan.curve, gain, ease: slot.ease.by });
        self.event(sounds);
        self.state.course.timeline.sounding = Some((ticket, slot));
    }

    /// Trim, playlist gain and phase level together; to the hundredth, and never -0: the journal is read by people.
    fn gain_of(&self, slot: &planner::Slot) -> Decibels {
        let gain = self.plan.track(slot.track).gain + self.plan.phases[slot.phase].level;
        Decibels((gain.0 * 100.0).round() / 100.0 + 0.0)
    }

    /// How a piece that is crossed to now is matched to the one that sounds.
    fn eased(&self, slot: &planner::Slot, over: Span, now: SessionTime) -> Ease {
        let Some(before) = self.state.course.timeline.now() else { return Ease::default() };
        let contour = |slot: &planner::Slot| &self.plan.track(slot.track).contour;
        let leaving = Side {
            contour: contour(before),
            place: joint::last_heard(before, now),
            gain: self.gain_of(before) + before.ease.left(now),
        };
        let coming = Side { contour: contour(slot), place: slot.position(now) + over, gain: self.gain_of(slot) };
        match joint::ease(&leaving, &coming, self.plan.ceiling) {
            Decibels::ZERO => Ease::default(),
            by => Ease { by, until: now + over + joint::SHORT_TERM },
        }
    }

    /// A crossfade no longer than what is left of the piece that sounds.
    fn fitting(&self, over: Span, now: SessionTime) -> Span {
        let Some(left) = self.state.course.timeline.now() else { return over };
        let remains = left.reaches(self.playable_until(left)) - now;
        over.min(remains.max(planner::SHORTEST_JOINT))
    }
}
