//! What must hold for every plan and every sequence of verbs, however unwise.

use proptest::prelude::*;

use super::replay::{comparable, replayed};
use super::*;

/// Verb steps a run is made of: this many sessions of about this many steps.
const SESSIONS: u32 = 1500;
const STEPS: usize = 70;

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
        Plan { title: "any".into(), route: im(), curve: Curve::EqualPower, phases, steering, tracks }
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
    ]);
    let happens = prop_oneof![24 => plain, 6 => timed, 2 => earlier, 1 => rare, 1 => report];
    let wait = prop_oneof![3 => 0i64..3000, 4 => 0i64..60_000, 2 => 0i64..900_000];
    prop::collection::vec((wait, happens), 1..2 * STEPS)
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
    prop_assert_eq!(seen.ends.is_some(), room.ends().last().copied().flatten().is_some());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: SESSIONS, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_session_stays_lawful_and_can_be_repeated(plan in plans(), steps in steps(), dose in 0i64..1200) {
        let mut room = Room::new(plan.clone());
        room.verb("start");
        room.run_to(sec(dose));
        prop_assert_eq!(room.session.state.course.phase, 0, "without a dose nothing leaves the first phase");
        room.verb("dose");
        for (wait, happens) in &steps {
            act(&mut room, *wait, happens)?;
        }
        prop_assert_eq!(comparable(&replayed(plan, &room.journal, room.now)), comparable(&room.session));
    }
}
