//! `undertone completions` and `undertone man`, for shells and packagers.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Arguments;
use super::failure::{Failure, print};

pub(super) fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "undertone", &mut text);
    print(|out| out.write_all(&text)).map(|()| ExitCode::SUCCESS)
}

pub(super) fn manual() -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut text).map_err(Failure::could_not)?;
    print(|out| out.write_all(&text)).map(|()| ExitCode::SUCCESS)
}
