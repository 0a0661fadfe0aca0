//! Slow breathing: air that comes in bright and leaves warm, over a hum that leans on the way out.

use std::f64::consts::{PI, TAU};

use super::bands::{Bands, Gains};
use super::drift::Drift;
use super::noise::Seed;
use super::partial::{self, Ear};
use super::recipe::Settings;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// Bands: chest, throat, mouth, lips.
const EDGES_HZ: [f64; 4] = [260.0, 700.0, 1700.0, 4200.0];
/// Power in each band between breaths, on the way in, on the way out.
const REST: [f64; 4] = [0.6, 0.35, 0.18, 0.06];
const IN: [f64; 4] = [0.2, 0.6, 1.1, 0.6];
const OUT: [f64; 4] = [1.0, 1.3, 0.45, 0.10];
/// The part of a breath that goes in.
const IN_PART: f64 = 0.42;
/// The hum's power beside that of the air.
const HUM: f64 = 0.5;
/// The hum's notes above the root, and how strong.
const NOTES: [(f64, f64); 5] = [(1.0, 1.0), (1.5, 0.5), (2.0, 0.5), (3.0, 0.2), (4.0, 0.1)];

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Breath {
    bands: Bands<4>,
    period_s: f64,
    wander: Drift,
    depth: Drift,
    lean: Drift,
    root_hz: f64,
    tilt: [f64; 4],
    gain: f64,
    hum_gain: f64,
}

impl Breath {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let mut breath = Self {
            bands: Bands::new(seed.child(0), EDGES_HZ, 0.5),
            period_s: 60.0 / settings.pace,
            wander: Drift::new(seed.child(1), 47.0),
            depth: Drift::new(seed.child(2), 31.0),
            lean: Drift::new(seed.child(3), 19.0),
            root_hz: settings.root_hz,
            tilt: std::array::from_fn(|band| 10f64.powf((settings.brightness - 0.5) * 0.35 * (band as f64 - 1.0))),
            gain: 1.0,
            hum_gain: 0.0,
        };
        let air = loudness::mean(|time| breath.bands.power(&breath.gains(time)));
        let notes: f64 =
            NOTES.iter().map(|(ratio, gain)| gain * gain / 2.0 * loudness::weight(ratio * breath.root_hz)).sum();
        breath.hum_gain = (air * HUM / notes).sqrt();
        breath.gain = loudness::normal(air * (1.0 + HUM));
        breath
    }

    /// Which breath it is, with the place in it as the fraction: never quite the same length.
    fn place(&self, seconds: f64) -> f64 {
        seconds / self.period_s + 0.5 * self.wander.at(seconds)
    }

    fn gains(&self, seconds: f64) -> Gains<4> {
        let place = self.place(seconds).rem_euclid(1.0);
        let (inward, outward) = if place < IN_PART {
            ((PI * place / IN_PART).sin().powi(2), 0.0)
        } else {
            (0.0, (PI * ((place - IN_PART) / (1.0 - IN_PART)).powf(0.8)).sin().powi(2))
        };
        let depth = 1.0 + 0.3 * self.depth.at(seconds);
        let lean = 0.25 * self.lean.at(seconds);
        [1.0 + lean, 1.0 - lean].map(|side| {
            std::array::from_fn(|band| {
                let moving = depth * (inward * IN[band] + outward * OUT[band]);
                self.gain * self.tilt[band] * ((REST[band] + moving) * side).sqrt()
            })
        })
    }

    /// The hum's strength: a little more on the way out.
    fn hum_at(&self, seconds: f64) -> f64 {
        let out = (TAU * (self.place(seconds) - 0.46)).sin();
        self.gain * self.hum_gain * (1.0 + 0.25 * out) * (1.0 + 0.2 * self.depth.at(seconds + 200.0))
    }
}

impl Voice for Breath {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (now, then) = (seconds(first), seconds(first + BLOCK as u64));
        let (from, to) = (self.gains(now), self.gains(then));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        self.bands.add(first, &from, &to, out);
        let hum = [self.hum_at(now), self.hum_at(then)];
        for (n, (ratio, gain)) in NOTES.iter().enumerate() {
            let hz = self.root_hz * ratio;
            let ears = |time: f64, hum: f64| {
                let turn = 0.05 * self.lean.at(time + 100.0 * n as f64);
                [Ear { gain: hum * gain, turn }, Ear { gain: hum * gain, turn: -turn }]
            };
            partial::add((hz * now, hz * then), ears(now, hum[0]), ears(then, hum[1]), out);
        }
    }
}
