//! What comes in and what goes out of `update`.

use std::time::Duration;

use crossterm::event::KeyEvent;

use super::link::{LinkEvent, Order};
use super::run::Exit;

/// Everything that can happen to the panel. `at` is the time since the panel was opened; it never goes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The terminal sent a key.
    Key {
        /// As the terminal told it.
        key: KeyEvent,
        /// When.
        at: Duration,
    },
    /// The panel's owner sent something.
    Link {
        /// What.
        event: LinkEvent,
        /// When.
        at: Duration,
    },
    /// The window changed its size.
    Resize,
    /// Time went by.
    Tick {
        /// Now.
        at: Duration,
    },
}

/// What `update` wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Pass this on to the panel's owner.
    Order(Order),
    /// Leave the panel.
    Exit(Exit),
}
