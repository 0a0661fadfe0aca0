//! What must hold for every plan and every sequence of verbs, however unwise.

use std::cell::Cell;

use proptest::prelude::*;

use super::any::{Happens, Step, Wait, law, plans, steps};
use super::replay::{comparable, essence, replayed};
use super::watch::Watch;
use super::*;
use crate::session::planner::NOT_AGAIN_WITHIN;

/// Random sequences of verbs in a run of the tests, of up to a dozen verbs each...
const SEQUENCES: u32 = 100_000;
/// ...and whole sessions of about seventy.
const SESSIONS: u32 = 1500;
/// Sequences in which verbs are taken back.
const UNDONE: u32 = 40_000;
/// Verbs taken back in a run, at least.
const TAKEN_BACK: u32 = 100_000;

/// Sequences with the most extreme numbers.
const EXTREMES: u32 = 100;

/// A sequence is begun with or without a dose, and watched from its first instant to its last.
fn stays_lawful(plan: &Plan, steps: &[Step], dose: Option<i64>) -> Result<(), TestCaseError> {
    let (mut room, mut watch) = (Room::new(plan.clone()), Watch::over(plan));
    watch.undergo(&mut room, &Happens::Verb("start".into()))?;
    let dose = dose.map(|second| (Wait::Millis(second * 1000), Happens::Verb("dose".into())));
    for (wait, happens) in dose.iter().chain(steps) {
        let until = room.after(*wait);
        watch.pass(&mut room, until)?;
        if room.over() {
            break;
        }
        watch.undergo(&mut room, happens)?;
        check_state(&room)?;
    }
    check_repetitions(&room)?;
    prop_assert_eq!(comparable(&replayed(plan.clone(), &room.journal, room.now)), comparable(&room.session));
    Ok(())
}

#[test]
fn any_sequence_of_verbs_stays_lawful_and_can_be_repeated() {
    let begun = prop::option::weighted(0.8, 0i64..1200);
    law(SEQUENCES, (plans(), steps(1..12), begun), |(plan, steps, dose)| stays_lawful(&plan, &steps, dose));
}

#[test]
fn any_session_stays_lawful_and_can_be_repeated() {
    let begun = prop::option::weighted(0.8, 0i64..1200);
    law(SESSIONS, (plans(), steps(1..140), begun), |(plan, steps, dose)| stays_lawful(&plan, &steps, dose));
}

/// There is music now, and after it, and every screen can be drawn.
fn check_state(room: &Room) -> Result<(), TestCaseError> {
    let course = &room.session.state.course;
    if matches!(course.stage, state::Stage::Running | state::Stage::Held) && room.has_music() {
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
    }
    let seen = room.see();
    // A session that fades has an end to show, whatever was planned.
    let planned = room.ends().last().copied().flatten().is_some();
    prop_assert_eq!(seen.ends.is_some(), planned || seen.transport == Transport::Ending);
    Ok(())
}

#[test]
fn any_reversible_verb_is_taken_back_exactly() {
    let counted = Cell::new(0);
    let begun = prop::option::weighted(0.8, 0i64..1200);
    law(UNDONE, (plans(), steps(1..40), begun, 0i64..29_000), |(plan, steps, dose, later)| {
        let mut room = Room::begun(&plan, dose);
        for (wait, happens) in &steps {
            let until = room.after(*wait);
            room.run_to(until);
            room.undergo(happens);
            counted.set(counted.get() + u32::from(takes_back(&mut room, happens, later)?));
        }
        Ok(())
    });
    println!("{} verbs were taken back", counted.get());
    assert!(counted.get() >= TAKEN_BACK, "only {} were taken back", counted.get());
}

/// Gives a verb, takes it back a while later, and compares with the session in which it was never given; `false` where
/// there is nothing to compare.
fn takes_back(room: &mut Room, happens: &Happens, later: i64) -> Result<bool, TestCaseError> {
    let (Happens::Verb(verb), false) = (happens, room.over()) else { return Ok(false) };
    room.journal.clear();
    room.effects.clear();
    let mut without = room.clone();
    room.run_for(1);
    without.run_for(1);
    room.verb(verb);
    let Some(offer) = room.see().undo.filter(|offer| offer.left == Span::from_secs(30)) else { return Ok(false) };
    room.run_to(room.now + Span::from_millis(later));
    without.run_to(room.now);
    // A piece that failed meanwhile, or another playing of it, is not opened again.
    let lost = without.session.state.course.timeline.now().is_some_and(|slot| without.session.is_left_out(slot.track));
    if room.over() || without.quietly_dry() || lost {
        return Ok(false);
    }
    room.done("undo");
    let (is, should) = (essence(room), essence(&without));
    if is != should {
        let (is, should) = (format!("{is:?}"), format!("{should:?}"));
        let differ = is.bytes().zip(should.bytes()).take_while(|(one, other)| one == other).count();
        let near = |text: &str| text[differ.saturating_sub(200)..].chars().take(400).collect::<String>();
        prop_assert!(false, "{} taken back:\n{}\n{}", offer.verb, near(&is), near(&should));
    }
    Ok(true)
}

/// Whatever numbers a playlist, a clinic or a tired hand can give: nothing overflows, and there is music.
#[test]
fn the_longest_and_the_shortest_of_everything_is_laid_out() {
    let lengths = prop::sample::select(vec![1i64, 5, 40, 300, 21_600]);
    let planned = prop::sample::select(vec![1i64, 60, 1500, 21_600]);
    let shapes = prop::collection::vec((lengths, 0u8..3, planned), 1..12);
    let spans = ["1ms", "1s", "59m59s999ms", "12h"];
    let verbs =
        ["extend SPAN", "shift +SPAN", "shift -SPAN", "dose --ago SPAN --confirm", "booster --ago SPAN", "hold"];
    let verb = (prop::sample::select(verbs.to_vec()), prop::sample::select(spans.to_vec()));
    let verb = verb.prop_map(|(verb, span)| Happens::Verb(verb.replace("SPAN", span)));
    let next = prop::sample::select(vec!["next", "goto preparation", "release", "undo", "dose"]);
    let happens = prop_oneof![2 => verb, 1 => next.prop_map(|verb| Happens::Verb(verb.to_owned()))];
    let wait = prop::sample::select(vec![0i64, 1, 700, 60_000, 3_600_000]).prop_map(Wait::Millis);
    let steps = prop::collection::vec((wait, happens), 1..8);
    law(EXTREMES, (plan_of_extremes(shapes), steps), |(plan, steps)| stays_lawful(&plan, &steps, Some(1)));
}

fn plan_of_extremes(shapes: impl Strategy<Value = Vec<(i64, u8, i64)>>) -> impl Strategy<Value = Plan> {
    (plans(), shapes).prop_map(|(mut plan, shapes)| {
        for ((track, id), (seconds, material, _)) in plan.tracks.iter_mut().zip(0..).zip(shapes.iter().cycle()) {
            // Of another material it is other music too.
            track.same_as = TrackId(id);
            track.material = [Material::File, Material::Generator, Material::Silence][usize::from(*material)];
            // A generator plays a tenth of a minute at least.
            let least = if track.material == Material::Generator { 6 } else { 1 };
            track.end = track.start + Span::from_secs((*seconds).max(least));
            (track.exits, track.loop_region) = (Vec::new(), None);
        }
        for (phase, (_, _, planned)) in plan.phases.iter_mut().zip(shapes.iter().cycle()) {
            phase.planned = Span::from_secs(*planned);
        }
        plan
    })
}

#[test]
fn nothing_leaves_preparation_by_itself_without_a_dose() {
    let steps = steps(1..20).prop_map(|steps| {
        let undosed = |(_, happens): &Step| !matches!(happens, Happens::Verb(verb) if verb.starts_with("dose"));
        steps.into_iter().filter(undosed).collect::<Vec<_>>()
    });
    law(10_000, (plans(), steps), |(plan, steps)| {
        let mut room = Room::begun(&plan, None);
        for (wait, happens) in &steps {
            let (until, phase) = (room.after(*wait), room.session.state.course.phase);
            room.run_to(until);
            prop_assert!(phase != 0 || room.session.state.course.phase == 0, "left at {} by itself", room.now);
            room.undergo(happens);
        }
        Ok(())
    });
}

/// One hearing of a piece.
struct Hearing {
    music: TrackId,
    began: SessionTime,
    left: SessionTime,
    /// By a verb that was taken back, which restores the exact plan: it may well come again.
    undone: bool,
}

/// What is prepared when a piece has rested is heard first.
const PREPARED_AHEAD: Span = Span::from_secs(120);

/// Every piece that begins within 20 minutes of its last hearing had no other in its pool that could have; a loop of one
/// piece is one hearing, and so is a piece that goes on at its place.
fn check_repetitions(room: &Room) -> Result<(), TestCaseError> {
    let plan = &room.session.plan;
    let (mut heard, mut sounding): (Vec<Hearing>, Option<(TrackId, SessionTime)>) = (Vec::new(), None);
    let (mut resumed, mut undone) = (None, None);
    for (at, event) in &room.journal {
        match event {
            Event::Undone { .. } => (resumed, undone) = (Some(*at), Some(*at)),
            Event::Phase { why: Why::Resumed, .. } => resumed = Some(*at),
            _ => {}
        }
        let Event::Track { id, phase, pool, from_s, .. } = event else { continue };
        let music = plan.music(*id);
        heard.retain(|hearing| *at - hearing.left < NOT_AGAIN_WITHIN);
        if let Some((music, began)) = sounding.replace((music, *at)) {
            heard.push(Hearing { music, began, left: *at, undone: false });
        }
        if undone.take_if(|undone| *undone == *at).is_some() {
            let since = heard.iter_mut().rev().take_while(|hearing| *at - hearing.began < Span::from_secs(30));
            since.for_each(|hearing| hearing.undone = true);
        }
        let lately = |music: TrackId| heard.iter().filter(move |known| known.music == music);
        let goes_on = *from_s > plan.track(*id).start.since_start().secs_f64() || resumed == Some(*at);
        if goes_on || lately(music).all(|hearing| hearing.undone) {
            continue;
        }
        let own = plan.phases.iter().find(|own| own.kind == *phase).map(|own| &own.pool);
        let own = if pool.is_some() { Some(&plan.steering[0].pool) } else { own };
        let rested = |(music, from, until): &(TrackId, SessionTime, SessionTime), track| {
            *music == plan.music(track) && (*from..=*until + PREPARED_AHEAD).contains(at)
        };
        let was_left_out = |track| room.session.is_left_out(track) || room.rests.iter().any(|rest| rested(rest, track));
        let free = |other: &&TrackId| plan.music(**other) != music && lately(plan.music(**other)).next().is_none();
        let other = own.into_iter().flatten().find(|other| free(other) && !was_left_out(**other));
        prop_assert!(other.is_none(), "{:?} again at {}, but {:?} is free", id, at, other);
    }
    Ok(())
}

/// What was to sound for very long, and then was left early, counts as heard only until then: the next phase may play it.
#[test]
fn a_piece_that_was_left_early_comes_before_one_heard_later() {
    let mut plan = plan_on(im(), &[PhaseKind::Onset, PhaseKind::Ascent, PhaseKind::Peak]);
    let generator = |(id, same_as): (u32, u32)| {
        let (material, same_as) = (Material::Generator, TrackId(same_as));
        Track { material, same_as, ..piece(id, 60, 1) }
    };
    plan.tracks = [(0, 0), (1, 0), (2, 2), (3, 0), (4, 4), (5, 5)].map(generator).to_vec();
    let shapes = [(vec![0, 1], 60), (vec![2, 3, 4], 1560), (vec![5], 60)];
    for (phase, (pool, seconds)) in plan.phases.iter_mut().zip(shapes) {
        phase.pool = pool.into_iter().map(TrackId).collect();
        (phase.planned, phase.crossfade, phase.intensity) = (Span::from_secs(seconds), Span::from_secs(2), (1, 1));
    }
    plan.steering = Vec::new();
    let steps =
        [(Wait::Millis(60_000), Happens::Verb("release".into())), (Wait::Boundary(0), Happens::Verb("hold".into()))];
    stays_lawful(&plan, &steps, Some(0)).unwrap();
}
