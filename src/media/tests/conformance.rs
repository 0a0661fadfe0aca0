//! EBU Tech 3341 (loudness, true peak) and EBU Tech 3342 (loudness range): their minimum requirements, by signals made as they
//! specify them. Cases 7 and 8 of the one and 5 and 6 of the other need the EBU's own programme recordings and are left out.

use ebur128::{Channel, EbuR128, Mode};

use super::*;
use crate::media::meter::Meter;

const RATE: u32 = 48_000;

/// A stretch of a 1 kHz sine in both channels: its peak in dBFS (`None`: silence) and its length in seconds.
type Tone = (Option<f64>, f64);

fn tone(level: f64, secs: f64) -> Tone {
    (Some(level), secs)
}

fn signal(tones: &[Tone]) -> Vec<f32> {
    let mut frames = Vec::new();
    for &(level, secs) in tones {
        let gain = level.map_or(0.0, |level| 10f64.powf(level / 20.0));
        let start = frames.len();
        let count = (secs * f64::from(RATE)).round() as usize;
        frames.extend(
            (start..start + count).map(|index| (gain * (TAU * 1000.0 * index as f64 / f64::from(RATE)).sin()) as f32),
        );
    }
    frames.into_iter().flat_map(|sample| [sample; 2]).collect()
}

/// What the facts of a file are made from, having heard this.
fn heard(signal: &[f32]) -> Meter {
    let mut meter = Meter::new(RATE);
    // In odd pieces, as decoders give them.
    signal.chunks(2 * 1153).for_each(|piece| meter.take(piece));
    meter
}

#[track_caller]
fn check(case: &str, got: f64, wanted: f64, (below, above): (f64, f64)) {
    println!("{case}: {got:.2}, wanted {wanted:.1}");
    assert!(got >= wanted - below && got <= wanted + above, "{case}: {got:.3}, wanted {wanted}");
}

const LOUDNESS: (f64, f64) = (0.1, 0.1);
const TRUE_PEAK: (f64, f64) = (0.4, 0.2);
const RANGE: (f64, f64) = (1.0, 1.0);

#[test]
fn tech_3341_cases_1_to_5_integrated_loudness() {
    let cases: [(&[Tone], f64); 5] = [
        (&[tone(-23.0, 20.0)], -23.0),
        (&[tone(-33.0, 20.0)], -33.0),
        (&[tone(-36.0, 10.0), tone(-23.0, 60.0), tone(-36.0, 10.0)], -23.0),
        (&[tone(-72.0, 10.0), tone(-36.0, 10.0), tone(-23.0, 60.0), tone(-36.0, 10.0), tone(-72.0, 10.0)], -23.0),
        (&[tone(-26.0, 20.0), tone(-20.0, 20.1), tone(-26.0, 20.0)], -23.0),
    ];
    for (number, (tones, wanted)) in (1..).zip(cases) {
        let meter = heard(&signal(tones));
        check(&format!("3341 case {number}, I"), meter.loudness().unwrap().0, wanted, LOUDNESS);
        if number <= 2 {
            check(&format!("3341 case {number}, S"), meter.short_term_max().unwrap().0, wanted, LOUDNESS);
        }
    }
}

/// Five channels. A file's facts are of the stereo down-mix that is heard; here the meter itself is asked.
#[test]
fn tech_3341_case_6_surround() {
    let mut meter = EbuR128::new(5, RATE, Mode::I).unwrap();
    let places = [Channel::Left, Channel::Right, Channel::Center, Channel::LeftSurround, Channel::RightSurround];
    meter.set_channel_map(&places).unwrap();
    let gains = [-28.0, -28.0, -24.0, -30.0, -30.0].map(|level: f64| 10f64.powf(level / 20.0));
    for index in 0..20 * RATE {
        let sine = (TAU * 1000.0 * f64::from(index) / f64::from(RATE)).sin();
        meter.add_frames_f64(&gains.map(|gain| gain * sine)).unwrap();
    }
    check("3341 case 6, I", meter.loudness_global().unwrap(), -23.0, LOUDNESS);
}

/// A meter's reading of its last `window_ms` after each `step_ms`.
fn readings(signal: &[f32], window_ms: u32, step_ms: u32) -> Vec<f64> {
    let mut meter = EbuR128::new(2, RATE, Mode::S).unwrap();
    let read = |piece: &[f32]| {
        meter.add_frames_f32(piece).unwrap();
        meter.loudness_window(window_ms).unwrap()
    };
    signal.chunks(2 * (RATE * step_ms / 1000) as usize).map(read).collect()
}

fn loudest(readings: &[f64]) -> f64 {
    readings.iter().copied().fold(f64::MIN, f64::max)
}

#[test]
fn tech_3341_cases_9_to_11_short_term_loudness() {
    let steady = readings(&signal(&[tone(-20.0, 1.34), tone(-30.0, 1.66)].repeat(5)), 3000, 100);
    for reading in &steady[30..] {
        check("3341 case 9, S", *reading, -23.0, LOUDNESS);
    }
    let mut live = Vec::new();
    for number in 0..20 {
        let before = (None, 0.15 * f64::from(number));
        let meter = heard(&signal(&[before, tone(-23.0, 3.0), (None, 1.0)]));
        check(&format!("3341 case 10, file {number}, S max"), meter.short_term_max().unwrap().0, -23.0, LOUDNESS);
        live.extend([before, tone(f64::from(number) - 38.0, 3.0), (None, 3.0 - 0.15 * f64::from(number))]);
    }
    let live = readings(&signal(&live), 3000, 100);
    for (number, segment) in live.chunks(60).enumerate() {
        check(&format!("3341 case 11, segment {number}, S max"), loudest(segment), number as f64 - 38.0, LOUDNESS);
    }
}

/// Momentary loudness, read every 10 ms, as a meter must that is held to 400 ms.
#[test]
fn tech_3341_cases_12_to_14_momentary_loudness() {
    let steady = readings(&signal(&[tone(-20.0, 0.18), tone(-30.0, 0.22)].repeat(25)), 400, 10);
    for reading in &steady[100..] {
        check("3341 case 12, M", *reading, -23.0, LOUDNESS);
    }
    let mut live = Vec::new();
    for number in 0..20 {
        let before = (None, 0.02 * f64::from(number));
        let file = readings(&signal(&[before, tone(-23.0, 0.4), (None, 1.0)]), 400, 10);
        check(&format!("3341 case 13, file {number}, M max"), loudest(&file), -23.0, LOUDNESS);
        live.extend([before, tone(f64::from(number) - 38.0, 0.4), (None, 0.4 - 0.02 * f64::from(number))]);
    }
    let live = readings(&signal(&live), 400, 10);
    for (number, segment) in live.chunks(80).enumerate() {
        check(&format!("3341 case 14, segment {number}, M max"), loudest(segment), number as f64 - 38.0, LOUDNESS);
    }
}

#[test]
fn tech_3341_cases_15_to_19_true_peak_of_sines() {
    let cases = [
        (4.0, 0.0, 0.5, -6.0),
        (4.0, 45.0, 0.5, -6.0),
        (6.0, 60.0, 0.5, -6.0),
        (8.0, 67.5, 0.5, -6.0),
        (4.0, 45.0, 1.41, 3.0),
    ];
    for (number, (part, degrees, amplitude, wanted)) in (15..).zip(cases) {
        let angle = |index: u32| TAU * (f64::from(index) / part + degrees / 360.0);
        // Faded in and out: cut off hard it would ring above its own peak when it is sampled more finely.
        let fade = |index: u32| (f64::from(index.min(RATE - index)) / 480.0).min(1.0);
        let signal: Vec<f32> =
            (0..RATE).flat_map(|index| [(amplitude * fade(index) * angle(index).sin()) as f32; 2]).collect();
        check(&format!("3341 case {number}, TP"), heard(&signal).true_peak().0, wanted, TRUE_PEAK);
    }
}

/// A sine at four times the rate (a sixth of the rate high) with one period twice as large, low-passed and decimated at each of
/// the four places: the peak lies between the samples.
#[test]
fn tech_3341_cases_20_to_23_true_peak_between_samples() {
    const FRAMES: i32 = 4 * 4800;
    let wave = |index: i32| {
        let middle = FRAMES / 2;
        let amplitude = if (middle..middle + 24).contains(&index) { 1.0 } else { 0.5 };
        amplitude * (TAU * f64::from(index - middle) / 24.0).sin()
    };
    // A windowed sinc that passes 20 kHz of the 96 kHz that the higher rate has, and stops 24.
    let tap = |offset: i32| {
        let x = f64::from(offset) * 0.23;
        let sinc = if offset == 0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
        0.23 * sinc * (0.5 + 0.5 * (TAU * f64::from(offset) / 257.0).cos())
    };
    let taps: Vec<(i32, f64)> = (-128..=128).map(|offset| (offset, tap(offset))).collect();
    let passed = |index: i32| taps.iter().map(|(offset, tap)| tap * wave(index + offset)).sum::<f64>() as f32;
    for offset in 0..4 {
        let signal: Vec<f32> = (64..FRAMES / 4 - 64).flat_map(|index| [passed(index * 4 + offset); 2]).collect();
        check(&format!("3341 case {}, TP", 20 + offset), heard(&signal).true_peak().0, 0.0, TRUE_PEAK);
    }
}

#[test]
fn tech_3342_cases_1_to_4_loudness_range() {
    let cases: [(&[f64], f64); 4] = [
        (&[-20.0, -30.0], 10.0),
        (&[-20.0, -15.0], 5.0),
        (&[-40.0, -20.0], 20.0),
        (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ];
    for (number, (levels, wanted)) in (1..).zip(cases) {
        let tones: Vec<Tone> = levels.iter().map(|level| tone(*level, 20.0)).collect();
        check(&format!("3342 case {number}, LRA"), heard(&signal(&tones)).range_lu(), wanted, RANGE);
    }
}
