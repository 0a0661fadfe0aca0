//! A drone: one wide chord that never stands still. Overtones come and go and beat slowly, the light on them changes, and
//! over minutes the chord itself leans towards a neighbour and back; a little air is around it.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::bands::{Bands, Gains};
use super::drift::Drift;
use super::harmony::Harmony;
use super::noise::Seed;
use super::partial::{self, Ear};
use super::recipe::Settings;
use super::tuning::Colour;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// Overtones of each note. The seventh is out of tune with every scale and left out.
const HARMONICS: [u32; 7] = [1, 2, 3, 4, 5, 6, 8];
/// Above this there are no partials: nothing in a drone may be sharp.
const HIGHEST_HZ: f64 = 4200.0;
/// Below this the strength falls away: it eats headroom and is hardly heard.
const DEEPEST_HZ: f64 = 30.0;
/// Partials weaker than this in every chord, beside the root's 1, are left out.
const WEAKEST: f64 = 0.004;
/// The air's power beside that of the partials.
const AIR: f64 = 0.008;
/// Its bands end here; the gains leave out the lowest, which the partials fill.
const AIR_EDGES_HZ: [f64; 3] = [250.0, 1100.0, 3000.0];
const AIR_GAINS: [f64; 3] = [0.0, 1.0, 0.45];
/// How far the changes of light and chord are evened out: 0 not at all, 1 until the loudness is level.
const EVENNESS: f64 = 0.9;

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Drone {
    partials: Vec<Partial>,
    harmony: Harmony,
    /// From dark to clear and back.
    light: Drift,
    swell: Drift,
    breeze: Drift,
    movement: f64,
    air: Bands<3>,
    air_gain: f64,
    mean_power: f64,
    gain: f64,
}

/// One overtone of the chord, alive by itself.
#[derive(Clone, Copy, Debug)]
struct Partial {
    hz: f64,
    /// Its power in each of the three chords, beside the root's 1.
    powers: [f64; 3],
    /// How far above the root's second octave it lies, as a natural logarithm: what the light acts on.
    height: f64,
    /// What its power counts towards the loudness.
    weight: f64,
    /// Comes and goes.
    tide: Drift,
    /// How far it may come and go: 0 stays, 1 vanishes at times.
    depth: f64,
    /// Wavers in pitch, a few cents.
    waver: Drift,
    /// Beats slowly, as two strings that are almost in tune: how often, where it begins (turns), how deep.
    beat: (f64, f64, f64),
    /// Wanders between the ears.
    lean: Drift,
    /// A fixed place between the ears, in turns of angle, and its wandering.
    place: (f64, f64),
    start: f64,
}

/// What is common to all partials at one instant.
struct Weather {
    shares: [f64; 3],
    /// The exponent of the tilt: above 0 clear, below dark.
    light: f64,
}

impl Drone {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let mut drone = Self {
            partials: partials(seed.child(0), settings),
            harmony: Harmony::new(seed.child(3), settings.movement),
            light: Drift::new(seed.child(4), 43.0),
            swell: Drift::new(seed.child(1), 37.0),
            breeze: Drift::new(seed.child(5), 29.0),
            movement: settings.movement,
            air: Bands::new(seed.child(2), AIR_EDGES_HZ, 0.4),
            air_gain: 0.0,
            mean_power: 1.0,
            gain: 1.0,
        };
        drone.mean_power = loudness::mean(|time| drone.power(time));
        let tonal = loudness::mean(|time| drone.power(time) * drone.level(time).powi(2));
        drone.gain = loudness::normal(tonal * (1.0 + AIR));
        drone.air_gain = (tonal * AIR / drone.air.power(&[AIR_GAINS; 2])).sqrt();
        drone
    }

    fn weather(&self, seconds: f64) -> Weather {
        Weather {
            shares: self.harmony.shares(seconds),
            light: self.movement * (1.5 * self.light.at(seconds)).clamp(-1.0, 1.0) * 0.8,
        }
    }

    /// The K-weighted power of the partials at a time.
    fn power(&self, seconds: f64) -> f64 {
        let weather = self.weather(seconds);
        self.partials.iter().map(|p| p.gain_at(seconds, &weather).powi(2) / 2.0 * p.weight * p.beating_power()).sum()
    }

    /// The gain that keeps the loudness level while chord and light change, with a slow swell of its own.
    fn level(&self, seconds: f64) -> f64 {
        let evened = (1.0 - EVENNESS + EVENNESS * self.power(seconds) / self.mean_power).powf(-0.5);
        evened * (1.0 + 0.15 * self.movement * self.swell.at(seconds))
    }
}

/// The chords' partials: overtones of each note, those that coincide joined into one.
fn partials(seed: Seed, settings: &Settings) -> Vec<Partial> {
    let slope = 2.1 - 1.2 * settings.brightness;
    let mut tones: Vec<(f64, [f64; 3], u32)> = Vec::new();
    for (chord, ratios) in settings.colour.voicings().into_iter().enumerate() {
        for (ratio, harmonic) in ratios.iter().flat_map(|ratio| HARMONICS.map(|harmonic| (ratio, harmonic))) {
            // A fifth overtone is a major third, and would rub against the minor one.
            if harmonic == 5 && settings.colour == Colour::Minor {
                continue;
            }
            let hz = settings.root_hz * ratio * f64::from(harmonic);
            let soft = 1.0 / (1.0 + (hz / 1400.0).powi(2));
            let firm = 1.0 / (1.0 + (DEEPEST_HZ / hz).powi(2));
            let power = (ratio.powf(-0.75) * f64::from(harmonic).powf(-slope) * soft * firm).powi(2);
            match tones.iter_mut().find(|(known, _, _)| (*known / hz - 1.0).abs() < 0.001) {
                Some((_, powers, lowest)) => {
                    powers[chord] += power;
                    *lowest = (*lowest).min(harmonic);
                }
                None => {
                    let mut powers = [0.0; 3];
                    powers[chord] = power;
                    tones.push((hz, powers, harmonic));
                }
            }
        }
    }
    tones.retain(|(hz, powers, _)| *hz < HIGHEST_HZ && powers.iter().any(|power| *power > WEAKEST * WEAKEST));
    tones
        .into_iter()
        .zip(0..)
        .map(|((hz, powers, harmonic), n)| Partial::new(seed.child(n), hz, powers, harmonic, settings))
        .collect()
}

impl Partial {
    fn new(seed: Seed, hz: f64, powers: [f64; 3], harmonic: u32, settings: &Settings) -> Self {
        let movement = settings.movement;
        // The deep stays nearer the middle, or headphones feel lopsided.
        let wide = (hz / 160.0).clamp(0.5, 1.0);
        Self {
            hz,
            powers,
            // The root itself is darkened or lightened only a little, or the dark would be nothing but bass.
            height: (hz / (4.0 * settings.root_hz)).ln().max(-0.7),
            weight: loudness::weight(hz),
            tide: Drift::new(seed.child(0), seed.between(10, 17.0, 61.0)),
            depth: (0.25 + 0.75 * movement) * if harmonic == 1 { 0.45 } else { 1.0 },
            waver: Drift::new(seed.child(1), seed.between(11, 7.0, 13.0)),
            beat: (seed.between(16, 0.04, 0.13), seed.unit(17), 0.1 + 0.25 * movement),
            lean: Drift::new(seed.child(2), seed.between(12, 19.0, 43.0)),
            place: (
                wide * seed.between(13, 0.08, 0.2) * if seed.unit(15) < 0.5 { -1.0 } else { 1.0 },
                wide * 0.25 * (0.3 + movement),
            ),
            start: seed.unit(14),
        }
    }

    fn gain_at(&self, seconds: f64, weather: &Weather) -> f64 {
        // The spline keeps to its middle; half as far again reaches the ends without a corner that could be heard.
        let tide = (self.tide.at(seconds) * 1.5).clamp(-1.0, 1.0);
        let there = 0.5 + 0.5 * (tide * FRAC_PI_2).sin();
        let power: f64 = self.powers.iter().zip(weather.shares).map(|(power, share)| power * share).sum();
        power.sqrt() * (self.height * weather.light).exp() * (1.0 - self.depth + self.depth * there)
    }

    /// The mean power of its beating, beside that of a still partial.
    fn beating_power(&self) -> f64 {
        1.0 + self.beat.2 * self.beat.2 / 2.0
    }

    /// Its angle in turns: two cents of wavering.
    fn turns_at(&self, seconds: f64) -> f64 {
        self.start + self.hz * seconds + self.hz * 0.0012 * 10.0 * self.waver.at(seconds)
    }

    /// What each ear hears of it at this gain. The beating reaches one ear a little before the other, so that it sways.
    fn ears_at(&self, seconds: f64, gain: f64) -> [Ear; 2] {
        let half = 0.5 * (self.place.0 + self.place.1 * self.lean.at(seconds));
        let (often_hz, begins, deep) = self.beat;
        let beat = |early: f64| 1.0 + deep * (TAU * (often_hz * seconds + begins + early)).sin();
        [Ear { gain: gain * beat(0.0), turn: half }, Ear { gain: gain * beat(0.2), turn: -half }]
    }
}

impl Voice for Drone {
    fn render(&mut self, first: u64, out: &mut Block) {
        let times = [seconds(first), seconds(first + BLOCK as u64)];
        let levels = times.map(|time| self.gain * self.level(time));
        let weathers = times.map(|time| self.weather(time));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        for partial in &self.partials {
            let gains: [f64; 2] = std::array::from_fn(|end| levels[end] * partial.gain_at(times[end], &weathers[end]));
            // A note of a chord that is not there now.
            if gains == [0.0; 2] {
                continue;
            }
            let [now, then] = times;
            let turns = (partial.turns_at(now), partial.turns_at(then));
            partial::add(turns, partial.ears_at(now, gains[0]), partial.ears_at(then, gains[1]), out);
        }
        let [from, to]: [Gains<3>; 2] = times.map(|time| {
            let light = (self.weather(time).light * 1.2).exp();
            let gain = self.gain * self.air_gain * light * (1.0 + 0.5 * self.breeze.at(time));
            [AIR_GAINS.map(|band| band * gain); 2]
        });
        self.air.add(first, &from, &to, out);
    }
}
