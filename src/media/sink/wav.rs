//! WAV, by hound.

use std::fs::File;
use std::io::{self, BufWriter};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::BITS;
use crate::units::ENGINE_RATE_HZ;

/// Samples that fit the format's 32-bit length, with room for its header.
const MOST_SAMPLES: u32 = (u32::MAX - 4096) / (BITS as u32 / 8);

pub(super) struct Wav {
    writer: WavWriter<BufWriter<File>>,
    samples: u32,
}

impl Wav {
    pub(super) fn new(file: BufWriter<File>) -> io::Result<Self> {
        let spec = WavSpec {
            channels: 2,
            sample_rate: ENGINE_RATE_HZ,
            bits_per_sample: BITS,
            sample_format: SampleFormat::Int,
        };
        Ok(Self { writer: WavWriter::new(file, spec).map_err(plain)?, samples: 0 })
    }

    pub(super) fn write(&mut self, sample: i32) -> io::Result<()> {
        if self.samples == MOST_SAMPLES {
            return Err(io::Error::other("a WAV file holds 4 GB at most, a FLAC file more"));
        }
        self.samples += 1;
        self.writer.write_sample(sample).map_err(plain)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.writer.finalize().map_err(plain)
    }
}

fn plain(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}
