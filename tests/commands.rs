//! The commands from outside: whatever they are given, the answer is a sentence with a way out and the right exit code,
//! it comes soon, and nothing is lost.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
/// Nothing here has reason to take longer, even on a busy machine.
const LONG: Duration = Duration::from_secs(40);
/// Exit codes, as the README has them.
const DONE: i32 = 0;
const WRONG: i32 = 1;
const COULD_NOT: i32 = 2;

/// A home of its own for the program.
struct Home(tempfile::TempDir);

/// What a command answered.
#[derive(Debug)]
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).current_dir(self.0.path());
        command.env("UNDERTONE_HOME", self.path("home")).env("XDG_RUNTIME_DIR", self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, words: &[&str]) -> Answer {
        let mut child = self.command(words).spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        });
        let ended = ends(&mut child, words);
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        Answer { code: ended, out: text, err: reading.join().unwrap() }
    }

    /// Runs a command that must fail with this code, and say each of these in a sentence.
    fn fails(&self, words: &[&str], code: i32, says: &[&str]) {
        let answer = self.run(words);
        assert_eq!(answer.code, code, "{words:?}: {answer:?}");
        let told = answer.out + &answer.err;
        for say in says {
            assert!(told.contains(say), "{words:?} does not say {say:?}:\n{told}");
        }
        for dump in ["panicked", "Os {", "Err(", "Error {", "RUST_BACKTRACE"] {
            assert!(!told.contains(dump), "{words:?} dumps {dump:?}:\n{told}");
        }
    }

    fn playlist(&self, track: &str) -> &'static str {
        let text = format!(
            "format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n\
             [[phase.track]]\n{track}\n[[phase.track]]\ngenerator = 'drone'\nminutes = 95\n"
        );
        fs::write(self.path("list.toml"), text).unwrap();
        "list.toml"
    }
}

fn ends(child: &mut Child, words: &[&str]) -> i32 {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        if since.elapsed() > LONG {
            child.kill().unwrap();
            panic!("{words:?} hangs");
        }
        sleep(Duration::from_millis(20));
    }
}

/// A directory, a pipe, an empty file, a text with the name of music: the name, what it is, and what to do.
fn impostors(home: &Home) -> [(&'static str, &'static str); 4] {
    fs::create_dir(home.path("folder.mp3")).unwrap();
    let made = Command::new("mkfifo").arg(home.path("pipe.flac")).status().unwrap();
    assert!(made.success());
    fs::write(home.path("empty.ogg"), "").unwrap();
    fs::write(home.path("letter.mp3"), "Dear reader, this is a letter and no music.\n".repeat(400)).unwrap();
    [("folder.mp3", "folder"), ("pipe.flac", "file"), ("empty.ogg", "empty"), ("letter.mp3", "music")]
}

#[test]
fn what_is_no_music_is_named_by_analyze_and_nothing_hangs() {
    let home = Home::new();
    for (name, what) in impostors(&home) {
        let code = if name == "folder.mp3" { COULD_NOT } else { WRONG };
        home.fails(&["analyze", name], code, &[what]);
    }
    let all = home.run(&["analyze", "pipe.flac", "empty.ogg", "letter.mp3"]);
    assert_eq!(all.code, WRONG);
    assert!(["pipe.flac", "empty.ogg", "letter.mp3"].iter().all(|name| all.out.contains(name)), "{all:?}");
}

#[test]
fn what_is_no_music_is_a_diagnostic_of_the_playlist_and_is_not_played() {
    let home = Home::new();
    for (name, _) in impostors(&home) {
        let list = home.playlist(&format!("file = '{name}'"));
        home.fails(&["check", list], WRONG, &[name, "list.toml:7:", "1 to mend"]);
        home.fails(&["play", list, "--headless"], WRONG, &[name, "nothing was started"]);
    }
}

#[test]
fn what_is_no_playlist_is_said_to_be_none() {
    let home = Home::new();
    impostors(&home);
    home.fails(&["check", "folder.mp3"], COULD_NOT, &["no playlists"]);
    for name in ["pipe.flac", "empty.ogg", "letter.mp3"] {
        home.fails(&["check", name], WRONG, &[name]);
        home.fails(&["play", name, "--headless"], WRONG, &["nothing was started"]);
    }
    home.fails(&["play", "folder.mp3", "--headless"], WRONG, &["nothing was started"]);
    home.fails(&["play", "nowhere", "--headless"], COULD_NOT, &["no playlist nowhere", "low-tide"]);
    home.fails(&["simulate", "low-tide", "--script", "nowhere"], COULD_NOT, &["script nowhere"]);
    home.fails(&["render", "low-tide", "-o", "here.xyz"], COULD_NOT, &["here.xyz", ".wav"]);
}

#[test]
fn a_word_that_is_no_verb_or_command_names_the_nearest() {
    let home = Home::new();
    home.fails(&["ctl", "dukc"], COULD_NOT, &["duck"]);
    home.fails(&["ctl", "goto", "moon"], COULD_NOT, &["moon", "peak"]);
    home.fails(&["ctl", "extend"], COULD_NOT, &["extend T"]);
    home.fails(&["ctl", "duck"], COULD_NOT, &["start one with `undertone`"]);
    home.fails(&["plya"], COULD_NOT, &["play"]);
    home.fails(&["play", "low-tide", "--speed", "900"], COULD_NOT, &["60"]);
    home.fails(&["play", "low-tide", "--route", "imm"], WRONG, &["im"]);
    home.fails(&["sessions", "report", "ZZZZZZ"], COULD_NOT, &["ZZZZZZ"]);
}

#[test]
fn each_phase_can_be_rendered_alone_and_lasts_as_planned() {
    let home = Home::new();
    let phase = |kind| {
        format!("[[phase]]\nkind = '{kind}'\nplanned = '1m'\n[[phase.track]]\ngenerator = 'pink-noise'\nminutes = 2\n")
    };
    let text = format!("format = 1\ntitle = 'T'\nroute = 'custom'\n{}{}", phase("preparation"), phase("peak"));
    fs::write(home.path("list.toml"), text).unwrap();
    for kind in ["preparation", "peak"] {
        let answer = home.run(&["render", "list.toml", "--phase", kind, "-o", "phase.wav"]);
        assert!(answer.code == DONE && answer.out.contains("ended at 1:20"), "a minute and the soft end: {answer:?}");
        let frames = fs::metadata(home.path("phase.wav")).unwrap().len() / 6;
        assert!((80 * 48_000..81 * 48_000).contains(&frames), "{kind}: {frames} frames");
    }
}

#[test]
fn a_second_session_is_refused_and_the_first_goes_on() {
    let home = Home::new();
    let list = home.playlist("generator = 'rain'\nminutes = 10");
    let mut first = home.command(&["play", list, "--headless", "--output", "null"]).spawn().unwrap();
    let since = Instant::now();
    while home.run(&["ctl", "status"]).code != DONE {
        assert!(since.elapsed() < LONG, "the first session does not begin");
        sleep(Duration::from_millis(50));
    }
    home.fails(&["play", list, "--headless", "--output", "null"], COULD_NOT, &["running", "Nothing was started"]);
    home.fails(&["ctl", "release"], WRONG, &["not done"]);
    let status = home.run(&["ctl", "status"]);
    assert!(status.out.contains("running"), "{status:?}");
    assert_eq!(home.run(&["ctl", "end"]).code, DONE);
    assert_eq!(ends(&mut first, &["play"]), DONE);
    let report = home.run(&["sessions"]);
    assert!(report.out.contains("ended"), "{report:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    for words in [&["routes"][..], &["man"], &["completions", "bash"], &["sessions"], &["check", "--help"]] {
        let mut child = home.command(words).spawn().unwrap();
        drop(child.stdout.take());
        let code = ends(&mut child, words);
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((code, told.as_str()), (DONE, ""), "{words:?}");
    }
}

#[test]
fn a_home_that_cannot_be_used_is_said_to_be_so() {
    let home = Home::new();
    fs::write(home.path("home"), "a file where a folder should be").unwrap();
    home.fails(&["sessions"], COULD_NOT, &["folder of yours"]);
    assert!(Path::new(&home.path("home")).is_file(), "what was there is left alone");
}

#[test]
fn a_file_name_cannot_act_on_the_terminal() {
    let home = Home::new();
    let name = "ev\x1b[31mil.toml";
    fs::write(home.path(name), "format = 1\ntitle = 'T'\n").unwrap();
    fs::create_dir(home.path("ev\x1b[31mil")).unwrap();
    for (words, code, says) in [
        (&["play", name, "--headless"][..], WRONG, "ev[31mil.toml cannot be played"),
        (&["check", name], WRONG, "ev[31mil.toml:"),
        (&["check", "ev\x1b[31mil"], COULD_NOT, "ev[31mil has no playlists"),
        (&["play", "no\x1b[31mne", "--headless"], COULD_NOT, "no playlist no[31mne"),
        (&["simulate", "low-tide", "--script", "no\x1b[31mne"], COULD_NOT, "script no[31mne cannot be read"),
        (&["simulate", "low-tide", "--script", name], COULD_NOT, "ev[31mil.toml:"),
    ] {
        let answer = home.run(words);
        let told = answer.out + &answer.err;
        assert!(answer.code == code && told.contains(says), "{words:?}: {} {told:?}", answer.code);
        assert!(!told.contains('\x1b'), "{words:?}: {told:?}");
    }
}
