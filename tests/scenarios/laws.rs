//! What holds in the journal of every session.

use undertone::host::script::Step;
use undertone::record::Record;
use undertone::session::{Event, PhaseKind, Session, Snapshot, Why};
use undertone::units::MedicineTime;

use super::journals;
use super::library::{SEED, Told};
use super::moments::hand_in;

/// Every law that this session broke, as sentences.
pub fn broken(told: &Told<'_>) -> Vec<String> {
    let mut broken = journals::broken(&told.outcome.journal, &told.story);
    if !replay_is_equal(told) {
        broken.push("a replay of the journal shows the same session");
    }
    broken.iter().map(|sentence| format!("{}: broken: {sentence}", told.scenario.name)).collect()
}

/// At every expectation, and at the end, a fresh core that was given the journal shows what the session showed.
fn replay_is_equal(told: &Told<'_>) -> bool {
    let mut session = Session::new(told.scenario.loaded.plan.clone(), SEED);
    let mut inputs = told.story.inputs().peekable();
    let lines = &told.scenario.script.lines;
    let expects =
        lines.iter().filter(|line| matches!(line.step, Step::Expect(_))).map(|line| line.number).chain([usize::MAX]);
    told.outcome.seen.iter().zip(expects).all(|(seen, number)| {
        // A verb later at the same instant is in the journal too, but was not yet seen.
        if lines.iter().any(|line| line.at == seen.at && line.number > number && !matches!(line.step, Step::Expect(_)))
        {
            return true;
        }
        while let Some((at, input)) = inputs.next_if(|(at, _)| *at <= seen.at) {
            hand_in(&mut session, at, input);
        }
        hand_in(&mut session, seen.at, undertone::session::Input::Tick);
        shown(seen) == shown(&session.snapshot(seen.at))
    })
}

/// A snapshot without its notices: refused verbs changed nothing, so a replay does not repeat them.
fn shown(snapshot: &Snapshot) -> Snapshot {
    Snapshot { notices: Vec::new(), ..snapshot.clone() }
}

/// One change of phase.
pub type Change = (Option<MedicineTime>, Option<PhaseKind>, Option<PhaseKind>);

/// When each change of phase came, on the medicine clock; what a fault alone wrote is left out.
pub fn phases(told: &Told<'_>) -> Vec<Change> {
    let change = |record: &Record| match record.event {
        Event::Phase { why: Why::Resumed, .. } => None,
        Event::Phase { from, to, .. } => Some((record.m, from, to)),
        _ => None,
    };
    told.story.records.iter().filter_map(change).collect()
}
