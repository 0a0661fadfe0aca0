//! The small filters that colour noise, each with its response in closed form so that loudness can be computed.

use std::f64::consts::TAU;

use crate::units::ENGINE_RATE_HZ;

/// Lets through what lies below a frequency, falling 6 dB an octave above it. Both channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPass {
    keep: f32,
    take: f32,
    state: [f32; 2],
}

impl LowPass {
    /// With -3 dB at `hz`.
    pub(super) fn new(hz: f64) -> Self {
        let keep = keep(hz);
        Self { keep: keep as f32, take: (1.0 - keep) as f32, state: [0.0; 2] }
    }

    /// One frame through it.
    pub(super) fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        self.state = [0, 1].map(|channel| self.keep * self.state[channel] + self.take * input[channel]);
        self.state
    }

    /// Its response at `hz` as a complex number: real and imaginary part.
    pub(super) fn complex(cutoff_hz: f64, hz: f64) -> [f64; 2] {
        let (keep, angle) = (keep(cutoff_hz), angle(hz));
        let (re, im) = (1.0 - keep * angle.cos(), keep * angle.sin());
        let scale = (1.0 - keep) / (re * re + im * im);
        [re * scale, -im * scale]
    }

    /// Its power gain at `hz`.
    pub(super) fn response(cutoff_hz: f64, hz: f64) -> f64 {
        let [re, im] = Self::complex(cutoff_hz, hz);
        re * re + im * im
    }
}

/// Lets through what lies above a frequency, falling 6 dB an octave below it; at the end of a chain it removes DC.
#[derive(Clone, Copy, Debug)]
pub(super) struct HighPass(LowPass);

impl HighPass {
    /// With -3 dB at about `hz`.
    pub(super) fn new(hz: f64) -> Self {
        Self(LowPass::new(hz))
    }

    /// One frame through it.
    pub(super) fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        let low = self.0.next(input);
        [input[0] - low[0], input[1] - low[1]]
    }

    /// Its power gain at `hz`.
    pub(super) fn response(cutoff_hz: f64, hz: f64) -> f64 {
        let [re, im] = LowPass::complex(cutoff_hz, hz);
        (1.0 - re).powi(2) + im * im
    }
}

/// A shelf that falls from 1 above its pole to pole over zero above its zero: one step of a gentle slope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    low: LowPass,
    through: f32,
}

impl Step {
    /// From `pole_hz` down to `zero_hz`, which is higher.
    pub(super) fn new(pole_hz: f64, zero_hz: f64) -> Self {
        Self { low: LowPass::new(pole_hz), through: (pole_hz / zero_hz) as f32 }
    }

    /// One frame through it.
    pub(super) fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        let low = self.low.next(input);
        [0, 1].map(|channel| low[channel] + self.through * (input[channel] - low[channel]))
    }

    /// Its power gain at `hz`.
    pub(super) fn response(pole_hz: f64, zero_hz: f64, hz: f64) -> f64 {
        let [re, im] = LowPass::complex(pole_hz, hz);
        let through = pole_hz / zero_hz;
        (through + (1.0 - through) * re).powi(2) + ((1.0 - through) * im).powi(2)
    }
}

/// How much of its state a one-pole keeps from frame to frame.
fn keep(cutoff_hz: f64) -> f64 {
    (-angle(cutoff_hz)).exp()
}

/// A frequency as an angle per frame.
fn angle(hz: f64) -> f64 {
    TAU * hz / f64::from(ENGINE_RATE_HZ)
}
