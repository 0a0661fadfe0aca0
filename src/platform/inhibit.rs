//! Keeping the machine awake while a session is open.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use super::NotHere;
use crate::units::SafeText;

/// How long the system may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the words of a refusal may take once the program has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// What the held program says once the lock is taken.
const HELD: &str = "held";

/// The machine neither sleeps nor minds its lid as long as this lives, and no longer than this process lives: the program
/// that holds the lock ends when its standard input does.
#[derive(Debug)]
pub struct Inhibit {
    child: Child,
    /// Closed by the system too when this process dies, even by `kill -9`.
    lifeline: Option<ChildStdin>,
    what: SafeText,
}

impl Inhibit {
    /// What is held off, in words.
    #[must_use]
    pub fn what(&self) -> &SafeText {
        &self.what
    }
}

impl Drop for Inhibit {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Holds off sleep, idling and the lid switch; as much of it as the system grants. Takes 4 s at worst.
///
/// # Errors
/// [`NotHere`] with the system's reason when it grants nothing: then the machine's own power settings decide.
pub fn hold_awake() -> Result<Inhibit, NotHere> {
    let mut refusal =
        NotHere::because("this system has no way to hold off sleep; set its power settings to never sleep");
    let began = Instant::now();
    // A system that did not answer once is not asked again.
    for (what, program, args) in WAYS.iter().take_while(|_| began.elapsed() < PATIENCE) {
        match hold(what, program, args) {
            Ok(inhibit) => return Ok(inhibit),
            Err(Some(reason)) => refusal = reason,
            Err(None) => {}
        }
    }
    Err(refusal)
}

/// What would be held, by which program and with which arguments; the best first. The lid can be refused by itself: a session
/// that is not at the machine's own screen may not hold it.
const WAYS: &[(&str, &str, &[&str])] = if cfg!(target_os = "linux") {
    &[
        ("sleep, idling and the lid switch", "systemd-inhibit", &["--what=sleep:idle:handle-lid-switch"]),
        ("sleep and idling", "systemd-inhibit", &["--what=sleep:idle"]),
        ("idling", "systemd-inhibit", &["--what=idle"]),
    ]
} else if cfg!(target_os = "macos") {
    &[("sleep and idling", "caffeinate", &["-d", "-i", "-m", "-s"])]
} else {
    &[]
};

/// Starts one way and waits for its word. `Err(None)`: there is no such program here.
fn hold(what: &str, program: &str, args: &[&str]) -> Result<Inhibit, Option<NotHere>> {
    let mut command = Command::new(program);
    if program == "systemd-inhibit" {
        command.args(["--mode=block", "--who=undertone", "--why=a session is open"]);
    }
    command.args(args).args(["sh", "-c", "echo held; exec cat"]);
    // It inherits the blocked signals (see `deadline`), and ends when its lifeline does.
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|_| None)?;
    let said = first_line(child.stdout.take(), PATIENCE);
    if said.as_deref() != Some(HELD) {
        return Err(Some(refused(program, child)));
    }
    Ok(Inhibit { lifeline: child.stdin.take(), child, what: SafeText::new(what) })
}

/// The first line that comes this way, if one does in time. A program's own children can keep a pipe open after its end, so
/// this is read on a thread that may stay behind.
fn first_line(from: Option<impl Read + Send + 'static>, longest: Duration) -> Option<String> {
    let from = from?;
    let (told, heard) = sync_channel(1);
    // Without a thread there is no answer, which is an answer too.
    let _ = thread::Builder::new().name("inhibit".into()).spawn(move || {
        let mut line = Vec::new();
        let read = BufReader::new(from).take(400).read_until(b'\n', &mut line);
        let _ = told.send(read.ok().map(|_| String::from_utf8_lossy(&line).trim_end().to_owned()));
    });
    heard.recv_timeout(longest).ok().flatten()
}

/// The reason of a program that did not take the lock.
fn refused(program: &str, mut child: Child) -> NotHere {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    let words = first_line(child.stderr.take(), LAST_WORDS).unwrap_or_default();
    NotHere::because(&format!(
        "the system does not hold off sleep ({program}: {words}); set its power settings to never sleep"
    ))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::*;

    /// A program in place of systemd-inhibit.
    fn stand_in(folder: &tempfile::TempDir, script: &str) -> PathBuf {
        let path = folder.path().join("stand-in");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("executable");
        path
    }

    fn held_by(script: &str) -> Result<Inhibit, Option<NotHere>> {
        let folder = tempfile::tempdir().expect("a folder");
        hold("sleep", stand_in(&folder, script).to_str().expect("a path"), &["--what=sleep"])
    }

    const TAKES_THE_LOCK: &str = "shift; exec \"$@\"";

    #[test]
    fn a_lock_is_held_until_it_is_dropped() {
        let mut inhibit = held_by(TAKES_THE_LOCK).expect("held");
        assert_eq!(inhibit.what().as_str(), "sleep");
        assert!(inhibit.child.try_wait().expect("a child").is_none());
        let pid = inhibit.child.id();
        drop(inhibit);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn a_lock_is_let_go_when_its_holder_dies_without_a_word() {
        let mut inhibit = held_by(TAKES_THE_LOCK).expect("held");
        inhibit.lifeline = None;
        assert!(inhibit.child.wait().expect("a child").success());
    }

    #[test]
    fn a_refusal_is_passed_on_in_the_systems_words() {
        let refused = held_by("echo 'Access denied' >&2; exit 1").expect_err("refused").expect("a reason");
        assert!(refused.0.as_str().contains("Access denied"), "{refused}");
        let silent = held_by("sleep 600").expect_err("refused");
        assert!(silent.is_some(), "a program that never answers holds nothing");
        assert!(matches!(hold("sleep", "/no/such/program", &[]), Err(None)));
    }
}
