//! A library as large as a playlist may be: `check` says at once that it works, works on every core, and remembers.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a folder that cannot be filled is a failed test

mod terminal;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
const TRACKS: u32 = 2000;
const RATE: u32 = 8_000;
const SECONDS: u32 = 5;

/// Fills a folder with short recordings, no two alike, and a playlist of them all.
fn fill(folder: &Path) {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut list = "format = 1\ntitle = 'Two thousand'\nroute = 'im'\n[sound]\ncrossfade = '2s'\n".to_owned();
    list += "[[phase]]\nkind = 'peak'\nplanned = '1h'\n";
    for track in 0..TRACKS {
        let mut file = hound::WavWriter::create(folder.join(format!("{track}.wav")), spec).unwrap();
        for at in 0..RATE * SECONDS {
            let wave = |hz: u32| (std::f64::consts::TAU * f64::from(hz * at) / f64::from(RATE)).sin();
            file.write_sample(((wave(220 + track % 220) + wave(440 + track / 9)) * 3000.0) as i16).unwrap();
        }
        file.finalize().unwrap();
        let _ = write!(list, "[[phase.track]]\nfile = '{track}.wav'\n");
    }
    fs::write(folder.join("list.toml"), list).unwrap();
}

/// The threads of a process now.
fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// `cargo test --test large_library -- --ignored --nocapture`, on a quiet machine.
#[test]
#[ignore = "fills a folder with 160 MB and measures; wants a quiet machine"]
fn two_thousand_tracks_are_checked_in_sight_and_then_remembered() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let list = folder.path().join("list.toml");
    let home = folder.path().join("home");
    let mut command = CommandBuilder::new(PROGRAM);
    command.arg("check");
    command.arg(&list);
    command.env("UNDERTONE_HOME", &home);
    let began = Instant::now();
    let mut first = Terminal::open(command);
    let seen = first.until("measuring");
    let pid = first.child.process_id().unwrap();
    // The bar is there before the work begins.
    let looks = (0..100).map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        threads(pid)
    });
    let working = looks.max().unwrap();
    assert!(first.ended());
    println!("progress seen after {seen:?}, {working} threads at work; measured in {:?}", began.elapsed());
    assert!(first.screen().contains("1 playlist checked"), "{}", first.screen());
    assert!(seen < Duration::from_secs(1), "progress was seen only after {seen:?}");
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(working > cores, "{working} threads for {cores} cores, one of them waiting for the others");

    let began = Instant::now();
    let second = Command::new(PROGRAM).arg("check").arg(&list).env("UNDERTONE_HOME", &home).output().unwrap();
    let took = began.elapsed();
    println!("remembered: {took:?}");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stdout));
    assert!(took < Duration::from_secs(1), "{took:?} though everything was remembered");
}
