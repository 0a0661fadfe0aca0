//! A plan as lines of text, for a terminal that scrolls and for a file.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::setup::{Depth, Setup};
use super::sheet::Sheet;
use super::theme::{Glyphs, Theme};
use super::view::page::Page;
use super::view::plan;

/// The narrowest picture that still says something.
const NARROWEST: u16 = 40;

/// The columns of the process's terminal; `None` where there is none.
#[must_use]
pub fn columns() -> Option<u16> {
    crossterm::terminal::size().ok().map(|(columns, _)| columns).filter(|columns| *columns > 0)
}

/// Draws a plan as wide as `columns`, each line ended by a line feed. `styled` puts in the colours of the setup (with
/// `NO_COLOR`: bold and faint only); without it the text is plain.
#[must_use]
pub fn print_plan(sheet: &Sheet, setup: &Setup, columns: u16, styled: bool) -> String {
    let area = Rect::new(0, 0, columns.max(NARROWEST), plan::most_rows(sheet));
    let mut buffer = Buffer::empty(area);
    let theme = Theme::new(setup.theme, if styled { setup.depth } else { Depth::None });
    let rows = plan::draw(sheet, &mut Page::new(&mut buffer, area, theme, Glyphs { unicode: setup.unicode }));
    let mut text = String::new();
    for y in 0..rows.min(area.height) {
        let mut line = String::new();
        let mut inked = Style::new();
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            // The background is the terminal's own: what is printed scrolls among other text.
            let style = Style { bg: None, ..cell.style() };
            if styled && style != inked && cell.symbol() != " " {
                line.push_str(&codes(style));
                inked = style;
            }
            line.push_str(cell.symbol());
        }
        let end = if inked == Style::new() { "" } else { "\x1b[0m" };
        let _ = writeln!(text, "{}{end}", line.trim_end());
    }
    text
}

/// The codes that switch to a style, whatever was before.
fn codes(style: Style) -> String {
    let mut codes = "\x1b[0".to_owned();
    if style.add_modifier.contains(Modifier::BOLD) {
        codes += ";1";
    }
    if style.add_modifier.contains(Modifier::DIM) {
        codes += ";2";
    }
    match style.fg {
        Some(Color::Rgb(red, green, blue)) => codes += &format!(";38;2;{red};{green};{blue}"),
        Some(Color::Indexed(number)) => codes += &format!(";38;5;{number}"),
        Some(Color::Red) => codes += ";31",
        Some(Color::Yellow) => codes += ";33",
        Some(Color::Gray) => codes += ";37",
        Some(Color::DarkGray) => codes += ";90",
        _ => {}
    }
    codes + "m"
}
