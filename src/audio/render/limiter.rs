//! The limiter: looks ahead, so that no true peak passes the ceiling; below it, a pure delay.

use super::peak::{Detector, LAG};
use super::{BLOCK, Block};
use crate::units::{DbTp, Decibels, ENGINE_RATE_HZ};

/// Frames by which sound leaves later than it came: 1.3 ms.
pub const DELAY: usize = BLOCK;
/// Frames over which a reduction comes on.
const AHEAD: usize = DELAY - LAG + 1;
/// A reduction is kept for every frame whose sound a peak touches.
const KEPT: usize = AHEAD + 2;
/// What the detector can miss, in dB: up to 0.27 in white noise of +12 dBFS, up to 0.55 in noise that is clipped at the +18 dB
/// of the guard, measured with eight points a sample.
const MARGIN: f64 = 0.5;
/// After a reduction the gain comes back with this time constant: 150 ms.
const RELEASE: f64 = 1.0 / (0.15 * ENGINE_RATE_HZ as f64);
/// And never faster than 12 dB/s (sound rule), as a factor by the frame; the time constant is slower in the last 2 dB.
const RISE: f64 = 1.0 + 12.0 / 20.0 * std::f64::consts::LN_10 / ENGINE_RATE_HZ as f64;

/// One gain for both channels, so that the picture does not shift.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// No sample leaves above this.
    ceiling: f32,
    /// No true peak leaves above this.
    aim: f32,
    detector: Detector,
    delayed: Block,
    lowest: Lowest,
    /// The gain asked for, let up slowly.
    gain: f64,
    /// The last [`AHEAD`] of it, and their sum: their mean is the gain applied, a slope without corners.
    recent: [f32; AHEAD],
    place: usize,
    // Exact: the terms are 24-bit numbers between 0.04 and 1.
    sum: f64,
    /// Frames for which nothing was to be reduced.
    calm: usize,
    /// The highest true peak that was let through.
    highest: f32,
}

impl Limiter {
    /// A limiter to this ceiling.
    pub fn new(ceiling: DbTp) -> Self {
        let linear = |level: f64| Decibels(level as f32).gain().0;
        Self {
            ceiling: linear(ceiling.0),
            aim: linear(ceiling.0 - MARGIN),
            detector: Detector::new(),
            delayed: [[0.0; 2]; BLOCK],
            lowest: Lowest::new(),
            gain: 1.0,
            recent: [1.0; AHEAD],
            place: 0,
            sum: AHEAD as f64,
            calm: 0,
            highest: 0.0,
        }
    }

    /// Takes a block in, and gives the one before it out.
    pub fn process(&mut self, block: &mut Block) {
        // Only what may pass the ceiling, or the highest peak so far, is looked at closely.
        let peaks = self.detector.measure(block, self.aim.min(self.highest));
        std::mem::swap(block, &mut self.delayed);
        let largest = peaks.iter().flatten().fold(0.0f32, |largest, peak| largest.max(*peak));
        self.highest = self.highest.max(largest.min(self.aim));
        let over = largest > self.aim;
        self.calm = if over { 0 } else { self.calm + BLOCK };
        if self.calm > KEPT + BLOCK && self.sum == AHEAD as f64 {
            return;
        }
        let peaks = peaks.unwrap_or([0.0; BLOCK]);
        for (frame, peak) in block.iter_mut().zip(peaks) {
            let gain = self.next_gain(if peak > self.aim { self.aim / peak } else { 1.0 });
            *frame = frame.map(|sample| (sample * gain).clamp(-self.ceiling, self.ceiling));
        }
    }

    /// The highest true peak that was let through so far, linear.
    pub fn highest(&self) -> f32 {
        self.highest
    }

    fn next_gain(&mut self, asked: f32) -> f32 {
        let lowest = self.lowest.of_recent(asked);
        let let_up = (self.gain + (1.0 - self.gain) * RELEASE).min(self.gain * RISE);
        // What is left of the way to 1 is inaudible, and would take for ever.
        let let_up = if let_up > 0.9999 { 1.0 } else { let_up };
        self.gain = let_up.min(f64::from(lowest));
        let gain = self.gain as f32;
        self.sum += f64::from(gain) - f64::from(self.recent[self.place]);
        self.recent[self.place] = gain;
        self.place = (self.place + 1) % AHEAD;
        (self.sum / AHEAD as f64) as f32
    }
}

/// The lowest of the last [`KEPT`] numbers, in constant time on average: numbers that a later, lower one hides are
/// forgotten, so the lowest is always the oldest one kept.
#[derive(Clone, Debug)]
struct Lowest {
    /// Value and when it came, ascending by both, in a ring.
    kept: [(f32, u64); KEPT],
    first: usize,
    count: usize,
    clock: u64,
}

impl Lowest {
    fn new() -> Self {
        Self { kept: [(1.0, 0); KEPT], first: 0, count: 0, clock: 0 }
    }

    fn of_recent(&mut self, value: f32) -> f32 {
        self.clock += 1;
        while self.count > 0 && self.kept[(self.first + self.count - 1) % KEPT].0 >= value {
            self.count -= 1;
        }
        if self.count > 0 && self.kept[self.first].1 + KEPT as u64 <= self.clock {
            self.first = (self.first + 1) % KEPT;
            self.count -= 1;
        }
        self.kept[(self.first + self.count) % KEPT] = (value, self.clock);
        self.count += 1;
        self.kept[self.first].0
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// What comes out of a limiter at -3 dBTP, without its delay.
    fn limited(sound: &[[f32; 2]]) -> Vec<[f32; 2]> {
        let mut limiter = Limiter::new(DbTp(-3.0));
        let mut out = Vec::new();
        let padded: Vec<[f32; 2]> = sound.iter().copied().chain([[0.0; 2]; DELAY + BLOCK]).collect();
        for piece in padded.as_chunks::<BLOCK>().0 {
            let mut block = *piece;
            limiter.process(&mut block);
            out.extend(block);
        }
        out.drain(..DELAY);
        out.truncate(sound.len());
        out
    }

    /// Eight points a sample, each from 64 samples: closer than the detector looks.
    fn true_peak(sound: &[[f32; 2]]) -> f64 {
        const REACH: i32 = 32;
        let weights: Vec<Vec<f32>> = (0..8)
            .map(|point| {
                let weight = |tap: i32| {
                    let from = f64::from(tap) - f64::from(point) / 8.0;
                    let sinc = if from == 0.0 { 1.0 } else { (PI * from).sin() / (PI * from) };
                    (sinc * (PI * from / f64::from(2 * REACH + 1)).cos().powi(2)) as f32
                };
                (-REACH..=REACH).map(weight).collect()
            })
            .collect();
        let mut peak = 0.0f32;
        for around in sound.windows(2 * REACH as usize + 1) {
            for weights in &weights {
                let point =
                    |channel: usize| weights.iter().zip(around).map(|(w, frame)| w * frame[channel]).sum::<f32>();
                peak = peak.max(point(0).abs()).max(point(1).abs());
            }
        }
        20.0 * f64::from(peak).log10()
    }

    fn sine(hz: f32, amplitude: f32, frames: usize) -> Vec<[f32; 2]> {
        let angle = |frame: usize| std::f32::consts::TAU * hz * frame as f32 / 48_000.0;
        (0..frames).map(|frame| [amplitude * angle(frame).sin(), -amplitude * angle(frame).sin()]).collect()
    }

    fn check_ceiling(name: &str, sound: &[[f32; 2]]) {
        let peak = true_peak(&limited(sound));
        assert!(peak <= -2.9, "{name}: {peak:.2} dBTP");
        assert!(peak > -5.0, "{name}: not limited but lost, {peak:.2} dBTP");
    }

    #[test]
    fn no_true_peak_passes_the_ceiling() {
        check_ceiling("loud bass", &sine(55.0, 3.0, 48_000));
        check_ceiling("loud middle", &sine(997.0, 2.8, 48_000));
        check_ceiling("between the samples", &sine(11_999.0, 1.4, 48_000));
        check_ceiling("high", &sine(17_000.0, 2.0, 48_000));
        let burst = |frame: usize| if (frame / 1200).is_multiple_of(2) { 0.05 } else { 1.0 };
        let bursts: Vec<_> = sine(3_000.0, 3.0, 48_000)
            .iter()
            .enumerate()
            .map(|(frame, both)| both.map(|sample| sample * burst(frame)))
            .collect();
        check_ceiling("bursts of +9.5 dBFS", &bursts);
        let square: Vec<_> =
            sine(441.0, 1.0, 48_000).iter().map(|both| both.map(|sample| sample.signum() * 4.0)).collect();
        check_ceiling("square", &square);
        let clicks: Vec<_> = (0..48_000).map(|frame| [if frame % 997 == 0 { 8.0 } else { 0.0 }, 0.1]).collect();
        check_ceiling("single samples", &clicks);
        let mut state = 1u32;
        let noise: Vec<_> = (0..48_000)
            .map(|_| {
                [0.0; 2].map(|_: f32| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    8.0 * (state as f32 / u32::MAX as f32 - 0.5)
                })
            })
            .collect();
        check_ceiling("white noise", &noise);
        check_ceiling("direct current", &vec![[5.0, -5.0]; 48_000]);
    }

    #[test]
    fn below_the_ceiling_it_is_a_pure_delay() {
        for amplitude in [0.01, 0.3, 0.65] {
            let sound = sine(440.0, amplitude, 9_600);
            assert!(limited(&sound) == sound, "amplitude {amplitude}");
        }
    }

    #[test]
    fn it_lets_go_entirely() {
        let mut sound = sine(440.0, 2.0, 4_800);
        sound.extend(sine(440.0, 0.3, 96_000));
        let out = limited(&sound);
        assert!(out[90_000..] == sound[90_000..], "not one bit differs");
        let bend = out[10_000..].windows(3).map(|three| (three[0][0] - 2.0 * three[1][0] + three[2][0]).abs());
        assert!(bend.fold(0.0, f32::max) < 1.5 * 0.3 * 0.003_32, "letting go is not heard as a click");
    }

    #[test]
    fn the_lowest_of_the_window_is_found() {
        let mut lowest = Lowest::new();
        let mut state = 7u32;
        let values: Vec<f32> = (0..2_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) as f32
            })
            .collect();
        for (place, value) in values.iter().enumerate() {
            let window = &values[(place + 1).saturating_sub(KEPT)..=place];
            let expected = window.iter().copied().fold(f32::INFINITY, f32::min);
            assert_eq!(lowest.of_recent(*value), expected, "at {place}");
        }
    }
}
