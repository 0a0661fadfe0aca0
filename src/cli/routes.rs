//! `undertone routes`: the presets as a table.

use std::process::ExitCode;

use super::failure::{Failure, say};
use super::library;
use crate::playlist::{self, Ends, Preset};
use crate::session::PhaseKind;
use crate::units::Span;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    let clinic = paths.settings.join("routes.toml");
    let presets = playlist::presets(Some(&clinic)).map_err(|findings| Failure::wrong(playlist::draw(&findings)))?;
    say!("Minutes after the dose mark at which each phase ends: your clinic's timing.\n")?;
    say!(
        "{:<11} {:>7} {:>7} {:>7} {:>7} {:>11}  {:>11}  also",
        "route",
        "onset",
        "ascent",
        "peak",
        "return",
        "integration",
        "preparation"
    )?;
    for preset in &presets {
        say!("{}", row(preset))?;
    }
    say!("\nA clinic's own presets go into {}.", clinic.display())?;
    Ok(ExitCode::SUCCESS)
}

fn row(preset: &Preset) -> String {
    let end = |kind: PhaseKind| {
        let ends = preset.ends.iter().find(|(found, _)| *found == kind);
        ends.map_or_else(|| "-".to_owned(), |(_, ends)| written(ends))
    };
    format!(
        "{:<11} {:>7} {:>7} {:>7} {:>7} {:>11}  {:>11}  {}",
        preset.name,
        end(PhaseKind::Onset),
        end(PhaseKind::Ascent),
        end(PhaseKind::Peak),
        end(PhaseKind::Return),
        end(PhaseKind::Integration),
        minutes(preset.preparation),
        rules(preset)
    )
}

fn minutes(span: Span) -> String {
    let minutes = span.secs_f64() / 60.0;
    if minutes.fract() == 0.0 { format!("{minutes:.0}") } else { format!("{minutes:.1}") }
}

/// `38`, or `L+5`, or `0.2L`.
fn written(ends: &Ends) -> String {
    let part = if ends.infusions == 1.0 { "L".to_owned() } else { format!("{}L", ends.infusions) };
    match (ends.infusions == 0.0, ends.plus == Span::ZERO) {
        (true, _) => minutes(ends.plus),
        (false, true) => part,
        (false, false) => format!("{part}+{}", minutes(ends.plus)),
    }
}

/// What else the route says.
fn rules(preset: &Preset) -> String {
    let rules = [
        preset.booster.map(|span| format!("peak to booster + {}", minutes(span))),
        preset.device.map(|span| format!("peak to last device + {}", minutes(span))),
        preset.observation.map(|span| format!("observation {} from the last device", minutes(span))),
        preset.spit.map(|time| format!("spit cue at {}", minutes(time.since_start()))),
        preset.needs_infusion().then(|| "needs --infusion L".to_owned()),
    ];
    rules.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
