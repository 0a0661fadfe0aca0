//! How loud a sum of partials or a coloured noise will be (ITU-R BS.1770-5), computed instead of measured.

use std::f64::consts::TAU;

use super::{LOUDNESS, ORIGIN};
use crate::units::ENGINE_RATE_HZ;

/// The K-weighting filters of BS.1770-5, tables 1 and 2 (48 kHz): three feed-forward, two feedback coefficients each.
pub const STAGES: [([f64; 3], [f64; 2]); 2] = [
    ([1.53512485958697, -2.69169618940638, 1.19839281085285], [-1.69065929318241, 0.73248077421585]),
    ([1.0, -2.0, 1.0], [-1.99004745483398, 0.99007225036621]),
];

/// The K-weighting's power gain at a frequency.
pub(super) fn weight(hz: f64) -> f64 {
    let angle = TAU * hz / f64::from(ENGINE_RATE_HZ);
    let square = |c: [f64; 3]| {
        let (re, im) =
            (c[0] + c[1] * angle.cos() + c[2] * (2.0 * angle).cos(), c[1] * angle.sin() + c[2] * (2.0 * angle).sin());
        re * re + im * im
    };
    STAGES.iter().map(|(forward, back)| square(*forward) / square([1.0, back[0], back[1]])).product()
}

/// The K-weighted power of white noise of power 1 behind a filter with this power response.
pub(super) fn of_noise(response: impl Fn(f64) -> f64) -> f64 {
    // Strips of a twelfth of an octave from 10 Hz to half the rate.
    const STRIPS: i32 = 135;
    let top = f64::from(ENGINE_RATE_HZ) / 2.0;
    let edge = |strip: i32| top * (f64::from(strip - STRIPS) / 12.0).exp2();
    (0..STRIPS)
        .map(|strip| {
            let (low, high) = (edge(strip), edge(strip + 1));
            let middle = (low * high).sqrt();
            response(middle) * weight(middle) * (high - low) / top
        })
        .sum()
}

/// The mean over the first twenty minutes of a piece; the movements are too slow for less.
pub(super) fn mean(of: impl Fn(f64) -> f64) -> f64 {
    const POINTS: u32 = 900;
    let begin = ORIGIN.secs_f64();
    (0..POINTS).map(|point| of(begin + 1200.0 * f64::from(point) / f64::from(POINTS))).sum::<f64>() / f64::from(POINTS)
}

/// The factor that brings a sound of this K-weighted power (the mean of both channels) to [`LOUDNESS`].
pub(super) fn normal(power: f64) -> f64 {
    // BS.1770 adds the channels' powers and subtracts 0.691 dB.
    let wanted = 10f64.powf((LOUDNESS.0 + 0.691) / 10.0) / 2.0;
    (wanted / power).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilohertz_counts_as_it_is_and_the_deep_counts_less() {
        // BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LKFS, so its weight undoes the 0.691 dB.
        assert!((10.0 * weight(997.0).log10() - 0.691).abs() < 0.01);
        assert!(10.0 * weight(30.0).log10() < -5.0);
        assert!((10.0 * weight(8000.0).log10() - 4.0).abs() < 0.1);
    }

    #[test]
    fn white_noise_is_a_little_louder_than_its_power() {
        let weighted = 10.0 * of_noise(|_| 1.0).log10();
        assert!((3.0..4.0).contains(&weighted), "{weighted}");
    }
}
