//! Hears how bright a file is: the centroid of its spectrum, from five seconds to five seconds.
//!
//! It tells whether two neighbours would sit beside each other like a cello beside a cymbal. Tempo and key are not measured:
//! no library that does is both kept in good order and under a licence that this program can take.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Samples of one look at the spectrum.
const FRAME: usize = 4096;
/// Looks a second; more would change a mean over five seconds by nothing that is heard.
const LOOKS: usize = 4;
/// Seconds of one reading.
const SECONDS: usize = 5;
/// A look with less power than this is at silence: -60 dBFS. Dither there is bright, and nobody hears it.
const SILENCE: f32 = 1e-6;

/// What has been heard so far.
pub(super) struct BrightnessMeter {
    rate_hz: u32,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Mono samples until the next look begins.
    skip: usize,
    /// Mono samples of the reading so far.
    heard: usize,
    /// Magnitude times frequency, and magnitude, summed over the looks of the reading.
    moment: (f64, f64),
    readings: Vec<u16>,
}

impl BrightnessMeter {
    pub(super) fn new(rate_hz: u32) -> Self {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FRAME);
        let hann = |at: usize| 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / FRAME as f32).cos();
        Self {
            rate_hz,
            window: (0..FRAME).map(hann).collect(),
            frame: Vec::with_capacity(FRAME),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            skip: 0,
            heard: 0,
            moment: (0.0, 0.0),
            readings: Vec::new(),
        }
    }

    /// Hears some more stereo frames.
    pub(super) fn take(&mut self, samples: &[f32]) {
        for frame in samples.chunks_exact(2) {
            if self.skip > 0 {
                self.skip -= 1;
            } else {
                self.frame.push((frame[0] + frame[1]) / 2.0);
                if self.frame.len() == FRAME {
                    self.look();
                }
            }
            self.heard += 1;
            if self.heard == SECONDS * self.rate_hz as usize {
                self.read();
            }
        }
    }

    /// One look at the spectrum of the frame that is full.
    fn look(&mut self) {
        self.skip = (self.rate_hz as usize / LOOKS).saturating_sub(FRAME);
        if self.frame.iter().map(|sample| sample * sample).sum::<f32>() < SILENCE * FRAME as f32 {
            self.frame.clear();
            return;
        }
        for (sample, window) in self.frame.iter_mut().zip(&self.window) {
            *sample *= window;
        }
        let done = self.fft.process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch);
        self.frame.clear();
        if done.is_err() {
            // Only slices of wrong lengths are refused, and these are the transform's own.
            return;
        }
        let hz = f64::from(self.rate_hz) / FRAME as f64;
        let magnitudes = || self.spectrum.iter().map(|bin| f64::from(bin.norm())).enumerate().skip(1);
        self.moment.0 += magnitudes().map(|(bin, magnitude)| bin as f64 * hz * magnitude).sum::<f64>();
        self.moment.1 += magnitudes().map(|(_, magnitude)| magnitude).sum::<f64>();
    }

    fn read(&mut self) {
        let (weighted, whole) = std::mem::take(&mut self.moment);
        self.readings.push(if whole > 0.0 { (weighted / whole).round() as u16 } else { 0 });
        self.heard = 0;
    }

    /// The centroid of each five seconds, in Hz; 0 where it is silent. A last reading counts by what there is of it.
    pub(super) fn readings(mut self) -> Vec<u16> {
        if self.heard > 0 {
            self.read();
        }
        self.readings
    }
}

/// The readings of a file with another file's after it, each to the nearest one.
pub(super) fn joined(readings: &[u16], length_s: f64, next: &[u16]) -> Vec<u16> {
    let own = (length_s / SECONDS as f64).round() as usize;
    let last = readings.last().copied().unwrap_or(0);
    readings.iter().copied().chain(std::iter::repeat(last)).take(own).chain(next.iter().copied()).collect()
}

/// The mean over a stretch of a file, in Hz; `None` where it is silent or unknown.
pub(super) fn mean(readings: &[u16], from_secs: f64, over_secs: f64) -> Option<f64> {
    let first = (from_secs / SECONDS as f64).max(0.0) as usize;
    let last = ((from_secs + over_secs) / SECONDS as f64).ceil().max(0.0) as usize;
    let known = readings.get(first..last.max(first + 1).min(readings.len()))?;
    let heard: Vec<f64> = known.iter().filter(|hz| **hz > 0).map(|hz| f64::from(*hz)).collect();
    (!heard.is_empty()).then(|| heard.iter().sum::<f64>() / heard.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(rate_hz: u32, seconds: usize, sample: impl Fn(f64) -> f64) -> Vec<u16> {
        let mut meter = BrightnessMeter::new(rate_hz);
        let frames = (0..seconds * rate_hz as usize).map(|at| sample(at as f64 / f64::from(rate_hz)) as f32);
        let samples: Vec<f32> = frames.flat_map(|sample| [sample, sample]).collect();
        for part in samples.chunks(1738) {
            meter.take(part);
        }
        meter.readings()
    }

    fn sine(hz: f64) -> impl Fn(f64) -> f64 {
        move |at| 0.3 * (std::f64::consts::TAU * hz * at).sin()
    }

    #[test]
    fn a_sine_is_as_bright_as_it_is_high_at_any_rate() {
        for rate in [8_000, 44_100, 48_000, 192_000] {
            for hz in [220.0, 3000.0] {
                let readings = heard(rate, 12, sine(hz));
                assert_eq!(readings.len(), 3);
                for reading in readings {
                    assert!((f64::from(reading) / hz - 1.0).abs() < 0.05, "{rate}: {reading} for {hz}");
                }
            }
        }
    }

    #[test]
    fn two_sines_are_between_them_and_silence_is_nothing() {
        let both = heard(48_000, 5, |at| sine(500.0)(at) + sine(1500.0)(at));
        assert!((900..1100).contains(&both[0]), "{both:?}");
        assert_eq!(heard(48_000, 7, |_| 0.0), [0, 0]);
        assert_eq!(heard(48_000, 0, |_| 0.0), [0; 0]);
    }

    #[test]
    fn a_stretch_is_the_mean_of_what_is_heard_in_it() {
        let readings = [400, 400, 0, 2000];
        assert_eq!(mean(&readings, 0.0, 10.0), Some(400.0));
        assert_eq!(mean(&readings, 7.0, 10.0), Some(1200.0));
        assert_eq!(mean(&readings, 10.0, 5.0), None);
        assert_eq!(mean(&readings, 60.0, 5.0), None);
        assert_eq!(mean(&[], 0.0, 5.0), None);
    }
}
