//! A sheet to write on: measures by the width a terminal gives each character, cuts with an ellipsis, never leaves the sheet.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::panel::theme::{Glyphs, Theme};

/// The frame being drawn.
pub struct Page<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    /// The styles in force.
    pub theme: Theme,
    /// The characters in force.
    pub glyphs: Glyphs,
}

/// A text and its style.
pub type Piece<'t> = (&'t str, Style);

impl<'a> Page<'a> {
    /// A black sheet.
    pub fn new(buffer: &'a mut Buffer, area: Rect, theme: Theme, glyphs: Glyphs) -> Self {
        let area = area.intersection(buffer.area);
        buffer.set_style(area, theme.ground);
        Self { buffer, area, theme, glyphs }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Puts one character into one cell.
    pub fn put(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if x < self.area.width && y < self.area.height {
            self.buffer[(self.area.x + x, self.area.y + y)].set_symbol(symbol).set_style(style);
        }
    }

    /// Writes pieces one after the other from column `x` of row `y` into `width` columns; what does not fit is cut and ends
    /// in an ellipsis. Returns the column after the last character.
    pub fn write(&mut self, x: u16, y: u16, width: u16, pieces: &[Piece<'_>]) -> u16 {
        let end = x.saturating_add(width).min(self.area.width);
        if y >= self.area.height || x >= end {
            return x;
        }
        let fits = self.measure(pieces) <= end - x;
        let ellipsis = self.glyphs.pick("…", "...");
        let limit = if fits { end } else { end.saturating_sub(columns(ellipsis)).max(x) };
        let mut column = x;
        for (text, style) in pieces {
            let shown = self.showable(text);
            for grapheme in Span::raw(shown.as_str()).styled_graphemes(Style::new()) {
                let wide = columns(grapheme.symbol);
                if column + wide > limit {
                    return self.cut(column, end, y, ellipsis, *style);
                }
                self.place(column, y, grapheme.symbol, wide, *style);
                column += wide;
            }
        }
        column
    }

    /// Writes pieces so that they end at the right edge, `margin` columns before it. Returns the column they begin at.
    pub fn write_right(&mut self, y: u16, margin: u16, pieces: &[Piece<'_>]) -> u16 {
        let room = self.area.width.saturating_sub(margin);
        let width = self.measure(pieces).min(room);
        self.write(room - width, y, width, pieces);
        room - width
    }

    /// Writes pieces in the middle of row `y`.
    pub fn write_centred(&mut self, y: u16, pieces: &[Piece<'_>]) {
        let width = self.measure(pieces).min(self.area.width);
        self.write((self.area.width - width) / 2, y, width, pieces);
    }

    /// The columns that the pieces take.
    #[must_use]
    pub fn measure(&self, pieces: &[Piece<'_>]) -> u16 {
        pieces.iter().map(|(text, _)| columns(&self.showable(text))).fold(0, u16::saturating_add)
    }

    fn cut(&mut self, x: u16, end: u16, y: u16, ellipsis: &str, style: Style) -> u16 {
        let mut column = x;
        for dot in ellipsis.chars().take(usize::from(end.saturating_sub(x))) {
            self.put(column, y, dot.encode_utf8(&mut [0; 4]), style);
            column += 1;
        }
        column
    }

    fn place(&mut self, x: u16, y: u16, symbol: &str, wide: u16, style: Style) {
        self.put(x, y, symbol, style);
        // A wide character covers its neighbour, which must then stay empty.
        for covered in 1..wide {
            self.put(x + covered, y, "", style);
        }
    }

    /// The text in characters that the terminal can take: without UTF-8, a byte above 127 may be a control there.
    fn showable(&self, text: &str) -> String {
        if self.glyphs.unicode {
            text.to_owned()
        } else {
            text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
        }
    }
}

/// The columns that a terminal gives a text.
fn columns(text: &str) -> u16 {
    u16::try_from(Span::raw(text).width()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::setup::{Depth, ThemeName};

    fn check(text: &str, width: u16, unicode: bool, expected: &str) {
        let area = Rect::new(0, 0, 12, 1);
        let mut buffer = Buffer::empty(area);
        let mut page = Page::new(&mut buffer, area, Theme::new(ThemeName::Amber, Depth::True), Glyphs { unicode });
        page.write(0, 0, width, &[(text, Style::new())]);
        let shown: String = (0..12).map(|x| buffer[(x, 0)].symbol().to_owned()).collect();
        assert_eq!(shown.trim_end(), expected, "{text:?} in {width}");
    }

    #[test]
    fn text_is_cut_by_the_columns_it_takes() {
        check("low tide", 12, true, "low tide");
        check("low tide", 8, true, "low tide");
        check("low tide", 7, true, "low ti…");
        check("low tide", 7, false, "low ...");
        check("夜想曲の夜", 10, true, "夜想曲の夜");
        check("夜想曲の夜", 9, true, "夜想曲の…");
        check("夜想曲", 4, true, "夜…");
        check("Für Alina", 12, false, "F?r Alina");
        check("low tide", 1, true, "…");
        check("low tide", 0, true, "");
    }
}
