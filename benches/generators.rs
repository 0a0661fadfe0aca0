//! What every generator costs and how it measures: `cargo bench --bench generators [-- NAME...]`.
//!
//! Ten minutes of each with its defaults: CPU milliseconds per second of audio, integrated loudness, the largest rise of a
//! one-second window over the minute before it, sample peak, correlation of the channels, DC, and the largest second
//! difference beside its own mean (a click would stand out).
#![allow(clippy::print_stdout, reason = "a measurement is for reading")]
#![allow(clippy::unwrap_used, reason = "a measurement that cannot run may stop")]

use std::collections::BTreeMap;
use std::time::Instant;

use ebur128::{EbuR128, Mode};
use undertone::media::generator::{GENERATORS, Recipe};
use undertone::units::TrackTime;

const SECONDS: usize = 600;
const RATE: usize = 48_000;

fn main() {
    let names: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    println!(
        "{:12} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "", "ms/s", "LUFS", "rise", "peak", "corr", "DC", "click"
    );
    for info in GENERATORS.iter().filter(|info| names.is_empty() || names.iter().any(|name| name == info.name)) {
        let recipe = Recipe::new(info.name, 7, &BTreeMap::new()).unwrap();
        let mut source = recipe.source(TrackTime::ZERO);
        let mut sound = Vec::with_capacity(SECONDS * RATE * 2);
        // The median of tenths of a second: short enough that few of them are interrupted.
        let mut costs: Vec<f64> = (0..SECONDS * 10)
            .map(|_| {
                let started = Instant::now();
                sound.extend(source.by_ref().take(RATE / 5));
                started.elapsed().as_secs_f64() * 10_000.0
            })
            .collect();
        costs.sort_by(f64::total_cmp);
        let cost = costs[costs.len() / 2];
        println!("{:12} {cost:6.2} {}", info.name, figures(&sound));
    }
}

fn figures(sound: &[f32]) -> String {
    let loudness = |part: &[f32]| {
        let mut meter = EbuR128::new(2, RATE as u32, Mode::I).unwrap();
        meter.add_frames_f32(part).unwrap();
        meter.loudness_global().unwrap()
    };
    let seconds: Vec<f64> = sound.chunks(2 * RATE).map(|second| 10f64.powf(loudness(second) / 10.0)).collect();
    let rise = (60..seconds.len())
        .map(|n| 10.0 * (seconds[n] / (seconds[n - 60..n].iter().sum::<f64>() / 60.0)).log10())
        .fold(f64::MIN, f64::max);
    let peak = sound.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
    let channel = |n: usize| sound.iter().skip(n).step_by(2).map(|sample| f64::from(*sample));
    let dot = |a: usize, b: usize| channel(a).zip(channel(b)).map(|(a, b)| a * b).sum::<f64>();
    let correlation = dot(0, 1) / (dot(0, 0) * dot(1, 1)).sqrt();
    let dc = (channel(0).sum::<f64>() / channel(0).count() as f64).abs();
    let left: Vec<f64> = channel(0).collect();
    let bends = || left.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).abs());
    let mean = (bends().map(|bend| bend * bend).sum::<f64>() / left.len() as f64).sqrt();
    let click = bends().fold(0.0, f64::max) / mean;
    format!(
        "{:7.2} {rise:6.2} {:6.1} {correlation:6.2} {:6.0} {click:6.1}",
        loudness(sound),
        20.0 * peak.log10(),
        20.0 * dc.log10()
    )
}
