//! What is known of a file once it has been heard from end to end.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::MediaError;
use super::brightness::{self, BrightnessMeter};
use super::decode::Decoder;
use super::error::name_of;
use super::meter::Meter;
use crate::units::{Contour, DbTp, Lufs, SafeText, Span, TrackTime};

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
    /// Loudness and true peak from second to second.
    pub contour: Contour,
    /// How bright it is: the centroid of the spectrum of each five seconds, in Hz; 0 where it is silent.
    pub brightness: Vec<u16>,
    /// Where it leaps from quiet to loud.
    pub rises: Vec<Rise>,
    /// Silence (below -60 dBFS) at the start.
    pub lead_in: Span,
    /// Silence (below -60 dBFS) at the end.
    pub tail: Span,
    /// Title from its tags.
    pub title: Option<SafeText>,
    /// Artist from its tags.
    pub artist: Option<SafeText>,
}

/// A sudden rise: by 15 LU or more within a second, after a quiet minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rise {
    /// Where in the file, to a tenth of a second.
    pub at: TrackTime,
    /// Above the loudest of the minute before, in LU.
    pub by_lu: f64,
}

impl Facts {
    /// From where to where there is sound; the whole file when it is silent throughout.
    #[must_use]
    pub fn sound(&self) -> (TrackTime, TrackTime) {
        match self.loudness {
            Some(_) => (TrackTime::at(self.lead_in), TrackTime::at(self.length - self.tail)),
            None => (TrackTime::ZERO, TrackTime::at(self.length)),
        }
    }

    /// Of this file and another one after it, as one recording of this one's rate. What is told of the whole comes from the
    /// contours: within half a LU of what decoding it in one go would tell.
    #[must_use]
    pub fn followed_by(&self, next: &Self) -> Self {
        let frames = self.frames + next.frames;
        let length = frames_to_span(frames, self.rate_hz);
        let contour = self.contour.followed_by(self.length, &next.contour);
        let whole = (TrackTime::ZERO, TrackTime::at(length));
        let claims = |facts: &Self| facts.claimed.unwrap_or(facts.length);
        let claimed = claims(self) + claims(next);
        let later = |rise: &Rise| Rise { at: rise.at + self.length, ..*rise };
        Self {
            length,
            frames,
            claimed: Some(claimed).filter(|claimed| (*claimed - length).abs() > TOLERANCE),
            channels: self.channels.max(next.channels),
            loudness: contour
                .part(whole.0, whole.1)
                .map(|(loudness, _)| loudness)
                .or(louder(self.loudness, next.loudness)),
            range_lu: contour.range(whole.0, whole.1),
            short_term_max: louder(self.short_term_max, next.short_term_max),
            true_peak: if next.true_peak > self.true_peak { next.true_peak } else { self.true_peak },
            contour,
            brightness: brightness::joined(&self.brightness, self.length.secs_f64(), &next.brightness),
            rises: self.rises.iter().copied().chain(next.rises.iter().map(later)).collect(),
            lead_in: self.lead_in,
            tail: next.tail,
            ..self.clone()
        }
    }

    /// How bright a stretch is, in Hz; `None` where it is silent or unknown.
    #[must_use]
    pub fn brightness(&self, from: TrackTime, over: Span) -> Option<f64> {
        brightness::mean(&self.brightness, from.since_start().secs_f64(), over.secs_f64())
    }
}

fn louder(one: Option<Lufs>, other: Option<Lufs>) -> Option<Lufs> {
    one.into_iter().chain(other).max_by(|one, other| one.0.total_cmp(&other.0))
}

/// What a header may be off by without being called wrong.
const TOLERANCE: Span = Span::from_millis(100);

/// Decodes a whole file once and says what it is.
///
/// # Errors
/// Whatever keeps it from playing to its end.
pub fn examine(path: &Path) -> Result<Facts, MediaError> {
    let mut decoder = Decoder::open(path, 0)?;
    let (title, artist) = (decoder.header().title.take(), decoder.header().artist.take());
    let codec = SafeText::new(decoder.header().decoder.codec_info().short_name);
    let claimed = decoder.header().claimed;
    let rate_hz = decoder.rate_hz();
    let mut meter = Meter::new(rate_hz);
    let mut brightness = BrightnessMeter::new(rate_hz);
    let mut samples = Vec::new();
    while decoder.more(&mut samples)? {
        meter.take(&samples);
        brightness.take(&samples);
        samples.clear();
    }
    if meter.frames() == 0 {
        return Err(MediaError::NotMusic { name: name_of(path), what: "holds no sound" });
    }
    let span = |frames: u64| frames_to_span(frames, rate_hz);
    let length = span(meter.frames());
    let (before, after) = meter.silences();
    Ok(Facts {
        length,
        frames: meter.frames(),
        claimed: claimed.map(span).filter(|claimed| (*claimed - length).abs() > TOLERANCE),
        rate_hz,
        channels: u16::try_from(decoder.channels()).unwrap_or(u16::MAX),
        codec,
        loudness: meter.loudness(),
        range_lu: meter.range_lu(),
        short_term_max: meter.short_term_max(),
        true_peak: meter.true_peak(),
        contour: meter.contour(),
        brightness: brightness.readings(),
        rises: meter.rises(),
        lead_in: span(before),
        tail: span(after),
        title,
        artist,
    })
}

fn frames_to_span(frames: u64, rate_hz: u32) -> Span {
    let millis = u128::from(frames) * 1000 / u128::from(rate_hz);
    Span::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
