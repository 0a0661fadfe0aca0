//! `undertone host`: the session process, started by the other commands; and `play --headless` in the foreground.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::{HostArgs, PlayArgs, PlaylistArgs};
use super::failure::Failure;
use super::library;
use crate::host::live::{Booking, Resume, serve, this_boot};
use crate::host::{Outputs, SABOTAGE};
use crate::platform::{self, Boottime, HostLock, Paths};
use crate::playlist::{self, Kept, Loaded, Settings};
use crate::record::{self, BrokenOff, Journal, Manifest, Options, RecordError, WallTime, Way, new_code};
use crate::session::{Input, Report, Verb};
use crate::units::{SafeText, SessionTime};

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
    let (file, loaded) = match resume.and_then(|code| kept(&paths, code, &arguments.playlist)) {
        Some(kept) => kept,
        None => library::ready(&paths, &arguments.playlist)?,
    };
    let (manifest, journal, resume) = match resume {
        Some(code) => broken_off(&paths.sessions(), code)?,
        None => begun(&paths.sessions(), &file, arguments, &loaded.kept)?,
    };
    let settings = library::settings(&paths)?;
    let media_keys = settings.media_keys;
    let outputs = outputs(settings, arguments.output.as_deref(), resume.as_ref(), &manifest.way)?;
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

/// The outputs to begin with. A session that broke off goes on where the therapist last wanted it; where the system had chosen,
/// on what it had chosen then, whatever it would choose now.
fn outputs(settings: Settings, begun: Option<&str>, resume: Option<&Resume>, way: &Way) -> Result<Outputs, Failure> {
    let stands = |name: &str| Outputs::begin(settings.clone(), Some(name)).is_ok();
    let chosen = resume.and_then(|resume| last_chosen(&resume.inputs, stands)).or(begun);
    let by_system = chosen.is_none_or(|name| name == Outputs::DEFAULT);
    let name = way.device.as_deref().filter(|_| by_system).or(chosen);
    Outputs::begin(settings, name).map_err(Failure::could_not)
}

/// The output that was last chosen by a verb and still stands for something. One that could not be opened does not count: the
/// sound had stayed where it was.
fn last_chosen(inputs: &[(SessionTime, Input)], stands: impl Fn(&str) -> bool) -> Option<&str> {
    let mut was_refused = false;
    for (_, input) in inputs.iter().rev() {
        match input {
            Input::Report(Report::Fault { what, .. }) if what.as_str() == Outputs::REFUSED => was_refused = true,
            Input::Verb(Verb::Output { name }, _) if !std::mem::take(&mut was_refused) && stands(name.as_str()) => {
                return Some(name.as_str());
            }
            _ => {}
        }
    }
    None
}

type Recorded = (Manifest, Journal, Option<Resume>);

/// A new session's manifest and journal.
fn begun(sessions: &Path, file: &Path, arguments: &PlayArgs, plays: &Kept) -> Result<Recorded, Failure> {
    let code = new_code();
    let journal = Journal::create(sessions, &code).map_err(Failure::could_not)?;
    // Without it a later host reads the playlist and looks for its music again.
    let kept = serde_json::to_vec(plays).map_err(RecordError::from);
    let kept = kept.and_then(|bytes| record::keep_playlist(sessions, &code, &bytes));
    kept.inspect_err(|why| tracing::warn!(%why, "kept playlist")).ok();
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
    let manifest = Manifest {
        code,
        version,
        playlist: file.to_owned(),
        options,
        began: WallTime::now(),
        boot: None,
        way: Way::default(),
    };
    Ok((manifest, journal, None))
}

/// What a session that broke off plays, as it was when that began: whatever is wrong with its files now.
fn kept(paths: &Paths, code: &str, arguments: &PlaylistArgs) -> Option<(PathBuf, Loaded)> {
    let bytes = record::kept_playlist(&paths.sessions(), code).ok()?;
    let kept: Kept = serde_json::from_slice(&bytes).inspect_err(|why| tracing::warn!(%why, "kept playlist")).ok()?;
    let file = arguments.playlist.clone();
    let loaded = kept.load(&file, &library::options(paths, arguments));
    let told = loaded.inspect_err(|findings| tracing::warn!("kept playlist: {}", playlist::draw(findings)));
    Some((file, told.ok()?))
}

/// A session that broke off, as its journal tells it.
fn broken_off(sessions: &Path, code: &str) -> Result<Recorded, Failure> {
    let broken_off = BrokenOff::read(sessions, code).map_err(Failure::could_not)?;
    let (journal, story) = Journal::resume(sessions, code).map_err(Failure::could_not)?;
    let (boot, at) = (this_boot(), Boottime::now());
    let now = broken_off.place(boot.as_ref(), WallTime::now());
    let resume = Resume { inputs: story.inputs().collect(), now, at, left_out: story.left_out.to_string() };
    Ok((broken_off.manifest, journal, Some(resume)))
}

/// Each session its own choices, repeatable from its code.
fn seed_of(code: &str) -> u64 {
    code.bytes().fold(0, |seed, byte| seed << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Source;

    #[test]
    fn a_session_goes_on_where_the_therapist_last_wanted_it_and_it_was_heard() {
        let verb = |text: &str| (SessionTime::ZERO, Input::Verb(text.parse().expect("a verb"), Source::Key));
        let refused = || {
            let report = Report::Fault { what: Outputs::REFUSED.into(), why: "it is not there".into() };
            (SessionTime::ZERO, Input::Report(report))
        };
        let inputs = [verb("output one"), verb("hold"), verb("output two"), refused(), verb("output three")];
        assert_eq!(last_chosen(&inputs, |_| true), Some("three"));
        assert_eq!(last_chosen(&inputs, |name| name != "three"), Some("one"), "two was refused");
        assert_eq!(last_chosen(&inputs[..4], |_| true), Some("one"));
        assert_eq!(last_chosen(&inputs[1..2], |_| true), None);
    }
}
