//! The program by keys alone, in a pseudo-terminal: a whole hurried session, signals from outside, the kiosk, a terminal
//! that takes no output, and titles that would rule the terminal. The sound goes to the null output.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use rustix::fs::{Mode, OFlags};
use rustix::termios::{Action, tcflow};
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
const LONG: Duration = Duration::from_secs(40);
/// Longer than a key must rest to count again.
const CALM: Duration = Duration::from_millis(800);

/// A session short enough to be gone through, with a title and pieces that would rule a careless terminal.
const LIST: &str = r#"
format = 1
title = "Tide \u001b]52;c;aGk=\u0007\u001b[2J\u202e\u009b31m out"
route = "custom"
[sound]
crossfade = "2s"
[[phase]]
kind = "preparation"
planned = "2m"
[[phase.track]]
generator = "drone"
minutes = 5
title = "Low \u001b]0;owned\u0007\u200b\u2067 end"
[[phase]]
kind = "peak"
planned = "3m"
[[phase.track]]
generator = "rain"
minutes = 6
[[phase]]
kind = "return"
planned = "3m"
[[phase.track]]
generator = "ocean"
minutes = 6
"#;

/// A home of its own for the program; what still runs in it goes with it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::write(home.path("tide.toml"), LIST).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn terminal(&self, words: &[&str]) -> Terminal {
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(words);
        command.cwd(self.0.path());
        command.env("UNDERTONE_HOME", self.0.path());
        command.env_remove("NO_COLOR");
        Terminal::open(command)
    }

    fn run(&self, words: &[&str], input: &str) -> (i32, String) {
        let mut child = Command::new(PROGRAM)
            .args(words)
            .env("UNDERTONE_HOME", self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&told).into_owned())
    }

    fn status(&self) -> serde_json::Value {
        let (code, told) = self.run(&["ctl", "status", "--json"], "");
        assert_eq!(code, 0, "{told}");
        serde_json::from_str(&told).unwrap()
    }

    fn until(&self, what: &str, mut there: impl FnMut(&serde_json::Value) -> bool) {
        let since = Instant::now();
        while !there(&self.status()["session"]) {
            assert!(since.elapsed() < LONG, "waited in vain for {what}: {}", self.status()["session"]);
            sleep(Duration::from_millis(100));
        }
    }

    /// Processes that run in this home.
    fn processes(&self) -> Vec<String> {
        let home = format!("UNDERTONE_HOME={}", self.0.path().display());
        let of_ours = |entry: &fs::DirEntry| {
            fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == Path::new(PROGRAM))
                && fs::read(entry.path().join("environ"))
                    .is_ok_and(|text| String::from_utf8_lossy(&text).contains(&home))
        };
        let entries = fs::read_dir("/proc").unwrap().flatten().filter(of_ours);
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for process in self.processes() {
            signal("KILL", &process);
        }
    }
}

fn signal(name: &str, process: &str) {
    Command::new("kill").args(["-s", name, process]).status().unwrap();
}

fn pid(room: &Terminal) -> String {
    room.child.process_id().unwrap().to_string()
}

/// Keys one after another, calmly.
fn press(room: &mut Terminal, keys: &[&str]) {
    for key in keys {
        room.send(key.as_bytes());
        sleep(CALM);
    }
}

/// What Scroll Lock does: the terminal takes no more output, or takes it again.
fn scroll_lock(room: &Terminal, action: Action) {
    let name = room.master.tty_name().unwrap();
    let terminal = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    tcflow(terminal, action).unwrap();
}

/// Lets the terminal take no more output until something must wait to be written: the panel draws each second.
fn stand_still(room: &Terminal) {
    scroll_lock(room, Action::OOff);
    sleep(Duration::from_millis(2500));
}

fn ends_soon(room: &mut Terminal) -> bool {
    let since = Instant::now();
    room.ended() && since.elapsed() < Duration::from_secs(5)
}

#[test]
fn a_whole_hurried_session_by_keys_alone() {
    let home = Home::new();
    let mut room = home.terminal(&["play", "tide.toml", "--output", "null", "--speed", "20"]);
    room.until("preparation");
    press(&mut room, &["-", "-", "c", "d", "5", "\r"]);
    home.until("the dose five minutes ago", |session| session["medicine"].as_i64().is_some_and(|ms| ms > 290_000));
    press(&mut room, &[" "]);
    room.until("ducked");
    press(&mut room, &[" ", "s"]);
    room.until("held");
    press(&mut room, &["u", "f"]);
    home.until("another phase", |session| session["phase"]["kind"] != "preparation");
    press(&mut room, &["m"]);
    room.until("muted");
    press(&mut room, &["x", "r", "r"]);
    home.until("the return", |session| session["phase"]["kind"] == "return");
    press(&mut room, &["e", "e"]);
    room.until("ending softly");
    room.until("The session has ended");
    press(&mut room, &["\r"]);
    room.until("Which playlist?");
    let screen = room.screen();
    assert!(!screen.contains("Tide") && !screen.contains("since the dose"), "the last client's session:\n{screen}");
    press(&mut room, &["q"]);
    assert!(room.ended() && room.is_given_back(), "{}", room.screen());
    let since = Instant::now();
    while !home.processes().is_empty() {
        assert!(since.elapsed() < LONG, "something still runs");
        sleep(Duration::from_millis(100));
    }
    let (_, sessions) = home.run(&["sessions"], "");
    assert!(sessions.contains(" ended"), "{sessions}");
}

#[test]
fn what_a_title_holds_never_rules_the_terminal() {
    let home = Home::new();
    let mut room = home.terminal(&["play", "tide.toml", "--output", "null"]);
    room.until("Tide");
    press(&mut room, &["?", "?", "v", "1"]);
    let (_, status) = home.run(&["ctl", "status"], "");
    let (_, report) = home.run(&["sessions"], "");
    let screen = room.bytes();
    let start = screen.windows(8).position(|window| window == b"\x1b[?1049h").unwrap();
    let texts = [String::from_utf8_lossy(&screen[start..]).into_owned(), status, report];
    for text in texts {
        for forbidden in ["\x07", "\x1b]", "\x1b[2J\x1b[3J", "\u{202e}", "\u{2067}", "\u{200b}", "\u{9b}"] {
            assert!(!text.contains(forbidden), "{forbidden:?} in {text:?}");
        }
    }
}

#[test]
fn signals_from_outside_end_at_most_the_panel_and_never_the_sound() {
    let home = Home::new();
    let mut room = home.terminal(&["play", "tide.toml", "--output", "null"]);
    room.until("preparation");
    home.until("the session", |session| session["transport"] == "running");
    for name in ["INT", "QUIT", "TSTP", "WINCH", "CONT"] {
        signal(name, &pid(&room));
        sleep(Duration::from_millis(200));
    }
    press(&mut room, &[" "]);
    room.until("ducked");
    signal("TERM", &pid(&room));
    assert!(room.ended() && room.is_given_back());
    assert_eq!(home.status()["session"]["transport"], "running");

    let mut room = home.terminal(&[]);
    room.until("ducked");
    signal("HUP", &pid(&room));
    assert!(room.ended());
    let mut room = home.terminal(&[]);
    room.until("ducked");
    room.close();
    assert!(room.ended());
    assert_eq!(home.status()["session"]["transport"], "running");

    // The session process itself takes a request to go as a short fade, and nothing less than that.
    let host = home.processes();
    assert_eq!(host.len(), 1, "only the host is left: {host:?}");
    for name in ["INT", "QUIT", "TSTP", "HUP", "WINCH"] {
        signal(name, &host[0]);
    }
    sleep(Duration::from_millis(500));
    assert_eq!(home.status()["session"]["transport"], "running");
    signal("TERM", &host[0]);
    let since = Instant::now();
    while !home.processes().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(10), "the host does not go");
        sleep(Duration::from_millis(50));
    }
    assert!(since.elapsed() > Duration::from_millis(2500), "no fade: {:?}", since.elapsed());
}

#[test]
fn a_terminal_that_takes_no_output_keeps_no_key_waiting() {
    let home = Home::new();
    let mut room = home.terminal(&["play", "tide.toml", "--output", "null"]);
    room.until("preparation");
    home.until("the session", |session| session["transport"] == "running");
    stand_still(&room);
    let since = Instant::now();
    press(&mut room, &["m"]);
    home.until("the mute", |session| session["quiet"] == "mute");
    assert!(since.elapsed() < Duration::from_secs(5), "muted after {:?} only", since.elapsed());
    assert!(!room.screen().contains("muted"), "the terminal never stood still");
    scroll_lock(&room, Action::OOn);
    room.until("muted");
    room.until("preparation");

    stand_still(&room);
    press(&mut room, &["q", "q"]);
    assert!(ends_soon(&mut room), "by its key");
    let mut room = home.terminal(&[]);
    room.until("muted");
    stand_still(&room);
    signal("TERM", &pid(&room));
    assert!(ends_soon(&mut room), "by a signal");
    assert_eq!(home.status()["session"]["quiet"], "mute", "the session goes on");

    let mut room = home.terminal(&["watch", "tide.toml"]);
    room.until("q leaves");
    stand_still(&room);
    press(&mut room, &["\x1b[6~", "q"]);
    assert!(ends_soon(&mut room), "the plan");
}

#[test]
fn a_kiosk_is_left_by_its_pin_alone() {
    let home = Home::new();
    let (code, told) = home.run(&["play", "tide.toml", "--kiosk", "--output", "null"], "");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("undertone kiosk pin"), "{told}");
    assert_eq!(home.run(&["kiosk", "pin"], "314159\n314150\n").0, 1, "typed twice, not the same");
    assert_eq!(home.run(&["kiosk", "pin"], "314159\n314159\n").0, 0);
    assert_eq!(home.run(&["kiosk", "pin"], "271828\n1234567\n1234567\n").0, 1, "changed only by who knows it");

    let mut room = home.terminal(&["play", "tide.toml", "--kiosk", "--output", "null"]);
    room.until("preparation");
    press(&mut room, &["q", "q", "\x03", "\x1a", "\x04", "\x1c"]);
    room.until("PIN to leave");
    press(&mut room, &["1", "1", "1", "1", "1", "1", "m"]);
    room.until("muted");
    press(&mut room, &["\r"]);
    room.until("not the PIN");
    assert!(room.child.try_wait().unwrap().is_none());
    press(&mut room, &["q", "3", "1", "4", "1", "5", "9", "\r"]);
    assert!(room.ended() && room.is_given_back());
    assert!(room.screen().contains("The session goes on"), "{}", room.screen());
    assert_eq!(home.status()["session"]["transport"], "running");
}
