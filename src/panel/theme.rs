//! The near-black themes, in as many colours as the terminal has.
//!
//! Brightness is spent by role, not by colour: a word that must be seen now is `bright`, large figures are half as bright
//! because they are large, all else is dimmer still. Every state is also said by a word and a shape.

use ratatui::style::{Color, Modifier, Style};

use super::setup::{Depth, ThemeName};

/// One style for each role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Behind everything.
    pub ground: Style,
    /// What must be seen now; at most 2 % of the cells of any screen.
    pub bright: Style,
    /// The large figures and the words of state.
    pub figure: Style,
    /// Text that is read.
    pub plain: Style,
    /// Labels, hints, and the one line of the dimmed screen.
    pub faint: Style,
    /// The body of the arc.
    pub trace: Style,
}

/// The colours of a theme, from bright to trace: 24 bits, of 256, of 16.
type Ramp = [((u8, u8, u8), u8, Color); 5];

const AMBER: Ramp = [
    ((196, 118, 36), 172, Color::Yellow),
    ((140, 80, 22), 94, Color::Yellow),
    ((118, 70, 24), 94, Color::Yellow),
    ((94, 57, 20), 239, Color::DarkGray),
    ((60, 37, 14), 237, Color::DarkGray),
];

const RED: Ramp = [
    ((186, 40, 30), 124, Color::Red),
    ((136, 26, 20), 88, Color::Red),
    ((116, 24, 18), 88, Color::Red),
    ((94, 20, 15), 52, Color::DarkGray),
    ((60, 13, 10), 52, Color::DarkGray),
];

const GREY: Ramp = [
    ((150, 150, 150), 246, Color::Gray),
    ((104, 104, 104), 241, Color::DarkGray),
    ((90, 90, 90), 240, Color::DarkGray),
    ((70, 70, 70), 238, Color::DarkGray),
    ((46, 46, 46), 236, Color::DarkGray),
];

impl Theme {
    /// The theme of that name for that many colours.
    #[must_use]
    pub fn new(name: ThemeName, depth: Depth) -> Self {
        let ramp = match name {
            ThemeName::Amber => AMBER,
            ThemeName::Red => RED,
            ThemeName::Grey => GREY,
            ThemeName::Monochrome => return Self::without_colour(),
        };
        let pick = |((red, green, blue), indexed, named)| match depth {
            Depth::True => Color::Rgb(red, green, blue),
            Depth::Indexed => Color::Indexed(indexed),
            Depth::Sixteen | Depth::None => named,
        };
        let ground = match depth {
            Depth::None => return Self::without_colour(),
            Depth::True => Color::Rgb(0, 0, 0),
            Depth::Indexed => Color::Indexed(16),
            Depth::Sixteen => Color::Black,
        };
        let [bright, figure, plain, faint, trace] = ramp.map(|entry| Style::new().fg(pick(entry)).bg(ground));
        // Of 16 colours bold is often shown as a brighter colour, which would be too much.
        let bold = if depth == Depth::Sixteen { Modifier::empty() } else { Modifier::BOLD };
        Self { ground: Style::new().bg(ground), bright: bright.add_modifier(bold), figure, plain, faint, trace }
    }

    /// Only the terminal's own colours, most of it faint; for `NO_COLOR` and for terminals that have none.
    fn without_colour() -> Self {
        let faint = Style::new().add_modifier(Modifier::DIM);
        Self {
            ground: Style::new(),
            bright: Style::new().add_modifier(Modifier::BOLD),
            figure: faint,
            plain: faint,
            faint,
            trace: faint,
        }
    }
}

/// The characters to draw with: block, braille and the like, or plain ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Whether anything beyond ASCII may be sent.
    pub unicode: bool,
}

impl Glyphs {
    /// One of two texts.
    #[must_use]
    pub const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}
