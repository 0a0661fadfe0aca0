//! What must hold for every plan and every sequence of verbs, however unwise.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::replay::{comparable, essence, replayed};
use super::*;
use crate::session::planner::NOT_AGAIN_WITHIN;

/// Steps, in sessions that have not ended, that a run of the tests is made of at least.
const STEPS: u32 = 100_000;
/// So many sessions of about seventy steps give them.
const SESSIONS: u32 = 8000;

/// A plan of one to six phases with pools of one to six pieces each, some of them generators and silences.
fn plans() -> impl Strategy<Value = Plan> {
    let track = (60i64..500, 1u8..=5, 0u8..10, any::<bool>(), any::<bool>());
    let phase = (1i64..40, 0u8..6, 0u8..6, prop::collection::vec(track, 1..6), 2i64..60, (1u8..=5, 1u8..=5));
    (1u8..64, prop::collection::vec(phase, 6), any::<bool>()).prop_map(|(kinds, phases, steering)| {
        let mut tracks = Vec::new();
        let chosen = PhaseKind::ALL.into_iter().enumerate().filter(|(index, _)| kinds & (1 << index) != 0);
        let phases: Vec<Phase> = chosen.map(|(index, kind)| phase_of(kind, &phases[index], &mut tracks)).collect();
        let pool = phases[0].pool.clone();
        let ground = SteeringPool { steer: Steer::Ground, crossfade: Span::from_secs(12), pool };
        let steering = if steering { vec![ground] } else { Vec::new() };
        Plan {
            title: "any".into(),
            route: im(),
            curve: Curve::EqualPower,
            ceiling: DbTp(-3.0),
            phases,
            steering,
            tracks,
        }
    })
}

type AnyTrack = (i64, u8, u8, bool, bool);
type AnyPhase = (i64, u8, u8, Vec<AnyTrack>, i64, (u8, u8));

fn phase_of(kind: PhaseKind, given: &AnyPhase, tracks: &mut Vec<Track>) -> Phase {
    let (minutes, advance, order, pieces, crossfade, intensity) = given;
    let pool = pieces.iter().map(|(seconds, intensity, material, exits, region)| {
        let id = tracks.len() as u32;
        let at = |share: i64| TrackTime::at(Span::from_secs(seconds * share / 8));
        let mut track = piece(id, *seconds, *intensity);
        track.material = match material {
            0 => Material::Generator,
            1 => Material::Silence,
            _ => Material::File,
        };
        track.exits = if *exits { vec![at(3), at(5)] } else { Vec::new() };
        track.loop_region = region.then(|| (at(2), at(6)));
        tracks.push(track);
        TrackId(id)
    });
    let pool = pool.collect();
    Phase {
        kind,
        title: None,
        planned: Span::from_mins(*minutes),
        advance: [Advance::Auto, Advance::Auto, Advance::Auto, Advance::Auto, Advance::Ask, Advance::Manual]
            [usize::from(*advance)],
        level: Decibels::ZERO,
        intensity: *intensity,
        crossfade: Span::from_secs(*crossfade),
        order: [Order::Planned, Order::Planned, Order::Planned, Order::Listed, Order::Shuffled, Order::Planned]
            [usize::from(*order)],
        bed: None,
        pool,
    }
}

/// A step: some time passes, then something happens.
#[derive(Clone, Debug)]
enum Happens {
    Verb(String),
    SoundingFails,
    PreparedFails,
    OutputComesAndGoes,
    HostComesBack,
}

fn steps() -> impl Strategy<Value = Vec<(i64, Happens)>> {
    let plain = [
        "hold",
        "release",
        "next",
        "return",
        "goto onset",
        "goto peak",
        "goto preparation",
        "goto integration",
        "ground",
        "home",
        "different",
        "duck",
        "unduck",
        "silence",
        "resume",
        "break",
        "back",
        "softer",
        "louder",
        "mute",
        "mark vitals",
        "undo",
        "undo",
        "undo",
        "device",
        "comfort",
    ];
    let plain = prop::sample::select(plain.to_vec()).prop_map(|verb| Happens::Verb(verb.to_owned()));
    let timed = (prop::sample::select(vec!["dose --ago", "booster --ago", "shift", "extend"]), 1i64..1200)
        .prop_map(|(verb, seconds)| Happens::Verb(format!("{verb} {seconds}s")));
    let earlier = (1i64..600).prop_map(|seconds| Happens::Verb(format!("shift -{seconds}s")));
    let rare = prop::sample::select(vec!["end", "dose", "dose --ago 70m --confirm"]);
    let rare = rare.prop_map(|verb| Happens::Verb(verb.to_owned()));
    let report = prop::sample::select(vec![
        Happens::SoundingFails,
        Happens::PreparedFails,
        Happens::PreparedFails,
        Happens::OutputComesAndGoes,
        Happens::HostComesBack,
    ]);
    let happens = prop_oneof![24 => plain, 6 => timed, 2 => earlier, 1 => rare, 1 => report];
    let wait = prop_oneof![3 => 0i64..3000, 4 => 0i64..60_000, 2 => 0i64..900_000];
    prop::collection::vec((wait, happens), 1..140)
}

/// Acts one step and checks what must hold across it.
fn act(room: &mut Room, wait: i64, happens: &Happens) -> Result<(), TestCaseError> {
    let before = room.now;
    room.run_to(before + Span::from_millis(wait));
    let (mark, phase) = (room.session.state.course.mark, room.session.state.course.phase);
    let refusals = room.refusals();
    match happens {
        Happens::Verb(verb) => {
            room.verb(verb);
            if room.refusals() == refusals {
                check_verb(room, verb, mark, phase)?;
            } else {
                prop_assert_eq!(room.session.state.course.mark, mark);
            }
        }
        Happens::SoundingFails => room.tickets().0.into_iter().for_each(|ticket| room.failed(ticket)),
        Happens::PreparedFails => room.tickets().1.into_iter().for_each(|ticket| room.failed(ticket)),
        Happens::OutputComesAndGoes => {
            room.input(Input::Report(Report::OutputLost { why: "gone".into() }));
            room.input(Input::Report(Report::OutputBack { silence: Span::from_secs(1) }));
        }
        Happens::HostComesBack => {
            room.deck = Deck::default();
            room.input(Input::Resumed);
        }
    }
    check_state(room)
}

/// Only `dose` and its `undo` move the medicine clock; only the verbs that say so, and `auto`, leave a phase.
fn check_verb(room: &Room, verb: &str, mark: Option<SessionTime>, phase: usize) -> Result<(), TestCaseError> {
    let course = &room.session.state.course;
    if !verb.starts_with("dose") && verb != "undo" {
        prop_assert_eq!(course.mark, mark, "{} moved the medicine clock", verb);
    }
    let moves = ["dose", "undo", "next", "return", "goto", "release"];
    if !moves.iter().any(|moving| verb.starts_with(moving)) {
        prop_assert_eq!(course.phase, phase, "{} left the phase", verb);
    }
    Ok(())
}

/// There is music now, and after it, and every screen can be drawn.
fn check_state(room: &mut Room) -> Result<(), TestCaseError> {
    let state = &room.session.state;
    let course = &state.course;
    let nothing_left = room.session.plan.tracks.len() == state.failed.len();
    if matches!(course.stage, state::Stage::Running | state::Stage::Held) && !nothing_left {
        let pool = room.session.pool(course.phase, course.steer, room.now);
        if pool.pieces.is_empty() {
            room.deck.dry_at = None;
            return Ok(());
        }
        prop_assert!(course.timeline.sounding.is_some(), "nothing sounds at {}", room.now);
        let slots: Vec<_> = course.timeline.now().into_iter().chain(&course.timeline.coming).collect();
        for pair in slots.windows(2) {
            prop_assert!(pair[1].begins <= pair[0].ends() || pair[1].begins <= room.now, "a gap between {:?}", pair);
            prop_assert!(pair[0].begins <= pair[1].begins, "out of order: {:?}", pair);
        }
        let covered = course.timeline.ends().expect("a slot");
        let fitted = room.session.automatic_end().filter(|_| !room.session.is_open());
        let needed = fitted.unwrap_or(room.now + Span::from_mins(29));
        prop_assert!(covered >= needed, "covered until {covered}, needed until {needed}");
    } else if nothing_left {
        room.deck.dry_at = None;
    }
    if course.mark.is_none() {
        prop_assert!(course.boundaries.end(0).is_none() || course.phase > 0, "the first phase waits for the dose");
    }
    let seen = room.see();
    // A session that fades has an end to show, whatever was planned.
    let planned = room.ends().last().copied().flatten().is_some();
    prop_assert_eq!(seen.ends.is_some(), planned || seen.transport == crate::session::Transport::Ending);
    Ok(())
}

/// Runs a law over so many cases; a failure is shrunk and shown.
fn law<S: Strategy>(cases: u32, strategy: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&strategy, holds);
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn begun(plan: &Plan, dose: i64) -> Room {
    let mut room = Room::new(plan.clone());
    room.verb("start");
    room.run_to(sec(dose));
    assert_eq!(room.session.state.course.phase, 0, "without a dose nothing leaves the first phase");
    room.verb("dose");
    room
}

fn over(room: &Room) -> bool {
    matches!(room.session.state.course.stage, state::Stage::Ended)
}

#[test]
fn any_session_stays_lawful_and_can_be_repeated() {
    let taken = Cell::new(0);
    law(SESSIONS, (plans(), steps(), 0i64..1200), |(plan, steps, dose)| {
        let mut room = begun(&plan, dose);
        for (wait, happens) in &steps {
            if over(&room) {
                break;
            }
            act(&mut room, *wait, happens)?;
            taken.set(taken.get() + 1);
        }
        prop_assert_eq!(comparable(&replayed(plan, &room.journal, room.now)), comparable(&room.session));
        Ok(())
    });
    assert!(taken.get() >= STEPS, "only {} steps", taken.get());
}

#[test]
fn any_reversible_verb_is_taken_back_exactly() {
    let counted = Cell::new(0);
    law(1000, (plans(), steps(), 0i64..1200, 0i64..29_000), |(plan, steps, dose, later)| {
        let mut room = begun(&plan, dose);
        for (wait, happens) in &steps {
            act(&mut room, *wait, happens)?;
            let mut without = room.clone();
            let (Happens::Verb(verb), false) = (happens, over(&room)) else { continue };
            room.run_for(1);
            without.run_for(1);
            room.verb(verb);
            let Some(offer) = room.see().undo.filter(|offer| offer.left == Span::from_secs(30)) else { continue };
            room.run_to(room.now + Span::from_millis(later));
            without.run_to(room.now);
            // A piece that failed meanwhile, or another playing of it, is not opened again.
            let failed = &without.session.state.failed;
            let lost = without.session.state.course.timeline.now().is_some_and(|slot| failed.contains(&slot.track));
            if over(&room) || without.quietly_dry() || lost {
                continue;
            }
            room.done("undo");
            let (is, should) = (format!("{:?}", essence(&room)), format!("{:?}", essence(&without)));
            let differ = is.bytes().zip(should.bytes()).take_while(|(one, other)| one == other).count();
            let near = |text: &str| text[differ.saturating_sub(200)..].chars().take(400).collect::<String>();
            prop_assert!(is == should, "{} taken back:\n{}\n{}", offer.verb, near(&is), near(&should));
            counted.set(counted.get() + 1);
        }
        Ok(())
    });
    assert!(counted.get() > 5000, "only {} were taken back", counted.get());
}

#[test]
fn no_piece_comes_again_within_twenty_minutes_while_another_could() {
    let plain = ["next", "hold", "release", "ground", "home", "different", "extend 5m", "goto peak", "booster"];
    let step = (0i64..1_800_000, prop::sample::select(plain.to_vec()));
    law(1000, (plans(), prop::collection::vec(step, 1..8)), |(plan, steps)| {
        let mut room = begun(&plan, 60);
        for (wait, verb) in &steps {
            room.run_to(room.now + Span::from_millis(*wait));
            room.verb(verb);
        }
        check_repetitions(&plan, &room.journal)
    });
}

/// Every piece that begins within 20 minutes of its last hearing had no other in its pool that could have; a loop of one
/// piece is one hearing.
fn check_repetitions(plan: &Plan, journal: &[(SessionTime, Event)]) -> Result<(), TestCaseError> {
    let mut heard: Vec<(TrackId, SessionTime)> = Vec::new();
    let mut sounding = None;
    for (at, event) in journal {
        let Event::Track { id, phase, pool, from_s, .. } = event else { continue };
        if let Some(before) = sounding.replace(*id) {
            heard.retain(|(id, _)| *id != before);
            heard.push((before, *at));
        }
        let free = |id: &TrackId| {
            Some(*id) != sounding && heard.iter().all(|(known, last)| known != id || *at - *last >= NOT_AGAIN_WITHIN)
        };
        let loops = *from_s > plan.track(*id).start.since_start().secs_f64();
        let again = heard.iter().any(|(known, last)| known == id && *at - *last < NOT_AGAIN_WITHIN);
        let own = plan.phases.iter().find(|own| own.kind == *phase).map(|own| &own.pool);
        let own = if pool.is_some() { Some(&plan.steering[0].pool) } else { own };
        let other = own.into_iter().flatten().find(|other| free(other));
        prop_assert!(!again || loops || other.is_none(), "{:?} again at {}, but {:?} is free", id, at, other);
    }
    Ok(())
}
