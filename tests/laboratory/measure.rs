//! The instruments: true peak, steps, corners, and the gain at which each piece is found in the sound.

use std::f64::consts::PI;
use std::sync::LazyLock;

use super::rig;

/// Samples on each side from which a point between two is computed.
const REACH: usize = 32;
/// Points between two samples.
const POINTS: usize = 8;
/// The places looked at most closely.
const HOTTEST: usize = 48;
/// Frames over which the beginning is led in.
const LEAD: usize = 256;

static WEIGHTS: LazyLock<[[f64; 2 * REACH]; POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|point| {
        let weight = |tap: usize| {
            let from = tap as f64 - (REACH - 1) as f64 - point as f64 / POINTS as f64;
            let sinc = if from == 0.0 { 1.0 } else { (PI * from).sin() / (PI * from) };
            sinc * (PI * from / (2 * REACH) as f64).cos().powi(2)
        };
        std::array::from_fn(weight)
    })
});

/// The highest true peak in dBTP: by a meter of another hand (four points a sample), and around the highest samples with
/// eight points, each computed from 64 samples.
pub fn true_peak(sound: &[[f32; 2]]) -> f64 {
    // A meter starts from nothing: led in gently, it does not take the beginning for a jump.
    let mut sound = sound.to_vec();
    for (place, frame) in sound.iter_mut().take(LEAD).enumerate() {
        let gently = 0.5 - 0.5 * (PI * place as f64 / LEAD as f64).cos();
        *frame = frame.map(|sample| sample * gently as f32);
    }
    let mut between = Vec::new();
    for side in 0..2 {
        let size = |place: usize| sound[place][side].abs().max(sound[place + 1][side].abs());
        let inner = REACH - 1..sound.len().saturating_sub(REACH);
        let mut hot: Vec<(f32, usize)> = inner.map(|place| (size(place), place)).collect();
        let most = HOTTEST.min(hot.len());
        if most > 0 {
            hot.select_nth_unstable_by(most - 1, |one, other| other.0.total_cmp(&one.0));
        }
        for (_, place) in &hot[..most] {
            let around = &sound[place + 1 - REACH..][..2 * REACH];
            for weights in WEIGHTS.iter() {
                between
                    .push(weights.iter().zip(around).map(|(w, frame)| w * f64::from(frame[side])).sum::<f64>().abs());
            }
        }
    }
    let closely = 20.0 * between.into_iter().fold(1e-9, f64::max).log10();
    rig::true_peak(&sound).max(closely)
}

/// The largest step from one sample to the next.
pub fn largest_step(sound: &[[f32; 2]]) -> f32 {
    let step = |pair: &[[f32; 2]], side: usize| (pair[1][side] - pair[0][side]).abs();
    sound.windows(2).map(|pair| step(pair, 0).max(step(pair, 1))).fold(0.0, f32::max)
}

/// The gains at which known pieces sum up to a sound, by least squares; `None` where they cannot be told apart: where they
/// are alike, or one is hidden under another.
pub fn gains(sound: &[[f32; 2]], pieces: &[Vec<[f32; 2]>]) -> Option<Vec<f64>> {
    let count = pieces.len();
    let dot = |one: &[[f32; 2]], other: &[[f32; 2]]| {
        let both = one.as_flattened().iter().zip(other.as_flattened());
        both.map(|(one, other)| f64::from(*one) * f64::from(*other)).sum::<f64>()
    };
    let sizes: Vec<f64> = pieces.iter().map(|piece| dot(piece, piece).sqrt()).collect();
    // Gains move within a sound, so that what lies 12 dB under another cannot be found.
    let least = sizes.iter().fold(1e-3 * (sound.len() as f64).sqrt(), |least, size| least.max(size / 4.0));
    if sizes.iter().any(|size| *size < least) {
        return None;
    }
    // Gauss, on pieces of size one.
    let mut rows: Vec<Vec<f64>> = (0..count)
        .map(|row| {
            let alike = (0..count).map(|other| dot(&pieces[row], &pieces[other]) / sizes[row] / sizes[other]);
            alike.chain([dot(&pieces[row], sound) / sizes[row]]).collect()
        })
        .collect();
    for step in 0..count {
        let pivot = rows[step].clone();
        if pivot[step] < 0.5 {
            return None;
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(row, _)| *row != step) {
            let share = row[step] / pivot[step];
            row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value -= share * pivot);
        }
    }
    Some((0..count).map(|row| rows[row][count] / rows[row][row] / sizes[row]).collect())
}
