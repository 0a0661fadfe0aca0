//! A real session: the program itself, a panel in a pseudo-terminal, a private PulseAudio whose null sink is recorded.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

mod terminal;

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
/// How long anything may take that has no limit of its own; generous, for busy machines.
const LONG: Duration = Duration::from_secs(40);
/// Recorded samples in a second: two channels.
const SECOND: usize = 2 * 48_000;

/// A sound server, a recording of it, and a home for the program; all gone with it.
struct Rig {
    home: tempfile::TempDir,
    server: Child,
    recorder: Child,
    sound: Arc<Mutex<Vec<f32>>>,
}

impl Rig {
    fn start() -> Option<Self> {
        let is_there = |name: &str| Command::new(name).arg("--version").output().is_ok();
        if !["pulseaudio", "pactl", "parec"].into_iter().all(is_there) {
            eprintln!("skipped: install pulseaudio and pulseaudio-utils to run this test");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        let socket =
            format!("module-native-protocol-unix auth-anonymous=1 socket={}", home.path().join("native").display());
        let server = command(home.path(), "pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"])
            .args(["-L", "module-null-sink sink_name=room rate=48000", "-L", &socket])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for("the sound server", || command(home.path(), "pactl").arg("info").output().unwrap().status.success());
        let mut recorder = command(home.path(), "parec")
            .args(["-d", "room.monitor", "--format=float32le", "--rate=48000", "--channels=2", "--latency-msec=20"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut from = recorder.stdout.take().unwrap();
        let sound = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&sound);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while from.read_exact(&mut bytes).is_ok() {
                let samples = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                taken.lock().unwrap().extend(samples);
            }
        });
        Some(Self { home, server, recorder, sound })
    }

    fn undertone(&self, words: &[&str]) -> (i32, String) {
        let output = command(self.home.path(), PROGRAM).args(words).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
    }

    fn ctl(&self, words: &[&str]) -> String {
        let (code, said) = self.undertone(&[&["ctl"], words].concat());
        assert_eq!(code, 0, "ctl {words:?}: {said}");
        said
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.ctl(&["status", "--json"])).unwrap()
    }

    /// The level of the last half second, in dBFS.
    fn level(&self) -> f32 {
        let sound = self.sound.lock().unwrap();
        level(&sound[sound.len().saturating_sub(SECOND / 2)..])
    }

    /// A panel for this.
    fn panel(&self, words: &[&str]) -> Terminal {
        let mut line = CommandBuilder::new(PROGRAM);
        line.args(words);
        environment(self.home.path(), |name, value| line.env(name, value));
        Terminal::open(line)
    }

    /// Processes that still run in this home.
    fn left_behind(&self) -> usize {
        let home = format!("UNDERTONE_HOME={}", self.home.path().display());
        let of_ours = |entry: &std::fs::DirEntry| {
            let program = std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == Path::new(PROGRAM));
            program
                && std::fs::read(entry.path().join("environ"))
                    .is_ok_and(|text| String::from_utf8_lossy(&text).contains(&home))
        };
        std::fs::read_dir("/proc").unwrap().flatten().filter(of_ours).count()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        for child in [&mut self.recorder, &mut self.server] {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn environment(home: &Path, mut set: impl FnMut(&str, String)) {
    set("UNDERTONE_HOME", home.display().to_string());
    set("HOME", home.display().to_string());
    set("XDG_RUNTIME_DIR", home.display().to_string());
    set("PULSE_SERVER", format!("unix:{}", home.join("native").display()));
    set("LC_ALL", "C.UTF-8".into());
}

fn command(home: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    environment(home, |name, value| {
        command.env(name, value);
    });
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let since = Instant::now();
    while !there() {
        assert!(since.elapsed() < LONG, "waited in vain for {what}");
        sleep(Duration::from_millis(50));
    }
}

fn level(samples: &[f32]) -> f32 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (10.0 * (power / samples.len().max(1) as f64 + 1e-12).log10()) as f32
}

/// The longest run of exact zeros, in seconds: a hole in the sound.
fn longest_hole(samples: &[f32]) -> f64 {
    let longest = samples.split(|sample| *sample != 0.0).map(<[f32]>::len).max().unwrap_or(0);
    longest as f64 / SECOND as f64
}

#[test]
fn a_session_is_heard_survives_its_panel_and_its_host_and_leaves_nothing_behind() {
    let Some(rig) = Rig::start() else { return };
    let mut first = rig.panel(&["play", "low-tide"]);
    wait_for("the first sound", || rig.level() > -45.0);
    let levels: Vec<f32> =
        rig.sound.lock().unwrap().chunks(SECOND / 10).map(level).filter(|level| *level > -75.0).collect();
    let leap = levels.windows(2).take(60).map(|pair| pair[1] - pair[0]).fold(0.0, f32::max);
    assert!(leap < 8.0, "the first sound rises by {leap} dB in a tenth of a second");

    // A dose six minutes ago: the ascent, by crossfade, with no hole.
    let before = rig.sound.lock().unwrap().len();
    rig.ctl(&["dose", "--ago", "6m"]);
    sleep(Duration::from_secs(5));
    assert_eq!(rig.status()["session"]["phase"]["kind"], "ascent");
    assert!(longest_hole(&rig.sound.lock().unwrap()[before..]) < 1.0, "a hole in the crossfade");

    // The panel dies; the sound does not notice; another panel shows the session.
    let (before, xruns) = (rig.sound.lock().unwrap().len(), rig.status()["output"]["xruns"].clone());
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    sleep(Duration::from_secs(2));
    let hole = longest_hole(&rig.sound.lock().unwrap()[before..]);
    // A busy machine stumbles by itself; a host that went with its panel would be silent to the end.
    assert!(hole < 1.0, "the panel's death is heard: {hole} s of nothing");
    if hole < 0.02 {
        assert_eq!(rig.status()["output"]["xruns"], xruns);
    }
    let mut second = rig.panel(&[]);
    wait_for("the second panel", || second.screen().contains("Low tide") && second.screen().contains("since the dose"));

    // Mute is silent within two seconds; resume comes back.
    rig.ctl(&["mute"]);
    let asked = Instant::now();
    wait_for("silence", || rig.level() < -60.0);
    assert!(asked.elapsed() < Duration::from_millis(2900), "silent for half a second after {:?}", asked.elapsed());
    rig.ctl(&["resume"]);
    wait_for("the music again", || rig.level() > -50.0);

    // The host dies; the panel brings it back at its place, and it is heard.
    let medicine = rig.status()["session"]["medicine"].as_i64().unwrap();
    let since = Instant::now();
    kill_the_host(&rig);
    wait_for("the host again", || rig.undertone(&["ctl", "status"]).0 == 0);
    let back = rig.status();
    let drift =
        back["session"]["medicine"].as_i64().unwrap() - medicine - i64::try_from(since.elapsed().as_millis()).unwrap();
    assert!(drift.abs() < 1500, "{drift} ms off the medicine clock");
    assert_eq!(back["session"]["phase"]["kind"], "ascent");
    wait_for("the sound again", || rig.level() > -60.0);

    // The soft end, and the panel is left.
    rig.ctl(&["end"]);
    wait_for("the end", || rig.ctl(&["status"]).contains("ended"));
    wait_for("the report", || second.screen().contains("The session has ended"));
    second.send(b"q");
    wait_for("the panel to go", || second.child.try_wait().unwrap().is_some());
    wait_for("the host to go", || rig.left_behind() == 0);
    assert!(second.is_given_back(), "the terminal is not as it was");
}

fn kill_the_host(rig: &Rig) {
    let home = format!("UNDERTONE_HOME={}", rig.home.path().display());
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let read = |name: &str| {
            String::from_utf8_lossy(&std::fs::read(entry.path().join(name)).unwrap_or_default()).into_owned()
        };
        if read("environ").contains(&home) && read("cmdline").split('\0').nth(1) == Some("host") {
            Command::new("kill").args(["-9", &entry.file_name().to_string_lossy()]).status().unwrap();
            return;
        }
    }
    panic!("there is no host");
}
