//! Any rate to the engine's, exact in length and place: THD+N about -134 dB (rubato's FFT resampler, measured).

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

use crate::units::ENGINE_RATE_HZ;

/// Input frames for each turn, at least.
const TURN: usize = 1024;
/// Input frames for each transform, at least: the longer, the sharper the filter and the later the sound.
const BLOCK: usize = 256;

/// The slowest and fastest rates taken, in Hz.
pub(super) const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=384_000;

/// Where to start decoding so that the resampled sound begins at a given engine frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Frame of the file to start at.
    pub(super) file_frame: u64,
    /// Resampled frames to drop after that.
    pub(super) drop: u64,
}

/// Turns stereo frames at one rate into stereo frames at [`ENGINE_RATE_HZ`].
pub(super) struct Resampler {
    fft: Fft<f32>,
    rate_hz: u32,
    waiting: Vec<f32>,
    made: Vec<f32>,
    /// Frames still to be dropped from the front: the filter's own delay.
    delay: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// For a rate within [`RATES_HZ`] other than the engine's.
    pub(super) fn new(rate_hz: u32) -> Self {
        let step = (rate_hz / gcd(rate_hz, ENGINE_RATE_HZ)) as usize;
        // An even number of steps: the filter's middle, and with it the delay, is then a whole frame on both sides.
        let block = step * BLOCK.div_ceil(step).next_multiple_of(2);
        let blocks = (TURN / block).max(1);
        let (from, to) = (rate_hz as usize, ENGINE_RATE_HZ as usize);
        let window = WindowFunction::BlackmanHarris2;
        let fft = Fft::new_custom(from, to, block * blocks, blocks, 2, window, FixedSync::Input)
            .expect("any two rates and a chunk that are not zero make a resampler");
        let (delay, longest) = (fft.output_delay(), fft.output_frames_max());
        Self { fft, rate_hz, waiting: Vec::new(), made: vec![0.0; longest * 2], delay, taken: 0, given: 0 }
    }

    /// Starting at an engine frame as if everything before it had been resampled too: a little earlier, to fill the
    /// filter, and at a place where a frame of the file and one of the engine fall together.
    pub(super) fn start_at(&self, engine_frame: u64) -> Start {
        let shared = u64::from(gcd(self.rate_hz, ENGINE_RATE_HZ));
        let (file_step, engine_step) = (u64::from(self.rate_hz) / shared, u64::from(ENGINE_RATE_HZ) / shared);
        let lead = (2 * self.fft.fft_size_in() as u64).div_ceil(file_step);
        let steps = (engine_frame / engine_step).saturating_sub(lead);
        Start { file_frame: steps * file_step, drop: engine_frame - steps * engine_step }
    }

    /// Takes frames in and adds those that are ready to `out`.
    pub(super) fn push(&mut self, frames: &[f32], out: &mut Vec<f32>) {
        self.waiting.extend_from_slice(frames);
        self.taken += frames.len() as u64 / 2;
        let (mut used, turn_samples) = (0, self.fft.input_frames_next() * 2);
        while self.waiting.len() - used >= turn_samples {
            let end = used + turn_samples;
            let count = turn(&mut self.fft, &self.waiting[used..end], &mut self.made);
            self.give(count, u64::MAX, out);
            used = end;
        }
        self.waiting.drain(..used);
    }

    /// Adds what is left in the filter; the whole is then exactly as long as what was taken in.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let rate = u64::from(self.rate_hz);
        let whole = (self.taken * u64::from(ENGINE_RATE_HZ) + rate / 2) / rate;
        while self.given < whole {
            let rest = std::mem::take(&mut self.waiting);
            let count = turn(&mut self.fft, &rest, &mut self.made);
            self.give(count, whole, out);
        }
    }

    fn give(&mut self, count: usize, whole: u64, out: &mut Vec<f32>) {
        let skipped = self.delay.min(count);
        self.delay -= skipped;
        let count = (count - skipped).min(usize::try_from(whole - self.given).unwrap_or(usize::MAX));
        out.extend_from_slice(&self.made[skipped * 2..(skipped + count) * 2]);
        self.given += count as u64;
    }
}

/// One chunk through the filter; a short one is filled up with silence. Returns the frames made.
fn turn(fft: &mut Fft<f32>, frames: &[f32], made: &mut [f32]) -> usize {
    let (taken, room) = (frames.len() / 2, made.len() / 2);
    let input = InterleavedSlice::new(frames, 2, taken).expect("two samples for each frame");
    let mut output = InterleavedSlice::new_mut(made, 2, room).expect("two samples for each frame");
    let short = Indexing::new().partial_len(taken);
    let (_, count) = fft.process_into_buffer(&input, &mut output, Some(&short)).expect("the buffer holds any turn");
    count
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
