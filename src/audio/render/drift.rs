//! Two clocks are never the same: finds how much faster or slower a line must be read, so that its delay stays where it is.
//!
//! A loop that answers slowly (5 s), so that what it does is not heard: at most 1000 ppm, less than two cents, and never a
//! jump. Both ends work in bursts; the delay is therefore reckoned in time, not in what happens to lie in the line.

use crate::units::ENGINE_RATE_HZ;

/// Nothing is ever read faster or slower than by this.
const MOST: f64 = 1e-3;
/// The part that stands for the clocks' difference; watches and sound cards stay far below.
const MOST_LASTING: f64 = 6e-4;
/// A burst's own jitter is averaged over this, in seconds.
const SMOOTHING: f64 = 1.0;
/// How the loop answers: critically damped, with a time constant of 5 s.
const SPEED: f64 = 0.2;

/// The loop.
#[derive(Debug)]
pub struct Drift {
    /// The delay's distance from its aim, in frames, smoothed.
    error: f64,
    /// What is left of the correction when the error is gone.
    lasting: f64,
}

impl Drift {
    /// No difference known yet.
    pub fn new() -> Self {
        Self { error: 0.0, lasting: 0.0 }
    }

    /// Begins at the right delay again; the clocks are still the same.
    pub fn restart(&mut self) {
        self.error = 0.0;
    }

    /// Takes in that the delay is `error` frames too long, `secs` after the last look; how fast to read from now on.
    pub fn correct(&mut self, error: f64, secs: f64) -> f64 {
        let secs = secs.clamp(0.0, 0.1);
        self.error += (error - self.error) * (secs / SMOOTHING).min(1.0);
        let (near, far) = (2.0 * SPEED / f64::from(ENGINE_RATE_HZ), SPEED * SPEED / f64::from(ENGINE_RATE_HZ));
        self.lasting = (self.lasting + far * self.error * secs).clamp(-MOST_LASTING, MOST_LASTING);
        1.0 + (self.lasting + near * self.error).clamp(-MOST, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The delay's error over ten minutes, for a reader whose clock is off by so many ppm, looked at in bursts that come up
    /// to 2 ms late.
    fn run(ppm: f64, start: f64) -> Vec<(f64, f64)> {
        let (mut drift, mut error, mut speed, mut state) = (Drift::new(), start, 1.0, 1u32);
        let secs = 512.0 / 48_000.0;
        (0..56_000)
            .map(|_| {
                error += 512.0 * (ppm * 1e-6 + 1.0 - speed);
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let late = f64::from(state >> 16) / 65_536.0 * 96.0;
                speed = drift.correct(error + late - 48.0, secs);
                (error, speed)
            })
            .collect()
    }

    #[test]
    fn clocks_that_differ_are_followed_without_an_offset_that_grows() {
        for ppm in [-400.0, -200.0, 0.0, 50.0, 200.0, 400.0] {
            let run = run(ppm, 0.0);
            let widest = run.iter().map(|(error, _)| error.abs()).fold(0.0, f64::max);
            assert!(widest < 120.0, "{ppm} ppm: off by {widest:.0} frames on the way");
            let last = run[50_000..].iter().map(|(error, _)| error.abs()).fold(0.0, f64::max);
            assert!(last < 30.0, "{ppm} ppm: off by {last:.0} frames in the end");
        }
    }

    #[test]
    fn what_it_does_is_too_little_and_too_slow_to_be_heard() {
        let run = run(200.0, 400.0);
        assert!(run.iter().all(|(_, speed)| (speed - 1.0).abs() <= MOST));
        let jump = run.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).fold(0.0, f64::max);
        assert!(jump < 50e-6, "the pitch moves by {:.0} ppm at once", jump * 1e6);
        assert!(run[6_000..].iter().all(|(error, _)| error.abs() < 40.0), "400 frames are made up for in a minute");
    }
}
