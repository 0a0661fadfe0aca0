//! Where the harmony is: it rests on a colour's home chord and wanders to one or the other of its neighbours over minutes.

use std::f64::consts::FRAC_PI_2;

use super::drift::Drift;
use super::noise::Seed;

/// Seconds from one turn to the next, about: a chord comes and goes in two or three minutes.
const TURN_S: f64 = 53.0;

/// The way between the three chords of [`Colour::voicings`](super::tuning::Colour::voicings).
#[derive(Clone, Copy, Debug)]
pub(super) struct Harmony {
    way: Drift,
    /// How far from home it goes, 0 to 1: there the neighbour has taken over.
    reach: f64,
}

impl Harmony {
    /// `movement` 0 stays at home; from about 0.6 on the neighbours are reached.
    pub(super) fn new(seed: Seed, movement: f64) -> Self {
        Self { way: Drift::new(seed, TURN_S), reach: (movement * 1.6).min(1.0) }
    }

    /// How present each chord is, as power: together 1, home never absent for long.
    pub(super) fn shares(&self, seconds: f64) -> [f64; 3] {
        let place = (2.0 * self.way.at(seconds)).clamp(-1.0, 1.0) * self.reach;
        let away = (place.abs() * FRAC_PI_2).sin().powi(2);
        if place > 0.0 { [1.0 - away, away, 0.0] } else { [1.0 - away, 0.0, away] }
    }

    /// One of the chords, drawn by its share with `lot` (0 to 1).
    pub(super) fn draw(&self, seconds: f64, lot: f64) -> usize {
        let [home, one, _] = self.shares(seconds);
        if lot < home {
            0
        } else if lot < home + one {
            1
        } else {
            2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harmony_visits_every_chord_in_an_hour_and_never_leaps() {
        let harmony = Harmony::new(Seed(5), 0.7);
        let mut most = [0f64; 3];
        let mut last = harmony.shares(0.0);
        for second in 1..3600 {
            let now = harmony.shares(f64::from(second));
            assert!((now.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for n in 0..3 {
                assert!((now[n] - last[n]).abs() < 0.15, "a leap at {second} s");
                most[n] = most[n].max(now[n]);
            }
            last = now;
        }
        assert!(most.iter().all(|share| *share > 0.8), "{most:?}");
        assert_eq!(Harmony::new(Seed(5), 0.0).shares(600.0), [1.0, 0.0, 0.0]);
    }
}
