//! A session ahead of its time: the core itself, run through virtual time, by a therapist who does only what is listed.
//!
//! Where a phase waits for the therapist (`ask`, `manual`), that therapist follows the plan: they go on when its time is up,
//! and end the last phase. So the forecast of a plan is what the plan means.

use super::snapshot::ArcPhase;
use super::{Event, Input, Output, PhaseKind, Plan, Session, Source, Steer, TrackId, Transport, Verb};
use crate::units::{Decibels, SessionTime, Span, TrackTime};

/// A forecast ends here at the latest, as a script's run does.
const LONGEST: SessionTime = SessionTime::at(Span::from_mins(12 * 60));

/// What a session would be, or was: a forecast and the reading of a journal have the same shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast {
    /// Every record and its instant, in order.
    pub records: Vec<(SessionTime, Event)>,
    /// All phases, with the times at which they began and ended.
    pub arc: Vec<ArcPhase>,
}

/// A piece as it sounds in a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Sounding {
    /// Which.
    pub track: TrackId,
    /// The phase it plays in.
    pub phase: PhaseKind,
    /// The steering pool it comes from.
    pub steer: Option<Steer>,
    /// When the crossfade into it begins.
    pub begins: SessionTime,
    /// How long that crossfade lasts; nothing for the first piece.
    pub over: Span,
    /// From where in the piece.
    pub from: TrackTime,
    /// When it is no longer heard: where the crossfade out of it ends.
    pub ends: SessionTime,
    /// All gain that belongs to it, but for the therapist's own.
    pub gain: Decibels,
    /// By how much its gain differed from that at first, so that loudness made no step.
    pub eased: Decibels,
}

/// Runs a plan to its end, with these verbs at their instants (ascending); `start` at 0:00 is given without being listed.
///
/// The same plan, seed and verbs give the same forecast. It costs what a session costs the core: milliseconds.
#[must_use]
pub fn forecast(plan: &Plan, seed: u64, verbs: &[(SessionTime, Verb)]) -> Forecast {
    let mut session = Session::new(plan.clone(), seed);
    let mut records = Vec::new();
    let mut now = SessionTime::ZERO;
    session.handle(now, Input::Verb(Verb::Start, Source::Script));
    let mut verbs = verbs.iter().peekable();
    loop {
        while let Some((_, verb)) = verbs.next_if(|(at, _)| *at <= now) {
            session.handle(now, Input::Verb(verb.clone(), Source::Script));
        }
        if session.transport() == Transport::Running && session.overdue(now) {
            let last = session.state.course.phase + 1 == plan.phases.len();
            session.handle(now, Input::Verb(if last { Verb::End } else { Verb::Next }, Source::Script));
        }
        let deadline = loop {
            match session.poll() {
                Output::Event(event) => records.push((now, event)),
                Output::Effect(_) => {}
                Output::Deadline(deadline) => break deadline,
            }
        };
        let next = deadline.into_iter().chain(verbs.peek().map(|(at, _)| *at)).min();
        match next.filter(|_| session.transport() != Transport::Ended) {
            Some(next) if next <= LONGEST => now = next.max(now),
            _ => break,
        }
        session.handle(now, Input::Tick);
    }
    Forecast { arc: session.snapshot(now).arc, records }
}

impl Forecast {
    /// When the last record was made.
    #[must_use]
    pub fn ends(&self) -> SessionTime {
        self.records.last().map_or(SessionTime::ZERO, |(at, _)| *at)
    }

    /// When the medicine was given, by the latest mark; `None` without one.
    #[must_use]
    pub fn dose(&self) -> Option<SessionTime> {
        self.records.iter().rev().find_map(|(at, event)| match event {
            Event::Dose { ago_s, .. } => Some(*at - span(*ago_s)),
            _ => None,
        })
    }

    /// Every piece that sounds, in order.
    #[must_use]
    pub fn pieces(&self) -> Vec<Sounding> {
        let (mut pieces, mut joint): (Vec<Sounding>, _) = (Vec::new(), (Span::ZERO, Decibels::ZERO));
        let end = self.ends();
        for (at, event) in &self.records {
            match event {
                Event::Joint { length_s, eased_db } => {
                    joint = (span(*length_s), *eased_db);
                    if let Some(left) = pieces.last_mut() {
                        left.ends = (*at + joint.0).min(end);
                    }
                }
                Event::Track { id, phase, pool, from_s, gain_db, .. } => {
                    let (over, eased) = std::mem::take(&mut joint);
                    let from = TrackTime::at(span(*from_s));
                    let (track, phase, steer) = (*id, *phase, *pool);
                    pieces.push(Sounding {
                        track,
                        phase,
                        steer,
                        begins: *at,
                        over,
                        from,
                        ends: end,
                        gain: *gain_db,
                        eased,
                    });
                }
                _ => {}
            }
        }
        pieces
    }
}

impl Sounding {
    /// Where in the piece it is when it is no longer heard.
    #[must_use]
    pub fn until(&self) -> TrackTime {
        self.from + (self.ends - self.begins)
    }

    /// When the piece reaches a place, if it is heard there.
    #[must_use]
    pub fn reaches(&self, place: TrackTime) -> Option<SessionTime> {
        (self.from..self.until()).contains(&place).then(|| self.begins + (place - self.from))
    }
}

fn span(seconds: f64) -> Span {
    Span::from_millis((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{min, plan};
    use super::*;
    use crate::session::Advance;

    fn dosed_at(minute: i64) -> Vec<(SessionTime, Verb)> {
        vec![(min(minute), Verb::Dose { ago: Span::ZERO, confirmed: false })]
    }

    #[test]
    fn a_plan_that_is_followed_ends_when_its_phases_do() {
        let plan = plan();
        let planned: Span = plan.phases.iter().map(|phase| phase.planned).sum();
        let before = plan.phases[0].planned;
        let told = forecast(&plan, 1, &[(SessionTime::at(before), Verb::Dose { ago: Span::ZERO, confirmed: false })]);
        assert_eq!(told.ends(), SessionTime::at(planned) + Span::from_secs(20), "the soft end lasts 20 s");
        assert!(told.arc.iter().all(|phase| phase.begins.is_some() && phase.ends.is_some()), "{:?}", told.arc);
        let pieces = told.pieces();
        assert!(pieces.len() >= plan.phases.len());
        for pair in pieces.windows(2) {
            assert_eq!(pair[0].ends, pair[1].begins + pair[1].over, "one is left where the crossfade to the next ends");
        }
    }

    #[test]
    fn phases_that_wait_are_left_when_their_time_is_up() {
        let mut plan = plan();
        let as_written = forecast(&plan, 1, &dosed_at(15));
        for phase in &mut plan.phases {
            phase.advance = Advance::Ask;
        }
        let asked = forecast(&plan, 1, &dosed_at(15));
        let ends = |told: &Forecast| told.arc.iter().map(|phase| phase.ends).collect::<Vec<_>>();
        assert_eq!(ends(&asked), ends(&as_written));
    }

    #[test]
    fn without_a_dose_it_stays_in_preparation_and_still_comes_to_an_end() {
        let told = forecast(&plan(), 1, &[]);
        assert!(told.ends() <= LONGEST && told.dose().is_none());
        assert!(told.pieces().iter().all(|piece| piece.phase == PhaseKind::Preparation));
    }
}
