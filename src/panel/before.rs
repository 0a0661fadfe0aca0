//! What is shown before a session, as plain data that the caller fills.

use crate::session::ArcPhase;
use crate::units::{SafeText, Span};

/// One playlist of the picker.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaylistCard {
    /// The caller's number for it, repeated in [`super::Order::Open`].
    pub id: usize,
    /// Its title.
    pub title: SafeText,
    /// The route's name.
    pub route: SafeText,
    /// Planned length without preparation.
    pub length: Span,
    /// The planned arc; empty if the playlist cannot be planned.
    pub arc: Vec<ArcPhase>,
    /// Errors found in it: with any, it cannot be opened.
    pub errors: usize,
    /// Warnings found in it.
    pub warnings: usize,
    /// The first finding in words, if there is one.
    pub finding: Option<SafeText>,
}

/// One line of the preflight list.
#[derive(Clone, Debug, PartialEq)]
pub struct PreflightItem {
    /// What was looked at.
    pub name: SafeText,
    /// What was found.
    pub state: ItemState,
    /// What was found, in words.
    pub text: SafeText,
    /// What to do about it; `None` when there is nothing to do.
    pub fix: Option<SafeText>,
}

/// Green, amber, red; or not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Still being looked at.
    Checking,
    /// As it should be.
    Good,
    /// The session can begin; know this.
    Caution,
    /// The session should not begin like this.
    Bad,
}
