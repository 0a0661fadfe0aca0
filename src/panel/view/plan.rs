//! A plan as a picture: arc, pieces to scale, phases with their spare, what could come of it, and the list of pieces.

use ratatui::style::Style;

use super::arc::{Arc, Frame};
use super::page::{Page, Piece};
use crate::panel::sheet::{Consequence, PhaseRow, PieceRow, Sheet, Spare};
use crate::panel::strings;
use crate::session::Advance;
use crate::units::{SessionTime, Span};

/// Left and right of everything.
const MARGIN: u16 = 1;
/// The arc's rows with names and minutes: on a screen of 24 rows, and where there is more room.
const ARC_ROWS: (u16, u16) = (8, 12);
/// From this width on the picture is drawn larger.
const WIDE: u16 = 110;
/// A column of the list of pieces is at least this wide.
const LIST_COLUMN: u16 = 58;

/// No plan needs more rows than this, at any width.
#[must_use]
pub fn most_rows(sheet: &Sheet) -> u16 {
    let rows = 40 + sheet.phases.len() + sheet.pieces.len() + sheet.marks.len() + sheet.consequences.len();
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// Draws a plan from the top of the page; returns the rows it took. The first 24 hold the picture, the list comes after.
pub fn draw(sheet: &Sheet, page: &mut Page<'_>) -> u16 {
    let width = page.width().saturating_sub(2 * MARGIN);
    draw_head(sheet, page);
    let height = if page.width() >= WIDE { ARC_ROWS.1 } else { ARC_ROWS.0 };
    let arc = Arc { phases: &sheet.arc, first: &sheet.planned_arc, now: None, dose: sheet.dose };
    arc.draw(page, Frame { x: MARGIN, y: 1, width, height });
    let mut y = draw_marks(sheet, page, 1 + height);
    y = draw_bars(sheet, page, y);
    y = draw_phases(sheet, page, y + 1);
    y = draw_consequences(sheet, page, y + 1);
    draw_list(sheet, page, y + 1)
}

fn draw_head(sheet: &Sheet, page: &mut Page<'_>) {
    let facts = format!("route {}, {}, {} pieces", sheet.route, minutes(sheet.ends.since_start()), sheet.pieces.len());
    let (figure, faint) = (page.theme.figure, page.theme.faint);
    let at = page.write_right(0, MARGIN, &[(&facts, faint)]);
    page.write(MARGIN, 0, at.saturating_sub(MARGIN + 1), &[(sheet.title.as_str(), figure)]);
}

/// From the session's clock to columns of the picture, as the arc has them.
#[derive(Clone, Copy)]
struct Columns {
    from: i64,
    to: i64,
    width: u16,
}

impl Columns {
    fn of(sheet: &Sheet, width: u16) -> Option<Self> {
        let millis = |at: SessionTime| at.since_start().millis();
        let begins = sheet.arc.iter().filter_map(|phase| phase.begins).map(millis).min()?;
        let ends = sheet.arc.iter().filter_map(|phase| phase.ends).map(millis).max()?;
        (ends > begins).then_some(Self { from: begins, to: ends, width })
    }

    fn at(self, at: SessionTime) -> u16 {
        let share = (at.since_start().millis() - self.from) as f64 / (self.to - self.from) as f64;
        MARGIN + (share * f64::from(self.width)).clamp(0.0, f64::from(self.width.saturating_sub(1))) as u16
    }
}

/// A row of small arrows where something was done; nothing, if nothing was.
fn draw_marks(sheet: &Sheet, page: &mut Page<'_>, y: u16) -> u16 {
    let Some(columns) = Columns::of(sheet, page.width().saturating_sub(2 * MARGIN)) else { return y };
    if sheet.marks.is_empty() {
        return y;
    }
    let arrow = page.glyphs.pick("▴", "^");
    let (figure, faint) = (page.theme.figure, page.theme.faint);
    let places: Vec<u16> = sheet.marks.iter().map(|(at, _)| columns.at(*at)).collect();
    for (index, (place, (_, label))) in places.iter().zip(&sheet.marks).enumerate() {
        page.put(*place, y, arrow, figure);
        // A label that does not fit before the next arrow is only in the list below.
        let next = places.get(index + 1).copied().unwrap_or(page.width());
        let words = [(label.as_str(), faint)];
        if page.measure(&words) + 1 < next.saturating_sub(*place) {
            page.write(place + 1, y, next - place, &words);
        }
    }
    y + 1
}

/// The pieces to scale, in two rows by turns: where two are crossed, both are seen.
fn draw_bars(sheet: &Sheet, page: &mut Page<'_>, y: u16) -> u16 {
    let Some(columns) = Columns::of(sheet, page.width().saturating_sub(2 * MARGIN)) else { return y };
    for (index, piece) in sheet.pieces.iter().enumerate() {
        let row = y + (index % 2) as u16;
        draw_bar(page, row, index + 1, piece, columns);
    }
    y + if sheet.pieces.is_empty() { 0 } else { 2 }
}

fn draw_bar(page: &mut Page<'_>, y: u16, number: usize, piece: &PieceRow, columns: Columns) {
    let (from, to) = (columns.at(piece.begins), columns.at(piece.ends).max(columns.at(piece.begins)));
    let (edge, body, exit) = (page.glyphs.pick("├", "|"), page.glyphs.pick("─", "-"), page.glyphs.pick("┴", "'"));
    let (plain, trace) = (page.theme.plain, page.theme.trace);
    for column in from..=to {
        page.put(column, y, if column == from { edge } else { body }, trace);
    }
    for exit_at in &piece.exits {
        page.put(columns.at(*exit_at), y, exit, trace);
    }
    let number = number.to_string();
    let (room, needed) = (to - from, number.len() as u16);
    if needed <= room {
        page.write(from + 1, y, needed, &[(&number, plain)]);
        let title = format!(" {}", piece.title);
        let title = [(title.as_str(), page.theme.faint)];
        if room > needed + 6 {
            page.write(from + 1 + needed, y, (room - needed).min(page.measure(&title)), &title);
        }
    }
}

/// A table: for each phase what is planned, heard, and left over.
fn draw_phases(sheet: &Sheet, page: &mut Page<'_>, y: u16) -> u16 {
    let moved = sheet.arc != sheet.planned_arc;
    let heads = ["phase", "planned", if moved { "lasted" } else { "goes on" }, "pieces", "joints", "exits", "spare"];
    let faint = page.theme.faint;
    row(page, y, &heads.map(str::to_owned), faint);
    let mut y = y + 1;
    for phase in &sheet.phases {
        let third =
            if moved { phase.lasted.map_or("-".to_owned(), minutes) } else { advance(phase.advance).to_owned() };
        let cells = [
            phase.title.to_string(),
            minutes(phase.planned),
            third,
            phase.pieces.to_string(),
            phase.crossfade.to_string(),
            phase.exits.to_string(),
            spare(phase),
        ];
        let plain = page.theme.plain;
        row(page, y, &cells, plain);
        y += 1;
    }
    y
}

/// One row of the table of phases.
fn row(page: &mut Page<'_>, y: u16, cells: &[String; 7], style: Style) {
    const WIDTHS: [u16; 6] = [17, 8, 10, 7, 7, 6];
    let mut x = MARGIN;
    for (cell, width) in cells.iter().zip(WIDTHS) {
        page.write(x, y, width - 1, &[(cell, style)]);
        x += width;
    }
    let room = page.width().saturating_sub(x + MARGIN);
    page.write(x, y, room, &[(&cells[6], style)]);
}

fn advance(advance: Advance) -> &'static str {
    match advance {
        Advance::Manual => "by hand",
        Advance::Ask => "asks",
        Advance::Auto => "by itself",
    }
}

fn spare(phase: &PhaseRow) -> String {
    let Spare { pieces, length, endless } = phase.spare;
    let pieces = match pieces {
        0 => "none".to_owned(),
        1 => format!("1 piece, {}", minutes(length)),
        more => format!("{more} pieces, {}", minutes(length)),
    };
    if endless { pieces + "; endless" } else { pieces }
}

/// One line for each: if this, then that. What is too long goes on below.
fn draw_consequences(sheet: &Sheet, page: &mut Page<'_>, y: u16) -> u16 {
    const THEN: u16 = 20;
    let room = page.width().saturating_sub(THEN + 2 * MARGIN);
    let (plain, faint) = (page.theme.plain, page.theme.faint);
    let mut y = y;
    for Consequence { what, then } in &sheet.consequences {
        page.write(MARGIN, y, THEN - 1, &[(what.as_str(), faint)]);
        let fits = page.measure(&[(then.as_str(), plain)]) <= room;
        let parts: Vec<&str> = if fits { vec![then.as_str()] } else { then.as_str().split("; ").collect() };
        for part in parts {
            page.write(MARGIN + THEN, y, room, &[(part, plain)]);
            y += 1;
        }
    }
    y
}

/// Every piece with its times, then what was done, in as many columns as fit.
fn draw_list(sheet: &Sheet, page: &mut Page<'_>, y: u16) -> u16 {
    let width = page.width().saturating_sub(2 * MARGIN);
    let columns = (width / LIST_COLUMN).max(1);
    let mut y = y;
    if !sheet.pieces.is_empty() {
        let faint = page.theme.faint;
        let head = format!("{:>4} {:>8}  {:>5}  piece, and where it can be left early", "", "begins", "joint");
        page.write(MARGIN, y, width, &[(&head, faint)]);
        let rows = (sheet.pieces.len() as u16).div_ceil(columns);
        for (index, piece) in (0..).zip(&sheet.pieces) {
            let (column, row) = (index / rows, index % rows);
            let x = MARGIN + column * (width / columns);
            draw_piece(page, (x, y + 1 + row), width / columns - u16::from(columns > 1) * 2, index + 1, piece);
        }
        y += 1 + rows;
    }
    if !sheet.marks.is_empty() {
        y += 1;
        for (at, label) in &sheet.marks {
            let (plain, faint) = (page.theme.plain, page.theme.faint);
            let clock = format!("{:>4} {:>8}  ", "", at.to_string());
            page.write(MARGIN, y, width, &[(&clock, faint), (label.as_str(), plain)]);
            y += 1;
        }
    }
    y
}

fn draw_piece(page: &mut Page<'_>, (x, y): (u16, u16), width: u16, number: u16, piece: &PieceRow) {
    let (plain, faint) = (page.theme.plain, page.theme.faint);
    let joint = if piece.over == Span::ZERO { String::new() } else { piece.over.to_string() };
    let head = format!("{number:>4} {:>8}  {joint:>5}  ", piece.begins.to_string());
    let exits: Vec<String> = piece.exits.iter().map(SessionTime::to_string).collect();
    let mut rest = String::new();
    if let Some(steer) = piece.steer {
        rest += &format!("  {}", strings::steer(steer).0);
    }
    if piece.again {
        rest += "  heard before";
    }
    if !exits.is_empty() {
        rest += &format!("  {}", exits.join(" "));
    }
    let pieces: [Piece<'_>; 3] = [(&head, faint), (piece.title.as_str(), plain), (&rest, faint)];
    page.write(x, y, width, &pieces);
}

/// To the minute, for reading: `15m`, `1h45m`; to the second below two minutes.
fn minutes(length: Span) -> String {
    let second = length.millis() / 1000;
    if second < 120 { Span::from_secs(second).to_string() } else { Span::from_mins((second + 30) / 60).to_string() }
}
