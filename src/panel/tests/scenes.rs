//! Every state at every size, as golden text. `cargo insta review` shows what changed.

use super::*;
use crate::panel::before::{Choices, ItemState, PlaylistCard, PreflightItem, RouteChoice};
use crate::session::{Notice, Quiet, Steer};

/// The sizes that are drawn: from a sliver to a wall.
pub const SIZES: [(u16, u16); 5] = [(40, 8), (60, 18), (80, 24), (100, 30), (160, 45)];

/// Every state a therapist can see.
pub fn scenes() -> Vec<(&'static str, Bench)> {
    let mut scenes = vec![
        ("running", Bench::with(peak())),
        ("preparation", Bench::with(preparation())),
        ("ready", ready("")),
        ("undo", running(|status| status.session.undo = offer(Verb::Next))),
        ("countdown", running(countdown)),
        ("held-ducked-grounded", running(held_ducked_grounded)),
        ("muted", running(|status| silent(status, Quiet::Mute))),
        ("break", running(|status| silent(status, Quiet::Break))),
        ("output-lost", running(output_lost)),
        ("worst", running(worst)),
        ("ending", running(|status| status.session.transport = Transport::Ending)),
        ("moved", moved()),
        ("hostile", running(hostile)),
        ("waiting", Bench::new(Start::Session)),
        ("picker", Bench::new(Start::Pick(cards()))),
        ("picker-routes", picking("r down down")),
        ("picker-exclude", picking("x down enter")),
        ("picker-chosen", picking("r down down enter x enter down down enter esc")),
        ("preflight", preflight("")),
        ("preflight-ears", preflight("h")),
        ("preflight-ears-heard", preflight("h enter enter")),
        (
            "preflight-output-wrong",
            preflight_with(|status| status.output.state = "muted; unmute it in the mixer".into()),
        ),
        ("preflight-output-gone", preflight_with(output_lost)),
        ("playing-but", running(|status| status.output.state = "the volume is 3 dB below what was accepted".into())),
        ("preflight-ears-not", preflight("h enter esc")),
        ("sample", ready("n")),
        ("held", running(|status| status.session.transport = Transport::Held)),
        ("ducked", running(|status| status.session.ducked = true)),
        ("grounded", running(|status| phase(status).steer = Some(Steer::Ground))),
        ("silent", running(|status| silent(status, Quiet::Silence))),
        ("overdue", running(overdue)),
        ("ended", ended()),
    ];
    scenes.push(("dose-given", keyed(preparation(), "d")));
    scenes.push(("dose-correct", keyed(peak(), "d 1")));
    scenes.push(("mark", keyed(peak(), "v")));
    scenes.push(("end-once", keyed(peak(), "e")));
    scenes.push(("help", keyed(peak(), "?")));
    scenes.push(("learn", taught("f2 page-down")));
    scenes.push(("dark", keyed(peak(), "z")));
    scenes.push(("locked", super::kiosk::shut(peak())));
    let mut leaving = super::kiosk::kiosk(peak());
    leaving.keys("q 1 2 3");
    leaving.status(peak());
    scenes.push(("pin", leaving));
    let mut lost = Bench::with(peak());
    lost.told(LinkEvent::Lost { why: None });
    scenes.push(("host-lost", lost));
    scenes
}

fn running(change: impl FnOnce(&mut Status)) -> Bench {
    let mut status = peak();
    change(&mut status);
    Bench::with(status)
}

fn taught(keys: &str) -> Bench {
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys(keys);
    bench
}

fn keyed(status: Status, keys: &str) -> Bench {
    let mut bench = Bench::with(status.clone());
    bench.keys(keys);
    bench.status(status);
    bench
}

fn phase(status: &mut Status) -> &mut PhaseView {
    status.session.phase.as_mut().expect("a running session has a phase")
}

fn countdown(status: &mut Status) {
    status.session.at = at(52, 30);
    status.session.medicine = Some(MedicineTime::at(Span::from_secs(37 * 60 + 30)));
    phase(status).countdown = Some(Span::from_secs(30));
    status.session.next = Some(NextView { title: "Homeward".into(), at: Some(at(53, 0)), phase: PhaseKind::Return });
}

fn held_ducked_grounded(status: &mut Status) {
    status.session.transport = Transport::Held;
    status.session.ducked = true;
    phase(status).ends = None;
    phase(status).steer = Some(Steer::Ground);
}

fn silent(status: &mut Status, quiet: Quiet) {
    status.session.quiet = Some(quiet);
    status.output.playing = false;
}

fn output_lost(status: &mut Status) {
    status.output.health = OutputHealth::Lost;
    status.output.playing = false;
    status.output.state = "the headphones were unplugged; plug them in again".into();
    status.session.notices = vec![Notice { at: at(40, 20), text: "Output lost. The place is kept.".into() }];
}

/// Everything at once: the most words and the most light a screen can have.
fn worst(status: &mut Status) {
    countdown(status);
    silent(status, Quiet::Mute);
    status.rehearsal = Some(12);
    status.session.quiet = None;
    status.session.ducked = true;
    status.session.cue = Some("spit".into());
    status.session.observation = Some(Span::from_mins(72));
    phase(status).steer = Some(Steer::Deeper);
    status.output.state = "the room's amplifier is switched off or its volume is at zero".into();
    status.session.undo = offer(Verb::Return);
    status.session.notices = vec![Notice { at: at(52, 20), text: "Output lost. The place is kept.".into() }];
}

/// A hold made the peak twelve minutes longer.
fn moved() -> Bench {
    let mut bench = Bench::with(peak());
    let mut status = peak();
    for phase in &mut status.session.arc {
        if phase.kind >= PhaseKind::Peak {
            phase.ends = phase.ends.map(|ends| ends + Span::from_mins(12));
        }
        if phase.kind > PhaseKind::Peak {
            phase.begins = phase.begins.map(|begins| begins + Span::from_mins(12));
        }
    }
    phase(&mut status).ends = Some(at(65, 0));
    status.session.ends = Some(at(117, 0));
    bench.status(status);
    bench
}

/// Names as bad as the outside world can make them; `SafeText` has had its turn.
fn hostile(status: &mut Status) {
    let long = "夜想曲 ".repeat(40);
    status.session.title = "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}Title\u{9b}31m\u{202e}evil".into();
    if let Some(now) = &mut status.session.now {
        now.title = long.as_str().into();
        now.artist = Some("a\u{301}\u{301}\u{301}\u{7f}\u{85}zal\u{200b}go 👩‍👩‍👧‍👦 🎧".into());
    }
    if let Some(next) = &mut status.session.next {
        next.title = "x".repeat(1 << 20).as_str().into();
    }
    status.output.name = "\r\n\tUSB\u{0} 🎧 headphones".into();
}

fn cards() -> Vec<PlaylistCard> {
    let card = |id, title: &str, minutes, errors, warnings| PlaylistCard {
        id,
        title: title.into(),
        route: "im".into(),
        length: Span::from_mins(minutes),
        looking: false,
        arc: arc(),
        errors,
        warnings,
        finding: (errors > 0).then(|| "P031 line 14: the file music/opening.flac is missing".into()),
        tags: ["strings", "voice", "water"].map(Into::into).to_vec(),
        choices: Choices::default(),
    };
    let unseen = PlaylistCard { title: "evening".into(), looking: true, ..card(3, "", 0, 0, 0) };
    vec![
        card(0, "Low tide", 90, 0, 0),
        card(1, "Hearth", 120, 0, 2),
        card(2, "A very long title that goes on about the sea and everything in it", 75, 3, 0),
        PlaylistCard { arc: Vec::new(), route: "".into(), ..unseen },
    ]
}

/// The picker with some routes to choose from, after these keys.
fn picking(keys: &str) -> Bench {
    let mut bench = Bench::new(Start::Pick(cards()));
    let route = |name: &str, summary: &str| RouteChoice { name: name.into(), infusion: None, summary: summary.into() };
    bench.model.setup.routes = vec![
        route("im", "intramuscular, one dose"),
        route("im-low", "intramuscular, low dose"),
        RouteChoice { infusion: Some(Span::from_mins(50)), ..route("iv", "infusion of a given length") },
        route("sl", "lozenge, spat out"),
    ];
    bench.keys(keys);
    bench
}

fn preflight(keys: &str) -> Bench {
    let item = |name: &str, state, text: &str, fix: Option<&str>| PreflightItem {
        name: name.into(),
        state,
        text: text.into(),
        fix: fix.map(Into::into),
    };
    let mut bench = Bench::new(Start::Pick(cards()));
    bench.keys("enter");
    bench.told(LinkEvent::Preflight(vec![
        item("music", ItemState::Good, "24 files read to the end", None),
        item("record", ItemState::Bad, "the session cannot be recorded", Some("Make its folder yours to write.")),
        item("power", ItemState::Caution, "on battery, 71 %", Some("Plug in the charger.")),
        item("loudness", ItemState::Checking, "18 of 24", None),
        item("clock", ItemState::Good, "in step", None),
    ]));
    bench.told(LinkEvent::Connected);
    bench.status(loaded());
    bench.keys(keys);
    bench.status(loaded());
    bench
}

/// The same, when the host knows this of its output.
fn preflight_with(change: impl FnOnce(&mut Status)) -> Bench {
    let (mut bench, mut status) = (preflight(""), loaded());
    change(&mut status);
    bench.status(status);
    bench
}

/// A session that is loaded and not begun, as a host tells of it.
pub fn loaded() -> Status {
    let mut status = preparation();
    let session = &mut status.session;
    session.transport = Transport::Ready;
    session.at = at(0, 0);
    (session.phase, session.now, session.next) = (None, None, None);
    session.level = Decibels::ZERO;
    status.output.playing = false;
    status.output.state = "ready".into();
    status
}

fn ready(keys: &str) -> Bench {
    let mut bench = Bench::with(loaded());
    bench.keys(keys);
    bench.status(loaded());
    bench
}

/// A phase that asks before it goes on, and whose time is up.
fn overdue(status: &mut Status) {
    status.session.at = at(54, 20);
    status.session.medicine = Some(MedicineTime::at(Span::from_secs(39 * 60 + 20)));
    phase(status).advance = Advance::Ask;
    phase(status).overdue = true;
}

fn ended() -> Bench {
    let mut bench = running(|status| {
        status.session.transport = Transport::Ended;
        status.session.phase = None;
        status.session.now = None;
        status.session.next = None;
        status.output.playing = false;
    });
    let lines = ["Session K7M2QD, Low tide, im, 105 minutes", "0:00   start", "15:00  dose", "No unintended silence."];
    bench.told(LinkEvent::Report(lines.map(Into::into).to_vec()));
    bench
}

#[test]
fn every_state_looks_as_it_did() {
    for (name, bench) in scenes() {
        for (width, height) in SIZES {
            let name = format!("{name}-{width}x{height}");
            insta::with_settings!({
                snapshot_path => "../../../tests/fixtures/screens",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, { insta::assert_snapshot!(name, bench.text(width, height)) });
        }
    }
}

#[test]
fn plain_ascii_is_enough() {
    for (name, mut bench) in scenes() {
        bench.model.glyphs.unicode = false;
        for (width, height) in SIZES {
            let text = bench.text(width, height);
            assert!(text.is_ascii(), "{name} at {width}x{height}:\n{text}");
        }
    }
    let mut bench = Bench::with(peak());
    bench.model.glyphs.unicode = false;
    insta::with_settings!({
        snapshot_path => "../../../tests/fixtures/screens",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!("running-ascii-80x24", bench.text(80, 24)) });
}

#[test]
fn any_size_can_be_drawn_and_no_cell_holds_a_control() {
    for (name, mut bench) in scenes() {
        for unicode in [true, false] {
            bench.model.glyphs.unicode = unicode;
            for (width, height) in [(0, 0), (1, 1), (3, 2), (20, 1), (59, 40), (60, 16), (61, 17), (300, 5), (250, 80)]
            {
                let buffer = bench.draw(width, height);
                for cell in buffer.content() {
                    assert!(!cell.symbol().chars().any(char::is_control), "{name} at {width}x{height}: {cell:?}");
                }
            }
        }
    }
}

#[test]
fn the_smallest_window_still_says_where_we_are() {
    let bench = Bench::with(peak());
    for (width, height) in [(40, 8), (40, 1)] {
        let text = bench.text(width, height);
        assert!(text.starts_with("peak 12:30 left  dose 25:30"), "{text}");
    }
}
