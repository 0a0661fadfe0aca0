//! The panel killed, again and again, while the recording goes on.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::dice::Dice;
use super::house::{House, SECOND, wait_for};
use super::{playlist, row};

/// Below this nothing of the tone is heard but its passing through zero, which takes a sample or two.
const NOTHING: f32 = 0.003;

/// Kills so many panels, and prints and judges what was heard of it.
pub fn check(kills: usize) {
    let Some(house) = House::start() else { return };
    let mut panel = house.panel(&["play", &playlist()]);
    wait_for("music", || house.level() > -24.0);
    let (from, before, jitter) = (house.sound.lock().unwrap().len(), xruns(&house), house.jitter());
    let (mut dice, mut shown) = (Dice::new(7), Vec::new());
    for _ in 0..kills {
        sleep(Duration::from_millis(dice.throw() % 400));
        panel.child.kill().unwrap();
        panel.child.wait().unwrap();
        let since = Instant::now();
        panel = house.panel(&[]);
        panel.until("Crash test");
        shown.push(since.elapsed());
    }
    let (xruns, gap) = (xruns(&house) - before, longest_gap(&house.sound.lock().unwrap()[from..]));
    eprintln!("{kills} panels killed\n| | p50 | p99 | worst |\n|---|---|---|---|");
    row("from the kill to another panel that shows the session", &shown);
    let (worst, late) = (jitter.worst(), jitter.over_10_ms());
    eprintln!(
        "longest gap {gap:?}, {xruns} xruns; a thread of the machine was late by up to {worst:?}, {late} times by 10 ms"
    );
    assert!(gap < Duration::from_millis(5) + 4 * worst, "{gap:?}");
    assert!(xruns <= late as u64, "{xruns} xruns");
}

fn xruns(house: &House) -> u64 {
    house.status()["output"]["xruns"].as_u64().unwrap()
}

fn longest_gap(sound: &[f32]) -> Duration {
    let longest = sound.split(|sample| sample.abs() > NOTHING).map(<[f32]>::len).max().unwrap_or(0);
    Duration::from_secs_f64(longest as f64 / SECOND as f64)
}
