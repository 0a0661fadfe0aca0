//! From a key to its sound: the program itself, its panel in a pseudo-terminal, its sound recorded from a private PulseAudio.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "pulse/rig.rs"]
mod pulse;
#[path = "sound/rig.rs"]
mod rig;
mod terminal;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use pulse::{Ear, LONG, Server, run_on_a_private_server};
use rig::SECOND;
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
/// Its period is a whole number of frames, so that the largest sample of each period is the level.
const PERIOD: usize = 48;
/// A session with nothing in it but that sine.
const LIST: &str = r#"
format = 1
title = "A level sine"
route = "custom"
[[phase]]
kind = "preparation"
planned = "2m"
bed = "none"
[[phase.track]]
file = "sine.wav"
"#;

/// For a quiet machine: `cargo test --test key_to_sound -- --ignored as_measured --nocapture`.
#[test]
#[ignore = "a measurement for a quiet machine"]
fn a_key_is_heard_at_once_as_measured() {
    run_on_a_private_server("part_key_to_sound");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_key_to_sound() {
    let _server = Server::start();
    let ear = Ear::on("room");
    let home = tempfile::tempdir().unwrap();
    write_sine(&home.path().join("sine.wav"), 300);
    std::fs::write(home.path().join("sine.toml"), LIST).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["play", "sine.toml", "--output", "room"]);
    command.cwd(home.path());
    command.env("UNDERTONE_HOME", home.path());
    let mut panel = Terminal::open(command);
    panel.until("A level sine");
    let since = Instant::now();
    while ear.level() < -40.0 {
        assert!(since.elapsed() < LONG, "not heard:\n{}", panel.screen());
        sleep(Duration::from_millis(100));
    }
    // The rise from nothing is over.
    sleep(Duration::from_secs(15));
    let mut times: Vec<Duration> = (0..100).map(|number| one_step(&mut panel, &ear, number)).collect();
    panel.send(b"e");
    sleep(Duration::from_millis(300));
    panel.send(b"e");
    panel.until("The session has ended");
    panel.send(b"q");
    assert!(panel.ended());
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    eprintln!("key to sound of {}: p50 {:?}, p99 {:?}, worst {:?}", times.len(), at(50), at(99), at(100));
    assert!(at(99) <= Duration::from_millis(100), "{:?}", at(99));
}

/// A step softer or louder, which begins where the level leaves what it was: 1.5 dB in 0.3 s is a straight line in dB, so
/// it began as long before it had gone 0.2 dB as it took from 0.1 dB to that.
fn one_step(panel: &mut Terminal, ear: &Ear, number: u64) -> Duration {
    let from = (ear.heard.lock().unwrap().len() - 1000) / PERIOD * PERIOD;
    let pressed = Instant::now();
    panel.send(if number.is_multiple_of(2) { b"-" } else { b"+" });
    // Not in step with anything, and never within the guard against repeats.
    sleep(Duration::from_millis(1000 + number * 7 % 50));
    let heard = ear.heard.lock().unwrap()[from..].to_vec();
    let peak = |period: &[[f32; 2]]| period.iter().fold(0.0_f32, |peak, frame| peak.max(frame[0].abs()));
    let levels: Vec<f32> = heard.chunks_exact(PERIOD).map(|period| 20.0 * peak(period).log10()).collect();
    let leaves = |by: f32| levels.iter().position(|level| (level - levels[0]).abs() > by).expect("the key is heard");
    let (tenth, fifth) = (leaves(0.1), leaves(0.2));
    let began = from + PERIOD * tenth.saturating_sub(fifth - tenth);
    ear.time_of(began).saturating_duration_since(pressed)
}

/// So many seconds of a 1 kHz sine.
fn write_sine(path: &Path, secs: u64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..secs * SECOND {
        let turn = std::f32::consts::TAU * (frame % PERIOD as u64) as f32 / PERIOD as f32;
        file.write_sample((turn.sin() * 8000.0) as i16).unwrap();
    }
    file.finalize().unwrap();
}
