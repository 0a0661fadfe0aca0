//! What the panel is given at its start: all choices and all knowledge of the terminal.

use std::time::Duration;

use super::before::{PlaylistCard, RouteChoice};
use super::keymap::Keymap;
use crate::units::SafeText;

/// Settings and facts, found by the caller; the panel itself reads no file and no environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// What to show first.
    pub start: Start,
    /// The colours.
    pub theme: ThemeName,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// Whether block and braille characters can be shown: a UTF-8 locale and not the bare Linux console.
    pub unicode: bool,
    /// All but one faint line goes black after this long without a key; `None` leaves the screen as it is.
    pub dim_after: Option<Duration>,
    /// Whether the panel can be left only with the PIN.
    pub kiosk: bool,
    /// What each key does.
    pub keymap: Keymap,
    /// The outputs that the `output` key offers, at most nine.
    pub outputs: Vec<SafeText>,
    /// The routes that can be chosen for a playlist.
    pub routes: Vec<RouteChoice>,
    /// The stamps that the `mark` key offers, at most nine.
    pub marks: Vec<SafeText>,
}

/// What to show first.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The picker.
    Pick(Vec<PlaylistCard>),
    /// A session that exists or is being started.
    Session,
}

/// The near-black themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// Amber on black.
    #[default]
    Amber,
    /// Deep red on black: disturbs night vision least.
    Red,
    /// Grey on black.
    Grey,
    /// No colours at all: faint, plain and bold only.
    Monochrome,
}

/// Each theme and its name in settings.
const THEMES: [(ThemeName, &str); 4] = [
    (ThemeName::Amber, "amber"),
    (ThemeName::Red, "red"),
    (ThemeName::Grey, "grey"),
    (ThemeName::Monochrome, "monochrome"),
];

impl ThemeName {
    /// Every theme, in the order of the key that changes them.
    #[must_use]
    pub fn all() -> [Self; 4] {
        THEMES.map(|(theme, _)| theme)
    }

    /// The theme of that name in settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        THEMES.iter().find(|(_, known)| *known == name).map(|(theme, _)| *theme)
    }

    /// Its name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        THEMES[self as usize].1
    }

    /// The one after it; the first after the last.
    #[must_use]
    pub fn next(self) -> Self {
        THEMES[(self as usize + 1) % THEMES.len()].0
    }
}

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None may be used (`NO_COLOR`).
    None,
    /// The 16 of a console.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

impl Setup {
    /// The usual choices for a terminal described by its environment: `TERM`, `COLORTERM`, `NO_COLOR`, and the locale
    /// (the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is not empty).
    #[must_use]
    pub fn for_terminal(start: Start, environment: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| environment(name).filter(|value| !value.is_empty());
        let term = value("TERM").unwrap_or_default();
        let depth = if value("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt1") {
            Depth::None
        } else if value("COLORTERM").is_some_and(|kind| kind == "truecolor" || kind == "24bit") {
            Depth::True
        } else if ["256color", "kitty", "alacritty", "foot", "wezterm", "ghostty"]
            .iter()
            .any(|kind| term.contains(kind))
        {
            Depth::Indexed
        } else {
            Depth::Sixteen
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value).unwrap_or_default().to_lowercase();
        let unicode = term != "linux" && term != "dumb" && (locale.contains("utf-8") || locale.contains("utf8"));
        Self {
            start,
            theme: ThemeName::default(),
            depth,
            unicode: unicode || cfg!(windows),
            dim_after: Some(Duration::from_secs(120)),
            kiosk: false,
            keymap: Keymap::default(),
            outputs: Vec::new(),
            routes: Vec::new(),
            marks: ["vitals", "nausea", "toilet", "distress", "speech"].map(SafeText::from).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(environment: &[(&str, &str)], depth: Depth, unicode: bool) {
        let lookup =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let setup = Setup::for_terminal(Start::Session, lookup);
        assert_eq!((setup.depth, setup.unicode), (depth, unicode || cfg!(windows)), "{environment:?}");
    }

    #[test]
    fn the_environment_tells_colours_and_characters() {
        check(&[("TERM", "xterm-256color"), ("LANG", "de_CH.UTF-8")], Depth::Indexed, true);
        check(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.utf8")], Depth::True, true);
        check(&[("TERM", "linux"), ("LANG", "en_GB.UTF-8")], Depth::Sixteen, false);
        check(&[("TERM", "xterm"), ("LANG", "C")], Depth::Sixteen, false);
        check(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("LC_ALL", "C")], Depth::Sixteen, false);
        check(&[("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8")], Depth::None, true);
        check(&[("TERM", "xterm"), ("NO_COLOR", ""), ("LANG", "C.UTF-8")], Depth::Sixteen, true);
        check(&[], Depth::Sixteen, false);
    }
}
