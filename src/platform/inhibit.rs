//! Keeping the machine awake while a session is open.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::NotHere;
use crate::units::SafeText;

/// How long the system may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the held program says once the lock is taken.
const HELD: &str = "held";

/// The machine neither sleeps nor minds its lid as long as this lives, and no longer than this process lives: the program
/// that holds the lock ends when its standard input does.
#[derive(Debug)]
pub struct Inhibit {
    child: Child,
    /// Closed by the system too when this process dies, even by `kill -9`.
    _lifeline: ChildStdin,
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
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Holds off sleep, idling and the lid switch; as much of it as the system grants. Takes some seconds at worst.
///
/// # Errors
/// [`NotHere`] with the system's reason when it grants nothing: then the machine's own power settings decide.
pub fn hold_awake() -> Result<Inhibit, NotHere> {
    let mut refusal =
        NotHere::because("this system has no way to hold off sleep; set its power settings to never sleep");
    for (what, program, args) in WAYS {
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
    super::process::unmasked(&mut command);
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|_| None)?;
    let said = first_line(&mut child);
    match child.stdin.take() {
        Some(lifeline) if said.as_deref() == Some(HELD) => {
            Ok(Inhibit { child, _lifeline: lifeline, what: SafeText::new(what) })
        }
        _ => Err(Some(refused(program, child))),
    }
}

/// The first line that the program prints, if it prints one in time.
fn first_line(child: &mut Child) -> Option<String> {
    let stdout = child.stdout.take()?;
    let (told, heard) = sync_channel(1);
    // The thread ends with the program; without it there is no answer.
    let _ = thread::Builder::new().name("inhibit".into()).spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).take(64).read_line(&mut line);
        let _ = told.send(read.ok().map(|_| line.trim_end().to_owned()));
    });
    heard.recv_timeout(PATIENCE).ok().flatten()
}

/// The reason of a program that did not take the lock.
fn refused(program: &str, mut child: Child) -> NotHere {
    let _ = child.kill();
    let _ = child.wait();
    let mut words = String::new();
    if let Some(stderr) = child.stderr.take() {
        // No words are an answer too.
        let _ = stderr.take(400).read_to_string(&mut words);
    }
    NotHere::because(&format!("{program} was refused ({}); set the power settings to never sleep", words.trim()))
}
