//! What is shown before a session, as plain data that the caller fills.

use super::strings;
use crate::session::ArcPhase;
use crate::units::{SafeText, Span};
use crate::wire::{OutputHealth, Status};

/// One playlist of the picker.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaylistCard {
    /// The caller's number for it, repeated in [`super::Order::Open`].
    pub id: usize,
    /// Its title.
    pub title: SafeText,
    /// Whether it is still being looked at; what follows is then not known, or of before the last choice.
    pub looking: bool,
    /// The name of the route it would be played by.
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
    /// The tags of its pieces, also of those that are left out.
    pub tags: Vec<SafeText>,
    /// What was chosen for it.
    pub choices: Choices,
}

/// How a playlist is to be played this time, beside what it says itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    /// Another route; `None` is the playlist's own.
    pub route: Option<RouteChoice>,
    /// Pieces with one of these tags are left out.
    pub exclude: Vec<SafeText>,
}

/// A route that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteChoice {
    /// The preset's name.
    pub name: SafeText,
    /// The infusion's length, for the route that needs one.
    pub infusion: Option<Span>,
    /// What it is for, in a few words.
    pub summary: SafeText,
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

/// The output's line in the preflight list: what the host has opened, and what the sound server says of it.
pub fn output_item(status: Option<&Status>) -> PreflightItem {
    let (state, text, fix) = match status.map(|status| &status.output) {
        None => (ItemState::Checking, SafeText::default(), None),
        Some(output) if output.health == OutputHealth::Opening => (ItemState::Checking, output.state.clone(), None),
        Some(output) if output.health != OutputHealth::Running => {
            (ItemState::Bad, output.state.clone(), Some(strings::OUTPUT_MEND.into()))
        }
        Some(output) if output.state.as_str() == strings::OUTPUT_READY => {
            (ItemState::Good, strings::reaches(&output.name).as_str().into(), None)
        }
        // Open, and something about the way to the ear is wrong or not known.
        Some(output) => (ItemState::Caution, output.state.clone(), None),
    };
    PreflightItem { name: strings::SOUND.into(), state, text, fix }
}
