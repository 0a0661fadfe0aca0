//! The forms of a report: columns to read, CSV for a spreadsheet, a page for a browser.

use super::line::span;
use super::report::Report;
use crate::session::Why;
use crate::units::{MedicineTime, SessionTime};

impl Report {
    /// For reading, in columns.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = match (&self.title, &self.route) {
            (Some(title), Some(route)) => format!("{title}, route {route}\n"),
            _ => "A session that was never started\n".into(),
        };
        let end = match self.ended {
            Some(Why::Verb) => "ended by hand",
            Some(_) => "ended by itself",
            None => "without an end: still running, or broken off",
        };
        text += &format!("Lasted {}, {end}\n", clock(self.lasted_s));
        let silence = span(self.longest_silence_s);
        text += &match (self.longest_silence_s > 0.0, self.ends_silent) {
            (false, false) => "Unintended silence: none\n".into(),
            (_, false) => format!("Unintended silence: {silence} at the longest\n"),
            (_, true) => format!("Unintended silence: {silence} at the longest, and silent when the record stops\n"),
        };
        if !self.left_out.is_empty() {
            text += &format!("Note: {}\n", self.left_out);
        }
        text += "\n session  medicine\n";
        for line in &self.lines {
            text += &format!("{:>8}  {:>8}  {}\n", clock(line.t_s), medicine(line.m_s), line.what);
        }
        text += "\n    from        to  heard\n";
        for piece in &self.pieces {
            text +=
                &format!("{:>8}  {:>8}  {}\n", clock(piece.from_s), piece.to_s.map_or("-".into(), clock), piece.title);
        }
        text
    }

    /// What happened, one line each: the clocks in seconds, and words.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |line: &super::ReportLine| {
            format!(
                "{:.3},{},{}\r\n",
                line.t_s,
                line.m_s.map_or(String::new(), |m| format!("{m:.3}")),
                cell(&line.what)
            )
        };
        "session_s,medicine_s,what\r\n".to_owned() + &self.lines.iter().map(line).collect::<String>()
    }

    /// The text as one page without scripts, styles or anything from elsewhere.
    #[must_use]
    pub fn html(&self) -> String {
        let text = self.text().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let head = "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Session report</title>";
        format!("{head}\n<pre>{text}</pre></html>\n")
    }
}

/// A cell that is text whatever is in it: a spreadsheet takes one that begins with these signs for a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn clock(seconds: f64) -> String {
    SessionTime::at(span(seconds)).to_string()
}

fn medicine(seconds: Option<f64>) -> String {
    seconds.map_or(String::new(), |secs| MedicineTime::at(span(secs)).to_string())
}
