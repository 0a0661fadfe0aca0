//! Journals cut off anywhere, with bits altered and lines repeated: what is left of them is a session.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use undertone::record::{Record, Story};
use undertone::session::{Input, Output, Snapshot};
use undertone::units::{SessionTime, Span};

use super::dice::Dice;
use super::session::{Session, Told};
use super::shape::Purpose;

/// Sessions whose journals are damaged.
const SESSIONS: u64 = 40;

/// What is done to a journal, beside cutting it off.
#[derive(Clone, Copy, Debug)]
enum Damage {
    None,
    /// So many bits are altered.
    Bits(u64),
    /// Some line stands there again.
    Repeated,
}

/// Tries so many damaged journals, on every core.
pub fn check(many: u64) {
    let sessions: Vec<(Session, Told)> = (0..SESSIONS)
        .map(|seed| {
            let session = Session::of(seed, Purpose::Course, "prefixes.toml");
            let told = session.run(&session.lines);
            (session, told)
        })
        .collect();
    let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= many {
                        break;
                    }
                    let mut dice = Dice::new(seed ^ 0x7072_6566);
                    let (session, told) = dice.pick(&sessions);
                    if let Err(what) = try_one(&mut dice, session, told) {
                        wrong.lock().unwrap().push(format!("prefix {seed} of session {}: {what}", session.seed));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {many} journals:\n{}", wrong.len(), wrong[..wrong.len().min(9)].join("\n"));
    eprintln!(
        "{many} journals of {SESSIONS} sessions, cut off, altered and with repeated lines: nothing whole was lost"
    );
}

fn try_one(dice: &mut Dice, session: &Session, told: &Told) -> Result<(), String> {
    let cut = (dice.throw() % (told.outcome.journal.len() as u64 + 1)) as usize;
    let mut bytes = told.outcome.journal[..cut].to_vec();
    let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
    // A last line that only lacks its line feed is whole.
    let whole = &told.story.records[..feeds + usize::from(told.outcome.journal.get(cut) == Some(&b'\n'))];
    let damage = match dice.throw() % 4 {
        0 if cut > 0 => Damage::Bits(1 + dice.throw() % 3),
        1 if feeds > 0 => Damage::Repeated,
        _ => Damage::None,
    };
    do_damage(dice, &mut bytes, damage);
    let story = Story::of_bytes(&bytes);
    let expected = match damage {
        Damage::None => story.records == whole && story.left_out.repeated == 0,
        Damage::Repeated => story.records == whole && story.left_out.repeated == 1,
        Damage::Bits(bits) => {
            story.records.len() + 2 * bits as usize >= whole.len()
                && story.records.iter().all(|record| told.story.records.contains(record))
        }
    };
    if !expected {
        let strange: Vec<_> = story.records.iter().filter(|record| !told.story.records.contains(record)).collect();
        let (has, whole, left_out) = (story.records.len(), whole.len(), story.left_out);
        return Err(format!("cut at {cut}, {damage:?}: {has} records of {whole}, {left_out:?}, strange: {strange:?}"));
    }
    let altered = matches!(damage, Damage::Bits(_));
    come_back(dice, session, &story, if altered { None } else { Some((told, whole.len())) })
}

fn do_damage(dice: &mut Dice, bytes: &mut Vec<u8>, damage: Damage) {
    match damage {
        Damage::None => {}
        Damage::Bits(bits) => {
            for _ in 0..bits {
                let place = (dice.throw() % bytes.len() as u64) as usize;
                bytes[place] ^= 1 << (dice.throw() % 8);
            }
        }
        Damage::Repeated => {
            let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            let whole: Vec<&[u8]> = lines.iter().copied().filter(|line| line.ends_with(b"\n")).collect();
            let (again, mut at) = (*dice.pick(&whole), 0);
            // Before the last line, which may be torn.
            if lines.len() > 1 {
                at = lines[..lines.len() - 1].iter().map(|line| line.len()).sum();
            }
            let again = again.to_vec();
            bytes.splice(at..at, again);
        }
    }
}

/// A host comes back with this journal: it must stand where the session stood. What is altered need only come back at all.
fn come_back(dice: &mut Dice, session: &Session, story: &Story, whole: Option<(&Told, usize)>) -> Result<(), String> {
    let mut again = undertone::session::Session::new(session.loaded.plan.clone(), session.seed);
    for (at, input) in story.inputs() {
        hand_in(&mut again, at, input);
    }
    if let Some((told, count)) = whole {
        stands_where_it_stood(&mut again, told, count)?;
    }
    let now = story.until() + Span::from_secs((dice.throw() % 120) as i64);
    hand_in(&mut again, now, Input::Resumed);
    let expected = story.records.last().and_then(|last| last.m.map(|m| m + (now - last.t)));
    let medicine = again.snapshot(now).medicine;
    match whole {
        Some(_) if medicine != expected => Err(format!("it comes back at {medicine:?} instead of {expected:?}")),
        _ => Ok(()),
    }
}

/// Between its last record and the next the session showed what the replay shows.
fn stands_where_it_stood(again: &mut undertone::session::Session, told: &Told, count: usize) -> Result<(), String> {
    let instant = |record: Option<&Record>| record.map(|record| record.t);
    let (Some(last), Some(next)) =
        (instant(told.story.records[..count].last()), instant(told.story.records.get(count)))
    else {
        return Ok(());
    };
    let between = |seen: &&Snapshot| last < seen.at && seen.at < next;
    let Some(seen) = told.seen.iter().find(between) else { return Ok(()) };
    hand_in(again, seen.at, Input::Tick);
    let replayed = again.snapshot(seen.at);
    let plain = |snapshot: &Snapshot| Snapshot { notices: Vec::new(), ..snapshot.clone() };
    if plain(seen) == plain(&replayed) { Ok(()) } else { Err(format!("it showed\n{seen:?}\nand shows\n{replayed:?}")) }
}

fn hand_in(session: &mut undertone::session::Session, at: SessionTime, input: Input) {
    session.handle(at, input);
    while !matches!(session.poll(), Output::Deadline(_)) {}
}
