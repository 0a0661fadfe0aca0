//! The music: what is chosen, where pieces end, and what happens when one fails.

use super::*;
use crate::session::planner::NOT_AGAIN_WITHIN;

/// Each piece's track, begin and the end of its hearing, from the journal.
pub(super) fn heard(journal: &[(SessionTime, Event)]) -> Vec<(TrackId, SessionTime, Option<SessionTime>)> {
    let mut pieces: Vec<(TrackId, SessionTime, Option<SessionTime>)> = Vec::new();
    for (at, event) in journal {
        match event {
            Event::Track { id, .. } => pieces.push((*id, *at, None)),
            Event::TrackEnd { .. } => {
                if let Some(last) = pieces.last_mut() {
                    last.2 = Some(*at);
                }
            }
            _ => {}
        }
    }
    pieces
}

#[test]
fn no_piece_is_heard_twice_in_a_session_with_enough_music() {
    let mut room = Room::dosed();
    room.run_to(min(106));
    let mut tracks: Vec<TrackId> = heard(&room.journal).into_iter().map(|(id, _, _)| id).collect();
    let count = tracks.len();
    tracks.sort_unstable();
    tracks.dedup();
    assert_eq!(tracks.len(), count);
}

#[test]
fn a_phase_held_for_hours_repeats_what_was_heard_longest_ago() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("hold");
    room.run_to(min(300));
    let pieces = heard(&room.journal);
    for (index, (id, begins, _)) in pieces.iter().enumerate() {
        let earlier = pieces[..index].iter().rev().find(|(other, _, _)| other == id);
        let since = earlier.and_then(|(_, _, end)| *end).map(|end| *begins - end);
        assert!(since.is_none_or(|since| since >= NOT_AGAIN_WITHIN), "{id:?} again after {since:?}");
    }
}

#[test]
fn a_held_phase_loops_on_a_long_region_once_its_pool_is_used_up() {
    let mut plan = plan();
    let at = |seconds| TrackTime::at(Span::from_secs(seconds));
    for track in &mut plan.tracks {
        track.loop_region = Some((at(60), at(150)));
    }
    let mut room = Room::new(plan);
    room.verb("start");
    room.done("dose");
    room.run_to(min(1));
    room.done("hold");
    room.run_to(min(120));
    let pieces = heard(&room.journal);
    let tail = &pieces[pieces.len() - 20..];
    assert!(tail.windows(2).all(|pair| pair[0].0 == pair[1].0), "one piece loops: {tail:?}");
    let Some((_, Event::Track { from_s, .. })) =
        room.journal.iter().rev().find(|(_, event)| matches!(event, Event::Track { .. }))
    else {
        panic!("no track")
    };
    assert!((from_s - 60.0).abs() < 1e-9);
}

#[test]
fn a_generator_alone_covers_a_phase_without_a_joint() {
    let mut plan = plan();
    for phase in &mut plan.phases {
        phase.pool.truncate(1);
        let track = &mut plan.tracks[phase.pool[0].0 as usize];
        track.material = Material::Generator;
    }
    let mut room = Room::new(plan);
    room.verb("start");
    room.done("dose");
    room.run_to(min(91));
    assert_eq!(heard(&room.journal).len(), 6, "the first sound, and one piece a phase from the onset on");
}

#[test]
fn the_next_piece_is_prepared_well_before_its_crossfade() {
    let mut room = Room::dosed();
    room.run_to(min(106));
    let mut prepared = std::collections::BTreeMap::new();
    let (mut early, mut all) = (0, 0);
    for (at, effect) in &room.effects {
        match effect {
            Effect::Prepare { ticket, .. } => {
                prepared.insert(*ticket, *at);
            }
            Effect::Cross { ticket, .. } => {
                all += 1;
                early += usize::from(*at - prepared[ticket] >= Span::from_secs(90));
            }
            _ => {}
        }
    }
    assert!(all > 20 && early >= all - 2, "{early} of {all}; all but the first sound and the dose");
}

#[test]
fn a_prepared_piece_that_fails_is_replaced_and_moves_no_boundary() {
    let mut room = Room::dosed();
    room.run_to(min(28));
    while room.tickets().1.is_none() {
        room.run_for(10);
    }
    let (ends, crossings) = (room.ends(), room.crossings());
    let bad = room.session.state.course.timeline.coming[0].track;
    let ticket = room.tickets().1.expect("a prepared piece");
    room.failed(ticket);
    assert_eq!((room.ends(), room.crossings()), (ends, crossings));
    room.run_to(min(106));
    assert!(heard(&room.journal).iter().all(|(id, _, _)| *id != bad));
}

#[test]
fn a_sounding_piece_that_fails_is_left_within_its_decoded_lead() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    let ends = room.ends();
    let ticket = room.tickets().0.expect("a sounding piece");
    let crossings = room.crossings();
    room.failed(ticket);
    assert_eq!((room.ends(), room.crossings()), (ends, crossings + 1));
    let Some((_, Effect::Cross { over, .. })) =
        room.effects.iter().rev().find(|(_, effect)| matches!(effect, Effect::Cross { .. }))
    else {
        panic!("no crossfade")
    };
    assert!(*over <= Span::from_secs(8));
}

#[test]
fn failure_after_failure_tries_each_piece_once_and_then_leaves_it_to_the_bed() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    let mut tries = 0;
    while let (Some(ticket), _) = room.tickets() {
        room.failed(ticket);
        tries += 1;
        assert!(tries <= room.session.plan.tracks.len(), "a skip storm");
    }
    let phases: usize = room.session.plan.phases.iter().map(|phase| phase.pool.len()).sum();
    assert_eq!(tries, phases, "the peak's pool, then all others'");
    room.deck.dry_at = None;
    room.run_to(min(106));
    assert_eq!(room.see().transport, Transport::Ended, "no boundary moved");
}

#[test]
fn a_piece_that_comes_too_late_is_replaced_and_may_come_again_after_a_minute_and_then_after_two() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    room.done("hold");
    let next =
        |room: &Room| room.tickets().1.zip(room.session.state.course.timeline.coming.front().map(|slot| slot.track));
    let (mut late, mut rests) = (None, Vec::new());
    while rests.len() < 2 && room.now < min(600) {
        room.run_for(1);
        let Some((ticket, track)) = next(&room) else { continue };
        if *late.get_or_insert(track) == track {
            let since = room.now;
            room.late(ticket);
            assert_ne!(next(&room).map(|(_, track)| track), late, "another one");
            while room.session.is_left_out(track) {
                room.run_for(1);
            }
            rests.push((room.now - since).secs_f64() / 60.0);
        }
    }
    // What is prepared by then is heard first.
    assert!(matches!(rests[..], [1.0..4.0, 2.0..5.0]), "{rests:?} minutes");
}

#[test]
fn when_every_piece_is_late_the_bed_sounds_for_a_minute_and_then_the_music_again() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    let ends = room.ends();
    while let (Some(ticket), _) = room.tickets() {
        room.late(ticket);
    }
    room.deck.dry_at = None;
    room.run_for(59);
    assert_eq!(room.tickets().0, None);
    room.run_for(2);
    assert!(room.tickets().0.is_some(), "music again");
    assert_eq!(room.ends(), ends, "no boundary moved");
    room.run_to(min(106));
    assert_eq!(room.see().transport, Transport::Ended);
}

#[test]
fn a_piece_that_ends_too_early_is_crossed_on() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    let (sounding, crossings) = (room.tickets().0.expect("a piece"), room.crossings());
    room.input(Input::Report(Report::Ended { ticket: Ticket(9999) }));
    assert_eq!(room.crossings(), crossings, "a late report about another piece");
    room.input(Input::Report(Report::Ended { ticket: sounding }));
    assert_eq!(room.crossings(), crossings + 1);
}

#[test]
fn ground_plays_no_lyrics_and_no_percussion_until_home() {
    let mut plan = plan();
    let ground = plan.steering[0].pool.clone();
    for (id, tag) in ground.iter().zip(["lyrics", "percussion"]) {
        plan.tracks[id.0 as usize].tags.push(tag.into());
    }
    let mut room = Room::new(plan);
    room.verb("start");
    room.done("dose");
    room.run_to(min(13));
    room.done("ground");
    let before = room.journal.len();
    room.run_to(min(50));
    assert_eq!(room.phase(), Some(PhaseKind::Return), "boundaries pass meanwhile");
    for (id, _, _) in heard(&room.journal[before..]) {
        assert!(ground[2..].contains(&id), "{id:?}");
    }
    assert_eq!(room.see().phase.and_then(|phase| phase.steer), Some(Steer::Ground));
    room.done("home");
    let sounding = room.session.state.course.timeline.now().expect("a piece").track;
    assert!(room.session.plan.phases[4].pool.contains(&sounding));
}

#[test]
fn different_takes_another_piece_that_is_not_repeated_soon() {
    let mut room = Room::dosed();
    room.run_to(min(30));
    let skipped = room.session.state.course.timeline.now().expect("a piece").track;
    room.done("different");
    let taken = room.session.state.course.timeline.now().expect("a piece").track;
    assert_ne!(skipped, taken);
    let feeling = |id: TrackId| room.session.plan.track(id).intensity;
    assert!(feeling(skipped).abs_diff(feeling(taken)) <= 1);
    assert!(room.session.state.course.timeline.coming.iter().all(|slot| slot.track != skipped));
}
