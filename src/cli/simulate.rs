//! `undertone simulate`: a whole session in virtual time.

use std::path::Path;
use std::process::ExitCode;

use super::args::SimulateArgs;
use super::failure::{Failure, WRONG, say};
use super::{library, progress};
use crate::host::script::Script;
use crate::host::simulate::{Outcome, Run, run as simulate};
use crate::media::FileSink;
use crate::playlist::Loaded;

/// The seed when none is given: two runs of one command agree.
pub(super) const SEED: u64 = 1;

pub(super) fn run(arguments: &SimulateArgs) -> Result<ExitCode, Failure> {
    let script = read_script(&arguments.script)?;
    let paths = library::paths()?;
    let (_, loaded) = library::ready(&paths, &arguments.playlist)?;
    let seed = arguments.playlist.seed.unwrap_or(SEED);
    let outcome = match &arguments.audio {
        Some(file) => into_file(&loaded, seed, &script, file)?,
        None => simulate(Run { loaded: &loaded, seed, script: &script, sink: None, progress: &mut |_| {} }),
    };
    if let Some(file) = &arguments.journal {
        std::fs::write(file, &outcome.journal).map_err(|error| {
            Failure::could_not(format!("the journal cannot be written to {}: {error}", library::shown(file)))
        })?;
    }
    tell(&arguments.script, &outcome)
}

pub(super) fn read_script(file: &Path) -> Result<Script, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::could_not(format!("the script {} cannot be read: {error}", library::shown(file))))?;
    Script::read(&text).map_err(|errors| Failure::could_not(format!("{}:\n{errors}", library::shown(file))))
}

/// Runs a session into a sound file, with a progress bar.
pub(super) fn into_file(loaded: &Loaded, seed: u64, script: &Script, file: &Path) -> Result<Outcome, Failure> {
    let mut sink = FileSink::create(file).map_err(Failure::could_not)?;
    let bar = progress::bar(0, "rendering");
    let mut failed = None;
    let outcome = simulate(Run {
        loaded,
        seed,
        script,
        sink: Some(&mut |samples| {
            if failed.is_none() {
                failed = sink.write(samples).err();
            }
        }),
        progress: &mut |seen| {
            if let Some(ends) = seen.ends {
                bar.set_length(ends.since_start().millis().unsigned_abs() / 1000);
            }
            bar.set_position(seen.at.since_start().millis().unsigned_abs() / 1000);
        },
    });
    bar.finish_and_clear();
    match failed {
        Some(error) => Err(Failure::could_not(error)),
        None => sink.finish().map(|()| outcome).map_err(Failure::could_not),
    }
}

/// Says what came of it.
pub(super) fn tell(script: &Path, outcome: &Outcome) -> Result<ExitCode, Failure> {
    complain(script, outcome);
    say!("ended at {}; {} records", outcome.ended, outcome.journal.iter().filter(|byte| **byte == b'\n').count())?;
    Ok(if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

/// Says which lines were refused, and which are not as expected.
pub(super) fn complain(script: &Path, outcome: &Outcome) {
    let name = library::shown(script);
    for (line, why) in &outcome.refused {
        eprintln!("{name}:{line}: refused: {why}");
    }
    for (line, found) in &outcome.failed {
        eprintln!("{name}:{line}: not as expected; it is: {found}");
    }
}
