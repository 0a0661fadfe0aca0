//! A drone: one wide chord whose overtones come and go, with a little air around it.

use super::bands::{Bands, Gains};
use super::drift::Drift;
use super::noise::Seed;
use super::partial::{self, Ear};
use super::recipe::Settings;
use super::tuning::Colour;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// Overtones of each note. The seventh is out of tune with every scale and left out.
const HARMONICS: [u32; 7] = [1, 2, 3, 4, 5, 6, 8];
/// Above this there are no partials: nothing in a drone may be sharp.
const HIGHEST_HZ: f64 = 3200.0;
/// Partials weaker than this, beside the root's 1, are left out.
const WEAKEST: f64 = 0.004;
/// The air's power beside that of the partials.
const AIR: f64 = 0.006;

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Drone {
    partials: Vec<Partial>,
    swell: Drift,
    movement: f64,
    air: Bands<2>,
    air_gain: f64,
    gain: f64,
}

/// One overtone of the chord, alive by itself.
#[derive(Clone, Copy, Debug)]
struct Partial {
    hz: f64,
    gain: f64,
    /// Comes and goes.
    tide: Drift,
    /// How far it may come and go: 0 stays, 1 vanishes at times.
    depth: f64,
    /// Wavers in pitch, a few cents.
    waver: Drift,
    /// Wanders between the ears.
    lean: Drift,
    /// A fixed place between the ears, in turns of angle, and its wandering.
    place: (f64, f64),
    start: f64,
}

impl Drone {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let mut drone = Self {
            partials: partials(seed.child(0), settings),
            swell: Drift::new(seed.child(1), 37.0),
            movement: settings.movement,
            air: Bands::new(seed.child(2), [250.0, 1100.0], 0.4),
            air_gain: 0.0,
            gain: 1.0,
        };
        let tonal = loudness::mean(|time| drone.power(time));
        drone.gain = loudness::normal(tonal * (1.0 + AIR));
        drone.air_gain = (tonal * AIR / drone.air.power(&[[0.0, 1.0]; 2])).sqrt();
        drone
    }

    /// The K-weighted power of the partials at a time.
    fn power(&self, seconds: f64) -> f64 {
        let swell = self.swell_at(seconds);
        self.partials.iter().map(|p| (p.gain_at(seconds) * swell).powi(2) / 2.0 * loudness::weight(p.hz)).sum()
    }

    fn swell_at(&self, seconds: f64) -> f64 {
        1.0 + 0.15 * self.movement * self.swell.at(seconds)
    }
}

/// The chord's partials: overtones of each note, those that coincide joined into one.
fn partials(seed: Seed, settings: &Settings) -> Vec<Partial> {
    let slope = 2.1 - 1.2 * settings.brightness;
    let mut tones: Vec<(f64, f64, u32)> = Vec::new();
    for ratio in settings.colour.chord() {
        for harmonic in HARMONICS {
            // A fifth overtone is a major third, and would rub against the minor one.
            if harmonic == 5 && settings.colour == Colour::Minor {
                continue;
            }
            let hz = settings.root_hz * ratio * f64::from(harmonic);
            let soft = 1.0 / (1.0 + (hz / 1400.0).powi(2));
            let gain = ratio.powf(-0.75) * f64::from(harmonic).powf(-slope) * soft;
            match tones.iter_mut().find(|(known, _, _)| (*known / hz - 1.0).abs() < 0.001) {
                Some((_, sum, _)) => *sum = sum.hypot(gain),
                None => tones.push((hz, gain, harmonic)),
            }
        }
    }
    tones.retain(|(hz, gain, _)| *hz < HIGHEST_HZ && *gain > WEAKEST);
    let movement = settings.movement;
    tones
        .into_iter()
        .zip(0..)
        .map(|((hz, gain, harmonic), n)| Partial::new(seed.child(n), hz, gain, harmonic, movement))
        .collect()
}

impl Partial {
    fn new(seed: Seed, hz: f64, gain: f64, harmonic: u32, movement: f64) -> Self {
        // The deep stays nearer the middle, or headphones feel lopsided.
        let wide = (hz / 160.0).clamp(0.5, 1.0);
        Self {
            hz,
            gain,
            tide: Drift::new(seed.child(0), seed.between(10, 17.0, 61.0)),
            depth: (0.25 + 0.75 * movement) * if harmonic == 1 { 0.45 } else { 1.0 },
            waver: Drift::new(seed.child(1), seed.between(11, 7.0, 13.0)),
            lean: Drift::new(seed.child(2), seed.between(12, 19.0, 43.0)),
            place: (
                wide * seed.between(13, 0.08, 0.2) * if seed.unit(15) < 0.5 { -1.0 } else { 1.0 },
                wide * 0.25 * (0.3 + movement),
            ),
            start: seed.unit(14),
        }
    }

    fn gain_at(&self, seconds: f64) -> f64 {
        // The spline keeps to its middle; half as far again reaches the ends without a corner that could be heard.
        let tide = (self.tide.at(seconds) * 1.5).clamp(-1.0, 1.0);
        let there = 0.5 + 0.5 * (tide * std::f64::consts::FRAC_PI_2).sin();
        self.gain * (1.0 - self.depth + self.depth * there)
    }

    /// Its angle in turns: two cents of wavering.
    fn turns_at(&self, seconds: f64) -> f64 {
        self.start + self.hz * seconds + self.hz * 0.0012 * 10.0 * self.waver.at(seconds)
    }

    fn ears_at(&self, seconds: f64, gain: f64) -> [Ear; 2] {
        let gain = gain * self.gain_at(seconds);
        let half = 0.5 * (self.place.0 + self.place.1 * self.lean.at(seconds));
        [Ear { gain, turn: half }, Ear { gain, turn: -half }]
    }
}

impl Voice for Drone {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (now, then) = (seconds(first), seconds(first + BLOCK as u64));
        let gains = [now, then].map(|time| self.gain * self.swell_at(time));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        for partial in &self.partials {
            let turns = (partial.turns_at(now), partial.turns_at(then));
            partial::add(turns, partial.ears_at(now, gains[0]), partial.ears_at(then, gains[1]), out);
        }
        let air = |gain: f64| -> Gains<2> { [[0.0, gain * self.air_gain]; 2] };
        let (from, to) = (air(gains[0]), air(gains[1]));
        self.air.add(first, &from, &to, out);
    }
}
