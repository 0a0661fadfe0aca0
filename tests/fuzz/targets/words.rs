//! Any words where keys, actions, verbs, times and scripts are read: refused in words, or read back as they are shown.

use undertone::host::script::Script;
use undertone::panel::{Action, Key, Keymap};
use undertone::session::Verb;
use undertone::units::{Decibels, SessionTime, Span};

pub fn run(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Ok(verb) = text.parse::<Verb>() {
        assert_eq!(verb.to_string().parse(), Ok(verb));
    }
    if let Ok(span) = text.parse::<Span>() {
        assert_eq!(span.to_string().parse(), Ok(span));
    }
    if let Ok(key) = text.parse::<Key>() {
        assert_eq!(key.to_string().parse(), Ok(key));
    }
    if let Ok(action) = text.parse::<Action>() {
        assert_eq!(action.to_string().parse(), Ok(action));
    }
    let _ = (text.parse::<SessionTime>(), text.parse::<Decibels>());
    if let Err(errors) = Script::read(text) {
        assert!(!errors.to_string().is_empty());
    }
    if let Some((key, action)) = text.split_once('=') {
        let _ = Keymap::default().bind_named(key, action);
    }
}
