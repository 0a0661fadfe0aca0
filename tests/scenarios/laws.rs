//! What holds in the journal of every session.

use serde_json::Value;
use undertone::host::script::Step;
use undertone::record::Record;
use undertone::session::{Event, PhaseKind, Session, Snapshot, Verb, Why};
use undertone::units::{MedicineTime, SessionTime, Span};

use super::library::{SEED, Told};
use super::moments::hand_in;

/// Every law that this session broke, as sentences.
pub fn broken(told: &Told<'_>) -> Vec<String> {
    let laws = [
        ("records are numbered without a gap, and time never goes back", is_in_order as fn(&Told<'_>) -> bool),
        ("the medicine clock is the session clock since the mark", medicine_follows_the_mark),
        ("every piece comes in by a joint, and every joint brings a piece", pieces_come_by_joints),
        ("nothing in a journal tells the date", no_record_tells_the_date),
        ("nothing sounds after the end", nothing_follows_the_end),
        ("a replay of the journal shows the same session", replay_is_equal),
    ];
    let kept = laws.iter().filter(|(_, law)| !law(told));
    kept.map(|(sentence, _)| format!("{}: broken: {sentence}", told.scenario.name)).collect()
}

fn is_in_order(told: &Told<'_>) -> bool {
    let records = &told.story.records;
    let numbered = records.iter().zip(1..).all(|(record, seq)| record.seq == seq);
    numbered && told.story.left_out.is_nothing() && records.windows(2).all(|pair| pair[0].t <= pair[1].t)
}

/// Records of one instant are written together and may bear any mark of that instant.
fn medicine_follows_the_mark(told: &Told<'_>) -> bool {
    let (mut mark, mut before): (Option<SessionTime>, Option<SessionTime>) = (None, None);
    told.story.records.chunk_by(|one, other| one.t == other.t).all(|instant| {
        let mut marks = vec![mark];
        for record in instant {
            match &record.event {
                Event::Dose { ago_s, .. } => {
                    let ago = Span::from_millis((ago_s * 1000.0).round() as i64);
                    (before, mark) = (mark, Some(record.t - ago));
                }
                Event::Undone { verb: Verb::Dose { .. }, .. } => mark = before,
                _ => {}
            }
            marks.push(mark);
        }
        let read = |mark: &Option<SessionTime>, record: &Record| mark.map(|mark| MedicineTime::at(record.t - mark));
        instant.iter().all(|record| marks.iter().any(|mark| read(mark, record) == record.m))
    })
}

/// The first piece of a session, and the first after a fault, come from silence instead.
fn pieces_come_by_joints(told: &Told<'_>) -> bool {
    let (mut joint, mut silent) = (false, true);
    told.story.records.iter().all(|record| match &record.event {
        Event::Phase { why: Why::Resumed, .. } => {
            silent = true;
            true
        }
        Event::Joint { length_s, .. } => !std::mem::replace(&mut joint, true) && *length_s > 0.0,
        Event::Track { .. } => std::mem::take(&mut joint) || std::mem::take(&mut silent),
        _ => true,
    }) && !joint
}

/// No key and no text looks like a date or a time of day, and no number is as large as a wall clock's.
fn no_record_tells_the_date(told: &Told<'_>) -> bool {
    let lines = told.outcome.journal.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).all(|value: Value| timeless(&value))
}

fn timeless(value: &Value) -> bool {
    let dated = |text: &str| {
        let bytes = text.as_bytes();
        bytes.windows(5).any(|part| part[..4].iter().all(u8::is_ascii_digit) && part[4] == b'-')
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .all(|(key, value)| !["wall", "date", "clock", "utc"].contains(&key.as_str()) && timeless(value)),
        Value::Array(values) => values.iter().all(timeless),
        Value::String(text) => !dated(text),
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() < 1e6),
        Value::Bool(_) | Value::Null => true,
    }
}

fn nothing_follows_the_end(told: &Told<'_>) -> bool {
    let mut after = told.story.records.iter().skip_while(|record| !matches!(record.event, Event::Ended { .. })).skip(1);
    after.all(|record| matches!(record.event, Event::Refused { .. } | Event::Fault { .. } | Event::Recovered { .. }))
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
