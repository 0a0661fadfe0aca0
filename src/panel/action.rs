//! Everything a key can be bound to.

use std::fmt;
use std::str::FromStr;

/// One thing that a key does. Its text form is its kebab-case name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Lower the music for talking; again to lift it.
    Duck,
    /// Cross to the next phase.
    Next,
    /// As `Next`, pressed twice: for a button in the hand.
    MoveOn,
    /// Stay in this phase; again to go on.
    Hold,
    /// Cross to the grounding pool; again to go back.
    Ground,
    /// Cross to the return, pressed twice.
    Return,
    /// Soft end, pressed twice.
    End,
    /// Silent now.
    Mute,
    /// Intended silence; again to bring the music back, also after mute and break.
    Silence,
    /// The client is up; again when they are back.
    Break,
    /// The medicine was given.
    Dose,
    /// A booster was given.
    Booster,
    /// The next Spravato device, pressed twice.
    Device,
    /// The pump was paused: later phases slide.
    Shift,
    /// Five more minutes for this phase.
    Extend,
    /// To a named phase.
    Goto,
    /// Another piece, same feeling.
    Different,
    /// Cross to the warmer pool; again to go back.
    Warmer,
    /// Cross to the deeper pool; again to go back.
    Deeper,
    /// A step softer.
    Softer,
    /// A step louder.
    Louder,
    /// This is the client's comfort level.
    Comfort,
    /// To another output.
    Output,
    /// A stamp in the journal.
    Mark,
    /// Take back the last action.
    Undo,
    /// Whatever the screen offers next.
    Go,
    /// Look again at the list before the session.
    CheckAgain,
    /// Darken all but one line; again to show the screen.
    Dim,
    /// Hear a soft tone on each side.
    EarCheck,
    /// Hear the peak's loudness.
    Sample,
    /// The next set of colours.
    Theme,
    /// Bind a button by pressing it.
    Learn,
    /// The keys and what they do.
    Help,
    /// Leave the panel.
    Quit,
}

/// Each action, its name in settings, and its line on the help screen.
const ACTIONS: &[(Action, &str, &str)] = &[
    (Action::Duck, "duck", "Softer for talking; again lifts it."),
    (Action::Next, "next", "Cross to the next phase."),
    (Action::Hold, "hold", "Stay in this phase; again goes on."),
    (Action::Ground, "ground", "Safe, plain music; again goes back."),
    (Action::Return, "return", "Press twice: cross to the return."),
    (Action::End, "end", "Press twice: soft end over 20 s."),
    (Action::Mute, "mute", "Silent within 2 s; again: at once."),
    (Action::Silence, "silence", "Intended silence; again brings music back."),
    (Action::Break, "break", "The client is up; again: back."),
    (Action::Dose, "dose", "Medicine given; then minutes ago, enter."),
    (Action::Booster, "booster", "Booster given; then minutes ago, enter."),
    (Action::Undo, "undo", "Take back the last action (30 s)."),
    (Action::Softer, "softer", "A step softer (1.5 dB)."),
    (Action::Louder, "louder", "A step louder, up to the comfort cap."),
    (Action::Comfort, "comfort", "This is the client's comfort level."),
    (Action::Different, "different", "Another piece, same feeling."),
    (Action::Warmer, "warmer", "Warmer music; again goes back."),
    (Action::Deeper, "deeper", "Deeper music; again goes back."),
    (Action::Extend, "extend", "Five more minutes for this phase."),
    (Action::Shift, "shift", "Pump paused: slide the rest by minutes."),
    (Action::Goto, "goto", "Cross to a phase by its number."),
    (Action::Device, "device", "Press twice: the next nasal device."),
    (Action::MoveOn, "move-on", "Press twice: cross to the next phase."),
    (Action::Output, "output", "Cross to another output."),
    (Action::Mark, "mark", "A stamp in the journal."),
    (Action::Dim, "dim", "Darken the screen; again shows it."),
    (Action::Go, "go", "What the screen offers: begin, go on."),
    (Action::CheckAgain, "check-again", "Look again at the list before a session."),
    (Action::EarCheck, "ear-check", "Before: a soft tone left, then right."),
    (Action::Sample, "sample", "Before: the peak's loudness; again: ends."),
    (Action::Theme, "theme", "Amber, red, grey, or no colour."),
    (Action::Learn, "learn", "Bind a clicker or pedal by pressing it."),
    (Action::Help, "help", "These keys."),
    (Action::Quit, "quit", "Leave the panel; the sound goes on."),
];

impl Action {
    /// All actions, in the order of the help screen.
    pub fn all() -> impl Iterator<Item = Self> {
        ACTIONS.iter().map(|(action, ..)| *action)
    }

    /// Its line on the help screen.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.row().2
    }

    /// Whether it takes a second press: it ends something that a client notices, or comes from a button in the hand.
    #[must_use]
    pub const fn takes_two(self) -> bool {
        matches!(self, Self::MoveOn | Self::Return | Self::End | Self::Device)
    }

    /// Whether quick presses in a row are meant: steps of level, and mute.
    #[must_use]
    pub const fn may_be_quick(self) -> bool {
        matches!(self, Self::Softer | Self::Louder | Self::Mute)
    }

    /// Its row of [`ACTIONS`]; a test shows that each has one.
    fn row(self) -> &'static (Self, &'static str, &'static str) {
        ACTIONS.iter().find(|(action, ..)| *action == self).unwrap_or(&ACTIONS[0])
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().1)
    }
}

/// Why a text is not an action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no action \"{0}\"; the help screen (key ?) shows them all")]
pub struct ActionError(pub String);

impl FromStr for Action {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        ACTIONS
            .iter()
            .find(|(_, name, _)| *name == text)
            .map(|(action, ..)| *action)
            .ok_or_else(|| ActionError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_reads_back_what_it_shows_and_has_help() {
        for action in Action::all() {
            assert_eq!(action.to_string().parse(), Ok(action));
            assert!(action.help().ends_with('.'), "{action}");
            assert!(action.help().len() <= 44, "too long for a help line: {}", action.help());
        }
        assert_eq!(Action::all().count(), Action::Quit as usize + 1, "an action has no row");
        assert!("stop".parse::<Action>().is_err());
    }
}
