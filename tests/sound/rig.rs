//! An offline engine, pieces made of arithmetic, and measurements.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::num::NonZero;
use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};
use undertone::audio::{Command, Curve, Ease, Engine, Event, Lane, Opener, Settings};
use undertone::media::{MediaError, Stream};
use undertone::units::{Decibels, Frames, Gain, SafeText, Ticket};

/// One second.
pub const SECOND: u64 = 48_000;

/// A piece computed frame by frame.
pub struct Piece<F> {
    frame: F,
    number: u64,
    length: u64,
    right: Option<f32>,
    fault: Option<MediaError>,
}

impl<F: FnMut(u64) -> [f32; 2]> Iterator for Piece<F> {
    type Item = f32;
    fn next(&mut self) -> Option<f32> {
        if let Some(right) = self.right.take() {
            return Some(right);
        }
        if self.number >= self.length {
            return None;
        }
        let [left, right] = (self.frame)(self.number);
        self.number += 1;
        self.right = Some(right);
        Some(left)
    }

    /// Jumps, so that skipped time costs nothing. (What a frame's function keeps in itself is not jumped over.)
    fn nth(&mut self, samples: usize) -> Option<f32> {
        let mut left = samples as u64;
        if left > 0 && self.right.take().is_some() {
            left -= 1;
        }
        self.number = self.number.saturating_add(left / 2).min(self.length);
        if left % 2 == 1 {
            self.next();
        }
        self.next()
    }
}

impl<F: FnMut(u64) -> [f32; 2]> Source for Piece<F> {
    fn current_span_len(&self) -> Option<usize> {
        None
    }
    fn channels(&self) -> ChannelCount {
        NonZero::new(2).unwrap()
    }
    fn sample_rate(&self) -> SampleRate {
        NonZero::new(48_000).unwrap()
    }
    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl<F: FnMut(u64) -> [f32; 2] + Send> Stream for Piece<F> {
    fn fault(&self) -> Option<&MediaError> {
        self.fault.as_ref().filter(|_| self.number >= self.length)
    }
}

/// Opens a piece of this length (frames) from a function of the frame's number.
pub fn piece(length: u64, frame: impl FnMut(u64) -> [f32; 2] + Send + 'static) -> Opener {
    Box::new(move || Ok(Box::new(Piece { frame, number: 0, length, right: None, fault: None })))
}

/// The same, but it breaks at its end.
pub fn broken_piece(length: u64, frame: impl FnMut(u64) -> [f32; 2] + Send + 'static) -> Opener {
    Box::new(move || Ok(Box::new(Piece { frame, number: 0, length, right: None, fault: Some(missing()) })))
}

/// An opener that fails.
pub fn no_piece() -> Opener {
    Box::new(|| Err(missing()))
}

fn missing() -> MediaError {
    MediaError::Missing { name: SafeText::new("tide.flac") }
}

/// A sine, in quadrature left and right.
pub fn sine(hz: f64, amplitude: f32) -> impl FnMut(u64) -> [f32; 2] + Send {
    move |number| {
        let angle = std::f64::consts::TAU * (hz * number as f64 / SECOND as f64).fract();
        [amplitude * angle.sin() as f32, amplitude * angle.cos() as f32]
    }
}

/// White noise from a seed.
pub fn noise(seed: u32, amplitude: f32) -> impl FnMut(u64) -> [f32; 2] + Send {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    move |_| {
        [0, 1].map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            amplitude * (state as f32 / u32::MAX as f32 * 2.0 - 1.0)
        })
    }
}

/// An engine in virtual time, with all that came out of it.
pub struct Rig {
    pub engine: Engine,
    pub sound: Vec<[f32; 2]>,
    pub events: Vec<Event>,
}

impl Rig {
    pub fn new() -> Self {
        Self { engine: Engine::offline(Settings::default()), sound: Vec::new(), events: Vec::new() }
    }

    /// A session in the middle of a piece: nothing is on its way.
    pub fn playing(open: Opener) -> Self {
        let mut rig = Self::new();
        rig.load(1, open, None);
        rig.cross(1, 8.0);
        rig.run(12.0);
        rig.sound.clear();
        rig
    }

    pub fn load(&mut self, ticket: u32, open: Opener, length: Option<u64>) {
        self.engine.order(Command::Load { ticket: Ticket(ticket), open, length: length.map(Frames) });
    }

    pub fn cross(&mut self, ticket: u32, over: f64) {
        self.cross_by(ticket, over, Curve::EqualPower);
    }

    pub fn cross_by(&mut self, ticket: u32, over: f64, curve: Curve) {
        let over = frames(over);
        self.engine.order(Command::Cross { ticket: Ticket(ticket), over, curve, gain: Gain::UNITY, ease: Ease::NONE });
    }

    pub fn bed(&mut self, open: Option<Opener>, gain: f32, over: f64) {
        self.engine.order(Command::Bed { open, gain: Gain(gain), over: frames(over) });
    }

    pub fn ramp(&mut self, lane: Lane, from: Option<f32>, to: f32, over: f64) {
        let from = from.map(Decibels);
        self.engine.order(Command::Ramp { lane, from, to: Decibels(to), over: frames(over) });
    }

    /// Renders.
    pub fn run(&mut self, secs: f64) {
        let sound = &mut self.sound;
        self.engine.render(frames(secs), &mut |samples| sound.extend_from_slice(samples.as_chunks().0));
        self.drain();
    }

    /// Lets time pass unheard.
    pub fn skip(&mut self, secs: f64) {
        self.engine.skip(frames(secs));
        self.drain();
    }

    pub fn drain(&mut self) {
        while let Some(event) = self.engine.poll() {
            self.events.push(event);
        }
    }
}

pub fn frames(secs: f64) -> Frames {
    Frames((secs * SECOND as f64).round() as u64)
}

/// Level of a stretch of sound, both channels together, in dBFS.
pub fn rms(sound: &[[f32; 2]]) -> f64 {
    let sum: f64 = sound.as_flattened().iter().map(|sample| f64::from(*sample).powi(2)).sum();
    10.0 * (sum / (2 * sound.len()) as f64).max(1e-14).log10()
}

/// The sound between two moments, in seconds from its beginning.
pub fn between(sound: &[[f32; 2]], from: f64, to: f64) -> &[[f32; 2]] {
    &sound[frames(from).0 as usize..frames(to).0 as usize]
}

/// The largest second difference: how sharp the sharpest corner is.
pub fn sharpest(sound: &[[f32; 2]]) -> f32 {
    let bend =
        |three: &[[f32; 2]], channel: usize| (three[0][channel] - 2.0 * three[1][channel] + three[2][channel]).abs();
    sound.windows(3).map(|three| bend(three, 0).max(bend(three, 1))).fold(0.0, f32::max)
}

/// The largest sample.
pub fn largest(sound: &[[f32; 2]]) -> f32 {
    sound.as_flattened().iter().fold(0.0, |largest, sample| largest.max(sample.abs()))
}

/// The highest true peak, in dBTP, by the meter of another hand.
pub fn true_peak(sound: &[[f32; 2]]) -> f64 {
    let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::TRUE_PEAK).unwrap();
    meter.add_frames_f32(sound.as_flattened()).unwrap();
    20.0 * meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap()).log10()
}
