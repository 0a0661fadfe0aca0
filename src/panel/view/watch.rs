//! The screen of a watched file: its plan, what was found in it, and one line of state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::page::{Page, Piece};
use super::plan;
use crate::panel::watch::Watched;
use crate::playlist::{Diagnostic, Severity};

/// Findings are given this share of the screen at most, unless there is no plan to show.
const FINDINGS_SHARE: u16 = 2;

/// Draws the screen; returns how far the plan could be scrolled.
pub fn draw(watched: &Watched, page: &mut Page<'_>) -> u16 {
    let height = page.height().saturating_sub(1);
    let lines = u16::try_from(watched.findings.len() * 2).unwrap_or(u16::MAX);
    let findings = if watched.sheet.is_some() { lines.min(height / FINDINGS_SHARE) } else { lines.min(height) };
    let rows = height - findings;
    let furthest = draw_plan(watched, page, rows);
    draw_findings(&watched.findings, page, rows, findings);
    draw_state(watched, page, height, usize::from(findings / 2));
    furthest
}

/// The plan on a sheet of its own, of which the page shows a part.
fn draw_plan(watched: &Watched, page: &mut Page<'_>, rows: u16) -> u16 {
    let Some(sheet) = &watched.sheet else { return 0 };
    let area = Rect::new(0, 0, page.width(), plan::most_rows(sheet));
    let mut whole = Buffer::empty(area);
    let drawn = plan::draw(sheet, &mut Page::new(&mut whole, area, page.theme, page.glyphs));
    let furthest = drawn.saturating_sub(rows);
    let first = watched.scroll.min(furthest);
    for y in 0..rows.min(drawn) {
        for x in 0..page.width() {
            let cell = &whole[(x, first + y)];
            page.put(x, y, cell.symbol(), cell.style());
        }
    }
    furthest
}

/// Two lines for each finding: where and what, then what to do. The gravest first, as many as fit.
fn draw_findings(findings: &[Diagnostic], page: &mut Page<'_>, y: u16, rows: u16) {
    let mut sorted: Vec<&Diagnostic> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let (bright, figure, plain, faint) = (page.theme.bright, page.theme.figure, page.theme.plain, page.theme.faint);
    for (index, finding) in (0..rows / 2).zip(sorted) {
        let place = finding.place.as_ref().map_or(String::new(), |place| format!("{}:{} ", place.line, place.column));
        let (word, style) = match finding.severity {
            Severity::Error => ("error ", bright),
            Severity::Warning => ("warning ", figure),
        };
        let code = format!("{} ", finding.code);
        let what: [Piece<'_>; 4] = [(&place, faint), (word, style), (&code, faint), (&finding.message, plain)];
        let width = page.width().saturating_sub(2);
        page.write(1, y + 2 * index, width, &what);
        let meant = finding.nearest.as_ref().map_or(String::new(), |nearest| format!("did you mean \"{nearest}\"? "));
        page.write(5, y + 2 * index + 1, width.saturating_sub(4), &[(&meant, plain), (&finding.advice, faint)]);
    }
}

/// One line: the file, how it stands, how to leave.
fn draw_state(watched: &Watched, page: &mut Page<'_>, y: u16, shown: usize) {
    let errors = watched.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let more = watched.findings.len().saturating_sub(shown);
    let more = if more > 0 { format!(" ({more} not shown)") } else { String::new() };
    let state = match (watched.measuring, watched.readings) {
        (Some((done, total)), _) => format!("measuring {done} of {total}"),
        (None, 0) => "reading".to_owned(),
        _ if watched.is_stale() => format!("{errors} to mend{more}; plan of the last good save"),
        _ if errors > 0 => format!("{errors} to mend{more} before there is a plan"),
        _ if watched.findings.is_empty() => "nothing to mend".to_owned(),
        _ => format!("{} to know of{more}", watched.findings.len()),
    };
    let (figure, faint) = (page.theme.figure, page.theme.faint);
    let at = page.write_right(y, 1, &[("q leaves", faint)]);
    let name = format!("{}  ", watched.name);
    page.write(1, y, at.saturating_sub(2), &[(&name, faint), (&state, figure)]);
}
