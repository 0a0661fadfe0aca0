//! A soft tone on one side only, to hear whether left is left.

use std::f32::consts::TAU;
use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};

use super::Stream;
use super::stream::{RATE, STEREO};
use crate::units::{ENGINE_RATE_HZ, Frames, Span};

/// A low, warm pitch: every headphone carries it, and nobody is startled by it.
const PITCH_HZ: f32 = 330.0;
/// The sine's amplitude: about -34 LUFS on one side alone, the loudness of the safe bed.
const AMPLITUDE: f32 = 0.028;
/// The tone comes and goes within this.
const EDGE: Span = Span::from_millis(500);

/// One of the two ears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// A soft sine on that side that fades in, lasts and fades out; `length` is all of it.
#[must_use]
pub fn tone(side: Side, length: Span) -> Box<dyn Stream> {
    Box::new(Tone { side, frames: Frames::of(length).0, sample: 0 })
}

struct Tone {
    side: Side,
    frames: u64,
    /// The next sample, both channels counted.
    sample: u64,
}

impl Tone {
    fn value(&self, frame: u64) -> f32 {
        let edge = Frames::of(EDGE).0.max(1) as f32;
        let near = (frame.min(self.frames - frame) as f32 / edge).min(1.0);
        // The turn is reduced before it is a float: the pitch stays true however long the tone.
        let turn = (frame as f64 * f64::from(PITCH_HZ) / f64::from(ENGINE_RATE_HZ)).fract() as f32;
        AMPLITUDE * (0.5 - 0.5 * (near * TAU / 2.0).cos()) * (turn * TAU).sin()
    }
}

impl Iterator for Tone {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let (frame, channel) = (self.sample / 2, self.sample % 2);
        if frame >= self.frames {
            return None;
        }
        self.sample += 1;
        Some(if channel == self.side as u64 { self.value(frame) } else { 0.0 })
    }
}

impl Source for Tone {
    fn current_span_len(&self) -> Option<usize> {
        None
    }
    fn channels(&self) -> ChannelCount {
        STEREO
    }
    fn sample_rate(&self) -> SampleRate {
        RATE
    }
    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl Stream for Tone {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_is_on_its_side_alone_soft_and_without_an_edge() {
        for (side, other) in [(Side::Left, 1), (Side::Right, 0)] {
            let samples: Vec<f32> = tone(side, Span::from_secs(3)).collect();
            assert_eq!(samples.len(), 3 * 48_000 * 2);
            let heard = |channel: usize| samples.iter().skip(channel).step_by(2).copied();
            assert!(heard(other).all(|sample| sample == 0.0), "{side:?} is heard on the other side");
            let peak = heard(1 - other).fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
            assert!((0.025..0.03).contains(&peak), "{peak}");
            let steps = heard(1 - other).zip(heard(1 - other).skip(1));
            let largest = steps.fold(0.0, |most: f32, (one, next)| most.max((next - one).abs()));
            assert!(largest < AMPLITUDE * TAU * PITCH_HZ / 48_000.0 * 1.1, "a click: {largest}");
        }
    }
}
