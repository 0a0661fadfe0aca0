//! Brown and pink noise: a steady hush with a slow, barely noticed swell.

use super::drift::{Drift, Glide};
use super::filter::{HighPass, LowPass, Step};
use super::noise::{Seed, WHITE_POWER};
use super::recipe::Settings;
use super::{BLOCK, Block, Voice, frames, loudness, seconds};

/// How alike the channels are: wide, but with a middle.
const CORRELATION: f64 = 0.6;
/// Below this nothing is kept: it moves the membranes and is not heard.
pub(super) const FLOOR_HZ: f64 = 28.0;

/// Noise that falls 6 dB an octave: a distant, deep, even rumble.
#[derive(Clone, Debug)]
pub(super) struct Brown {
    white: Seed,
    width: Width,
    swell: Swell,
    slope: LowPass,
    soft: LowPass,
    floor: HighPass,
    gain: f32,
}

/// Above this the spectrum of brown noise falls.
const BROWN_FROM_HZ: f64 = 50.0;

impl Brown {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let soft_hz = 300.0 * 16f64.powf(settings.brightness);
        let power = loudness::of_noise(|hz| {
            LowPass::response(BROWN_FROM_HZ, hz) * LowPass::response(soft_hz, hz) * HighPass::response(FLOOR_HZ, hz)
        });
        Self {
            white: seed.child(0),
            width: Width::new(CORRELATION),
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
        let swell = self.swell.block(first);
        for (n, frame) in frames(out) {
            let white = self.width.of(self.white.white(first + n as u64));
            let sound = self.floor.next(self.soft.next(self.slope.next(white)));
            for (sample, (sound, swell)) in frame.into_iter().zip(sound.into_iter().zip(&swell)) {
                *sample = sound * self.gain * swell.at(n);
            }
        }
    }
}

/// Noise that falls 3 dB an octave: as much in each octave, like wind or a shower heard from the next room.
#[derive(Clone, Debug)]
pub(super) struct Pink {
    white: Seed,
    width: Width,
    swell: Swell,
    slope: PinkSlope,
    soft: [LowPass; 2],
    floor: HighPass,
    gain: f32,
}

impl Pink {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let soft_hz = 700.0 * 10f64.powf(settings.brightness);
        let power = loudness::of_noise(|hz| {
            PinkSlope::response(hz) * LowPass::response(soft_hz, hz).powi(2) * HighPass::response(FLOOR_HZ, hz)
        });
        Self {
            white: seed.child(0),
            width: Width::new(CORRELATION),
            swell: Swell::new(seed.child(1), settings.movement),
            slope: PinkSlope::new(),
            soft: [LowPass::new(soft_hz); 2],
            floor: HighPass::new(FLOOR_HZ),
            gain: loudness::normal(power * WHITE_POWER) as f32,
        }
    }
}

impl Voice for Pink {
    fn render(&mut self, first: u64, out: &mut Block) {
        let swell = self.swell.block(first);
        for (n, frame) in frames(out) {
            let pink = self.slope.next(self.width.of(self.white.white(first + n as u64)));
            let soft = self.soft.iter_mut().fold(pink, |sound, filter| filter.next(sound));
            let sound = self.floor.next(soft);
            for (sample, (sound, swell)) in frame.into_iter().zip(sound.into_iter().zip(&swell)) {
                *sample = sound * self.gain * swell.at(n);
            }
        }
    }
}

/// A fall of 3 dB an octave: shelves of 6 dB, one every two octaves, their edges smeared into a line within 0.3 dB from 100 Hz up.
#[derive(Clone, Debug)]
pub(super) struct PinkSlope([Step; 5]);

impl PinkSlope {
    /// Pole and zero of each shelf, an octave apart; the last is stretched, because a one-pole flattens towards half the rate.
    const EDGES_HZ: [(f64, f64); 5] =
        [(20.0, 40.0), (80.0, 160.0), (320.0, 640.0), (1280.0, 2560.0), (4200.0, 15_000.0)];

    pub(super) fn new() -> Self {
        Self(Self::EDGES_HZ.map(|(pole, zero)| Step::new(pole, zero)))
    }

    pub(super) fn next(&mut self, white: [f32; 2]) -> [f32; 2] {
        self.0.iter_mut().fold(white, |sound, step| step.next(sound))
    }

    pub(super) fn response(hz: f64) -> f64 {
        Self::EDGES_HZ.iter().map(|(pole, zero)| Step::response(*pole, *zero, hz)).product()
    }
}

/// Makes two unrelated noises into a left and a right that share a part, at the same power.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    middle: f32,
    side: f32,
}

impl Width {
    /// With this correlation between left and right, 0..1.
    pub(super) fn new(correlation: f64) -> Self {
        Self { middle: (0.5 + 0.5 * correlation).sqrt() as f32, side: (0.5 - 0.5 * correlation).sqrt() as f32 }
    }

    /// One frame.
    pub(super) fn of(self, [one, other]: [f32; 2]) -> [f32; 2] {
        let (middle, side) = (one * self.middle, other * self.side);
        [middle + side, middle - side]
    }
}

/// A gain for each channel that wanders a little around 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Swell {
    both: Drift,
    lean: Drift,
    depth: f64,
}

impl Swell {
    /// `movement` 0 is still; 1 lets the level wander by about 1.3 dB either way.
    pub(super) fn new(seed: Seed, movement: f64) -> Self {
        Self { both: Drift::new(seed.child(0), 23.0), lean: Drift::new(seed.child(1), 41.0), depth: movement * 0.16 }
    }

    fn gains(&self, seconds: f64) -> [f64; 2] {
        let (both, lean) = (self.both.at(seconds) * self.depth, self.lean.at(seconds) * self.depth * 0.5);
        [1.0 + both + lean, 1.0 + both - lean]
    }

    /// The gains over the block that begins at this frame.
    pub(super) fn block(&self, first: u64) -> [Glide; 2] {
        let (from, to) = (self.gains(seconds(first)), self.gains(seconds(first + BLOCK as u64)));
        [Glide::over_block(from[0], to[0]), Glide::over_block(from[1], to[1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pink_falls_three_decibels_an_octave() {
        let level = |hz: f64| 10.0 * PinkSlope::response(hz).log10();
        for octave in 0..7 {
            let hz = 100.0 * f64::from(octave).exp2();
            let straight = level(100.0) - 3.0103 * f64::from(octave);
            assert!((level(hz) - straight).abs() < 0.3, "{hz} Hz: {} for {straight}", level(hz));
        }
    }
}
