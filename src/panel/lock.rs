//! The kiosk's lock: after a minute without a key the keys of a session are shut, and leaving takes the PIN.
//!
//! Shut or not, the client's safety never waits: mute, duck, softer and what brings back a silence always work, also while
//! the PIN is asked for, and so do the buttons of a clicker or pedal, which is in the therapist's own hand (but for `Esc`,
//! which leaves the PIN). Pressing `enter` twice opens the keys: the shut state guards against a sleeve on the keyboard, the
//! PIN against leaving.

use std::fmt;
use std::time::Duration;

use super::action::Action;
use super::input::Press;
use super::key::Key;
use super::link::Order;
use super::message::Command;
use super::model::Model;
use super::strings;
use crate::session::Source;
use crate::units::Span;

/// The keys shut after this long without one.
pub const SHUTS_AFTER: Duration = Duration::from_secs(60);
/// The question for the PIN goes away after this long without a digit.
const PATIENCE: Duration = Duration::from_secs(20);
/// No PIN is longer.
const LONGEST: usize = 12;

/// A PIN as it was typed; never shown, not even in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedPin(pub String);

impl fmt::Debug for TypedPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPin")
    }
}

/// What became of a typed PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    /// It is right: the panel may be left.
    Right,
    /// It is wrong.
    Wrong {
        /// Tries left before a wait.
        left: u32,
    },
    /// Not looked at: too many were wrong.
    Wait {
        /// How much longer.
        left: Span,
    },
    /// There is none any more.
    Missing,
}

/// The state of the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    shut: bool,
    entry: Option<Entry>,
}

/// The PIN being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    digits: String,
    until: Duration,
}

impl Lock {
    /// Whether the keys are shut.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.shut
    }

    /// How many digits of the PIN have been typed, while it is asked for.
    #[must_use]
    pub fn typed(&self) -> Option<usize> {
        self.entry.as_ref().map(|entry| entry.digits.len())
    }

    /// Opens the keys.
    pub fn open(&mut self) {
        self.shut = false;
    }

    /// Asks for the PIN.
    pub fn ask(&mut self, now: Duration) {
        self.entry = Some(Entry { digits: String::new(), until: now + PATIENCE });
    }

    /// Lets time pass: shuts after a while without a key, and forgets a PIN that is not typed on.
    pub fn advance(&mut self, now: Duration, idle: Duration, in_session: bool) {
        self.shut = in_session && (self.shut || idle >= SHUTS_AFTER);
        self.entry.take_if(|entry| entry.until <= now);
    }

    /// When [`Self::advance`] will next have something to do.
    #[must_use]
    pub fn deadline(&self, touched: Duration, in_session: bool) -> Option<Duration> {
        let shuts = (in_session && !self.shut).then(|| touched + SHUTS_AFTER);
        self.entry.as_ref().map(|entry| entry.until).or(shuts)
    }
}

/// Whether the lock keeps a key for itself.
pub fn takes(model: &mut Model, press: Press, bound: Option<(Action, Source)>, commands: &mut Vec<Command>) -> bool {
    let now = model.now;
    let Some(lock) = &mut model.lock else { return false };
    if lock.entry.is_some() && typed(lock, press.key, now, commands) {
        return true;
    }
    if !lock.shut {
        return false;
    }
    let brings_back = model.session().is_some_and(|session| session.quiet.is_some());
    match bound {
        Some((_, Source::Clicker) | (Action::Mute | Action::Duck | Action::Softer | Action::Go | Action::Dim, _)) => {
            false
        }
        Some((Action::Silence | Action::Break, _)) if brings_back => false,
        _ => {
            model.say(strings::LOCKED_KEY);
            true
        }
    }
}

/// A key while the PIN is asked for; `false` when it is none of a PIN's.
fn typed(lock: &mut Lock, key: Key, now: Duration, commands: &mut Vec<Command>) -> bool {
    let Some(entry) = &mut lock.entry else { return false };
    match key {
        Key::Char(digit @ '0'..='9') if entry.digits.len() < LONGEST => entry.digits.push(digit),
        Key::Char('0'..='9') => {}
        Key::Backspace => drop(entry.digits.pop()),
        Key::Enter => {
            let pin = TypedPin(std::mem::take(&mut entry.digits));
            lock.entry = None;
            if !pin.0.is_empty() {
                commands.push(Command::Order(Order::TryPin(pin)));
            }
            return true;
        }
        Key::Esc => {
            lock.entry = None;
            return true;
        }
        _ => return false,
    }
    entry.until = now + PATIENCE;
    true
}
