//! `undertone render`: a session's sound as a file.

use std::process::ExitCode;

use super::args::RenderArgs;
use super::failure::Failure;
use super::{library, simulate};
use crate::host::script::Script;
use crate::session::{PhaseKind, Plan, Verb};
use crate::units::{SessionTime, Span};

pub(super) fn run(arguments: &RenderArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let (_, mut loaded) = library::ready(&paths, &arguments.playlist)?;
    if let Some(name) = &arguments.phase {
        only(&mut loaded.plan, name)?;
    }
    let script = match &arguments.script {
        Some(file) => simulate::read_script(file)?,
        None => plain(&loaded.plan),
    };
    let seed = arguments.playlist.seed.unwrap_or(simulate::SEED);
    let outcome = simulate::into_file(&loaded, seed, &script, &arguments.output)?;
    let named = arguments.script.as_deref().unwrap_or(std::path::Path::new("render"));
    simulate::tell(named, &outcome)
}

/// Keeps one phase.
fn only(plan: &mut Plan, name: &str) -> Result<(), Failure> {
    let kind = PhaseKind::named(name);
    plan.phases.retain(|phase| Some(phase.kind) == kind);
    if plan.phases.is_empty() {
        return Err(Failure::could_not(format!("the playlist has no phase \"{name}\"")));
    }
    Ok(())
}

/// What happens if no script says it: the dose comes when preparation is planned to end. Preparation alone ends then; of
/// itself it waits for ever.
fn plain(plan: &Plan) -> Script {
    let (before, after): (Vec<_>, Vec<_>) = plan.phases.iter().partition(|phase| phase.kind == PhaseKind::Preparation);
    let over = SessionTime::at(before.iter().map(|phase| phase.planned).sum());
    let then = if after.is_empty() { Verb::End } else { Verb::Dose { ago: Span::ZERO, confirmed: false } };
    Script::of_one(over, then)
}
