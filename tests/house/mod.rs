//! The program as a person has it: real processes in a home of their own, on a private PulseAudio whose null sink is
//! recorded.
#![allow(dead_code, reason = "each test uses its part of it")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

pub mod jitter;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
/// How long anything may take that has no limit of its own; generous, for busy machines.
pub const LONG: Duration = Duration::from_secs(40);
/// Recorded samples in a second: two channels.
pub const SECOND: usize = 2 * 48_000;

/// A sound server, a recording of it, and a home for the program; all gone with it.
pub struct House {
    folder: tempfile::TempDir,
    /// Where the program keeps its things.
    pub home: PathBuf,
    server: Child,
    recorder: Child,
    /// What was heard, both channels in turn.
    pub sound: Arc<Mutex<Vec<f32>>>,
}

impl House {
    /// `None`, with a word, where the sound server is not installed.
    pub fn start() -> Option<Self> {
        let is_there = |name: &str| Command::new(name).arg("--version").output().is_ok();
        if !["pulseaudio", "pactl", "parec"].into_iter().all(is_there) {
            eprintln!("skipped: install pulseaudio and pulseaudio-utils to run this test");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_owned();
        let socket = format!("module-native-protocol-unix auth-anonymous=1 socket={}", home.join("native").display());
        let server = command(&folder, &home, "pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"])
            .args(["-L", "module-null-sink sink_name=room rate=48000", "-L", &socket])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for("the sound server", || {
            command(&folder, &home, "pactl").arg("info").output().unwrap().status.success()
        });
        let mut recorder = command(&folder, &home, "parec")
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
        Some(Self { folder, home, server, recorder, sound })
    }

    /// The machine's own stumbling from now on, the sound server's included.
    pub fn jitter(&self) -> jitter::Jitter {
        jitter::Jitter::beside(self.server.id())
    }

    /// A home in which nothing has happened yet.
    pub fn move_out(&mut self, name: &str) {
        self.home = self.folder.path().join(name);
        std::fs::create_dir(&self.home).unwrap();
    }

    /// Runs the program; its exit code, and what it said.
    pub fn undertone(&self, words: &[&str]) -> (i32, String) {
        let output = command(&self.folder, &self.home, PROGRAM).args(words).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
    }

    /// A request to the session, which must be granted.
    pub fn ctl(&self, words: &[&str]) -> String {
        let (code, said) = self.undertone(&[&["ctl"], words].concat());
        assert_eq!(code, 0, "ctl {words:?}: {said}");
        said
    }

    /// All that the session tells.
    pub fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.ctl(&["status", "--json"])).unwrap()
    }

    /// The same, if there is a session that tells.
    pub fn try_status(&self) -> Option<serde_json::Value> {
        let (code, said) = self.undertone(&["ctl", "status", "--json"]);
        serde_json::from_str(&said).ok().filter(|_| code == 0)
    }

    /// Asks something of the sound server.
    pub fn pactl(&self, words: &[&str]) {
        let status = command(&self.folder, &self.home, "pactl").args(words).status().unwrap();
        assert!(status.success(), "pactl {words:?}");
    }

    /// The level of the last half second, in dBFS.
    pub fn level(&self) -> f32 {
        let sound = self.sound.lock().unwrap();
        level(&sound[sound.len().saturating_sub(SECOND / 2)..])
    }

    /// A panel for this.
    pub fn panel(&self, words: &[&str]) -> Terminal {
        let mut line = CommandBuilder::new(PROGRAM);
        line.args(words);
        environment(&self.folder, &self.home, |name, value| line.env(name, value));
        Terminal::open(line)
    }

    /// Processes of the program that still run in this home.
    pub fn left_behind(&self) -> usize {
        self.processes(format!("UNDERTONE_HOME={}", self.home.display())).count()
    }

    /// The host's number, while there is one.
    pub fn host(&self) -> Option<u32> {
        let is_host = |process: &PathBuf| {
            let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).split('\0').nth(1) == Some("host")
        };
        let host = self.processes(format!("UNDERTONE_HOME={}", self.home.display())).find(is_host)?;
        host.file_name()?.to_str()?.parse().ok()
    }

    /// Ends the host as a crash would.
    pub fn kill_host(&self) {
        let host = self.host().expect("there is a host");
        assert!(kill(&host.to_string()), "host {host} is gone already");
    }

    /// The program's processes that have this in their environment.
    fn processes(&self, told: String) -> impl Iterator<Item = PathBuf> + use<> {
        let of_ours = move |process: &PathBuf| {
            let program = std::fs::read_link(process.join("exe")).is_ok_and(|exe| exe == Path::new(PROGRAM));
            let environment = std::fs::read(process.join("environ")).unwrap_or_default();
            program && environment.split(|byte| *byte == 0).any(|entry| entry == told.as_bytes())
        };
        std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).filter(of_ours)
    }
}

/// Ends the process of this number at once.
fn kill(number: &str) -> bool {
    Command::new("kill").args(["-9", number]).status().is_ok_and(|status| status.success())
}

impl Drop for House {
    fn drop(&mut self) {
        // A session goes on by itself; after a failed test there may be one.
        for process in self.processes(format!("HOME={}", self.folder.path().display())) {
            process.file_name().and_then(|number| number.to_str()).map(kill);
        }
        for child in [&mut self.recorder, &mut self.server] {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn environment(folder: &tempfile::TempDir, home: &Path, mut set: impl FnMut(&str, String)) {
    let folder = folder.path();
    set("UNDERTONE_HOME", home.display().to_string());
    set("HOME", folder.display().to_string());
    set("XDG_RUNTIME_DIR", folder.display().to_string());
    set("PULSE_SERVER", format!("unix:{}", folder.join("native").display()));
    set("LC_ALL", "C.UTF-8".into());
}

fn command(folder: &tempfile::TempDir, home: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    environment(folder, home, |name, value| {
        command.env(name, value);
    });
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Waits until it is so.
pub fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let since = Instant::now();
    while !there() {
        assert!(since.elapsed() < LONG, "waited in vain for {what}");
        sleep(Duration::from_millis(50));
    }
}

/// Level of a stretch of sound, in dBFS.
pub fn level(samples: &[f32]) -> f32 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (10.0 * (power / samples.len().max(1) as f64 + 1e-12).log10()) as f32
}

/// The longest run of exact zeros, in seconds: a hole in the sound.
pub fn longest_hole(samples: &[f32]) -> f64 {
    let longest = samples.split(|sample| *sample != 0.0).map(<[f32]>::len).max().unwrap_or(0);
    longest as f64 / SECOND as f64
}
