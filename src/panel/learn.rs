//! The learn screen: a button is bound by pressing it, whatever it sends.

use super::action::Action;
use super::input::{Press, REPEAT};
use super::key::Key;
use super::link::Order;
use super::message::Command;
use super::model::Model;
use super::strings;
use crate::session::Source;

/// Where the learn screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learn {
    /// Waiting for the button.
    Listening,
    /// The button was heard; an action is being chosen for it.
    Choosing {
        /// What it sends.
        key: Key,
        /// The place in [`choices`].
        index: usize,
    },
}

/// What a button can be taught: all but what belongs to the screens.
pub fn choices() -> impl Iterator<Item = Action> {
    Action::all().filter(|action| {
        let screens = matches!(action, Action::Go | Action::CheckAgain | Action::Help | Action::Learn | Action::Quit);
        let before = matches!(action, Action::EarCheck | Action::Sample | Action::Theme);
        !screens && !before
    })
}

/// Takes in a key while the screen is open. The key that opened it closes it; `Esc` may be the button itself.
pub fn pressed(model: &mut Model, learn: Learn, press: Press, commands: &mut Vec<Command>) {
    let opener = model.setup.keymap.action(press.key).is_some_and(|(action, _)| action == Action::Learn);
    if opener && press.since >= REPEAT {
        return;
    }
    model.learn = match learn {
        _ if press.since < REPEAT => Some(learn),
        Learn::Listening => {
            let bound = model.setup.keymap.action(press.key).map(|(action, _)| action);
            let index = choices().position(|choice| Some(choice) == bound).unwrap_or(0);
            Some(Learn::Choosing { key: press.key, index })
        }
        Learn::Choosing { key, index } => match press.key {
            Key::Up => Some(Learn::Choosing { key, index: index.saturating_sub(1) }),
            Key::Down => Some(Learn::Choosing { key, index: (index + 1).min(choices().count() - 1) }),
            Key::Enter => {
                bind(model, key, index, commands);
                None
            }
            _ => Some(learn),
        },
    };
}

fn bind(model: &mut Model, key: Key, index: usize, commands: &mut Vec<Command>) {
    let Some(action) = choices().nth(index) else { return };
    match model.setup.keymap.bind(key, action, Source::Clicker) {
        Ok(()) => {
            model.say(strings::learned(&key.to_string(), action));
            commands.push(Command::Order(Order::Bound { key, action }));
        }
        Err(error) => model.say(error.to_string()),
    }
}
