//! Hears a file from end to end: its loudness as a whole and from second to second, its peaks, silences and leaps.

use ebur128::{EbuR128, Mode};

use super::facts::Rise;
use crate::units::{Contour, DbTp, Lufs, Span, TrackTime};

/// A frame quieter than this in both channels is silence: -60 dBFS.
const SILENCE: f32 = 0.001;
/// Readings a second: as often as EBU Tech 3341 asks.
const READINGS: usize = 10;
/// Readings before the first short-term one: before three seconds are full it would be of a shorter time.
const FIRST_SHORT_TERM: usize = 3 * READINGS;
/// What is not heard at all, in LUFS (the absolute gate) and in dBTP: JSON has no minus infinity.
const NOTHING: (f64, f64) = (-70.0, -120.0);

/// A rise by this within a second is sudden, in LU, if...
const LEAP_LU: f64 = 15.0;
/// ...nothing in this many readings before that second was louder than its beginning (a minute; at the start of a piece, as
/// long as it has sounded)...
const QUIET: usize = 60 * READINGS;
/// ...if that was at least so many (three seconds)...
const QUIET_AT_LEAST: usize = 3 * READINGS;
/// ...and if it leads to something that is no more than this below the piece as a whole, in LU.
const BELOW_LU: f64 = 10.0;
/// More leaps than this of one file nobody needs to know.
const MOST_RISES: usize = 20;

/// What has been heard so far.
pub(super) struct Meter {
    inner: EbuR128,
    /// Stereo samples between two readings, and how many of them are still to come.
    step: usize,
    until_reading: usize,
    readings: usize,
    short_term_max: Option<f64>,
    /// The loudness of the last 400 ms at each reading: 108,000 of them in a file of three hours.
    momentary: Vec<f32>,
    seconds: Vec<(Lufs, DbTp)>,
    /// The highest peak since the last second was full.
    peak: f64,
    frames: u64,
    first_sound: Option<u64>,
    after_last_sound: u64,
}

impl Meter {
    /// For stereo sound at a rate that can be decoded.
    pub(super) fn new(rate_hz: u32) -> Self {
        let inner = EbuR128::new(2, rate_hz, Mode::I | Mode::LRA | Mode::S | Mode::TRUE_PEAK)
            .expect("two channels at any rate that is decoded can be metered");
        let step = (rate_hz as usize / READINGS).max(1) * 2;
        Self {
            inner,
            step,
            until_reading: step,
            readings: 0,
            short_term_max: None,
            momentary: Vec::new(),
            seconds: Vec::new(),
            peak: 0.0,
            frames: 0,
            first_sound: None,
            after_last_sound: 0,
        }
    }

    /// Hears some more stereo frames.
    pub(super) fn take(&mut self, samples: &[f32]) {
        for frame in samples.chunks_exact(2) {
            if frame.iter().any(|sample| sample.abs() > SILENCE) {
                self.first_sound.get_or_insert(self.frames);
                self.after_last_sound = self.frames + 1;
            }
            self.frames += 1;
        }
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(self.until_reading.min(rest.len()));
            self.inner.add_frames_f32(now).expect("whole stereo frames");
            let peak = |channel| self.inner.prev_true_peak(channel).unwrap_or(0.0);
            self.peak = self.peak.max(peak(0)).max(peak(1));
            self.until_reading -= now.len();
            if self.until_reading == 0 {
                self.read();
                self.until_reading = self.step;
            }
            rest = later;
        }
    }

    fn read(&mut self) {
        self.readings += 1;
        let finite = |loudness: Result<f64, ebur128::Error>| loudness.ok().filter(|loudness| loudness.is_finite());
        let momentary = finite(self.inner.loudness_momentary());
        self.momentary.push(momentary.map_or(NOTHING.0, |loudness| loudness.max(NOTHING.0)) as f32);
        if self.readings >= FIRST_SHORT_TERM
            && let Some(now) = finite(self.inner.loudness_shortterm())
        {
            self.short_term_max = Some(self.short_term_max.map_or(now, |before| before.max(now)));
        }
        if self.readings.is_multiple_of(READINGS) {
            self.end_second(1000);
        }
    }

    fn end_second(&mut self, millis: u32) {
        let loudness = self.inner.loudness_window(millis).ok().filter(|loudness| loudness.is_finite());
        self.seconds.push((Lufs(loudness.unwrap_or(NOTHING.0)), dbtp(self.peak)));
        self.peak = 0.0;
    }

    /// From second to second; a last one that is not full counts by what there is of it.
    pub(super) fn contour(&mut self) -> Contour {
        let begun = self.readings % READINGS;
        if begun > 0 || self.seconds.is_empty() {
            self.end_second(100 * begun.max(1) as u32);
        }
        self.seconds.iter().copied().collect()
    }

    /// Where it becomes much louder within a second, after a quiet minute.
    pub(super) fn rises(&self) -> Vec<Rise> {
        let Some(Lufs(whole)) = self.loudness() else { return Vec::new() };
        let first = self.first_sound.unwrap_or(0) as usize * 2 / self.step;
        let mut rises: Vec<(usize, Rise)> = Vec::new();
        for now in first + READINGS + QUIET_AT_LEAST..self.momentary.len() {
            let (begin, loud) = (now - READINGS, f64::from(self.momentary[now]));
            if loud < whole - BELOW_LU || loud - f64::from(self.momentary[begin]) < LEAP_LU {
                continue;
            }
            let quiet = &self.momentary[first.max(begin.saturating_sub(QUIET))..=begin];
            let by_lu = loud - f64::from(quiet.iter().fold(f32::MIN, |loudest, one| loudest.max(*one)));
            if by_lu < LEAP_LU {
                continue;
            }
            match rises.last_mut() {
                // Still the same leap.
                Some((last, rise)) if now - *last <= READINGS => rise.by_lu = rise.by_lu.max(by_lu),
                _ => {
                    let at = TrackTime::at(Span::from_millis(100 * i64::try_from(now).unwrap_or(i64::MAX)));
                    rises.push((now, Rise { at, by_lu }));
                }
            }
        }
        rises.into_iter().map(|(_, rise)| rise).take(MOST_RISES).collect()
    }

    /// Frames heard.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Silent frames at the start and at the end.
    pub(super) fn silences(&self) -> (u64, u64) {
        (self.first_sound.unwrap_or(self.frames), self.frames - self.after_last_sound)
    }

    /// Integrated loudness; `None` when silent.
    pub(super) fn loudness(&self) -> Option<Lufs> {
        self.inner.loudness_global().ok().filter(|loudness| loudness.is_finite()).map(Lufs)
    }

    /// Loudness range in LU.
    pub(super) fn range_lu(&self) -> f64 {
        self.inner.loudness_range().unwrap_or(0.0)
    }

    /// The loudest three seconds.
    pub(super) fn short_term_max(&self) -> Option<Lufs> {
        self.short_term_max.map(Lufs)
    }

    /// The highest true peak of both channels.
    pub(super) fn true_peak(&self) -> DbTp {
        let of = |channel| self.inner.true_peak(channel).unwrap_or(0.0);
        dbtp(of(0).max(of(1)))
    }
}

fn dbtp(peak: f64) -> DbTp {
    DbTp((20.0 * peak.log10()).max(NOTHING.1))
}
