//! Reads sound a little faster or slower than it was written: between the samples, by a windowed sinc.

use std::f64::consts::PI;

/// Samples that make one: flat to 21 kHz at 48 kHz.
pub const TAPS: usize = 48;
/// Places between two samples for which the weights are known; between these, they are mixed.
const STEPS: usize = 256;
/// The window's shape (Kaiser): 80 dB down beside the main lobe.
const BETA: f64 = 8.0;

/// The last samples, and the place between them.
pub struct Stretch {
    weights: Box<[[f32; TAPS]]>,
    /// The last samples twice in a row, so that every stretch of them lies in one piece.
    recent: [[f32; 2]; 2 * TAPS],
    place: usize,
    /// How far past the middle sample, 0 to 1.
    between: f64,
}

impl Stretch {
    /// Silence so far. Works the weights out: not for a thread in a hurry.
    pub fn new() -> Self {
        let weights = (0..=STEPS).map(|step| row(step as f64 / STEPS as f64)).collect();
        Self { weights, recent: [[0.0; 2]; 2 * TAPS], place: 0, between: 0.0 }
    }

    /// Forgets what it has heard.
    pub fn reset(&mut self) {
        self.recent = [[0.0; 2]; 2 * TAPS];
        self.between = 0.0;
    }

    /// Moves on by `step` samples (about 1); how many it must be given now.
    pub fn advance(&mut self, step: f64) -> usize {
        self.between += step;
        let due = self.between.floor().max(0.0);
        self.between -= due;
        due as usize
    }

    /// Gives it a sample.
    pub fn push(&mut self, frame: [f32; 2]) {
        self.recent[self.place] = frame;
        self.recent[self.place + TAPS] = frame;
        self.place = (self.place + 1) % TAPS;
    }

    /// The sound at its place.
    pub fn frame(&self) -> [f32; 2] {
        let at = self.between * STEPS as f64;
        let (row, mix) = ((at as usize).min(STEPS - 1), at.fract() as f32);
        let (low, high) = (&self.weights[row], &self.weights[row + 1]);
        let heard = &self.recent[self.place..self.place + TAPS];
        let mut sum = [0.0f32; 2];
        for ((frame, low), high) in heard.iter().zip(low).zip(high) {
            let weight = low + (high - low) * mix;
            sum = [sum[0] + frame[0] * weight, sum[1] + frame[1] * weight];
        }
        sum
    }
}

/// The weights of the last samples for a place so far past the middle one; they sum to 1.
fn row(between: f64) -> [f32; TAPS] {
    let middle = (TAPS / 2 - 1) as f64 + between;
    let weight = |tap: usize| {
        let from = tap as f64 - middle;
        let sinc = if from.abs() < 1e-9 { 1.0 } else { (PI * from).sin() / (PI * from) };
        let reach = (from / (TAPS as f64 / 2.0)).clamp(-1.0, 1.0);
        sinc * bessel(BETA * (1.0 - reach * reach).sqrt()) / bessel(BETA)
    };
    let sum: f64 = (0..TAPS).map(weight).sum();
    std::array::from_fn(|tap| (weight(tap) / sum) as f32)
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    (1..40)
        .map(|k| {
            term *= (x / 2.0 / f64::from(k)).powi(2);
            term
        })
        .sum::<f64>()
        + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far what is read at this speed is from the sine it was written as, in dB below it.
    fn error_of(hz: f64, step: f64) -> f64 {
        let sine = |at: f64| (2.0 * PI * hz * at / 48_000.0).sin();
        let mut stretch = Stretch::new();
        let (mut written, mut read, mut error, mut power) = (0.0, -(TAPS as f64 / 2.0), 0.0, 0.0);
        for number in 0..48_000 {
            for _ in 0..stretch.advance(step) {
                stretch.push([sine(written) as f32, 0.0]);
                written += 1.0;
            }
            read += step;
            if number > 2 * TAPS {
                let expected = sine(read - 1.0);
                error += (f64::from(stretch.frame()[0]) - expected).powi(2);
                power += expected * expected;
            }
        }
        10.0 * (error / power).log10()
    }

    #[test]
    fn a_sine_stays_a_sine_at_every_speed() {
        for hz in [50.0, 220.0, 997.0, 5_000.0, 10_000.0, 15_000.0] {
            for step in [1.0, 1.0002, 0.9998, 1.001] {
                let error = error_of(hz, step);
                assert!(error < -75.0, "{hz} Hz at {step}: {error:.1} dB");
            }
        }
    }

    #[test]
    fn at_its_own_speed_it_is_a_pure_delay() {
        assert!(error_of(18_000.0, 1.0) < -110.0, "{}", error_of(18_000.0, 1.0));
    }
}
