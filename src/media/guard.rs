//! Keeps what a broken decoder makes of a broken file from reaching anyone's ears.
//!
//! Damaged MP3 and AAC decode to values a million times full scale, without any error.

/// Beyond this a sample is held; the limiter after the mixer brings it down further.
pub(super) const CEILING: f32 = 4.0;
/// +6 dBFS: above it no mastered music stays.
const LOUD: f32 = 2.0;
/// How long it may stay, in milliseconds.
const TOLERATED_MS: u32 = 5;
/// How much faster loudness is counted up than down: a loud wave's zero crossings do not clear it.
const EAGERNESS: u32 = 4;

/// Watches one source's frames, at the source's own rate.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    limit: u32,
    heat: u32,
}

impl Guard {
    pub(super) fn new(rate_hz: u32) -> Self {
        Self { limit: rate_hz * TOLERATED_MS / 1000 * EAGERNESS, heat: 0 }
    }

    /// Makes stereo samples finite and within the ceiling. Past a burst that no music has, everything is cut off.
    ///
    /// Returns whether that happened.
    pub(super) fn pass(&mut self, samples: &mut Vec<f32>) -> bool {
        let mut burst_start = 0;
        for index in (0..samples.len()).step_by(2) {
            let mut loud = false;
            for sample in &mut samples[index..index + 2] {
                loud |= !(sample.abs() <= LOUD);
                *sample = if sample.is_finite() { sample.clamp(-CEILING, CEILING) } else { 0.0 };
            }
            if self.heat == 0 {
                burst_start = index;
            }
            self.heat = if loud { self.heat + EAGERNESS } else { self.heat.saturating_sub(1) };
            if self.heat > self.limit {
                samples.truncate(burst_start);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(frames: impl IntoIterator<Item = f32>) -> (Vec<f32>, bool) {
        let mut samples: Vec<f32> = frames.into_iter().flat_map(|sample| [sample, sample]).collect();
        let damaged = Guard::new(48_000).pass(&mut samples);
        (samples, damaged)
    }

    #[test]
    fn what_is_not_a_number_becomes_silence() {
        let (samples, damaged) = passed([0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 9.0, -9.0]);
        assert_eq!(samples.chunks(2).map(|frame| frame[0]).collect::<Vec<_>>(), [0.5, 0.0, 0.0, 0.0, 4.0, -4.0]);
        assert!(!damaged);
    }

    #[test]
    fn a_lasting_burst_is_damage_and_nothing_of_it_passes() {
        let quiet = (0..1000).map(|_| 0.1);
        let roar = (0..1000).map(|index| 1e6 * (index as f32 * 0.3).sin());
        let (samples, damaged) = passed(quiet.chain(roar));
        assert!(damaged);
        assert!(samples.len() <= 2002 && samples.iter().all(|sample| sample.abs() <= 0.1), "{}", samples.len());
    }

    #[test]
    fn a_hot_master_and_a_short_click_are_not_damage() {
        assert!(!passed((0..48_000).map(|index| 1.9 * (index as f32 * 0.1).sin())).1);
        assert!(!passed((0..48_000).map(|index| if index % 4800 < 96 { 3.0 } else { 0.1 })).1);
    }
}
