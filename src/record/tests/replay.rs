//! A session's journal, read from its bytes and given to the core again.

use super::*;
use crate::session::{Advance, Curve, Input, Material, Order, Output, Phase, Plan, Route, Session, Track};
use crate::units::{Contour, DbTp, TrackTime};

fn plan() -> Plan {
    let end = |minutes| MedicineTime::at(Span::from_mins(minutes));
    let kinds = [PhaseKind::Preparation, PhaseKind::Onset, PhaseKind::Peak];
    let track = |id: u32| Track {
        title: SafeText::new(&format!("piece {id}")),
        artist: None,
        tags: Vec::new(),
        intensity: 2,
        gain: Decibels::ZERO,
        contour: Contour::default(),
        material: Material::File,
        start: TrackTime::ZERO,
        end: TrackTime::at(Span::from_secs(200 + i64::from(id) * 31)),
        exits: Vec::new(),
        loop_region: None,
        fade_in: None,
        same_as: TrackId(id),
    };
    let phase = |kind| Phase {
        kind,
        title: None,
        planned: Span::from_mins(15),
        advance: Advance::Auto,
        level: Decibels::ZERO,
        intensity: (1, 4),
        crossfade: Span::from_secs(12),
        order: Order::Shuffled,
        bed: None,
        pool: (0..9).map(TrackId).collect(),
    };
    let route = Route {
        name: "im".into(),
        preparation: Span::from_mins(15),
        ends: vec![(PhaseKind::Onset, end(12)), (PhaseKind::Peak, end(38))],
        booster: None,
        device: None,
        observation: None,
        spit: None,
    };
    Plan {
        title: "Low tide".into(),
        route,
        curve: Curve::EqualPower,
        ceiling: DbTp(-3.0),
        phases: kinds.into_iter().map(phase).collect(),
        steering: Vec::new(),
        tracks: (0..9).map(track).collect(),
    }
}

/// Lets a session run as a host would, and keeps its journal.
struct Host {
    session: Session,
    journal: Journal,
}

impl Host {
    fn input(&mut self, now: SessionTime, input: Input) -> Option<SessionTime> {
        self.session.handle(now, input);
        loop {
            match self.session.poll() {
                Output::Event(event) => {
                    let m = self.session.snapshot(now).medicine;
                    self.journal.append(now, m, event).expect("kept");
                }
                Output::Effect(_) => {}
                Output::Deadline(deadline) => return deadline,
            }
        }
    }
}

/// A session with these verbs, up to an hour.
fn session(verbs: &[(i64, &str)]) -> Host {
    let mut host = Host { session: Session::new(plan(), 7), journal: Journal::in_memory() };
    let mut deadline = None;
    let asked = verbs.iter().map(|(second, text)| (at(*second), Some(*text))).chain([(at(3600), None)]);
    for (due, text) in asked {
        while let Some(tick) = deadline.filter(|tick| *tick < due) {
            deadline = host.input(tick, Input::Tick);
        }
        let input = text.map_or(Input::Tick, |text| Input::Verb(text.parse().expect("a verb"), Source::Key));
        deadline = host.input(due, input);
    }
    host
}

#[test]
fn a_journal_given_to_a_new_core_gives_the_same_session() {
    let host = session(&[
        (0, "start"),
        (200, "comfort"),
        (900, "dose"),
        (1000, "dose --ago 3m"),
        (1100, "next"),
        (1105, "undo"),
        (1300, "duck"),
        (1400, "different"),
        (1500, "mark vitals"),
        (2000, "hold"),
        (3000, "mute"),
    ]);
    let story = Story::of_bytes(host.journal.bytes());
    assert!(story.left_out.is_nothing());
    let mut again = Session::new(plan(), 7);
    for (t, input) in story.inputs() {
        again.handle(t, input);
    }
    again.handle(at(3600), Input::Tick);
    assert_eq!(again.snapshot(at(3600)), host.session.snapshot(at(3600)));
    assert!(host.session.snapshot(at(3600)).quiet.is_some(), "the mute is what must not be forgotten");
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let verbs = [(0, "start"), (900, "dose"), (1700, "different")];
    assert_eq!(session(&verbs).journal.bytes(), session(&verbs).journal.bytes());
}
