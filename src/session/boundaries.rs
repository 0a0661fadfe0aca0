//! When each phase ends, on the session clock: pure arithmetic, moved only by verbs and the dose mark.

use crate::units::{SessionTime, Span};

/// The end of each phase, past and to come; `None` while it is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Boundaries {
    /// As the dose mark and the therapist's moves have them, the floor not counted in.
    ends: Vec<Option<SessionTime>>,
    floor: Option<Floor>,
}

/// A phase that must not end before an instant: the peak after a booster or a device. It is kept apart from the ends, so
/// that a mark corrected twice gives the same plan as one corrected once.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Floor {
    phase: usize,
    instant: SessionTime,
    /// Not once the phase was left by hand.
    holds: bool,
}

impl Boundaries {
    /// All of `count` phases open.
    pub(super) fn open(count: usize) -> Self {
        Self { ends: vec![None; count], floor: None }
    }

    /// When this phase ends.
    pub(super) fn end(&self, phase: usize) -> Option<SessionTime> {
        let end = self.ends.get(phase).copied().flatten()?;
        Some(end + self.raise(phase))
    }

    /// What the floor adds to the end of a phase: nothing to the phases before it.
    fn raise(&self, phase: usize) -> Span {
        let floor = self.floor.filter(|floor| floor.holds && floor.phase <= phase);
        let short = |floor: Floor| self.ends[floor.phase].map(|end| (floor.instant - end).or_zero());
        floor.and_then(short).unwrap_or_default()
    }

    /// The first dose mark: phases from `first` on end at the mark plus their lengths, one after the other; what is
    /// before `first` ends at the mark.
    pub(super) fn mark(&mut self, mark: SessionTime, first: usize, lengths: &[Span]) {
        let mut end = mark;
        for (phase, length) in lengths.iter().enumerate() {
            if phase >= first {
                end = end + *length;
            }
            self.ends[phase] = Some(end);
        }
    }

    /// A corrected mark: every boundary moves by as much, and keeps all that verbs did to it; but a peak that a booster
    /// holds open does not end before the booster's own time.
    pub(super) fn correct(&mut self, by: Span) {
        for end in self.ends.iter_mut().flatten() {
            *end = *end + by;
        }
    }

    /// Entering `phase` at `now` by the therapist's hand: it and all later ones last their planned lengths from now.
    pub(super) fn enter(&mut self, phase: usize, now: SessionTime, lengths: &[Span]) {
        for earlier in 0..phase {
            self.ends[earlier] = Some(self.end(earlier).map_or(now, |end| end.min(now)));
        }
        let mut end = now;
        for (later, length) in lengths.iter().enumerate().skip(phase) {
            end = end + *length;
            self.ends[later] = Some(end);
        }
        if let Some(floor) = &mut self.floor {
            floor.holds = phase <= floor.phase;
        }
    }

    /// Opens every phase from `phase` on: nothing leaves it by itself.
    pub(super) fn open_from(&mut self, phase: usize) {
        self.ends[phase..].fill(None);
    }

    /// Moves the boundaries of `phase` and of all later ones, as the therapist's hand does: what a floor among them added
    /// moves with them, and the floor itself moves down if they do.
    pub(super) fn slide(&mut self, phase: usize, by: Span) {
        let floor = self.floor.filter(|floor| floor.holds && floor.phase >= phase);
        if floor.is_some() {
            let raised: Vec<_> = (phase..self.ends.len()).map(|later| self.end(later)).collect();
            self.ends[phase..].copy_from_slice(&raised);
        }
        for end in self.ends[phase..].iter_mut().flatten() {
            *end = *end + by;
        }
        if let Some(floor) = floor
            && let Some(end) = self.ends[floor.phase]
        {
            self.floor = Some(Floor { instant: floor.instant.min(end), ..floor });
        }
    }

    /// `phase` ends no earlier than `instant`, now and after later corrections; later phases slide with it.
    pub(super) fn not_before(&mut self, phase: usize, instant: SessionTime) {
        let instant = self.floor.map_or(instant, |floor| floor.instant.max(instant));
        self.floor = Some(Floor { phase, instant, holds: true });
    }

    /// The phase that the plan is in at `now`: the first from `first` on that is not yet over, else the last.
    pub(super) fn phase_at(&self, now: SessionTime, first: usize) -> usize {
        let over = |phase: &usize| self.end(*phase).is_some_and(|end| end <= now);
        let passed = (first..self.ends.len()).take_while(over).count();
        (first + passed).min(self.ends.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> SessionTime {
        SessionTime::at(Span::from_mins(minutes))
    }

    /// Preparation 15, onset 4, ascent 8, peak 26, return 24 minutes; the dose at minute 20.
    fn marked() -> (Boundaries, Vec<Span>) {
        let lengths: Vec<Span> = [15, 4, 8, 26, 24].map(Span::from_mins).to_vec();
        let mut boundaries = Boundaries::open(5);
        boundaries.mark(at(20), 1, &lengths);
        (boundaries, lengths)
    }

    fn minutes(boundaries: &Boundaries) -> Vec<i64> {
        (0..5).map(|phase| boundaries.end(phase).map_or(-1, |end| end.since_start().millis() / 60_000)).collect()
    }

    #[test]
    fn a_mark_times_every_phase_after_preparation() {
        assert_eq!(minutes(&marked().0), [20, 24, 32, 58, 82]);
    }

    #[test]
    fn a_corrected_mark_moves_every_boundary_and_keeps_what_verbs_did() {
        let (mut boundaries, _) = marked();
        boundaries.slide(2, Span::from_mins(5));
        boundaries.correct(Span::from_mins(-3));
        assert_eq!(minutes(&boundaries), [17, 21, 34, 60, 84]);
    }

    #[test]
    fn a_booster_holds_the_peak_open_and_slides_what_follows() {
        let (mut boundaries, _) = marked();
        boundaries.not_before(3, at(70));
        assert_eq!(minutes(&boundaries), [20, 24, 32, 70, 94]);
        boundaries.not_before(3, at(60));
        assert_eq!(minutes(&boundaries), [20, 24, 32, 70, 94]);
        boundaries.correct(Span::from_mins(-10));
        assert_eq!(minutes(&boundaries), [10, 14, 22, 70, 94]);
        boundaries.correct(Span::from_mins(10));
        assert_eq!(minutes(&boundaries), [20, 24, 32, 70, 94], "a mark put wrong and then right again moves nothing");
    }

    #[test]
    fn what_the_hand_slides_after_a_booster_keeps_its_place() {
        let (mut boundaries, lengths) = marked();
        boundaries.not_before(3, at(70));
        boundaries.slide(2, Span::from_mins(5));
        assert_eq!(minutes(&boundaries), [20, 24, 37, 75, 99]);
        boundaries.slide(3, Span::from_mins(-10));
        assert_eq!(minutes(&boundaries), [20, 24, 37, 65, 89]);
        boundaries.slide(4, Span::from_mins(3));
        assert_eq!(minutes(&boundaries), [20, 24, 37, 65, 92]);
        boundaries.enter(4, at(40), &lengths);
        assert_eq!(minutes(&boundaries), [20, 24, 37, 40, 64], "left by hand, the peak is held open no more");
        boundaries.enter(3, at(50), &lengths);
        assert_eq!(minutes(&boundaries), [20, 24, 37, 76, 100]);
    }

    #[test]
    fn entering_a_phase_by_hand_keeps_planned_lengths_from_then() {
        let (mut boundaries, lengths) = marked();
        boundaries.enter(3, at(25), &lengths);
        assert_eq!(minutes(&boundaries), [20, 24, 25, 51, 75]);
        boundaries.enter(1, at(40), &lengths);
        assert_eq!(minutes(&boundaries), [20, 44, 52, 78, 102]);
    }

    #[test]
    fn the_phase_of_an_instant_is_the_first_that_is_not_over() {
        let (boundaries, _) = marked();
        let cases = [(20, 1), (23, 1), (24, 2), (57, 3), (58, 4), (500, 4)];
        for (minute, phase) in cases {
            assert_eq!(boundaries.phase_at(at(minute), 1), phase, "minute {minute}");
        }
    }
}
