//! The forms of a report: columns to read, CSV for a spreadsheet, JSON for programs, a list of titles for the client. (The
//! page for a browser has a file of its own.)

use super::line::span;
use super::report::{Heard, Report, ReportLine};
use crate::units::{MedicineTime, SessionTime};

impl Report {
    /// For reading, in columns.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = match (&self.title, &self.route) {
            (Some(title), Some(route)) => format!("{title}, route {route}\n"),
            _ => "A session that was never started\n".into(),
        };
        text += &format!("Lasted {}, {}\n", clock(self.lasted_s), self.ending());
        text += &format!("Unintended silence: {}\n", self.silence_words());
        if let Some(peak) = self.loudest_peak_dbtp {
            text += &format!("Loudest peak: {peak:.1} dBTP\n");
        }
        if !self.left_out.is_empty() {
            text += &format!("Note: {}\n", self.left_out);
        }
        text += "\n session  medicine\n";
        for line in &self.events {
            text += &format!("{:>8}  {:>8}  {}\n", clock(line.t_s), medicine(line.m_s), line.what);
        }
        if !self.phases.is_empty() {
            text += "\n    from        to  phase             planned\n";
        }
        for went in &self.phases {
            let (from, to) = (clock(went.from_s), clock(went.to_s));
            text += format!("{from:>8}  {to:>8}  {:<13}{:>12}", went.phase.name(), self.plan_of(went.phase)).trim_end();
            text += "\n";
        }
        text += "\n    from        to  heard\n";
        for track in &self.tracks {
            text +=
                &format!("{:>8}  {:>8}  {}\n", clock(track.from_s), track.to_s.map_or("-".into(), clock), track.title);
        }
        text
    }

    /// When a phase was planned, such as `15:00-19:00`; empty if it was not.
    pub(super) fn plan_of(&self, phase: crate::session::PhaseKind) -> String {
        let planned = self.planned.iter().find(|planned| planned.phase == phase);
        planned.map_or(String::new(), |planned| format!("{}-{}", clock(planned.from_s), clock(planned.to_s)))
    }

    /// One row for each thing that happened, each piece that was heard, each silence that nobody asked for and the loudest
    /// peak, in the order of time. Columns: `kind` (the journal's, or `silence`, `loudest_peak`), `session_s`, `medicine_s`
    /// and `until_s` in seconds, `what` in words.
    #[must_use]
    pub fn csv(&self) -> String {
        let event = |line: &ReportLine| (line.t_s, row(&line.kind, Some(line.t_s), line.m_s, None, &line.what));
        let track = |track: &Heard| {
            let what = with_artist(track);
            (track.from_s, row("track", Some(track.from_s), track.m_s, track.to_s, &what))
        };
        let mut rows: Vec<(f64, String)> = self.events.iter().map(event).collect();
        rows.extend(self.tracks.iter().map(track));
        rows.extend(self.silences.iter().map(|gap| {
            (gap.from_s, row("silence", Some(gap.from_s), None, Some(gap.to_s), "nothing was heard, unintended"))
        }));
        rows.sort_by(|one, other| one.0.total_cmp(&other.0));
        let peak = self.loudest_peak_dbtp.map(|peak| format!("true peak {peak:.1} dBTP"));
        let peak = peak.map(|peak| row("loudest_peak", None, None, None, &peak));
        let rows = rows.into_iter().map(|(_, row)| row).chain(peak);
        "kind,session_s,medicine_s,until_s,what\r\n".to_owned() + &rows.collect::<String>()
    }

    /// Every field, as one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The pieces in order, for the client to take home: no times, no code, nothing of what was done. A piece that went on
    /// after a fault is there once.
    #[must_use]
    pub fn track_list(&self) -> String {
        let mut lines: Vec<String> = self.tracks.iter().map(with_artist).collect();
        lines.dedup();
        let title = self.title.as_ref().map_or(String::new(), |title| format!("{title}\n\n"));
        title + &lines.iter().zip(1..).map(|(line, number)| format!("{number:>2}. {line}\n")).collect::<String>()
    }
}

fn with_artist(track: &Heard) -> String {
    track.artist.as_ref().map_or(track.title.to_string(), |artist| format!("{} - {artist}", track.title))
}

/// One line of CSV.
fn row(kind: &str, from: Option<f64>, medicine: Option<f64>, until: Option<f64>, what: &str) -> String {
    let seconds = |at: Option<f64>| at.map_or(String::new(), |at| format!("{at:.3}"));
    format!("{kind},{},{},{},{}\r\n", seconds(from), seconds(medicine), seconds(until), cell(what))
}

/// A cell that is text whatever is in it: a spreadsheet takes one that begins with these signs for a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// On the session clock.
pub(super) fn clock(seconds: f64) -> String {
    SessionTime::at(span(seconds)).to_string()
}

/// On the medicine clock; empty without one.
pub(super) fn medicine(seconds: Option<f64>) -> String {
    seconds.map_or(String::new(), |secs| MedicineTime::at(span(secs)).to_string())
}
