//! Files of every kind, whole and broken. The fixtures and how they were made: `tests/fixtures/media/README.md`.

mod beside;
mod conformance;
mod formats;
mod gapless;
mod hostile;
mod measures;

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use super::{Material, open};
use crate::units::{Span, TrackTime};

/// A stereo frame.
type Frame = [f32; 2];

/// A file of the fixtures' folder.
pub(super) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/media").join(name)
}

/// Everything a file plays from a place on, at the engine's rate; it must end without fault.
fn played(path: &Path, from_ms: i64) -> Vec<Frame> {
    heard(&Material::File(path.to_owned()), from_ms)
}

/// As [`played`], of any material that ends.
fn heard(material: &Material, from_ms: i64) -> Vec<Frame> {
    let mut stream = open(material, TrackTime::at(Span::from_millis(from_ms))).unwrap();
    let samples: Vec<f32> = stream.by_ref().collect();
    assert_eq!(stream.fault(), None, "{material:?}");
    assert_eq!(samples.len() % 2, 0);
    samples.chunks(2).map(|frame| [frame[0], frame[1]]).collect()
}

/// The sweep that the fixtures were made from, at a time in seconds.
fn sweep(t: f64) -> Frame {
    let left = 200.0 * t + 1000.0 * t * t;
    let right = 300.0 * t + 700.0 * t * t;
    [left, right].map(|phase| (0.5 * (TAU * phase).sin()) as f32)
}

/// Signal over noise in dB, of what was heard against what it should have been.
fn snr_db(heard: &[Frame], wanted: &[Frame]) -> f64 {
    let power = |frames: &mut dyn Iterator<Item = f64>| frames.map(|sample| sample * sample).sum::<f64>();
    let signal = power(&mut wanted.iter().flatten().map(|&sample| f64::from(sample)));
    let noise = power(&mut heard.iter().flatten().zip(wanted.iter().flatten()).map(|(a, b)| f64::from(a - b)));
    10.0 * (signal / noise.max(1e-30)).log10()
}

/// Writes a 32-bit float WAV.
fn write_wav(path: &Path, rate: u32, frames: impl IntoIterator<Item = Frame>) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    frames.into_iter().flatten().for_each(|sample| wav.write_sample(sample).unwrap());
    wav.finalize().unwrap();
}
