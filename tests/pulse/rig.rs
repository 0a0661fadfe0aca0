//! A private PulseAudio without a card, ears on its sinks, and an engine that plays there.
//!
//! The server is named by environment variables, and a process cannot change its own safely; so each test starts its program
//! again, with them set, for one of its parts.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use undertone::audio::{self, Curve, Ease, Engine, Event, Health, Selection, Settings, Target};
use undertone::units::{Frames, Gain, Ticket};

use crate::rig::{SECOND, piece, rms, sine};

const DIR: &str = "UNDERTONE_TEST_PULSE_DIR";
/// How long anything may take that has no limit of its own; generous, for busy machines.
pub const LONG: Duration = Duration::from_secs(20);

/// The next attempt comes within 1 s; a null sink that has just been made then sleeps for up to 2 s before it asks for sound,
/// which a real device does not.
pub const BACK: Duration = Duration::from_millis(3500);

pub fn is_installed() -> bool {
    let is_there = |name: &str| Command::new(name).arg("--version").output().is_ok();
    ["pulseaudio", "pactl", "parec"].into_iter().all(is_there)
}

/// Runs one of the parts at the bottom on a server of its own.
pub fn run_on_a_private_server(part: &str) {
    run_on_a_private_server_with(part, &[]);
}

/// The same, telling the part something more by its environment.
pub fn run_on_a_private_server_with(part: &str, told: &[(&str, &str)]) {
    if !is_installed() {
        eprintln!("skipped: install pulseaudio and pulseaudio-utils to run this test");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let socket = format!("unix:{}", dir.path().join("native").display());
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", part, "--ignored", "--nocapture"])
        .env(DIR, dir.path())
        .env("PULSE_SERVER", socket)
        .env("XDG_RUNTIME_DIR", dir.path())
        .env("HOME", dir.path())
        .envs(told.iter().copied())
        .status()
        .unwrap();
    assert!(status.success(), "{part} failed; see above");
}

/// A PulseAudio of our own. Killed, by its own number, when dropped.
pub struct Server {
    dir: PathBuf,
    daemon: Child,
}

impl Server {
    pub fn start() -> Self {
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
            .args(["-L", "module-null-sink sink_name=room rate=48000 format=float32le"])
            .args(["-L", "module-null-sink sink_name=spare rate=48000"])
            .args(["-L", "module-always-sink", "-L", &socket])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub fn wait_until_it_answers(&self) {
        let since = Instant::now();
        while !Command::new("pactl").arg("info").output().unwrap().status.success() {
            assert!(since.elapsed() < LONG, "the server does not answer");
            sleep(Duration::from_millis(20));
        }
    }

    pub fn kill(&mut self) {
        // SIGKILL, and the socket stays behind, as in a crash.
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }

    /// The server does nothing for so long, as on a machine that is busy with something else.
    pub fn stand_still(&self, over: Duration) {
        let signal = |name: &str| Command::new("kill").args([name, &self.daemon.id().to_string()]).status().unwrap();
        assert!(signal("-STOP").success());
        sleep(over);
        assert!(signal("-CONT").success());
    }

    pub fn restart(&mut self) {
        std::fs::remove_file(self.dir.join("native")).ok();
        self.daemon = Self::spawn(&self.dir);
        self.wait_until_it_answers();
    }

    pub fn unplug_room(&self) {
        let list = pactl(&["list", "short", "modules"]);
        let room = list.lines().find(|line| line.contains("sink_name=room")).unwrap();
        pactl(&["unload-module", room.split_whitespace().next().unwrap()]);
    }

    pub fn plug_room_in(&self) {
        pactl(&["load-module", "module-null-sink", "sink_name=room", "rate=48000"]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.daemon.kill().ok();
        self.daemon.wait().ok();
    }
}

/// What this process holds: threads, descriptors, and connections to the sound server.
#[derive(Clone, Copy, Debug)]
pub struct Holdings {
    threads: usize,
    descriptors: usize,
    connections: usize,
}

impl Holdings {
    pub fn now() -> Self {
        let entries = |folder: &str| std::fs::read_dir(folder).unwrap().count();
        let (threads, descriptors) = (entries("/proc/self/task"), entries("/proc/self/fd"));
        let own = format!("cpal-pulseaudio-{}", std::process::id());
        let connections = pactl(&["list", "clients"]).lines().filter(|line| line.contains(&own)).count();
        Self { threads, descriptors, connections }
    }

    /// Whether it is no more than it was; something may just be in the making.
    pub fn fits(self, before: Self) -> bool {
        self.threads <= before.threads
            && self.descriptors <= before.descriptors
            && self.connections <= before.connections
    }

    /// The same, and one more connection to the sound server: its thread, its socket, and what it waits with.
    pub fn and_a_connection(self) -> Self {
        Self { threads: self.threads + 1, descriptors: self.descriptors + 3, connections: self.connections + 1 }
    }

    /// Waits until it is so.
    pub fn when(room: &mut Room, is_so: impl Fn(Self) -> bool) -> Self {
        let mut held = Self::now();
        room.wait("what it holds", |_| {
            held = Self::now();
            is_so(held) || {
                eprintln!("{held:?}");
                sleep(Duration::from_millis(200));
                false
            }
        });
        held
    }
}

pub fn pactl(args: &[&str]) -> String {
    String::from_utf8(Command::new("pactl").args(args).output().unwrap().stdout).unwrap()
}

/// What is heard on a sink. It also keeps a null sink awake, which would sleep for up to 2 s.
pub struct Ear {
    parec: Child,
    pub heard: Arc<Mutex<Vec<[f32; 2]>>>,
    /// How much had been heard at some moments, at most 50 ms apart.
    times: Arc<Mutex<Vec<(usize, Instant)>>>,
}

impl Ear {
    pub fn on(sink: &str) -> Self {
        let mut parec = Command::new("parec")
            .args(["-d", &format!("{sink}.monitor"), "--format=float32le", "--rate=48000", "--channels=2"])
            .args(["--latency-msec=2", "--raw"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut pipe = parec.stdout.take().unwrap();
        let (kept, times) = (heard.clone(), Arc::new(Mutex::new(Vec::new())));
        let noted = times.clone();
        std::thread::spawn(move || {
            let (mut bytes, mut held) = ([0; 8192], 0);
            while let Ok(read @ 1..) = pipe.read(&mut bytes[held..]) {
                let (frames, rest) = bytes[..held + read].as_chunks::<8>();
                let sample = |four: &[u8]| f32::from_le_bytes(four.try_into().unwrap());
                let frames = frames.iter().map(|bytes| [sample(&bytes[..4]), sample(&bytes[4..])]);
                let mut kept = kept.lock().unwrap();
                kept.extend(frames);
                noted.lock().unwrap().push((kept.len(), Instant::now()));
                let rest = rest.to_vec();
                held = rest.len();
                bytes[..held].copy_from_slice(&rest);
            }
        });
        Self { parec, heard, times }
    }

    /// When this frame was heard.
    pub fn time_of(&self, frame: usize) -> Instant {
        let times = self.times.lock().unwrap();
        let (until, at) = times[times.partition_point(|(until, _)| *until <= frame).min(times.len() - 1)];
        at - Duration::from_secs_f64((until - frame.min(until)) as f64 / SECOND as f64)
    }

    /// Level of the last tenth of a second, in dBFS.
    pub fn level(&self) -> f64 {
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

pub struct Room {
    pub engine: Engine,
    pub events: Vec<Event>,
}

impl Room {
    /// A session whose music sounds in the room.
    pub fn playing(ear: &Ear) -> Self {
        Self::playing_this(ear, piece(u64::MAX, sine(220.0, 0.4)), -10.97)
    }

    /// The same with any piece, which is at full level when it is heard at `level` dBFS.
    pub fn playing_this(ear: &Ear, open: audio::Opener, level: f64) -> Self {
        Self::playing_with(Settings::default(), ear, open, level)
    }

    /// The same with other settings.
    pub fn playing_with(settings: Settings, ear: &Ear, open: audio::Opener, level: f64) -> Self {
        let engine = Engine::real_time(settings, vec![Selection::of(Target::Device("room".into()))]);
        let mut room = Self { engine, events: Vec::new() };
        room.wait("the device runs", |room| room.engine.view().main.health == Health::Running);
        let ticket = Ticket(1);
        room.engine.order(audio::Command::Load { ticket, open, length: None });
        let (over, curve) = (Frames(2 * SECOND), Curve::EqualPower);
        room.engine.order(audio::Command::Cross { ticket, over, curve, gain: Gain::UNITY, ease: Ease::NONE });
        room.wait("it is heard at full level", |_| (ear.level() - level).abs() < 0.1);
        room
    }

    pub fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) -> Duration {
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

    pub fn wait_until_back(&mut self) -> Duration {
        self.wait("it comes back", |room| room.events.iter().any(|event| matches!(event, Event::OutputBack { .. })))
    }

    pub fn wait_until_lost(&mut self) -> Duration {
        self.wait("the loss is told", |room| room.events.iter().any(|event| matches!(event, Event::OutputLost { .. })))
    }
}
