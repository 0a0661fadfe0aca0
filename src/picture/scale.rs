//! Minutes to places, intensity to heights, and which minutes are worth writing down.

use super::{Outline, Phase};

/// Maps minutes to a length from 0 to `width`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    width: f64,
}

impl Scale {
    /// A scale that holds all of an outline; `None` where nothing in it has a length.
    pub fn of(outline: &Outline, width: f64) -> Option<Self> {
        let phases = outline.phases.iter().chain(&outline.planned).map(|phase| (phase.from, phase.to));
        let edges = phases.chain(outline.tracks.iter().map(|track| (track.from, track.to)));
        let finite = edges.filter(|(from, to)| from.is_finite() && to.is_finite());
        let (from, to) = finite.fold((f64::MAX, f64::MIN), |(from, to), edge| (from.min(edge.0), to.max(edge.1)));
        (to > from).then_some(Self { from, to, width })
    }

    /// Where a minute lies, never outside.
    pub fn place(self, minute: f64) -> f64 {
        let minute = if minute.is_finite() { minute } else { self.from };
        ((minute - self.from) / (self.to - self.from)).clamp(0.0, 1.0) * self.width
    }
}

/// The planned intensity at a minute, 1 to 5; `None` outside every phase.
pub(super) fn intensity(phases: &[Phase], minute: f64) -> Option<f64> {
    let phase = phases.iter().find(|phase| (phase.from..phase.to).contains(&minute))?;
    let share = (minute - phase.from) / (phase.to - phase.from);
    let (first, last) = phase.intensity;
    Some((first + (last - first) * share).clamp(1.0, 5.0))
}

/// How high an intensity is drawn, 0 to 1: the lowest leaves a little under it.
pub(super) fn height(intensity: f64) -> f64 {
    (intensity.clamp(1.0, 5.0) - 0.5) / 4.5
}

/// The minutes at which phases begin, and the last one's end, each with its number counted from the outline's zero.
pub(super) fn boundaries(outline: &Outline) -> Vec<(f64, String)> {
    let zero = outline.zero.unwrap_or(0.0);
    let ends = outline.phases.last().map(|phase| phase.to);
    let begins = outline.phases.iter().map(|phase| phase.from);
    begins.chain(ends).map(|minute| (minute, format!("{:.0}", (minute - zero).round() + 0.0))).collect()
}
