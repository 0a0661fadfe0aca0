//! `undertone devices`: the sound outputs of this machine, and how long a key takes to be heard there.

use std::process::ExitCode;
use std::thread;

use super::failure::{Failure, say};
use super::library;
use super::preflight::Found;
use crate::audio::{self, DeviceInfo};
use crate::panel::ItemState;
use crate::platform::{self, Priority};
use crate::playlist::{Lost, Output, Settings};
use crate::units::{SafeText, Span};

pub(super) fn run() -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let settings = library::settings(&paths)?;
    let devices = library::quietly(&paths, audio::devices);
    if devices.is_empty() {
        say!("no sound output was found; connect one, or check that the sound server runs")?;
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("measuring, with silence ...");
    let measured = library::quietly(&paths, || measure(&devices));
    for (device, latency) in devices.iter().zip(measured) {
        show(device, latency, &settings)?;
    }
    let frames = audio::Settings::default().buffer_frames;
    say!("\n* is the system's own choice. Choose another with --output and its name.")?;
    say!("The latency is from a key to its sound, with the buffer of {frames} frames that is always asked for;")?;
    say!("the buffer grows by itself, and that is said, when the machine is late again and again.")?;
    let (_, found, fix) = priority();
    say!("Priority: {found}.")?;
    if let Some(fix) = fix {
        say!("{fix}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the sound runs before other programs, through a sound server.
pub(super) fn priority() -> Found {
    // On a thread of its own: this one stays as it is.
    match thread::spawn(|| platform::take_priority(Priority::RealTime)).join() {
        Ok(Ok(())) => (ItemState::Good, "the sound runs before other programs".into(), None),
        Ok(Err(why)) if cfg!(target_os = "linux") => {
            let fix = "Write the line `@audio - rtprio 20` into /etc/security/limits.d/undertone.conf, add the user to the \
                       group audio, and log in again.";
            (ItemState::Caution, format!("{why}; a busy machine may interrupt it"), Some(fix))
        }
        Ok(Err(why)) => (ItemState::Good, why.to_string(), None),
        Err(_) => (ItemState::Caution, "not known: asking for it failed".into(), None),
    }
}

/// All at once: each takes seconds.
fn measure(devices: &[DeviceInfo]) -> Vec<Option<Span>> {
    thread::scope(|scope| {
        let each: Vec<_> = devices.iter().map(|device| scope.spawn(|| audio::measure_latency(device))).collect();
        each.into_iter().map(|one| one.join().unwrap_or(None)).collect()
    })
}

fn show(device: &DeviceInfo, latency: Option<Span>, settings: &Settings) -> Result<(), Failure> {
    let mark = if device.default { "*" } else { " " };
    say!("{mark} {}\n    {}", device.name, SafeText::new(&device.id))?;
    match latency {
        Some(latency) => say!("    latency {} ms, measured", latency.millis())?,
        None => say!("    latency not known: it took no sound just now")?,
    }
    let is_it = |output: &&Output| output.is_device(&device.id, device.name.as_str());
    for output in settings.outputs.iter().filter(is_it) {
        let lost = match &output.lost {
            Lost::Hold => "hold".to_owned(),
            Lost::Speaker { name, gain } => format!("{name} at {gain}"),
        };
        say!("    called {} in the settings: gain {}, when lost: {lost}", output.name, output.gain)?;
    }
    Ok(())
}
