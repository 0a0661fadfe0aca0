//! Files that rendered sound is written to: 24-bit stereo at the engine's rate, WAV or FLAC, in constant memory.
//!
//! *Invariant:* the file appears under its name only when it is complete; until then it ends in `.part`.

mod flac;
mod wav;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::MediaError;
use super::error::name_of;
use crate::units::SafeText;

/// Bits of each sample written.
const BITS: u16 = 24;
/// Full scale of a written sample.
const FULL_SCALE: f32 = 8_388_607.0;

/// A WAV or FLAC file in the making.
pub struct FileSink {
    format: Format,
    dither: Dither,
    path: PathBuf,
    part: PathBuf,
}

enum Format {
    Wav(wav::Wav),
    Flac(flac::Flac),
}

impl FileSink {
    /// Starts a file; its extension says which kind.
    ///
    /// # Errors
    /// An extension other than `.wav` and `.flac`, or a place that cannot be written.
    pub fn create(path: &Path) -> Result<Self, MediaError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = || File::create(&part).map(BufWriter::new);
        let format = match extension.as_deref() {
            Some("wav") => file().and_then(wav::Wav::new).map(Format::Wav),
            Some("flac") => file().and_then(flac::Flac::new).map(Format::Flac),
            _ => return Err(MediaError::UnknownSink { name: name_of(path) }),
        };
        let format = format.map_err(|error| unwritable(path, &error))?;
        Ok(Self { format, dither: Dither::new(), path: path.to_owned(), part })
    }

    /// Adds interleaved stereo samples; beyond full scale they are held.
    ///
    /// # Errors
    /// A full disk, or more than the format can hold (WAV: 4 GiB, about four hours).
    pub fn write(&mut self, samples: &[f32]) -> Result<(), MediaError> {
        let Self { format, dither, path, .. } = self;
        let mut whole = samples.iter().map(|&sample| dither.whole(sample));
        match format {
            Format::Wav(wav) => whole.try_for_each(|sample| wav.write(sample)),
            Format::Flac(flac) => whole.try_for_each(|sample| flac.write(sample)),
        }
        .map_err(|error| unwritable(path, &error))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// A full disk.
    pub fn finish(self) -> Result<(), MediaError> {
        match self.format {
            Format::Wav(wav) => wav.finish(),
            Format::Flac(flac) => flac.finish(),
        }
        .and_then(|()| fs::rename(&self.part, &self.path))
        .map_err(|error| unwritable(&self.path, &error))
    }
}

fn unwritable(path: &Path, error: &io::Error) -> MediaError {
    MediaError::Unwritable { name: name_of(path), reason: SafeText::new(&error.to_string()) }
}

/// Rounds to whole steps with triangular noise of two steps (TPDF), so that rounding never sounds like distortion.
/// Seeded: the same sound gives the same file.
struct Dither(u32);

impl Dither {
    fn new() -> Self {
        Self(0x9e37_79b9)
    }

    /// Evenly between -0.5 and 0.5 (xorshift).
    fn even(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / 16_777_216.0 - 0.5
    }

    fn whole(&mut self, sample: f32) -> i32 {
        let noise = self.even() + self.even();
        // Exact silence stays exact: a fade's end is digital zero.
        if sample == 0.0 {
            return 0;
        }
        (sample * FULL_SCALE + noise).round().clamp(-FULL_SCALE - 1.0, FULL_SCALE) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Material, examine, open};
    use crate::units::{ENGINE_RATE_HZ, TrackTime};

    /// Not a whole number of blocks, so that the last one is short.
    const FRAMES: usize = 50_000;

    fn sound() -> Vec<f32> {
        (0..FRAMES).flat_map(|index| [0.5, 0.3].map(|level| level * (index as f32 * 0.05).sin())).collect()
    }

    fn written(name: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut sink = FileSink::create(&path).unwrap();
        for piece in sound().chunks(777 * 2) {
            sink.write(piece).unwrap();
            assert!(!path.exists());
        }
        sink.finish().unwrap();
        (folder, path)
    }

    #[test]
    fn what_is_written_plays_back_to_the_last_bit_but_one() {
        for name in ["a.wav", "a.flac", "A.FLAC"] {
            let (folder, path) = written(name);
            let facts = examine(&path).unwrap();
            assert_eq!((facts.frames, facts.rate_hz, facts.channels), (FRAMES as u64, ENGINE_RATE_HZ, 2), "{name}");
            assert_eq!(facts.claimed, None, "{name}");
            let played: Vec<f32> = open(&Material::File(path), TrackTime::ZERO).unwrap().collect();
            let off = sound().iter().zip(&played).map(|(a, b)| (a - b).abs() * FULL_SCALE).fold(0.0, f32::max);
            assert!(played.len() == FRAMES * 2 && off <= 2.0, "{name}: off by {off} steps");
            assert_eq!(folder.path().read_dir().unwrap().count(), 1, "{name}: something was left beside it");
        }
    }

    #[test]
    fn wav_and_flac_hold_the_same_sound_and_two_runs_the_same_bytes() {
        let bytes = |name| fs::read(written(name).1).unwrap();
        assert_eq!(bytes("a.flac"), bytes("a.flac"));
        let played = |name| -> Vec<f32> {
            let (_folder, path) = written(name);
            open(&Material::File(path), TrackTime::ZERO).unwrap().collect()
        };
        assert_eq!(played("a.wav"), played("a.flac"));
    }

    #[test]
    fn an_empty_render_and_a_wrong_name_are_handled() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["empty.wav", "empty.flac"] {
            FileSink::create(&folder.path().join(name)).unwrap().finish().unwrap();
        }
        let wrong = FileSink::create(&folder.path().join("a.ogg")).err().unwrap();
        assert_eq!(wrong.to_string(), "\"a.ogg\" is neither .wav nor .flac; end its name in one of them");
        let nowhere = FileSink::create(&folder.path().join("no/folder/a.wav")).err().unwrap();
        assert!(matches!(nowhere, MediaError::Unwritable { .. }), "{nowhere}");
    }

    #[test]
    fn beyond_full_scale_is_held_and_silence_stays_silent() {
        let mut dither = Dither::new();
        assert_eq!(dither.whole(9.0), 8_388_607);
        assert_eq!(dither.whole(-9.0), -8_388_608);
        assert_eq!(dither.whole(f32::NAN), 0);
        assert!((0..1000).all(|_| dither.whole(0.0) == 0));
        // The noise averages to nothing.
        let mean = (0..100_000).map(|_| f64::from(dither.whole(1e-4))).sum::<f64>() / 1e5;
        assert!((mean - 838.86).abs() < 0.05, "{mean}");
    }
}
