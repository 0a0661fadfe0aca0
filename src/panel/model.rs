//! The state of the panel: what it was told, and what is going on under the therapist's hand.

use std::time::Duration;

use super::setup::Setup;
use crate::wire::Status;

/// All that a frame is drawn from.
pub struct Model {
    /// What the panel was given at its start.
    pub setup: Setup,
    /// Time since the panel was opened.
    pub now: Duration,
    /// The last word from the host.
    pub status: Option<Status>,
    /// The screen may hold what others wrote: paint all of it.
    repaint: bool,
}

impl Model {
    /// A panel that has heard nothing yet.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self { setup, now: Duration::ZERO, status: None, repaint: true }
    }

    /// Asks for the next frame to be painted whole.
    pub fn ask_repaint(&mut self) {
        self.repaint = true;
    }

    /// Whether the next frame is to be painted whole; asked once.
    pub fn take_repaint(&mut self) -> bool {
        std::mem::take(&mut self.repaint)
    }

    /// How long the picture stays true without news.
    #[must_use]
    pub fn until_change(&self) -> Duration {
        Duration::from_secs(1)
    }
}
