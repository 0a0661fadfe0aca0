//! `undertone pack` and `undertone unpack`: a playlist with its music as one file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::failure::{Failure, WRONG, say};
use super::{library, progress};
use crate::curate::{self, Packed};
use crate::playlist::{self, Code, Diagnostic, Severity};

#[derive(Args)]
pub(super) struct PackArgs {
    /// A playlist file, or the name of a built-in one
    playlist: PathBuf,
    /// Where to write the archive, such as tide.tar
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(super) struct UnpackArgs {
    /// An archive made by `undertone pack`
    archive: PathBuf,
    /// Where to unpack it; a new folder is made there
    #[arg(default_value = ".")]
    folder: PathBuf,
}

pub(super) fn pack(arguments: &PackArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let file = library::find(&arguments.playlist)?;
    let options = library::options(&paths, &Default::default());
    let (_, findings) = library::load(&paths, &file, &options);
    let shown = library::shown(&file);
    if findings.iter().any(keeps_from_packing) {
        eprintln!("{}", playlist::draw(&findings));
        return Err(Failure::wrong(format!("{shown} has the errors above; mend them first. Nothing was packed")));
    }
    let named = library::named(&file, &options)?;
    let bar = progress::bar(named.files.len(), "packing");
    let told = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let packed = curate::pack(&named, &file, &arguments.output, arguments.force, &told);
    bar.finish_and_clear();
    let Packed { music, licences, rewritten } = packed.map_err(Failure::could_not)?;
    let archive = library::shown(&arguments.output);
    say!("{archive}: the playlist, {music} pieces of music, {licences} texts about licences, and a checksum of each")?;
    if rewritten > 0 {
        say!(
            "In the packed playlist {rewritten} paths are other ones: what lay outside its folder, or was called as another file."
        )?;
    }
    say!("Whether you may pass the music on, only its licences say.")?;
    Ok(ExitCode::SUCCESS)
}

/// How long an infusion takes is said when it is played.
fn keeps_from_packing(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error && finding.code != Code::Infusion
}

pub(super) fn unpack(arguments: &UnpackArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let bar = progress::bar(0, "unpacking");
    let told = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let unpacked = curate::unpack(&arguments.archive, &arguments.folder, &told);
    bar.finish_and_clear();
    let list =
        unpacked.map_err(|error| Failure::could_not(format!("{}: {error}", library::shown(&arguments.archive))))?;
    check(&paths, &list)
}

/// What came out is as it was packed; whether it can be played here too.
fn check(paths: &crate::platform::Paths, list: &Path) -> Result<ExitCode, Failure> {
    let (_, findings) = library::load(paths, list, &library::options(paths, &Default::default()));
    let shown = library::shown(list);
    if findings.iter().any(keeps_from_packing) {
        say!("{}\n{shown}: unpacked, every checksum is right; but it has the errors above", playlist::draw(&findings))?;
        return Ok(ExitCode::from(WRONG));
    }
    say!("{shown}: unpacked, every checksum is right, and nothing to mend")?;
    Ok(ExitCode::SUCCESS)
}
