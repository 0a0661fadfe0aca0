//! When each phase ends, on the session clock: pure arithmetic, moved only by verbs and the dose mark.

use crate::units::{SessionTime, Span};

/// The end of each phase, past and to come; `None` while it is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Boundaries {
    ends: Vec<Option<SessionTime>>,
    /// A phase that must not end before an instant: the peak after a booster or a device.
    floor: Option<(usize, SessionTime)>,
}

impl Boundaries {
    /// All of `count` phases open.
    pub(super) fn open(count: usize) -> Self {
        Self { ends: vec![None; count], floor: None }
    }

    /// When this phase ends.
    pub(super) fn end(&self, phase: usize) -> Option<SessionTime> {
        self.ends.get(phase).copied().flatten()
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

    /// A corrected mark in phase `present`: every boundary moves by as much, and keeps all that verbs did to it; but a
    /// peak that a booster holds open does not end before the booster's own time.
    pub(super) fn correct(&mut self, by: Span, present: usize) {
        self.slide(0, by);
        self.raise_to_floor(present);
    }

    /// Entering `phase` at `now` by the therapist's hand: it and all later ones last their planned lengths from now.
    pub(super) fn enter(&mut self, phase: usize, now: SessionTime, lengths: &[Span]) {
        for end in &mut self.ends[..phase] {
            *end = Some(end.map_or(now, |end| end.min(now)));
        }
        let mut end = now;
        for (later, length) in lengths.iter().enumerate().skip(phase) {
            end = end + *length;
            self.ends[later] = Some(end);
        }
        self.raise_to_floor(phase);
    }

    /// Opens every phase from `phase` on: nothing leaves it by itself.
    pub(super) fn open_from(&mut self, phase: usize) {
        self.ends[phase..].fill(None);
    }

    /// Moves the boundaries of `phase` and of all later ones.
    pub(super) fn slide(&mut self, phase: usize, by: Span) {
        for end in self.ends[phase..].iter_mut().flatten() {
            *end = *end + by;
        }
    }

    /// `phase` ends no earlier than `instant`, now and after later corrections; later phases slide with it.
    pub(super) fn not_before(&mut self, phase: usize, instant: SessionTime) {
        let instant = self.floor.map_or(instant, |(_, floor)| floor.max(instant));
        self.floor = Some((phase, instant));
        self.raise_to_floor(phase);
    }

    /// Keeps the floor, unless its phase was left before `present`.
    pub(super) fn raise_to_floor(&mut self, present: usize) {
        if let Some((phase, floor)) = self.floor.filter(|(phase, _)| *phase >= present)
            && let Some(end) = self.end(phase)
            && end < floor
        {
            self.slide(phase, floor - end);
        }
    }

    /// The phase that the plan is in at `now`: the first from `first` on that is not yet over, else the last.
    pub(super) fn phase_at(&self, now: SessionTime, first: usize) -> usize {
        let over = |end: &Option<SessionTime>| end.is_some_and(|end| end <= now);
        let passed = self.ends[first..].iter().take_while(|end| over(end)).count();
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
        boundaries.ends.iter().map(|end| end.map_or(-1, |end| end.since_start().millis() / 60_000)).collect()
    }

    #[test]
    fn a_mark_times_every_phase_after_preparation() {
        assert_eq!(minutes(&marked().0), [20, 24, 32, 58, 82]);
    }

    #[test]
    fn a_corrected_mark_moves_every_boundary_and_keeps_what_verbs_did() {
        let (mut boundaries, _) = marked();
        boundaries.slide(2, Span::from_mins(5));
        boundaries.correct(Span::from_mins(-3), 1);
        assert_eq!(minutes(&boundaries), [17, 21, 34, 60, 84]);
    }

    #[test]
    fn a_booster_holds_the_peak_open_and_slides_what_follows() {
        let (mut boundaries, _) = marked();
        boundaries.not_before(3, at(70));
        assert_eq!(minutes(&boundaries), [20, 24, 32, 70, 94]);
        boundaries.not_before(3, at(60));
        assert_eq!(minutes(&boundaries), [20, 24, 32, 70, 94]);
        boundaries.correct(Span::from_mins(-10), 3);
        assert_eq!(minutes(&boundaries), [10, 14, 22, 70, 94]);
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
