//! The lanes: the therapist's level, the duck, and whether the programme is there at all. Each is one ramp in dB.

use super::effect::{Effect, Lane};
use super::snapshot::Quiet;
use crate::units::{Decibels, SessionTime, Span};

/// One press of `softer` or `louder` (product rule).
const STEP: Decibels = Decibels(1.5);
/// The softest the therapist's level goes; silence has its own verbs.
const FLOOR: Decibels = Decibels(-20.0);
/// The cap lies this far above the comfort level (product rule), or above the default before one was set.
const CAP_ABOVE: Decibels = Decibels(3.0);
/// A change by key: at most 1 dB in 100 ms (product rule).
const PER_DECIBEL: Span = Span::from_millis(100);
/// The shortest change of the therapist's level: a single step is heard as a glide.
const SHORTEST_STEP: Span = Span::from_millis(300);
/// How far a duck lowers the programme, and in what time it comes and goes (product rule).
const DUCK: Decibels = Decibels(-12.0);
const DUCK_DOWN: Span = Span::from_millis(1500);
const DUCK_UP: Span = Span::from_secs(12);
/// Where a break stays, and where every return from quiet begins (product rule).
const SOFT: Decibels = Decibels(-20.0);
const FADE_OUT: Span = Span::from_secs(8);
const FADE_BACK: Span = Span::from_secs(20);
/// Panic: the rule is 2 s, and 250 ms when pressed again; the rest is for the way to the ear.
const MUTE: Span = Span::from_millis(1500);
const MUTE_AGAIN: Span = Span::from_millis(200);
/// The first sound: the rule is 3 s at least, and never faster than 12 dB/s; 60 dB in 5 s are exactly that.
const FIRST_SOUND: Span = Span::from_secs(5);
/// Back by itself, without a key: 20 dB at no more than 3 dB in 10 s (product rule).
const BACK_BY_ITSELF: Span = Span::from_secs(70);
/// The first sound after a fault (product rule).
const AFTER_FAULT: Span = Span::from_secs(8);
/// It comes up to 3 dB below the therapist's level, and to that level over another 20 s: one line of 4.2 dB in 28 s.
const BELOW_AFTER_FAULT: Decibels = Decibels(-4.2);
const LEVEL_AFTER_FAULT: Span = Span::from_secs(28);

/// A level on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ramp {
    from: Decibels,
    to: Decibels,
    since: SessionTime,
    over: Span,
}

impl Ramp {
    const fn resting(level: Decibels) -> Self {
        Self { from: level, to: level, since: SessionTime::ZERO, over: Span::ZERO }
    }

    fn moves(&self, now: SessionTime) -> bool {
        now < self.since + self.over
    }

    fn at(&self, now: SessionTime) -> Decibels {
        let gone = now - self.since;
        if gone >= self.over {
            return self.to;
        }
        let share = gone.or_zero().secs_f64() / self.over.secs_f64();
        Decibels(self.from.0 + (self.to.0 - self.from.0) * share as f32)
    }
}

/// All lanes of a session.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lanes {
    comfort: Ramp,
    cap: Option<Decibels>,
    duck: Ramp,
    presence: Ramp,
    quiet: Option<Quiet>,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self {
            comfort: Ramp::resting(Decibels::ZERO),
            cap: None,
            duck: Ramp::resting(Decibels::ZERO),
            presence: Ramp::resting(Decibels::SILENCE),
            quiet: None,
        }
    }

    /// The therapist's level.
    pub(super) fn level(&self) -> Decibels {
        self.comfort.to
    }

    /// The cap, once a comfort level was set.
    pub(super) fn cap(&self) -> Option<Decibels> {
        self.cap
    }

    pub(super) fn ducked(&self) -> bool {
        self.duck.to == DUCK
    }

    /// Whether a fade of any lane is under way.
    pub(super) fn moves(&self, now: SessionTime) -> bool {
        [&self.comfort, &self.duck, &self.presence].into_iter().any(|ramp| ramp.moves(now))
    }

    pub(super) fn quiet(&self) -> Option<Quiet> {
        self.quiet
    }

    /// The level now is the client's comfort level.
    pub(super) fn set_comfort(&mut self) -> Decibels {
        let cap = self.level() + CAP_ABOVE;
        self.cap = Some(cap);
        cap
    }

    pub(super) fn softer(&mut self, now: SessionTime) -> Effect {
        let to = (self.level() - STEP).max(FLOOR);
        self.comfort_to(to, now)
    }

    /// `None` at the cap.
    pub(super) fn louder(&mut self, now: SessionTime) -> Option<Effect> {
        let cap = self.cap.unwrap_or(CAP_ABOVE);
        (self.level() < cap).then(|| self.comfort_to((self.level() + STEP).min(cap), now))
    }

    fn comfort_to(&mut self, to: Decibels, now: SessionTime) -> Effect {
        let from = self.comfort.at(now);
        let over = PER_DECIBEL.scaled(f64::from((to - from).0.abs())).max(SHORTEST_STEP);
        self.comfort = Ramp { from, to, since: now, over };
        Effect::Level { lane: Lane::Comfort, from: None, to, over }
    }

    pub(super) fn duck(&mut self, now: SessionTime) -> Effect {
        self.duck_to(DUCK, DUCK_DOWN, now)
    }

    pub(super) fn unduck(&mut self, now: SessionTime) -> Effect {
        self.duck_to(Decibels::ZERO, DUCK_UP, now)
    }

    fn duck_to(&mut self, to: Decibels, over: Span, now: SessionTime) -> Effect {
        self.duck = Ramp { from: self.duck.at(now), to, since: now, over };
        Effect::Level { lane: Lane::Duck, from: None, to, over }
    }

    /// The first sound of the session.
    pub(super) fn begin(&mut self, now: SessionTime) -> Effect {
        self.presence_to(Some(Decibels::SILENCE), Decibels::ZERO, FIRST_SOUND, now)
    }

    pub(super) fn silence(&mut self, now: SessionTime) -> Effect {
        self.quiet = Some(Quiet::Silence);
        self.presence_to(None, Decibels::SILENCE, FADE_OUT, now)
    }

    pub(super) fn take_break(&mut self, now: SessionTime) -> Effect {
        self.quiet = Some(Quiet::Break);
        self.presence_to(None, SOFT, FADE_OUT, now)
    }

    /// Silent within 2 s; again, at once.
    pub(super) fn mute(&mut self, now: SessionTime) -> Effect {
        let over = if self.quiet == Some(Quiet::Mute) { MUTE_AGAIN } else { MUTE };
        self.quiet = Some(Quiet::Mute);
        self.presence_to(None, Decibels::SILENCE, over, now)
    }

    /// Back from quiet.
    pub(super) fn come_back(&mut self, now: SessionTime) -> Effect {
        self.quiet = None;
        self.rise(now)
    }

    /// To where the programme belongs: full, or as quiet as was asked; never from above -20 dB downwards.
    pub(super) fn rise(&mut self, now: SessionTime) -> Effect {
        let from = (self.presence.at(now) < SOFT).then_some(SOFT);
        match self.quiet {
            None => self.presence_to(from, Decibels::ZERO, FADE_BACK, now),
            Some(Quiet::Break) => self.presence_to(None, SOFT, FADE_OUT, now),
            Some(Quiet::Silence | Quiet::Mute) => self.presence_to(None, Decibels::SILENCE, MUTE, now),
        }
    }

    /// The device is back: softly, wherever the ramp had got to; nothing if quiet was asked for.
    pub(super) fn reappear(&mut self, now: SessionTime) -> Option<Effect> {
        self.quiet.is_none().then(|| self.presence_to(Some(SOFT), Decibels::ZERO, BACK_BY_ITSELF, now))
    }

    /// The last fade.
    pub(super) fn end(&mut self, over: Span, now: SessionTime) -> Effect {
        self.presence_to(None, Decibels::SILENCE, over, now)
    }

    /// Every lane as it should be, for an engine that has just been started again.
    pub(super) fn again(&mut self, now: SessionTime) -> [Effect; 3] {
        let (from, level) = (self.level() + BELOW_AFTER_FAULT, self.level());
        self.comfort = Ramp { from, to: level, since: now, over: LEVEL_AFTER_FAULT };
        let to = match self.quiet {
            None => Decibels::ZERO,
            Some(Quiet::Break) => SOFT,
            Some(Quiet::Silence | Quiet::Mute) => Decibels::SILENCE,
        };
        [
            Effect::Level { lane: Lane::Comfort, from: Some(from), to: level, over: LEVEL_AFTER_FAULT },
            Effect::Level { lane: Lane::Duck, from: None, to: self.duck.to, over: SHORTEST_STEP },
            self.presence_to(Some(Decibels::SILENCE), to, AFTER_FAULT, now),
        ]
    }

    fn presence_to(&mut self, from: Option<Decibels>, to: Decibels, over: Span, now: SessionTime) -> Effect {
        self.presence = Ramp { from: from.unwrap_or(self.presence.at(now)), to, since: now, over };
        Effect::Level { lane: Lane::Presence, from, to, over }
    }
}
