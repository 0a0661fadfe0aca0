//! `undertone doctor`: whether this machine is fit for a session, each thing with what to do about it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::args::PlaylistArgs;
use super::failure::{Failure, WRONG, say};
use super::preflight::{self, Found};
use super::{devices, library};
use crate::audio;
use crate::panel::{ItemState, PreflightItem};
use crate::platform::{self, Paths};
use crate::record;
use crate::units::Span;

#[derive(Args)]
pub(super) struct DoctorArgs {
    /// Look at this playlist's music too
    playlist: Option<PathBuf>,
}

pub(super) fn run(arguments: DoctorArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let playlist = arguments.playlist.map(|playlist| PlaylistArgs { playlist, ..PlaylistArgs::default() });
    eprintln!("looking, and measuring with silence ...");
    let items = library::quietly(&paths, || {
        let mut items = preflight::look_once(&paths, playlist.as_ref());
        items.extend([
            preflight::item("latency", latency(&paths)),
            preflight::item("priority", devices::priority()),
            preflight::item("server", server()),
            preflight::item("last", last(&paths)),
        ]);
        items
    });
    tell(&items)
}

/// Prints each thing with what to do; the exit code says whether anything is bad.
pub(super) fn tell(items: &[PreflightItem]) -> Result<ExitCode, Failure> {
    for item in items {
        let state = match item.state {
            ItemState::Good => "good",
            ItemState::Caution | ItemState::Checking => "look",
            ItemState::Bad => "bad",
        };
        say!("{state:<5} {:<8} {}", item.name, item.text)?;
        if let Some(fix) = &item.fix {
            say!("               {fix}")?;
        }
    }
    let bad = items.iter().any(|item| item.state == ItemState::Bad);
    Ok(if bad { ExitCode::from(WRONG) } else { ExitCode::SUCCESS })
}

/// A key that is heard later than this is not obeyed "at once" any more.
const LATE: Span = Span::from_millis(200);

fn latency(paths: &Paths) -> Found {
    let devices = audio::devices();
    let settings = library::settings(paths).unwrap_or_default();
    let first = settings.outputs.first();
    let is_first = |device: &&audio::DeviceInfo| match first {
        Some(output) => output.is_device(&device.id, device.name.as_str()),
        None => device.default,
    };
    let device = devices.iter().find(is_first).or(devices.first().filter(|_| first.is_none()));
    match device.and_then(audio::measure_latency) {
        Some(latency) if latency > LATE => {
            let text = format!("a key is heard after {} ms", latency.millis());
            (ItemState::Caution, text, Some("Prefer an output with a cable; Bluetooth is always late."))
        }
        Some(latency) => (ItemState::Good, format!("a key is heard after {} ms", latency.millis()), None),
        None => (
            ItemState::Caution,
            "not known: the output took no sound just now".into(),
            Some("See to the output first."),
        ),
    }
}

/// Whether it can be checked that the sound goes where it is shown to go.
fn server() -> Found {
    match platform::look(std::process::id()) {
        Ok(_) => (ItemState::Good, "the sound server says where the sound goes".into(), None),
        Err(unknown) => {
            let fix = "Without that the panel can show the level only, not where the sound goes.";
            (ItemState::Caution, unknown.to_string(), Some(fix))
        }
    }
}

fn last(paths: &Paths) -> Found {
    let sessions = record::sessions(&paths.sessions()).unwrap_or_default();
    match sessions.first().filter(|past| past.title.is_some()) {
        Some(past) if !past.ended => {
            let text = format!("session {} is running, or broke off", past.code);
            (ItemState::Caution, text, Some("`undertone` shows it, or tells where it broke off."))
        }
        Some(_) => (ItemState::Good, "the last session came to its end".into(), None),
        None => (ItemState::Good, "there was no session yet".into(), None),
    }
}
