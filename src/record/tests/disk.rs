//! Files as the system keeps them: private, appended to, full, failing, and a writer that is killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::*;

fn numbers(folder: &Path) -> Vec<u64> {
    let story = read(&journal_path(folder, "AAAAAA")).expect("a journal");
    story.records.iter().map(|record| record.seq).collect()
}

fn append(journal: &mut Journal, text: &str) -> Result<(), RecordError> {
    journal.append(at(1), None, verb(text))
}

#[test]
fn a_journal_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    kept(folder.path(), "AAAAAA", 3);
    let again = Journal::create(folder.path(), "AAAAAA");
    assert!(matches!(again, Err(RecordError::Create { .. })));
    assert!(matches!(Journal::create(folder.path(), "../AAAAAA"), Err(RecordError::Create { .. })));
    assert_eq!(numbers(folder.path()), [1, 2, 3]);
}

#[cfg(unix)]
#[test]
fn only_this_user_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let sessions = folder.path().join("deep/sessions");
    kept(&sessions, "AAAAAA", 1);
    manifest("AAAAAA", "2026-11-20T09:00:00+01:00").write(&sessions).expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&sessions), 0o700);
    assert_eq!(mode(&journal_path(&sessions, "AAAAAA")), 0o600);
    assert_eq!(mode(&Manifest::path(&sessions, "AAAAAA")), 0o600);
    assert_eq!(mode(&sessions.join("AAAAAA.alive")), 0o600);
}

#[test]
fn a_journal_goes_on_behind_a_torn_line() {
    let folder = tempfile::tempdir().expect("a folder");
    kept(folder.path(), "AAAAAA", 3);
    let path = journal_path(folder.path(), "AAAAAA");
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("open");
    file.write_all(b"{\"seq\":4,\"t\":9").expect("torn");
    let (mut journal, story) = Journal::resume(folder.path(), "AAAAAA").expect("resumed");
    assert!(story.left_out.torn && story.records.len() == 3);
    append(&mut journal, "hold").expect("appended");
    journal.sync().expect("synced");
    assert_eq!(numbers(folder.path()), [1, 2, 3, 4]);
    assert_eq!(fs::read(&path).expect("there"), journal.bytes());
}

/// A journal of two records whose file is then exchanged for this one.
#[cfg(target_os = "linux")]
fn exchanged(folder: &Path, for_path: &str) -> Journal {
    kept(folder, "AAAAAA", 2);
    let (mut journal, _) = Journal::resume(folder, "AAAAAA").expect("resumed");
    journal.exchange(fs::OpenOptions::new().write(true).open(for_path).expect("open"));
    journal
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once_and_gets_everything_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = exchanged(folder.path(), "/dev/full");
    assert!(matches!(append(&mut journal, "hold"), Err(RecordError::InMemory(_))));
    assert!(append(&mut journal, "release").is_ok() && journal.sync().is_ok());
    assert!(!journal.is_written());
    assert_eq!(numbers(folder.path()), [1, 2]);
    let room = fs::OpenOptions::new().append(true).open(journal_path(folder.path(), "AAAAAA")).expect("open");
    journal.exchange(room);
    append(&mut journal, "mute").expect("room again");
    assert!(journal.is_written());
    assert_eq!(numbers(folder.path()), [1, 2, 3, 4, 5]);
}

#[test]
fn room_is_kept_for_the_last_words_and_given_back_with_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let reserve = folder.path().join("AAAAAA.reserve");
    let mut journal = Journal::create(folder.path(), "AAAAAA").expect("a journal");
    assert_eq!(fs::metadata(&reserve).expect("there").len(), 4096);
    append(&mut journal, "hold").expect("appended");
    assert_eq!(sessions(folder.path()).expect("a list").len(), 1, "it is no session");
    drop(journal);
    assert!(!reserve.exists());
    // A process that was killed leaves it; the next one takes it over, and it goes with the session.
    fs::write(&reserve, "left").expect("written");
    let (journal, _) = Journal::resume(folder.path(), "AAAAAA").expect("resumed");
    assert_eq!(fs::metadata(&reserve).expect("there").len(), 4096);
    std::mem::forget(journal);
    purge(folder.path(), "AAAAAA").expect("removed");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fails_to_sync_is_left_for_a_new_file_with_everything_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    // A regular file that takes every write and cannot be synced: the name of this thread.
    let mut journal = exchanged(folder.path(), "/proc/thread-self/comm");
    append(&mut journal, "hold").expect("taken");
    let Err(RecordError::Moved { name, .. }) = journal.sync() else { panic!("the failure was not told") };
    assert_eq!(name, "AAAAAA.2.jsonl");
    append(&mut journal, "mute").expect("appended");
    journal.sync().expect("synced");
    assert_eq!(numbers(folder.path()), [1, 2, 3, 4]);
    drop(journal);
    let (mut journal, _) = Journal::resume(folder.path(), "AAAAAA").expect("resumed");
    append(&mut journal, "resume").expect("appended");
    assert_eq!(numbers(folder.path()), [1, 2, 3, 4, 5]);
    let past = sessions(folder.path()).expect("a list");
    assert_eq!(past.len(), 1);
    purge(folder.path(), "AAAAAA").expect("removed");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

/// Its syncs claim success from the second on, as those of a system that tells of lost pages once.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_failed_is_not_believed_again_though_there_is_no_other_yet() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = exchanged(folder.path(), "/proc/thread-self/comm");
    // No other file can be written: all their names are taken, by what is none of a journal's.
    let others: Vec<PathBuf> = (2..100).map(|part| folder.path().join(format!("AAAAAA.{part}.jsonl"))).collect();
    others.iter().for_each(|other| fs::create_dir(other).expect("made"));
    append(&mut journal, "hold").expect("taken");
    assert!(matches!(journal.sync(), Err(RecordError::InMemory(_))));
    journal.exchange(fs::OpenOptions::new().append(true).open(journal_path(folder.path(), "AAAAAA")).expect("open"));
    for verb in ["release", "mute", "resume"] {
        append(&mut journal, verb).expect("told already");
        assert!(journal.sync().is_ok() && !journal.is_written(), "told once, and not taken for safe");
    }
    fs::remove_dir(&others[0]).expect("removed");
    assert!(matches!(journal.sync(), Err(RecordError::Moved { name, .. }) if name == "AAAAAA.2.jsonl"));
    assert!(journal.is_written() && folder.path().join("AAAAAA.reserve").exists());
    assert_eq!(fs::read(&others[0]).expect("there"), journal.bytes());
}

#[test]
fn what_the_first_file_holds_is_read_from_the_second_if_the_disk_lost_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    kept(folder.path(), "AAAAAA", 3);
    let first = journal_path(folder.path(), "AAAAAA");
    fs::rename(&first, folder.path().join("AAAAAA.2.jsonl")).expect("moved");
    // What cannot be read stands there all the same.
    fs::create_dir(&first).expect("made");
    assert_eq!(numbers(folder.path()), [1, 2, 3]);
    let (mut journal, story) = Journal::resume(folder.path(), "AAAAAA").expect("resumed");
    assert!(story.left_out == LeftOut::default());
    append(&mut journal, "hold").expect("appended");
    assert_eq!(numbers(folder.path()), [1, 2, 3, 4]);
    drop(journal);
    // And the other way round: what the newest held is missed.
    let third = folder.path().join("AAAAAA.3.jsonl");
    fs::create_dir(&third).expect("made");
    let story = read(&first).expect("a journal");
    assert_eq!((story.records.len(), story.left_out.files), (4, 1));
    assert!(story.left_out.to_string().ends_with("1 of its files, which the disk cannot read"));
    fs::remove_dir(&third).expect("removed");
    fs::remove_file(folder.path().join("AAAAAA.2.jsonl")).expect("removed");
    assert!(matches!(read(&first), Err(RecordError::Read { .. })));
}

#[test]
fn a_writer_writes_a_manifest_beside_its_journal_before_what_is_acknowledged_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::create(folder.path(), "AAAAAA").expect("a journal");
    let (tell, told) = mpsc::channel();
    let writer = Writer::start(journal, move |news| tell.send(news).expect("heard")).expect("a thread");
    let manifest = manifest("AAAAAA", "2026-11-20T09:00:00+01:00");
    // The disk refuses it at first: something stands in its place.
    fs::create_dir(Manifest::path(folder.path(), "AAAAAA")).expect("made");
    writer.manifest(manifest.clone()).expect("queued");
    let news = told.recv_timeout(Duration::from_secs(20)).expect("news");
    assert!(matches!(news, Told::Trouble(RecordError::Create { .. })), "{news:?}");
    fs::remove_dir(Manifest::path(folder.path(), "AAAAAA")).expect("removed");
    writer.beat(Beat { t: at(1), at: Span::from_secs(100) });
    writer.sync(1).expect("queued");
    let news = told.recv_timeout(Duration::from_secs(20)).expect("news");
    assert!(matches!(news, Told::Synced(1)), "{news:?}");
    assert_eq!(Manifest::read(folder.path(), "AAAAAA").expect("there"), manifest);
}

#[test]
fn a_simulation_replaces_its_file_and_leaves_the_same_bytes_as_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    fs::write(&path, "x".repeat(100_000)).expect("written");
    let mut journal = Journal::to_file(&path).expect("opened");
    course().into_iter().for_each(|(t, m, event)| journal.append(t, m, event).expect("appended"));
    assert_eq!(fs::read(&path).expect("there"), written().1);
}

#[test]
fn a_writer_tells_when_all_before_a_mark_is_safe() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::create(folder.path(), "AAAAAA").expect("a journal");
    let (tell, told) = mpsc::channel();
    let writer = Writer::start(journal, move |news| tell.send(news).expect("heard")).expect("a thread");
    for mark in 1..=20 {
        writer.append(at(mark), None, verb("hold")).expect("queued");
        writer.sync(mark as u64).expect("queued");
    }
    for mark in 1..=20u64 {
        let news = told.recv_timeout(Duration::from_secs(20)).expect("news");
        assert!(matches!(news, Told::Synced(told) if told == mark), "{news:?}");
        assert!(numbers(folder.path()).len() as u64 >= mark);
    }
    writer.append(at(21), None, verb("release")).expect("queued");
    drop(writer);
    assert_eq!(numbers(folder.path()).len(), 21);
}

const CHILD: &str = "UNDERTONE_TEST_JOURNAL";

/// Not a test by itself: the writer that the next test kills. It says each number once its record is safe.
#[test]
fn a_writer_to_be_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let mut journal = match Journal::resume(Path::new(&folder), "AAAAAA") {
        Ok((journal, _)) => journal,
        Err(_) => Journal::create(Path::new(&folder), "AAAAAA").expect("a journal"),
    };
    loop {
        append(&mut journal, "mark vitals").expect("appended");
        journal.sync().expect("synced");
        println!("safe {}", Story::of_bytes(journal.bytes()).records.len());
    }
}

#[cfg(unix)]
#[test]
fn a_writer_killed_at_any_moment_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = 0;
    for run in 0..12u64 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "record::tests::disk::a_writer_to_be_killed", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let said = |line: &String| line.rsplit_once("safe ").and_then(|(_, count)| count.parse::<u64>().ok());
        acknowledged = lines.by_ref().find_map(|line| said(&line)).expect("one record");
        std::thread::sleep(Duration::from_micros(500 * run * run));
        child.kill().expect("killed");
        child.wait().expect("gone");
        acknowledged = lines.filter_map(|line| said(&line)).last().unwrap_or(acknowledged);
        let kept = numbers(folder.path());
        assert!(kept.len() as u64 >= acknowledged, "{} kept of {acknowledged}", kept.len());
        assert!(kept.iter().zip(1..).all(|(seq, expected)| *seq == expected), "a gap");
    }
    assert!(acknowledged >= 12);
}
