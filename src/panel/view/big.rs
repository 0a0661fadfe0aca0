//! Large figures, readable across a room: drawn from half blocks, or from ASCII where those are missing.

use ratatui::style::Style;

use super::page::Page;

/// Three pixels by five, top row first, leftmost pixel highest.
const PIXELS: &[(char, [u8; 5])] = &[
    ('0', [0b111, 0b101, 0b101, 0b101, 0b111]),
    ('1', [0b010, 0b110, 0b010, 0b010, 0b111]),
    ('2', [0b111, 0b001, 0b111, 0b100, 0b111]),
    ('3', [0b111, 0b001, 0b111, 0b001, 0b111]),
    ('4', [0b101, 0b101, 0b111, 0b001, 0b001]),
    ('5', [0b111, 0b100, 0b111, 0b001, 0b111]),
    ('6', [0b111, 0b100, 0b111, 0b101, 0b111]),
    ('7', [0b111, 0b001, 0b010, 0b010, 0b010]),
    ('8', [0b111, 0b101, 0b111, 0b101, 0b111]),
    ('9', [0b111, 0b101, 0b111, 0b001, 0b111]),
    ('-', [0b000, 0b000, 0b111, 0b000, 0b000]),
    ('+', [0b000, 0b010, 0b111, 0b010, 0b000]),
    // One pixel wide: only the leftmost is used.
    (':', [0b000, 0b100, 0b000, 0b100, 0b000]),
];

/// Seven segments of ASCII, three by three, for figures too small for blocks of `#`: top, upper left and right, middle,
/// lower left and right, bottom.
const SEGMENTS: &[(char, [u8; 7])] = &[
    ('0', [1, 1, 1, 0, 1, 1, 1]),
    ('1', [0, 0, 1, 0, 0, 1, 0]),
    ('2', [1, 0, 1, 1, 1, 0, 1]),
    ('3', [1, 0, 1, 1, 0, 1, 1]),
    ('4', [0, 1, 1, 1, 0, 1, 0]),
    ('5', [1, 1, 0, 1, 0, 1, 1]),
    ('6', [1, 1, 0, 1, 1, 1, 1]),
    ('7', [1, 0, 1, 0, 0, 1, 0]),
    ('8', [1, 1, 1, 1, 1, 1, 1]),
    ('9', [1, 1, 1, 1, 0, 1, 1]),
    ('-', [0, 0, 0, 1, 0, 0, 0]),
];

/// Where each segment lies in its three by three cells, and its character.
const PLACES: [(u16, u16, &str); 7] =
    [(1, 0, "_"), (0, 1, "|"), (2, 1, "|"), (1, 1, "_"), (0, 2, "|"), (2, 2, "|"), (1, 2, "_")];

/// How large: the side of one pixel, in half rows and in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(pub u16);

impl Scale {
    /// The rows that figures of this scale take.
    #[must_use]
    pub const fn rows(self) -> u16 {
        (5 * self.0).div_ceil(2)
    }

    /// The columns that a text takes.
    #[must_use]
    pub fn columns(self, text: &str) -> u16 {
        let pixels: u16 = text.chars().map(|c| pixel_columns(c) + 1).sum();
        (pixels * self.0).saturating_sub(self.0)
    }
}

const fn pixel_columns(c: char) -> u16 {
    if c == ':' { 1 } else { 3 }
}

/// Draws digits, colons and signs with the upper left corner at `x`, `y`; any other character leaves a gap.
pub fn draw(page: &mut Page<'_>, x: u16, y: u16, scale: Scale, text: &str, style: Style) {
    if scale == Scale(1) && !page.glyphs.unicode {
        return draw_segments(page, x, y, text, style);
    }
    let mut left = x;
    for c in text.chars() {
        let rows = PIXELS.iter().find(|(known, _)| *known == c).map_or([0; 5], |(_, rows)| *rows);
        let wide = pixel_columns(c) * scale.0;
        for row in 0..scale.rows() {
            for column in 0..wide {
                let lit = |half: u16| {
                    let (line, bit) = (half / scale.0, column / scale.0);
                    rows.get(usize::from(line)).is_some_and(|bits| bits >> (2 - bit) & 1 == 1)
                };
                let symbol = match (lit(2 * row), lit(2 * row + 1)) {
                    (true, true) => page.glyphs.pick("█", "#"),
                    (true, false) => page.glyphs.pick("▀", "\""),
                    (false, true) => page.glyphs.pick("▄", "_"),
                    (false, false) => continue,
                };
                page.put(left + column, y + row, symbol, style);
            }
        }
        left += wide + scale.0;
    }
}

fn draw_segments(page: &mut Page<'_>, x: u16, y: u16, text: &str, style: Style) {
    let mut left = x;
    for c in text.chars() {
        let lit = SEGMENTS.iter().find(|(known, _)| *known == c).map_or([0; 7], |(_, lit)| *lit);
        for ((dx, dy, symbol), _) in PLACES.iter().zip(lit).filter(|(_, lit)| *lit == 1) {
            page.put(left + dx, y + dy, symbol, style);
        }
        if c == ':' {
            page.put(left, y + 1, ".", style);
            page.put(left, y + 2, ".", style);
        }
        left += pixel_columns(c) + 1;
    }
}
