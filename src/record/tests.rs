//! Sessions written down, damaged, and read back.

mod comeback;
mod damage;
mod disk;
mod replay;
mod reports;

use std::fs;
use std::path::Path;

use super::*;
use crate::session::{Event, PhaseKind, Report as Trouble, Source, TrackId, Verb, Why};
use crate::units::{Decibels, MedicineTime, SafeText, SessionTime, Span, Ticket};

pub(super) fn at(seconds: i64) -> SessionTime {
    SessionTime::at(Span::from_secs(seconds))
}

pub(super) fn verb(text: &str) -> Event {
    Event::Verb { verb: text.parse().expect("a verb"), source: Source::Key }
}

/// A short session with a record of most kinds: when, and what.
pub(super) fn course() -> Vec<(SessionTime, Option<MedicineTime>, Event)> {
    let dosed = |t: i64| Some(MedicineTime::at(Span::from_secs(t - 900)));
    let gain_db = Decibels(-4.3);
    let piece = |id: u32, title: &str| Event::Track {
        id: TrackId(id),
        title: title.into(),
        artist: None,
        phase: PhaseKind::Onset,
        pool: None,
        from_s: 0.0,
        gain_db,
    };
    let started = Event::Started { title: "Low tide".into(), route: "im".into(), seed: 7, source: Source::Key };
    let source = Source::Key;
    let lost = Trouble::OutputLost { why: "the headphones were unplugged".into() };
    let failed = Trouble::Failed { ticket: Ticket(3), why: "it is damaged".into() };
    vec![
        (at(0), None, started),
        (at(0), None, Event::Phase { from: None, to: Some(PhaseKind::Preparation), why: Why::Verb }),
        (at(0), None, piece(0, "Stones")),
        (at(900), dosed(900), Event::Dose { ago_s: 0.0, corrected: false, confirmed: false, source }),
        (at(905), dosed(905), Event::Joint { length_s: 12.0, eased_db: Decibels::ZERO }),
        (at(911), dosed(911), Event::TrackEnd { id: TrackId(0), heard_s: 911.0 }),
        (at(911), dosed(911), piece(1, "Für \"Alina\" <1>")),
        (at(1000), dosed(1000), verb("mute")),
        (at(1010), dosed(1010), Event::Refused { verb: Verb::Next, source, why: "muted".into() }),
        (at(1100), dosed(1100), Event::Fault { report: failed }),
        (at(1200), dosed(1200), Event::Fault { report: lost }),
        (at(1208), dosed(1208), Event::Recovered { silence_s: 8.25 }),
        (at(2000), dosed(2000), Event::Ended { why: Why::Verb }),
    ]
}

/// That session's records, and their bytes.
pub(super) fn written() -> (Vec<Record>, Vec<u8>) {
    let mut journal = Journal::in_memory();
    let mut records = Vec::new();
    for (index, (t, m, event)) in course().into_iter().enumerate() {
        journal.append(t, m, event.clone()).expect("kept");
        records.push(Record { seq: index as u64 + 1, t, m, event });
    }
    (records, journal.bytes().to_vec())
}

#[test]
fn the_lines_are_the_documented_format() {
    let (_, bytes) = written();
    let text = String::from_utf8(bytes).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    // The checksum was computed by another program (zlib's crc32).
    assert_eq!(
        lines[0],
        r#"{"seq":1,"t":0.000,"m":null,"kind":"started","title":"Low tide","route":"im","seed":7,"source":"key","crc":"c15d901d"}"#
    );
    assert!(lines[3].starts_with(r#"{"seq":4,"t":900.000,"m":0.000,"kind":"dose","ago_s":0.0,"corrected":false,"#));
    assert!(lines[7].starts_with(r#"{"seq":8,"t":1000.000,"m":100.000,"kind":"verb","verb":"mute","source":"key","#));
    assert!(lines[10].contains(r#""kind":"fault","report":"output-lost","why":"the headphones were unplugged","#));
    assert!(text.ends_with('\n') && lines.len() == course().len());
}

#[test]
fn a_journal_reads_back_what_was_written_and_the_same_session_gives_the_same_bytes() {
    let (records, bytes) = written();
    let story = Story::of_bytes(&bytes);
    assert_eq!((story.records.as_slice(), story.left_out), (records.as_slice(), LeftOut::default()));
    assert_eq!(written().1, bytes);
    assert!(story.ended() && story.until() == at(2000));
}

#[test]
fn a_report_tells_verbs_pieces_faults_and_the_longest_silence_but_no_date() {
    let text = report_text(&Story::of_bytes(&written().1));
    insta::assert_snapshot!(text);
}

#[test]
fn a_session_that_broke_off_in_silence_says_so() {
    let records = written().1;
    let until_lost = records.split_inclusive(|byte| *byte == b'\n').take(11).collect::<Vec<_>>().concat();
    let report = Report::of(&Story::of_bytes(&until_lost));
    assert!(report.ends_silent && report.ended.is_none());
    assert!(report.text().contains("silent when the record stops"));
}

fn manifest(code: &str, began: &str) -> Manifest {
    Manifest {
        code: code.into(),
        version: "0.1.0".into(),
        playlist: "playlists/low-tide.toml".into(),
        options: Options {
            seed: u64::MAX,
            route: Some("iv".into()),
            exclude: vec!["lyrics".into()],
            ..Options::default()
        },
        began: began.to_owned().try_into().expect("a label"),
        boot: Some(BootMark { id: "one".into(), at: Span::from_secs(100) }),
        way: Way::default(),
    }
}

#[test]
fn a_manifest_reads_back_and_replaces_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    for began in ["2026-11-21T09:00:00+01:00", "2026-11-21T09:05:00+01:00"] {
        let manifest = manifest("AAAAAA", began);
        manifest.write(folder.path()).expect("written");
        assert_eq!(Manifest::read(folder.path(), "AAAAAA").expect("read"), manifest);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    fs::write(Manifest::path(folder.path(), "BBBBBB"), "{}").expect("written");
    assert!(matches!(Manifest::read(folder.path(), "BBBBBB"), Err(RecordError::NotAManifest { .. })));
}

#[test]
fn the_session_clock_goes_on_through_a_crash_and_asks_after_a_restart_of_the_machine() {
    let manifest = manifest("AAAAAA", "2026-11-21T09:00:00+01:00");
    let boot = |id: &str| BootMark { id: id.into(), at: Span::from_secs(160) };
    let wall = "2026-11-21T09:02:00+01:00".to_owned().try_into().expect("a label");
    let stepped = "2026-11-21T08:02:00+01:00".to_owned().try_into().expect("a label");
    let elapsed = |boot: &BootMark, wall| manifest.elapsed(Some(boot), wall);
    assert_eq!(elapsed(&boot("one"), wall), Elapsed { now: at(60), restarted: false });
    assert_eq!(elapsed(&boot("one"), stepped), Elapsed { now: at(60), restarted: false });
    assert_eq!(elapsed(&boot("two"), wall), Elapsed { now: at(120), restarted: true });
    assert_eq!(elapsed(&boot("two"), stepped), Elapsed { now: at(0), restarted: true });
    assert_eq!(manifest.elapsed(None, wall), Elapsed { now: at(120), restarted: true });
}

#[test]
fn no_setting_of_the_wall_clock_moves_a_session_and_a_rehearsal_goes_on_where_its_journal_ends() {
    let mut manifest = manifest("AAAAAA", "2026-03-29T01:50:00+01:00");
    let boot = BootMark { id: "one".into(), at: Span::from_secs(1000) };
    // Midnight, both changes of the hour, a step back by NTP, the end of 32 bits, and a clock that lost its battery.
    let labels = [
        "2026-03-29T03:05:00+02:00",
        "2026-03-30T00:00:00+02:00",
        "2026-10-25T02:10:00+01:00",
        "2026-03-29T01:49:59+01:00",
        "2038-01-19T03:14:08+00:00",
        "1970-01-01T00:00:00+00:00",
    ];
    for label in labels {
        let wall = label.to_owned().try_into().expect("a label");
        assert_eq!(manifest.place(at(890), Some(&boot), wall), at(900), "{label}");
        assert_eq!(manifest.place(at(910), Some(&boot), wall), at(910), "{label}: never before what was recorded");
    }
    manifest.options.speed = Some(20);
    let wall = "2026-03-29T03:05:00+02:00".to_owned().try_into().expect("a label");
    assert_eq!(manifest.place(at(3000), Some(&boot), wall), at(3000));
}

/// A folder with one session in it, under this code.
fn kept(folder: &Path, code: &str, records: usize) {
    let mut journal = Journal::create(folder, code).expect("a journal");
    for (t, m, event) in course().into_iter().take(records) {
        journal.append(t, m, event).expect("appended");
    }
    journal.sync().expect("synced");
}

#[test]
fn past_sessions_are_listed_latest_first_and_can_be_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert_eq!(sessions(&folder.join("none")).expect("nothing"), []);
    kept(folder, "AAAAAA", 99);
    kept(folder, "BBBBBB", 4);
    kept(folder, "CCCCCC", 0);
    manifest("AAAAAA", "2026-11-20T09:00:00+01:00").write(folder).expect("written");
    manifest("BBBBBB", "2026-11-21T09:00:00+01:00").write(folder).expect("written");
    fs::write(folder.join("notes.txt"), "not ours").expect("written");
    let listed = sessions(folder).expect("a list");
    let shown: Vec<_> = listed.iter().map(|past| (past.code.as_str(), past.ended, past.lasted)).collect();
    assert_eq!(shown, [("BBBBBB", false, at(900)), ("AAAAAA", true, at(2000)), ("CCCCCC", false, at(0))]);
    assert_eq!(listed[1].title, Some(SafeText::new("Low tide")));
    purge(folder, "AAAAAA").expect("removed");
    purge(folder, "../AAAAAA").expect("nothing there");
    assert_eq!(sessions(folder).expect("a list").len(), 2);
    assert!(folder.join("notes.txt").exists());
}
