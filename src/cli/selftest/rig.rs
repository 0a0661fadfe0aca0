//! A rig: a home of its own for the program, a sound server, and a session that plays there.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::bench::{Bench, LONG};
use super::checks::Trouble;
use super::desk::Desk;
use super::ear::Ear;
use super::server::{self, Server};
use crate::host::SABOTAGE;
use crate::platform::Paths;
use crate::session::{Source, Transport, Verb};
use crate::wire::{Client, Request, Status, Update};

/// Below what the server lets a client ask in a second.
const ASK_EVERY: Duration = Duration::from_millis(30);
/// The tone at its full level, in dBFS: -20 LUFS.
pub(super) const FULL: f32 = -22.3;
/// Variables of this user's own session that would lead out of the rig, or change what is shown.
const FOREIGN: [&str; 9] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "PULSE_SINK",
    "PULSE_COOKIE",
    "PULSE_RUNTIME_PATH",
    "PIPEWIRE_REMOTE",
    "ALSA_CONFIG_PATH",
    "NO_COLOR",
    "XDG_CONFIG_HOME",
    SABOTAGE,
];

/// How a rig differs from the usual one.
#[derive(Default)]
pub(super) struct Setup<'s> {
    /// More modules of the sound server.
    pub(super) modules: &'s [&'s str],
    /// Failpoints of the session process.
    pub(super) sabotage: &'s str,
    /// Another playlist than the bench's.
    pub(super) playlist: Option<&'s Path>,
    /// A program and its arguments that start the session process, before its own.
    pub(super) by: &'s [&'s str],
}

/// A home, a server, a session. All end with it.
pub(super) struct Rig<'b> {
    pub(super) bench: &'b Bench,
    pub(super) home: PathBuf,
    sabotage: String,
    pub(super) server: Server,
    host: Option<Child>,
    client: RefCell<Option<Client>>,
}

impl<'b> Rig<'b> {
    /// A server that answers, and no session yet.
    pub(super) fn new(bench: &'b Bench, setup: &Setup) -> Result<Self, Trouble> {
        let home = bench.home()?;
        let server = Server::start(&home, setup.modules)?;
        let sabotage = setup.sabotage.to_owned();
        let rig = Self { bench, home, sabotage, server, host: None, client: RefCell::new(None) };
        rig.until_the_server_answers()?;
        Ok(rig)
    }

    /// A session that is heard at full level in the sink `room`, and the ear there.
    pub(super) fn playing(bench: &'b Bench, setup: &Setup) -> Result<(Self, Ear), Trouble> {
        let mut rig = Self::new(bench, setup)?;
        let ear = Ear::on(&rig, "room")?;
        rig.begin(setup)?;
        rig.until_full(&ear)?;
        Ok((rig, ear))
    }

    /// Waits until the tone has come up.
    pub(super) fn until_full(&self, ear: &Ear) -> Result<(), Trouble> {
        // Within eight seconds, unless a busy machine loses the output meanwhile: then its last 20 dB take a minute.
        let up = || ear.level() > FULL - 0.7;
        self.bench.wait_long(Instant::now(), "the tone at its full level", 3 * LONG, up)?;
        self.until(Instant::now(), "the session says that it plays", |status| status.output.playing)?;
        self.bench.rest(Duration::from_millis(500))
    }

    /// Starts the session process as the panel would, and the session.
    pub(super) fn begin(&mut self, setup: &Setup) -> Result<(), Trouble> {
        let playlist = setup.playlist.map_or_else(|| self.bench.playlist(), Path::to_owned);
        let words = ["host", "--output", "pulseaudio:room", "--"].map(str::to_owned);
        self.start_host(setup.by, words.into_iter().chain([playlist.display().to_string()]))?;
        self.order("start")?;
        self.until(Instant::now(), "the session begins", |status| status.session.transport != Transport::Ready)
            .map(drop)
    }

    /// Starts a session process with this command line, and waits until it answers.
    pub(super) fn start_host(&mut self, by: &[&str], words: impl Iterator<Item = String>) -> Result<(), Trouble> {
        let program = self.bench.program.display().to_string();
        let mut line = by.iter().map(|word| (*word).to_owned()).chain([program]).chain(words);
        let mut command = self.command(&line.next().unwrap_or_default());
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        self.host = Some(command.args(line).stdout(Stdio::null()).stderr(log).spawn()?);
        self.bench.wait(Instant::now(), "the session process answers", || self.status_now().is_some())?;
        Ok(())
    }

    /// What the session process says for developers.
    pub(super) fn log(&self) -> PathBuf {
        self.home.join("host.log")
    }

    /// Where the program keeps its things here.
    pub(super) fn paths(&self) -> Paths {
        Paths::under(&self.home)
    }

    /// A command in this rig's world.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.env("UNDERTONE_HOME", &self.home).env("HOME", &self.home).env("XDG_RUNTIME_DIR", &self.home);
        command.env("PULSE_SERVER", format!("unix:{}", server::socket(&self.home).display()));
        command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color").stdin(Stdio::null());
        if !self.sabotage.is_empty() {
            command.env(SABOTAGE, &self.sabotage);
        }
        command
    }

    /// Runs the program to its end.
    pub(super) fn undertone(&self, words: &[&str]) -> Result<Output, Trouble> {
        Ok(self.command(&self.bench.program.display().to_string()).args(words).output()?)
    }

    /// The panel in a terminal of 80 by 24.
    pub(super) fn panel(&self, words: &[&str]) -> Result<Desk<'b>, Trouble> {
        let mut command = self.command(&self.bench.program.display().to_string());
        command.args(words);
        Desk::open(self.bench, command)
    }

    /// Asks the server something; what it prints.
    pub(super) fn pactl(&self, words: &[&str]) -> Result<String, Trouble> {
        let answer = self.command("pactl").args(words).output()?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if answer.status.success() {
            Ok(said(&answer.stdout))
        } else {
            Err(Trouble::Failed(format!("pactl {words:?}: {}", said(&answer.stderr))))
        }
    }

    /// Unplugs a sink.
    pub(super) fn unplug(&self, sink: &str) -> Result<(), Trouble> {
        let modules = self.pactl(&["list", "short", "modules"])?;
        let named = format!("sink_name={sink} ");
        let module = modules.lines().find(|line| line.contains(&named)).and_then(|line| line.split_whitespace().next());
        self.pactl(&["unload-module", module.ok_or_else(|| Trouble::failed(format!("there is no sink {sink}")))?])?;
        Ok(())
    }

    /// Plugs a sink in.
    pub(super) fn plug_in(&self, sink: &str) -> Result<(), Trouble> {
        self.plug_in_with(&server::sink(sink))
    }

    /// Plugs a sink in that is described by these arguments.
    pub(super) fn plug_in_with(&self, arguments: &str) -> Result<(), Trouble> {
        let words: Vec<&str> = ["load-module", "module-null-sink"].into_iter().chain(arguments.split(' ')).collect();
        self.pactl(&words).map(drop)
    }

    /// The number of our stream in the server.
    pub(super) fn stream(&self) -> Result<String, Trouble> {
        let streams = self.pactl(&["list", "short", "sink-inputs"])?;
        let number = streams.split_whitespace().next().map(str::to_owned);
        number.ok_or_else(|| Trouble::failed("the server knows of no stream"))
    }

    pub(super) fn until_the_server_answers(&self) -> Result<Duration, Trouble> {
        let since = Instant::now();
        self.bench.wait(since, "the sound server answers", || self.pactl(&["info"]).is_ok())
    }

    /// The session's state, if it answers.
    pub(super) fn status_now(&self) -> Option<Status> {
        match self.ask(&Request::Status)? {
            Update::Status(status) => Some(*status),
            _ => None,
        }
    }

    /// The session's state.
    pub(super) fn status(&self) -> Result<Status, Trouble> {
        self.status_now().ok_or_else(|| Trouble::failed("the session process does not answer"))
    }

    /// Waits until the session's state is as asked; how long that took since `since`.
    pub(super) fn until(
        &self,
        since: Instant,
        what: &str,
        is_so: impl Fn(&Status) -> bool,
    ) -> Result<Duration, Trouble> {
        self.bench.wait(since, what, || {
            std::thread::sleep(ASK_EVERY);
            self.status_now().is_some_and(|status| is_so(&status))
        })
    }

    /// Gives a verb, as it is written in scripts, and waits until it is acknowledged.
    pub(super) fn verb(&self, text: &str) -> Result<(), Trouble> {
        let verb: Verb = text.parse().map_err(|error| Trouble::Failed(format!("{text}: {error}")))?;
        match self.ask(&Request::Verb { verb, source: Source::Ctl }) {
            Some(Update::Done) => Ok(()),
            answer => Err(Trouble::Failed(format!("{text}: {answer:?}"))),
        }
    }

    /// Gives a verb and does not wait for its answer.
    pub(super) fn order(&self, text: &str) -> Result<(), Trouble> {
        let verb: Verb = text.parse().map_err(|error| Trouble::Failed(format!("{text}: {error}")))?;
        // On a connection of its own: its answer is nobody else's.
        let asked = Client::connect(&self.paths().socket())
            .and_then(|client| client.requests().send(&Request::Verb { verb, source: Source::Ctl }));
        asked.map_err(|error| Trouble::Failed(format!("{text}: {error}")))
    }

    fn ask(&self, request: &Request) -> Option<Update> {
        let mut client = self.client.borrow_mut();
        if let Some(answer) = client.as_ref().and_then(|client| client.ask(request).ok()) {
            return Some(answer);
        }
        // None yet, or the process that it led to is gone.
        *client = Client::connect(&self.paths().socket()).ok();
        client.as_ref()?.ask(request).ok()
    }

    /// The session process that answers, by its number.
    pub(super) fn host_pid(&self) -> Result<u32, Trouble> {
        let ours = format!("UNDERTONE_HOME={}", self.home.display());
        let is_host = |pid: &u32| {
            let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
            let environment = read("environ").split(|byte| *byte == 0).any(|entry| entry == ours.as_bytes());
            environment && read("cmdline").split(|byte| *byte == 0).nth(1) == Some(b"host")
        };
        let mut numbers =
            std::fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers.find(is_host).ok_or_else(|| Trouble::failed("there is no session process"))
    }
}

/// Sends a signal to processes or threads, by the shell's own command.
pub(super) fn signal(name: &str, numbers: &[u32]) -> Result<(), Trouble> {
    let line: Vec<String> = numbers.iter().map(u32::to_string).collect();
    // One that has ended meanwhile is none the worse.
    Command::new("sh").args(["-c", &format!("kill -s {name} {}", line.join(" "))]).stderr(Stdio::null()).status()?;
    Ok(())
}

impl Drop for Rig<'_> {
    fn drop(&mut self) {
        while let Ok(pid) = self.host_pid() {
            if signal("KILL", &[pid]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Some(mut host) = self.host.take() {
            // It is dead already; this only clears it away.
            let _ = host.kill();
            let _ = host.wait();
        }
    }
}
