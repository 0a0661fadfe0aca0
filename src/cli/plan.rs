//! `undertone plan`: the session as a picture, in the terminal and as SVG.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::args::PlaylistArgs;
use super::failure::{Failure, WRONG, print, say};
use super::{library, settings, simulate};
use crate::host::simulate::{Outcome, Run, run as act_out};
use crate::panel::{self, Setup, Sheet, Start};
use crate::picture::{self, Mark, Outline, Phase, Track};
use crate::platform::Paths;
use crate::playlist::{Loaded, Settings};
use crate::record::Story;
use crate::session::{ArcPhase, Forecast};
use crate::units::{SafeText, SessionTime};

/// As wide as a page that is no terminal.
const PAGE: u16 = 80;

#[derive(Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    playlist: PlaylistArgs,
    /// Draw what comes of this scenario script, against the plan
    #[arg(long, value_name = "SCRIPT")]
    script: Option<PathBuf>,
    /// Write the picture to this file too, as SVG for a browser or for paper
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub(super) fn run(arguments: &PlanArgs) -> Result<ExitCode, Failure> {
    let script =
        arguments.script.as_deref().map(|file| simulate::read_script(file).map(|script| (file, script))).transpose()?;
    let paths = library::paths()?;
    let (playlist, loaded, warnings) = library::playable(&paths, &arguments.playlist)?;
    let seed = arguments.playlist.seed.unwrap_or(simulate::SEED);
    let outcome = script.map(|(file, script)| {
        (file, act_out(Run { loaded: &loaded, seed, script: &script, sink: None, progress: &mut |_| {} }))
    });
    let came = outcome.as_ref().map(|(_, outcome)| what_came(outcome));
    let sheet = Sheet::of(&loaded.plan, seed, came.as_ref());
    show(&paths, &sheet)?;
    if !warnings.is_empty() {
        let name = SafeText::new(&playlist.to_string_lossy());
        eprintln!("{} to know of; undertone check {name} tells them.", warnings.len());
    }
    if let Some(file) = &arguments.svg {
        std::fs::write(file, picture::svg(&outline(&sheet))).map_err(|error| {
            Failure::could_not(format!("the picture cannot be written to {}: {error}", library::shown(file)))
        })?;
        say!("The picture is in {}.", SafeText::new(&file.to_string_lossy()))?;
    }
    let Some((file, outcome)) = outcome else { return Ok(ExitCode::SUCCESS) };
    simulate::complain(file, &outcome);
    Ok(if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}

/// What a simulated session was, in the shape of a forecast.
fn what_came(outcome: &Outcome) -> Forecast {
    let records = Story::of_bytes(&outcome.journal).records;
    Forecast {
        records: records.into_iter().map(|record| (record.t, record.event)).collect(),
        arc: outcome.seen.last().map(|snapshot| snapshot.arc.clone()).unwrap_or_default(),
    }
}

/// Prints a plan as wide as the terminal, in its colours; plain where there is none.
fn show(paths: &Paths, sheet: &Sheet) -> Result<(), Failure> {
    let styled = std::io::stdout().is_terminal();
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = if styled { panel::columns() } else { asked };
    let text = panel::print_plan(sheet, &look(paths), columns.unwrap_or(PAGE), styled);
    print(|out| out.write_all(text.as_bytes()))
}

/// The terminal's colours and characters, in the clinic's theme; settings with errors change nothing here.
pub(super) fn look(paths: &Paths) -> Setup {
    let usual = || Setup::for_terminal(Start::Session, |name| std::env::var(name).ok());
    let mut setup = usual();
    let clinic = Settings::read(&Settings::file(&paths.settings));
    match clinic.map(|clinic| settings::set_up(&mut setup, &clinic.screen)) {
        Ok(Ok(())) => setup,
        _ => usual(),
    }
}

/// A playlist's plan, laid out as `plan` does without a script.
pub(super) fn lay_out(loaded: &Loaded, seed: Option<u64>) -> Sheet {
    Sheet::of(&loaded.plan, seed.unwrap_or(simulate::SEED), None)
}

/// The sheet in plain minutes.
fn outline(sheet: &Sheet) -> Outline {
    let moved = sheet.arc != sheet.planned_arc;
    let arc = sheet.arc.iter().zip(&sheet.phases);
    let phases = arc.filter_map(|(phase, row)| {
        let spare = row.spare.pieces;
        let endless = if row.spare.endless { ", endless" } else { "" };
        let note = format!("{} piece{}, {spare} spare{endless}", row.pieces, if row.pieces == 1 { "" } else { "s" });
        Some(Phase { note: SafeText::new(&note), ..drawn(phase)? })
    });
    let track = |piece: &panel::PieceRow| Track {
        title: piece.title.clone(),
        from: minutes(piece.begins),
        to: minutes(piece.ends),
        exits: piece.exits.iter().copied().map(minutes).collect(),
    };
    Outline {
        title: SafeText::new(&format!("{}, route {}", sheet.title, sheet.route)),
        zero: sheet.dose.map(minutes),
        phases: phases.collect(),
        planned: if moved { sheet.planned_arc.iter().filter_map(drawn).collect() } else { Vec::new() },
        tracks: sheet.pieces.iter().map(track).collect(),
        marks: sheet.marks.iter().map(|(at, label)| Mark { at: minutes(*at), label: label.clone() }).collect(),
    }
}

/// A phase that has a place in time.
fn drawn(phase: &ArcPhase) -> Option<Phase> {
    Some(Phase {
        title: phase.title.clone(),
        note: SafeText::default(),
        from: minutes(phase.begins?),
        to: minutes(phase.ends?),
        intensity: (f64::from(phase.intensity.0), f64::from(phase.intensity.1)),
    })
}

fn minutes(at: SessionTime) -> f64 {
    at.since_start().secs_f64() / 60.0
}
