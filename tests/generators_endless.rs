//! Ten hours of every generator, frame by frame: no seam, no click, nothing sudden, the loudness that was promised.
//!
//! Takes a quarter of an hour of CPU: `cargo test --release --test generators_endless -- --ignored --nocapture`. What makes
//! it true is tested in every run beside the code: places in the tenth hour, and the seams between blocks there.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

use std::collections::{BTreeMap, VecDeque};

use ebur128::{EbuR128, Mode};
use undertone::media::generator::{GENERATORS, LOUDNESS, PEAK, Recipe};
use undertone::units::TrackTime;

const RATE: usize = 48_000;
const HOURS: usize = 10;
/// A click stands out of the bends around it by hundreds; the drops of rain by less than this.
const SHARPEST: f64 = 24.0;

/// What ten hours were like.
struct Figures {
    loudness: f64,
    /// The loudest and the quietest minute beside the whole, in LU.
    minutes: (f64, f64),
    /// The steepest rise of a second above the minute before it, in LU.
    rise: f64,
    peak: f64,
    /// The sharpest bend beside the usual one of its second.
    bend: f64,
}

fn loudness(sound: &[f32]) -> f64 {
    let mut meter = EbuR128::new(2, RATE as u32, Mode::I).unwrap();
    meter.add_frames_f32(sound).unwrap();
    meter.loudness_global().unwrap()
}

fn mean(powers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = powers.len() as f64;
    10.0 * (powers.sum::<f64>() / count).log10()
}

fn ten_hours(name: &str) -> Figures {
    let mut source = Recipe::new(name, 7, &BTreeMap::new()).unwrap().source(TrackTime::ZERO);
    let mut figures =
        Figures { loudness: 0.0, minutes: (f64::MIN, f64::MAX), rise: f64::MIN, peak: f64::MIN, bend: 0.0 };
    let mut whole = Vec::new();
    let mut minute: VecDeque<f64> = VecDeque::new();
    // What is before the first two frames is not the piece's.
    let mut second: Vec<f32> = source.by_ref().take(4).collect();
    for n in 0..HOURS * 3600 {
        // The last two frames stay, so that no bend is left out between seconds.
        second.drain(..second.len() - 4);
        second.extend(source.by_ref().take(2 * RATE));
        let power = 10f64.powf(loudness(&second[4..]) / 10.0);
        if n >= 60 {
            let before = mean(minute.iter().copied());
            figures.rise = figures.rise.max(10.0 * power.log10() - before);
            figures.minutes = (figures.minutes.0.max(before), figures.minutes.1.min(before));
            minute.pop_front();
        }
        minute.push_back(power);
        whole.push(power);
        figures.peak = second.iter().fold(figures.peak, |peak, sample| peak.max(f64::from(sample.abs())));
        figures.bend = figures.bend.max(sharpest_bend(&second));
    }
    figures.loudness = mean(whole.into_iter());
    figures.peak = 20.0 * figures.peak.log10();
    figures
}

fn sharpest_bend(second: &[f32]) -> f64 {
    let bends = || second.windows(5).map(|w| f64::from(w[4] - 2.0 * w[2] + w[0]));
    let usual = (bends().map(|bend| bend * bend).sum::<f64>() / second.len() as f64).sqrt();
    bends().fold(0.0, |most: f64, bend| most.max(bend.abs())) / usual
}

#[test]
#[ignore = "renders eighty hours of sound"]
fn no_generator_has_a_seam_or_a_click_in_ten_hours() {
    std::thread::scope(|scope| {
        for half in GENERATORS.chunks(GENERATORS.len().div_ceil(2)) {
            scope.spawn(move || half.iter().for_each(|info| check(info.name)));
        }
    });
}

fn check(name: &str) {
    let Figures { loudness, minutes, rise, peak, bend } = ten_hours(name);
    println!(
        "{name:12} {loudness:6.2} LUFS, minutes {:6.2} to {:6.2}, rise {rise:4.2} LU, peak {peak:6.1}, bend {bend:5.1}",
        minutes.1, minutes.0
    );
    assert!((loudness - LOUDNESS.0).abs() < 1.0, "{name}: {loudness:.2} LUFS");
    assert!(minutes.0 - LOUDNESS.0 < 3.0 && LOUDNESS.0 - minutes.1 < 3.0, "{name}: {minutes:?} LUFS");
    assert!(rise < 5.0 && peak < PEAK.0 && bend < SHARPEST, "{name}: {rise:.2} LU, {peak:.1} dBFS, bend {bend:.1}");
}
