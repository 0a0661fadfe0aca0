//! What the bridge decides about a host that is gone.

use super::*;
use crate::session::Event;
use crate::units::SessionTime;

#[test]
fn a_session_whose_start_was_not_taken_down_has_nothing_to_go_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::under(folder.path());
    let (_ask, asked) = channel();
    let (events, _told) = channel();
    let keeper = Keeper { paths, requests: Outgoing::default(), events, asked, looks: Arc::default() };
    let (sessions, code) = (keeper.paths.sessions(), SafeText::new("AAAAAA"));
    let mut journal = record::Journal::create(&sessions, "AAAAAA").expect("a journal");
    assert!(keeper.is_recorded(&code), "its manifest cannot be read: that is for the host to say");
    let manifest = record::Manifest {
        code: "AAAAAA".into(),
        version: "0".into(),
        playlist: "low-tide".into(),
        options: record::Options::default(),
        began: WallTime::now(),
        boot: this_boot(),
        way: record::Way::default(),
    };
    manifest.write(&sessions).expect("written");
    assert!(!keeper.is_recorded(&code));
    let started = Event::Started { title: "T".into(), route: "im".into(), seed: 7, source: Source::Key };
    journal.append(SessionTime::ZERO, None, started).expect("appended");
    assert!(keeper.is_recorded(&code));
}

#[test]
fn the_third_end_within_a_minute_is_one_too_many_and_that_is_not_forgotten() {
    let mut crashes = Crashes::default();
    for too_many in [false, false, true, true] {
        crashes.note();
        assert_eq!(crashes.are_too_many(), too_many);
    }
    let long_ago = Instant::now().checked_sub(2 * CRASHES_WITHIN).expect("the machine runs longer");
    crashes.at = vec![long_ago; 2];
    crashes.note();
    assert_eq!(crashes.at.len(), 1);
    assert!(crashes.are_too_many());
}
