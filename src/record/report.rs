//! The report: what a session was, in words and relative times, for a colleague to read.
//!
//! Its fields are a stable format (`sessions report --format json`); the README lists them.

use serde::Serialize;

use super::course::{Stretch, planned, went};
use super::line::Record;
use super::story::Story;
use super::words::{kind, words};
use crate::session::{Event, PhaseKind, Report as Trouble, Steer, TrackId, Why};
use crate::units::{SafeText, SessionTime, Span};

/// What a journal amounts to. It holds neither a date nor a code nor anything of a person; all times but the medicine clock's
/// are seconds since the session's start.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The playlist's title; `None` if the session was never started.
    pub title: Option<SafeText>,
    /// The route's name.
    pub route: Option<SafeText>,
    /// When the last record was made.
    pub lasted_s: f64,
    /// Why the session ended; `None` while it runs, or if it was broken off.
    pub ended: Option<Why>,
    /// The dose mark as it stood at the end; `None` without one.
    pub dose_s: Option<f64>,
    /// The longest time without sound that nobody asked for, in seconds.
    pub longest_silence_s: f64,
    /// Nothing was heard any more when the journal stopped.
    pub ends_silent: bool,
    /// How often the session came back after its program had died. It was silent before each, which no record tells.
    pub comebacks: usize,
    /// The highest true peak that was played, in dBTP; `None` if it was not recorded.
    pub loudest_peak_dbtp: Option<f64>,
    /// The phases as they were planned when the dose was marked, moved with a later correction of the mark; empty if nothing
    /// was ever planned against the clock.
    pub planned: Vec<Stretch>,
    /// The phases as they went.
    pub phases: Vec<Stretch>,
    /// Each piece that was heard, in order.
    pub tracks: Vec<Heard>,
    /// Each time without sound that nobody asked for.
    pub silences: Vec<Gap>,
    /// What happened, in order: verbs, phases, faults.
    pub events: Vec<ReportLine>,
    /// What could not be read of the journal, in words; empty if it is whole.
    pub left_out: String,
}

/// One piece, as it was heard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Heard {
    /// Its title.
    pub title: SafeText,
    /// Its artist, if known.
    pub artist: Option<SafeText>,
    /// The phase it played in.
    pub phase: PhaseKind,
    /// The steering pool it came from, if any.
    pub pool: Option<Steer>,
    /// When it began to sound.
    pub from_s: f64,
    /// When it was no longer heard; `None` if the journal stops first.
    pub to_s: Option<f64>,
    /// Where the medicine clock stood when it began, if it ran.
    pub m_s: Option<f64>,
    /// Its place in the plan, to find its end by.
    #[serde(skip)]
    id: TrackId,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// When it began.
    pub from_s: f64,
    /// When it was over, or when the journal stops.
    pub to_s: f64,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportLine {
    /// The kind of its record in the journal.
    pub kind: String,
    /// When.
    pub t_s: f64,
    /// On the medicine clock as it stood then, if it ran.
    pub m_s: Option<f64>,
    /// In words.
    pub what: String,
}

/// The report as plain text.
#[must_use]
pub fn report_text(story: &Story) -> String {
    Report::of(story).text()
}

impl Report {
    /// Sums a journal up.
    #[must_use]
    pub fn of(story: &Story) -> Self {
        let mark = story.records.last().and_then(|last| last.m.map(|m| last.t - m.since_start()));
        let mut report = Self {
            lasted_s: secs(story.until()),
            dose_s: mark.map(secs),
            planned: planned(story),
            phases: went(story),
            left_out: story.left_out.to_string(),
            ..Self::default()
        };
        let (mut begun, mut lost_at): (f64, Option<SessionTime>) = (0.0, None);
        for record in &story.records {
            // What comes after the end is of the program, not of the session; but the loudest peak may be known only then.
            if report.ended.is_some() && !matches!(record.event, Event::Loudest { .. }) {
                continue;
            }
            report.take(record);
            match &record.event {
                // Before it nothing was to be heard.
                Event::Started { .. } => (begun, lost_at) = (secs(record.t), lost_at.map(|_| record.t)),
                // If the output still is lost, the next record says so.
                Event::Phase { why: Why::Resumed, .. } => {
                    report.comebacks += 1;
                    if let Some(lost) = lost_at.take() {
                        report.silence(secs(lost), secs(record.t));
                    }
                }
                Event::Fault { report: Trouble::OutputLost { .. } } => lost_at = lost_at.or(Some(record.t)),
                Event::Recovered { silence_s } => {
                    lost_at = None;
                    report.silence((secs(record.t) - silence_s).max(begun), secs(record.t));
                }
                Event::Ended { .. } => {
                    report.lasted_s = secs(record.t);
                    if let Some(lost) = lost_at.take() {
                        report.silence(secs(lost), secs(record.t));
                    }
                }
                _ => {}
            }
        }
        if let Some(lost) = lost_at {
            report.ends_silent = true;
            report.silence(secs(lost), secs(story.until()));
        }
        report
    }

    fn silence(&mut self, from_s: f64, to_s: f64) {
        if to_s <= from_s {
            return;
        }
        self.silences.push(Gap { from_s, to_s });
        self.longest_silence_s = self.longest_silence_s.max(to_s - from_s);
    }

    fn take(&mut self, record: &Record) {
        let t_s = secs(record.t);
        let m_s = record.m.map(|m| m.since_start().secs_f64());
        match &record.event {
            Event::Started { title, route, .. } => {
                self.title = Some(title.clone());
                self.route = Some(route.clone());
            }
            Event::Track { id, title, artist, phase, pool, .. } => {
                // Nothing tells that the one before was over if the program died in it.
                self.tracks.iter_mut().for_each(|track| track.to_s = track.to_s.or(Some(t_s)));
                self.tracks.push(Heard {
                    title: title.clone(),
                    artist: artist.clone(),
                    phase: *phase,
                    pool: *pool,
                    from_s: t_s,
                    to_s: None,
                    m_s,
                    id: *id,
                });
            }
            Event::TrackEnd { id, .. } => {
                let open = self.tracks.iter_mut().rev().find(|track| track.id == *id && track.to_s.is_none());
                if let Some(track) = open {
                    track.to_s = Some(t_s);
                }
            }
            // It is heard until the crossfade out of it ends.
            Event::Joint { length_s, .. } => {
                let left = self.tracks.iter_mut().rev().find(|track| track.to_s == Some(t_s));
                if let Some(track) = left {
                    track.to_s = Some(t_s + length_s);
                }
            }
            Event::Loudest { peak_dbtp } => {
                self.loudest_peak_dbtp = Some(self.loudest_peak_dbtp.map_or(*peak_dbtp, |peak| peak.max(*peak_dbtp)));
            }
            Event::Ended { why } => {
                self.ended = Some(*why);
                self.tracks
                    .iter_mut()
                    .for_each(|track| track.to_s = Some(track.to_s.map_or(t_s, |to_s| to_s.min(t_s))));
            }
            _ => {}
        }
        if let Some(what) = words(&record.event) {
            self.events.push(ReportLine { kind: kind(&record.event), t_s, m_s, what });
        }
    }

    /// How it ended, as a clause.
    pub(super) const fn ending(&self) -> &'static str {
        match self.ended {
            Some(Why::Verb) => "ended by hand",
            Some(_) => "ended by itself",
            None => "without an end: still running, or broken off",
        }
    }

    /// The unintended silence, as a clause.
    pub(super) fn silence_words(&self) -> String {
        // Whole milliseconds: the difference of two instants in seconds is not quite one.
        let longest = Span::from_millis((self.longest_silence_s * 1000.0).round() as i64);
        let words = match (longest > Span::ZERO, self.ends_silent) {
            (false, false) => "none".into(),
            (_, false) => format!("{longest} at the longest"),
            (_, true) => format!("{longest} at the longest, and silent when the record stops"),
        };
        match self.comebacks {
            0 => words,
            1 => format!("{words}, beside the time until it came back after a fault"),
            many => format!("{words}, beside the times until it came back after a fault ({many} times)"),
        }
    }
}

fn secs(at: SessionTime) -> f64 {
    at.since_start().secs_f64()
}
