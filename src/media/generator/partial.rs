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
    /// Frames done side by side, so that the compiler can use vector registers.
    const LANES: usize = 4;
    let step = (turns.1 - turns.0) / BLOCK as f64;
    let (mut sine, mut cosine) = ([0f32; LANES], [0f32; LANES]);
    for lane in 0..LANES {
        let angle = (turns.0 + step * lane as f64).fract() * TAU;
        (sine[lane], cosine[lane]) = (angle.sin() as f32, angle.cos() as f32);
    }
    let leap = step * LANES as f64 * TAU;
    let (turn_sine, turn_cosine) = (leap.sin() as f32, leap.cos() as f32);
    let lines = [Line::between(from[0], to[0]), Line::between(from[1], to[1])];
    let [left, right] = out;
    for (chunk, (left, right)) in left.chunks_exact_mut(LANES).zip(right.chunks_exact_mut(LANES)).enumerate() {
        for lane in 0..LANES {
            let n = (chunk * LANES + lane) as f32;
            let (s, c) = (sine[lane], cosine[lane]);
            left[lane] += lines[0].at(n, s, c);
            right[lane] += lines[1].at(n, s, c);
            sine[lane] = s * turn_cosine + c * turn_sine;
            cosine[lane] = c * turn_cosine - s * turn_sine;
        }
    }
}

/// One ear's share of sine and cosine, in a straight line over the block.
#[derive(Clone, Copy)]
struct Line {
    sine: (f32, f32),
    cosine: (f32, f32),
}

impl Line {
    fn between(from: Ear, to: Ear) -> Self {
        let parts = |ear: Ear| {
            let (sine, cosine) = (ear.turn * TAU).sin_cos();
            (ear.gain * cosine, ear.gain * sine)
        };
        let ((sine, cosine), (sine_to, cosine_to)) = (parts(from), parts(to));
        let slope = |from: f64, to: f64| (from as f32, ((to - from) / BLOCK as f64) as f32);
        Self { sine: slope(sine, sine_to), cosine: slope(cosine, cosine_to) }
    }

    #[inline]
    fn at(&self, n: f32, sine: f32, cosine: f32) -> f32 {
        (self.sine.0 + self.sine.1 * n) * sine + (self.cosine.0 + self.cosine.1 * n) * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::generator::seconds;

    #[test]
    fn a_sine_is_a_sine_after_ten_hours() {
        let hz = 220.5;
        let (mut worst, ear) = (0f64, Ear { gain: 1.0, turn: 0.25 });
        for first in [0u64, 1_728_000_000 - 1_728_000_000 % BLOCK as u64] {
            let mut out = [[0.0; BLOCK]; 2];
            let turns = (hz * seconds(first), hz * seconds(first + BLOCK as u64));
            add(turns, [Ear { gain: 1.0, turn: 0.0 }, ear], [Ear { gain: 1.0, turn: 0.0 }, ear], &mut out);
            for n in 0..BLOCK {
                let angle = hz * seconds(first + n as u64) % 1.0 * TAU;
                worst = worst.max((f64::from(out[0][n]) - angle.sin()).abs());
                worst = worst.max((f64::from(out[1][n]) - angle.cos()).abs());
            }
        }
        assert!(worst < 2e-5, "{worst}");
    }
}
