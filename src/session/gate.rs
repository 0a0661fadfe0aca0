//! The gate: a destructive verb given twice within 700 ms counts once, from whatever source.

use std::mem::discriminant;

use super::verb::Verb;
use crate::units::{SessionTime, Span};

/// Presses closer together than this are one press (product rule).
const ONE_PRESS: Span = Span::from_millis(700);

/// The last press of each destructive verb, one entry a verb.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Gate {
    presses: Vec<(Verb, SessionTime)>,
}

impl Gate {
    /// Whether this press is one of its own. A stuck key stays one press: each repeat begins the 700 ms anew.
    pub(super) fn admits(&mut self, verb: &Verb, now: SessionTime) -> bool {
        match self.last_press(verb) {
            Some(last) if now - *last < ONE_PRESS => {
                *last = now;
                false
            }
            _ => true,
        }
    }

    /// A verb was carried out; one that was refused for another reason leaves the gate open for a better one.
    pub(super) fn carried_out(&mut self, verb: &Verb, now: SessionTime) {
        if !verb.is_destructive() {
            return;
        }
        match self.last_press(verb) {
            Some(last) => *last = now,
            None => self.presses.push((verb.clone(), now)),
        }
    }

    fn last_press(&mut self, verb: &Verb) -> Option<&mut SessionTime> {
        let same = |(pressed, _): &&mut (Verb, SessionTime)| discriminant(pressed) == discriminant(verb);
        self.presses.iter_mut().find(same).map(|(_, last)| last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(presses: &[(Verb, i64)]) -> Vec<bool> {
        let mut gate = Gate::default();
        let press = |(verb, at): &(Verb, i64)| {
            let now = SessionTime::at(Span::from_millis(*at));
            let admitted = gate.admits(verb, now);
            if admitted {
                gate.carried_out(verb, now);
            }
            admitted
        };
        presses.iter().map(press).collect()
    }

    #[test]
    fn a_double_press_counts_once() {
        assert_eq!(admitted(&[(Verb::Next, 0), (Verb::Next, 699), (Verb::Next, 1399)]), [true, false, true]);
    }

    #[test]
    fn a_stuck_key_is_one_press() {
        let presses: Vec<(Verb, i64)> = (0..90).map(|press| (Verb::Next, press * 33)).collect();
        assert_eq!(admitted(&presses).iter().filter(|admitted| **admitted).count(), 1);
    }

    #[test]
    fn another_verb_and_a_harmless_one_pass() {
        assert_eq!(admitted(&[(Verb::Next, 0), (Verb::Return, 10)]), [true, true]);
        assert_eq!(admitted(&[(Verb::Softer, 0), (Verb::Softer, 10), (Verb::Mute, 20)]), [true, true, true]);
    }
}
