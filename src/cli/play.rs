//! `undertone`, `undertone play` and `undertone demo`: the panel and the host behind it.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use super::args::{PlayArgs, PlaylistArgs};
use super::bridge::{Bridge, Opening, resumed_host};
use super::failure::{Failure, say};
use super::{cards, host, library, settings};
use crate::host::live::this_boot;
use crate::panel::{self, Exit, Link, LinkEvent, Setup, Start};
use crate::platform::{self, Paths, Signal};
use crate::record::{self, BrokenOff, Comeback, WallTime};
use crate::units::SafeText;
use crate::wire::Client;

/// How long a panel that is left waits for its host to go.
const FAREWELL: Duration = Duration::from_secs(3);

/// Straight to the panel.
pub(super) fn play(arguments: &PlayArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    nobody_plays(&paths)?;
    can_be_left(&paths, arguments.kiosk)?;
    if arguments.headless {
        return host::headless(arguments);
    }
    // Whatever is wrong with the playlist is said here, in the terminal, not behind the panel.
    library::settings(&paths)?;
    let (file, _) = library::ready(&paths, &arguments.playlist)?;
    let opening =
        Opening { host: host_arguments(arguments, &file.into()), starts: true, resume: None, preflight: None };
    show(paths, Start::Session, Some(opening), arguments.kiosk)
}

/// The built-in session, hurried.
pub(super) fn demo(speed: u32) -> Result<ExitCode, Failure> {
    let playlist = PlaylistArgs { playlist: "low-tide".into(), ..PlaylistArgs::default() };
    play(&PlayArgs { playlist, output: None, headless: false, kiosk: false, speed: Some(speed) })
}

/// The running session, or the playlists.
pub(super) fn pick(kiosk: bool) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    can_be_left(&paths, kiosk)?;
    if Client::connect(&paths.socket()).is_ok() {
        return show(paths, Start::Session, None, kiosk);
    }
    if let Some(opening) = broken_off(&paths) {
        return show(paths, Start::Session, Some(opening), kiosk);
    }
    let start = Start::Pick(cards::sketches(&paths));
    show(paths, start, None, kiosk)
}

/// A session that broke off a short while ago: it goes on by itself after a moment, by one key later.
fn broken_off(paths: &Paths) -> Option<Opening> {
    let (boot, wall) = (this_boot(), WallTime::now());
    // The latest by its label, which is only as right as the wall clock was: one that has ended hides none that has not.
    let open = record::sessions(&paths.sessions()).ok()?.into_iter().filter(|past| !past.ended);
    let mut comebacks = open.filter_map(|past| {
        let broken_off = BrokenOff::read(&paths.sessions(), &past.code).ok()?;
        let comeback = broken_off.comeback(boot.as_ref(), wall);
        (comeback != Comeback::Never).then_some((past, comeback))
    });
    let (last, comeback) = comebacks.next()?;
    let title = last.title?;
    match comeback {
        Comeback::Never => return None,
        Comeback::ByItself(now) => {
            say!("{title}, session {}, broke off a moment ago; it goes on at {now}, softly.", last.code).ok()?;
        }
        Comeback::Ask { was, now } => {
            say!("{title}, session {}, broke off at {was}.", last.code).ok()?;
            say!("Enter: go on at {now}, softly.   n and Enter: no, leave it.").ok()?;
            let mut answer = String::new();
            std::io::stdin().read_line(&mut answer).ok().filter(|read| *read > 0 && answer.trim().is_empty())?;
        }
    }
    let code = SafeText::new(&last.code);
    let host = resumed_host(paths, &code)?;
    Some(Opening { host, starts: false, resume: Some(code), preflight: None })
}

/// A kiosk without a PIN could never be left.
fn can_be_left(paths: &Paths, kiosk: bool) -> Result<(), Failure> {
    match kiosk && !super::kiosk::pin(paths).is_set() {
        true => {
            Err(Failure::could_not("a kiosk needs a PIN, or nobody could leave it; set one first: undertone kiosk pin"))
        }
        false => Ok(()),
    }
}

/// Refuses to sound beside a session.
pub(super) fn nobody_plays(paths: &Paths) -> Result<(), Failure> {
    match Client::connect(&paths.socket()) {
        Ok(_) => Err(Failure::could_not(
            "a session is running on this machine already; `undertone` shows it. Nothing was started",
        )),
        Err(_) => Ok(()),
    }
}

/// The host's command line for these choices.
pub(super) fn host_arguments(arguments: &PlayArgs, file: &OsString) -> Vec<OsString> {
    let mut line: Vec<OsString> = vec!["host".into()];
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            line.push(format!("{name}={value}").into());
        }
    };
    let playlist = &arguments.playlist;
    option("--route", playlist.route.clone());
    option("--infusion", playlist.infusion.map(|span| span.to_string()));
    option("--seed", playlist.seed.map(|seed| seed.to_string()));
    option("--output", arguments.output.clone());
    option("--speed", arguments.speed.map(|speed| speed.to_string()));
    for tag in &playlist.exclude {
        option("--exclude", Some(tag.clone()));
    }
    line.extend(["--".into(), file.clone()]);
    line
}

/// Runs the panel; the session outlives it unless it is over or was never begun.
fn show(paths: Paths, start: Start, opening: Option<Opening>, kiosk: bool) -> Result<ExitCode, Failure> {
    let (orders, ordered) = channel();
    let (events, told) = channel();
    let attach = start == Start::Session;
    let mut setup = Setup::for_terminal(start, |name| std::env::var(name).ok());
    setup.kiosk = kiosk;
    setup.routes = cards::routes(&paths);
    let clinic = library::settings(&paths)?;
    setup.outputs = crate::host::Outputs::names(&clinic);
    settings::set_up(&mut setup, &clinic.screen)?;
    pass_signals_on(events.clone())?;
    let log = paths.log.clone();
    let bridge = Bridge::open(paths, opening, attach, ordered, events)?;
    let exit = {
        // Whatever the system's sound libraries write must not land on the screen.
        let _quiet = platform::quiet_stderr(&log)
            .map_err(|error| Failure::could_not(format!("the log {} cannot be written: {error}", log.display())))?;
        panel::run(Link { orders, events: told }, setup)
    };
    match exit.map_err(Failure::could_not)? {
        Exit::Quit => bridge.leave(FAREWELL),
        Exit::Detached => say!("The session goes on; `undertone` shows it again.")?,
        Exit::Terminated | Exit::TerminalLost => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn pass_signals_on(events: Sender<LinkEvent>) -> Result<(), Failure> {
    let heard = move |signal| {
        let event = match signal {
            Signal::Hangup => LinkEvent::Hangup,
            Signal::Terminate => LinkEvent::Terminate,
            Signal::Continue => LinkEvent::Repaint,
            // Asked from outside (`kill -INT`, `-QUIT`, `-TSTP`): what keys of a terminal would ask. A panel neither ends nor
            // stops by them.
            _ => return,
        };
        // A panel that is gone needs no signal.
        let _ = events.send(event);
    };
    let watched = [Signal::Hangup, Signal::Terminate, Signal::Continue, Signal::Interrupt, Signal::Quit, Signal::Stop];
    platform::watch(&watched, heard).map_err(|error| Failure::could_not(format!("signals cannot be watched: {error}")))
}
