//! `undertone completions` and `undertone man`, for shells and packagers.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Arguments;
use super::failure::Failure;

pub(super) fn completions(shell: Shell) -> ExitCode {
    clap_complete::generate(shell, &mut Arguments::command(), "undertone", &mut std::io::stdout());
    ExitCode::SUCCESS
}

pub(super) fn manual() -> Result<ExitCode, Failure> {
    clap_mangen::Man::new(Arguments::command())
        .render(&mut std::io::stdout())
        .map_err(|error| Failure::could_not(format!("the manual page cannot be written: {error}")))?;
    Ok(ExitCode::SUCCESS)
}
