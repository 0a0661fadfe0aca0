//! The report as one page for a browser or a printer: nothing in it comes from elsewhere, and nothing in it runs.

use std::fmt;

use super::course::Stretch;
use super::forms::{clock, medicine};
use super::report::{Heard, Report, ReportLine};
use crate::picture::{self, Mark, Outline, Phase, Track};
use crate::session::Steer;
use crate::units::SafeText;

const STYLE: &str = include_str!("../../assets/report.css");
/// Should a text ever be more than text, a browser still loads and runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
const CAPTION: &str = "The line is how the session went, dotted how it was planned when the dose was marked; minutes count \
                       from the dose. Bars are the pieces.";

impl Report {
    /// A page that is complete in itself, dark on a screen and black on white on paper; well-formed XML too.
    #[must_use]
    pub fn html(&self) -> String {
        let title = self.title.as_ref().map_or("A session that was never started", SafeText::as_str);
        let picture = picture::svg(&self.outline());
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width\"/>\n<title>Session report</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{}</h1>\n{}\
             <figure>\n{picture}<figcaption>{CAPTION}</figcaption>\n</figure>\n{}{}{}</body>\n</html>\n",
            Escaped(title),
            self.summary(),
            self.phase_table(),
            self.event_table(),
            self.track_table(),
        )
    }

    fn summary(&self) -> String {
        let route = self.route.as_ref().map(|route| ("Route", route.to_string()));
        let dose = self.dose_s.map(|dose| ("Dose", format!("{} after the start", clock(dose))));
        let peak = self.loudest_peak_dbtp.map(|peak| ("Loudest peak", format!("{peak:.1} dBTP")));
        let note = (!self.left_out.is_empty()).then(|| ("Note", self.left_out.clone()));
        let lasted = Some(("Lasted", format!("{}, {}", clock(self.lasted_s), self.ending())));
        let silence = Some(("Unintended silence", self.silence_words()));
        let rows = [route, lasted, dose, silence, peak, note].into_iter().flatten();
        let rows = rows.map(|(name, text)| format!("<dt>{name}</dt><dd>{}</dd>\n", Escaped(&text)));
        format!("<dl>\n{}</dl>\n", rows.collect::<String>())
    }

    /// What the picture shows, in minutes.
    fn outline(&self) -> Outline {
        let phase = |stretch: &Stretch| Phase {
            title: SafeText::new(stretch.phase.name()),
            note: SafeText::default(),
            from: stretch.from_s / 60.0,
            to: stretch.to_s / 60.0,
            intensity: (stretch.intensity.0.into(), stretch.intensity.1.into()),
        };
        let track = |track: &Heard| Track {
            title: track.title.clone(),
            from: track.from_s / 60.0,
            to: track.to_s.unwrap_or(self.lasted_s) / 60.0,
            exits: Vec::new(),
        };
        let dose = self.dose_s.map(|dose| Mark { at: dose / 60.0, label: "dose".into() });
        let mut marks: Vec<Mark> = self.events.iter().filter_map(mark).chain(dose).collect();
        marks.sort_by(|one, other| one.at.total_cmp(&other.at));
        Outline {
            title: SafeText::new("Planned, and as it went"),
            zero: self.dose_s.map(|dose| dose / 60.0),
            phases: self.phases.iter().map(phase).collect(),
            planned: self.planned.iter().map(phase).collect(),
            tracks: self.tracks.iter().map(track).collect(),
            marks,
        }
    }

    fn phase_table(&self) -> String {
        let row = |went: &Stretch| {
            let cells = [(TIME, clock(went.from_s)), (TIME, clock(went.to_s)), (TEXT, went.phase.name().into())];
            row("", cells.into_iter().chain([(TEXT, self.plan_of(went.phase))]))
        };
        table(
            "Phases",
            &[(TIME, "from"), (TIME, "to"), (TEXT, "phase"), (TEXT, "planned")],
            self.phases.iter().map(row),
        )
    }

    fn event_table(&self) -> String {
        let row = |line: &ReportLine| {
            let class = if is_bad(line) { " class=\"bad\"" } else { "" };
            row(class, [(TIME, clock(line.t_s)), (TIME, medicine(line.m_s)), (TEXT, line.what.clone())])
        };
        let heads = [(TIME, "session"), (TIME, "medicine"), (TEXT, "what happened")];
        table("What happened", &heads, self.events.iter().map(row))
    }

    fn track_table(&self) -> String {
        let row = |(track, number): (&Heard, usize)| {
            let artist = track.artist.as_ref().map_or(String::new(), SafeText::to_string);
            let phase = track.pool.map_or(track.phase.name(), pool);
            let to = track.to_s.map_or("-".into(), clock);
            let times = [(TIME, number.to_string()), (TIME, clock(track.from_s)), (TIME, to)];
            row("", times.into_iter().chain([track.title.to_string(), artist, phase.into()].map(|text| (TEXT, text))))
        };
        let times = [(TIME, "no."), (TIME, "from"), (TIME, "to")];
        let heads: Vec<_> = times.into_iter().chain(["title", "artist", "phase"].map(|head| (TEXT, head))).collect();
        table("What was heard", &heads, self.tracks.iter().zip(1..).map(row))
    }
}

/// The two kinds of column.
const TIME: &str = " class=\"time\"";
const TEXT: &str = "";

fn table(title: &str, heads: &[(&str, &str)], rows: impl Iterator<Item = String>) -> String {
    let heads: String = heads.iter().map(|(class, head)| format!("<th{class}>{head}</th>")).collect();
    let rows: String = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("<h2>{title}</h2>\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
}

fn row(class: &str, cells: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let cell = |(class, text): (&str, String)| format!("<td{class}>{}</td>", Escaped(&text));
    format!("<tr{class}>{}</tr>\n", cells.into_iter().map(cell).collect::<String>())
}

fn is_bad(line: &ReportLine) -> bool {
    line.kind == "fault"
}

/// What stands out in the picture: the clinic's stamps, and what went wrong. Everything else is in the table; the dose is drawn
/// where its mark stood at the end.
fn mark(line: &ReportLine) -> Option<Mark> {
    let label = match line.kind.as_str() {
        "booster" | "fault" => line.kind.as_str(),
        "recovered" => "sound back",
        "verb" => {
            let verb = line.what.split(" (").next().unwrap_or_default();
            let marked = verb.strip_prefix("mark ");
            marked
                .or(["device", "hold", "ground", "mute", "silence", "break"].into_iter().find(|word| *word == verb))?
        }
        _ => return None,
    };
    Some(Mark { at: line.t_s / 60.0, label: SafeText::new(label) })
}

fn pool(steer: Steer) -> &'static str {
    match steer {
        Steer::Ground => "ground",
        Steer::Warmer => "warmer",
        Steer::Deeper => "deeper",
    }
}

/// A text that a page takes as text, whatever it is.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            // Not a character of XML, however it is written.
            '\u{fffe}' | '\u{ffff}' => Ok(()),
            c => write!(f, "{c}"),
        })
    }
}
