//! The kiosk: it shuts by itself, never against the client's safety, and is left by the PIN alone.

use super::*;
use crate::panel::{Exit, PinAnswer, TypedPin};
use crate::session::Quiet;

pub fn kiosk(status: Status) -> Bench {
    let mut bench = Bench::new(Start::Session);
    bench.model = Model::new(Setup { kiosk: true, ..setup(Start::Session) });
    bench.told(LinkEvent::Connected);
    bench.status(status);
    bench.commands.clear();
    bench
}

/// A kiosk that has been left alone for a minute.
pub fn shut(status: Status) -> Bench {
    let mut bench = kiosk(status.clone());
    bench.wait(61_000);
    bench.status(status);
    bench.commands.clear();
    bench
}

fn tried(bench: &Bench) -> Vec<&str> {
    let tried = bench.commands.iter().filter_map(|command| match command {
        Command::Order(Order::TryPin(TypedPin(pin))) => Some(pin.as_str()),
        _ => None,
    });
    tried.collect()
}

fn left(bench: &Bench) -> Option<Exit> {
    bench.commands.iter().find_map(|command| if let Command::Exit(exit) = command { Some(*exit) } else { None })
}

#[test]
fn after_a_minute_only_what_keeps_the_client_safe_works_and_the_screen_says_so() {
    let mut bench = kiosk(peak());
    bench.wait(59_000);
    bench.keys("f");
    assert_eq!(bench.verbs(), ["next"]);
    let mut bench = shut(peak());
    assert!(bench.text(80, 24).contains("locked") && bench.text(40, 8).contains("locked"));
    bench.keys("f s g d e e r r + j 2 p k l u");
    assert_eq!(bench.verbs(), [""; 0]);
    assert!(bench.text(80, 24).contains("enter twice"), "the refusal is seen");
    bench.keys("m space - -");
    assert_eq!(bench.verbs(), ["mute", "duck", "softer", "softer"]);
}

#[test]
fn what_was_muted_behind_the_lock_can_be_brought_back() {
    let mut status = peak();
    status.session.quiet = Some(Quiet::Mute);
    let mut bench = shut(status);
    bench.keys("x");
    assert_eq!(bench.verbs(), ["resume"]);
    let mut bench = shut(peak());
    bench.keys("x");
    assert_eq!(bench.verbs(), [""; 0], "but nothing is silenced by accident");
}

#[test]
fn enter_twice_unlocks_and_once_does_not() {
    let mut bench = shut(peak());
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("again to unlock"));
    bench.wait(3000);
    bench.keys("f");
    assert_eq!(bench.verbs(), [""; 0]);
    bench.keys("enter enter f");
    assert_eq!(bench.verbs(), ["next"]);
    assert!(!bench.model.shut());
}

#[test]
fn a_button_in_the_hand_works_behind_the_lock() {
    let mut bench = shut(peak());
    bench.keys("page-down page-down");
    assert_eq!(bench.verbs(), ["next"]);
}

#[test]
fn it_is_left_by_the_pin_alone() {
    let mut bench = kiosk(peak());
    bench.keys("q q q");
    bench.event(KeyCode::Char('c'), KeyModifiers::CONTROL);
    bench.event(KeyCode::Char('d'), KeyModifiers::CONTROL);
    assert_eq!(left(&bench), None);
    assert!(bench.text(80, 24).contains("PIN to leave"));
    bench.keys("1 2 3 4 5 6");
    let screen = bench.text(80, 24);
    assert!(screen.contains("******") && !screen.contains("123"), "{screen}");
    bench.keys("backspace 7 enter");
    assert_eq!(tried(&bench), ["123457"]);
    bench.told(LinkEvent::Pin(PinAnswer::Wrong { left: 3 }));
    assert!(bench.text(80, 24).contains("3 more tries") && left(&bench).is_none());
    bench.told(LinkEvent::Pin(PinAnswer::Wait { left: Span::from_secs(30) }));
    assert!(bench.text(80, 24).contains("30s"), "{}", bench.text(80, 24));
    bench.told(LinkEvent::Pin(PinAnswer::Right));
    assert_eq!(left(&bench), Some(Exit::Detached), "the sound goes on");
}

#[test]
fn the_question_for_the_pin_stops_no_key_of_the_six_and_goes_away_by_itself() {
    let mut bench = kiosk(peak());
    bench.keys("q 1 2 m space f");
    assert_eq!(bench.verbs(), ["mute", "duck", "next"]);
    bench.wait(21_000);
    assert!(!bench.text(80, 24).contains("PIN to leave"));
    bench.keys("q esc 1 enter");
    assert_eq!(tried(&bench), [""; 0]);
}

#[test]
fn before_and_after_a_session_nothing_is_shut() {
    let mut status = peak();
    status.session.transport = Transport::Ended;
    let bench = shut(status);
    assert!(!bench.model.shut());
}

#[test]
fn a_typed_pin_is_in_no_log() {
    assert_eq!(format!("{:?}", Order::TryPin(TypedPin("123456".into()))), "TryPin(TypedPin)");
}
