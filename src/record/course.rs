//! The course of a session by phases: as it was planned when the dose was marked, and as it went.

use serde::Serialize;

use super::line::Record;
use super::story::Story;
use crate::session::{Event, PhaseKind, PlannedEnd};
use crate::units::Span;

/// No plan reaches further than this, in minutes; what a journal claims beyond it is damage.
const FURTHEST_MIN: f64 = 7.0 * 24.0 * 60.0;

/// One phase and its stretch of the session clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// Which phase.
    pub phase: PhaseKind,
    /// When it begins, in seconds since the session's start.
    pub from_s: f64,
    /// When it ends; of the last one that went, when the journal stops.
    pub to_s: f64,
    /// Planned intensity at its beginning and at its end, 1 to 5.
    pub intensity: (u8, u8),
}

/// The phases as they went; one that was entered twice is there twice.
pub(super) fn went(story: &Story) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut open: Option<PhaseKind> = None;
    for record in &story.records {
        let t_s = record.t.since_start().secs_f64();
        let next = match &record.event {
            Event::Phase { to, .. } => *to,
            Event::Ended { .. } => None,
            _ => continue,
        };
        if open == next {
            continue;
        }
        close(&mut stretches, open, t_s);
        stretches.extend(next.map(|phase| Stretch {
            phase,
            from_s: t_s,
            to_s: t_s,
            intensity: intensity(story, phase),
        }));
        open = next;
    }
    close(&mut stretches, open, story.until().since_start().secs_f64());
    stretches
}

fn close(stretches: &mut [Stretch], open: Option<PhaseKind>, t_s: f64) {
    if let (Some(_), Some(last)) = (open, stretches.last_mut()) {
        last.to_s = t_s.max(last.from_s);
    }
}

fn intensity(story: &Story, phase: PhaseKind) -> (u8, u8) {
    let plans = story.records.iter().filter_map(plan);
    plans.flatten().find(|planned| planned.phase == phase).map_or((3, 3), |planned| planned.intensity)
}

fn plan(record: &Record) -> Option<&[PlannedEnd]> {
    if let Event::Plan { phases, .. } = &record.event { Some(phases) } else { None }
}

/// The phases as they were planned first against a clock: what had been until then, then what was to come. A later
/// correction of the dose mark moves them along, since they were planned against the medicine.
pub(super) fn planned(story: &Story) -> Vec<Stretch> {
    let timed = |record: &&Record| plan(record).and_then(<[_]>::last).is_some_and(|last| last.ends.is_some());
    let Some(first) = story.records.iter().find(timed) else { return Vec::new() };
    let phases = plan(first).unwrap_or_default();
    let earlier = |stretch: &Stretch| phases.first().is_none_or(|first| stretch.phase < first.phase);
    let begun = first.t.since_start().secs_f64();
    let before = went(story).into_iter().filter(|stretch| stretch.from_s <= begun);
    let mut stretches: Vec<Stretch> = before.filter(earlier).collect();
    let mut at = stretches.last().map_or(0.0, |last| last.to_s);
    for phase in phases {
        let Some(ends) = phase.ends.filter(|ends| (0.0..FURTHEST_MIN).contains(ends)) else { continue };
        let to_s = (ends * 60.0).max(at);
        stretches.push(Stretch { phase: phase.phase, from_s: at, to_s, intensity: phase.intensity });
        at = to_s;
    }
    let by = moved(story, first).secs_f64();
    for stretch in &mut stretches {
        stretch.to_s = (stretch.to_s + by).max(0.0);
        stretch.from_s = if stretch.from_s > 0.0 { (stretch.from_s + by).clamp(0.0, stretch.to_s) } else { 0.0 };
    }
    stretches
}

/// How far the dose mark was moved after this record.
fn moved(story: &Story, since: &Record) -> Span {
    let mark = |record: &Record| record.m.map(|m| record.t.since_start() - m.since_start());
    let last = story.records.last().and_then(mark);
    last.zip(mark(since)).map_or(Span::ZERO, |(last, then)| last - then)
}
