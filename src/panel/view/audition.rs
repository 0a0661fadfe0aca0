//! One joint at a time: the two pieces, the crossfade between them to scale, and where in it we are.

use super::page::Page;
use crate::panel::audition::{Audition, Sounds};
use crate::panel::strings;
use crate::units::Span;

/// From the left edge.
const MARGIN: u16 = 2;
/// Labels take this many columns.
const LABEL: u16 = 11;

/// Draws the screen.
pub fn draw(screen: &Audition, page: &mut Page<'_>) {
    let (theme, width) = (page.theme, page.width().saturating_sub(2 * MARGIN));
    let card = screen.card();
    let place = strings::joint_number(screen.index + 1, screen.joints.len());
    page.write(MARGIN, 0, width.saturating_sub(20), &[(screen.title.as_str(), theme.plain)]);
    page.write_right(0, MARGIN, &[(&place, theme.faint)]);
    let side = |page: &mut Page<'_>, y, label, title: &str, more: &str| {
        page.write(MARGIN, y, LABEL, &[(label, theme.faint)]);
        let room = width.saturating_sub(LABEL);
        page.write(MARGIN + LABEL, y, room, &[(title, theme.figure), ("  ", theme.faint), (more, theme.faint)]);
    };
    let left = strings::joint_left(card.phases.0, card.left_at);
    side(page, 2, strings::JOINT_LEAVES, card.titles.0.as_str(), &left);
    let comes = strings::joint_comes(card.phases.1, card.at);
    side(page, 3, strings::JOINT_COMES, card.titles.1.as_str(), &comes);
    let length = screen.length().to_string();
    let was = strings::joint_was(card.length);
    let was = if screen.length() == card.length { strings::joint_longest(card.longest) } else { was };
    side(page, 5, strings::JOINT_LENGTH, &length, &was);
    let parts =
        screen.sounds.as_ref().map_or([Span::from_secs(20), screen.length(), Span::from_secs(10)], |now| now.parts);
    draw_bars(page, 7, width, parts);
    if let Some(sounds) = &screen.sounds {
        draw_cursor(page, 7, width, sounds);
    }
    let state = screen.sounds.as_ref().map_or(strings::JOINT_SILENT, |sounds| sounds.output.as_str());
    page.write(MARGIN, 10, width, &[(state, theme.plain)]);
    let changes = strings::changes(screen.changed.len());
    page.write(MARGIN, 11, width, &[(&changes, theme.plain)]);
    let word =
        if screen.asking { Some(strings::AUDITION_ASKING) } else { screen.said.as_ref().map(|said| said.as_str()) };
    write_folded(page, 13, width, word.unwrap_or_default());
    let bottom = page.height().saturating_sub(1);
    page.write(MARGIN, bottom, width, &[(strings::AUDITION_KEYS, theme.faint)]);
}

/// What is said may be longer than a line.
fn write_folded(page: &mut Page<'_>, mut y: u16, width: u16, text: &str) {
    let style = page.theme.figure;
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if page.measure(&[(&longer, style)]) > width && !line.is_empty() {
            page.write(MARGIN, y, width, &[(&line, style)]);
            y += 1;
            line = word.to_owned();
        } else {
            line = longer;
        }
    }
    page.write(MARGIN, y, width, &[(&line, style)]);
}

/// A row for each piece, thinning out where it goes, filling where it comes.
fn draw_bars(page: &mut Page<'_>, y: u16, width: u16, parts: [Span; 3]) {
    const SHADES: [(&str, &str); 4] = [("█", "#"), ("▓", "="), ("▒", "-"), ("░", ".")];
    let (style, scale) = (page.theme.trace, Scale::of(parts, width));
    for column in 0..width {
        let share = scale.share_of_coming(column);
        for (row, there) in [(0, 1.0 - share), (1, share)] {
            if there > 0.02 {
                let shade = ((1.0 - there) * 4.0).clamp(0.0, 3.0) as usize;
                let (unicode, ascii) = SHADES[shade];
                let symbol = page.glyphs.pick(unicode, ascii);
                page.put(MARGIN + column, y + row, symbol, style);
            }
        }
    }
}

fn draw_cursor(page: &mut Page<'_>, y: u16, width: u16, sounds: &Sounds) {
    let column = Scale::of(sounds.parts, width).column(sounds.at);
    let stroke = page.glyphs.pick("┃", "|");
    for row in 0..2 {
        page.put(MARGIN + column, y + row, stroke, page.theme.figure);
    }
}

/// From time to columns.
struct Scale {
    before: f64,
    over: f64,
    all: f64,
    columns: f64,
}

impl Scale {
    fn of(parts: [Span; 3], columns: u16) -> Self {
        let [before, over, after] = parts.map(Span::secs_f64);
        Self { before, over, all: (before + over + after).max(0.001), columns: f64::from(columns.max(1)) }
    }

    fn column(&self, at: Span) -> u16 {
        (at.secs_f64() / self.all * self.columns).clamp(0.0, self.columns - 1.0) as u16
    }

    /// How far the crossfade is in the middle of a column, 0 to 1.
    fn share_of_coming(&self, column: u16) -> f64 {
        let at = (f64::from(column) + 0.5) / self.columns * self.all;
        ((at - self.before) / self.over.max(0.001)).clamp(0.0, 1.0)
    }
}
