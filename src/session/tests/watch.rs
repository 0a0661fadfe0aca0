//! A watch over a session: at every instant it is where the oracle says, and sounds as its journal says.

use proptest::prelude::*;

use super::any::Happens;
use super::oracle::{Life, Oracle, Verdict};
use super::*;

/// What has been seen so far.
pub(super) struct Watch {
    oracle: Oracle,
    /// Lowered, and silent on purpose, as the journal tells it.
    ducked: bool,
    quiet: Option<Quiet>,
    /// The journal was read this far.
    read: usize,
}

type Judged = Result<(), TestCaseError>;

impl Watch {
    pub(super) fn over(plan: &Plan) -> Self {
        Self { oracle: Oracle::of(plan), ducked: false, quiet: None, read: 0 }
    }

    /// Lets time pass up to an instant, looking at everything at each deadline.
    pub(super) fn pass(&mut self, room: &mut Room, until: SessionTime) -> Judged {
        loop {
            let there = room.tick_towards(until);
            self.oracle.pass(room.now.since_start().millis());
            let told = self.read_on(room);
            prop_assert_eq!(told, 0, "the shown end changed by itself at {}", room.now);
            self.compare(room)?;
            if there {
                return Ok(());
            }
        }
    }

    /// Something happens now; the verbs do what the oracle says.
    pub(super) fn undergo(&mut self, room: &mut Room, happens: &Happens) -> Judged {
        let (refusals, shown) = (room.refusals(), room.see().ends);
        room.undergo(happens);
        let told = self.read_on(room);
        if let Happens::Verb(text) = happens {
            let refused = room.refusals() > refusals;
            let verdict = self.oracle.hear(text, !refused);
            prop_assert!(
                verdict == Verdict::Either || refused == (verdict == Verdict::Refused),
                "{} at {}: {:?}, but the oracle says {:?}",
                text,
                room.now,
                room.journal.last(),
                verdict
            );
        }
        prop_assert!(told <= 1, "the shown end changed {} times for {:?}", told, happens);
        // The journal tells minutes to the thousandth.
        let same = match (room.see().ends, shown) {
            (Some(now), Some(before)) => (now - before).abs() <= Span::from_millis(60),
            (now, before) => now == before,
        };
        prop_assert!(same || told == 1 || self.is_fading(), "changed without a word: {:?}", happens);
        self.compare(room)
    }

    fn is_fading(&self) -> bool {
        matches!(self.oracle.life, Life::Ending(..) | Life::Ended)
    }

    /// Reads what is new in the journal; how often it tells a new plan.
    fn read_on(&mut self, room: &Room) -> usize {
        let new = &room.journal[self.read..];
        self.read = room.journal.len();
        for (_, event) in new {
            let Event::Verb { verb, .. } = event else { continue };
            match verb {
                Verb::Duck => self.ducked = true,
                Verb::Unduck => self.ducked = false,
                Verb::Silence => self.quiet = Some(Quiet::Silence),
                Verb::Mute => self.quiet = Some(Quiet::Mute),
                Verb::Break => self.quiet = Some(Quiet::Break),
                Verb::Resume | Verb::Back => self.quiet = None,
                _ => {}
            }
        }
        new.iter().filter(|(_, event)| matches!(event, Event::Plan { .. })).count()
    }

    /// Clocks, phase, every boundary, and what is heard.
    fn compare(&self, room: &Room) -> Judged {
        let oracle = &self.oracle;
        let course = &room.session.state.course;
        let life = match course.stage {
            state::Stage::Ready => Life::Ready,
            state::Stage::Running => Life::Running,
            state::Stage::Held => Life::Held,
            state::Stage::Ending { done, why } => Life::Ending(done.since_start().millis(), why == Why::Planned),
            state::Stage::Ended => Life::Ended,
        };
        prop_assert_eq!(life, oracle.life, "at {}", room.now);
        prop_assert_eq!(course.phase, oracle.phase, "at {}", room.now);
        let medicine = room.session.medicine(room.now).map(|medicine| medicine.since_start().millis());
        prop_assert_eq!(medicine, oracle.mark.map(|mark| oracle.now - mark), "the medicine clock at {}", room.now);
        for phase in course.phase..room.session.plan.phases.len() {
            let shown = room.session.shown_end(phase).map(|end| end.since_start().millis());
            let right = if oracle.life == Life::Ended { shown } else { oracle.shown(phase) };
            prop_assert_eq!(shown, right, "the end of phase {} at {}", phase, room.now);
        }
        self.compare_observation(room)?;
        self.compare_lanes(room)
    }

    /// "a visible counter of 120 from the last device", of which the dose is the first.
    fn compare_observation(&self, room: &Room) -> Judged {
        let length = room.session.plan.route.observation.map(Span::millis);
        let since = self.oracle.last_device.max(self.oracle.mark);
        let right = length.zip(since).map(|(length, since)| since + length);
        let seen = room.session.observed_until().map(|until| until.since_start().millis());
        prop_assert_eq!(seen, right, "the observation counter at {}", room.now);
        Ok(())
    }

    /// The engine is asked for exactly the duck and the silence that the journal tells of.
    fn compare_lanes(&self, room: &Room) -> Judged {
        let lanes = &room.session.state.lanes;
        prop_assert_eq!((lanes.ducked(), lanes.quiet()), (self.ducked, self.quiet));
        let silent = self.is_fading() || self.quiet.is_some_and(Quiet::is_silent);
        let presence = match self.quiet {
            _ if silent => Decibels::SILENCE,
            Some(_) => Decibels(-20.0),
            None => Decibels::ZERO,
        };
        let duck = if self.ducked { Decibels(-12.0) } else { Decibels::ZERO };
        let asked = |lane: Lane, rests: Decibels| room.deck.lanes.get(&lane).copied().unwrap_or(rests);
        prop_assert_eq!(asked(Lane::Duck, duck), duck, "the duck at {}", room.now);
        prop_assert_eq!(asked(Lane::Presence, presence), presence, "the presence at {}", room.now);
        Ok(())
    }
}
