//! The sea from the dunes: long swells that rise, break softly and run out in foam, never two alike; they come in sets, and
//! between the sets there is a lull.

use std::f64::consts::PI;

use super::bands::{Bands, Gains};
use super::drift::Drift;
use super::noise::Seed;
use super::recipe::Settings;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// Bands: the ground swell, the body, the break, the foam, the spray.
const EDGES_HZ: [f64; 5] = [130.0, 420.0, 1300.0, 3600.0, 7000.0];
/// What is always there, as power in each band.
const CALM: [f64; 5] = [0.55, 0.35, 0.22, 0.09, 0.03];
/// What a wave adds at its height, as power in each band.
const WAVE: [f64; 5] = [1.2, 1.0, 0.85, 0.6, 0.3];
/// How long after the height each band has its own: foam comes last. In parts of a wave's length.
const LATE: [f64; 5] = [-0.06, 0.0, 0.03, 0.08, 0.12];
/// How much more a large wave has of each band than a small one: a small one washes up, a large one breaks.
const BREAKING: [f64; 5] = [0.0, 0.1, 0.5, 0.9, 1.2];
/// How far the sound is held back in large waves and let out between them: 0 not at all, 1 until it is level.
const EVENNESS: f64 = 0.35;

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Ocean {
    bands: Bands<5>,
    trains: [Train; 3],
    tilt: [f64; 5],
    mean_power: f64,
    gain: f64,
}

/// Waves from one direction.
#[derive(Clone, Copy, Debug)]
struct Train {
    seed: Seed,
    period_s: f64,
    size: f64,
    /// -1 from the left, 1 from the right.
    side: f64,
    /// They hurry and linger.
    haste: Drift,
    /// They come in sets: a few large ones, then a lull. Counted in waves.
    sets: Drift,
}

impl Ocean {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let train = |part: u64, pace: f64, size: f64, side: f64| {
            let (seed, period_s) = (seed.child(part), settings.pace * pace);
            let haste = Drift::new(seed.child(u64::MAX), 3.7 * period_s);
            Train { seed, period_s, size, side, haste, sets: Drift::new(seed.child(u64::MAX - 1), 3.3) }
        };
        // 6 dB between dark and clear in each step from the middle band.
        let tilt = std::array::from_fn(|band| 10f64.powf((settings.brightness - 0.5) * 0.3 * (band as f64 - 1.5)));
        let mut ocean = Self {
            bands: Bands::new(seed.child(0), EDGES_HZ, 0.45),
            trains: [train(1, 1.0, 1.0, -0.3), train(2, 2.31, 0.55, 0.5), train(3, 0.61, 0.3, 0.1)],
            tilt,
            mean_power: 1.0,
            gain: 1.0,
        };
        ocean.mean_power = loudness::mean(|time| ocean.bands.power(&ocean.sea(time)));
        ocean.gain = loudness::normal(loudness::mean(|time| ocean.bands.power(&ocean.gains(time))));
        ocean
    }

    /// The gains of the sea as it is.
    fn sea(&self, seconds: f64) -> Gains<5> {
        let mut power = [CALM; 2];
        for band in 0..5 {
            for train in &self.trains {
                let [left, right] = train.at(seconds, band);
                power[0][band] += WAVE[band] * left;
                power[1][band] += WAVE[band] * right;
            }
        }
        power.map(|channel| std::array::from_fn(|band| self.tilt[band] * channel[band].sqrt()))
    }

    /// The gains of the sea as it is heard.
    fn gains(&self, seconds: f64) -> Gains<5> {
        let sea = self.sea(seconds);
        let power = self.bands.power(&sea) / self.mean_power;
        let level = self.gain * (1.0 - EVENNESS + EVENNESS * power).powf(-0.5);
        sea.map(|channel| channel.map(|band| band * level))
    }
}

impl Train {
    /// The power of its waves in a band, at the left and at the right ear.
    fn at(&self, seconds: f64, band: usize) -> [f64; 2] {
        let place = seconds / self.period_s + 1.5 * self.haste.at(seconds) - LATE[band] + 4.0;
        let mut ears = [0.0; 2];
        for back in 0..3 {
            let k = (place.floor() as u64).saturating_sub(back);
            let wave = self.seed.child(k);
            let begins = k as f64 + wave.between(1, 0.0, 0.6);
            let age = (place - begins) / wave.between(2, 0.8, 1.4);
            if !(0.0..1.0).contains(&age) {
                continue;
            }
            let set = 0.62 + 0.38 * (2.0 * self.sets.at(k as f64)).clamp(-1.0, 1.0);
            let large = wave.between(0, 0.55, 1.0) * set;
            // Rises in the first two fifths and runs out in the rest; the foam runs longer.
            let shape = (PI * age.powf(0.75 - 0.04 * band as f64)).sin().powi(2);
            let height = self.size * shape * large * (large + 0.25).powf(BREAKING[band]);
            let side = (self.side + wave.between(3, -0.35, 0.35) + 0.5 * (age - 0.4)).clamp(-0.8, 0.8);
            ears[0] += height * (1.0 - side);
            ears[1] += height * (1.0 + side);
        }
        ears
    }
}

impl Voice for Ocean {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (from, to) = (self.gains(seconds(first)), self.gains(seconds(first + BLOCK as u64)));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        self.bands.add(first, &from, &to, out);
    }
}
