//! Before the session: a soft tone on each side, confirmed by key, and the peak's loudness to find the level by.

use std::time::Duration;

use super::action::Action;
use super::before::{ItemState, PreflightItem};
use super::input::{AGAIN, Press};
use super::key::Key;
use super::link::Order;
use super::message::Command;
use super::model::{Contact, Model};
use super::strings;
use crate::wire::{Request, Trial};

/// The ear check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ears {
    /// Not made yet.
    #[default]
    Unchecked,
    /// A tone sounds on that side.
    Asking(Side),
    /// Both were heard where they belong.
    Heard,
    /// One was not.
    NotHeard(Side),
}

/// One of the two ears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first to be asked about.
    Left,
    /// The second.
    Right,
}

impl Side {
    const fn trial(self) -> Trial {
        match self {
            Self::Left => Trial::Left,
            Self::Right => Trial::Right,
        }
    }
}

/// Begins the ear check.
pub fn check_ears(model: &mut Model, commands: &mut Vec<Command>) {
    if may_try(model) {
        ask(model, Side::Left, commands);
    }
}

/// Lets the peak's loudness be heard, or ends that.
pub fn sample(model: &mut Model, commands: &mut Vec<Command>) {
    if model.sampling.is_some() {
        stop(model, commands);
    } else if may_try(model) {
        model.ears = model.ears.let_go();
        model.sampling = Some(model.now + lasts(Trial::Peak));
        order(Trial::Peak, commands);
    }
}

/// Takes in a key while a tone is asked about; `false` when the key is not for it.
pub fn pressed(model: &mut Model, press: Press, bound: Option<Action>, commands: &mut Vec<Command>) -> bool {
    let Ears::Asking(side) = model.ears else { return false };
    if matches!(bound, Some(Action::Softer | Action::Louder | Action::Dim | Action::Quit)) {
        return false;
    }
    if press.since < AGAIN {
        return true;
    }
    match (press.key, bound, side) {
        (Key::Enter, _, Side::Left) => ask(model, Side::Right, commands),
        (Key::Enter, _, Side::Right) => finish(model, Ears::Heard, commands),
        (_, Some(Action::EarCheck), _) => ask(model, side, commands),
        (Key::Esc, ..) | (_, Some(Action::Mute), _) => finish(model, Ears::NotHeard(side), commands),
        _ => {}
    }
    true
}

/// Ends what is being tried, if anything is.
pub fn stop(model: &mut Model, commands: &mut Vec<Command>) {
    if model.sampling.take().is_some() || matches!(model.ears, Ears::Asking(_)) {
        model.ears = model.ears.let_go();
        order(Trial::Stop, commands);
    }
}

impl Ears {
    /// The host did not let a tone be heard, or something else came between: as if it had not been asked.
    #[must_use]
    pub fn let_go(self) -> Self {
        if let Self::Asking(_) = self { Self::Unchecked } else { self }
    }

    /// Its line in the preflight list; `key` begins it.
    #[must_use]
    pub fn item(self, key: &str) -> PreflightItem {
        let (state, text, fix) = match self {
            Self::Unchecked => (ItemState::Caution, strings::EARS_UNCHECKED, Some(strings::ears_fix(key))),
            Self::Asking(_) => (ItemState::Checking, strings::EARS_ASKING, None),
            Self::Heard => (ItemState::Good, strings::EARS_HEARD, None),
            Self::NotHeard(side) => (ItemState::Bad, strings::ears_not_heard(side), Some(strings::ears_mend(key))),
        };
        let fix = fix.map(|fix| fix.as_str().into());
        PreflightItem { name: strings::EARS.into(), state, text: text.into(), fix }
    }
}

fn ask(model: &mut Model, side: Side, commands: &mut Vec<Command>) {
    model.sampling = None;
    model.ears = Ears::Asking(side);
    order(side.trial(), commands);
}

fn finish(model: &mut Model, ears: Ears, commands: &mut Vec<Command>) {
    model.ears = ears;
    order(Trial::Stop, commands);
}

/// Whether there is a host that has not begun; says why not.
fn may_try(model: &mut Model) -> bool {
    if model.in_session() {
        model.say(strings::TRY_BEFORE);
        return false;
    }
    let is_there = model.contact == Contact::Live && model.session().is_some();
    if !is_there {
        model.say(strings::TRY_WITH_PLAYLIST);
    }
    is_there
}

fn lasts(trial: Trial) -> Duration {
    Duration::from_millis(trial.lasts().millis().unsigned_abs())
}

fn order(trial: Trial, commands: &mut Vec<Command>) {
    commands.push(Command::Order(Order::Send(Request::Try { trial })));
}
