//! A file as stereo frames at its own rate, from any place in it, exact to the frame.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::errors::Error;
use symphonia::core::formats::{SeekMode, SeekTo, TrackType};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::container::{Container, Trim, decoder, start, tags};
use super::downmix::Downmix;
use super::error::name_of;
use super::guard::Guard;
use super::{Damage, MediaError};
use crate::units::{SafeText, Span, TrackTime};

/// How much is decoded and thrown away before a place sought, in milliseconds: MP3 borrows bits from up to a quarter of
/// a second back, and Opus asks for 80 ms to settle.
const RUN_UP_MS: u64 = 500;
/// Bad packets forgiven within a second of sound.
const FORGIVEN: f64 = 8.0;
/// A jump of the clock shorter than this many frames is an encoder's carelessness, not a loss.
const CARELESS: i64 = 64;

/// Decodes one file. After an error nothing more comes of it.
pub(super) struct Decoder {
    path: PathBuf,
    inside: Container,
    mix: Option<Downmix>,
    guard: Guard,
    /// The frame on the container's clock that comes next; `None` until the first sound.
    at: Option<i64>,
    /// Frames before this one are not wanted.
    from: i64,
    /// Added to the container's clock: what the earlier recordings of a chain have taken.
    chain: i64,
    bad: f64,
    raw: Vec<f32>,
    mixed: Vec<f32>,
}

impl Decoder {
    /// Opens a file at a frame of its own rate.
    pub(super) fn open(path: &Path, frame: u64) -> Result<Self, MediaError> {
        safely(|| Self::open_inner(path, frame)).unwrap_or_else(|| {
            Err(MediaError::Damaged { name: name_of(path), at: TrackTime::ZERO, how: Damage::Decoder })
        })
    }

    fn open_inner(path: &Path, frame: u64) -> Result<Self, MediaError> {
        let mut inside = Container::open(path)?;
        let run_up = u64::from(inside.rate_hz) * RUN_UP_MS / 1000;
        if inside.seekable && frame > run_up && !seek(&mut inside, frame - run_up) {
            // A seek that failed leaves the reader anywhere: begin again, and decode up to the place.
            inside = Container::open(path)?;
        }
        let from = inside.window.start.saturating_add(i64::try_from(frame).unwrap_or(i64::MAX));
        let guard = Guard::new(inside.rate_hz);
        Ok(Self {
            path: path.to_owned(),
            inside,
            mix: None,
            guard,
            at: None,
            from,
            chain: 0,
            bad: 0.0,
            raw: Vec::new(),
            mixed: Vec::new(),
        })
    }

    /// The file's own rate in Hz.
    pub(super) fn rate_hz(&self) -> u32 {
        self.inside.rate_hz
    }

    /// What the header says.
    pub(super) fn header(&mut self) -> &mut Container {
        &mut self.inside
    }

    /// Channels before the down-mix; known once sound has come.
    pub(super) fn channels(&self) -> usize {
        self.mix.as_ref().map_or(0, Downmix::channels)
    }

    /// That its rate is not the one that was expected here.
    pub(super) fn another_rate(&self) -> MediaError {
        MediaError::ChangesFormat { name: self.name(), at: self.place() }
    }

    /// Adds some more stereo frames to `out`; `false` at the end. Frames added before an error are good.
    pub(super) fn more(&mut self, out: &mut Vec<f32>) -> Result<bool, MediaError> {
        let more = safely(|| self.more_inner(out)).unwrap_or_else(|| Err(self.damaged(Damage::Decoder)));
        if matches!(more, Ok(false)) {
            self.guard.finish(out);
        }
        more
    }

    fn more_inner(&mut self, out: &mut Vec<f32>) -> Result<bool, MediaError> {
        let before = out.len();
        while out.len() == before {
            self.inside.allowance.renew();
            let packet = match self.inside.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(false),
                // Cut short: what is there has been played. `Facts::claimed` tells of the rest before a session.
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
                Err(Error::IoError(_)) if self.inside.allowance.exhausted() => return Err(self.too_much_beside()),
                Err(Error::IoError(_)) => return Err(self.damaged(Damage::Read)),
                Err(Error::ResetRequired) => {
                    self.next_in_chain()?;
                    continue;
                }
                Err(_) => {
                    self.forgive()?;
                    continue;
                }
            };
            if packet.track_id != self.inside.track {
                continue;
            }
            if self.past_end(&packet) {
                return Ok(false);
            }
            self.decode(packet, out)?;
        }
        Ok(true)
    }

    fn past_end(&self, packet: &Packet) -> bool {
        self.inside.stamped && self.inside.window.end.is_some_and(|end| packet.pts.get() >= end)
    }

    fn decode(&mut self, mut packet: Packet, out: &mut Vec<f32>) -> Result<(), MediaError> {
        let trim_end = if self.inside.trim == Trim::Never { 0 } else { packet.trim_end.get() };
        // The decoders would trim by these, each a little differently; it is done below, once.
        (packet.trim_start, packet.trim_end) = (Duration::ZERO, Duration::ZERO);
        let decoded = match self.inside.decoder.decode(&packet) {
            Ok(decoded) => decoded,
            Err(Error::IoError(_) | Error::DecodeError(_)) => return self.forgive(),
            Err(Error::ResetRequired) => return Ok(()),
            Err(_) => return Err(self.damaged(Damage::Undecodable)),
        };
        let frames = decoded.frames();
        if frames == 0 {
            return Ok(());
        }
        let spec = decoded.spec();
        if spec.rate() != self.inside.rate_hz {
            return Err(self.another_rate());
        }
        let count = spec.channels().count();
        if self.mix.as_ref().is_none_or(|mix| mix.channels() != count) {
            let what = || SafeText::new(&format!("sound with {count} channels"));
            let mix = Downmix::of(spec.channels());
            self.mix = Some(mix.ok_or_else(|| MediaError::Unsupported { name: name_of(&self.path), what: what() })?);
        }
        decoded.copy_to_vec_interleaved(&mut self.raw);
        let mut wanted = (frames as u64).saturating_sub(trim_end);
        if self.inside.trim == Trim::Duration && self.inside.stamped {
            wanted = wanted.min(packet.dur.get());
        }
        self.bad = (self.bad - FORGIVEN * frames as f64 / f64::from(self.inside.rate_hz)).max(0.0);
        self.place_and_mix(packet.pts, i64::try_from(wanted).unwrap_or(0), out)
    }

    /// Adds those of the decoded frames that are wanted, and silence where some were lost.
    fn place_and_mix(&mut self, pts: Timestamp, wanted: i64, out: &mut Vec<f32>) -> Result<(), MediaError> {
        let stamp = if self.inside.stamped { pts.get().saturating_add(self.chain) } else { self.at.unwrap_or(0) };
        let mut at = self.at.unwrap_or(stamp);
        let lost = stamp.saturating_sub(at);
        if lost > i64::from(self.inside.rate_hz) {
            return Err(self.damaged(Damage::Undecodable));
        }
        self.mixed.clear();
        if lost >= CARELESS {
            // Silence keeps the place: everything after it stays where the plan has it.
            let silent = stamp - at.max(self.from).min(stamp);
            self.mixed.resize(2 * usize::try_from(silent).unwrap_or(0), 0.0);
            at = stamp;
        }
        let next = at.saturating_add(wanted);
        let end = self.inside.window.end.map_or(next, |end| next.min(end));
        let first = usize::try_from(self.from.saturating_sub(at).max(0)).unwrap_or(usize::MAX);
        let last = usize::try_from(end.saturating_sub(at).max(0)).unwrap_or(0);
        self.at = Some(next);
        if first < last
            && let Some(mix) = &self.mix
        {
            mix.mix(&self.raw[first * mix.channels()..last * mix.channels()], &mut self.mixed);
        }
        if self.guard.pass(&self.mixed, out) { Err(self.damaged(Damage::Burst)) } else { Ok(()) }
    }

    /// Goes on with the next recording of a chained Ogg file.
    fn next_in_chain(&mut self) -> Result<(), MediaError> {
        let changed = self.another_rate();
        // symphonia keeps the tags of every recording; they are not wanted.
        tags(self.inside.format.as_mut()).ok_or_else(|| self.too_much_beside())?;
        let track = self.inside.format.default_track(TrackType::Audio).ok_or_else(|| changed.clone())?;
        let (fresh, rate_hz) = decoder(&name_of(&self.path), track).map_err(|_| changed.clone())?;
        if rate_hz != self.inside.rate_hz {
            return Err(changed);
        }
        let start = start(track, fresh.codec_params().codec);
        self.inside.track = track.id;
        self.inside.decoder = fresh;
        self.mix = None;
        if let Some(at) = self.at.take() {
            self.from = self.from.max(at);
            self.chain = at.saturating_sub(start);
        }
        Ok(())
    }

    /// Lets a bad packet pass, unless there have been too many.
    fn forgive(&mut self) -> Result<(), MediaError> {
        self.bad += 1.0;
        if self.bad > FORGIVEN { Err(self.damaged(Damage::Undecodable)) } else { Ok(()) }
    }

    fn too_much_beside(&self) -> MediaError {
        MediaError::TooMuchBeside { name: self.name() }
    }

    fn damaged(&self, how: Damage) -> MediaError {
        MediaError::Damaged { name: self.name(), at: self.place(), how }
    }

    fn name(&self) -> SafeText {
        name_of(&self.path)
    }

    /// Where in the piece the next frame is.
    fn place(&self) -> TrackTime {
        let frames = self.at.unwrap_or(self.from).saturating_sub(self.inside.window.start).max(0);
        let millis = i128::from(frames) * 1000 / i128::from(self.inside.rate_hz);
        TrackTime::at(Span::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
    }
}

/// Moves to a frame of the music or somewhat before it; whether that worked.
fn seek(inside: &mut Container, frame: u64) -> bool {
    let Some(frame) = i64::try_from(frame).ok().and_then(|frame| frame.checked_add(inside.window.start)) else {
        return false;
    };
    let to = SeekTo::Timestamp { ts: Timestamp::new(frame), track_id: inside.track };
    let found = inside.format.seek(SeekMode::Accurate, to).is_ok_and(|found| found.actual_ts.get() <= frame);
    inside.decoder.reset();
    found
}

/// Runs what reads and decodes; `None` when it panicked. What it was working on must not be used again.
fn safely<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).inspect_err(|_| tracing::error!("a decoder panicked")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_a_decoder_stays_inside() {
        assert_eq!(safely(|| 1), Some(1));
        assert_eq!(safely(|| -> u8 { panic!("as symphonia does on some damaged files") }), None);
    }
}
