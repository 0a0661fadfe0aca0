//! The sound laboratory: thousands of random cases of material × joint × verb, rendered by the engine and measured.
//!
//! A case is drawn from a number: two or three pieces (tones, noise, plucked strings, chords, silence, and what no file
//! should hold: not-a-number, direct current, +40 dB), joints of 2 s to 60 s by either curve, some of them interrupted or
//! with a piece that runs out, and verbs at any moment, as the product's table has them. `case` renders its interesting
//! moments and skips the rest. `measure` has the instruments: true peak by another hand's meter and by eight points a
//! sample, steps, corners, and the gain at which each known piece is found in the sound (least squares). `lanes` says what
//! the lanes should do, in other words than the engine's; `judge` holds the rules against what was found:
//!
//! - the true peak stays at the ceiling (+0.1 dB), and what comes out are numbers;
//! - no step from sample to sample is larger than the material's own (+0.001);
//! - the sum of all pieces (powers, or gains of like material) is within ±0.5 dB of the lanes;
//! - no rise is faster than 12 dB/s, nor more than 3 dB in 10 s where nothing was asked for;
//! - on a 220 Hz tone no verb's corner is sharper than 1.5 times the tone's own.
//!
//! A failure names its number. `UNDERTONE_CASE=NUMBER cargo test --test laboratory` plays that case alone and prints it;
//! `cargo test --test laboratory -- --nocapture` prints the worst that was found; `UNDERTONE_CASES=NUMBER` draws more of
//! them, or fewer.
#![allow(clippy::print_stdout, reason = "the laboratory's report")]

#[path = "laboratory/case.rs"]
mod case;
#[path = "laboratory/dice.rs"]
mod dice;
#[path = "laboratory/judge.rs"]
mod judge;
#[path = "laboratory/lanes.rs"]
mod lanes;
#[path = "laboratory/material.rs"]
mod material;
#[path = "laboratory/measure.rs"]
mod measure;
#[path = "sound/rig.rs"]
mod rig;

use std::thread;

use case::Case;
use judge::{Worst, judge};

/// How many cases are drawn.
const CASES: u64 = 10_000;
const CLICKS: u64 = 500;

/// The number of the one case to be looked at.
fn chosen() -> Option<u64> {
    std::env::var("UNDERTONE_CASE").ok()?.parse().ok()
}

/// How many cases are asked for, if not the usual number.
fn asked(usual: u64) -> u64 {
    std::env::var("UNDERTONE_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// Judges the cases of these numbers on all cores; the worst of all, and every failure.
fn judge_all(count: u64, draw: fn(u64) -> Case) -> (Worst, Vec<String>) {
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let work = |worker: u64| {
        let mut worst = Worst::NOTHING;
        let mut failures = Vec::new();
        for seed in (worker..count).step_by(workers as usize) {
            let case = draw(seed);
            match judge(&case) {
                Ok(found) => worst = worst.with(&found),
                Err(why) => failures.push(format!("UNDERTONE_CASE={seed}: {why} ({})", case.told())),
            }
        }
        (worst, failures)
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        let mut result = (Worst::NOTHING, Vec::new());
        for (worst, failures) in all.into_iter().map(|one| one.join().expect("a worker's own assertion failed")) {
            result.0 = result.0.with(&worst);
            result.1.extend(failures);
        }
        result
    })
}

fn check(name: &str, count: u64, draw: fn(u64) -> Case) -> Worst {
    if let Some(seed) = chosen() {
        let case = draw(seed);
        println!("{name}: {case:#?}\n{:?}", judge(&case));
    }
    let count = asked(count);
    let (worst, failures) = judge_all(count, draw);
    println!("{name}, {count} cases: {worst:?}");
    assert!(
        failures.is_empty(),
        "{} of {count} {name} cases:\n{}",
        failures.len(),
        failures[..failures.len().min(20)].join("\n")
    );
    worst
}

#[test]
fn material_times_joint_times_verb() {
    let worst = check("random", CASES, Case::drawn);
    assert!(worst.compared as u64 > 25 * asked(CASES), "most of them could be measured: {}", worst.compared);
    assert!(worst.true_peak > -4.0, "the ceiling was reached, and held: {:.2} dBTP", worst.true_peak);
}

#[test]
fn no_verb_at_any_moment_clicks_on_a_tone() {
    let worst = check("click", CLICKS, Case::click);
    assert!(worst.bend > 0.9, "the tone was there");
}
