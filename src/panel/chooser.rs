//! Choices of the picker: another route, and what is left out. They hold for this session only; no playlist is changed.

use super::action::Action;
use super::before::{Choices, PlaylistCard, RouteChoice};
use super::input::{Press, REPEAT};
use super::key::Key;
use super::link::Order;
use super::message::Command;
use super::model::Model;
use super::strings;

/// A list that is open over the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chooser {
    /// What is chosen from.
    pub what: List,
    /// The place in [`entries`].
    pub index: usize,
}

/// The lists there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The routes; the first entry is the playlist's own.
    Route,
    /// The playlist's tags; each can be left out.
    Exclude,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whether it is chosen, or left out.
    pub taken: bool,
    /// Its name.
    pub name: String,
    /// What there is to say about it.
    pub text: String,
}

/// The lines of a list.
#[must_use]
pub fn entries(model: &Model, what: List) -> Vec<Entry> {
    let Some(card) = model.cards.get(model.chosen) else { return Vec::new() };
    match what {
        List::Route => {
            let own =
                Entry { taken: card.choices.route.is_none(), name: strings::OWN_ROUTE.into(), text: String::new() };
            let offered = model.setup.routes.iter().map(|route| Entry {
                taken: card.choices.route.as_ref() == Some(route),
                name: name(route),
                text: route.summary.to_string(),
            });
            std::iter::once(own).chain(offered).collect()
        }
        List::Exclude => card
            .tags
            .iter()
            .map(|tag| {
                let taken = card.choices.exclude.contains(tag);
                let text = if taken { strings::LEFT_OUT } else { "" };
                Entry { taken, name: tag.to_string(), text: text.into() }
            })
            .collect(),
    }
}

/// A route as the list names it.
fn name(route: &RouteChoice) -> String {
    route.infusion.map_or_else(|| route.name.to_string(), |length| format!("{} {length}", route.name))
}

/// Opens a list, if it has anything to choose from.
pub fn open(model: &mut Model, what: List) {
    let entries = entries(model, what);
    if entries.is_empty() {
        model.say(strings::NOTHING_TO_LEAVE_OUT);
    } else {
        let index = entries.iter().position(|entry| entry.taken && what == List::Route).unwrap_or(0);
        model.chooser = Some(Chooser { what, index });
    }
}

/// Takes in a key while a list is open; `bound` is what the key does elsewhere.
pub fn pressed(model: &mut Model, chooser: Chooser, press: Press, bound: Option<Action>, commands: &mut Vec<Command>) {
    let Chooser { what, index } = chooser;
    let last = entries(model, what).len().saturating_sub(1);
    let index = match (press.key, bound) {
        _ if press.since < REPEAT && press.key != Key::Up && press.key != Key::Down => index,
        (Key::Up, _) => index.saturating_sub(1),
        (Key::Down, _) => (index + 1).min(last),
        (Key::Enter, _) => {
            choose(model, what, index, commands);
            if what == List::Route {
                return;
            }
            index
        }
        (Key::Esc, _) | (_, Some(Action::Return | Action::Silence)) => return,
        _ => index,
    };
    model.chooser = Some(Chooser { what, index });
}

/// Takes an entry, or lets it go again, and has the playlist looked at anew.
fn choose(model: &mut Model, what: List, index: usize, commands: &mut Vec<Command>) {
    let offered = index.checked_sub(1).and_then(|place| model.setup.routes.get(place)).cloned();
    let chosen = model.chosen;
    let Some(card) = model.cards.get_mut(chosen) else { return };
    match what {
        List::Route => card.choices.route = offered,
        List::Exclude => toggle(card, index),
    }
    card.looking = true;
    commands.push(Command::Order(Order::Choose { id: card.id, choices: card.choices.clone() }));
}

fn toggle(card: &mut PlaylistCard, index: usize) {
    let (Choices { exclude, .. }, Some(tag)) = (&mut card.choices, card.tags.get(index)) else { return };
    match exclude.iter().position(|left_out| left_out == tag) {
        Some(place) => drop(exclude.remove(place)),
        None => exclude.push(tag.clone()),
    }
}
