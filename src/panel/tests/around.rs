//! Before and after a session: choosing, trying, teaching, and leaving nothing behind.

use super::scenes::loaded;
use super::*;
use crate::panel::before::{Choices, ItemState, PlaylistCard, PreflightItem, RouteChoice};
use crate::wire::Trial;

fn cards() -> Vec<PlaylistCard> {
    let card = |id, title: &str, errors| PlaylistCard {
        id,
        title: title.into(),
        route: "im".into(),
        looking: false,
        length: Span::from_mins(90),
        arc: arc(),
        errors,
        warnings: 0,
        finding: None,
        tags: ["voice", "water"].map(Into::into).to_vec(),
        choices: Choices::default(),
    };
    vec![card(4, "Low tide", 0), card(9, "Broken", 2), card(11, "Hearth", 0)]
}

fn opened(id: usize) -> Command {
    Command::Order(Order::Open { id, choices: Choices::default() })
}

#[test]
fn from_the_picker_to_a_running_session_in_three_keys() {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("enter");
    assert_eq!(bench.commands, [opened(4)]);
    let good = PreflightItem { name: "Sound".into(), state: ItemState::Good, text: "open".into(), fix: None };
    bench.told(LinkEvent::Preflight(vec![good]));
    bench.told(LinkEvent::Connected);
    let mut ready = peak();
    ready.session.transport = Transport::Ready;
    bench.status(ready);
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("ready"));
    bench.keys("enter");
    assert_eq!(bench.verbs(), ["start"]);
}

#[test]
fn what_is_broken_is_not_opened_and_what_is_bad_takes_two_presses() {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("down enter");
    assert!(bench.commands.is_empty());
    assert!(bench.text(80, 24).contains("errors"));
    bench.keys("down down enter");
    assert_eq!(bench.commands, [opened(11)]);
    let bad = PreflightItem {
        name: "Sound".into(),
        state: ItemState::Bad,
        text: "muted".into(),
        fix: Some("Unmute it.".into()),
    };
    bench.told(LinkEvent::Preflight(vec![bad]));
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("not as it should be"));
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("Waiting for the host"), "{}", bench.text(80, 24));
}

#[test]
fn the_next_client_finds_nothing_of_the_last() {
    let mut over = peak();
    over.session.transport = Transport::Ended;
    let mut bench = Bench::with(over);
    bench.told(LinkEvent::Report(vec!["25:30 mute".into()]));
    assert!(bench.text(80, 24).contains("25:30 mute"));
    bench.keys("enter");
    assert_eq!(bench.commands.first(), Some(&Command::Order(Order::NextClient)));
    bench.told(LinkEvent::Playlists(cards()));
    let text = bench.text(80, 24);
    let mut late = peak();
    late.session.transport = Transport::Ended;
    bench.status(late);
    bench.keys("enter enter enter");
    assert!(bench.text(80, 24).contains("Waiting for the host"), "a late word: {}", bench.text(80, 24));
    assert!(text.contains("Which playlist?") && !text.contains("25:30") && !text.contains("K7M2QD"), "{text}");
}

#[test]
fn a_long_report_is_turned_by_the_arrows() {
    let mut over = peak();
    over.session.transport = Transport::Ended;
    let mut bench = Bench::with(over);
    bench.told(LinkEvent::Report((0..50).map(|line| format!("line {line}.").as_str().into()).collect()));
    assert!(bench.text(80, 24).contains("line 0."));
    bench.keys("down");
    let text = bench.text(80, 24);
    assert!(!text.contains("line 7.") && text.contains("line 8."), "{text}");
    bench.keys("down down down down down down down");
    let text = bench.text(80, 24);
    assert!(text.contains("line 49.") && text.contains("line 31."), "the last page is a full one: {text}");
    assert!(bench.verbs().is_empty(), "nothing is asked of a session that is over");
    bench.keys("enter");
    assert!(!bench.text(80, 24).contains("line"), "{}", bench.text(80, 24));
}

#[test]
fn a_button_is_taught_by_pressing_it_and_only_before_a_session() {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("f2 f5 up down up up up enter");
    let duck = Command::Order(Order::Bound { key: crate::panel::Key::Esc, action: crate::panel::Action::Duck });
    assert_eq!(bench.commands, [duck], "hold is third in the list, duck first");
    bench.told(LinkEvent::Connected);
    bench.status(peak());
    bench.commands.clear();
    bench.keys("esc");
    assert_eq!(bench.verbs(), ["duck"]);
    bench.keys("f2 m");
    assert_eq!(bench.verbs(), ["mute"], "in a session a key is never swallowed by a lesson");
}

#[test]
fn mute_cannot_be_taught_away() {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("f2 m up up up up up up enter");
    assert!(bench.commands.is_empty());
    assert!(bench.text(80, 24).contains("mute must stay within reach"), "{}", bench.text(80, 24));
    bench.keys("f2 f2 enter");
    assert_eq!(bench.commands, [opened(4)], "the same key closes the screen");
}

/// The trials asked for since the last call.
fn trials(bench: &mut Bench) -> Vec<Trial> {
    let trial = |command| match command {
        Command::Order(Order::Send(Request::Try { trial })) => Some(trial),
        _ => None,
    };
    bench.commands.drain(..).filter_map(trial).collect()
}

/// The preflight list of a playlist that is opened and in order.
fn before_a_session() -> Bench {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("enter");
    let good = PreflightItem { name: "record".into(), state: ItemState::Good, text: "kept".into(), fix: None };
    bench.told(LinkEvent::Preflight(vec![good]));
    bench.told(LinkEvent::Connected);
    bench.status(loaded());
    bench.commands.clear();
    bench
}

#[test]
fn each_ear_is_confirmed_by_key() {
    let mut bench = before_a_session();
    assert!(bench.text(80, 24).contains("not tried yet"), "{}", bench.text(80, 24));
    bench.keys("h");
    assert!(bench.text(80, 24).contains("comes up on the left"), "{}", bench.text(80, 24));
    bench.keys("h enter");
    assert!(bench.text(80, 24).contains("comes up on the right"), "{}", bench.text(80, 24));
    bench.keys("enter");
    assert_eq!(trials(&mut bench), [Trial::Left, Trial::Left, Trial::Right, Trial::Stop]);
    assert!(bench.text(80, 24).contains("left and right heard"), "{}", bench.text(80, 24));
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("ready"), "an ear check in order lets the session be reached by one key");
}

#[test]
fn an_output_that_is_gone_is_red_and_one_in_order_is_named() {
    let mut bench = before_a_session();
    assert!(bench.text(80, 24).contains("reaches USB headphones"), "{}", bench.text(80, 24));
    let mut gone = loaded();
    gone.output.health = OutputHealth::Lost;
    gone.output.state = "USB headphones is gone".into();
    bench.status(gone);
    let text = bench.text(80, 24);
    assert!(text.contains("USB headphones is gone") && text.contains("Connect the headphones"), "{text}");
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("Press again to go on all the same"), "{}", bench.text(80, 24));
}

#[test]
fn an_ear_that_hears_nothing_is_red_until_it_is_tried_again() {
    let mut bench = before_a_session();
    bench.keys("h enter esc");
    assert_eq!(trials(&mut bench), [Trial::Left, Trial::Right, Trial::Stop]);
    assert!(bench.text(80, 24).contains("not heard on the right"), "{}", bench.text(80, 24));
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("Press again to go on all the same"), "{}", bench.text(80, 24));
    bench.keys("h m");
    assert_eq!(trials(&mut bench), [Trial::Left, Trial::Stop], "mute ends a tone too");
    assert!(bench.text(80, 24).contains("not heard on the left"), "{}", bench.text(80, 24));
}

#[test]
fn the_comfort_level_is_found_by_the_peaks_own_loudness() {
    let mut bench = Bench::with(loaded());
    bench.keys("n");
    assert_eq!(bench.commands, [Command::Order(Order::Send(Request::Try { trial: Trial::Peak }))]);
    assert!(bench.text(80, 24).contains("The peak's loudness"), "{}", bench.text(80, 24));
    bench.commands.clear();
    bench.keys("- - + c");
    let tried = Command::Order(Order::Send(Request::Try { trial: Trial::Stop }));
    assert!(bench.commands.contains(&tried), "setting the level ends the sample");
    assert_eq!(bench.verbs(), ["softer", "softer", "louder", "comfort"]);
    bench.keys("n n");
    assert_eq!(trials(&mut bench), [Trial::Peak, Trial::Stop], "the same key ends it");
    bench.keys("n");
    bench.wait(31_000);
    bench.status(loaded());
    assert!(!bench.text(80, 24).contains("The peak's loudness."), "it ends by itself");
}

#[test]
fn nothing_is_tried_in_a_session_or_without_a_playlist() {
    let mut bench = Bench::with(peak());
    bench.keys("h n");
    assert_eq!(trials(&mut bench), []);
    assert!(bench.text(80, 24).contains("tried before a session"), "{}", bench.text(80, 24));
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("h");
    assert_eq!(trials(&mut bench), []);
    assert!(bench.text(80, 24).contains("Open a playlist first"), "{}", bench.text(80, 24));
}

#[test]
fn a_refused_trial_is_not_asked_about() {
    let mut bench = before_a_session();
    bench.keys("h");
    bench.told(LinkEvent::Update(Box::new(Update::Refused { why: "no sound output is running".into() })));
    let text = bench.text(80, 24);
    assert!(text.contains("no sound output is running") && text.contains("not tried yet"), "{text}");
}

#[test]
fn a_route_and_what_is_left_out_are_chosen_for_this_time() {
    let mut bench = Bench::new(Start::Pick(cards()));
    let low = RouteChoice { name: "im-low".into(), infusion: None, summary: "low dose".into() };
    bench.model.setup.routes = vec![low.clone()];
    bench.keys("r down enter");
    let choices = Choices { route: Some(low), exclude: Vec::new() };
    assert_eq!(bench.commands, [Command::Order(Order::Choose { id: 4, choices: choices.clone() })]);
    bench.keys("enter");
    assert!(bench.text(80, 24).contains("still being looked at"), "{}", bench.text(80, 24));
    let looked = PlaylistCard { choices: choices.clone(), route: "im-low".into(), ..cards().swap_remove(0) };
    bench.told(LinkEvent::Playlist(Box::new(looked.clone())));
    bench.keys("x down enter esc");
    let choices = Choices { exclude: vec!["water".into()], ..choices };
    bench.told(LinkEvent::Playlist(Box::new(looked.clone())));
    assert!(bench.model.cards[0].looking, "an answer about an earlier choice is none about this one");
    bench.told(LinkEvent::Playlist(Box::new(PlaylistCard { choices: choices.clone(), ..looked })));
    assert!(bench.text(80, 24).contains("by route im-low; without water"), "{}", bench.text(80, 24));
    bench.commands.clear();
    bench.keys("enter");
    assert_eq!(bench.commands, [Command::Order(Order::Open { id: 4, choices })]);
}

#[test]
fn the_next_client_has_no_choices_of_the_last() {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("x enter esc");
    bench.model.forget_session();
    assert!(bench.model.cards.iter().all(|card| card.choices == Choices::default()));
}

#[test]
fn colours_change_by_key_and_are_to_be_remembered() {
    let mut bench = Bench::with(peak());
    let before = bench.model.theme;
    bench.keys("f3");
    assert_eq!(bench.commands, [Command::Order(Order::Theme(ThemeName::Red))]);
    assert_ne!(bench.model.theme, before);
    bench.keys("f3 f3 f3");
    assert_eq!(bench.model.theme, before, "four themes in a ring");
}
