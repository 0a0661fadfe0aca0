//! `undertone devices`: the sound outputs of this machine, and how long a key takes to be heard there.

use std::process::ExitCode;
use std::thread;

use super::failure::{Failure, say};
use super::library;
use crate::audio::{self, DeviceInfo};
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
    say!("No real-time priority is asked for: with this buffer it made nothing better where that was measured, and")?;
    say!("through ALSA's own plugins worse.")?;
    Ok(ExitCode::SUCCESS)
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
