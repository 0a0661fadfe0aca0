//! Crash loops: real processes killed at any moment of a session. What was acknowledged is kept, the place on the clock is
//! kept, sound is back soon and softly, and whoever kills the panel hears nothing of it.
//!
//! A few of each are killed with all other tests. As measured, with a table (`UNDERTONE_KILLS` for another number):
//!
//! ```sh
//! cargo test --release --test crashes -- --ignored three_hundred_hosts --nocapture
//! cargo test --release --test crashes -- --ignored thirty_hosts --nocapture
//! cargo test --release --test crashes -- --ignored three_hundred_panels --nocapture
//! ```
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "crashes/changed.rs"]
mod changed;
#[path = "laboratory/dice.rs"]
#[allow(dead_code, reason = "another test throws them otherwise")]
mod dice;
#[path = "crashes/hosts.rs"]
mod hosts;
mod house;
#[path = "seeds/music.rs"]
#[allow(dead_code, reason = "another test plays more of it")]
mod music;
#[path = "crashes/panels.rs"]
mod panels;
mod terminal;

use std::time::Duration;

use hosts::Heard;

/// One host at a time is killed in each of so many houses at once.
const HOUSES: usize = 3;

#[test]
fn five_hosts_are_killed_and_nothing_acknowledged_is_lost() {
    hosts::check(5, 2, Heard::Recorded);
}

/// By the host's own meter, so that a busy machine cannot spoil it.
#[test]
#[ignore = "takes a quarter of an hour"]
fn three_hundred_hosts_are_killed_and_nothing_acknowledged_is_lost() {
    hosts::check(kills(300), HOUSES, Heard::Metered);
}

#[test]
#[ignore = "takes minutes"]
fn thirty_hosts_are_killed_as_recorded() {
    hosts::check(kills(30), 1, Heard::Recorded);
}

#[test]
fn a_host_that_comes_back_needs_no_file_that_it_had() {
    changed::check_files();
}

#[test]
fn a_host_that_comes_back_plays_nowhere_else_and_no_louder() {
    changed::check_way();
}

#[test]
fn five_panels_are_killed_unheard() {
    panels::check(5);
}

#[test]
#[ignore = "takes minutes"]
fn three_hundred_panels_are_killed_unheard() {
    panels::check(kills(300));
}

fn kills(usual: usize) -> usize {
    std::env::var("UNDERTONE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Steady music, in short phases.
const PLAYLIST: &str = "format = 1\ntitle = \"Crash test\"\nroute = \"im\"\n[sound]\ncrossfade = \"4s\"\n";

/// A playlist for these tests, beside its music.
fn playlist() -> String {
    let phases = ["preparation", "onset", "ascent", "peak", "return", "integration"];
    let track = |hz: u32| format!("[[phase.track]]\nfile = \"{}\"\n", music::name(hz));
    let phase = |kind: &&str| format!("[[phase]]\nkind = \"{kind}\"\nplanned = \"50s\"\n{}{}", track(440), track(550));
    let ground = format!("[pool.ground]\n[[pool.ground.track]]\nfile = \"{}\"\n", music::name(660));
    let file = music::folder().join("crashes.toml");
    let text = PLAYLIST.to_owned() + &phases.iter().map(phase).collect::<String>() + &ground;
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// The value below which this share of them lie, in milliseconds.
fn percentile(times: &[Duration], share: f64) -> u128 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[((sorted.len() - 1) as f64 * share).round() as usize].as_millis()
}

/// One row of a table.
fn row(what: &str, times: &[Duration]) {
    let [p50, p99, worst] = [0.5, 0.99, 1.0].map(|share| percentile(times, share));
    eprintln!("| {what} | {p50} ms | {p99} ms | {worst} ms |");
}
