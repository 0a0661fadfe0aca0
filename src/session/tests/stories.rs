//! Whole sessions as they are lived.

use super::*;

#[test]
fn the_scenario_of_the_handbook() {
    let mut room = Room::new(plan());
    room.done("start");
    room.run_to(min(4));
    room.done("comfort");
    room.run_to(min(15));
    room.done("dose");
    room.run_to(sec(39 * 60 + 30));
    room.done("booster --ago 30s");
    room.run_to(min(41));
    while room.tickets().1.is_none() {
        room.run_for(5);
    }
    let next = room.tickets().1.expect("a prepared piece");
    room.failed(next);
    room.run_to(min(43));
    room.input(Input::Report(Report::OutputLost { why: "unplugged".into() }));
    room.run_for(8);
    room.input(Input::Report(Report::OutputBack { silence: Span::from_secs(8) }));
    room.run_to(min(60));
    assert_eq!(room.phase(), Some(PhaseKind::Peak), "39:00 + 30 minutes");
    room.run_to(min(69));
    assert_eq!(room.phase(), Some(PhaseKind::Return));
    room.run_to(min(101));
    room.done("end");
    room.run_for(20);
    assert_eq!(room.see().transport, Transport::Ended);
    assert_eq!(room.phase(), None);
    assert!(matches!(room.journal.last(), Some((_, Event::Ended { why: Why::Verb }))));
}

#[test]
fn the_plan_is_told_once_a_verb_and_is_what_happens() {
    let mut room = Room::dosed();
    room.run_to(min(16));
    room.done("extend 2m");
    room.run_to(min(110));
    let plans: Vec<_> = room.journal.iter().filter(|(_, event)| matches!(event, Event::Plan { .. })).collect();
    assert_eq!(plans.len(), 3, "start, dose, extend");
    let Some((_, Event::Plan { phases, ends })) = plans.last() else { panic!("no plan") };
    for planned in phases.iter().take(phases.len() - 1) {
        let left = room.journal.iter().find_map(|(at, event)| match event {
            Event::Phase { from, .. } if *from == Some(planned.phase) => Some(at.since_start().secs_f64() / 60.0),
            _ => None,
        });
        assert_eq!(left, planned.ends, "{planned:?}");
    }
    assert_eq!(*ends, Some(107.0));
}

#[test]
fn two_sessions_with_one_seed_are_alike_to_the_letter() {
    let journal = || {
        let mut room = Room::dosed();
        room.run_to(min(30));
        room.done("different");
        room.run_to(min(110));
        room.journal
    };
    assert_eq!(journal(), journal());
}

#[test]
fn before_the_start_only_the_level_the_output_and_stamps_are_touched() {
    let mut room = Room::new(plan());
    for verb in ["softer", "louder", "comfort", "output speakers", "mark vitals"] {
        room.done(verb);
    }
    for verb in ["dose", "next", "mute", "duck", "end", "undo", "hold"] {
        room.refused(verb, "`start`");
    }
    let seen = room.see();
    assert_eq!((seen.transport, seen.phase, seen.now), (Transport::Ready, None, None));
}

#[test]
fn a_double_press_counts_once_from_whatever_source() {
    let mut room = Room::dosed();
    room.run_to(min(16));
    room.input(Input::Verb(Verb::Next, Source::Key));
    room.now = room.now + Span::from_millis(600);
    room.input(Input::Verb(Verb::Next, Source::Clicker));
    assert_eq!(room.phase(), Some(PhaseKind::Ascent));
    assert!(matches!(room.journal.last(), Some((_, Event::Refused { .. }))));
}

#[test]
fn the_arc_shows_what_was_and_what_will_be() {
    let mut room = Room::dosed();
    room.run_to(min(16));
    room.done("goto peak");
    let arc = room.see().arc;
    let spans: Vec<_> = arc.iter().map(|phase| (phase.begins, phase.ends)).collect();
    let span = |begins, ends| (Some(min(begins)), Some(min(ends)));
    assert_eq!(spans, [span(0, 15), span(15, 16), (None, None), span(16, 42), span(42, 66), span(66, 94)]);
}
