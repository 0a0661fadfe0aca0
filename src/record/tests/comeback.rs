//! Sessions that broke off, and signs of life.

use super::*;

fn boot(id: &str, at: i64) -> BootMark {
    BootMark { id: id.into(), at: Span::from_secs(at) }
}

fn label(text: &str) -> WallTime {
    text.to_owned().try_into().expect("a label")
}

/// A session of two hundred seconds, begun 100 s after the start of the machine, at nine on the wall; and its last sign of
/// life.
fn broken_off(beat: Option<Beat>) -> BrokenOff {
    let mut journal = Journal::in_memory();
    journal.append(at(0), None, course()[0].2.clone()).expect("kept");
    journal.append(at(200), None, verb("hold")).expect("kept");
    let manifest = manifest("AAAAAA", "2026-11-21T09:00:00+01:00");
    BrokenOff { manifest, story: Story::of_bytes(journal.bytes()), beat }
}

const NINE: &str = "2026-11-21T09:00:00+01:00";

#[test]
fn after_a_moment_it_goes_on_by_itself_then_it_asks_and_then_it_is_over() {
    let broken_off = broken_off(Some(Beat { t: at(250), at: Span::from_secs(350) }));
    let comeback = |now: i64| broken_off.comeback(Some(&boot("one", now)), label(NINE));
    assert_eq!(comeback(351), Comeback::ByItself(at(251)));
    assert_eq!(comeback(350 + 120), Comeback::ByItself(at(370)));
    assert_eq!(comeback(350 + 121), Comeback::Ask { was: at(250), now: at(371) });
    assert_eq!(comeback(350 + 900), Comeback::Ask { was: at(250), now: at(1150) });
    assert_eq!(comeback(350 + 901), Comeback::Never);
}

#[test]
fn without_a_sign_of_life_its_last_record_is_the_last_that_is_known() {
    let broken_off = broken_off(None);
    let comeback = |now: i64| broken_off.comeback(Some(&boot("one", now)), label(NINE));
    assert_eq!(comeback(100 + 200 + 120), Comeback::ByItself(at(320)));
    assert_eq!(comeback(100 + 200 + 121), Comeback::Ask { was: at(200), now: at(321) });
}

#[test]
fn after_a_restart_of_the_machine_it_always_asks() {
    let broken_off = broken_off(Some(Beat { t: at(250), at: Span::from_secs(350) }));
    let comeback = |wall: &str| broken_off.comeback(Some(&boot("two", 20)), label(wall));
    assert_eq!(comeback("2026-11-21T09:05:00+01:00"), Comeback::Ask { was: at(250), now: at(300) });
    assert_eq!(comeback("2026-11-21T09:30:00+01:00"), Comeback::Never);
    // A wall clock that was set back meanwhile takes nothing back.
    assert_eq!(comeback("2026-11-21T08:00:00+01:00"), Comeback::Ask { was: at(250), now: at(250) });
}

#[test]
fn a_rehearsal_goes_on_where_it_was_last_alive() {
    let mut broken_off = broken_off(Some(Beat { t: at(2000), at: Span::from_secs(350) }));
    broken_off.manifest.options.speed = Some(20);
    let comeback = broken_off.comeback(Some(&boot("one", 352)), label(NINE));
    assert_eq!(comeback, Comeback::ByItself(at(2000)));
}

#[test]
fn one_that_was_taken_up_after_a_restart_goes_on_by_itself_when_its_host_dies_again() {
    let mut broken_off = broken_off(Some(Beat { t: at(250), at: Span::from_secs(350) }));
    broken_off.manifest.take_up(at(1000), Some(boot("two", 20)));
    broken_off.beat = Some(Beat { t: at(1100), at: Span::from_secs(120) });
    let comeback = |now: i64, wall| broken_off.comeback(Some(&boot("two", now)), label(wall));
    assert_eq!(comeback(121, NINE), Comeback::ByItself(at(1101)));
    assert_eq!(
        comeback(121, "2026-11-21T19:00:00+01:00"),
        Comeback::ByItself(at(1101)),
        "the wall clock tells nothing"
    );
    let text = serde_json::to_string(&broken_off.manifest).expect("written");
    assert_eq!(serde_json::from_str::<Manifest>(&text).expect("read"), broken_off.manifest, "a negative time too");
}

#[test]
fn a_record_is_a_sign_of_life_too() {
    // The last beat that the disk took is a quarter of an hour older than the last record.
    let broken_off = broken_off(Some(Beat { t: at(10), at: Span::from_secs(110) }));
    assert_eq!(broken_off.comeback(Some(&boot("one", 301)), label(NINE)), Comeback::ByItself(at(201)));
}

#[test]
fn what_was_never_begun_or_has_ended_stays_so() {
    let now = boot("one", 101);
    let mut never = broken_off(None);
    never.story = Story::default();
    assert_eq!(never.comeback(Some(&now), label(NINE)), Comeback::Never);
    let mut ended = broken_off(None);
    ended.story = Story::of_bytes(&written().1);
    assert_eq!(ended.comeback(Some(&now), label(NINE)), Comeback::Never);
}

#[test]
fn the_last_sign_of_life_is_found_whichever_of_the_two_is_torn() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut journal = Journal::create(folder, "AAAAAA").expect("a journal");
    assert_eq!(Beat::last(folder, "AAAAAA"), None);
    let beat = |second: i64| Beat { t: at(second), at: Span::from_secs(1000 + second) };
    (1..=5).for_each(|second| journal.beat(beat(second)));
    assert_eq!(Beat::last(folder, "AAAAAA"), Some(beat(5)));
    let file = folder.join("AAAAAA.alive");
    let whole = fs::read(&file).expect("there");
    assert_eq!(whole.len(), 128, "it never grows");
    for byte in 0..128 {
        let mut torn = whole.clone();
        torn[byte] ^= 1;
        fs::write(&file, torn).expect("written");
        let last = Beat::last(folder, "AAAAAA").expect("one is whole");
        assert!(last == beat(5) || last == beat(4), "byte {byte}: {last:?}");
    }
    fs::write(&file, "").expect("written");
    assert_eq!(Beat::last(folder, "AAAAAA"), None);
    drop(journal);
    let (mut journal, _) = Journal::resume(folder, "AAAAAA").expect("resumed");
    journal.beat(beat(6));
    assert_eq!(Beat::last(folder, "AAAAAA"), Some(beat(6)));
    // Left by a process that died while it wrote them.
    for left in ["AAAAAA.session.part", "AAAAAA.playlist.part"] {
        fs::write(folder.join(left), "{").expect("written");
    }
    purge(folder, "AAAAAA").expect("removed");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 0);
}

#[test]
fn a_writer_leaves_signs_of_life_and_syncs_them_now_and_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::create(folder.path(), "AAAAAA").expect("a journal");
    let writer = Writer::start(journal, |_| {}).expect("a thread");
    for second in 0..20 {
        writer.beat(Beat { t: at(second), at: Span::from_secs(100 + second) });
    }
    drop(writer);
    assert_eq!(Beat::last(folder.path(), "AAAAAA").map(|beat| beat.t), Some(at(19)));
}
