//! `undertone host`: the session process, started by the other commands; and `play --headless` in the foreground.

use std::path::Path;
use std::process::ExitCode;

use super::args::{HostArgs, PlayArgs};
use super::failure::Failure;
use super::library;
use crate::host::live::{Booking, Resume, serve};
use crate::host::{Outputs, SABOTAGE};
use crate::platform::{self, HostLock};
use crate::playlist::Settings;
use crate::record::{BrokenOff, Journal, Manifest, Options, WallTime, new_code};
use crate::session::{Input, Verb};
use crate::units::SafeText;

pub(super) fn run(arguments: &HostArgs) -> Result<ExitCode, Failure> {
    platform::become_session_leader().map_err(Failure::could_not)?;
    mask_signals()?;
    serve_session(&arguments.play, arguments.resume.as_deref(), Manner { headless: false, safe: arguments.safe })
}

/// A session without a panel.
pub(super) fn headless(arguments: &PlayArgs) -> Result<ExitCode, Failure> {
    mask_signals()?;
    serve_session(arguments, None, Manner { headless: true, safe: false })
}

/// Before any thread exists: a signal on the sound server's thread would end the sound.
fn mask_signals() -> Result<(), Failure> {
    platform::private_files();
    platform::block_all().map_err(|error| Failure::could_not(format!("signals cannot be masked: {error}")))
}

/// In which manner a session is served.
struct Manner {
    /// Without a panel, in the foreground.
    headless: bool,
    /// Nothing but the safe bed.
    safe: bool,
}

fn serve_session(arguments: &PlayArgs, resume: Option<&str>, manner: Manner) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let _lock = HostLock::take(&paths.lock()).map_err(Failure::could_not)?;
    // A host's stderr is the log file; without a panel it is the terminal.
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let (file, loaded) = library::ready(&paths, &arguments.playlist)?;
    let (manifest, journal, resume) = match resume {
        Some(code) => broken_off(&paths.sessions(), code)?,
        None => begun(&paths.sessions(), &file, arguments)?,
    };
    let settings = library::settings(&paths)?;
    let media_keys = settings.media_keys;
    let outputs = outputs(settings, arguments.output.as_deref(), resume.as_ref())?;
    let speed = manifest.options.speed.unwrap_or(1);
    let booking = Booking {
        loaded,
        seed: manifest.options.seed,
        outputs,
        manifest,
        sessions: paths.sessions(),
        journal,
        socket: paths.socket(),
        speed,
        headless: manner.headless,
        media_keys,
        safe: manner.safe,
        sabotage: std::env::var(SABOTAGE).unwrap_or_default(),
        resume,
    };
    serve(booking).map_err(Failure::could_not)?;
    Ok(ExitCode::SUCCESS)
}

/// The outputs to begin with; a session that broke off goes on where the therapist last wanted it.
fn outputs(settings: Settings, begun: Option<&str>, resume: Option<&Resume>) -> Result<Outputs, Failure> {
    let chosen = resume.into_iter().flat_map(|resume| resume.inputs.iter().rev()).find_map(|(_, input)| match input {
        Input::Verb(Verb::Output { name }, _) => Outputs::begin(settings.clone(), Some(name.as_str())).ok(),
        _ => None,
    });
    match chosen {
        Some(chosen) => Ok(chosen),
        None => Outputs::begin(settings, begun).map_err(Failure::could_not),
    }
}

type Recorded = (Manifest, Journal, Option<Resume>);

/// A new session's manifest and journal.
fn begun(sessions: &Path, file: &Path, arguments: &PlayArgs) -> Result<Recorded, Failure> {
    let code = new_code();
    let journal = Journal::create(sessions, &code).map_err(Failure::could_not)?;
    let playlist = &arguments.playlist;
    let options = Options {
        route: playlist.route.as_deref().map(SafeText::new),
        infusion: playlist.infusion,
        exclude: playlist.exclude.clone(),
        seed: playlist.seed.unwrap_or_else(|| seed_of(&code)),
        output: arguments.output.as_deref().map(SafeText::new),
        speed: arguments.speed,
    };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { code, version, playlist: file.to_owned(), options, began: WallTime::now(), boot: None };
    Ok((manifest, journal, None))
}

/// A session that broke off, as its journal tells it.
fn broken_off(sessions: &Path, code: &str) -> Result<Recorded, Failure> {
    let broken_off = BrokenOff::read(sessions, code).map_err(Failure::could_not)?;
    let (journal, story) = Journal::resume(sessions, code).map_err(Failure::could_not)?;
    let now = broken_off.place(library::this_boot().as_ref(), WallTime::now());
    let resume = Resume { inputs: story.inputs().collect(), now, left_out: story.left_out.to_string() };
    Ok((broken_off.manifest, journal, Some(resume)))
}

/// Each session its own choices, repeatable from its code.
fn seed_of(code: &str) -> u64 {
    code.bytes().fold(0, |seed, byte| seed << 8 | u64::from(byte))
}
