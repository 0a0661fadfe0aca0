//! The picture as SVG: one element that needs nothing from elsewhere, dark on a screen and light on paper.

use std::fmt::Write as _;

use super::scale::{Scale, boundaries, height, intensity};
use super::{Mark, Outline, Phase, Track};

/// All lengths in the units of the view box; the picture is as wide as its place allows.
const WIDTH: f64 = 960.0;
const MARGIN: f64 = 24.0;
const ARC_HEIGHT: f64 = 150.0;
const LINE: f64 = 16.0;
const BAR: f64 = 18.0;
/// Columns of the list of pieces.
const COLUMNS: usize = 3;
/// About as wide as a character of the two sizes of text; a title that would not fit is cut.
const LETTER: f64 = 6.6;
const SMALL_LETTER: f64 = 5.9;

/// Dark on a screen, as the panel is; ink on paper.
const STYLE: &str = "\
.undertone text{font-family:system-ui,sans-serif;font-size:12px;fill:#b08a5a}\
.undertone .small{font-size:10.5px;fill:#94764c}\
.undertone .title{font-size:15px;fill:#d8a864}\
.undertone .ground{fill:#0c0a08}\
.undertone .body{fill:#a06a28;fill-opacity:.16}\
.undertone .curve{fill:none;stroke:#d0892e;stroke-width:2}\
.undertone .planned{fill:none;stroke:#8a7a64;stroke-width:1.2;stroke-dasharray:2 4}\
.undertone .edge{stroke:#4a3a26;stroke-width:1}\
.undertone .bar{fill:#2a2014;stroke:#7a5a2c;stroke-width:1}\
.undertone .exit{stroke:#d0892e;stroke-width:1}\
.undertone .mark{stroke:#c65f3c;stroke-width:1}\
.undertone .label{fill:#d07a58}\
@media print{.undertone text,.undertone .small,.undertone .title{fill:#222}.undertone .ground{fill:#fff}\
.undertone .bar{fill:#f4efe6}.undertone .label{fill:#8a2f10}}";

/// Draws an outline. The result is a well-formed `<svg>` element, to stand in a file of its own or inside a page.
///
/// It has a role and a title for screen readers, and scales to the width it is given. Marks that lie close together are
/// written one below the other; a piece is a bar with its number, and is named in the list at the bottom.
#[must_use]
pub fn svg(outline: &Outline) -> String {
    let Some(scale) = Scale::of(outline, WIDTH - 2.0 * MARGIN) else {
        return frame(outline, MARGIN + 2.0 * LINE, "");
    };
    let mut body = String::new();
    let mut y = MARGIN + LINE;
    let marks = mark_rows(&outline.marks, scale);
    y += marks.iter().map(|(row, _)| row + 1).max().unwrap_or(0) as f64 * LINE;
    let (top, base) = (y + 6.0, y + 6.0 + ARC_HEIGHT);
    draw_edges(&mut body, outline, scale, (top, base + LINE));
    draw_curves(&mut body, outline, scale, base);
    y = draw_names(&mut body, outline, scale, base + LINE);
    let bars = if outline.tracks.is_empty() { 0.0 } else { 2.0 * (BAR + 4.0) };
    // Behind the bars, so that their names can be read.
    draw_marks(&mut body, &marks, scale, (MARGIN + LINE, y + 4.0 + bars));
    draw_bars(&mut body, &outline.tracks, scale, y + 8.0);
    y += 8.0 + bars;
    y = draw_list(&mut body, outline, y + LINE);
    frame(outline, y + MARGIN - LINE, &body)
}

/// The element around the drawing.
fn frame(outline: &Outline, height: f64, body: &str) -> String {
    let title = escaped(outline.title.as_str());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"undertone\" role=\"img\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         width=\"100%\" style=\"max-width:1400px\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height:.0}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{MARGIN}\">{title}</text>\n{body}</svg>\n"
    )
}

/// Writing to a string cannot fail.
macro_rules! put {
    ($out:expr, $($text:tt)*) => {
        let _ = writeln!($out, $($text)*);
    };
}

fn x_of(scale: Scale, minute: f64) -> f64 {
    MARGIN + scale.place(minute)
}

/// Upright lines where phases meet, and their minutes.
fn draw_edges(out: &mut String, outline: &Outline, scale: Scale, (top, base): (f64, f64)) {
    let mut free = f64::MIN;
    let boundaries = boundaries(outline);
    let last = boundaries.len().saturating_sub(1);
    let end_at = boundaries.last().map_or(WIDTH, |(minute, _)| x_of(scale, *minute) - 6.0 * SMALL_LETTER);
    for (index, (minute, number)) in boundaries.into_iter().enumerate() {
        let x = x_of(scale, minute);
        put!(out, "<path class=\"edge\" d=\"M{x:.1} {top:.1}V{:.1}\"/>", base - 10.0);
        let (anchor, number) = if index == last { ("end", number + " min") } else { ("start", number) };
        let width = number.len() as f64 * SMALL_LETTER;
        if index == last || (x >= free && x + width < end_at) {
            put!(out, "<text class=\"small\" x=\"{x:.1}\" y=\"{base:.1}\" text-anchor=\"{anchor}\">{number}</text>");
            free = x + width + SMALL_LETTER;
        }
    }
}

/// The line of intensity with what is under it, and the planned one.
fn draw_curves(out: &mut String, outline: &Outline, scale: Scale, base: f64) {
    if !outline.planned.is_empty() {
        put!(out, "<path class=\"planned\" d=\"{}\"/>", curve(&outline.planned, scale, base));
    }
    if let (Some(first), Some(last)) = (outline.phases.first(), outline.phases.last()) {
        let line = curve(&outline.phases, scale, base);
        let (from, to) = (x_of(scale, first.from), x_of(scale, last.to));
        put!(out, "<path class=\"body\" d=\"M{from:.1} {base:.1}{}V{base:.1}Z\"/>", line.replacen('M', "L", 1));
        put!(out, "<path class=\"curve\" d=\"{line}\"/>");
        put!(out, "<path class=\"edge\" d=\"M{from:.1} {base:.1}H{to:.1}\"/>");
    }
}

/// A line through the beginnings and ends of phases, a phase that is passed over leaving no trace.
fn curve(phases: &[Phase], scale: Scale, base: f64) -> String {
    let mut path = String::new();
    let points = phases.iter().filter(|phase| phase.to > phase.from).flat_map(|phase| {
        let just_before = phase.to - (phase.to - phase.from) * 1e-9;
        [phase.from, just_before].map(|minute| (minute, intensity(phases, minute).unwrap_or(1.0)))
    });
    for (index, (minute, value)) in points.enumerate() {
        let (x, y) = (x_of(scale, minute), base - height(value) * ARC_HEIGHT);
        let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    path
}

/// The phases' titles and notes below the arc; returns where the next thing may be drawn.
fn draw_names(out: &mut String, outline: &Outline, scale: Scale, y: f64) -> f64 {
    let noted = outline.phases.iter().any(|phase| !phase.note.is_empty());
    for (index, phase) in outline.phases.iter().enumerate() {
        let (x, to) = (x_of(scale, phase.from), x_of(scale, phase.to));
        let next = outline.phases.get(index + 1).map_or(to, |next| x_of(scale, next.from));
        let room = next.max(to) - x - 4.0;
        put!(out, "<text x=\"{x:.1}\" y=\"{:.1}\">{}</text>", y + LINE, fitting(phase.title.as_str(), room, LETTER));
        if noted {
            let note = fitting(phase.note.as_str(), room, SMALL_LETTER);
            put!(out, "<text class=\"small\" x=\"{x:.1}\" y=\"{:.1}\">{note}</text>", y + 2.0 * LINE);
        }
    }
    y + if outline.phases.is_empty() { 0.0 } else { LINE * if noted { 2.0 } else { 1.0 } }
}

/// The pieces as bars in two rows by turns, so that a crossfade is seen as what it is: both at once.
fn draw_bars(out: &mut String, tracks: &[Track], scale: Scale, y: f64) {
    for (index, track) in tracks.iter().enumerate() {
        let y = y + (index % 2) as f64 * (BAR + 4.0);
        let (x, to) = (x_of(scale, track.from), x_of(scale, track.to));
        let width = (to - x).max(1.0);
        put!(out, "<g><title>{}. {}</title>", index + 1, escaped(track.title.as_str()));
        put!(out, "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\"/>");
        for exit in &track.exits {
            put!(out, "<path class=\"exit\" d=\"M{:.1} {:.1}v4\"/>", x_of(scale, *exit), y + BAR - 4.0);
        }
        let number = (index + 1).to_string();
        if number.len() as f64 * SMALL_LETTER + 6.0 <= width {
            let name = format!("{number} {}", track.title);
            let shown = if width > 60.0 { fitting(&name, width - 8.0, SMALL_LETTER) } else { number };
            put!(out, "<text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{shown}</text>", x + 4.0, y + 13.0);
        }
        put!(out, "</g>");
    }
}

/// The row of each mark's label, so that none is written over another.
fn mark_rows(marks: &[Mark], scale: Scale) -> Vec<(usize, &Mark)> {
    let mut ends: Vec<f64> = Vec::new();
    let mut rows = Vec::new();
    for mark in marks {
        let (from, to) = label_span(mark, scale);
        let row = ends.iter().position(|end| *end <= from).unwrap_or(ends.len());
        if row == ends.len() {
            ends.push(to);
        }
        ends[row] = to;
        rows.push((row, mark));
    }
    rows
}

/// From where to where a label is written: to the right of its mark, or to the left where there is no room.
fn label_span(mark: &Mark, scale: Scale) -> (f64, f64) {
    let (x, width) = (x_of(scale, mark.at), letters(mark.label.as_str()) * SMALL_LETTER + 10.0);
    if x + width > WIDTH - 4.0 { (x - width, x) } else { (x, x + width) }
}

fn draw_marks(out: &mut String, marks: &[(usize, &Mark)], scale: Scale, (top, bottom): (f64, f64)) {
    for (row, mark) in marks {
        let (x, y) = (x_of(scale, mark.at), top + *row as f64 * LINE);
        put!(out, "<path class=\"mark\" d=\"M{x:.1} {y:.1}V{bottom:.1}\"/>");
        let (from, _) = label_span(mark, scale);
        let (at, anchor) = if from < x { (x - 4.0, "end") } else { (x + 4.0, "start") };
        let label = escaped(mark.label.as_str());
        put!(
            out,
            "<text class=\"small label\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{label}</text>",
            y + 9.0
        );
    }
}

/// Every piece with its number and when it begins, column by column; returns the bottom.
fn draw_list(out: &mut String, outline: &Outline, y: f64) -> f64 {
    let rows = outline.tracks.len().div_ceil(COLUMNS);
    let width = (WIDTH - 2.0 * MARGIN) / COLUMNS as f64;
    let zero = outline.zero.unwrap_or(0.0);
    for (index, track) in outline.tracks.iter().enumerate() {
        let (column, row) = (index / rows, index % rows);
        let (x, y) = (MARGIN + column as f64 * width, y + row as f64 * LINE);
        let text = format!("{}\u{2002}{}\u{2002}{}", index + 1, clock(track.from - zero), track.title);
        put!(
            out,
            "<text class=\"small\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            fitting(&text, width - 12.0, SMALL_LETTER)
        );
    }
    y + rows as f64 * LINE
}

/// Minutes as `m:ss`.
fn clock(minutes: f64) -> String {
    let seconds = (minutes.abs() * 60.0).round() as i64;
    format!("{}{}:{:02}", if minutes < 0.0 && seconds > 0 { "-" } else { "" }, seconds / 60, seconds % 60)
}

/// A text cut to a width, escaped; nothing where not even a letter fits.
fn fitting(text: &str, width: f64, letter: f64) -> String {
    let most = width / letter;
    if letters(text) <= most {
        return escaped(text);
    }
    let mut room = most - 1.0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            room -= letters_of(*c);
            room >= 0.0
        })
        .collect();
    if kept.is_empty() { kept } else { escaped(kept.trim_end()) + "…" }
}

/// How wide a text is, in Latin letters.
fn letters(text: &str) -> f64 {
    text.chars().map(letters_of).sum()
}

/// From the Han radicals on characters are about twice as wide as Latin ones.
fn letters_of(c: char) -> f64 {
    if c < '\u{2e80}' { 1.0 } else { 1.8 }
}

/// Text that XML takes as text.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Not allowed in XML at all, however written.
            '\u{fffe}' | '\u{ffff}' => {}
            c if (c as u32) < 0x20 => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline() -> Outline {
        let phase =
            |title: &str, from, to, intensity| Phase { title: title.into(), from, to, intensity, ..Phase::default() };
        let track = |title: &str, from, to| Track { title: title.into(), from, to, exits: vec![from + 1.0] };
        Outline {
            title: "Low <tide> & \"co\"".into(),
            zero: Some(15.0),
            phases: vec![phase("Arriving", 0.0, 15.0, (1.0, 1.0)), phase("Deep", 15.0, 50.0, (4.0, 4.0))],
            planned: vec![phase("Arriving", 0.0, 10.0, (1.0, 1.0)), phase("Deep", 10.0, 45.0, (4.0, 4.0))],
            tracks: vec![track("Tide in", 0.0, 15.5), track("</title><script>", 15.0, 50.0)],
            marks: vec![Mark { at: 15.0, label: "dose".into() }, Mark { at: 15.5, label: "hold".into() }],
        }
    }

    #[test]
    fn a_picture_is_well_formed_whatever_the_titles_say() {
        let mut hostile = outline();
        hostile.phases[0].title = "]]>&<a href='javascript:x'>".into();
        hostile.marks[0].label = "<!-- \u{ffff} ".into();
        for outline in [outline(), hostile, Outline::default()] {
            let text = svg(&outline);
            let document = roxmltree::Document::parse(&text).expect("well-formed");
            assert_eq!(document.root_element().tag_name().name(), "svg");
            let names: Vec<_> = document.descendants().map(|node| node.tag_name().name()).collect();
            assert!(!names.contains(&"script") && !names.contains(&"a"), "{text}");
            let links = document.descendants().flat_map(|node| node.attributes());
            assert!(
                links
                    .filter(|attribute| attribute.name() != "xmlns")
                    .all(|attribute| !attribute.value().contains("://"))
            );
        }
    }

    #[test]
    fn a_piece_lies_at_its_minutes_and_marks_do_not_hide_one_another() {
        let text = svg(&outline());
        let document = roxmltree::Document::parse(&text).expect("well-formed");
        let bars: Vec<(f64, f64)> = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("bar"))
            .map(|node| ["x", "width"].map(|name| node.attribute(name).and_then(|text| text.parse().ok()).unwrap()))
            .map(|[x, width]| (x, width))
            .collect();
        let minute = (WIDTH - 2.0 * MARGIN) / 50.0;
        assert!(
            (bars[1].0 - MARGIN - 15.0 * minute).abs() < 0.1 && (bars[0].1 - 15.5 * minute).abs() < 0.1,
            "{bars:?}"
        );
        let labels: Vec<&str> = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("small label"))
            .filter_map(|node| node.attribute("y"))
            .collect();
        assert_eq!(labels.len(), 2);
        assert_ne!(labels[0], labels[1]);
    }

    #[test]
    fn minutes_that_are_no_numbers_draw_nothing_and_harm_nothing() {
        let track = Track { title: "?".into(), from: f64::NAN, to: f64::INFINITY, exits: vec![f64::NAN] };
        let text = svg(&Outline { tracks: vec![track], ..Outline::default() });
        assert!(roxmltree::Document::parse(&text).is_ok() && !text.contains("NaN"));
    }
}
