//! Rows 30 to 32, 35 and 36: the session's record on a disk that is full, fails, is slow, or lost its power.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{NO_GAP, ms};
use crate::cli::selftest::bench::{Bench, TONES_TITLE};
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::rig::{FULL, Rig, Setup, signal};
use crate::cli::selftest::stage::Stage;
use crate::record::{self, LeftOut, Story};
use crate::session::{Event, Report};
use crate::units::SafeText;

/// A small file system of memory in the place of the sessions' folder, for this process alone.
const SMALL_DISK: &str = "umask 077 && mkdir -p \"$UNDERTONE_HOME/state/sessions\" && \
                          mount -t tmpfs -o size=64k,mode=700 tmpfs \"$UNDERTONE_HOME/state/sessions\" && exec \"$@\"";

/// A session's journal, read back.
fn read(sessions: &Path, code: &SafeText) -> Result<Story, Trouble> {
    record::read(&record::journal_path(sessions, code.as_str())).map_err(|error| Trouble::Failed(error.to_string()))
}

/// How often a journal tells of its own trouble.
fn alarms_in(story: &Story) -> usize {
    let is_alarm = |event: &Event| matches!(event, Event::Fault { report: Report::Fault { what, .. } } if what.as_str() == "journal");
    story.records.iter().filter(|record| is_alarm(&record.event)).count()
}

/// Whether the panel was told of the record's trouble.
fn is_told(rig: &Rig) -> Result<bool, Trouble> {
    Ok(rig.status()?.session.notices.iter().any(|notice| notice.text.as_str().contains("record")))
}

/// 30: the disk of the journal is full.
pub(in super::super) fn full(bench: &Bench) -> Done {
    let works = |options: &str| {
        let tried = Command::new("unshare").args([options, "true"]).output();
        tried.is_ok_and(|answer| answer.status.success())
    };
    let options = ["-m", "-rm"].into_iter().find(|options| works(options));
    let options = options.ok_or_else(|| {
        Trouble::NotHere(
            "needs a mount namespace of this user's own; in its place: cargo test --lib record::tests::disk".into(),
        )
    })?;
    let by = ["unshare", options, "sh", "-c", SMALL_DISK, "sh"];
    let (rig, ear) = Rig::playing(bench, &Setup { by: &by, ..Setup::default() })?;
    let (mark, mut checks) = (ear.now(), Checks::default());
    let inside = PathBuf::from(format!("/proc/{}/root", rig.host_pid()?));
    let sessions = inside.join(rig.paths().sessions().strip_prefix("/").unwrap_or(Path::new("")));
    let code = rig.status()?.code;
    let filling = sessions.join("fill");
    let mut fill = fs::File::create(&filling)?;
    while fill.write_all(&[0; 4096]).is_ok() {}
    let mut verbs = 0;
    while !is_told(&rig)? && verbs < 200 {
        rig.verb("mark vitals")?;
        verbs += 1;
    }
    for _ in 0..20 {
        rig.verb("mark vitals")?;
    }
    checks.is("alarms stand on the full disk", alarms_in(&read(&sessions, &code)?), 1);
    drop(fill);
    fs::remove_file(&filling)?;
    for _ in 0..20 {
        rig.verb("mark vitals")?;
    }
    let told = read(&sessions, &code)?;
    checks.is("alarm in all", alarms_in(&told), 1);
    let marks = told.records.iter().filter(|record| matches!(record.event, Event::Verb { .. })).count();
    checks.is("records lost once there is room again", verbs + 40 - marks.min(verbs + 40), 0);
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    Ok(checks)
}

/// 31: the disk fails a sync.
pub(in super::super) fn fails(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup { sabotage: "sync-fails", ..Setup::default() })?;
    let (mark, mut checks) = (ear.now(), Checks::default());
    for verb in ["duck", "unduck", "mark vitals"] {
        rig.verb(verb)?;
    }
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    let code = rig.status()?.code;
    let sessions = rig.paths().sessions();
    let another = sessions.join(format!("{code}.2.jsonl"));
    checks.holds("it goes on in a new file", another.exists());
    let told = read(&sessions, &code)?;
    checks.is("alarm", alarms_in(&told), 1);
    checks.holds(
        "with every record",
        told.left_out == LeftOut::default()
            && told.records.iter().any(|record| matches!(record.event, Event::Started { .. })),
    );
    Ok(checks)
}

/// 32: every sync takes five seconds.
pub(in super::super) fn slow(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup { sabotage: "sync-slow", ..Setup::default() })?;
    let (mut slowest, mut checks) = (Duration::ZERO, Checks::default());
    let (since, mark) = (Instant::now(), ear.now());
    rig.order("mute")?;
    while since.elapsed() < ms(2500) {
        let asked = Instant::now();
        rig.status()?;
        slowest = slowest.max(asked.elapsed());
        bench.rest(ms(40))?;
    }
    let began = ear.first(mark, |window| window.level < FULL - 1.0).map_or(Duration::MAX, |at| at - since);
    let silent = ear.first(mark, |window| window.level < FULL - 60.0).map_or(Duration::MAX, |at| at - since);
    checks.within("slowest answer to the panel", slowest, ms(100));
    checks.within("mute begins after", began, ms(100));
    checks.within("and is silent after", silent, ms(2000));
    Ok(checks)
}

/// 35: the power goes: what was acknowledged is there, the line after it is torn.
pub(in super::super) fn power_loss(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let (clock, at) = (rig.status()?.session.at, Instant::now());
    rig.verb("duck")?;
    let code = rig.status()?.code;
    signal("KILL", &[rig.host_pid()?])?;
    let path = record::journal_path(&rig.paths().sessions(), code.as_str());
    let mut file = fs::OpenOptions::new().append(true).open(&path)?;
    file.write_all(b"{\"seq\":900,\"t\":12.3,\"m\":nul")?;
    bench.wait(Instant::now(), "silence", || ear.level() < -100.0)?;
    let mut desk = rig.panel(&[])?;
    desk.until(0, "broke off")?;
    checks.holds("it tells what broke off, and asks", desk.shows(0, TONES_TITLE));
    let (since, mark) = (Instant::now(), ear.now());
    desk.send(b"\r")?;
    bench.wait(since, "it sounds again", || ear.first(mark, |window| window.level > -75.0).is_some())?;
    checks.within("one key later it sounds after", since.elapsed(), ms(5000));
    let status = rig.status()?;
    checks.holds("the acknowledged verb is not lost", status.session.ducked);
    let off = (status.session.at - clock).secs_f64() - at.elapsed().as_secs_f64();
    checks.at_most("the session clock is off by", off.abs() * 1000.0, 300.0, "ms");
    Ok(checks)
}

/// 36: a journal cut at every byte, altered at every byte, and doubled.
pub(in super::super) fn damaged(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let played = stage.pass("0:30 duck\n0:40 unduck\n1:00 hold\n1:10 release\n")?;
    let (records, bytes, mut checks) = (played.records, played.journal, Checks::default());
    let (mut lost, mut untold) = (0, 0);
    for cut in 0..bytes.len() {
        let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        let story = Story::of_bytes(&bytes[..cut]);
        lost += usize::from(story.records.len() < whole || story.records[..whole] != records[..whole]);
        untold += usize::from(
            cut > 0 && bytes[cut - 1] != b'\n' && story.records.len() == whole && story.left_out.is_nothing(),
        );
    }
    checks.is(&format!("of {} cuts lost a whole record", bytes.len()), lost, 0);
    checks.is("were not told", untold, 0);
    let (mut changed, mut most) = (0, 0);
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 1 << (place % 8);
        let story = Story::of_bytes(&altered);
        changed += usize::from(!story.records.iter().all(|record| records.contains(record)));
        most = most.max(records.len().saturating_sub(story.records.len()));
    }
    checks.is("altered bits gave another record than was written", changed, 0);
    checks.at_most("records that one altered bit cost:", most as f64, 2.0, "");
    checks
        .holds("what stands twice is taken once", Story::of_bytes(&[bytes.clone(), bytes].concat()).records == records);
    Ok(checks)
}
