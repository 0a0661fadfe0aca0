//! Between the terminal and the therapist's meaning: joins torn escape sequences, measures how quickly a key came again,
//! and asks for a second press where one is not enough.
//!
//! A terminal does not tell a held key from one that is pressed again and again. What tells them apart is time: repeats
//! come 10 to 40 times a second after a first pause of 250 to 660 ms (kbdrate, xset and desktop defaults), fingers do not.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use super::action::Action;
use super::key::{Key, Stroke};
use crate::session::Source;

/// Events of one key closer than this are a held key or a bouncing switch; the slowest usual repeat is 10.9 a second.
pub const REPEAT: Duration = Duration::from_millis(150);
/// Mute is only protected from a bouncing switch: pressed twice in a fright, both must count.
pub const BOUNCE: Duration = Duration::from_millis(40);
/// A key counts again after this; longer than the pause before a held key begins to repeat.
pub const AGAIN: Duration = Duration::from_millis(700);
/// A second press counts until this long after the first.
pub const SECOND_PRESS: Duration = Duration::from_secs(2);
/// The rest of a torn escape sequence comes within this, also over a slow line; a lone `Esc` waits as long.
const TORN: Duration = Duration::from_millis(50);

/// A key that went down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub key: Key,
    /// When.
    pub at: Duration,
    /// Since the same key was last heard, counted or not.
    pub since: Duration,
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A key.
    Press(Press),
    /// Control and something.
    Control,
}

/// Turns terminal events into presses.
#[derive(Debug, Default)]
pub struct Ear {
    last: Vec<(Key, Duration)>,
    /// An `Esc` and what followed it closely, not yet understood.
    torn: Option<(String, Duration)>,
}

impl Ear {
    /// Takes in an event.
    pub fn hear(&mut self, event: &KeyEvent, at: Duration) -> Vec<Heard> {
        let mut heard = self.due(at);
        let Some(stroke) = Stroke::of(event) else { return heard };
        if let (Some((begun, _)), KeyCode::Char(c)) = (self.torn.as_mut(), event.code) {
            let belongs = !begun.is_empty() || c == '[' || c == 'O';
            if belongs {
                begun.push(c);
                let sequence = begun.clone();
                self.torn = if complete(&sequence) { None } else { Some((sequence.clone(), at)) };
                heard.extend(meaning(&sequence).map(|key| self.press(key, at, false)));
                return heard;
            }
        }
        heard.extend(self.settle(at));
        match stroke {
            Stroke::Key { key: Key::Esc, repeated: false } if event.code == KeyCode::Esc => {
                self.torn = Some((String::new(), at));
            }
            Stroke::Key { key, repeated } => heard.push(self.press(key, at, repeated)),
            Stroke::Control => heard.push(Heard::Control),
        }
        heard
    }

    /// What has become clear by waiting.
    pub fn due(&mut self, now: Duration) -> Vec<Heard> {
        let over = self.torn.as_ref().is_some_and(|(_, at)| now.saturating_sub(*at) >= TORN);
        if over { self.settle(now).into_iter().collect() } else { Vec::new() }
    }

    /// When [`Self::due`] will have something to say.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.torn.as_ref().map(|(_, at)| *at + TORN)
    }

    /// Gives up waiting for the rest: a lone `Esc` was the key; a fragment is nothing.
    fn settle(&mut self, at: Duration) -> Option<Heard> {
        let (begun, _) = self.torn.take()?;
        begun.is_empty().then(|| self.press(Key::Esc, at, false))
    }

    fn press(&mut self, key: Key, at: Duration, repeated: bool) -> Heard {
        let before = self.last.iter().position(|(known, _)| *known == key);
        let since = before.map_or(Duration::MAX, |index| at.saturating_sub(self.last.swap_remove(index).1));
        // Only recent keys matter; a flood of different ones must not be remembered.
        self.last.retain(|(_, heard)| at.saturating_sub(*heard) < AGAIN);
        self.last.push((key, at));
        Heard::Press(Press { key, at, since: if repeated { Duration::ZERO } else { since } })
    }
}

/// Whether the sequence after `Esc` has its last character. `[[` begins the Linux console's function keys.
fn complete(sequence: &str) -> bool {
    sequence.len() > 16
        || (sequence.len() > 1 && sequence != "[[" && sequence.ends_with(|c| matches!(c, '\u{40}'..='\u{7e}')))
}

/// The key that a whole sequence stands for, if it is one that a clicker or the arrows send.
fn meaning(sequence: &str) -> Option<Key> {
    match sequence {
        "[15~" | "[[E" => Some(Key::Esc),
        "[5~" => Some(Key::PageUp),
        "[6~" => Some(Key::PageDown),
        "[A" | "OA" => Some(Key::Up),
        "[B" | "OB" => Some(Key::Down),
        _ => None,
    }
}

/// The second press of an action that needs two.
///
/// It counts only once nothing has followed it for [`REPEAT`]: the second event of a held key comes as late as a finger
/// would, and only the third gives it away.
#[derive(Debug, Default)]
pub struct TwoPresses {
    stage: Option<(Action, Source, Stage)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Once { at: Duration },
    Twice { at: Duration },
    Held { at: Duration },
}

impl TwoPresses {
    /// Takes in a press of an action that needs two.
    pub fn press(&mut self, action: Action, source: Source, press: Press) {
        let at = press.at;
        let quick = press.since < REPEAT;
        let stage = self.stage.filter(|(armed, ..)| *armed == action).map(|(_, _, stage)| stage);
        let next = match (stage, quick) {
            (Some(Stage::Once { at: first }), false) if at.saturating_sub(first) <= SECOND_PRESS => Stage::Twice { at },
            (Some(Stage::Twice { .. } | Stage::Held { .. }), true) => Stage::Held { at },
            (Some(Stage::Twice { .. }), false) | (_, true) => return,
            (_, false) => Stage::Once { at },
        };
        self.stage = Some((action, source, next));
    }

    /// The action, once its second press has stood alone; forgets a first press that was not followed.
    pub fn due(&mut self, now: Duration) -> Option<(Action, Source)> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return None;
        }
        let (action, source, stage) = self.stage.take()?;
        matches!(stage, Stage::Twice { .. }).then_some((action, source))
    }

    /// When [`Self::due`] will have something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.stage.map(|(_, _, stage)| match stage {
            Stage::Once { at } => at + SECOND_PRESS,
            Stage::Twice { at } => at + REPEAT,
            Stage::Held { at } => at + SECOND_PRESS,
        })
    }

    /// The action that waits for its second press, and whether its key is being held instead.
    #[must_use]
    pub fn waiting(&self) -> Option<(Action, bool)> {
        self.stage.map(|(action, _, stage)| (action, matches!(stage, Stage::Held { .. })))
    }

    /// Any other key takes back the first press.
    pub fn forget(&mut self) {
        self.stage = None;
    }
}
