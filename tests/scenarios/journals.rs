//! What holds in every journal, whatever happened in the session.

use serde_json::Value;
use undertone::record::{Record, Story};
use undertone::session::{Event, Report, Verb, Why};
use undertone::units::{MedicineTime, SessionTime, Span};

/// Every law that this journal breaks, as sentences.
pub fn broken(journal: &[u8], story: &Story) -> Vec<&'static str> {
    let laws = [
        ("records are numbered without a gap, and time never goes back", is_in_order(story)),
        ("the medicine clock is the session clock since the mark", medicine_follows_the_mark(story)),
        ("every piece comes in by a joint, and every joint brings a piece", pieces_come_by_joints(story)),
        ("nothing in a journal tells the date", no_record_tells_the_date(journal)),
        ("nothing sounds after the end", nothing_follows_the_end(story)),
    ];
    laws.into_iter().filter(|(_, kept)| !kept).map(|(sentence, _)| sentence).collect()
}

fn is_in_order(story: &Story) -> bool {
    let records = &story.records;
    let numbered = records.iter().zip(1..).all(|(record, seq)| record.seq == seq);
    numbered && story.left_out.is_nothing() && records.windows(2).all(|pair| pair[0].t <= pair[1].t)
}

/// Records of one instant are written together and may bear any mark of that instant.
fn medicine_follows_the_mark(story: &Story) -> bool {
    let (mut mark, mut before): (Option<SessionTime>, Option<SessionTime>) = (None, None);
    story.records.chunk_by(|one, other| one.t == other.t).all(|instant| {
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
fn pieces_come_by_joints(story: &Story) -> bool {
    let (mut joint, mut silent) = (false, true);
    story.records.iter().all(|record| match &record.event {
        Event::Phase { why: Why::Resumed, .. } => {
            silent = true;
            true
        }
        // With every piece broken, the safe bed is alone: what comes then comes from nothing, as the first did.
        Event::Fault { report: Report::Ended { .. } | Report::Failed { .. } | Report::Late { .. } } => {
            silent = true;
            true
        }
        Event::Joint { length_s, .. } => !std::mem::replace(&mut joint, true) && *length_s > 0.0,
        Event::Track { .. } => std::mem::take(&mut joint) | std::mem::take(&mut silent),
        _ => true,
    }) && !joint
}

/// No key and no text looks like a date or a time of day, and no number is as large as a wall clock's.
fn no_record_tells_the_date(journal: &[u8]) -> bool {
    let lines = journal.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
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

fn nothing_follows_the_end(story: &Story) -> bool {
    let mut after = story.records.iter().skip_while(|record| !matches!(record.event, Event::Ended { .. })).skip(1);
    after.all(|record| matches!(record.event, Event::Refused { .. } | Event::Fault { .. } | Event::Recovered { .. }))
}
