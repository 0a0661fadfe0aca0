//! Level, duck, silence, break, mute: what the lanes do, and that nothing else is touched by them.

use super::*;

/// The lane moves that a verb asked for just now.
fn levels(room: &mut Room, verb: &str) -> Vec<(Lane, Option<f32>, f32, i64)> {
    let before = room.effects.len();
    room.done(verb);
    let moves = room.effects[before..].iter().filter_map(|(_, effect)| match effect {
        Effect::Level { lane, from, to, over } => Some((*lane, from.map(|from| from.0), to.0, over.millis())),
        _ => None,
    });
    moves.collect()
}

#[test]
fn every_lane_verb_moves_its_lane_as_the_product_says() {
    let mut room = Room::dosed();
    let cases = [
        ("duck", (Lane::Duck, None, -12.0, 1500)),
        ("unduck", (Lane::Duck, None, 0.0, 12_000)),
        ("silence", (Lane::Presence, None, -60.0, 8000)),
        ("resume", (Lane::Presence, Some(-20.0), 0.0, 20_000)),
        ("break", (Lane::Presence, None, -20.0, 8000)),
        ("back", (Lane::Presence, None, 0.0, 20_000)),
        ("mute", (Lane::Presence, None, -60.0, 1500)),
        ("mute", (Lane::Presence, None, -60.0, 200)),
        ("resume", (Lane::Presence, Some(-20.0), 0.0, 20_000)),
        ("softer", (Lane::Comfort, None, -1.5, 300)),
        ("end", (Lane::Presence, None, -60.0, 20_000)),
        ("mute", (Lane::Presence, None, -60.0, 1500)),
    ];
    for (verb, expected) in cases {
        room.run_for(30);
        if room.see().transport != Transport::Ended {
            assert_eq!(levels(&mut room, verb), [expected], "{verb}");
        }
        if verb == "end" {
            assert_eq!(levels(&mut room, "mute"), [cases[11].1]);
        }
    }
}

#[test]
fn the_first_sound_rises_from_silence() {
    let mut room = Room::new(plan());
    assert_eq!(levels(&mut room, "start"), [(Lane::Presence, Some(-60.0), 0.0, 5000)]);
}

#[test]
fn a_resume_during_the_fade_goes_on_from_where_the_fade_is() {
    let mut room = Room::dosed();
    room.run_for(60);
    room.done("silence");
    room.run_for(1);
    assert_eq!(levels(&mut room, "resume"), [(Lane::Presence, None, 0.0, 20_000)], "-7.5 dB is above -20 dB");
}

#[test]
fn the_level_is_capped_by_comfort_and_has_a_floor() {
    let mut room = Room::new(plan());
    for _ in 0..4 {
        room.done("softer");
    }
    room.done("comfort");
    assert_eq!((room.see().level, room.see().cap), (Decibels(-6.0), Some(Decibels(-3.0))));
    room.done("louder");
    room.done("louder");
    room.refused("louder", "comfort cap");
    for _ in 0..30 {
        room.done("softer");
    }
    assert_eq!(room.see().level, Decibels(-20.0));
    room.verb("start");
    room.done("dose");
    room.refused("comfort", "before the dose");
}

#[test]
fn pressing_louder_quickly_never_passes_ten_decibels_a_second() {
    let mut room = Room::new(plan());
    for _ in 0..12 {
        room.done("softer");
    }
    room.done("start");
    room.run_for(60);
    for _ in 0..10 {
        room.now = room.now + Span::from_millis(10);
        let moves = levels(&mut room, "louder");
        let level = room.session.state.lanes.clone();
        let (_, _, to, over) = moves[0];
        assert!(over >= 300 && to <= level.level().0, "{moves:?}");
    }
    let moves = levels(&mut room, "louder");
    assert!(moves[0].3 >= 1400, "15 dB still to go take 1.5 s: {moves:?}");
}

#[test]
fn quiet_stops_no_clock_and_no_phase() {
    for verb in ["silence", "mute", "break", "duck"] {
        let (mut quiet, mut plain) = (Room::dosed(), Room::dosed());
        quiet.run_to(min(16));
        plain.run_to(min(16));
        quiet.done(verb);
        quiet.run_to(min(60));
        plain.run_to(min(60));
        assert_eq!(quiet.session.state.course.timeline, plain.session.state.course.timeline, "{verb}");
        assert_eq!(quiet.see().medicine, plain.see().medicine);
        assert_eq!(quiet.phase(), plain.phase());
    }
}

#[test]
fn a_silent_session_ends_at_its_time() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("silence");
    room.run_to(min(120));
    assert_eq!(room.see().transport, Transport::Ended);
}

#[test]
fn the_output_comes_back_softly_unless_quiet_was_asked_for() {
    let back = |room: &mut Room| {
        let before = room.effects.len();
        room.input(Input::Report(Report::OutputLost { why: "the headphones are gone".into() }));
        room.run_for(8);
        room.input(Input::Report(Report::OutputBack { silence: Span::from_secs(8) }));
        room.effects.split_off(before)
    };
    let rise = Effect::Level {
        lane: Lane::Presence,
        from: Some(Decibels(-20.0)),
        to: Decibels::ZERO,
        over: Span::from_secs(70),
    };
    let mut room = Room::dosed();
    room.run_to(min(30));
    assert_eq!(back(&mut room), [(room.now, rise)]);
    room.done("mute");
    assert_eq!(back(&mut room), []);
    assert!(room.journal.contains(&(room.now, Event::Recovered { silence_s: 8.0 })));
}

#[test]
fn what_is_silent_is_not_silenced_again_and_a_break_is_not_taken_in_silence() {
    let mut room = Room::dosed();
    room.done("silence");
    room.refused("silence", "resume");
    room.refused("break", "resume");
    room.refused("back", "resume");
    room.done("mute");
    assert_eq!(room.see().quiet, Some(Quiet::Mute));
    room.done("resume");
    assert_eq!(room.see().quiet, None);
}
