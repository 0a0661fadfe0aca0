//! The engine on a real sound server: a private PulseAudio without a card, whose null sinks are recorded.
//!
//! The server is named by environment variables, and a process cannot change its own safely; so each test starts this
//! program again, with them set, for one of the parts at the bottom.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "sound/rig.rs"]
mod rig;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rig::{SECOND, piece, rms, sine};
use undertone::audio::{self, Curve, Engine, Event, Health, Lane, Selection, Settings, Target};
use undertone::units::{Decibels, Frames, Gain, Ticket};

const DIR: &str = "UNDERTONE_TEST_PULSE_DIR";
/// How long anything may take that has no limit of its own; generous, for busy machines.
const LONG: Duration = Duration::from_secs(20);

/// The next attempt comes within 1 s; a null sink that has just been made then sleeps for up to 2 s before it asks for sound,
/// which a real device does not.
const BACK: Duration = Duration::from_millis(3500);

/// Two servers at once would disturb each other's timing.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn is_installed() -> bool {
    let is_there = |name: &str| Command::new(name).arg("--version").output().is_ok();
    ["pulseaudio", "pactl", "parec"].into_iter().all(is_there)
}

/// Runs one of the parts at the bottom on a server of its own.
fn run_on_a_private_server(part: &str) {
    if !is_installed() {
        eprintln!("skipped: install pulseaudio and pulseaudio-utils to run this test");
        return;
    }
    let _alone: MutexGuard<()> = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    let socket = format!("unix:{}", dir.path().join("native").display());
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", part, "--ignored", "--nocapture"])
        .env(DIR, dir.path())
        .env("PULSE_SERVER", socket)
        .env("XDG_RUNTIME_DIR", dir.path())
        .env("HOME", dir.path())
        .status()
        .unwrap();
    assert!(status.success(), "{part} failed; see above");
}

#[test]
fn sound_arrives_and_a_ramp_to_silence_is_silent_in_its_time() {
    run_on_a_private_server("part_sound_and_silence");
}

#[test]
fn an_unplugged_sink_is_silence_and_comes_back_by_itself() {
    run_on_a_private_server("part_unplugged");
}

#[test]
fn a_sound_server_that_dies_comes_back_by_itself() {
    run_on_a_private_server("part_server_dies");
}

/// From an order to its sound, as recorded (the recording itself takes some of it); the figures are printed. Limits are for a
/// quiet machine, so run it by itself:
/// `cargo test --release --test pulse -- --ignored as_measured --nocapture`.
#[test]
#[ignore = "a measurement for a quiet machine"]
fn an_order_is_heard_at_once_as_measured() {
    run_on_a_private_server("part_order_to_sound");
}

/// A PulseAudio of our own. Killed, by its own number, when dropped.
struct Server {
    dir: PathBuf,
    daemon: Child,
}

impl Server {
    fn start() -> Self {
        let dir = PathBuf::from(std::env::var(DIR).unwrap());
        let daemon = Self::spawn(&dir);
        let server = Self { dir, daemon };
        server.wait_until_it_answers();
        server
    }

    fn spawn(dir: &Path) -> Child {
        let socket = format!("module-native-protocol-unix auth-anonymous=1 socket={}", dir.join("native").display());
        Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"])
            .args(["-L", "module-null-sink sink_name=room rate=48000"])
            .args(["-L", "module-null-sink sink_name=spare rate=48000"])
            .args(["-L", "module-always-sink", "-L", &socket])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn wait_until_it_answers(&self) {
        let since = Instant::now();
        while !Command::new("pactl").arg("info").output().unwrap().status.success() {
            assert!(since.elapsed() < LONG, "the server does not answer");
            sleep(Duration::from_millis(20));
        }
    }

    fn kill(&mut self) {
        // SIGKILL, and the socket stays behind, as in a crash.
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }

    fn restart(&mut self) {
        std::fs::remove_file(self.dir.join("native")).ok();
        self.daemon = Self::spawn(&self.dir);
        self.wait_until_it_answers();
    }

    fn unplug_room(&self) {
        let list = pactl(&["list", "short", "modules"]);
        let room = list.lines().find(|line| line.contains("sink_name=room")).unwrap();
        pactl(&["unload-module", room.split_whitespace().next().unwrap()]);
    }

    fn plug_room_in(&self) {
        pactl(&["load-module", "module-null-sink", "sink_name=room", "rate=48000"]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.daemon.kill().ok();
        self.daemon.wait().ok();
    }
}

fn pactl(args: &[&str]) -> String {
    String::from_utf8(Command::new("pactl").args(args).output().unwrap().stdout).unwrap()
}

/// What is heard on a sink. It also keeps a null sink awake, which would sleep for up to 2 s.
struct Ear {
    parec: Child,
    heard: Arc<Mutex<Vec<[f32; 2]>>>,
}

impl Ear {
    fn on(sink: &str) -> Self {
        let mut parec = Command::new("parec")
            .args(["-d", &format!("{sink}.monitor"), "--format=float32le", "--rate=48000", "--channels=2"])
            .args(["--latency-msec=2", "--raw"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut pipe = parec.stdout.take().unwrap();
        let kept = heard.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 8];
            while pipe.read_exact(&mut bytes).is_ok() {
                let [left, right] = [&bytes[..4], &bytes[4..]].map(|four| f32::from_le_bytes(four.try_into().unwrap()));
                kept.lock().unwrap().push([left, right]);
            }
        });
        Self { parec, heard }
    }

    /// Level of the last tenth of a second, in dBFS.
    fn level(&self) -> f64 {
        let heard = self.heard.lock().unwrap();
        let tenth = &heard[heard.len().saturating_sub(SECOND as usize / 10)..];
        if tenth.is_empty() { -140.0 } else { rms(tenth) }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.parec.kill().ok();
        self.parec.wait().ok();
    }
}

struct Room {
    engine: Engine,
    events: Vec<Event>,
}

impl Room {
    /// A session whose music sounds in the room.
    fn playing(ear: &Ear) -> Self {
        Self::playing_this(ear, piece(u64::MAX, sine(220.0, 0.4)), -10.97)
    }

    /// The same with any piece, which is at full level when it is heard at `level` dBFS.
    fn playing_this(ear: &Ear, open: audio::Opener, level: f64) -> Self {
        let engine = Engine::real_time(Settings::default(), Selection::of(Target::Device("room".into())));
        let mut room = Self { engine, events: Vec::new() };
        room.wait("the device runs", |room| room.engine.view().health == Health::Running);
        let ticket = Ticket(1);
        room.engine.order(audio::Command::Load { ticket, open, length: None });
        let (over, curve) = (Frames(2 * SECOND), Curve::EqualPower);
        room.engine.order(audio::Command::Cross { ticket, over, curve, gain: Gain::UNITY });
        room.wait("it is heard at full level", |_| (ear.level() - level).abs() < 0.1);
        room
    }

    fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) -> Duration {
        let since = Instant::now();
        while !done(self) {
            assert!(since.elapsed() < LONG, "{what}: {:?}, {:?}", self.engine.view(), self.events);
            while let Some(event) = self.engine.poll() {
                self.events.push(event);
            }
            sleep(Duration::from_millis(5));
        }
        since.elapsed()
    }

    fn wait_until_back(&mut self) -> Duration {
        self.wait("it comes back", |room| room.events.iter().any(|event| matches!(event, Event::OutputBack { .. })))
    }

    fn wait_until_lost(&mut self) -> Duration {
        self.wait("the loss is told", |room| room.events.iter().any(|event| matches!(event, Event::OutputLost { .. })))
    }
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_sound_and_silence() {
    let _server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    assert_eq!(room.events.iter().filter(|event| matches!(event, Event::OutputLost { .. })).count(), 0);
    assert!(audio::devices().iter().any(|device| device.id == "pulseaudio:room"), "{:?}", audio::devices());
    let silence = Decibels::SILENCE;
    room.engine.order(audio::Command::Ramp { lane: Lane::Presence, from: None, to: silence, over: Frames(SECOND / 5) });
    let took = room.wait("silence", |_| ear.level() < -100.0);
    eprintln!("0.2 s ramp to silence: 0.1 s of silence recorded after {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_unplugged() {
    let server = Server::start();
    let (ear, spare) = (Ear::on("room"), Ear::on("spare"));
    let mut room = Room::playing(&ear);
    let before = room.engine.view().sounding.unwrap().1;
    server.unplug_room();
    let took = room.wait_until_lost();
    eprintln!("unplugged: told after {took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(room.engine.view().health, Health::Lost);
    // PulseAudio moves the stream to the other sink without a word; it must not stay there.
    room.wait("no other sink plays it", |_| spare.level() < -100.0);
    sleep(Duration::from_secs(1));
    assert!(spare.level() < -100.0, "and never will");
    let lost = room.engine.view().sounding.unwrap().1;
    assert!(lost.0 > before.0 + SECOND, "the place moves on with the session");

    server.plug_room_in();
    let ear = Ear::on("room");
    let took = room.wait_until_back();
    eprintln!("plugged in again: back after {took:?}");
    assert!(took < BACK, "{took:?}");
    room.wait("it is heard again", |_| ear.level() > -40.0);
    assert_eq!(room.engine.view().health, Health::Running);
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_server_dies() {
    let mut server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    server.kill();
    let took = room.wait_until_lost();
    eprintln!("server killed: told after {took:?}");
    sleep(Duration::from_secs(2));
    server.restart();
    let ear = Ear::on("room");
    let took = room.wait_until_back();
    eprintln!("server restarted: back after {took:?}");
    assert!(took < BACK, "{took:?}");
    room.wait("it is heard again", |_| ear.level() > -40.0);
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_order_to_sound() {
    let _server = Server::start();
    let ear = Ear::on("room");
    // A constant: the first sample that differs is the first that the order has changed.
    let mut room = Room::playing_this(&ear, piece(u64::MAX, |_| [0.2, 0.2]), -13.98);
    sleep(Duration::from_secs(2));
    let last = || ear.heard.lock().unwrap().last().map_or(0.0, |frame| frame[0]);
    let mut times = Vec::new();
    for number in 0..100 {
        let to = Decibels(if number % 2 == 0 { -12.0 } else { 0.0 });
        let (before, since) = (last(), Instant::now());
        room.engine.order(audio::Command::Ramp { lane: Lane::Duck, from: None, to, over: Frames(480) });
        while (last() / before - 1.0).abs() < 0.01 {
            assert!(since.elapsed() < LONG, "the order was never heard");
            sleep(Duration::from_micros(200));
        }
        times.push(since.elapsed());
        // Back up at 12 dB/s, and a little more.
        sleep(Duration::from_millis(1100 + number * 7 % 50));
    }
    times.sort();
    eprintln!("order to sound: p50 {:?}, p95 {:?}, p99 {:?}", times[50], times[95], times[99]);
    assert!(times[50] <= Duration::from_millis(25) && times[99] <= Duration::from_millis(45));
}
