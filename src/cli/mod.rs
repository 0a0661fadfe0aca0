//! The command line: one file per command; errors end here, as a sentence and an exit code.
//!
//! *Invariant:* the only folder that prints. Exit codes: 0 done, 1 done and something is wrong (findings, a failed
//! expectation, a refused verb), 2 could not be done.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod analyze;
mod args;
mod audition;
mod bridge;
mod cards;
mod changes;
mod check;
mod ctl;
mod devices;
mod doctor;
mod exchange;
mod failure;
mod host;
mod kiosk;
mod library;
mod new;
mod pack;
mod papers;
mod plan;
mod play;
mod preflight;
mod progress;
mod relink;
mod render;
mod routes;
#[cfg(target_os = "linux")]
mod selftest;
mod sessions;
mod settings;
mod shells;
mod simulate;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
use failure::Failure;

/// Runs the program; what it returns is the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no failures; clap's own sentences name the nearest valid word.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(failure::COULD_NOT) } else { ExitCode::SUCCESS };
        }
    };
    match run(arguments.command) {
        Ok(code) => code,
        Err(failure) if failure.is_unheard() => failure.exit_code(),
        Err(failure) => {
            eprintln!("undertone: {failure}");
            failure.exit_code()
        }
    }
}

fn run(command: Option<Command>) -> Result<ExitCode, Failure> {
    match command {
        None => play::pick(false),
        Some(Command::Play(arguments)) => play::play(&arguments),
        Some(Command::Demo { speed }) => play::demo(speed),
        Some(Command::Check(arguments)) => check::run(&arguments),
        Some(Command::Plan(arguments)) => plan::run(&arguments),
        Some(Command::Watch(arguments)) => watch::run(&arguments),
        Some(Command::Analyze { paths }) => analyze::run(&paths),
        Some(Command::New(arguments)) => new::run(&arguments),
        Some(Command::Import(arguments)) => exchange::import(&arguments),
        Some(Command::Export(arguments)) => exchange::export(&arguments),
        Some(Command::Relink(arguments)) => relink::run(&arguments),
        Some(Command::Pack(arguments)) => pack::pack(&arguments),
        Some(Command::Unpack(arguments)) => pack::unpack(&arguments),
        Some(Command::Audition(arguments)) => audition::run(&arguments),
        Some(Command::Render(arguments)) => render::run(&arguments),
        Some(Command::Simulate(arguments)) => simulate::run(&arguments),
        Some(Command::Ctl { words }) => ctl::run(&words),
        Some(Command::Devices) => devices::run(),
        Some(Command::Doctor(arguments)) => doctor::run(arguments),
        Some(Command::Routes) => routes::run(),
        Some(Command::Sessions { action }) => sessions::run(action),
        Some(Command::Schema) => papers::schema(),
        Some(Command::Guide) => papers::guide(),
        Some(Command::Completions { shell }) => shells::completions(shell),
        Some(Command::Man) => shells::manual(),
        #[cfg(target_os = "linux")]
        Some(Command::Selftest(arguments)) => selftest::run(&arguments),
        Some(Command::Kiosk { action }) => kiosk::run(action.as_ref()),
        Some(Command::Host(arguments)) => host::run(&arguments),
    }
}
