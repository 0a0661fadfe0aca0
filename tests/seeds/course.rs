//! What holds in every session, whatever is asked and whatever breaks: read from its journal and from what it showed.

use undertone::host::script::{Script, Step};
use undertone::record::Record;
use undertone::session::{Event, Input, Output, PhaseKind, Report, Snapshot, Source, Transport, Verb, Why};
use undertone::units::{MedicineTime, SessionTime, Span};

use super::happenings::{Line, script};
use super::journals;
use super::session::{Session, Told};

/// The soft end, and a look at the engine.
const SOFT_END: Span = Span::from_millis(20_200);
/// How late a piece may be left after its time is up: two looks at the engine.
const LATE: Span = Span::from_millis(200);
/// Instants at which a replay is held against the session.
const COMPARED: usize = 12;

/// Every rule that was broken, as sentences.
pub fn broken(session: &Session, lines: &[Line], told: &Told) -> Vec<String> {
    let mut broken: Vec<String> =
        journals::broken(&told.outcome.journal, &told.story).into_iter().map(|law| format!("broken: {law}")).collect();
    broken.extend(verbs(lines, told));
    broken.extend(ends(lines, told));
    broken.extend(music(told));
    broken.extend(replay(session, told));
    broken.extend(boundaries(session, lines, told));
    broken
}

/// What was carried out is in the journal, and nothing else is.
fn verbs(lines: &[Line], told: &Told) -> Option<String> {
    let refused = |number: usize| told.outcome.refused.iter().any(|(line, _)| *line == number);
    let script = Script::read(&script(lines)).expect("it was read before");
    let asked: Vec<Verb> = script
        .lines
        .into_iter()
        .filter(|line| !refused(line.number))
        .filter_map(|line| if let Step::Verb(verb) = line.step { Some(verb) } else { None })
        .collect();
    let kept: Vec<Verb> = told.story.records.iter().filter_map(|record| verb_of(&record.event)).collect();
    (asked != kept).then(|| format!("carried out {asked:?}, but the journal has {kept:?}"))
}

fn verb_of(event: &Event) -> Option<Verb> {
    if let Some(Input::Verb(verb, Source::Script)) = event.input() { Some(verb) } else { None }
}

/// The session ends when it is asked to, at the latest, and stays ended.
fn ends(lines: &[Line], told: &Told) -> Option<String> {
    let asked = lines.iter().rev().find(|line| line.what == "end").map_or(0, |line| line.at);
    let latest = SessionTime::at(Span::from_secs(asked as i64)) + SOFT_END;
    let ended = told.story.ended() && told.outcome.ended <= latest;
    let stays = told.outcome.seen.last().is_some_and(|last| last.transport == Transport::Ended && last.now.is_none());
    (!ended || !stays).then(|| format!("asked to end at {asked} s, it ended at {}", told.outcome.ended))
}

/// While it runs something is playing, and nothing is played beyond its end; only where every piece has failed or is late the safe bed
/// is alone.
fn music(told: &Told) -> Option<String> {
    let failed = |record: &Record| {
        let report = if let Event::Fault { report } = &record.event { Some(report) } else { None };
        matches!(report, Some(Report::Failed { .. } | Report::Late { .. }))
    };
    let some_failed = told.story.records.iter().any(failed);
    let wrong = |seen: &&Snapshot| match &seen.now {
        _ if !matches!(seen.transport, Transport::Running | Transport::Held) => false,
        None => !some_failed,
        Some(now) => now.position > now.until + LATE,
    };
    told.seen.iter().find(wrong).map(|seen| format!("at {} it plays {:?}", seen.at, seen.now))
}

/// A fresh core that is given the journal shows what the session showed.
fn replay(session: &Session, told: &Told) -> Option<String> {
    let mut again = undertone::session::Session::new(session.loaded.plan.clone(), session.seed);
    let mut inputs = told.story.inputs().peekable();
    let every = told.seen.len().div_ceil(COMPARED).max(1);
    for seen in told.seen.iter().step_by(every).chain(told.outcome.seen.last()) {
        // What else happened at that very instant may or may not have been seen.
        if told.story.records.iter().any(|record| record.t == seen.at) {
            continue;
        }
        while let Some((at, input)) = inputs.next_if(|(at, _)| *at <= seen.at) {
            hand_in(&mut again, at, input);
        }
        hand_in(&mut again, seen.at, Input::Tick);
        let replayed = again.snapshot(seen.at);
        if shown(seen) != shown(&replayed) {
            return Some(format!("at {} the session showed\n{seen:?}\nand a replay shows\n{replayed:?}", seen.at));
        }
    }
    None
}

fn hand_in(session: &mut undertone::session::Session, at: SessionTime, input: Input) {
    session.handle(at, input);
    while !matches!(session.poll(), Output::Deadline(_)) {}
}

/// A snapshot without its notices: refused verbs changed nothing, so a replay does not repeat them.
fn shown(snapshot: &Snapshot) -> Snapshot {
    Snapshot { notices: Vec::new(), ..snapshot.clone() }
}

/// The same session without its faults passes from phase to phase at the same instants of the medicine clock. A fault may
/// make another verb impossible (the only piece to take has failed); then the two are not the same session any more.
fn boundaries(session: &Session, lines: &[Line], told: &Told) -> Option<String> {
    let unbroken: Vec<Line> = lines.iter().filter(|line| !line.is_fault()).cloned().collect();
    if unbroken.len() == lines.len() {
        return None;
    }
    let other = session.run(&unbroken);
    let asked = |told: &Told| told.story.records.iter().filter_map(|record| verb_of(&record.event)).collect::<Vec<_>>();
    if asked(told) != asked(&other) {
        return None;
    }
    // A machine that sleeps passes a boundary at its instant and tells of it when it wakes.
    let slept = lines.iter().any(|line| line.what.starts_with("fault suspend"));
    let (own, others) = (phases(told, slept), phases(&other, slept));
    let arc = |told: &Told| told.outcome.seen.last().map(|seen| seen.arc.clone());
    if own != others {
        return Some(format!("with its faults the phases are {own:?}\nwithout {others:?}"));
    }
    (arc(told) != arc(&other)).then(|| format!("with its faults the arc is {:?}\nwithout {:?}", arc(told), arc(&other)))
}

type Change = (Option<MedicineTime>, Option<PhaseKind>, Option<PhaseKind>, Why);

fn phases(told: &Told, slept: bool) -> Vec<Change> {
    let change = |record: &Record| match record.event {
        Event::Phase { why: Why::Resumed, .. } => None,
        Event::Phase { from, to, why } => Some((record.m.filter(|_| !slept), from, to, why)),
        _ => None,
    };
    told.story.records.iter().filter_map(change).collect()
}
