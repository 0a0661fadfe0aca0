//! The small filters that colour noise, each with its response in closed form so that loudness can be computed.

use std::f64::consts::TAU;

use crate::units::ENGINE_RATE_HZ;

/// Lets through what lies below a frequency, falling 6 dB an octave above it. Both channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPass {
    amount: f32,
    state: [f32; 2],
}

impl LowPass {
    /// With -3 dB at `hz`.
    pub(super) fn new(hz: f64) -> Self {
        Self { amount: (1.0 - keep(hz)) as f32, state: [0.0; 2] }
    }

    /// One frame through it.
    pub(super) fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        for channel in 0..2 {
            self.state[channel] += self.amount * (input[channel] - self.state[channel]);
        }
        self.state
    }

    /// Its power gain at `hz`.
    pub(super) fn response(cutoff_hz: f64, hz: f64) -> f64 {
        let keep = keep(cutoff_hz);
        (1.0 - keep).powi(2) / (1.0 + keep * keep - 2.0 * keep * angle(hz).cos())
    }
}

/// Lets through what lies above a frequency, falling 6 dB an octave below it; at the end of a chain it removes DC.
#[derive(Clone, Copy, Debug)]
pub(super) struct HighPass(LowPass);

impl HighPass {
    /// With -3 dB at `hz`.
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
        let keep = keep(cutoff_hz);
        let turn = angle(hz).cos();
        keep * keep * (2.0 - 2.0 * turn) / (1.0 + keep * keep - 2.0 * keep * turn)
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
