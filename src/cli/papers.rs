//! `undertone schema` and `undertone guide`: what a curator's editor and a curator read.

use std::process::ExitCode;

use super::failure::{Failure, print, say};
use crate::playlist;

pub(super) fn schema() -> Result<ExitCode, Failure> {
    say!("{}", serde_json::to_string_pretty(&playlist::json_schema()).map_err(Failure::could_not)?)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn guide() -> Result<ExitCode, Failure> {
    print(|out| out.write_all(include_bytes!("../../assets/guide.md"))).map(|()| ExitCode::SUCCESS)
}
