//! Joints without a step in loudness (product rule: at most 2 LU).
//!
//! A crossfade keeps the power of two sounds even only if both are as loud. So a piece begins with its gain *eased*: up or
//! down, such that it is as loud where the crossfade ends as the piece before it was where the crossfade began. Then it goes
//! back to its own gain, too slowly to be noticed. This holds for a phase of another level too: its first piece leads there.

use super::planner::Slot;
use crate::units::{Contour, DbTp, Decibels, Lufs, SessionTime, Span, TrackTime};

/// Loudness is compared over this time, that of EBU R 128's short-term loudness; as long the eased gain stays.
pub(super) const SHORT_TERM: Span = Span::from_secs(3);
/// Steps up to this stay as they are, in LU; half a LU below the rule, for what a contour in whole seconds cannot tell.
const STEP_LU: f64 = 1.5;
/// How fast the gain goes back up, in dB per second: a sixth below the rule for what rises by itself, 3 dB in 10 s.
const UP_PER_SECOND: f32 = 0.25;
/// And down: no rule bounds a fall, and the sooner it is over, the less it holds a quiet beginning's own rise back.
const DOWN_PER_SECOND: f32 = 1.0;
/// The most that a piece is eased down and up, in dB: after a piece that dies away nobody should wait for minutes, and a
/// quiet beginning should stay one.
const MOST: (f64, f64) = (-20.0, 12.0);

/// By how much a piece's gain differs from its own since it was crossed to, and from when on it goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ease {
    /// At first.
    pub by: Decibels,
    /// How long it stays: for the crossfade into the piece, and as long after it as loudness is compared.
    pub until: SessionTime,
}

/// How fast a gain eased by so much goes back.
pub(super) fn back_per_second(by: Decibels) -> f32 {
    if by > Decibels::ZERO { DOWN_PER_SECOND } else { UP_PER_SECOND }
}

impl Ease {
    /// What is left of it.
    pub(super) fn left(self, now: SessionTime) -> Decibels {
        let gone = (now - self.until).or_zero().secs_f64() as f32 * back_per_second(self.by);
        Decibels(self.by.0.signum() * (self.by.0.abs() - gone).max(0.0))
    }
}

/// One of the two pieces of a joint, from the place where it is compared.
pub(super) struct Side<'a> {
    /// The piece's own.
    pub contour: &'a Contour,
    /// Where the comparison begins.
    pub place: TrackTime,
    /// All gain that is applied there, but for the therapist's own.
    pub gain: Decibels,
}

impl Side<'_> {
    fn loudness(&self) -> Option<f64> {
        self.contour.loudness(self.place, SHORT_TERM).map(|Lufs(loudness)| loudness + f64::from(self.gain.0))
    }
}

/// By how much the gain of the piece that comes must differ at first. None beside a silence, where there is no step to hear.
///
/// Up only as far as its true peaks stay below the ceiling, and as nothing of it becomes louder than what was heard before,
/// while the gain goes back.
pub(super) fn ease(leaving: &Side<'_>, coming: &Side<'_>, ceiling: DbTp) -> Decibels {
    let (Some(before), Some(after)) = (leaving.loudness(), coming.loudness()) else { return Decibels::ZERO };
    let step = after - before;
    let wanted = (step.clamp(-STEP_LU, STEP_LU) - step).clamp(MOST.0, MOST.1);
    let gain = f64::from(coming.gain.0);
    let seconds = coming.contour.seconds_from(coming.place).zip(0u32..);
    let room = seconds.map(|((loudness, peak), second)| {
        let spare = (ceiling.0 - peak.0 - gain).min(before + STEP_LU - loudness.0 - gain);
        spare.max(0.0) + f64::from(DOWN_PER_SECOND) * (f64::from(second) - SHORT_TERM.secs_f64()).max(0.0)
    });
    // To the hundredth, and never -0: the journal is read by people.
    Decibels((room.fold(wanted, f64::min) * 100.0).round() as f32 / 100.0 + 0.0)
}

/// Where a piece that is left at `now` is compared: the last it was heard alone.
pub(super) fn last_heard(slot: &Slot, now: SessionTime) -> TrackTime {
    let place = slot.position(now);
    if place - slot.from < SHORT_TERM { slot.from } else { place - SHORT_TERM }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CEILING: DbTp = DbTp(-3.0);

    fn contour(loudness: &[f64], peak: f64) -> Contour {
        loudness.iter().map(|loudness| (Lufs(*loudness), DbTp(peak))).collect()
    }

    fn eased(before: f64, after: &Contour, gain: f32) -> f32 {
        let leaving = &Contour::steady(Lufs(before), DbTp(-9.0));
        let side = |contour, gain| Side { contour, place: TrackTime::ZERO, gain: Decibels(gain) };
        ease(&side(leaving, 0.0), &side(after, gain), CEILING).0
    }

    #[test]
    fn a_step_that_nobody_hears_stays() {
        assert_eq!(eased(-20.0, &Contour::steady(Lufs(-18.6), DbTp(-9.0)), 0.0), 0.0);
        assert_eq!(eased(-20.0, &Contour::steady(Lufs(-21.4), DbTp(-9.0)), 0.0), 0.0);
        assert_eq!(eased(-20.0, &Contour::default(), 0.0), 0.0);
    }

    #[test]
    fn a_louder_piece_begins_softer() {
        assert_eq!(eased(-24.0, &Contour::steady(Lufs(-18.0), DbTp(-9.0)), 0.0), -4.5);
        assert_eq!(eased(-24.0, &Contour::steady(Lufs(-18.0), DbTp(-9.0)), -3.0), -1.5);
        assert_eq!(eased(-60.0, &Contour::steady(Lufs(-18.0), DbTp(-9.0)), 0.0), -20.0);
    }

    #[test]
    fn a_quieter_piece_is_raised_as_far_as_its_peaks_allow() {
        assert_eq!(eased(-20.0, &Contour::steady(Lufs(-26.0), DbTp(-15.0)), 0.0), 4.5);
        assert_eq!(eased(-20.0, &Contour::steady(Lufs(-26.0), DbTp(-5.0)), 0.0), 2.0);
        assert_eq!(eased(-20.0, &Contour::steady(Lufs(-26.0), DbTp(-1.0)), 0.0), 0.0);
        assert_eq!(eased(-20.0, &Contour::steady(Lufs(-40.0), DbTp(-30.0)), 0.0), 12.0);
    }

    #[test]
    fn a_quiet_beginning_is_not_raised_into_a_loud_middle() {
        let rises = |after: usize| contour(&[&vec![-32.0; after][..], &[-20.0; 60]].concat(), -20.0);
        // After five seconds nothing may be left but what the louder sound may have: 1.5 LU more than before.
        assert_eq!(eased(-20.0, &rises(5), 0.0), 3.5);
        assert_eq!(eased(-20.0, &rises(12), 0.0), 10.5);
    }
}
