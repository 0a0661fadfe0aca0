//! Faults that may come many times a second, and then would hide what is said only once.

use std::collections::BTreeMap;

use crate::session::Report;
use crate::units::{SafeText, SessionTime, Span};

/// What they are called.
const OFTEN: [&str; 2] = ["xruns", "starved"];
/// Each is told once in so long.
const TOLD_EVERY: Span = Span::from_mins(1);

/// When each of them was last told.
#[derive(Debug, Default)]
pub(super) struct Often {
    told: BTreeMap<SafeText, SessionTime>,
}

impl Often {
    /// Whether this is to be told; then it counts as told now.
    pub(super) fn is_news(&mut self, now: SessionTime, report: &Report) -> bool {
        let Report::Fault { what, .. } = report else { return true };
        if !OFTEN.contains(&what.as_str()) {
            return true;
        }
        let is_due = self.told.get(what).is_none_or(|last| now - *last >= TOLD_EVERY);
        if is_due {
            self.told.insert(what.clone(), now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::conduct::fault;

    #[test]
    fn what_comes_at_every_tick_is_told_once_a_minute_and_hides_nothing_else() {
        let mut often = Often::default();
        let mut told = |seconds: i64, what: &str| {
            often.is_news(SessionTime::ZERO + Span::from_secs(seconds), &fault(what, "it was"))
        };
        let minutes = (0..180).filter(|second| told(*second, "xruns")).collect::<Vec<_>>();
        assert_eq!(minutes, [0, 60, 120]);
        assert!(told(180, "starved"), "another one");
        assert!(told(181, "route") && told(181, "route"), "not one of those that come often");
        assert!(often.is_news(SessionTime::ZERO, &Report::OutputLost { why: "gone".into() }));
    }
}
