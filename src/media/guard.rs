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

/// Watches one source's frames, at the source's own rate. What may be the start of a burst waits until that is clear.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    limit: u32,
    heat: u32,
    held: Vec<f32>,
}

impl Guard {
    pub(super) fn new(rate_hz: u32) -> Self {
        Self { limit: rate_hz * TOLERATED_MS / 1000 * EAGERNESS, heat: 0, held: Vec::new() }
    }

    /// Adds stereo samples to `out`, finite and within the ceiling; nothing of a burst that no music has.
    ///
    /// Returns whether there was such a burst. Nothing may be passed after it.
    pub(super) fn pass(&mut self, samples: &[f32], out: &mut Vec<f32>) -> bool {
        let calm = |sample: &f32| sample.abs() <= LOUD;
        if self.heat == 0 && samples.iter().all(calm) {
            out.extend_from_slice(samples);
            return false;
        }
        for frame in samples.chunks_exact(2) {
            let loud = !frame.iter().all(calm);
            self.heat = if loud { self.heat + EAGERNESS } else { self.heat.saturating_sub(1) };
            self.held.extend(frame.iter().map(|&sample| within(sample)));
            if self.heat > self.limit {
                self.held.clear();
                return true;
            }
            // Loud on and off for longer than this is no burst but, at worst, a bad master.
            if self.heat == 0 || self.held.len() > 2 * self.limit as usize {
                out.append(&mut self.held);
            }
        }
        false
    }

    /// Adds what still waits, at the end.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        out.append(&mut self.held);
    }
}

fn within(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-CEILING, CEILING) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(frames: impl IntoIterator<Item = f32>) -> (Vec<f32>, bool) {
        let samples: Vec<f32> = frames.into_iter().flat_map(|sample| [sample, sample]).collect();
        let (mut guard, mut out) = (Guard::new(48_000), Vec::new());
        let damaged = samples.chunks(100).any(|piece| guard.pass(piece, &mut out));
        guard.finish(&mut out);
        (out, damaged)
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
        let hot: Vec<f32> = (0..48_000).map(|index| 1.9 * (index as f32 * 0.1).sin()).collect();
        let clicks: Vec<f32> = (0..48_000).map(|index| if index % 4800 < 96 { 3.0 } else { 0.1 }).collect();
        let flicker: Vec<f32> = (0..48_000).map(|index| if index % 5 == 0 { 3.0 } else { 0.1 }).collect();
        for music in [hot, clicks, flicker] {
            let (samples, damaged) = passed(music.iter().copied());
            assert!(!damaged);
            assert_eq!(samples.chunks(2).map(|frame| frame[0]).collect::<Vec<_>>(), music);
        }
    }
}
