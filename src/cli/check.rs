//! `undertone check`: everything that is wrong with playlists, at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::{CheckArgs, Format, PlaylistArgs};
use super::failure::{Failure, WRONG, say};
use super::library;
use crate::platform::Paths;
use crate::playlist::{self, Code, Diagnostic, Severity};

pub(super) fn run(arguments: &CheckArgs) -> Result<ExitCode, Failure> {
    if arguments.codes {
        return codes(arguments.format);
    }
    let paths = library::paths()?;
    let mut findings = Vec::new();
    let files = playlists(&arguments.paths)?;
    for file in &files {
        findings.extend(check(&paths, file));
    }
    match arguments.format {
        Format::Json => say!("{}", serde_json::to_string_pretty(&findings).map_err(Failure::could_not)?)?,
        Format::Text if findings.is_empty() => say!("{} checked: nothing to mend", count(files.len()))?,
        Format::Text => say!("{}\n{}", playlist::draw(&findings), summary(files.len(), &findings))?,
    }
    let clean = playlist::gravest(&findings) != Some(Severity::Error);
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

/// Every code there is.
fn codes(format: Format) -> Result<ExitCode, Failure> {
    let row = |code: &Code| json!({ "code": code.text(), "severity": code.grade().word(), "meaning": code.meaning() });
    match format {
        Format::Json => {
            let rows: Vec<_> = Code::ALL.iter().map(row).collect();
            say!("{}", serde_json::to_string_pretty(&rows).map_err(Failure::could_not)?)?;
        }
        Format::Text => {
            for code in Code::ALL {
                say!("{}  {:<7}  {}", code.text(), code.grade().word(), code.meaning())?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with one.
fn check(paths: &Paths, file: &Path) -> Vec<Diagnostic> {
    let arguments = PlaylistArgs { playlist: file.to_owned(), ..PlaylistArgs::default() };
    library::load(paths, file, &library::options(paths, &arguments)).1
}

fn playlists(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            let found = library::in_folder(path);
            if found.is_empty() {
                return Err(Failure::could_not(format!("{} has no playlists (*.toml) in it", library::shown(path))));
            }
            files.extend(found);
        } else {
            files.push(library::find(path)?);
        }
    }
    Ok(files)
}

fn count(playlists: usize) -> String {
    format!("{playlists} playlist{}", if playlists == 1 { "" } else { "s" })
}

fn summary(files: usize, findings: &[Diagnostic]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    format!("{} checked: {errors} to mend, {} to know of", count(files), findings.len() - errors)
}
