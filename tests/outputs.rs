//! Two outputs at once on a real sound server: each with its gain, either may go, and clocks that differ stay together.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "house/jitter.rs"]
mod jitter;
#[path = "pulse/rig.rs"]
mod pulse;
#[path = "sound/rig.rs"]
mod rig;

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jitter::Jitter;
use pulse::{Ear, Room, Server, pactl, run_on_a_private_server};
use rig::{SECOND, piece, sine};
use undertone::audio::{Command, Event, Selection, Settings, Target};
use undertone::units::Decibels;

/// How long the clocks are watched, in seconds; for the part, from its parent.
const SECONDS: &str = "UNDERTONE_TEST_SECONDS";
/// The buffers of both, in frames; 512 otherwise.
const BUFFER: &str = "UNDERTONE_TEST_BUFFER";
/// The second sound card's clock is off by this.
const PPM: f64 = 200.0;

#[test]
fn two_outputs_play_at_once_each_with_its_gain_and_either_may_go() {
    run_on_a_private_server("part_two_outputs");
}

#[test]
fn two_clocks_that_differ_stay_together_for_half_a_minute() {
    run_on_a_private_server("part_two_clocks");
}

/// With buffers as long as a machine that is often late gets them by itself, so that none grows on the way, which would move
/// the sound: the clocks are watched here, not the machine.
/// The figures are printed. `cargo test --release --test outputs -- --ignored fifteen_minutes --nocapture`
#[test]
#[ignore = "takes a quarter of an hour"]
fn two_clocks_that_differ_stay_together_for_fifteen_minutes() {
    pulse::run_on_a_private_server_with("part_two_clocks", &[(SECONDS, "900"), (BUFFER, "4096")]);
}

fn device(name: &str, gain: f32) -> Selection {
    Selection { target: Target::Device(name.into()), gain: Decibels(gain) }
}

fn select(room: &mut Room, outputs: &[(&str, f32)]) {
    let outputs = outputs.iter().map(|(name, gain)| device(name, *gain)).collect();
    room.engine.order(Command::Select { outputs });
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_two_outputs() {
    let server = Server::start();
    let (ear, spare) = (Ear::on("room"), Ear::on("spare"));
    let mut room = Room::playing(&ear);
    let full = ear.level();

    select(&mut room, &[("room", 0.0), ("spare", -6.0)]);
    room.wait("the second plays 6 dB softer", |_| (spare.level() - full + 6.0).abs() < 0.3);
    room.wait("the first one does not notice", |_| (ear.level() - full).abs() < 0.3);

    // The one that sets the pace goes: the other one plays on, without a hole but those of the machine.
    let (before, jitter) = (spare.heard.lock().unwrap().len(), Jitter::start());
    server.unplug_room();
    room.wait("the loss is told", |room| room.events.iter().any(|event| matches!(event, Event::OutputLost { .. })));
    sleep(Duration::from_secs(1));
    let hole = longest(&gaps(&spare.heard.lock().unwrap()[before..], 0.1));
    let machine = jitter.worst();
    eprintln!("the first output unplugged: longest gap on the second {hole:?}; a thread was late by up to {machine:?}");
    assert!(hole < Duration::from_millis(5) + 4 * machine, "{hole:?}");
    room.wait("the second plays on", |_| (spare.level() - full + 6.0).abs() < 0.3);

    server.plug_room_in();
    let ear = Ear::on("room");
    room.wait("the first one comes back beside it", |_| (ear.level() - full).abs() < 0.5);

    // Crossing to one of them leaves the other silent.
    select(&mut room, &[("spare", 0.0)]);
    room.wait("the first one is silent", |_| ear.level() < -100.0);
    room.wait("the second one is at its new gain", |_| (spare.level() - full).abs() < 0.3);
}

/// The stretches of a millisecond and more in which both channels together are below a level: where, and how long.
fn gaps(sound: &[[f32; 2]], below: f32) -> Vec<(usize, Duration)> {
    let (mut found, mut at) = (Vec::new(), 0);
    for part in sound.chunk_by(|one, other| (one[0].hypot(one[1]) < below) == (other[0].hypot(other[1]) < below)) {
        if part[0][0].hypot(part[0][1]) < below && part.len() as u64 > SECOND / 1000 {
            found.push((at, Duration::from_secs_f64(part.len() as f64 / SECOND as f64)));
        }
        at += part.len();
    }
    found
}

fn longest(gaps: &[(usize, Duration)]) -> Duration {
    gaps.iter().map(|(_, gap)| *gap).max().unwrap_or_default()
}

/// A sound card of its own clock: PulseAudio plays as fast as somebody reads this pipe.
struct OddClock {
    over: Arc<AtomicBool>,
}

impl OddClock {
    /// A sink of 44,100 Hz, as its maker says; in truth a little faster.
    fn start(name: &str) -> Self {
        let path = PathBuf::from(std::env::var("HOME").unwrap()).join("pipe");
        let file = format!("file={}", path.display());
        let sink = format!("sink_name={name}");
        pactl(&["load-module", "module-pipe-sink", &sink, &file, "format=float32le", "rate=44100", "channels=2"]);
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        std::thread::spawn(move || {
            let mut pipe = File::open(path).unwrap();
            let mut period = [0; 8 * PERIOD];
            pipe.read_exact(&mut period).unwrap();
            let (since, mut taken) = (Instant::now(), 0.0);
            while !is_over.load(Relaxed) && pipe.read_exact(&mut period).is_ok() {
                taken += PERIOD as f64;
                let due = Duration::from_secs_f64(taken / (44_100.0 * (1.0 + PPM * 1e-6)));
                // A card never rushes, even when this thread was late: it is made up for slowly.
                sleep(due.saturating_sub(since.elapsed()).max(LEAST_PERIOD));
            }
        });
        Self { over }
    }
}

impl Drop for OddClock {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
    }
}

/// Frames that the odd card takes at a time (5.8 ms), and the least time between two such moments.
const PERIOD: usize = 256;
const LEAST_PERIOD: Duration = Duration::from_micros(4_800);

/// A sine with a mark every 5 s: 60 ms at twice its level, with soft edges.
fn marked() -> impl FnMut(u64) -> [f32; 2] + Send {
    let mut sine = sine(220.0, 0.2);
    move |number| {
        let into = (number % (5 * SECOND)) as f32 / SECOND as f32;
        let mark = if into < 0.06 { (std::f32::consts::PI * into / 0.06).sin().powi(2) } else { 0.0 };
        sine(number).map(|sample| sample * (1.0 + mark))
    }
}

/// Where the marks are: when they were heard, by the clock on the wall.
fn marks(ear: &Ear) -> Vec<Instant> {
    let heard = ear.heard.lock().unwrap();
    let level = |at: usize| heard[at][0].hypot(heard[at][1]);
    let mut found = Vec::new();
    let mut at = 0;
    while at + 4_800 < heard.len() {
        if level(at) > 0.3 {
            // The middle between rising above and falling below.
            let end = (at..heard.len()).find(|at| level(*at) < 0.3).unwrap_or(at);
            found.push((at + end) / 2);
            at = end + SECOND as usize;
        }
        at += 1;
    }
    drop(heard);
    found.into_iter().map(|frame| ear.time_of(frame)).collect()
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_two_clocks() {
    let told = |name| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let (seconds, buffer_frames) = (told(SECONDS).unwrap_or(30), told(BUFFER).unwrap_or(512) as u32);
    let settings = Settings { buffer_frames, ..Settings::default() };
    let _server = Server::start();
    let _odd = OddClock::start("odd");
    let (ear, odd) = (Ear::on("room"), Ear::on("odd"));
    let mut room = Room::playing_with(settings, &ear, piece(u64::MAX, marked()), -16.99);
    select(&mut room, &[("room", 0.0), ("odd", 0.0)]);
    room.wait("both play", |_| (odd.level() + 16.99).abs() < 0.2);
    // The second comes in softly; what follows is measured.
    sleep(Duration::from_secs(3));
    let jitter = Jitter::start();
    let from = [ear.heard.lock().unwrap().len(), odd.heard.lock().unwrap().len()];
    let (since, xruns) = (Instant::now(), room.engine.view());
    while since.elapsed() < Duration::from_secs(seconds) {
        while let Some(event) = room.engine.poll() {
            room.events.push(event);
        }
        sleep(Duration::from_millis(50));
    }
    let losses = room.events.iter().filter(|event| matches!(event, Event::OutputLost { .. })).count();
    assert_eq!(losses, 0, "{:?}", room.events);
    let passed = since.elapsed().as_secs_f64();
    let heard = [(&ear, from[0]), (&odd, from[1])].map(|(ear, from)| {
        let found = gaps(&ear.heard.lock().unwrap()[from..], 0.05);
        found.into_iter().map(|(at, gap)| (ear.time_of(from + at), gap)).collect::<Vec<_>>()
    });
    // The second asks for a whole buffer at once: where the first one is late, all of it may be missing.
    let whole = [Duration::ZERO, Duration::from_secs_f64(f64::from(buffer_frames) / SECOND as f64)];
    let unexplained = [0, 1].map(|which| {
        let is_ours = |(at, gap): &&(Instant, Duration)| !jitter.explains(*at, gap.saturating_sub(whole[which]));
        heard[which].iter().filter(is_ours).count()
    });
    let rate = (odd.heard.lock().unwrap().len() - from[1]) as f64 / passed;
    let later = |ear| marks(ear).into_iter().filter(|mark| *mark > since).collect::<Vec<_>>();
    let offsets = offsets(&later(&ear), &later(&odd));
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let widest = offsets.iter().map(|offset| (offset - first).abs()).fold(0.0, f64::max);
    let view = room.engine.view();
    let dry = [view.main.xruns - xruns.main.xruns, view.beside.map_or(0, |out| out.xruns)];
    eprintln!("{passed:.0} s; the second clock runs at {:+.0} ppm of 48,000 Hz", (rate / 48_000.0 - 1.0) * 1e6);
    for (name, gaps) in ["first", "second"].into_iter().zip(&heard) {
        let lengths: Vec<Duration> = gaps.iter().map(|(_, gap)| *gap).collect();
        eprintln!("gaps on the {name}: {lengths:?}");
    }
    eprintln!("gaps while the machine did not stand still: {unexplained:?}; served late {dry:?} times");
    eprintln!(
        "offset of the second: first {first:.1} ms, last {last:.1} ms, widest change {widest:.1} ms, {} marks",
        offsets.len()
    );
    let stalls = jitter.stalls().iter().filter(|(_, late)| *late > Duration::from_millis(10)).count();
    eprintln!(
        "the machine: a thread that sleeps for 1 ms was late by up to {:?}, by more than 10 ms {stalls} times",
        jitter.worst()
    );
    if room.events.iter().any(|event| matches!(event, Event::BufferGrown { .. })) {
        eprintln!("the machine is too busy to judge by: a buffer has grown, which is a longer way");
    } else {
        assert!(widest < 20.0, "{offsets:?}");
        assert_eq!(unexplained, [0, 0], "{heard:?}");
    }
    assert!(offsets.len() as u64 >= seconds / 10, "the marks are heard on both: {offsets:?}");
}

/// By how much the marks on the second output come later, in ms.
fn offsets(first: &[Instant], second: &[Instant]) -> Vec<f64> {
    let away = |one: Instant, other: Instant| {
        one.checked_duration_since(other).map_or_else(|| -(other - one).as_secs_f64(), |late| late.as_secs_f64())
    };
    let nearest = |mark: &Instant| {
        first.iter().map(|other| away(*mark, *other) * 1000.0).min_by(|one, other| one.abs().total_cmp(&other.abs()))
    };
    second.iter().filter_map(nearest).filter(|offset| offset.abs() < 2_000.0).collect()
}

#[test]
fn the_session_says_playing_only_where_the_server_says_so_and_lost_headphones_are_stood_in_for() {
    run_on_a_private_server("part_truth");
}

/// Begins at once and lasts.
const PLAYLIST: &str = "format = 1
title = \"A drone\"
route = \"im\"
[[phase]]
kind = \"preparation\"
[[phase.track]]
generator = \"drone\"
minutes = 60
";

const SETTINGS: &str = "[[output]]
name = \"headphones\"
device = \"room\"
lost = { speaker = \"speakers\", gain = \"-15 dB\" }
[[output]]
name = \"speakers\"
device = \"spare\"
";

/// The program itself, with a home of its own.
struct Session {
    host: std::process::Child,
    home: PathBuf,
}

impl Session {
    fn start() -> Self {
        let home = PathBuf::from(std::env::var("HOME").unwrap());
        std::fs::create_dir_all(home.join("settings")).unwrap();
        std::fs::write(home.join("settings/settings.toml"), SETTINGS).unwrap();
        let playlist = home.join("drone.toml");
        std::fs::write(&playlist, PLAYLIST).unwrap();
        let mut play = Self::undertone(&home);
        let host = play.args(["play", "--headless"]).arg(playlist).stdin(std::process::Stdio::null()).spawn().unwrap();
        Self { host, home }
    }

    fn undertone(home: &std::path::Path) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_undertone"));
        command.env("UNDERTONE_HOME", home);
        command
    }

    fn output(&self) -> serde_json::Value {
        let said = Self::undertone(&self.home).args(["ctl", "status", "--json"]).output().unwrap().stdout;
        serde_json::from_slice(&said)
            .map_or(serde_json::Value::Null, |status: serde_json::Value| status["output"].clone())
    }

    fn ctl(&self, words: &[&str]) {
        assert!(Self::undertone(&self.home).arg("ctl").args(words).status().unwrap().success(), "{words:?}");
    }

    /// Waits until the output's state is as it should be; how long that took.
    fn wait(&self, what: &str, is_so: impl Fn(&serde_json::Value) -> bool) -> Duration {
        let since = Instant::now();
        loop {
            let output = self.output();
            if is_so(&output) {
                eprintln!("{what}: after {:?}", since.elapsed());
                return since.elapsed();
            }
            assert!(since.elapsed() < 2 * pulse::LONG, "waited in vain for: {what}; {output:#}");
            sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.host.kill().ok();
        self.host.wait().ok();
    }
}

fn says(output: &serde_json::Value, words: &str) -> bool {
    output["state"].as_str().is_some_and(|state| state.contains(words))
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_truth() {
    let server = Server::start();
    let (ear, spare) = (Ear::on("room"), Ear::on("spare"));
    let session = Session::start();
    let playing = |output: &serde_json::Value| output["playing"] == true;
    session.wait("it plays, and says that nobody hears a null sink", |output| {
        playing(output) && says(output, "null sink")
    });
    assert_eq!(session.output()["name"], "headphones (null sink)");
    assert!(!pactl(&["list", "sink-inputs"]).contains("media.role"), "a stream with a role can be corked by others");

    pactl(&["set-sink-mute", "room", "1"]);
    session.wait("muted", |output| !playing(output) && says(output, "muted"));
    pactl(&["set-sink-mute", "room", "0"]);
    session.wait("it plays", playing);

    pactl(&["set-sink-volume", "room", "150%"]);
    session.wait("louder outside, softer here", |output| {
        !playing(output) && says(output, "raised by 10.6 dB") && output["each"][0]["gain"].as_f64().unwrap() < -10.0
    });
    pactl(&["set-sink-volume", "room", "100%"]);
    session.wait("it plays as before", |output| playing(output) && output["each"][0]["gain"] == 0.0);

    let streams = pactl(&["list", "short", "sink-inputs"]);
    pactl(&["move-sink-input", streams.split_whitespace().next().unwrap(), "spare"]);
    session.wait("moved by somebody, it is moved back", |output| !playing(output));
    session.wait("it plays", playing);

    server.unplug_room();
    // They may come first or second: whoever sets the pace is told first.
    session.wait("the speakers stand in, softly", |output| {
        let speakers = output["each"].as_array().and_then(|each| each.iter().find(|one| one["name"] == "speakers"));
        let stand_in = speakers.filter(|speakers| speakers["health"] == "running");
        stand_in.is_some_and(|speakers| {
            let gain = speakers["gain"].as_f64().unwrap();
            assert!(gain <= -15.0, "the speakers stand in at {gain} dB");
            !playing(output)
        })
    });
    sleep(Duration::from_secs(3));
    assert!(spare.level() > -70.0, "they are heard");
    drop(ear);
    server.plug_room_in();
    let _ear = Ear::on("room");
    session
        .wait("the headphones are back, alone", |output| output["each"].as_array().is_some_and(|each| each.len() == 1));
    session.wait("they play", playing);

    session.ctl(&["output", "both"]);
    session
        .wait("both play", |output| playing(output) && output["each"].as_array().is_some_and(|each| each.len() == 2));
    session.ctl(&["output", "speakers"]);
    session.wait("the speakers play alone", |output| playing(output) && output["name"] == "speakers (null sink)");
}
