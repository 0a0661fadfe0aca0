//! What is known of a file once it has been heard from end to end.

use std::path::Path;

use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

use super::MediaError;
use super::decode::Decoder;
use super::error::name_of;
use crate::units::{DbTp, Lufs, SafeText, Span};

/// Measured, not read from headers: the whole file was decoded once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// How long it plays.
    pub length: Span,
    /// The same in frames at the file's own rate.
    pub frames: u64,
    /// What its header claims, where that is more than a tenth of a second from the truth.
    pub claimed: Option<Span>,
    /// The file's own rate in Hz.
    pub rate_hz: u32,
    /// The file's own channels, before the down-mix.
    pub channels: u16,
    /// Short name of the coding, such as `flac`.
    pub codec: SafeText,
    /// Integrated loudness (EBU R 128) of the stereo sound; `None` when silent.
    pub loudness: Option<Lufs>,
    /// Loudness range (EBU Tech 3342) in LU.
    pub range_lu: f64,
    /// The loudest three seconds; `None` when silent or shorter.
    pub short_term_max: Option<Lufs>,
    /// True peak (ITU-R BS.1770).
    pub true_peak: DbTp,
    /// Silence (below -60 dBFS) at the start.
    pub lead_in: Span,
    /// Silence (below -60 dBFS) at the end.
    pub tail: Span,
    /// Title from its tags.
    pub title: Option<SafeText>,
    /// Artist from its tags.
    pub artist: Option<SafeText>,
}

/// A frame quieter than this in both channels is silence: -60 dBFS.
const SILENCE: f32 = 0.001;
/// What a header may be off by without being called wrong.
const TOLERANCE: Span = Span::from_millis(100);

/// Decodes a whole file once and says what it is.
///
/// # Errors
/// Whatever keeps it from playing to its end.
pub fn examine(path: &Path) -> Result<Facts, MediaError> {
    let mut decoder = Decoder::open(path, 0)?;
    let (title, artist) = decoder.header().tags();
    let codec = SafeText::new(decoder.header().decoder.codec_info().short_name);
    let claimed = decoder.header().claimed;
    let rate_hz = decoder.rate_hz();
    let mut heard = Heard::new(rate_hz);
    let mut samples = Vec::new();
    while decoder.more(&mut samples)? {
        heard.take(&samples);
        samples.clear();
    }
    if heard.frames == 0 {
        return Err(MediaError::NotMusic { name: name_of(path), what: "holds no sound" });
    }
    let span = |frames: u64| frames_to_span(frames, rate_hz);
    let length = span(heard.frames);
    Ok(Facts {
        length,
        frames: heard.frames,
        claimed: claimed.map(span).filter(|claimed| (*claimed - length).abs() > TOLERANCE),
        rate_hz,
        channels: u16::try_from(decoder.channels()).unwrap_or(u16::MAX),
        codec,
        loudness: heard.loudness(),
        range_lu: heard.meter.loudness_range().unwrap_or(0.0),
        short_term_max: heard.short_term_max.map(Lufs),
        true_peak: heard.true_peak(),
        lead_in: span(heard.first_sound.unwrap_or(heard.frames)),
        tail: span(heard.frames - heard.after_last_sound),
        title,
        artist,
    })
}

fn frames_to_span(frames: u64, rate_hz: u32) -> Span {
    let millis = u128::from(frames) * 1000 / u128::from(rate_hz);
    Span::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// What has been heard so far.
struct Heard {
    meter: EbuR128,
    /// Stereo samples in a tenth of a second: how often the short-term loudness is read (EBU Tech 3341).
    step: usize,
    /// Samples still to come before it is read again.
    until_read: usize,
    short_term_max: Option<f64>,
    frames: u64,
    first_sound: Option<u64>,
    after_last_sound: u64,
}

impl Heard {
    fn new(rate_hz: u32) -> Self {
        let meter = EbuR128::new(2, rate_hz, Mode::I | Mode::LRA | Mode::S | Mode::TRUE_PEAK)
            .expect("two channels at any rate that is decoded can be metered");
        let step = (rate_hz as usize / 10).max(1) * 2;
        // The first reading once three seconds are full: before that it would be of a shorter time.
        let until_read = step * 30;
        Self { meter, step, until_read, short_term_max: None, frames: 0, first_sound: None, after_last_sound: 0 }
    }

    fn take(&mut self, samples: &[f32]) {
        for frame in samples.chunks_exact(2) {
            if frame.iter().any(|sample| sample.abs() > SILENCE) {
                self.first_sound.get_or_insert(self.frames);
                self.after_last_sound = self.frames + 1;
            }
            self.frames += 1;
        }
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(self.until_read.min(rest.len()));
            self.meter.add_frames_f32(now).expect("whole stereo frames");
            self.until_read -= now.len();
            if self.until_read == 0 {
                self.read_short_term();
                self.until_read = self.step;
            }
            rest = later;
        }
    }

    fn read_short_term(&mut self) {
        if let Ok(now) = self.meter.loudness_shortterm()
            && now.is_finite()
        {
            self.short_term_max = Some(self.short_term_max.map_or(now, |before: f64| before.max(now)));
        }
    }

    fn loudness(&self) -> Option<Lufs> {
        self.meter.loudness_global().ok().filter(|loudness| loudness.is_finite()).map(Lufs)
    }

    fn true_peak(&self) -> DbTp {
        let of = |channel| self.meter.true_peak(channel).unwrap_or(0.0);
        // Nothing at all is written as -120 dBTP: JSON has no minus infinity.
        DbTp((20.0 * of(0).max(of(1)).log10()).max(-120.0))
    }
}
