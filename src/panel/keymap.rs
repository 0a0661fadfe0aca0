//! Which key does what: a table, changed by settings and by the learn screen.

use std::collections::BTreeMap;

use super::action::{Action, ActionError};
use super::key::{Key, KeyError};
use crate::session::Source;

/// The keys as shipped. The six under the left hand: space, f, s, g, r, e; mute lies by itself at the other side.
const DEFAULT: &[(Key, Action, Source)] = &[
    (Key::Space, Action::Duck, Source::Key),
    (Key::Char('f'), Action::Next, Source::Key),
    (Key::Char('s'), Action::Hold, Source::Key),
    (Key::Char('g'), Action::Ground, Source::Key),
    (Key::Char('r'), Action::Return, Source::Key),
    (Key::Char('e'), Action::End, Source::Key),
    (Key::Char('m'), Action::Mute, Source::Key),
    (Key::Char('x'), Action::Silence, Source::Key),
    (Key::Char('w'), Action::Break, Source::Key),
    (Key::Char('d'), Action::Dose, Source::Key),
    (Key::Char('t'), Action::Booster, Source::Key),
    (Key::Char('u'), Action::Undo, Source::Key),
    (Key::Char('-'), Action::Softer, Source::Key),
    (Key::Down, Action::Softer, Source::Key),
    (Key::Char('+'), Action::Louder, Source::Key),
    (Key::Up, Action::Louder, Source::Key),
    (Key::Char('c'), Action::Comfort, Source::Key),
    (Key::Char('p'), Action::Different, Source::Key),
    (Key::Char('k'), Action::Warmer, Source::Key),
    (Key::Char('l'), Action::Deeper, Source::Key),
    (Key::Char('a'), Action::Extend, Source::Key),
    (Key::Char('i'), Action::Shift, Source::Key),
    (Key::Char('j'), Action::Goto, Source::Key),
    (Key::Char('y'), Action::Device, Source::Key),
    (Key::Char('o'), Action::Output, Source::Key),
    (Key::Char('v'), Action::Mark, Source::Key),
    (Key::Char('z'), Action::Dim, Source::Key),
    (Key::Enter, Action::Go, Source::Key),
    (Key::Tab, Action::CheckAgain, Source::Key),
    (Key::Char('?'), Action::Help, Source::Key),
    (Key::F(1), Action::Help, Source::Key),
    (Key::Char('h'), Action::EarCheck, Source::Key),
    (Key::Char('n'), Action::Sample, Source::Key),
    (Key::F(3), Action::Theme, Source::Key),
    (Key::F(2), Action::Learn, Source::Key),
    (Key::Char('q'), Action::Quit, Source::Key),
    // A presenter's four buttons; the last sends "." or "b", by model.
    (Key::PageUp, Action::Softer, Source::Clicker),
    (Key::PageDown, Action::MoveOn, Source::Clicker),
    (Key::Esc, Action::Hold, Source::Clicker),
    (Key::Char('.'), Action::Ground, Source::Clicker),
    (Key::Char('b'), Action::Ground, Source::Clicker),
];

/// The table in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: BTreeMap<Key, (Action, Source)>,
}

/// Why a binding was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No such action.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// The last key of what must stay within reach would be taken away.
    #[error("{0} is the only key for {1}, and {1} must stay within reach; bind {1} to another key first")]
    Last(Key, Action),
    /// Digits and brackets are used in prompts, and are what a torn escape sequence leaves behind.
    #[error("{0} cannot be bound: numbers are typed with it; choose a letter or a named key")]
    Reserved(Key),
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: DEFAULT.iter().map(|(key, action, source)| (*key, (*action, *source))).collect() }
    }
}

impl Keymap {
    /// What the key does.
    #[must_use]
    pub fn action(&self, key: Key) -> Option<(Action, Source)> {
        self.bindings.get(&key).copied()
    }

    /// Binds a key, whatever it did before.
    ///
    /// # Errors
    /// When mute, go or quit would lose its last key, or the key is needed for typing.
    pub fn bind(&mut self, key: Key, action: Action, source: Source) -> Result<(), KeymapError> {
        if matches!(key, Key::Char('0'..='9' | '[' | ']' | '~' | ';')) {
            return Err(KeymapError::Reserved(key));
        }
        // Without `go` nothing can be opened or unlocked, and it cannot be taught again; without `quit` nobody gets out.
        for kept in [Action::Mute, Action::Go, Action::Quit] {
            if action != kept && self.keys(kept).eq([key]) {
                return Err(KeymapError::Last(key, kept));
            }
        }
        self.bindings.insert(key, (action, source));
        Ok(())
    }

    /// Binds as written in settings: `"page-down" = "duck"`. Only a key that was a clicker's stays one.
    ///
    /// # Errors
    /// As [`Self::bind`], and when a name is wrong.
    pub fn bind_named(&mut self, key: &str, action: &str) -> Result<(), KeymapError> {
        let key = key.parse()?;
        let source = self.action(key).map_or(Source::Key, |(_, source)| source);
        self.bind(key, action.parse()?, source)
    }

    /// The keys of an action, the keyboard's before the clicker's.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = Key> {
        let of = move |wanted: Source| {
            self.bindings
                .iter()
                .filter(move |(_, (bound, source))| *bound == action && *source == wanted)
                .map(|(key, _)| *key)
        };
        of(Source::Key).chain(of(Source::Clicker))
    }

    /// The key to name in a hint: the first that is bound, or nothing.
    #[must_use]
    pub fn first(&self, action: Action) -> String {
        self.keys(action).next().map(|key| key.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_key_and_no_key_two_actions() {
        let keymap = Keymap::default();
        for action in Action::all() {
            assert!(keymap.keys(action).next().is_some(), "{action} has no key");
        }
        assert_eq!(keymap.bindings.len(), DEFAULT.len());
    }

    #[test]
    fn the_six_lie_under_the_left_hand() {
        let keymap = Keymap::default();
        for action in [Action::Duck, Action::Next, Action::Hold, Action::Ground, Action::Return, Action::End] {
            let key = keymap.first(action);
            assert!(key == "space" || "qwertasdfgzxcv".contains(&key), "{action} is on {key}");
        }
    }

    #[test]
    fn a_binding_is_data_and_mute_cannot_be_lost() {
        let mut keymap = Keymap::default();
        assert_eq!(keymap.bind_named("page-down", "duck"), Ok(()));
        assert_eq!(keymap.action(Key::PageDown), Some((Action::Duck, Source::Clicker)));
        assert_eq!(keymap.bind_named("F5", "mute"), Ok(()));
        assert_eq!(keymap.action(Key::Esc), Some((Action::Mute, Source::Clicker)));
        assert_eq!(keymap.bind_named("esc", "hold"), Ok(()));
        assert_eq!(keymap.bind_named("m", "hold"), Err(KeymapError::Last(Key::Char('m'), Action::Mute)));
        for (key, action, bound) in [("enter", Action::Go, Key::Enter), ("q", Action::Quit, Key::Char('q'))] {
            assert_eq!(keymap.bind_named(key, "duck"), Err(KeymapError::Last(bound, action)));
        }
        assert_eq!(keymap.bind_named("7", "mute"), Err(KeymapError::Reserved(Key::Char('7'))));
        assert!(keymap.bind_named("m", "stop").is_err());
    }
}
