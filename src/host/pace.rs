//! How fast the session clock runs against real time: as it is, or hurried in a rehearsal.

use crate::units::{SessionTime, Span};

/// Turns real time into session time. In a rehearsal the waits are shortened and the joints keep their real length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Session seconds in a real second, outside joints; 1 in a real session.
    speed: u32,
    now: SessionTime,
    /// Real time since boot at `now`.
    at: Span,
}

impl Pace {
    /// A clock that stands at `now` when the machine's clock shows `at`.
    pub(super) fn new(speed: u32, now: SessionTime, at: Span) -> Self {
        Self { speed: speed.max(1), now, at }
    }

    /// The session time at the last look.
    pub(super) fn now(&self) -> SessionTime {
        self.now
    }

    /// The session time when the machine's clock shows `at`; `crossing`: a joint is going on.
    pub(super) fn advance(&mut self, at: Span, crossing: bool) -> SessionTime {
        let passed = (at - self.at).or_zero();
        let speed = if crossing { 1 } else { i64::from(self.speed) };
        self.now = self.now + Span::from_millis(passed.millis() * speed);
        self.at = at;
        self.now
    }

    /// How long to wait in real time until a session time.
    pub(super) fn wait(&self, until: SessionTime, crossing: bool) -> Span {
        let speed = if crossing { 1 } else { i64::from(self.speed) };
        Span::from_millis((until - self.now).or_zero().millis() / speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_hurried_and_joints_are_not() {
        let mut pace = Pace::new(60, SessionTime::ZERO, Span::from_secs(100));
        assert_eq!(pace.advance(Span::from_secs(101), false), SessionTime::at(Span::from_mins(1)));
        assert_eq!(pace.advance(Span::from_secs(121), true), SessionTime::at(Span::from_secs(80)));
        assert_eq!(pace.wait(SessionTime::at(Span::from_secs(140)), false), Span::from_secs(1));
    }
}
