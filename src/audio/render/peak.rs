//! True peak: what the sound reaches between its samples (ITU-R BS.1770, four points a sample).

use std::f64::consts::PI;

use super::{BLOCK, Block};

/// Samples that a point between two of them is computed from, half of them on each side.
const TAPS: usize = 32;
/// Frames a peak is known later than its frame.
pub const LAG: usize = TAPS / 2;
/// Where a peak may hide between points: everything above this part of `quiet` is looked at more closely.
const NEAR: f32 = 0.9;
/// Points between two samples.
const BETWEEN: usize = 3;

/// Finds true peaks, a block at a time.
#[derive(Clone, Debug)]
pub struct Detector {
    /// One filter for each point between two samples.
    filters: [[f32; TAPS]; BETWEEN],
    /// How many times the largest sample a point in between can reach at most.
    overshoot: f32,
    /// By channel: the end of the last block, then this block.
    sound: [[f32; TAPS - 1 + BLOCK]; 2],
    /// By channel: the last point of the last block that was looked at.
    before: [f32; 2],
    /// The largest sample of the last block.
    last: f32,
}

impl Detector {
    /// Ready; silence came before.
    pub fn new() -> Self {
        let filters = std::array::from_fn(|point| filter((point + 1) as f64 / (BETWEEN + 1) as f64));
        let sums = filters.iter().map(|taps: &[f32; TAPS]| taps.iter().map(|tap| tap.abs()).sum::<f32>());
        let overshoot = sums.fold(1.0, f32::max);
        Self { filters, overshoot, sound: [[0.0; TAPS - 1 + BLOCK]; 2], before: [0.0; 2], last: 0.0 }
    }

    /// The true peak of each frame, the louder channel counting, [`LAG`] frames late. `None`, and little work, when none
    /// can exceed `quiet`.
    pub fn measure(&mut self, block: &Block, quiet: f32) -> Option<[f32; BLOCK]> {
        for (channel, sound) in self.sound.iter_mut().enumerate() {
            sound.copy_within(BLOCK.., 0);
            for (sample, frame) in sound[TAPS - 1..].iter_mut().zip(block) {
                *sample = frame[channel];
            }
        }
        // What is left of the block before is part of the sound too.
        let now = largest_of(block.as_flattened());
        let largest = now.max(std::mem::replace(&mut self.last, now));
        (largest * self.overshoot > quiet).then(|| self.peaks(quiet))
    }

    fn peaks(&mut self, quiet: f32) -> [f32; BLOCK] {
        let mut peaks = [0.0f32; BLOCK];
        for (sound, before) in self.sound.iter().zip(&mut self.before) {
            let mut line = [[0.0f32; BLOCK]; BETWEEN + 1];
            line[0].copy_from_slice(&sound[LAG - 1..][..BLOCK]);
            for (points, filter) in line[1..].iter_mut().zip(&self.filters) {
                // Tap by tap over the whole block, so that the compiler can take many frames at once.
                for (tap, weight) in filter.iter().enumerate() {
                    for (point, sample) in points.iter_mut().zip(&sound[tap..][..BLOCK]) {
                        *point += weight * sample;
                    }
                }
            }
            let mut largest = 0.0f32;
            for points in &line {
                for (peak, point) in peaks.iter_mut().zip(points) {
                    *peak = peak.max(point.abs());
                }
                largest = largest.max(largest_of(points));
            }
            if largest > NEAR * quiet {
                refine(&mut peaks, &line, *before, sound[LAG - 1 + BLOCK]);
            }
            *before = line[BETWEEN][BLOCK - 1];
        }
        peaks
    }
}

/// The largest sample; eight at a time, so that the compiler can take them at once.
fn largest_of(samples: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for eight in samples.as_chunks::<8>().0 {
        for (lane, sample) in lanes.iter_mut().zip(eight) {
            *lane = if sample.abs() > *lane { sample.abs() } else { *lane };
        }
    }
    lanes.into_iter().fold(0.0, f32::max)
}

/// Lays a parabola through each three neighbouring points: without it a peak of the highest tones can hide by 0.7 dB
/// between two of them, with it by less than 0.1 dB.
fn refine(peaks: &mut [f32; BLOCK], line: &[[f32; BLOCK]; BETWEEN + 1], before: f32, after: f32) {
    let mut last = before;
    for (frame, peak) in peaks.iter_mut().enumerate() {
        for point in 0..=BETWEEN {
            let here = line[point][frame];
            let next = match (point < BETWEEN, frame + 1 < BLOCK) {
                (true, _) => line[point + 1][frame],
                (false, true) => line[0][frame + 1],
                (false, false) => after,
            };
            if here.abs() >= last.abs() && here.abs() >= next.abs() {
                let curve = 2.0 * here - last - next;
                let rise = if curve == 0.0 { 0.0 } else { (last - next).powi(2) / (8.0 * curve.abs()) };
                *peak = peak.max(here.abs() + rise);
            }
            last = here;
        }
    }
}

/// The filter for the point `place` (0 to 1) of the way from one sample to the next: a sinc under a cosine. Flat within 0.05 dB
/// to 18 kHz and within 0.3 dB to 22 kHz.
fn filter(place: f64) -> [f32; TAPS] {
    let weight = |tap: usize| {
        let from = tap as f64 - (LAG - 1) as f64 - place;
        let sinc = (PI * from).sin() / (PI * from);
        sinc * (PI * from / TAPS as f64).cos()
    };
    let sum: f64 = (0..TAPS).map(weight).sum();
    std::array::from_fn(|tap| (weight(tap) / sum) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The highest true peak found in a sine of full scale.
    fn peak_of(hz: f64, angle: f64) -> f32 {
        let mut detector = Detector::new();
        let mut found = 0.0f32;
        for number in 0..40 {
            let block = std::array::from_fn(|place| {
                let at = (number * BLOCK + place) as f64 / 48_000.0;
                [(2.0 * PI * hz * at + angle).sin() as f32; 2]
            });
            let peaks = detector.measure(&block, 0.0).expect("it is loud");
            if number > 2 {
                found = peaks.into_iter().fold(found, f32::max);
            }
        }
        found
    }

    #[test]
    fn peaks_between_samples_are_found() {
        // A quarter of the rate, sampled at 45 degrees: every sample is at -3 dB, the true peak at 0.
        assert!((peak_of(12_000.0, PI / 4.0) - 1.0).abs() < 0.02, "{}", peak_of(12_000.0, PI / 4.0));
        for hz in [100.0, 997.0, 5_000.0, 10_000.0] {
            assert!((peak_of(hz, 0.3) - 1.0).abs() < 0.02, "{hz}: {}", peak_of(hz, 0.3));
        }
    }

    #[test]
    fn quiet_sound_costs_no_work_and_no_peak() {
        let mut detector = Detector::new();
        assert_eq!(detector.measure(&[[0.1, -0.1]; BLOCK], 0.5), None);
        assert!(detector.measure(&[[0.1, -0.45]; BLOCK], 0.5).is_some(), "it might overshoot");
    }
}
