//! How fast the session clock runs against real time: as it is, or hurried in a rehearsal.

use crate::units::{SessionTime, Span};

/// After a press the clock runs at real pace for so long: two presses close together are one press in a rehearsal too.
const CALM: Span = Span::from_secs(1);

/// Turns real time into session time. In a rehearsal the waits are shortened; joints and fades keep their real length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Session seconds in a real second, outside joints and fades; 1 in a real session.
    speed: u32,
    now: SessionTime,
    /// Real time since boot at `now`.
    at: Span,
    /// Nothing is hurried before this.
    calm_until: SessionTime,
}

impl Pace {
    /// A clock that stands at `now` when the machine's clock shows `at`.
    pub(super) fn new(speed: u32, now: SessionTime, at: Span) -> Self {
        Self { speed: speed.max(1), now, at, calm_until: now }
    }

    /// The session time at the last look.
    pub(super) fn now(&self) -> SessionTime {
        self.now
    }

    /// A verb was given just now.
    pub(super) fn press(&mut self) {
        self.calm_until = self.now + CALM;
    }

    /// The session time when the machine's clock shows `at`; `fading`: a joint or a fade is going on.
    pub(super) fn advance(&mut self, at: Span, fading: bool) -> SessionTime {
        let passed = (at - self.at).or_zero();
        let calm = self.calm(passed, fading);
        self.now = self.now + calm + Span::from_millis((passed - calm).millis() * i64::from(self.speed));
        self.at = at;
        self.now
    }

    /// How long to wait in real time until a session time.
    pub(super) fn wait(&self, until: SessionTime, fading: bool) -> Span {
        let left = (until - self.now).or_zero();
        let calm = self.calm(left, fading);
        calm + Span::from_millis((left - calm).millis() / i64::from(self.speed))
    }

    /// How much of a span from now on passes at real pace.
    fn calm(&self, span: Span, fading: bool) -> Span {
        if fading { span } else { span.min((self.calm_until - self.now).or_zero()) }
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

    #[test]
    fn two_presses_are_as_far_apart_as_the_hand_made_them() {
        let mut pace = Pace::new(60, SessionTime::ZERO, Span::ZERO);
        pace.press();
        assert_eq!(pace.wait(SessionTime::at(Span::from_secs(61)), false), Span::from_secs(2));
        assert_eq!(pace.advance(Span::from_millis(300), false), SessionTime::at(Span::from_millis(300)));
        assert_eq!(pace.advance(Span::from_secs(2), false), SessionTime::at(Span::from_secs(61)));
    }
}
