//! What only an inside view can show: late decoders, a panic, random orders.

use std::sync::Arc;
use std::sync::atomic::Ordering::Release;

use proptest::prelude::*;
use rtrb::{Producer, RingBuffer};

use super::bus::Bus;
use super::deck::{Deck, Pace, Progress};
use super::level::Level;
use super::traffic::{Desk, Gauges, Order, Post, Report, connect};
use super::{BLOCK, Core};
use crate::audio::slot::render_safely;
use crate::audio::{Curve, Lane};
use crate::media::generator::SafeBed;
use crate::units::{DbTp, Decibels, Frames, Ticket};

/// A core, and a hand on everything around it.
struct Bench {
    core: Core,
    desk: Desk,
    gauges: Arc<Gauges>,
    sound: Vec<[f32; 2]>,
}

/// A deck's ring, filled by hand.
struct Hand {
    ring: Producer<f32>,
    progress: Arc<Progress>,
}

impl Hand {
    /// An empty deck, and its ring.
    fn on(ticket: u32) -> (Self, Box<Deck>) {
        let (ring, samples) = RingBuffer::new(2 * 480_000);
        let progress = Arc::new(Progress::default());
        progress.opened.store(true, Release);
        let deck = Box::new(Deck::new(Some(Ticket(ticket)), samples, progress.clone(), None));
        (Self { ring, progress }, deck)
    }

    fn fill(&mut self, frames: usize, value: f32) {
        for _ in 0..2 * frames {
            self.ring.push(value).expect("room in the ring");
        }
    }

    fn end(&self) {
        self.progress.ended.store(true, Release);
    }
}

impl Bench {
    fn new() -> Self {
        let (desk, post) = connect();
        let gauges = Arc::new(Gauges::default());
        Self { core: Core::new(DbTp(-3.0), SafeBed::new(), post, gauges.clone()), desk, gauges, sound: Vec::new() }
    }

    fn order(&mut self, order: Order) {
        self.desk.orders.push(order).expect("room for an order");
    }

    fn cross(&mut self, ticket: u32, over: u64) -> Hand {
        let (hand, deck) = Hand::on(ticket);
        self.order(Order::Cross { deck, over: Frames(over), curve: Curve::EqualPower });
        hand
    }

    fn run(&mut self, blocks: usize) {
        for _ in 0..blocks {
            let mut block = [[0.0; 2]; BLOCK];
            render_safely(&mut self.core, &mut block, Some(0));
            self.sound.extend(block);
        }
    }

    fn reports(&mut self) -> Vec<String> {
        let mut reports = Vec::new();
        while let Ok(report) = self.desk.reports.pop() {
            reports.push(match report {
                Report::Left(deck) => format!("left {} after {}", deck.ticket.map_or(0, |t| t.0), deck.heard().0),
                other => format!("{other:?}"),
            });
        }
        reports
    }

    fn last(&self) -> f32 {
        self.sound.last().map_or(0.0, |frame| frame[0])
    }
}

/// Blocks in a second.
const SECOND: usize = 750;

#[test]
fn a_crossfade_waits_for_a_fifth_of_a_second_of_sound() {
    let mut bench = Bench::new();
    let mut hand = bench.cross(1, 480);
    hand.fill(9_599, 0.1);
    bench.run(10);
    assert!(bench.reports().is_empty());
    hand.fill(1, 0.1);
    bench.run(1);
    assert_eq!(bench.reports(), ["Started(Ticket(1))"]);
}

#[test]
fn a_piece_that_is_never_ready_is_given_up_and_the_old_one_goes_on() {
    let mut bench = Bench::new();
    bench.cross(1, 480).fill(470_000, 0.1);
    bench.run(3 * SECOND);
    let _late = bench.cross(2, 480);
    bench.run(3 * SECOND);
    assert_eq!(bench.reports(), ["Started(Ticket(1))"]);
    bench.run(3 * SECOND / 4 + 2 * SECOND - 100);
    assert_eq!(bench.reports(), ["Late(Ticket(2))", "left 2 after 0"]);
}

#[test]
fn a_late_decoder_is_covered_by_the_safe_bed_without_a_step() {
    let mut bench = Bench::new();
    let mut hand = bench.cross(1, 480);
    hand.fill(8 * 48_000, 0.2);
    bench.run(7 * SECOND);
    assert!((bench.last() - 0.2).abs() < 1e-3, "at full level");
    let from = bench.sound.len();
    bench.run(3 * SECOND);
    assert_eq!(bench.reports(), ["Started(Ticket(1))", "Starved(Ticket(1))"]);
    let step = bench.sound[from..].windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.02, "it goes out over 20 ms: {step}");
    let quiet = bench.sound[bench.sound.len() - 4_800..].iter().map(|frame| frame[0].abs()).fold(0.0, f32::max);
    assert!(quiet > 0.001 && quiet < 0.1, "the safe bed sounds: {quiet}");

    hand.fill(9_000, 0.2);
    bench.run(SECOND);
    assert!(bench.last().abs() < 0.15, "too little to go on with");
    hand.fill(9 * 48_000, 0.2);
    let from = bench.sound.len();
    bench.run(1);
    bench.run(20);
    assert!(bench.sound[from..].iter().all(|frame| frame[0].abs() < 0.1), "it does not come back with a jump");
    bench.run(7 * SECOND);
    assert!(bench.last() < 0.19, "after a fault the way back takes 8 s");
    bench.run(SECOND + SECOND / 4);
    assert!((bench.last() - 0.2).abs() < 2e-3, "{}", bench.last());
    assert_eq!(bench.reports(), [] as [&str; 0]);
}

/// The largest step in what was rendered from this frame on.
fn largest_step(sound: &[[f32; 2]]) -> f32 {
    sound.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max)
}

#[test]
fn a_deck_that_starves_in_a_crossfade_leaves_the_other_alone() {
    for starved in [1, 2] {
        let mut bench = Bench::new();
        let mut one = bench.cross(1, 480);
        let quick = |this: u32, enough: usize| if this == starved { 12_000 } else { enough };
        one.fill(7 * 48_000 + quick(1, 96_000), 0.2);
        bench.run(7 * SECOND);
        let mut two = bench.cross(2, 2 * 48_000);
        two.fill(quick(2, 432_000), 0.2);
        let from = bench.sound.len();
        bench.run(SECOND);
        let hand = if starved == 1 { &mut one } else { &mut two };
        hand.fill(96_000, 0.2);
        bench.run(2 * SECOND);
        let sound = &bench.sound[from..];
        // The safe bed comes in for deck 2, and has steps of its own.
        assert!(largest_step(sound) < 0.004, "deck {starved} starves: a step of {}", largest_step(sound));
        // What is left in this second is the other's share (for deck 2, with the safe bed on top, up or down).
        let lowest = sound[..48_000].iter().map(|frame| frame[0]).fold(1.0, f32::min);
        let share = if starved == 1 { 0.2 * 0.15 } else { 0.2 * 0.5 };
        assert!(lowest > share, "deck {starved} starves: the other is at {lowest}");
    }
}

/// What a bus plays in so many blocks, with no bed that covers anything.
fn play(bus: &mut Bus, post: &mut Post, blocks: usize) -> Vec<[f32; 2]> {
    let mut sound = Vec::new();
    for _ in 0..blocks {
        let mut block = [[0.0; 2]; BLOCK];
        bus.advance(&Level::at(0.0), Pace::Sounding, post);
        bus.add_to(&mut block);
        sound.extend(block);
    }
    sound
}

/// A piece that has run dry, and another one at this level to which it is crossed over so many seconds.
fn crossed_while_dry(value: f32, over: u64) -> (Bus, Post, Desk, Hand, Hand) {
    let (desk, mut post) = connect();
    let mut bus = Bus::new();
    let ((mut one, deck), (mut two, next)) = (Hand::on(1), Hand::on(2));
    one.fill(7 * 48_000, 0.2);
    bus.cross(deck, Frames(480), Curve::EqualPower, &mut post);
    play(&mut bus, &mut post, 7 * SECOND + SECOND / 5);
    two.fill(470_000, value);
    bus.cross(next, Frames(over * 48_000), Curve::EqualPower, &mut post);
    play(&mut bus, &mut post, 1);
    (bus, post, desk, one, two)
}

#[test]
fn a_piece_that_stutters_while_it_is_left_does_not_hold_up_the_one_that_comes() {
    let (mut bus, mut post, _desk, mut one, _two) = crossed_while_dry(0.2, 30);
    for _ in 0..30 {
        // A tenth of a second is missing again and again, so that it is never quite back.
        one.fill(9_600, 0.2);
        play(&mut bus, &mut post, 3 * SECOND / 10);
    }
    let last = play(&mut bus, &mut post, 1)[0][0];
    assert!(last > 0.19, "{last}");
}

#[test]
fn a_piece_that_is_left_does_not_come_back_while_all_rises() {
    let (mut bus, mut post, _desk, mut one, _two) = crossed_while_dry(0.002, 5);
    one.fill(5 * 48_000, 0.2);
    let sound = play(&mut bus, &mut post, 4 * SECOND);
    let level = |chunk: &[[f32; 2]]| 20.0 * (chunk[0][0].abs() / 0.2).max(0.001).log10();
    let levels: Vec<f32> = sound.chunks(4_800).map(level).collect();
    let fastest = levels.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f32::max);
    assert!(fastest <= 1.25, "{fastest:.2} dB in a tenth of a second");
    assert!(levels[levels.len() - 1] > -45.0, "but it is heard: {levels:?}");
}

#[test]
fn a_panic_inside_leaves_the_safe_bed_sounding() {
    let mut bench = Bench::new();
    bench.cross(1, 480).fill(400_000, 0.2);
    bench.run(SECOND);
    bench.core.trip = true;
    bench.run(2 * SECOND);
    assert!(bench.gauges.bed_only.load(std::sync::atomic::Ordering::Relaxed));
    let quiet = bench.sound[bench.sound.len() - 4_800..].iter().map(|frame| frame[0].abs()).fold(0.0, f32::max);
    assert!(quiet > 0.001 && quiet < 0.1, "the safe bed sounds: {quiet}");
    let lane = Lane::Presence;
    bench.order(Order::Ramp { lane, from: None, to: Decibels::SILENCE, over: Frames(480) });
    bench.run(SECOND);
    assert_eq!(bench.last(), 0.0, "and can be silenced");
}

#[test]
fn nothing_is_lost_when_nobody_reads_the_reports() {
    let mut bench = Bench::new();
    let mut hands = Vec::new();
    for ticket in 0..2_000 {
        if bench.desk.orders.slots() > 0 {
            let mut hand = bench.cross(ticket, 480);
            hand.fill(64, 0.1);
            hand.end();
            hands.push(hand);
        }
        bench.run(1);
    }
    let mut left = 0;
    for _ in 0..10 {
        left += bench.reports().iter().filter(|report| report.starts_with("left")).count();
        bench.run(400);
    }
    assert_eq!(left, hands.len(), "every deck comes back");
    assert!(left > 500);
}

#[test]
fn a_return_from_a_fault_takes_eight_seconds() {
    let mut bench = Bench::new();
    let mut hand = bench.cross(1, 480);
    hand.fill(479_000, 0.1);
    bench.run(6 * SECOND);
    hand.fill(280_000, 0.1);
    bench.gauges.outlets[0].come_in(Frames(10 * 48_000));
    let from = bench.sound.len();
    bench.run(9 * SECOND);
    let at = |tenths: usize| 20.0 * bench.sound[from + tenths * 4_800][0].abs().max(1e-6).log10() + 20.0;
    assert!(at(0) < -55.0, "{}", at(0));
    assert!((at(33) + 20.0).abs() < 2.0, "{}", at(33));
    assert!(at(70) < -1.0, "{}", at(70));
    assert!(at(85) > -0.2, "{}", at(85));
}

#[test]
fn an_output_that_comes_in_while_the_level_rises_does_not_rise_twice_as_fast() {
    let mut bench = Bench::new();
    bench.cross(1, 480).fill(479_000, 0.1);
    bench.order(Order::Ramp { lane: Lane::Comfort, from: None, to: Decibels(-30.0), over: Frames(480) });
    bench.run(2 * SECOND);
    bench.gauges.outlets[0].come_in(Frames(48_000));
    bench.order(Order::Ramp { lane: Lane::Comfort, from: None, to: Decibels::ZERO, over: Frames(480) });
    let from = bench.sound.len();
    bench.run(7 * SECOND);
    let level = |chunk: &[[f32; 2]]| 20.0 * (chunk[0][0].abs() / 0.1).max(0.001).log10();
    let levels: Vec<f32> = bench.sound[from..].chunks(4_800).map(level).collect();
    let fastest = levels.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f32::max);
    assert!(fastest <= 1.25, "{fastest:.2} dB in a tenth of a second");
    assert!(levels[levels.len() - 1] > levels[0] + 30.0, "but it does rise: {levels:?}");
}

/// What may be ordered at random, and how many blocks pass before the next.
#[derive(Clone, Debug)]
enum Deed {
    Ramp { lane: Lane, from: Option<f32>, to: f32, over: u64 },
    Cross { over: u64, frames: usize, value: f32 },
    Gap(u64),
}

fn deeds() -> impl Strategy<Value = Vec<(Deed, usize)>> {
    let lane = prop_oneof![Just(Lane::Comfort), Just(Lane::Duck), Just(Lane::Presence)];
    let level = prop_oneof![Just(-60.0f32), Just(0.0), -70.0f32..12.0];
    let ramp = (lane, proptest::option::of(level.clone()), level, 0u64..200_000)
        .prop_map(|(lane, from, to, over)| Deed::Ramp { lane, from, to, over });
    let value = prop_oneof![8 => -1.0f32..1.0, 1 => -8.0f32..8.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)];
    let cross =
        (0u64..100_000, 0usize..60_000, value).prop_map(|(over, frames, value)| Deed::Cross { over, frames, value });
    let gap = (0u64..100_000).prop_map(Deed::Gap);
    proptest::collection::vec((prop_oneof![4 => ramp, 3 => cross, 1 => gap], 0usize..400), 1..20)
}

impl Bench {
    fn carry_out(&mut self, deed: &Deed, hands: &mut Vec<Hand>) {
        match *deed {
            Deed::Ramp { lane, from, to, over } => {
                let (from, to) = (from.map(Decibels), Decibels(to));
                self.order(Order::Ramp { lane, from, to, over: Frames(over) });
            }
            Deed::Cross { over, frames, value } => {
                let mut hand = self.cross(hands.len() as u32, over);
                hand.fill(frames, value);
                if frames % 2 == 0 {
                    hand.end();
                }
                hands.push(hand);
            }
            Deed::Gap(frames) => self.gauges.outlets[0].come_in(Frames(frames)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever is ordered and decoded: no sample passes the ceiling, none is not a number.
    #[test]
    fn the_ceiling_holds_whatever_happens(deeds in deeds()) {
        let mut bench = Bench::new();
        let mut hands = Vec::new();
        for (deed, blocks) in &deeds {
            bench.carry_out(deed, &mut hands);
            bench.run(*blocks);
            prop_assert!(bench.sound.as_flattened().iter().all(|sample| sample.abs() <= 0.7080), "{deed:?}");
            bench.sound.clear();
            bench.reports();
        }
    }

    /// The lanes together never rise faster than 12 dB/s above -60 dB, and never step.
    #[test]
    fn the_lanes_never_jump(deeds in deeds()) {
        let mut bench = Bench::new();
        let mut steady = bench.cross(0, 480);
        let feed = |hand: &mut Hand| while hand.ring.slots() > 96_000 { hand.fill(48_000, 0.1) };
        feed(&mut steady);
        for (deed, blocks) in deeds.iter().filter(|(deed, _)| matches!(deed, Deed::Ramp { .. })) {
            bench.carry_out(deed, &mut Vec::new());
            for _ in 0..*blocks {
                bench.run(1);
                feed(&mut steady);
            }
        }
        let gain = |frame: &[f32; 2]| f64::from(frame[0]) / 0.1;
        for pair in bench.sound.windows(2) {
            let step = (gain(&pair[1]) - gain(&pair[0])).abs();
            prop_assert!(step <= 0.0012 * gain(&pair[0]).max(gain(&pair[1])).max(0.02), "a step of {step}");
        }
        for pair in bench.sound.chunks(4_800).collect::<Vec<_>>().windows(2) {
            let level = |chunk: &[[f32; 2]]| 20.0 * gain(&chunk[0]).max(0.001).log10();
            let rise = level(pair[1]) - level(pair[0]);
            prop_assert!(rise <= 1.25, "{rise:.2} dB in a tenth of a second");
        }
    }
}
