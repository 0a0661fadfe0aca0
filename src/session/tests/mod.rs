//! Sessions acted out in virtual time. [`Room`] plays a session from deadline to deadline, with a deck that checks what a
//! listener would notice; the files beside this one tell what must hold.

mod any;
mod laws;
mod moments;
mod oracle;
mod phases;
mod quiet;
mod replay;
mod sound;
mod stories;
mod watch;

use super::*;
use crate::units::{Contour, DbTp, Decibels, MedicineTime, SafeText, TrackTime};

/// An instant on the session clock, in seconds.
pub(super) fn sec(seconds: i64) -> SessionTime {
    SessionTime::at(Span::from_secs(seconds))
}

/// An instant on the session clock, in minutes.
pub(super) fn min(minutes: i64) -> SessionTime {
    SessionTime::at(Span::from_mins(minutes))
}

/// A recording of so many seconds.
pub(super) fn piece(id: u32, seconds: i64, intensity: u8) -> Track {
    Track {
        title: SafeText::new(&format!("piece {id}")),
        artist: None,
        tags: Vec::new(),
        intensity,
        gain: Decibels::ZERO,
        contour: Contour::default(),
        material: Material::File,
        start: TrackTime::ZERO,
        end: TrackTime::at(Span::from_secs(seconds)),
        exits: Vec::new(),
        loop_region: None,
        fade_in: None,
        same_as: TrackId(id),
    }
}

/// Intramuscular, as in the product's table.
pub(super) fn im() -> Route {
    let at = |minutes| MedicineTime::at(Span::from_mins(minutes));
    Route {
        name: "im".into(),
        preparation: Span::from_mins(15),
        ends: vec![
            (PhaseKind::Onset, at(4)),
            (PhaseKind::Ascent, at(12)),
            (PhaseKind::Peak, at(38)),
            (PhaseKind::Return, at(62)),
            (PhaseKind::Integration, at(90)),
        ],
        booster: Some(Span::from_mins(30)),
        device: None,
        observation: None,
        spit: None,
    }
}

/// All six phases on the route, each with a pool of its own of recordings from three to seven minutes, twice as much as is
/// planned; and a ground pool.
pub(super) fn plan() -> Plan {
    plan_on(im(), &PhaseKind::ALL)
}

pub(super) fn plan_on(route: Route, kinds: &[PhaseKind]) -> Plan {
    let mut tracks = Vec::new();
    let mut pool = |minutes: i64, intensity: u8| -> Vec<TrackId> {
        let mut ids = Vec::new();
        let mut seconds = 0;
        while seconds < minutes * 60 {
            let id = tracks.len() as u32;
            let length = 180 + i64::from(id) * 67 % 241;
            let spread = (intensity + (id % 3) as u8).clamp(2, 6) - 1;
            tracks.push(piece(id, length, spread));
            ids.push(TrackId(id));
            seconds += length;
        }
        ids
    };
    let phases = kinds.iter().zip(route.lengths(kinds)).map(|(kind, planned)| {
        let planned = planned.unwrap_or(Span::from_mins(10));
        Phase {
            kind: *kind,
            title: None,
            planned,
            advance: if *kind == PhaseKind::Preparation { Advance::Manual } else { Advance::Auto },
            level: Decibels::ZERO,
            intensity: (2, 4),
            crossfade: Span::from_secs(20),
            order: Order::Planned,
            bed: None,
            pool: pool(planned.millis() / 30_000, 3),
        }
    });
    let phases = phases.collect();
    let steering = vec![SteeringPool { steer: Steer::Ground, crossfade: Span::from_secs(12), pool: pool(12, 1) }];
    Plan { title: "Low tide".into(), route, curve: Curve::EqualPower, ceiling: DbTp(-3.0), phases, steering, tracks }
}

/// A piece that a deck has been asked for.
#[derive(Clone, Copy, Debug)]
struct Loaded {
    from: TrackTime,
    until: TrackTime,
}

/// What the engine would do, as far as a listener would notice.
#[derive(Clone, Default)]
struct Deck {
    prepared: std::collections::BTreeMap<Ticket, Loaded>,
    /// When the sounding piece would run dry.
    dry_at: Option<SessionTime>,
    sounding: Option<Ticket>,
    /// Where each lane is or goes.
    lanes: std::collections::BTreeMap<Lane, Decibels>,
    finished: bool,
}

impl Deck {
    fn take(&mut self, now: SessionTime, effect: &Effect) {
        match effect {
            Effect::Prepare { ticket, from, until, .. } => {
                assert!(from < until, "prepared from {from:?} to {until:?}");
                let loaded = Loaded { from: *from, until: *until };
                assert!(self.prepared.insert(*ticket, loaded).is_none(), "{ticket:?} prepared twice");
            }
            Effect::Forget { ticket } => {
                assert!(self.prepared.remove(ticket).is_some(), "{ticket:?} forgotten without being prepared");
            }
            Effect::Cross { ticket, over, .. } => {
                self.check(now);
                let loaded = self.prepared.remove(ticket).expect("a cross to a piece that is prepared");
                assert!(*over >= Span::from_secs(2) || loaded.until - loaded.from < Span::from_secs(4), "joint {over}");
                assert!(*over <= Span::from_secs(60), "a joint of {over}");
                self.dry_at = Some(now + (loaded.until - loaded.from));
                self.sounding = Some(*ticket);
            }
            Effect::Finish => self.finished = true,
            Effect::Level { lane, to, .. } => drop(self.lanes.insert(*lane, *to)),
            Effect::Bed { .. } | Effect::Output { .. } => {}
        }
    }

    /// Music must not run dry before the next crossfade has begun.
    fn check(&self, now: SessionTime) {
        if let Some(dry) = self.dry_at {
            assert!(self.finished || now <= dry, "ran dry at {dry}, now {now}");
        }
    }
}

/// A session and its deck, acted from deadline to deadline.
#[derive(Clone)]
pub(super) struct Room {
    pub session: Session,
    pub now: SessionTime,
    deck: Deck,
    pub journal: Vec<(SessionTime, Event)>,
    pub effects: Vec<(SessionTime, Effect)>,
    /// Which music was left alone because it had come too late, from when, and until when.
    pub rests: Vec<(TrackId, SessionTime, SessionTime)>,
}

impl Room {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            session: Session::new(plan, 7),
            now: SessionTime::ZERO,
            deck: Deck::default(),
            journal: Vec::new(),
            effects: Vec::new(),
            rests: Vec::new(),
        }
    }

    /// A session that was started and dosed at minute 15.
    pub(super) fn dosed() -> Self {
        let mut room = Self::new(plan());
        room.verb("start");
        room.run_to(min(15));
        room.verb("dose");
        room
    }

    pub(super) fn input(&mut self, input: Input) {
        if self.quietly_dry() {
            self.deck.dry_at = None;
        }
        self.session.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) -> Option<SessionTime> {
        loop {
            match self.session.poll() {
                Output::Event(event) => self.journal.push((self.now, event)),
                Output::Effect(effect) => {
                    self.deck.take(self.now, &effect);
                    self.effects.push((self.now, effect));
                }
                Output::Deadline(deadline) => {
                    if let Some(deadline) = deadline {
                        assert!(deadline > self.now, "a deadline of {deadline} at {}", self.now);
                    }
                    return deadline;
                }
            }
        }
    }

    /// Carries out a verb now, as written in scripts.
    pub(super) fn verb(&mut self, text: &str) {
        self.input(Input::Verb(text.parse().expect("a verb"), Source::Script));
    }

    /// Carries out a verb and expects that it is not refused.
    pub(super) fn done(&mut self, text: &str) {
        let before = self.refusals();
        self.verb(text);
        assert_eq!(self.refusals(), before, "{text} at {}: {:?}", self.now, self.journal.last());
    }

    /// Carries out a verb and expects a refusal with these words in it.
    pub(super) fn refused(&mut self, text: &str, words: &str) {
        let before = self.session.state.course.clone();
        self.verb(text);
        let Some((_, Event::Refused { why, .. })) = self.journal.last() else { panic!("{text} was carried out") };
        assert!(why.as_str().contains(words), "{why}");
        assert_eq!(self.session.state.course, before, "{text} was refused and changed something");
    }

    fn refusals(&self) -> usize {
        self.journal.iter().filter(|(_, event)| matches!(event, Event::Refused { .. })).count()
    }

    /// Lets time pass, from deadline to deadline.
    pub(super) fn run_to(&mut self, until: SessionTime) {
        while !self.tick_towards(until) {}
    }

    /// Lets time pass to the next deadline, or to `until` if that comes first; whether it did.
    pub(super) fn tick_towards(&mut self, until: SessionTime) -> bool {
        let deadline = self.drain().filter(|deadline| *deadline < until);
        self.now = deadline.unwrap_or(until);
        self.input(Input::Tick);
        if !self.quietly_dry() {
            self.deck.check(self.now);
        }
        deadline.is_none()
    }

    /// The last piece may end by itself during the soft end, and nothing plays after it.
    fn quietly_dry(&self) -> bool {
        matches!(self.session.state.course.stage, state::Stage::Ending { .. } | state::Stage::Ended)
    }

    pub(super) fn run_for(&mut self, seconds: i64) {
        self.run_to(self.now + Span::from_secs(seconds));
    }

    pub(super) fn see(&self) -> Snapshot {
        self.session.snapshot(self.now)
    }

    pub(super) fn phase(&self) -> Option<PhaseKind> {
        self.see().phase.map(|phase| phase.kind)
    }

    /// The ends of all phases from the present one on, in minutes, as shown.
    pub(super) fn ends(&self) -> Vec<Option<f64>> {
        let index = self.session.state.course.phase;
        let minutes = |end: SessionTime| end.since_start().secs_f64() / 60.0;
        (index..self.session.plan.phases.len()).map(|phase| self.session.shown_end(phase).map(minutes)).collect()
    }

    /// The ticket that sounds, and the one that is prepared.
    pub(super) fn tickets(&self) -> (Option<Ticket>, Option<Ticket>) {
        let timeline = &self.session.state.course.timeline;
        (timeline.sounding.as_ref().map(|(ticket, _)| *ticket), timeline.prepared.as_ref().map(|(ticket, _)| *ticket))
    }

    pub(super) fn failed(&mut self, ticket: Ticket) {
        self.input(Input::Report(Report::Failed { ticket, why: "the file is missing".into() }));
    }

    pub(super) fn late(&mut self, ticket: Ticket) {
        self.input(Input::Report(Report::Late { ticket, why: "the disk hangs".into() }));
        let rests = self.session.state.late.iter().map(|(music, late)| (*music, self.now, late.until));
        self.rests.extend(rests);
    }

    pub(super) fn crossings(&self) -> usize {
        self.effects.iter().filter(|(_, effect)| matches!(effect, Effect::Cross { .. })).count()
    }
}
