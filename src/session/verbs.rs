//! The verbs: which are admitted when, what is recorded, and who carries each out.

use super::Session;
use super::effect::Effect;
use super::event::{Event, Why};
use super::refusal::Refusal;
use super::snapshot::Quiet;
use super::state::{Stage, Visit};
use super::undo::{Taken, is_reversible};
use super::verb::{Source, Verb};
use super::{Output, PhaseKind};
use crate::units::{SafeText, SessionTime};

impl Session {
    /// Carries a verb out, or refuses it in words; either is recorded.
    pub(super) fn verb(&mut self, now: SessionTime, verb: Verb, source: Source) {
        let planned = self.planned_ends();
        let before = is_reversible(&verb).then(|| Box::new(self.state.course.clone()));
        let record = self.record(&verb, source);
        let place = self.outbox.len();
        match self.admit(&verb, now).and_then(|()| self.carry_out(&verb, now)) {
            Ok(()) => {
                self.state.gate.carried_out(&verb, now);
                self.outbox.insert(place, Output::Event(self.completed(record)));
                if let Some(course) = before {
                    self.state.taken = Some(Taken { verb, at: now, course });
                }
                self.run_to(now);
                let ends = self.planned_ends();
                if ends != planned {
                    self.event(ends.into_event());
                }
            }
            Err(refusal) => {
                let why = SafeText::new(&refusal.to_string());
                self.state.notice(now, why.clone());
                self.event(Event::Refused { verb, source, why });
            }
        }
    }

    /// What the journal keeps of a verb: all it takes to repeat it.
    fn record(&self, verb: &Verb, source: Source) -> Event {
        match verb {
            Verb::Start => Event::Started {
                title: self.plan.title.clone(),
                route: self.plan.route.name.clone(),
                seed: self.seed,
                source,
            },
            Verb::Dose { ago, confirmed } => Event::Dose {
                ago_s: ago.secs_f64(),
                corrected: self.state.course.mark.is_some(),
                confirmed: *confirmed,
                source,
            },
            Verb::Booster { ago } => Event::Booster { ago_s: ago.secs_f64(), source },
            Verb::Comfort => {
                let level = self.state.lanes.level();
                Event::Comfort { level_db: level, cap_db: level, source }
            }
            Verb::Undo => {
                let verb = self.state.taken.as_ref().map_or(Verb::Undo, |taken| taken.verb.clone());
                Event::Undone { verb, source }
            }
            other => Event::Verb { verb: other.clone(), source },
        }
    }

    /// The cap is known only once the verb has been carried out.
    fn completed(&self, record: Event) -> Event {
        match record {
            Event::Comfort { level_db, cap_db, source } => {
                Event::Comfort { level_db, cap_db: self.state.lanes.cap().unwrap_or(cap_db), source }
            }
            other => other,
        }
    }

    /// Whether the verb makes sense at this point of a session, and is a press of its own.
    fn admit(&mut self, verb: &Verb, now: SessionTime) -> Result<(), Refusal> {
        match (&self.state.course.stage, verb) {
            (Stage::Ready, Verb::Start | Verb::Comfort | Verb::Louder | Verb::Softer) => {}
            (Stage::Ready, Verb::Output { .. } | Verb::Mark { .. }) => {}
            (Stage::Ready, _) => return Err(Refusal::NotBegun),
            (Stage::Ending { .. }, Verb::Undo | Verb::Mute | Verb::Duck | Verb::Unduck | Verb::Softer) => {}
            (Stage::Ending { .. }, Verb::Output { .. } | Verb::Mark { .. }) => {}
            (Stage::Ending { why: Why::Planned, .. }, Verb::Hold) => {}
            (Stage::Ending { why: Why::Planned, .. }, _) => return Err(Refusal::EndingAsPlanned),
            (Stage::Ending { .. }, _) => return Err(Refusal::Ending),
            (Stage::Ended, _) => return Err(Refusal::Over),
            (Stage::Running | Stage::Held, Verb::Start) => return Err(Refusal::Begun),
            (Stage::Running | Stage::Held, _) => {}
        }
        if self.state.gate.admits(verb, now) { Ok(()) } else { Err(Refusal::Twice) }
    }

    fn carry_out(&mut self, verb: &Verb, now: SessionTime) -> Result<(), Refusal> {
        match verb {
            Verb::Start => self.begin(now),
            Verb::Dose { ago, confirmed } => self.dose(*ago, *confirmed, now)?,
            Verb::Booster { ago } => self.booster(*ago, now)?,
            Verb::Device => self.device(now)?,
            Verb::Shift { by } => self.shift(*by, now)?,
            Verb::Hold => self.hold(now)?,
            Verb::Release => self.release(now)?,
            Verb::Extend { by } => self.extend(*by, now)?,
            Verb::Next => self.next(now)?,
            Verb::Return => self.go_to(PhaseKind::Return, now)?,
            Verb::Goto(kind) => self.go_to(*kind, now)?,
            Verb::Steer(steer) => self.steer(*steer, now)?,
            Verb::Home => self.home(now)?,
            Verb::Different => self.different(now)?,
            Verb::End => self.begin_end(now, Why::Verb),
            Verb::Undo => self.take_back(now)?,
            Verb::Mark { .. } => {}
            Verb::Output { name } => self.effect(Effect::Output { name: name.clone() }),
            level => return self.move_level(level, now),
        }
        Ok(())
    }

    /// The verbs that move a lane: the music goes on underneath.
    fn move_level(&mut self, verb: &Verb, now: SessionTime) -> Result<(), Refusal> {
        let lanes = &mut self.state.lanes;
        let effect = match (verb, lanes.quiet()) {
            (Verb::Duck, _) => lanes.duck(now),
            (Verb::Unduck, _) if !lanes.ducked() => return Err(Refusal::NotDucked),
            (Verb::Unduck, _) => lanes.unduck(now),
            (Verb::Softer, _) => lanes.softer(now),
            (Verb::Louder, _) => lanes.louder(now).ok_or(Refusal::AtCap)?,
            (Verb::Mute, _) => lanes.mute(now),
            (Verb::Silence, None | Some(Quiet::Break)) => lanes.silence(now),
            (Verb::Break, None) => lanes.take_break(now),
            (Verb::Silence | Verb::Break, Some(_)) => return Err(Refusal::SilentAlready),
            (Verb::Resume, Some(_)) | (Verb::Back, Some(Quiet::Break)) => lanes.come_back(now),
            (Verb::Resume, None) => return Err(Refusal::NotQuiet),
            (Verb::Back, _) => return Err(Refusal::NoBreak),
            (Verb::Comfort, _) if self.state.course.mark.is_some() => return Err(Refusal::ComfortTooLate),
            (Verb::Comfort, _) => {
                lanes.set_comfort();
                return Ok(());
            }
            // Every other verb is carried out above.
            _ => return Ok(()),
        };
        self.effect(effect);
        Ok(())
    }

    /// The session clock starts: the first phase, softly.
    fn begin(&mut self, now: SessionTime) {
        let course = &mut self.state.course;
        course.stage = Stage::Running;
        course.visits[0] = Some(Visit { entered: now, left: None });
        self.event(Event::Phase { from: None, to: Some(self.plan.phases[0].kind), why: Why::Verb });
        let rise = self.state.lanes.begin(now);
        self.effect(rise);
        self.settle_bed();
        self.replan_crossing(now, None);
    }
}
