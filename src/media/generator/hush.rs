//! Brown and pink noise: a steady hush with a slow, barely noticed swell.

use super::drift::{Drift, Glide};
use super::filter::{HighPass, LowPass};
use super::noise::{Seed, WHITE_POWER};
use super::recipe::Settings;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// What both channels share and what they do not: a correlation of 0.6, wide but with a middle.
const SHARED: f32 = 0.894_427;
const APART: f32 = 0.447_214;

/// Noise that falls 6 dB an octave: a distant, deep, even rumble.
#[derive(Clone, Debug)]
pub(super) struct Brown {
    white: Seed,
    swell: Swell,
    slope: LowPass,
    soft: LowPass,
    floor: HighPass,
    gain: f32,
}

/// Above this the spectrum of brown noise falls.
const BROWN_FROM_HZ: f64 = 50.0;
/// Below this nothing is kept: it moves the membranes and is not heard.
const FLOOR_HZ: f64 = 28.0;

impl Brown {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let soft_hz = 300.0 * 16f64.powf(settings.brightness);
        let power = loudness::of_noise(|hz| {
            LowPass::response(BROWN_FROM_HZ, hz) * LowPass::response(soft_hz, hz) * HighPass::response(FLOOR_HZ, hz)
        });
        Self {
            white: seed.child(0),
            swell: Swell::new(seed.child(1), settings.movement),
            slope: LowPass::new(BROWN_FROM_HZ),
            soft: LowPass::new(soft_hz),
            floor: HighPass::new(FLOOR_HZ),
            gain: loudness::normal(power * WHITE_POWER) as f32,
        }
    }
}

impl Voice for Brown {
    fn render(&mut self, first: u64, out: &mut Block) {
        let [left, right] = self.swell.block(first);
        for (n, frame) in out.iter_mut().enumerate() {
            let sound = self.floor.next(self.soft.next(self.slope.next(self.white.white(first + n as u64))));
            let [middle, side] = [sound[0] * SHARED * self.gain, sound[1] * APART * self.gain];
            *frame = [(middle + side) * left.at(n), (middle - side) * right.at(n)];
        }
    }
}

/// A gain for each channel that wanders a little around 1.
#[derive(Clone, Copy, Debug)]
struct Swell {
    both: Drift,
    lean: Drift,
    depth: f64,
}

impl Swell {
    /// `movement` 0 is still; 1 lets the level wander by about 2 dB either way.
    fn new(seed: Seed, movement: f64) -> Self {
        Self { both: Drift::new(seed.child(0), 23.0), lean: Drift::new(seed.child(1), 41.0), depth: movement * 0.25 }
    }

    fn gains(&self, seconds: f64) -> [f64; 2] {
        let (both, lean) = (self.both.at(seconds) * self.depth, self.lean.at(seconds) * self.depth * 0.5);
        [1.0 + both + lean, 1.0 + both - lean]
    }

    fn block(&self, first: u64) -> [Glide; 2] {
        let (from, to) = (self.gains(seconds(first)), self.gains(seconds(first + BLOCK as u64)));
        [Glide::over_block(from[0], to[0]), Glide::over_block(from[1], to[1])]
    }
}
