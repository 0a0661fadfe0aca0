//! The sea from the dunes: long swells that rise, break softly and run out in foam, never two alike.

use std::f64::consts::PI;

use super::bands::{Bands, Gains};
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

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Ocean {
    bands: Bands<5>,
    trains: [Train; 2],
    tilt: [f64; 5],
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
}

impl Ocean {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let train = |part: u64, pace: f64, size: f64, side: f64| Train {
            seed: seed.child(part),
            period_s: settings.pace * pace,
            size,
            side,
        };
        // 6 dB between dark and clear in each step from the middle band.
        let tilt = std::array::from_fn(|band| 10f64.powf((settings.brightness - 0.5) * 0.3 * (band as f64 - 1.5)));
        let mut ocean = Self {
            bands: Bands::new(seed.child(0), EDGES_HZ, 0.45),
            trains: [train(1, 1.0, 1.0, -0.3), train(2, 2.31, 0.5, 0.5)],
            tilt,
            gain: 1.0,
        };
        let mean = loudness::mean(|time| ocean.bands.power(&ocean.gains(time)));
        ocean.gain = loudness::normal(mean);
        ocean
    }

    fn gains(&self, seconds: f64) -> Gains<5> {
        let mut power = [[0.0; 5]; 2];
        for band in 0..5 {
            for channel in &mut power {
                channel[band] = CALM[band];
            }
            for train in &self.trains {
                let (height, side) = train.at(seconds, LATE[band]);
                power[0][band] += WAVE[band] * height * (1.0 - side);
                power[1][band] += WAVE[band] * height * (1.0 + side);
            }
        }
        power.map(|channel| std::array::from_fn(|band| self.gain * self.tilt[band] * channel[band].sqrt()))
    }
}

impl Train {
    /// How high its waves are, 0..1, and from which side they come.
    fn at(&self, seconds: f64, late: f64) -> (f64, f64) {
        let place = seconds / self.period_s - late + 4.0;
        let (mut height, mut side) = (0.0, 0.0);
        for back in 0..2 {
            let k = place.floor() as u64 - back;
            let begins = k as f64 + self.seed.between(2 * k, 0.0, 0.35);
            let age = (place - begins) / self.seed.between(2 * k + 1, 0.85, 1.1);
            if (0.0..1.0).contains(&age) {
                // Rises in the first two fifths and runs out in the rest.
                let shape = (PI * age.powf(0.75)).sin().powi(2) * self.size * self.seed.child(k).between(0, 0.6, 1.0);
                height += shape;
                side += shape * (self.side + 0.4 * (age - 0.4));
            }
        }
        (height, if height > 0.0 { (side / height).clamp(-0.8, 0.8) } else { 0.0 })
    }
}

impl Voice for Ocean {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (from, to) = (self.gains(seconds(first)), self.gains(seconds(first + BLOCK as u64)));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        self.bands.add(first, &from, &to, out);
    }
}
