//! Small questions on one line: how many minutes ago, which of these. They never hide the screen or stop a key of the six.

use super::key::Key;
use crate::session::{PhaseKind, Verb};
use crate::units::{SafeText, Span};

/// Above this an unusual dose time is asked about once more (product rule).
const UNUSUAL: Span = Span::from_mins(60);

/// What is being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Minutes, typed; the second digit answers by itself.
    Minutes {
        /// Of what.
        what: Minutes,
        /// Typed so far.
        digits: String,
    },
    /// One of a numbered list.
    Choice(Choice),
    /// Whether a dose time above 60 minutes is meant.
    ConfirmDose {
        /// The time.
        ago: Span,
    },
}

/// What the minutes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minutes {
    /// The dose has just been marked as given now; it may have been earlier.
    DoseMarked,
    /// The mark is there; it is to be corrected.
    DoseAgain,
    /// A booster.
    Booster,
    /// How long a pump was paused.
    Shift,
}

/// What is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The stamps.
    Mark,
    /// The phases.
    Phase,
    /// The outputs.
    Output,
}

/// What a key does to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The key is not for the prompt: close it and let the key do what it always does.
    NotMine,
    /// Keep asking.
    Stay(Prompt),
    /// Close without doing anything.
    Close,
    /// Close and ask the host.
    Do(Verb),
}

/// What prompts need to know of the session.
pub struct Context<'a> {
    /// Since the dose mark.
    pub medicine: Option<Span>,
    /// The settings' stamps.
    pub marks: &'a [SafeText],
    /// The settings' outputs.
    pub outputs: &'a [SafeText],
    /// The playlist's phases.
    pub phases: &'a [PhaseKind],
}

impl Prompt {
    /// An empty question for minutes.
    #[must_use]
    pub fn minutes(what: Minutes) -> Self {
        Self::Minutes { what, digits: String::new() }
    }

    /// Takes in a key; `same` when it is the key that opened the prompt.
    #[must_use]
    pub fn answer(&self, key: Key, same: bool, context: &Context<'_>) -> Answer {
        if matches!(key, Key::Esc) {
            return Answer::Close;
        }
        match self {
            Self::Minutes { what, digits } => minutes(*what, digits, key, same, context),
            Self::Choice(choice) => match key {
                Key::Char(digit @ '1'..='9') => choice.pick(digit as usize - '1' as usize, context),
                _ if same => Answer::Close,
                _ => Answer::NotMine,
            },
            Self::ConfirmDose { ago } => match key {
                Key::Enter => Answer::Do(Verb::Dose { ago: *ago, confirmed: true }),
                _ => Answer::NotMine,
            },
        }
    }
}

/// Takes in a key while minutes are asked for.
fn minutes(what: Minutes, digits: &str, key: Key, same: bool, context: &Context<'_>) -> Answer {
    let stay = |digits: String| Answer::Stay(Prompt::Minutes { what, digits });
    match key {
        Key::Char(digit @ '0'..='9') if digits.is_empty() => stay(digit.to_string()),
        Key::Char(digit @ '0'..='9') => what.asked(&format!("{digits}{digit}"), context),
        Key::Backspace if !digits.is_empty() => stay(String::new()),
        Key::Enter => what.asked(digits, context),
        _ if same && what == Minutes::DoseMarked => Answer::Close,
        _ if same && digits.is_empty() => what.asked("", context),
        _ => Answer::NotMine,
    }
}

impl Minutes {
    /// What the typed digits ask for; none are no minutes at all.
    fn asked(self, digits: &str, context: &Context<'_>) -> Answer {
        let span = Span::from_mins(digits.parse().unwrap_or(0));
        match self {
            Self::DoseMarked if span == Span::ZERO => Answer::Close,
            Self::DoseMarked | Self::DoseAgain => {
                let moved = context.medicine.map_or(Span::ZERO, |since| (since - span).abs());
                if span > UNUSUAL || moved > UNUSUAL {
                    Answer::Stay(Prompt::ConfirmDose { ago: span })
                } else {
                    Answer::Do(Verb::Dose { ago: span, confirmed: false })
                }
            }
            Self::Booster => Answer::Do(Verb::Booster { ago: span }),
            Self::Shift if span == Span::ZERO => Answer::Close,
            Self::Shift => Answer::Do(Verb::Shift { by: span }),
        }
    }
}

impl Choice {
    /// The verb for the entry at `index`; an empty place keeps asking.
    fn pick(self, index: usize, context: &Context<'_>) -> Answer {
        let verb = match self {
            Self::Mark => context.marks.get(index).map(|name| Verb::Mark { name: name.clone() }),
            Self::Phase => context.phases.get(index).map(|kind| Verb::Goto(*kind)),
            Self::Output => context.outputs.get(index).map(|name| Verb::Output { name: name.clone() }),
        };
        verb.map_or(Answer::Stay(Prompt::Choice(self)), Answer::Do)
    }
}
