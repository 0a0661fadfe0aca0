//! A file that repeats for ever, as a bed: its end crosses into its beginning.

use std::collections::VecDeque;
use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};

use super::stream::{RATE, STEREO};
use super::{Material, MediaError, Stream, open};
use crate::units::{ENGINE_RATE_HZ, TrackTime};

/// How much of the end is crossed into the beginning, in samples: two seconds of stereo.
const SEAM: usize = 2 * 2 * ENGINE_RATE_HZ as usize;

/// Opens material so that it never ends.
///
/// # Errors
/// As [`open`]; and [`MediaError::Empty`] for a piece too short to cross into itself.
pub fn repeat(material: &Material) -> Result<Box<dyn Stream>, MediaError> {
    let mut inner = open(material, TrackTime::ZERO)?;
    let held: VecDeque<f32> = inner.by_ref().take(SEAM).collect();
    if held.len() < SEAM {
        let name = match material {
            Material::File(path) => path.to_string_lossy().as_ref().into(),
            _ => "the bed".into(),
        };
        return Err(MediaError::Empty { name });
    }
    Ok(Box::new(Repeating { material: material.clone(), inner, held, crossing: None, fault: None }))
}

/// Holds the next two seconds back, so that the end is known before it is heard.
struct Repeating {
    material: Material,
    inner: Box<dyn Stream>,
    held: VecDeque<f32>,
    /// Samples of the seam that were already mixed.
    crossing: Option<usize>,
    fault: Option<MediaError>,
}

impl Repeating {
    /// The piece has ended: begin it again under its held end.
    fn begin_again(&mut self) -> Option<f32> {
        if let Some(fault) = self.inner.fault() {
            self.fault = Some(fault.clone());
            return self.held.pop_front();
        }
        match open(&self.material, TrackTime::ZERO) {
            Ok(inner) => {
                self.inner = inner;
                self.crossing = Some(0);
                self.crossed(0)
            }
            Err(fault) => {
                self.fault = Some(fault);
                self.held.pop_front()
            }
        }
    }

    /// One sample of the seam: the held end goes, the beginning comes, their powers summing to one.
    fn crossed(&mut self, mixed: usize) -> Option<f32> {
        let old = self.held.pop_front()?;
        let new = self.inner.next().unwrap_or(0.0);
        let turn = (mixed / 2) as f32 / (SEAM / 2) as f32 * std::f32::consts::FRAC_PI_2;
        self.crossing = Some(mixed + 1).filter(|mixed| *mixed < SEAM);
        if self.crossing.is_none() {
            self.held = self.inner.by_ref().take(SEAM).collect();
        }
        Some(old * turn.cos() + new * turn.sin())
    }
}

impl Iterator for Repeating {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if let Some(mixed) = self.crossing {
            return self.crossed(mixed);
        }
        if self.fault.is_some() {
            return self.held.pop_front();
        }
        match self.inner.next() {
            Some(sample) => {
                self.held.push_back(sample);
                self.held.pop_front()
            }
            None => self.begin_again(),
        }
    }
}

impl Source for Repeating {
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

impl Stream for Repeating {
    fn fault(&self) -> Option<&MediaError> {
        self.fault.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::FileSink;

    #[test]
    fn a_file_goes_on_past_its_end_without_a_hole_or_a_step() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tone.wav");
        let mut sink = FileSink::create(&path).expect("a file");
        let tone: Vec<f32> = (0..5 * 48_000)
            .flat_map(|frame| [0.3 * (frame as f32 * 220.0 / 48_000.0 * std::f32::consts::TAU).sin(); 2])
            .collect();
        sink.write(&tone).and_then(|()| sink.finish()).expect("written");
        let heard: Vec<f32> = repeat(&Material::File(path)).expect("opens").take(2 * 48_000 * 14).collect();
        assert_eq!(heard.len(), 2 * 48_000 * 14);
        let left: Vec<f32> = heard.iter().step_by(2).copied().collect();
        let step = left.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.3 * 0.0289 * 1.5, "largest step {step}");
        let quietest =
            left.chunks(4800).map(|part| part.iter().fold(0f32, |peak, x| peak.max(x.abs()))).fold(1.0, f32::min);
        assert!(quietest > 0.2, "quietest tenth of a second {quietest}");
    }
}
