//! Layouts: where they end, what they choose, and that they stay put.

use super::super::tests::{im, piece, sec};
use super::*;
use crate::session::plan::Curve;
use crate::units::{DbTp, SafeText};

/// A plan that is nothing but tracks.
fn tracks(tracks: Vec<Track>) -> Plan {
    Plan {
        title: SafeText::new("tracks"),
        route: im(),
        curve: Curve::EqualPower,
        ceiling: DbTp(-3.0),
        phases: Vec::new(),
        steering: Vec::new(),
        tracks,
    }
}

fn pool_of(plan: &Plan, order: Order, seconds: i64, intensity: (u8, u8)) -> Pool {
    Pool {
        pieces: (0..plan.tracks.len() as u32).map(TrackId).collect(),
        phase: 0,
        steer: None,
        crossfade: Span::from_secs(20),
        order,
        line: Line { begins: SessionTime::ZERO, length: Span::from_secs(seconds), intensity },
    }
}

/// Lays these pieces out from 0 to a boundary with a 20 s crossfade.
fn to_boundary(plan: &Plan, order: Order, seconds: i64, intensity: (u8, u8)) -> Vec<Slot> {
    let pool = pool_of(plan, order, seconds, intensity);
    let goal = Goal::Boundary(sec(seconds), Span::from_secs(20));
    let start = Start::Cross(SessionTime::ZERO, None);
    lay_out(&Task { plan, pool: &pool, heard: &Heard::new(), start, goal, seed: 7 }).slots
}

fn lengths(lengths: &[i64]) -> Plan {
    tracks(lengths.iter().enumerate().map(|(id, seconds)| piece(id as u32, *seconds, 3)).collect())
}

fn ids(slots: &[Slot]) -> Vec<u32> {
    slots.iter().map(|slot| slot.track.0).collect()
}

/// Whether the last slot is left at its track's end or at an exit, inside the crossfade.
fn ends_well(plan: &Plan, slots: &[Slot], boundary: SessionTime) -> bool {
    let Some(last) = slots.last() else { return false };
    let track = plan.track(last.track);
    let own = last.until == track.end || track.exits.contains(&last.until) || track.material == Material::Generator;
    own && (boundary..=boundary + Span::from_secs(20)).contains(&last.ends())
}

#[test]
fn the_only_subset_that_fits_is_found() {
    // 300 + (400 - 20) + (250 - 20) = 910 s: no other subset ends between 900 s and 920 s.
    let plan = lengths(&[300, 170, 400, 510, 250]);
    let slots = to_boundary(&plan, Order::Planned, 900, (3, 3));
    let mut chosen = ids(&slots);
    chosen.sort_unstable();
    assert_eq!(chosen, [0, 2, 4]);
    assert_eq!(slots.last().map(Slot::ends), Some(sec(910)));
}

#[test]
fn an_exit_is_taken_where_no_end_fits() {
    let mut plan = lengths(&[600, 600]);
    plan.tracks[1].exits = vec![TrackTime::at(Span::from_secs(200)), TrackTime::at(Span::from_secs(330))];
    let slots = to_boundary(&plan, Order::Listed, 900, (3, 3));
    assert_eq!(slots.last().map(Slot::ends), Some(sec(910)));
    assert!(ends_well(&plan, &slots, sec(900)));
}

#[test]
fn a_generator_is_stretched_to_the_end_of_the_crossfade() {
    let mut plan = lengths(&[400, 300]);
    plan.tracks[1].material = Material::Generator;
    let slots = to_boundary(&plan, Order::Listed, 900, (3, 3));
    assert_eq!((ids(&slots), slots.last().map(Slot::ends)), (vec![0, 1], Some(sec(920))));
}

#[test]
fn intensity_follows_the_line_up_and_down() {
    let plan = tracks((0..30).map(|id| piece(id, 240 + i64::from(id), (id % 5 + 1) as u8)).collect());
    for line in [(1, 5), (5, 1)] {
        let slots = to_boundary(&plan, Order::Planned, 1800, line);
        let felt: Vec<u8> = slots.iter().map(|slot| plan.track(slot.track).intensity).collect();
        let mut sorted = felt.clone();
        sorted.sort_unstable();
        if line.1 < line.0 {
            sorted.reverse();
        }
        assert_eq!(felt, sorted, "{line:?}");
        assert!(felt.first().zip(felt.last()).is_some_and(|(first, last)| first.abs_diff(*last) >= 3), "{felt:?}");
    }
}

#[test]
fn listed_keeps_the_order_and_shuffled_depends_on_the_seed() {
    let plan = lengths(&[300; 12]);
    assert_eq!(ids(&to_boundary(&plan, Order::Listed, 1200, (3, 3))), [0, 1, 2, 3, 4]);
    let pool = pool_of(&plan, Order::Shuffled, 1200, (3, 3));
    let shuffled = |seed| {
        let goal = Goal::Boundary(sec(1200), Span::from_secs(20));
        let start = Start::Cross(SessionTime::ZERO, None);
        ids(&lay_out(&Task { plan: &plan, pool: &pool, heard: &Heard::new(), start, goal, seed }).slots)
    };
    assert_eq!(shuffled(1), shuffled(1));
    assert_ne!(shuffled(1), shuffled(2));
}

#[test]
fn unheard_pieces_come_before_any_repetition() {
    let plan = lengths(&[300, 300, 300, 300, 300, 300]);
    let pool = pool_of(&plan, Order::Planned, 1600, (3, 3));
    let heard: Heard = [(TrackId(0), sec(-5000)), (TrackId(1), sec(-3000)), (TrackId(2), sec(-100))].into();
    let goal = Goal::Boundary(sec(1000), Span::from_secs(20));
    let start = Start::Cross(SessionTime::ZERO, None);
    let slots = lay_out(&Task { plan: &plan, pool: &pool, heard: &heard, start, goal, seed: 7 }).slots;
    let mut chosen = ids(&slots);
    chosen.sort_unstable();
    assert_eq!(chosen, [0, 3, 4, 5], "all unheard ones, and the one heard longest ago");
}

#[test]
fn what_sounds_keeps_sounding_and_the_same_task_gives_the_same_slots() {
    let plan = lengths(&[300, 170, 400, 510, 250, 333, 287]);
    let pool = pool_of(&plan, Order::Planned, 1500, (3, 3));
    let first = to_boundary(&plan, Order::Planned, 1500, (3, 3));
    let heard: Heard = [(first[0].track, first[0].ends())].into();
    let again = |now| {
        let goal = Goal::Boundary(sec(1500), Span::from_secs(20));
        let start = Start::After(first[0].clone(), sec(now));
        lay_out(&Task { plan: &plan, pool: &pool, heard: &heard, start, goal, seed: 7 })
    };
    assert_eq!(again(30), again(90));
    assert_eq!(again(30).slots, first[1..]);
}

#[test]
fn joints_overlap_by_the_crossfade_or_by_half_of_a_short_piece() {
    let plan = lengths(&[300, 24, 300, 300]);
    let slots = to_boundary(&plan, Order::Listed, 800, (3, 3));
    let overlaps: Vec<i64> = slots.windows(2).map(|pair| (pair[0].ends() - pair[1].begins).millis() / 1000).collect();
    assert_eq!(overlaps, [12, 12, 20]);
    assert!(slots.windows(2).all(|pair| pair[1].over == pair[0].ends() - pair[1].begins));
}

/// A number below `limit`, from a plain generator of the test's own.
fn roll(state: &mut u64, limit: u64) -> i64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 33) % limit) as i64
}

#[test]
fn nearly_every_phase_ends_where_a_piece_ends() {
    let (mut well, mut cut, mut state) = (0, 0, 1u64);
    let mut by_pieces = [0u32; 21];
    for _ in 0..1000 {
        let count = 8 + roll(&mut state, 13);
        let lengths: Vec<i64> = (0..count).map(|_| 150 + roll(&mut state, 390)).collect();
        let material: i64 = lengths.iter().sum();
        let pieces = lengths.iter().enumerate();
        let pieces = pieces.map(|(id, seconds)| piece(id as u32, *seconds, 2 + (id % 3) as u8));
        let plan = tracks(pieces.collect());
        let seconds = material * 2 / 3 - roll(&mut state, (material / 6) as u64);
        let slots = to_boundary(&plan, Order::Planned, seconds, (2, 4));
        if ends_well(&plan, &slots, sec(seconds)) {
            well += 1;
        } else {
            cut += 1;
            by_pieces[count as usize] += 1;
        }
    }
    println!("{well} phases of 1000 end with a piece, {cut} do not; by size of the pool: {by_pieces:?}");
    assert!(well >= 950, "{well}");
}
