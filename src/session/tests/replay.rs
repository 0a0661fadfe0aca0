//! Taking back, repeating a journal, and coming back after a fault.

use super::*;
use crate::session::state::Course;

/// The course without what may differ after an undo: which deck numbers were used, and what was heard meanwhile.
pub(super) fn essence(room: &Room) -> Course {
    let mut course = room.session.state.course.clone();
    course.heard.clear();
    let timeline = &mut course.timeline;
    timeline.prepared = None;
    timeline.extend_from = SessionTime::ZERO;
    if let Some((ticket, _)) = &mut timeline.sounding {
        *ticket = Ticket(0);
    }
    course
}

/// Carries a verb out at `second`, takes it back `later` seconds after, and compares with a session without it.
fn taken_back(before: &[&str], verb: &str, second: i64, later: i64) {
    let prepare = || {
        let mut room = Room::dosed();
        room.run_to(sec(second));
        for earlier in before {
            room.done(earlier);
        }
        room.run_for(1);
        room
    };
    let (mut room, mut plain) = (prepare(), prepare());
    room.done(verb);
    room.run_for(later);
    plain.run_for(later);
    room.done("undo");
    assert_eq!(essence(&room), essence(&plain), "{verb} taken back after {later} s");
    let sounding = |room: &Room| room.see().now.map(|now| (now.title, now.position));
    assert_eq!(sounding(&room), sounding(&plain));
    room.run_for(1);
    room.refused("undo", "nothing to take back");
}

#[test]
fn every_reversible_verb_is_taken_back_exactly() {
    let verbs = [
        "dose --ago 9m",
        "booster",
        "shift +5m",
        "extend 4m",
        "hold",
        "next",
        "return",
        "goto peak",
        "ground",
        "different",
        "end",
    ];
    for verb in verbs {
        for later in [1, 12, 29] {
            if verb != "end" || later < 20 {
                taken_back(&[], verb, 22 * 60, later);
            }
        }
    }
    taken_back(&["hold"], "release", 22 * 60, 10);
    taken_back(&["ground"], "home", 22 * 60, 10);
}

#[test]
fn a_boundary_that_would_have_been_passed_is_passed_by_undo() {
    taken_back(&[], "hold", 19 * 60 - 10, 25);
    taken_back(&[], "extend 5m", 27 * 60 - 5, 20);
}

#[test]
fn the_first_dose_can_be_taken_back() {
    let mut room = Room::new(plan());
    room.verb("start");
    room.run_to(min(10));
    room.done("dose");
    room.run_for(20);
    room.done("undo");
    assert_eq!((room.phase(), room.see().medicine, room.see().ends), (Some(PhaseKind::Preparation), None, None));
}

#[test]
fn an_end_is_taken_back_during_its_fade_and_the_programme_rises() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("end");
    room.run_for(15);
    room.refused("next", "undo");
    room.done("undo");
    let Some((_, Effect::Level { lane: Lane::Presence, to, .. })) = room.effects.last() else { panic!("no rise") };
    assert_eq!((*to, room.see().transport), (Decibels::ZERO, Transport::Running));
    room.run_for(1);
    room.done("end");
    room.run_for(21);
    room.refused("undo", "over");
}

#[test]
fn nothing_is_taken_back_after_thirty_seconds() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("next");
    room.run_for(29);
    assert_eq!(room.see().undo.map(|offer| offer.left), Some(Span::from_secs(1)));
    room.run_for(1);
    assert_eq!(room.see().undo, None);
    room.refused("undo", "30 seconds");
}

#[test]
fn a_lane_verb_neither_takes_the_offer_away_nor_is_taken_back_with_it() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("next");
    room.run_for(3);
    room.done("duck");
    room.done("softer");
    room.done("undo");
    let seen = room.see();
    assert_eq!((seen.ducked, seen.level, room.phase()), (true, Decibels(-1.5), Some(PhaseKind::Peak)));
}

/// The journal's inputs, handed to a fresh session at their instants.
pub(super) fn replayed(plan: Plan, journal: &[(SessionTime, Event)], until: SessionTime) -> Session {
    let mut session = Session::new(plan, 7);
    for (at, event) in journal {
        if let Some(input) = event.input() {
            session.handle(*at, input);
        }
    }
    session.handle(until, Input::Tick);
    session
}

/// What must be equal after a replay: everything but notices and presses that were refused.
pub(super) fn comparable(session: &Session) -> state::State {
    let mut state = session.state.clone();
    state.notices.clear();
    state.gate = gate::Gate::default();
    state
}

#[test]
fn a_journal_repeated_gives_the_same_session() {
    let mut room = Room::new(plan());
    let script = [
        (0, "softer"),
        (0, "comfort"),
        (0, "start"),
        (900, "dose"),
        (1000, "dose --ago 3m"),
        (1300, "duck"),
        (1320, "unduck"),
        (1700, "booster --ago 30s"),
        (1900, "ground"),
        (2000, "different"),
        (2200, "home"),
        (2500, "next"),
        (2510, "undo"),
        (2600, "hold"),
        (6000, "release"),
        (6100, "silence"),
        (6200, "resume"),
        (6300, "mute"),
        (6400, "next"),
        (6500, "mark vitals"),
    ];
    for (second, verb) in script {
        room.run_to(sec(second));
        room.verb(verb);
        if second == 2000 {
            let (_, prepared) = room.tickets();
            room.run_for(1);
            prepared.into_iter().for_each(|ticket| room.failed(ticket));
        }
    }
    room.run_to(sec(7000));
    assert_eq!(comparable(&replayed(plan(), &room.journal, room.now)), comparable(&room.session));
    let text = |event: &Event| serde_json::to_string(event).expect("json");
    for (_, event) in &room.journal {
        assert_eq!(serde_json::from_str::<Event>(&text(event)).expect("an event"), *event, "{}", text(event));
    }
}

#[test]
fn a_host_that_comes_back_sounds_again_at_the_place() {
    let mut room = Room::dosed();
    room.run_to(min(25));
    room.done("duck");
    room.run_to(min(30));
    let expected = room.see();
    let mut again = Room::new(plan());
    again.session = replayed(plan(), &room.journal, min(30));
    while !matches!(again.session.poll(), Output::Deadline(_)) {}
    again.now = min(30);
    again.input(Input::Resumed);
    let seen = again.see();
    assert_eq!((seen.phase, seen.now, seen.next), (expected.phase, expected.now, expected.next));
    let position = again.session.state.course.timeline.now().map(|slot| slot.position(again.now));
    let prepared = again.effects.iter().find_map(|(_, effect)| match effect {
        Effect::Prepare { from, .. } => Some(*from),
        _ => None,
    });
    assert_eq!(prepared, position);
    let rise = Effect::Level {
        lane: Lane::Presence,
        from: Some(Decibels::SILENCE),
        to: Decibels::ZERO,
        over: Span::from_secs(8),
    };
    assert!(again.effects.contains(&(min(30), rise)));
    again.run_to(min(110));
    assert_eq!(again.see().transport, Transport::Ended);
}

#[test]
fn a_machine_that_slept_crosses_once_to_the_present() {
    let mut room = Room::dosed();
    room.run_to(min(20));
    let before = room.crossings();
    room.deck.dry_at = None;
    room.now = min(40);
    room.input(Input::Tick);
    assert_eq!(room.crossings(), before + 1);
    assert_eq!(room.phase(), Some(PhaseKind::Peak));
}
