//! A soft small hall: eight delays that feed each other, dull and without a pattern (a feedback delay network).

use super::filter::LowPass;
use super::{Block, frames};
use crate::units::ENGINE_RATE_HZ;

const LINES: usize = 8;
/// Delays in frames for music on D: primes from 43 to 147 ms, no two in a simple ratio. For other roots the hall is a little
/// larger or smaller, so that it favours the same degrees of every scale, and every root is as loud.
const DELAYS: [usize; LINES] = [2063, 2579, 3169, 3823, 4493, 5281, 6151, 7057];
const D_HZ: f64 = 146.832;

/// Where the strength of voices and bowls lies.
const SOFT_HZ: f64 = 500.0;

/// The hall.
#[derive(Clone, Debug)]
pub(super) struct Room {
    lines: [Line; LINES],
    /// How much of each line's last value its damping keeps.
    damping: f32,
    level: f32,
}

/// One delay.
#[derive(Clone, Debug)]
struct Line {
    delay: Vec<f32>,
    place: usize,
    /// What is kept of a round, so that the whole falls by 60 dB in the hall's time.
    decay: f32,
    /// The last value heard, after the damping.
    heard: f32,
}

impl Room {
    /// A hall that takes `seconds` to fall by 60 dB, with high notes above `dull_hz` fading sooner; it gives back as much
    /// power as it is given. For music on this root.
    pub(super) fn new(seconds: f64, dull_hz: f64, root_hz: f64) -> Self {
        let rate = f64::from(ENGINE_RATE_HZ);
        let octaves = (root_hz / D_HZ).log2();
        let size = (octaves.round() - octaves).exp2();
        let line = |frames: usize| Line {
            delay: vec![0.0; frames],
            place: 0,
            decay: 10f64.powf(-3.0 * frames as f64 / (seconds * rate)) as f32,
            heard: 0.0,
        };
        let damping = (-std::f64::consts::TAU * dull_hz / rate).exp() as f32;
        let mut room =
            Self { lines: DELAYS.map(|frames| line((frames as f64 * size).round() as usize)), damping, level: 1.0 };
        let returned = (room.clone().returned([1.0, 0.0], seconds) + room.clone().returned([0.0, 1.0], seconds)) / 2.0;
        room.level = (1.0 / returned).sqrt() as f32;
        room
    }

    /// The power that comes back of a soft clap in these ears, beside what was given. Soft, because music is: the highs
    /// that the damping swallows would make the hall seem quieter than it is.
    fn returned(mut self, ears: [f32; 2], seconds: f64) -> f64 {
        let mut soft = LowPass::new(SOFT_HZ);
        let (mut given, mut heard) = (0.0, 0.0);
        let power = |frame: [f32; 2]| frame.into_iter().map(|sample| f64::from(sample).powi(2)).sum::<f64>();
        for n in 0..(seconds * f64::from(ENGINE_RATE_HZ)) as usize {
            let clap = soft.next(if n == 0 { ears } else { [0.0; 2] });
            given += power(clap);
            heard += power(self.next(clap));
        }
        heard / given
    }

    /// Mixes the hall into a block: `dry` of what is there, `wet` of the hall.
    pub(super) fn mix(&mut self, dry: f32, wet: f32, block: &mut Block) {
        for (_, [left, right]) in frames(block) {
            let hall = self.next([*left, *right]);
            *left = dry * *left + wet * hall[0];
            *right = dry * *right + wet * hall[1];
        }
    }

    /// One frame. Even lines belong to the left ear, odd ones to the right; the mixing joins them.
    fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        for line in &mut self.lines {
            let fresh = line.delay[line.place] * line.decay;
            line.heard = fresh + self.damping * (line.heard - fresh);
        }
        // Householder's reflection: loses nothing, and joins every line with every other.
        let share = self.lines.iter().map(|line| line.heard).sum::<f32>() * (2.0 / LINES as f32);
        for (n, line) in self.lines.iter_mut().enumerate() {
            line.delay[line.place] = line.heard - share + input[n % 2];
            line.place = if line.place + 1 == line.delay.len() { 0 } else { line.place + 1 };
        }
        let heard = |n: usize| self.lines[n].heard;
        [0, 1].map(|ear| (heard(ear) - heard(ear + 2) + heard(ear + 4) - heard(ear + 6)) * self.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hall_gives_back_what_it_gets_and_falls_silent() {
        let room = Room::new(2.5, 4000.0, 110.0);
        for ears in [[1.0, 0.0], [0.0, 1.0]] {
            let returned = room.clone().returned(ears, 5.0);
            assert!((returned - 1.0).abs() < 0.1, "{returned}");
        }
        let mut later = room;
        later.next([1.0, 1.0]);
        (0..480_000).for_each(|_| _ = later.next([0.0; 2]));
        assert!(later.next([0.0; 2]).iter().all(|sample| sample.abs() < 1e-6));
    }
}
