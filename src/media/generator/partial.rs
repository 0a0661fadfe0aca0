//! One sine in both ears.

use std::f64::consts::TAU;

use super::{BLOCK, Block};

/// What each ear hears of a sine at one instant: its strength and how far it is turned (in turns).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ear {
    pub gain: f64,
    pub turn: f64,
}

/// Adds a sine whose angle travels `turns.0` to `turns.1` over the block, as each ear hears it from one instant to the next.
///
/// The angle is exact at both ends of the block, so a sine neither drifts nor clicks however long it plays.
pub(super) fn add(turns: (f64, f64), from: [Ear; 2], to: [Ear; 2], out: &mut Block) {
    let step = (turns.1 - turns.0) / BLOCK as f64;
    let (step_sine, step_cosine) = (step * TAU).sin_cos();
    let (mut s, mut c) = (turns.0.fract() * TAU).sin_cos();
    let (mut sine, mut cosine) = (Lanes([0.0; LANES]), Lanes([0.0; LANES]));
    for lane in 0..LANES {
        (sine.0[lane], cosine.0[lane]) = (s as f32, c as f32);
        (s, c) = (s * step_cosine + c * step_sine, c * step_cosine - s * step_sine);
    }
    let (turn_sine, turn_cosine) = (step * LANES as f64 * TAU).sin_cos();
    let (turn_sine, turn_cosine) = (turn_sine as f32, turn_cosine as f32);
    let mut ears = [Mix::between(from[0], to[0]), Mix::between(from[1], to[1])];
    for start in (0..BLOCK).step_by(LANES) {
        for (channel, ear) in out.iter_mut().zip(&mut ears) {
            ear.add(&sine, &cosine, &mut channel[start..start + LANES]);
        }
        for lane in 0..LANES {
            let (s, c) = (sine.0[lane], cosine.0[lane]);
            sine.0[lane] = s * turn_cosine + c * turn_sine;
            cosine.0[lane] = c * turn_cosine - s * turn_sine;
        }
    }
}

/// Frames done side by side, so that the compiler can use vector registers.
const LANES: usize = 8;

#[derive(Clone, Copy)]
struct Lanes([f32; LANES]);

impl Lanes {
    fn from(of: impl Fn(f64) -> f64) -> Self {
        Self(std::array::from_fn(|lane| of(lane as f64) as f32))
    }
}

/// One ear's share of sine and cosine, in straight lines over the block.
#[derive(Clone, Copy)]
struct Mix {
    sine: Lanes,
    cosine: Lanes,
    sine_leap: f32,
    cosine_leap: f32,
}

impl Mix {
    fn between(from: Ear, to: Ear) -> Self {
        let parts = |ear: Ear| {
            let (sine, cosine) = (ear.turn * TAU).sin_cos();
            (ear.gain * cosine, ear.gain * sine)
        };
        let ((sine, cosine), (sine_to, cosine_to)) = (parts(from), parts(to));
        let (sine_step, cosine_step) = ((sine_to - sine) / BLOCK as f64, (cosine_to - cosine) / BLOCK as f64);
        Self {
            sine: Lanes::from(|lane| sine + sine_step * lane),
            cosine: Lanes::from(|lane| cosine + cosine_step * lane),
            sine_leap: (sine_step * LANES as f64) as f32,
            cosine_leap: (cosine_step * LANES as f64) as f32,
        }
    }

    fn add(&mut self, sine: &Lanes, cosine: &Lanes, out: &mut [f32]) {
        for (lane, sample) in out.iter_mut().enumerate().take(LANES) {
            *sample += self.sine.0[lane] * sine.0[lane] + self.cosine.0[lane] * cosine.0[lane];
            self.sine.0[lane] += self.sine_leap;
            self.cosine.0[lane] += self.cosine_leap;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::generator::{frames, seconds};

    #[test]
    fn a_sine_is_a_sine_after_ten_hours() {
        let hz = 220.5;
        let (mut worst, ear) = (0f64, Ear { gain: 1.0, turn: 0.25 });
        for first in [0u64, 1_728_000_000 - 1_728_000_000 % BLOCK as u64] {
            let mut out = [[0.0; BLOCK]; 2];
            let turns = (hz * seconds(first), hz * seconds(first + BLOCK as u64));
            add(turns, [Ear { gain: 1.0, turn: 0.0 }, ear], [Ear { gain: 1.0, turn: 0.0 }, ear], &mut out);
            for (n, [left, right]) in frames(&mut out) {
                let angle = hz * seconds(first + n as u64) % 1.0 * TAU;
                worst = worst.max((f64::from(*left) - angle.sin()).abs());
                worst = worst.max((f64::from(*right) - angle.cos()).abs());
            }
        }
        assert!(worst < 2e-5, "{worst}");
    }
}
