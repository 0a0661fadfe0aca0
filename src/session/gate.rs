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
        if !verb.is_destructive() {
            return true;
        }
        match self.presses.iter_mut().find(|(pressed, _)| discriminant(pressed) == discriminant(verb)) {
            Some((_, last)) => {
                let apart = now - *last;
                *last = now;
                apart >= ONE_PRESS
            }
            None => {
                self.presses.push((verb.clone(), now));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(presses: &[(Verb, i64)]) -> Vec<bool> {
        let mut gate = Gate::default();
        presses.iter().map(|(verb, at)| gate.admits(verb, SessionTime::at(Span::from_millis(*at)))).collect()
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
