//! `undertone devices`: the sound outputs of this machine.

use std::process::ExitCode;

use super::failure::{Failure, say};
use crate::audio;
use crate::units::SafeText;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let devices = audio::devices();
    if devices.is_empty() {
        say!("no sound output was found; connect one, or check that the sound server runs")?;
        return Ok(ExitCode::SUCCESS);
    }
    for device in devices {
        let mark = if device.default { "*" } else { " " };
        say!("{mark} {}\n    {}", device.name, SafeText::new(&device.id))?;
    }
    say!("\n* is the system's own choice. Choose another with --output and its name.")?;
    Ok(ExitCode::SUCCESS)
}
