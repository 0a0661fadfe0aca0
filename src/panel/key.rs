//! One key as the panel knows it: whatever the terminal, the case or the modifier, the same finger gives the same key.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key or button. Letters are folded to lower case, so that Caps Lock changes nothing; `F5` and `Esc` are one key, because
/// a presenter sends them in turn from one button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// A character, folded to lower case; never a space.
    Char(char),
    /// The space bar.
    Space,
    /// Enter.
    Enter,
    /// `Esc`, or `F5`.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// A function key other than `F5`.
    F(u8),
}

/// The keys that have a name, and the name.
const NAMED: &[(Key, &str)] = &[
    (Key::Space, "space"),
    (Key::Enter, "enter"),
    (Key::Esc, "esc"),
    (Key::Tab, "tab"),
    (Key::Backspace, "backspace"),
    (Key::Delete, "delete"),
    (Key::Insert, "insert"),
    (Key::Up, "up"),
    (Key::Down, "down"),
    (Key::Left, "left"),
    (Key::Right, "right"),
    (Key::PageUp, "page-up"),
    (Key::PageDown, "page-down"),
    (Key::Home, "home"),
    (Key::End, "end"),
];

/// What a terminal's key event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// A key went down; `repeated` where the terminal itself says so.
    Key {
        /// Which.
        key: Key,
        /// The terminal says that the key is being held.
        repeated: bool,
    },
    /// Control and something: what would interrupt, stop or suspend a program elsewhere.
    Control,
}

impl Stroke {
    /// Reads an event; `None` for what is no key of ours (a release, a bare modifier, a media key).
    ///
    /// Alt is ignored: a terminal sends it for an `Esc` that came just before a letter, and the letter must be heard.
    #[must_use]
    pub fn of(event: &KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        if event.modifiers.contains(KeyModifiers::CONTROL) {
            return Some(Self::Control);
        }
        let key = match event.code {
            KeyCode::Char(' ') => Key::Space,
            KeyCode::Char(c) if !c.is_control() => Key::Char(fold(c)),
            KeyCode::Enter => Key::Enter,
            KeyCode::Esc | KeyCode::F(5) => Key::Esc,
            KeyCode::Tab | KeyCode::BackTab => Key::Tab,
            KeyCode::Backspace => Key::Backspace,
            KeyCode::Delete => Key::Delete,
            KeyCode::Insert => Key::Insert,
            KeyCode::Up => Key::Up,
            KeyCode::Down => Key::Down,
            KeyCode::Left => Key::Left,
            KeyCode::Right => Key::Right,
            KeyCode::PageUp => Key::PageUp,
            KeyCode::PageDown => Key::PageDown,
            KeyCode::Home => Key::Home,
            KeyCode::End => Key::End,
            KeyCode::F(number) => Key::F(number),
            _ => return None,
        };
        Some(Self::Key { key, repeated: event.kind == KeyEventKind::Repeat })
    }
}

/// The same character whether Shift or Caps Lock is on; `=` and `_` are the unshifted `+` and shifted `-` of many keyboards.
fn fold(c: char) -> char {
    match c {
        '=' => '+',
        '_' => '-',
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(c) => f.pad(c.encode_utf8(&mut [0; 4])),
            Self::F(number) => f.pad(&format!("f{number}")),
            named => f.pad(NAMED.iter().find(|(key, _)| key == named).map_or("", |(_, name)| name)),
        }
    }
}

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a key; write one character, f1 to f12, or a name such as space, enter, esc, page-down")]
pub struct KeyError(pub String);

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError(text.to_owned());
        if let Some((key, _)) = NAMED.iter().find(|(_, name)| text.eq_ignore_ascii_case(name)) {
            return Ok(*key);
        }
        let mut characters = text.chars();
        match (characters.next(), characters.as_str()) {
            (Some(c), "") if !c.is_control() && !c.is_whitespace() => Ok(Self::Char(fold(c))),
            (Some('f' | 'F'), number) => match number.parse() {
                Ok(5) => Ok(Self::Esc),
                Ok(number @ 1..=12) => Ok(Self::F(number)),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_what_it_shows() {
        let characters = ['a', 'm', '+', '-', '.', '?', 'é'].map(Key::Char);
        let functions = (1..=12).filter(|number| *number != 5).map(Key::F);
        for key in NAMED.iter().map(|(key, _)| *key).chain(characters).chain(functions) {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!("F5".parse(), Ok(Key::Esc));
        assert_eq!("f05".parse(), Ok(Key::Esc));
        for wrong in ["", " ", "f13", "f0", "ctrl-c", "\u{1b}", "ab"] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn caps_lock_shift_and_alt_change_nothing_and_control_is_set_apart() {
        let stroke = |code, modifiers| Stroke::of(&KeyEvent::new(code, modifiers));
        let m = Some(Stroke::Key { key: Key::Char('m'), repeated: false });
        assert_eq!(stroke(KeyCode::Char('m'), KeyModifiers::NONE), m);
        assert_eq!(stroke(KeyCode::Char('M'), KeyModifiers::SHIFT), m);
        assert_eq!(stroke(KeyCode::Char('m'), KeyModifiers::ALT), m);
        assert_eq!(stroke(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Stroke::Control));
        assert_eq!(stroke(KeyCode::F(5), KeyModifiers::NONE), stroke(KeyCode::Esc, KeyModifiers::NONE));
        assert_eq!(stroke(KeyCode::Null, KeyModifiers::NONE), None);
    }
}
