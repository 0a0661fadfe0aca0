//! The arc of the session as a picture: planned intensity against time, what is past, where we are, what moved.
//!
//! Past minutes are filled under the curve, those to come are only its line, now is an upright stroke, and a boundary that
//! moved leaves a dotted one where it was; so the picture needs no colour.

use super::page::Page;
use crate::panel::strings;
use crate::session::{ArcPhase, PhaseKind};
use crate::units::SessionTime;

/// Where the picture lies on the page.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Its left column.
    pub x: u16,
    /// Its top row.
    pub y: u16,
    /// Its columns.
    pub width: u16,
    /// Its rows, with the line of phase names, and with that of minutes if it is five or more.
    pub height: u16,
}

/// What the picture shows.
pub struct Arc<'a> {
    /// The phases.
    pub phases: &'a [ArcPhase],
    /// The phases as they were at first.
    pub first: &'a [ArcPhase],
    /// Now; `None` before a session.
    pub now: Option<SessionTime>,
    /// Where the medicine clock began. Boundaries are written in minutes after it; before the dose, in minutes after the end
    /// of preparation, where it is planned.
    pub dose: Option<SessionTime>,
}

/// A phase with known edges, in milliseconds of the session clock.
struct Stretch<'a> {
    phase: &'a ArcPhase,
    from: i64,
    to: i64,
}

/// A boundary that was moved by less than this has not moved for the eye.
const MOVED_MS: i64 = 60_000;

impl Arc<'_> {
    /// Draws the picture; nothing where no phase has a place in time.
    pub fn draw(&self, page: &mut Page<'_>, frame: Frame) {
        let stretches = self.stretches();
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else { return };
        let now = self.now.map(|now| now.since_start().millis());
        let (from, to) = (first.from, last.to.max(now.unwrap_or(0)).max(first.from + 1));
        let scale = Scale { from, to, columns: frame.width };
        let legend = if frame.height >= 5 { 2 } else { 1 };
        let rows = frame.height.saturating_sub(legend);
        self.draw_moved(page, frame, rows, scale);
        draw_curve(page, frame, rows, &stretches, scale, now);
        if let Some(now) = now {
            let stroke = page.glyphs.pick("┃", "|");
            for row in 0..rows {
                page.put(frame.x + scale.column(now), frame.y + row, stroke, page.theme.figure);
            }
        }
        draw_names(page, frame, frame.y + rows, &stretches, scale, now);
        if legend == 2 {
            self.draw_minutes(page, frame, frame.y + rows + 1, &stretches, scale);
        }
    }

    /// The phases that have a place in time; a last one that is open lasts until now, a first one from the start.
    fn stretches(&self) -> Vec<Stretch<'_>> {
        let now = self.now.unwrap_or_default();
        self.phases
            .iter()
            .filter_map(|phase| {
                let from = phase.begins?;
                let to = phase.ends.unwrap_or(now).max(from);
                (to > from).then(|| Stretch { phase, from: from.since_start().millis(), to: to.since_start().millis() })
            })
            .collect()
    }

    /// Dotted strokes where boundaries were at first.
    fn draw_moved(&self, page: &mut Page<'_>, frame: Frame, rows: u16, scale: Scale) {
        for before in self.first {
            let now = self.phases.iter().find(|phase| phase.kind == before.kind).and_then(|phase| phase.ends);
            let (Some(was), Some(is)) = (before.ends, now) else { continue };
            let was = was.since_start().millis();
            if (was - is.since_start().millis()).abs() < MOVED_MS || was > scale.to {
                continue;
            }
            let dots = page.glyphs.pick("┊", ":");
            for row in 0..rows {
                page.put(frame.x + scale.column(was), frame.y + row, dots, page.theme.trace);
            }
        }
    }

    /// The minutes at which phases begin and the last one ends: after the dose if it is known, else of the session.
    fn draw_minutes(&self, page: &mut Page<'_>, frame: Frame, y: u16, stretches: &[Stretch<'_>], scale: Scale) {
        let preparation = self.phases.iter().find(|phase| phase.kind == PhaseKind::Preparation);
        let planned = preparation.and_then(|phase| phase.ends);
        let zero = self.dose.or(planned).unwrap_or_default().since_start().millis();
        let style = page.theme.faint;
        let minute = |at: i64| (((at - zero) as f64 / 60_000.0).round() as i64).to_string();
        let last = stretches.last().map_or(0, |stretch| stretch.to);
        let end = minute(last) + " min";
        let end_at = frame.width.saturating_sub(end.len() as u16);
        page.write(frame.x + end_at, y, end.len() as u16, &[(&end, style)]);
        let mut free = 0;
        for stretch in stretches {
            let (text, column) = (minute(stretch.from), scale.column(stretch.from));
            let width = text.len() as u16;
            if column >= free && column + width < end_at {
                page.write(frame.x + column, y, width, &[(&text, style)]);
                free = column + width + 1;
            }
        }
    }
}

/// From milliseconds to columns.
#[derive(Clone, Copy)]
struct Scale {
    from: i64,
    to: i64,
    columns: u16,
}

impl Scale {
    fn column(self, at: i64) -> u16 {
        let share = (at - self.from) as f64 / (self.to - self.from) as f64;
        (share * f64::from(self.columns)).clamp(0.0, f64::from(self.columns.saturating_sub(1))) as u16
    }

    /// The time at the middle of one of `parts` equal strips.
    fn at(self, strip: usize, parts: usize) -> i64 {
        self.from + ((strip as f64 + 0.5) / parts as f64 * (self.to - self.from) as f64) as i64
    }
}

/// Intensity at a time, 1 to 5.
fn intensity(stretches: &[Stretch<'_>], at: i64) -> Option<f64> {
    let stretch = stretches.iter().find(|stretch| (stretch.from..stretch.to).contains(&at))?;
    let (begin, end) = (f64::from(stretch.phase.intensity.0), f64::from(stretch.phase.intensity.1));
    let share = (at - stretch.from) as f64 / (stretch.to - stretch.from) as f64;
    Some((begin + (end - begin) * share).clamp(1.0, 5.0))
}

/// Draws the curve and what is under it, in dots of two by four to a cell, or one by two in ASCII.
fn draw_curve(page: &mut Page<'_>, frame: Frame, rows: u16, stretches: &[Stretch<'_>], scale: Scale, now: Option<i64>) {
    let (across, down) = if page.glyphs.unicode { (2, 4) } else { (1, 2) };
    let (columns, height) = (usize::from(frame.width) * across, usize::from(rows) * down);
    if columns == 0 || height == 0 {
        return;
    }
    // Height of the curve above the base line for each strip, the lowest intensity leaving a little under it.
    let heights: Vec<Option<usize>> = (0..columns)
        .map(|strip| {
            intensity(stretches, scale.at(strip, columns))
                .map(|value| ((value - 0.5) / 4.5 * (height as f64 - 1.0)).round() as usize)
        })
        .collect();
    let line = |strip: usize, level: usize| -> bool {
        let Some(here) = heights[strip] else { return false };
        let before = strip.checked_sub(1).and_then(|left| heights[left]).unwrap_or(here);
        (here.min(before)..=here.max(before)).contains(&level)
    };
    let past = |strip: usize| now.is_some_and(|now| scale.at(strip, columns) < now);
    let filled = |strip: usize, level: usize| {
        past(strip) && (strip + level).is_multiple_of(2) && heights[strip].is_some_and(|top| level < top)
    };
    for row in 0..usize::from(rows) {
        for column in 0..usize::from(frame.width) {
            let mut dots = Dots::default();
            for dx in 0..across {
                for dy in 0..down {
                    let (strip, level) = (column * across + dx, height - 1 - (row * down + dy));
                    dots.add(dx, dy, line(strip, level), filled(strip, level));
                }
            }
            let style = if dots.on_line && !past(column * across) { page.theme.plain } else { page.theme.trace };
            if let Some(symbol) = dots.symbol(page.glyphs.unicode) {
                page.put(frame.x + column as u16, frame.y + row as u16, symbol.encode_utf8(&mut [0; 4]), style);
            }
        }
    }
}

/// The dots of one cell.
#[derive(Default)]
struct Dots {
    /// In the order of Unicode's braille patterns.
    braille: u32,
    on_line: bool,
    upper: bool,
    lower: bool,
    under: bool,
}

impl Dots {
    fn add(&mut self, dx: usize, dy: usize, line: bool, filled: bool) {
        const BIT: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        if line || filled {
            self.braille |= BIT[dx][dy];
        }
        self.on_line |= line;
        self.upper |= line && dy == 0;
        self.lower |= line && dy == 1;
        self.under |= filled;
    }

    fn symbol(&self, unicode: bool) -> Option<char> {
        if unicode {
            return if self.braille == 0 { None } else { char::from_u32(0x2800 + self.braille) };
        }
        match (self.upper, self.lower, self.under) {
            (true, true, _) => Some('|'),
            (true, false, _) => Some('\''),
            (false, true, _) => Some('_'),
            (false, false, true) => Some('.'),
            (false, false, false) => None,
        }
    }
}

/// The phases' names under their minutes, in full if there is room, shortened if not; the present one stands out.
fn draw_names(page: &mut Page<'_>, frame: Frame, y: u16, stretches: &[Stretch<'_>], scale: Scale, now: Option<i64>) {
    for (index, stretch) in stretches.iter().enumerate() {
        let left = scale.column(stretch.from);
        let right = stretches.get(index + 1).map_or(frame.width, |next| scale.column(next.from));
        let room = right.saturating_sub(left).saturating_sub(u16::from(right < frame.width));
        let full = strings::phase(stretch.phase.kind);
        let short = strings::phase_short(stretch.phase.kind);
        let name = if full.len() <= usize::from(room) { full } else { short };
        if name.len() > usize::from(room) {
            continue;
        }
        let present = now.is_some_and(|now| (stretch.from..=stretch.to).contains(&now));
        let style = if present { page.theme.figure } else { page.theme.faint };
        page.write(frame.x + left, y, room, &[(name, style)]);
    }
}
