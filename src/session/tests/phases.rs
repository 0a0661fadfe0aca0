//! Phases and their boundaries: who moves them, and by how much.

use super::*;

/// A dosed session in which these lines (`minute`, `verb`) were carried out: the ends of the phases from then on.
fn ends_after(lines: &[(i64, &str)], look: i64) -> Vec<f64> {
    let mut room = Room::dosed();
    for (minute, verb) in lines {
        room.run_to(min(*minute));
        room.done(verb);
    }
    room.run_to(min(look));
    room.ends().into_iter().map(|end| end.map_or(-1.0, |end| (end * 1000.0).round() / 1000.0)).collect()
}

#[test]
fn a_session_without_a_dose_stays_in_preparation_for_ever() {
    let mut room = Room::new(plan());
    room.verb("start");
    room.run_to(min(300));
    assert_eq!(room.phase(), Some(PhaseKind::Preparation));
    assert_eq!(room.see().ends, None);
}

#[test]
fn a_dosed_session_passes_every_phase_on_time_and_ends() {
    let mut room = Room::dosed();
    let cases =
        [(15, "onset"), (18, "onset"), (19, "ascent"), (26, "ascent"), (27, "peak"), (52, "peak"), (53, "return")];
    for (minute, phase) in cases {
        room.run_to(min(minute));
        assert_eq!(room.phase(), PhaseKind::named(phase), "minute {minute}");
    }
    room.run_to(min(77));
    assert_eq!(room.phase(), Some(PhaseKind::Integration));
    room.run_to(min(105));
    assert_eq!(room.see().transport, Transport::Ending);
    room.run_to(min(105) + Span::from_secs(20));
    assert_eq!(room.see().transport, Transport::Ended);
    assert_eq!(room.phase(), None);
    assert!(room.journal.contains(&(min(105) + Span::from_secs(20), Event::Ended { why: Why::Planned })));
}

#[test]
fn verbs_move_the_boundaries_by_their_rules() {
    let check = |lines: &[(i64, &str)], look: i64, ends: &[f64]| assert_eq!(ends_after(lines, look), ends, "{lines:?}");
    check(&[], 16, &[19.0, 27.0, 53.0, 77.0, 105.0]);
    check(&[(20, "shift +2m")], 20, &[29.0, 55.0, 79.0, 107.0]);
    check(&[(20, "shift -2m")], 20, &[25.0, 51.0, 75.0, 103.0]);
    check(&[(30, "extend 5m")], 30, &[58.0, 82.0, 110.0]);
    check(&[(30, "booster")], 30, &[60.0, 84.0, 112.0]);
    check(&[(30, "booster --ago 2m")], 30, &[58.0, 82.0, 110.0]);
    check(&[(30, "booster"), (35, "booster")], 35, &[65.0, 89.0, 117.0]);
    check(&[(30, "booster"), (40, "next")], 40, &[64.0, 92.0]);
    check(&[(30, "booster"), (32, "goto onset")], 32, &[36.0, 44.0, 70.0, 94.0, 122.0]);
    check(&[(22, "booster")], 28, &[53.0, 77.0, 105.0]);
    check(&[(20, "next")], 20, &[46.0, 70.0, 98.0]);
    check(&[(20, "return")], 20, &[44.0, 72.0]);
    check(&[(60, "goto peak")], 60, &[86.0, 110.0, 138.0]);
    check(&[(20, "dose --ago 8m")], 20, &[24.0, 50.0, 74.0, 102.0]);
    check(&[(18, "dose")], 18, &[22.0, 30.0, 56.0, 80.0, 108.0]);
    check(&[(20, "extend 3m"), (21, "dose --ago 5m")], 21, &[31.0, 57.0, 81.0, 109.0]);
    check(&[(20, "hold")], 25, &[-1.0, -1.0, -1.0, -1.0]);
    check(&[(20, "hold"), (25, "release")], 25, &[27.0, 53.0, 77.0, 105.0]);
    check(&[(20, "hold"), (31, "release")], 31, &[57.0, 81.0, 109.0]);
}

#[test]
fn a_late_dose_joins_the_phase_that_the_clock_is_in() {
    for (ago, phase) in [("2m", "onset"), ("6m", "ascent"), ("20m", "peak"), ("50m", "return"), ("80m", "integration")]
    {
        let mut room = Room::new(plan());
        room.verb("start");
        room.run_to(min(10));
        let before = room.crossings();
        room.done(&format!("dose --ago {ago}"));
        assert_eq!(room.phase(), PhaseKind::named(phase), "{ago}");
        assert_eq!(room.crossings(), before + 1, "by crossfade");
    }
}

#[test]
fn a_dose_so_late_that_the_plan_is_over_leaves_a_countdown_to_veto() {
    let mut room = Room::new(plan());
    room.verb("start");
    room.run_to(min(10));
    room.done("dose --ago 3h");
    let phase = room.see().phase.expect("a phase");
    assert_eq!(phase.kind, PhaseKind::Integration);
    assert_eq!(phase.countdown, Some(Span::from_secs(60)));
    room.run_for(50);
    room.done("hold");
    room.run_to(min(60));
    assert_eq!(room.see().transport, Transport::Held);
}

#[test]
fn a_correction_by_more_than_an_hour_must_be_confirmed() {
    let mut room = Room::dosed();
    room.run_to(min(80));
    room.refused("dose", "--confirm");
    room.refused("dose --ago 62m", "--confirm");
    room.done("dose --ago 62m --confirm");
    assert_eq!(room.see().medicine, Some(MedicineTime::at(Span::from_mins(62))));
}

#[test]
fn a_correction_never_goes_back_behind_a_phase_entered_by_hand() {
    let mut room = Room::dosed();
    room.run_to(min(20));
    room.done("goto peak");
    room.run_to(min(21));
    room.done("dose --ago 1m");
    assert_eq!(room.phase(), Some(PhaseKind::Peak));
    room.run_to(min(22));
    room.done("dose --ago 10m");
    assert_eq!(room.phase(), Some(PhaseKind::Peak), "its end moved by as much and is still to come");
}

#[test]
fn a_held_phase_outlives_a_dose_but_a_held_preparation_does_not() {
    let mut room = Room::new(plan());
    room.verb("start");
    room.run_to(min(5));
    room.done("hold");
    room.run_to(min(8));
    room.done("dose");
    assert_eq!((room.phase(), room.see().transport), (Some(PhaseKind::Onset), Transport::Running));
    room.run_to(min(9));
    room.done("hold");
    room.run_to(min(20));
    room.done("dose --ago 15m");
    assert_eq!((room.phase(), room.see().transport), (Some(PhaseKind::Onset), Transport::Held));
}

#[test]
fn the_countdown_is_vetoed_into_a_hold() {
    let mut room = Room::dosed();
    room.run_to(min(19) - Span::from_secs(30));
    assert_eq!(room.see().phase.and_then(|phase| phase.countdown), Some(Span::from_secs(30)));
    room.done("hold");
    let kind = Some(PhaseKind::Onset);
    assert!(room.journal.contains(&(room.now, Event::Phase { from: kind, to: kind, why: Why::Veto })));
    room.run_to(min(120));
    assert_eq!(room.phase(), kind);
}

#[test]
fn deadlines_wake_the_screen_at_each_mark_of_the_countdown() {
    let mut room = Room::dosed();
    room.run_to(min(17));
    let mut woken = Vec::new();
    while room.now < min(19) {
        let deadline = room.drain().expect("a deadline");
        room.run_to(deadline);
        woken.push((min(19) - deadline).millis() / 1000);
    }
    for mark in [60, 30, 10, 0] {
        assert!(woken.contains(&mark), "{mark} s before: {woken:?}");
    }
}

#[test]
fn ask_waits_and_shows_that_time_is_up() {
    let mut plan = plan();
    plan.phases[1].advance = Advance::Ask;
    let mut room = Room::new(plan);
    room.verb("start");
    room.done("dose");
    room.run_to(min(10));
    let phase = room.see().phase.expect("a phase");
    assert!(phase.overdue && phase.kind == PhaseKind::Onset && phase.countdown.is_none());
    assert_eq!(room.see().ends, None);
    room.done("next");
    assert_eq!(room.ends(), [18.0, 44.0, 68.0, 96.0].map(Some));
}

#[test]
fn what_the_plan_lacks_or_cannot_do_is_refused_in_words() {
    let mut room = Room::new(plan_on(im(), &[PhaseKind::Preparation, PhaseKind::Peak, PhaseKind::Integration]));
    room.refused("next", "start");
    room.verb("start");
    room.run_to(min(1));
    let cases = [
        ("start", "begun"),
        ("return", "has no return"),
        ("goto ascent", "has no ascent"),
        ("goto preparation", "already"),
        ("warmer", "no music for warmer"),
        ("home", "own music"),
        ("release", "held"),
        ("booster", "dose"),
        ("device", "spravato"),
        ("extend 5m", "no end"),
        ("shift +5m", "no end"),
        ("undo", "nothing to take back"),
        ("resume", "silenced"),
        ("back", "break"),
        ("unduck", "lowered"),
    ];
    for (verb, words) in cases {
        room.run_for(1);
        room.refused(verb, words);
    }
    room.done("goto integration");
    room.run_for(1);
    room.refused("next", "last phase");
}

#[test]
fn a_playlist_without_preparation_waits_for_the_dose_in_its_first_phase() {
    let mut room = Room::new(plan_on(im(), &[PhaseKind::Peak, PhaseKind::Return]));
    room.verb("start");
    room.run_to(min(200));
    assert_eq!(room.phase(), Some(PhaseKind::Peak));
    room.done("dose");
    assert_eq!(room.ends(), [238.0, 290.0].map(Some));
}

#[test]
fn next_before_the_dose_runs_later_phases_by_their_lengths() {
    let mut room = Room::new(plan());
    room.verb("start");
    room.run_to(min(5));
    room.done("next");
    assert_eq!(room.ends(), [9.0, 17.0, 43.0, 67.0, 95.0].map(Some));
    room.run_to(min(10));
    room.done("goto preparation");
    room.run_to(min(200));
    assert_eq!(room.phase(), Some(PhaseKind::Preparation), "open-ended again");
}

#[test]
fn devices_hold_the_peak_open_and_restart_the_observation_counter() {
    let route =
        Route { device: Some(Span::from_mins(45)), booster: None, observation: Some(Span::from_mins(120)), ..im() };
    let mut room = Room::new(plan_on(route, &PhaseKind::ALL));
    room.verb("start");
    room.done("dose");
    room.run_to(min(5));
    assert_eq!(room.see().observation, Some(Span::from_mins(115)));
    room.done("device");
    assert_eq!(room.see().observation, Some(Span::from_mins(120)));
    room.run_for(1);
    room.refused("booster", "no rule");
    room.run_to(min(13));
    assert_eq!(room.ends()[0], Some(50.0));
}

#[test]
fn the_spit_cue_is_shown_at_its_time() {
    let route = Route { spit: Some(MedicineTime::at(Span::from_mins(8))), ..im() };
    let mut room = Room::new(plan_on(route, &PhaseKind::ALL));
    room.verb("start");
    room.done("dose");
    let mut shown = |seconds: i64| {
        room.run_to(sec(seconds));
        room.see().cue.is_some()
    };
    assert_eq!([shown(479), shown(480), shown(599), shown(600)], [false, true, true, false]);
}
