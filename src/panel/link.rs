//! The seam between the panel and whoever connects it to a host: two channels and their vocabulary.

use std::sync::mpsc::{Receiver, Sender};

use super::action::Action;
use super::before::{Choices, PlaylistCard, PreflightItem};
use super::key::Key;
use super::lock::{PinAnswer, TypedPin};
use super::setup::ThemeName;
use crate::units::SafeText;
use crate::wire::{Request, Update};

/// Both ends that the panel holds. Dropping the other ends is allowed at any time; the panel then says so.
pub struct Link {
    /// What the panel wants done.
    pub orders: Sender<Order>,
    /// What the panel is told.
    pub events: Receiver<LinkEvent>,
}

/// What the panel wants done by its owner.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Send this to the host.
    Send(Request),
    /// A playlist was picked: start a host for it (answered by [`LinkEvent::Preflight`], then [`LinkEvent::Connected`]).
    Open {
        /// The [`PlaylistCard::id`].
        id: usize,
        /// How it is to be played.
        choices: Choices,
    },
    /// A playlist is to be played another way: look at it like that (answered by [`LinkEvent::Playlist`]).
    Choose {
        /// The [`PlaylistCard::id`].
        id: usize,
        /// How it is to be played.
        choices: Choices,
    },
    /// Look at everything in the preflight list again.
    CheckAgain,
    /// A button was bound on the learn screen: keep it in the settings, both by name.
    Bound {
        /// The key that the button sends.
        key: Key,
        /// What it does from now on.
        action: Action,
    },
    /// Other colours were chosen: keep that in the settings.
    Theme(ThemeName),
    /// Is this the PIN? (Answered by [`LinkEvent::Pin`].)
    TryPin(TypedPin),
    /// The session is over, or will not be begun: end its host, forget it and offer the playlists again (answered by [`LinkEvent::Playlists`]).
    NextClient,
}

/// What the panel is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkEvent {
    /// The playlists found; shows the picker if no session is there.
    Playlists(Vec<PlaylistCard>),
    /// One of them again, with more known about it.
    Playlist(Box<PlaylistCard>),
    /// The state of all that is checked before a session; sent again whenever an item changes.
    Preflight(Vec<PreflightItem>),
    /// The host answered; the panel asks to watch it.
    Connected,
    /// The host said something.
    Update(Box<Update>),
    /// The host is gone; its owner is bringing it back. In words for the screen, if more is known.
    Lost {
        /// Why, if known.
        why: Option<SafeText>,
    },
    /// What happened in the session, line by line, for the screen after its end.
    Report(Vec<SafeText>),
    /// Something to know about what was asked for last, in words.
    Said(SafeText),
    /// What became of the PIN.
    Pin(PinAnswer),
    /// The process was continued after a stop (SIGCONT): the screen may have been overwritten.
    Repaint,
    /// The terminal is gone (SIGHUP): leave at once without touching it.
    Hangup,
    /// Leave now, restoring the terminal (SIGTERM).
    Terminate,
}
