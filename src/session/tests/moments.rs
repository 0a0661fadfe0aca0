//! Verbs at awkward moments, as they come in a real room.

use super::*;

#[test]
fn an_end_that_came_by_the_plan_can_still_be_vetoed_while_it_fades() {
    let mut room = Room::dosed();
    room.run_to(min(105) + Span::from_secs(15));
    room.refused("next", "`hold` stays");
    room.done("hold");
    assert_eq!((room.deck.lanes[&Lane::Presence], room.see().transport), (Decibels::ZERO, Transport::Held));
    room.run_to(min(180));
    assert_eq!((room.phase(), room.see().transport), (Some(PhaseKind::Integration), Transport::Held));
    room.done("release");
    assert_eq!(room.see().transport, Transport::Ending);
}

#[test]
fn a_late_veto_is_taken_back_into_a_whole_fade() {
    let mut room = Room::dosed();
    room.run_to(min(105) + Span::from_secs(15));
    room.done("hold");
    room.run_for(10);
    room.done("undo");
    assert_eq!(room.see().ends, Some(room.now + Span::from_secs(20)));
    room.run_for(20);
    assert_eq!(room.see().transport, Transport::Ended);
}

#[test]
fn a_silenced_session_that_is_held_at_its_end_stays_silent() {
    let mut room = Room::dosed();
    room.run_to(min(104));
    room.done("mute");
    room.run_to(min(105) + Span::from_secs(5));
    room.done("hold");
    assert_eq!((room.deck.lanes[&Lane::Presence], room.see().quiet), (Decibels::SILENCE, Some(Quiet::Mute)));
}

#[test]
fn an_end_is_taken_back_in_its_last_millisecond_and_not_after_it() {
    for (millis, admitted) in [(19_999, true), (20_000, false)] {
        let mut room = Room::dosed();
        room.run_to(min(30));
        room.done("end");
        room.run_to(min(30) + Span::from_millis(millis));
        room.verb("undo");
        assert_eq!(room.see().transport == Transport::Running, admitted, "{millis} ms");
    }
}

#[test]
fn a_second_press_counts_from_700_ms_on() {
    let mut room = Room::dosed();
    room.run_to(min(16));
    room.done("next");
    room.now = room.now + Span::from_millis(701);
    room.done("next");
    assert_eq!(room.phase(), Some(PhaseKind::Peak));
}

#[test]
fn a_mark_corrected_while_held_keeps_the_length_of_every_later_phase() {
    let mut room = Room::dosed();
    room.run_to(min(40));
    room.done("hold");
    room.run_to(min(60));
    // By this mark the whole plan would be over.
    room.done("dose --ago 1h40m --confirm");
    assert_eq!((room.phase(), room.see().transport), (Some(PhaseKind::Peak), Transport::Held));
    room.run_to(min(61));
    room.done("release");
    assert_eq!(room.phase(), Some(PhaseKind::Return));
    assert_eq!(room.ends(), [85.0, 113.0].map(Some), "24 and 28 minutes from now");
}

#[test]
fn a_mark_put_wrong_and_right_again_leaves_a_boostered_plan_as_it_was() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("booster");
    let planned = room.ends();
    room.run_for(60);
    room.done("dose --ago 26m");
    assert_eq!(room.ends()[0], planned[0], "the booster holds the peak open");
    room.run_for(60);
    room.done("dose --ago 17m");
    assert_eq!(room.ends(), planned);
}

#[test]
fn an_extension_in_the_countdown_hides_it_until_its_time() {
    let mut room = Room::dosed();
    room.run_to(min(19) - Span::from_secs(20));
    room.done("extend 5m");
    assert_eq!(room.see().phase.and_then(|phase| phase.countdown), None);
    room.run_to(min(24) - Span::from_secs(20));
    assert_eq!(room.see().phase.and_then(|phase| phase.countdown), Some(Span::from_secs(20)));
}

#[test]
fn observation_runs_from_the_later_of_a_device_and_a_corrected_mark() {
    let route = Route { device: Some(Span::from_mins(45)), observation: Some(Span::from_mins(120)), ..im() };
    let mut room = Room::new(plan_on(route, &PhaseKind::ALL));
    room.verb("start");
    room.refused("device", "no dose");
    room.done("dose");
    room.run_to(min(5));
    room.done("device");
    room.run_to(min(7));
    room.done("dose");
    assert_eq!(room.see().observation, Some(Span::from_mins(120)), "the mark is the later one");
}

#[test]
fn a_booster_after_the_peak_is_recorded_and_moves_nothing() {
    let mut room = Room::dosed();
    room.run_to(min(55));
    let planned = room.ends();
    room.done("booster --ago 1m");
    assert_eq!(room.ends(), planned);
    assert!(room.journal.iter().any(|(_, event)| matches!(event, Event::Booster { .. })));
    assert!(room.see().notices.iter().any(|notice| notice.text.as_str().contains("the peak is over")));
}

#[test]
fn music_that_two_pools_offer_is_heard_once_and_fails_once() {
    let mut plan = plan();
    // Every piece of the peak is offered again by the return, which has others too.
    let (peak, again) = (plan.phases[3].pool.clone(), plan.phases[4].pool.clone());
    for (first, second) in peak.iter().zip(&again).take(4) {
        plan.tracks[second.0 as usize] = plan.track(*first).clone();
    }
    let mut room = Room::new(plan);
    room.verb("start");
    room.done("dose");
    room.run_to(min(14));
    let sounding = room.session.state.course.timeline.now().expect("a piece").track;
    room.failed(room.tickets().0.expect("a piece"));
    room.run_to(min(91));
    let music = |id: TrackId| room.session.plan.music(id);
    let mut heard: Vec<TrackId> = sound::heard(&room.journal).into_iter().map(|(id, _, _)| music(id)).collect();
    assert_eq!(heard.iter().filter(|id| **id == music(sounding)).count(), 1, "what failed is not tried again");
    let count = heard.len();
    heard.sort_unstable();
    heard.dedup();
    assert_eq!(heard.len(), count, "nothing is heard twice");
}
