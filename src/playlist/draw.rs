//! Draws diagnostics for a terminal or a golden file.

use std::fmt::Write;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::diagnostic::{Diagnostic, Place, Severity};
use super::source::Source;
use crate::units::SafeText;

const WIDTH: usize = 100;
/// Of a longer line only the part around the offence is shown, so that the drawing keeps to its width.
const LONGEST_LINE: usize = 84;
/// Characters before the offence that are shown of a longer line.
const LEAD: usize = 30;

/// All diagnostics as plain text without colour, at most 100 columns wide, each with the offending text underlined.
#[must_use]
pub fn draw(diagnostics: &[Diagnostic]) -> String {
    let theme = GraphicalTheme::unicode_nocolor();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false).with_context_lines(0);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let (severity, word) = match diagnostic.severity {
            Severity::Warning => (miette::Severity::Warning, "warning"),
            Severity::Error => (miette::Severity::Error, "error"),
        };
        let mut drawing = MietteDiagnostic::new(diagnostic.message.as_str())
            .with_code(format!("{word}[{}]", diagnostic.code))
            .with_severity(severity)
            .with_help(help(diagnostic));
        let excerpt = diagnostic.place.as_ref().zip(diagnostic.source.as_deref());
        let excerpt = excerpt.map(|(place, source)| Excerpt::of(place, source));
        if let Some(excerpt) = &excerpt {
            drawing = drawing.with_label(LabeledSpan::underline(excerpt.label));
        }
        let report = miette::Report::new(drawing);
        let drawn = match excerpt {
            Some(excerpt) => handler.render_report(&mut text, report.with_source_code(excerpt).as_ref()),
            None => handler.render_report(&mut text, report.as_ref()),
        };
        if drawn.is_err() {
            let _ = writeln!(text, "{diagnostic}");
        }
        text.push('\n');
    }
    // The drawing library pads its lines.
    text.lines().fold(String::new(), |trimmed, line| trimmed + line.trim_end() + "\n")
}

fn help(diagnostic: &Diagnostic) -> String {
    match &diagnostic.nearest {
        Some(nearest) => format!("did you mean \"{nearest}\"? {}", diagnostic.advice),
        None => diagnostic.advice.clone(),
    }
}

/// The one line that a diagnostic is about, safe to show.
#[derive(Debug)]
struct Excerpt {
    name: String,
    line: usize,
    column: usize,
    text: String,
    /// What to underline, in bytes of `text`.
    label: SourceSpan,
}

impl Excerpt {
    fn of(place: &Place, source: &Source) -> Self {
        let (line, _) = source.line_of(place.span.start);
        let whole = source.line(line);
        let from = place.column - 1;
        // A long line is cut on both sides; a mark that goes on in the next line ends with this one.
        let first = if whole.len() > LONGEST_LINE { from.saturating_sub(LEAD) } else { 0 };
        let seen: Vec<char> = whole.chars().skip(first).take(LONGEST_LINE).map(shown).collect();
        let marked = source.text.get(place.span.clone()).map_or(0, |text| text.chars().take(LONGEST_LINE).count());
        let from = (from - first).min(seen.len());
        let to = (from + marked).clamp(from + 1, seen.len().max(from + 1));
        let bytes =
            |from: usize, to: usize| (from..to).map(|at| seen.get(at).map_or(1, |c| c.len_utf8())).sum::<usize>();
        let label = (bytes(0, from), bytes(from, to)).into();
        // A blank at the end, so that what is missing there can be underlined too.
        let text = seen.iter().chain([&' ']).collect();
        Self { name: place.file.to_string(), line, column: place.column - 1, text, label }
    }
}

/// A character as it may be shown: what acts on a terminal, hides or reorders becomes a question mark.
fn shown(c: char) -> char {
    if c.is_whitespace() {
        ' '
    } else if c.is_ascii_graphic() || !SafeText::new(c.encode_utf8(&mut [0; 4])).is_empty() {
        c
    } else {
        '?'
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (text, whole) = (self.text.as_bytes(), (0, self.text.len()).into());
        let contents = MietteSpanContents::new_named(self.name.clone(), text, whole, self.line, self.column, 1);
        Ok(Box::new(contents))
    }
}
