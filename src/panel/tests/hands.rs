//! Keys in, requests out: what the therapist's hand can do, and what it cannot do by accident.

use super::*;
use crate::panel::Exit;
use crate::session::{Quiet, Source, Steer};

/// In that state, those keys ask for those verbs.
fn check(status: Status, keys: &str, verbs: &[&str]) {
    let mut bench = Bench::with(status);
    bench.keys(keys);
    assert_eq!(bench.verbs(), verbs, "keys: {keys}");
}

fn peak_with(change: impl FnOnce(&mut Snapshot)) -> Status {
    let mut status = peak();
    change(&mut status.session);
    status
}

#[test]
fn the_six_are_one_press_each_but_return_and_end() {
    check(peak(), "space", &["duck"]);
    check(peak(), "f", &["next"]);
    check(peak(), "s", &["hold"]);
    check(peak(), "g", &["ground"]);
    check(peak(), "r", &[]);
    check(peak(), "r r", &["return"]);
    check(peak(), "e", &[]);
    check(peak(), "e e", &["end"]);
    check(peak(), "m", &["mute"]);
}

#[test]
fn the_same_key_does_and_undoes() {
    check(peak_with(|session| session.ducked = true), "space", &["unduck"]);
    check(peak_with(|session| session.transport = Transport::Held), "s", &["release"]);
    check(peak_with(|session| session.phase.as_mut().unwrap().steer = Some(Steer::Ground)), "g", &["home"]);
    check(peak_with(|session| session.phase.as_mut().unwrap().steer = Some(Steer::Ground)), "k", &["warmer"]);
    check(peak_with(|session| session.quiet = Some(Quiet::Silence)), "x", &["resume"]);
    check(peak_with(|session| session.quiet = Some(Quiet::Mute)), "x", &["resume"]);
    check(peak_with(|session| session.quiet = Some(Quiet::Break)), "w", &["back"]);
    check(peak(), "x w", &["silence", "break"]);
}

#[test]
fn mute_is_mute_in_every_state_and_never_the_way_back() {
    check(peak_with(|session| session.quiet = Some(Quiet::Mute)), "m", &["mute"]);
    for before in ["d", "t", "v", "?", "z", "e", "j"] {
        let mut bench = Bench::with(peak());
        bench.keys(before);
        bench.commands.clear();
        bench.keys("m");
        assert_eq!(bench.verbs(), ["mute"], "after {before}");
    }
}

#[test]
fn the_dose_is_one_key_and_at_most_three_when_it_was_earlier() {
    check(preparation(), "d", &["dose"]);
    check(preparation(), "d 5 enter", &["dose", "dose --ago 5m"]);
    check(preparation(), "d 1 2", &["dose", "dose --ago 12m"]);
    check(preparation(), "d 7 backspace 4 enter", &["dose", "dose --ago 4m"]);
    check(preparation(), "d enter", &["dose"]);
    check(preparation(), "d d", &["dose"]);
}

#[test]
fn a_refused_dose_is_not_shown_as_given() {
    let mut bench = Bench::with(preparation());
    bench.keys("d");
    assert!(bench.text(80, 24).contains("Dose: now"));
    bench.told(LinkEvent::Update(Box::new(Update::Refused { why: "Begin the session first.".into() })));
    let text = bench.text(80, 24);
    assert!(text.contains("Begin the session first.") && !text.contains("Dose: now"), "{text}");
}

#[test]
fn a_dose_that_is_marked_is_only_corrected_on_purpose() {
    check(peak(), "d", &[]);
    check(peak(), "d 5 enter", &["dose --ago 5m"]);
    check(peak(), "d d", &["dose"]);
    check(peak(), "d esc", &[]);
    check(peak(), "d space", &["duck"]);
    check(peak(), "d 7 5", &[]);
    check(peak(), "d 7 5 enter", &["dose --ago 1h15m --confirm"]);
    let late = peak_with(|session| session.medicine = Some(MedicineTime::at(Span::from_mins(80))));
    check(late, "d d", &[]);
}

#[test]
fn what_is_asked_and_not_answered_is_said_to_be_undone() {
    for (keys, said) in [
        ("t", Some("No booster was marked")),
        ("t 4", Some("No booster was marked")),
        ("i", Some("Nothing was shifted")),
        ("d", Some("The dose was not moved")),
        ("v", None),
    ] {
        let mut bench = Bench::with(peak());
        bench.keys(keys);
        bench.wait(16_000);
        assert_eq!(bench.model.said(), said, "keys: {keys}");
        assert!(bench.verbs().is_empty());
    }
    let mut bench = Bench::with(peak());
    bench.keys("t space");
    assert_eq!(bench.model.said(), Some("No booster was marked"));
    assert_eq!(bench.verbs(), ["duck"]);
}

#[test]
fn questions_are_answered_by_a_digit() {
    check(peak(), "t t", &["booster"]);
    check(peak(), "t 3 enter", &["booster --ago 3m"]);
    check(peak(), "i 4 enter", &["shift +4m"]);
    check(peak(), "i i", &[]);
    check(peak(), "v 2", &["mark nausea"]);
    check(peak(), "j 5", &["goto return"]);
    check(peak(), "j 9", &[]);
    check(peak(), "o", &[]);
    check(peak(), "a p - + u c", &["extend 5m", "different", "softer", "louder", "undo", "comfort"]);
}

#[test]
fn a_question_lets_go_by_itself() {
    let mut bench = Bench::with(peak());
    bench.keys("d");
    bench.wait(16_000);
    bench.keys("5 enter");
    assert!(bench.verbs().is_empty());
}

#[test]
fn a_second_press_must_come_in_time_and_not_from_another_key() {
    let mut bench = Bench::with(peak());
    bench.keys("e");
    bench.wait(2000);
    bench.keys("e");
    assert!(bench.verbs().is_empty(), "too late");
    bench.wait(3000);
    bench.keys("e space e");
    assert_eq!(bench.verbs(), ["duck"], "a key between takes the first press back");
}

/// Feeds one key as a terminal repeats it while it is held; afterwards the hand is taken off for a while.
fn held(status: Status, key: &str, pause: u64, every: u64) -> Vec<String> {
    let mut bench = Bench::with(status);
    bench.event(code(key), KeyModifiers::NONE);
    bench.wait(pause);
    for _ in 0..200 {
        bench.event(code(key), KeyModifiers::NONE);
        bench.wait(every);
    }
    bench.wait(3000);
    bench.verbs()
}

#[test]
fn a_held_key_or_a_stuck_pedal_counts_once_or_not_at_all() {
    // Pause and rate of: kbdrate's slowest default, xset, GNOME, a fast custom one.
    for (pause, every) in [(250, 92), (660, 40), (500, 33), (200, 20)] {
        for (key, once) in [("space", "duck"), ("f", "next"), ("s", "hold"), ("m", "mute")] {
            assert_eq!(held(peak(), key, pause, every).first().map(String::as_str), Some(once));
        }
        for key in ["space", "f", "s", "g", "x", "w", "p", "a", "u", "c"] {
            assert_eq!(held(peak(), key, pause, every).len(), 1, "{key} held, {pause} ms then every {every} ms");
        }
        for key in ["e", "r", "page-down", "q", "d", "y"] {
            assert_eq!(held(peak(), key, pause, every).len(), 0, "{key} held, {pause} ms then every {every} ms");
        }
        assert!(held(peak(), "+", pause, every).len() <= 2, "louder held");
    }
}

#[test]
fn a_held_key_is_told_why_nothing_happens() {
    let mut bench = Bench::with(peak());
    for _ in 0..20 {
        bench.event(code("e"), KeyModifiers::NONE);
        bench.wait(if bench.now.is_zero() { 500 } else { 33 });
    }
    assert!(bench.text(80, 24).contains("being held"), "{}", bench.text(80, 24));
    assert!(bench.verbs().is_empty());
}

#[test]
fn a_bouncing_switch_counts_once() {
    let mut bench = Bench::with(peak());
    for _ in 0..3 {
        bench.event(code("m"), KeyModifiers::NONE);
        bench.wait(8);
    }
    bench.wait(200);
    bench.event(code("m"), KeyModifiers::NONE);
    assert_eq!(bench.verbs(), ["mute", "mute"], "pressed twice in a fright counts twice");
}

#[test]
fn a_presenter_has_four_buttons_and_two_of_its_keys_are_one() {
    let held = || peak_with(|session| session.transport = Transport::Held);
    check(peak(), "page-up", &["softer"]);
    check(peak(), "page-down", &[]);
    check(peak(), "page-down page-down", &["next"]);
    check(peak(), "f5", &["hold"]);
    check(peak(), "esc", &["hold"]);
    check(held(), "f5", &["release"]);
    check(held(), "esc", &["release"]);
    check(peak(), ".", &["ground"]);
    check(peak(), "b", &["ground"]);
    let mut bench = Bench::with(peak());
    bench.event(KeyCode::F(5), KeyModifiers::NONE);
    bench.wait(60);
    bench.event(KeyCode::Esc, KeyModifiers::NONE);
    bench.wait(1000);
    assert_eq!(bench.verbs(), ["hold"], "both codes of one button press");
    bench.keys("page-down page-down");
    assert!(matches!(
        bench.commands.last(),
        Some(Command::Order(Order::Send(Request::Verb { source: Source::Clicker, .. })))
    ));
}

/// What comes when an escape sequence is torn: `Esc` first, then the rest as characters, so many milliseconds apart.
fn torn(rest: &str, apart: u64) -> Vec<String> {
    let mut bench = Bench::with(peak());
    bench.event(KeyCode::Esc, KeyModifiers::NONE);
    for character in rest.chars() {
        bench.wait(apart);
        bench.event(KeyCode::Char(character), KeyModifiers::NONE);
    }
    bench.wait(1000);
    bench.verbs()
}

#[test]
fn a_torn_escape_sequence_is_its_key_and_nothing_else() {
    assert_eq!(torn("[15~", 5), ["hold"]);
    assert_eq!(torn("[[E", 5), ["hold"]);
    assert_eq!(torn("[5~", 20), ["softer"]);
    assert_eq!(torn("[A", 5), ["louder"]);
    assert_eq!(torn("OB", 5), ["softer"]);
    assert_eq!(torn("[<35;10;10M", 1), [] as [&str; 0], "mouse garbage");
    assert_eq!(torn("[200~", 1), [] as [&str; 0], "a paste bracket");
    assert_eq!(torn("", 0), ["hold"]);
    assert_eq!(torn("m", 5), ["hold", "mute"], "two keys, quickly");
}

#[test]
fn control_keys_are_swallowed_with_a_hint() {
    for character in ['c', 'd', 'z', 's', 'q', '4', '\\'] {
        let mut bench = Bench::with(peak());
        bench.event(KeyCode::Char(character), KeyModifiers::CONTROL);
        assert!(bench.commands.is_empty(), "control and {character}");
        assert!(bench.text(80, 24).contains("the sound goes on"));
    }
}

#[test]
fn leaving_leaves_the_sound() {
    let mut bench = Bench::with(peak());
    bench.keys("q");
    assert!(bench.commands.iter().all(|command| !matches!(command, Command::Exit(_))));
    assert!(bench.text(80, 24).contains("The sound goes on without the panel"));
    bench.keys("q");
    assert!(bench.commands.contains(&Command::Exit(Exit::Detached)));
    assert!(!bench.commands.contains(&Command::Order(Order::Send(Request::Leave))));

    let mut over = peak();
    over.session.transport = Transport::Ended;
    let mut bench = Bench::with(over);
    bench.keys("q");
    let leave = Command::Order(Order::Send(Request::Leave));
    assert_eq!(bench.commands, [leave, Command::Exit(Exit::Quit)]);

    let mut bench = Bench::new(Start::Session);
    bench.keys("q");
    assert_eq!(bench.commands, [Command::Exit(Exit::Quit)], "an unknown host is left alone");
}

#[test]
fn no_key_reaches_a_host_that_is_gone_and_the_panel_says_so() {
    let mut bench = Bench::with(peak());
    bench.told(LinkEvent::Lost { why: None });
    bench.keys("f");
    assert!(bench.verbs().is_empty());
    let text = bench.text(80, 24);
    assert!(text.contains("was not passed on") && text.contains("being started again"), "{text}");
    assert!(!text.contains("playing"), "{text}");
}

#[test]
fn playing_is_never_claimed_on_an_old_word() {
    let mut bench = Bench::with(peak());
    assert!(bench.text(80, 24).contains("▸ playing"));
    bench.wait(2500);
    assert!(bench.text(80, 24).contains("▸ playing"));
    bench.wait(1500);
    assert!(bench.text(80, 24).contains("not known: no word from the host for 4 s"), "{}", bench.text(80, 24));
    assert!(bench.commands.contains(&Command::Order(Order::Send(Request::Status))), "the host is asked");
}

#[test]
fn the_clocks_go_on_without_news() {
    let mut bench = Bench::with(peak());
    bench.wait(10_000);
    assert_eq!(bench.model.medicine().map(|since| since.to_string()), Some("25:40".to_owned()));
    let mut ready = peak();
    ready.session.transport = Transport::Ready;
    let mut bench = Bench::with(ready);
    bench.wait(10_000);
    assert_eq!(bench.model.at(), at(40, 30), "nothing runs before the start");
}
