//! The report: what a session was, in words and relative times, for a colleague to read.

use serde::Serialize;

use super::line::Record;
use super::story::Story;
use super::words::words;
use crate::session::{Event, Report as Trouble, TrackId, Why};
use crate::units::{SafeText, SessionTime};

/// What a journal amounts to. It holds neither a date nor anything of a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The playlist's title; `None` if the session was never started.
    pub title: Option<SafeText>,
    /// The route's name.
    pub route: Option<SafeText>,
    /// The session clock of the last record, in seconds.
    pub lasted_s: f64,
    /// Why the session ended; `None` while it runs, or if it was broken off.
    pub ended: Option<Why>,
    /// The longest time without sound that nobody asked for, in seconds.
    pub longest_silence_s: f64,
    /// Nothing was heard any more when the journal stopped.
    pub ends_silent: bool,
    /// Each piece that was heard, in order.
    pub pieces: Vec<Heard>,
    /// What happened, in order: verbs, phases, faults.
    pub lines: Vec<ReportLine>,
    /// What could not be read of the journal, in words; empty if it is whole.
    pub left_out: String,
}

/// One piece, as it was heard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Heard {
    /// Its title.
    pub title: SafeText,
    /// The session clock when it began to sound, in seconds.
    pub from_s: f64,
    /// The session clock when it was left, in seconds; `None` if the journal stops first.
    pub to_s: Option<f64>,
    /// Its place in the plan, to find its end by.
    #[serde(skip)]
    id: TrackId,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportLine {
    /// On the session clock, in seconds.
    pub t_s: f64,
    /// On the medicine clock, in seconds, if it ran.
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
        let mut report =
            Self { lasted_s: secs(story.until()), left_out: story.left_out.to_string(), ..Self::default() };
        let mut lost_at: Option<SessionTime> = None;
        for record in &story.records {
            report.take(record);
            match &record.event {
                Event::Fault { report: Trouble::OutputLost { .. } } => lost_at = lost_at.or(Some(record.t)),
                Event::Recovered { silence_s } => {
                    lost_at = None;
                    report.silence(*silence_s);
                }
                Event::Ended { .. } => report.silence(lost_at.take().map_or(0.0, |lost| (record.t - lost).secs_f64())),
                _ => {}
            }
        }
        report.ends_silent = lost_at.is_some();
        report.silence(lost_at.map_or(0.0, |lost| (story.until() - lost).secs_f64()));
        report
    }

    fn silence(&mut self, seconds: f64) {
        self.longest_silence_s = self.longest_silence_s.max(seconds);
    }

    fn take(&mut self, record: &Record) {
        let t_s = secs(record.t);
        match &record.event {
            Event::Started { title, route, .. } => {
                self.title = Some(title.clone());
                self.route = Some(route.clone());
            }
            Event::Track { id, title, .. } => {
                self.pieces.push(Heard { title: title.clone(), from_s: t_s, to_s: None, id: *id });
            }
            Event::TrackEnd { id, .. } => {
                let open = self.pieces.iter_mut().rev().find(|piece| piece.id == *id && piece.to_s.is_none());
                if let Some(piece) = open {
                    piece.to_s = Some(t_s);
                }
            }
            Event::Ended { why } => {
                self.ended = Some(*why);
                self.pieces.iter_mut().for_each(|piece| piece.to_s = piece.to_s.or(Some(t_s)));
            }
            _ => {}
        }
        if let Some(what) = words(&record.event) {
            let m_s = record.m.map(|m| m.since_start().secs_f64());
            self.lines.push(ReportLine { t_s, m_s, what });
        }
    }
}

fn secs(at: SessionTime) -> f64 {
    at.since_start().secs_f64()
}
