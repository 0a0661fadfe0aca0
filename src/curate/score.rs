//! How intense a piece sounds, as far as its measured facts tell: a first guess for a person to correct.
//!
//! Three measures, each by its rank among the pieces at hand, so that no unit outweighs another: loudness as it was mastered
//! (counts twice), movement (how much the loudness changes from one second to the next) and attack (how far the peaks stand out).

use crate::media::Facts;
use crate::units::TrackTime;

/// Quieter seconds than this say nothing about movement, in LUFS.
const AUDIBLE: f64 = -60.0;

/// What of a piece is measured, in the units of its facts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measures {
    /// LUFS.
    pub loudness: f64,
    /// LU from one second to the next, on average.
    pub movement: f64,
    /// Peak above loudness, in LU.
    pub attack: f64,
}

impl Measures {
    /// Of a piece that has sound.
    pub(super) fn of(facts: &Facts) -> Option<Self> {
        let loudness = facts.loudness?.0;
        Some(Self { loudness, movement: movement(facts), attack: facts.true_peak.0 - loudness })
    }
}

fn movement(facts: &Facts) -> f64 {
    let seconds: Vec<f64> = facts.contour.seconds_from(TrackTime::ZERO).map(|(loudness, _)| loudness.0).collect();
    let steps = seconds.windows(2).filter(|pair| pair.iter().all(|loudness| *loudness > AUDIBLE));
    let changes: Vec<f64> = steps.map(|pair| (pair[1] - pair[0]).abs()).collect();
    if changes.is_empty() { 0.0 } else { changes.iter().sum::<f64>() / changes.len() as f64 }
}

/// The place of each piece between the stillest (0) and the most intense (1) of all.
pub(super) fn ranks(all: &[Measures]) -> Vec<f64> {
    let by = |measure: fn(&Measures) -> f64| rank(&all.iter().map(measure).collect::<Vec<_>>());
    let (loudness, movement, attack) = (by(|m| m.loudness), by(|m| m.movement), by(|m| m.attack));
    let sums: Vec<f64> = (0..all.len()).map(|at| 2.0 * loudness[at] + movement[at] + attack[at]).collect();
    rank(&sums)
}

/// From 0 for the smallest to 1 for the largest; alike values share their middle.
fn rank(values: &[f64]) -> Vec<f64> {
    let most = values.len().saturating_sub(1).max(1) as f64;
    let below = |value: f64| values.iter().filter(|other| **other < value).count();
    let upto = |value: f64| values.iter().filter(|other| **other <= value).count();
    values.iter().map(|value| (below(*value) + upto(*value) - 1) as f64 / 2.0 / most).collect()
}

/// A rank as an intensity: the stillest fifth is 1, the most intense 5.
pub(super) fn intensity(rank: f64) -> u8 {
    1 + ((rank * 5.0) as u8).min(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(loudness: f64, movement: f64, attack: f64) -> Measures {
        Measures { loudness, movement, attack }
    }

    #[test]
    fn what_is_louder_livelier_and_sharper_ranks_higher() {
        let (still, middle, lively) =
            (measures(-30.0, 0.2, 9.0), measures(-20.0, 0.8, 12.0), measures(-12.0, 2.0, 16.0));
        assert_eq!(ranks(&[middle, lively, still]), [0.5, 1.0, 0.0]);
        assert_eq!(ranks(&[still, still]), [0.5, 0.5], "alike");
        assert_eq!(ranks(&[still]), [0.0]);
        let quiet_piano = measures(-30.0, 1.5, 20.0);
        let loud_drone = measures(-14.0, 0.1, 8.0);
        let ranks = ranks(&[quiet_piano, loud_drone, still, middle, lively]);
        assert!(ranks[0] < ranks[4] && ranks[2] < ranks[0], "{ranks:?}");
    }

    #[test]
    fn intensities_are_fifths() {
        assert_eq!([0.0, 0.19, 0.2, 0.5, 0.79, 0.8, 1.0].map(intensity), [1, 1, 2, 3, 4, 5, 5]);
    }
}
