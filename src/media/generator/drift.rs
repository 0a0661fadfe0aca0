//! Slow movement that never repeats: a smooth curve through random points, computed from the clock.

use super::noise::Seed;

/// A value that wanders in -1..1, mostly near the middle, with no step in it nor in its first two derivatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drift {
    seed: Seed,
    period_s: f64,
}

impl Drift {
    /// A new random point about every `period_s` seconds.
    pub(super) fn new(seed: Seed, period_s: f64) -> Self {
        Self { seed, period_s }
    }

    /// Its value at a time: a cubic B-spline, which stays within its points.
    pub(super) fn at(&self, seconds: f64) -> f64 {
        let place = seconds / self.period_s;
        let cell = place.floor();
        let (x, first) = (place - cell, cell as u64);
        let point = |offset: u64| self.seed.between(first.wrapping_add(offset), -1.0, 1.0);
        let y = 1.0 - x;
        let (near, far) = (4.0 - 6.0 * x * x + 3.0 * x * x * x, 4.0 - 6.0 * y * y + 3.0 * y * y * y);
        (y * y * y * point(0) + near * point(1) + far * point(2) + x * x * x * point(3)) / 6.0
    }
}

/// A straight line from one value to the next over a block: what a slow movement is inside one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glide {
    value: f32,
    step: f32,
}

impl Glide {
    /// From `from` at the block's first frame towards `to` at the next block's first.
    pub(super) fn over_block(from: f64, to: f64) -> Self {
        Self { value: from as f32, step: ((to - from) / super::BLOCK as f64) as f32 }
    }

    /// The value at a frame of the block.
    pub(super) fn at(&self, frame: usize) -> f32 {
        self.value + self.step * frame as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_stays_in_range_and_moves_smoothly_for_ten_hours() {
        let drift = Drift::new(Seed(3), 17.0);
        let mut last = drift.at(0.0);
        let (mut least, mut most) = (last, last);
        for tick in 1..360_000 {
            let value = drift.at(f64::from(tick) * 0.1);
            assert!((value - last).abs() < 0.012, "a step at {tick}");
            (least, most, last) = (least.min(value), most.max(value), value);
        }
        assert!((-1.0..-0.7).contains(&least) && most <= 1.0 && most > 0.7, "{least} {most}");
    }
}
