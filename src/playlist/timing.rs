//! The route of a playlist, and how long each of its phases is planned.

use super::Options;
use super::diagnostic::{Code, Severity};
use super::findings::{Findings, nearest, one_of, quoted};
use super::reader::Written;
use super::routes::{CUSTOM, PREPARATION, Preset};
use super::schema::Phase;
use crate::session::{PhaseKind, Route};
use crate::units::Span;

/// Infusions, shortest and longest.
const INFUSION: std::ops::RangeInclusive<Span> = Span::from_mins(5)..=Span::from_mins(300);

/// The route that the options or the playlist ask for; without either, the playlist's own timing.
pub(super) fn route(
    written: Option<&Written<String>>,
    options: &Options,
    presets: &[Preset],
    findings: &mut Findings,
) -> Option<Route> {
    let place = options.route.is_none().then_some(written).flatten().map(|written| written.at.clone());
    let name = options.route.as_deref().or(written.map(|written| written.value.as_str())).unwrap_or(CUSTOM);
    let mut wrong = |code, message: String, advice: String, meant: Option<&str>| {
        let finding = match &place {
            Some(at) => findings.error(code, at.clone(), message),
            None => findings.general(Severity::Error, code, message),
        };
        finding.advise(advice).suggest(meant);
        None
    };
    let preset = presets.iter().find(|preset| preset.name.as_str() == name);
    let infusion = match (preset, options.infusion) {
        (None, _) if name == CUSTOM => return Some(custom()),
        (None, _) => {
            let names: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).chain([CUSTOM]).collect();
            let meant = nearest(name, names.iter().copied());
            let message = format!("there is no route {}", quoted(name));
            let advice = match meant {
                Some(meant) => format!("write \"{meant}\", or see all of them with: undertone routes"),
                None => format!("write {}", one_of(&names)),
            };
            return wrong(Code::UnknownRoute, message, advice, meant);
        }
        (Some(preset), None) if preset.needs_infusion() => {
            let message = format!("the route \"{name}\" needs to know how long the infusion takes");
            let advice = "say so when you start, for example: --infusion 40m";
            return wrong(Code::Infusion, message, advice.to_owned(), None);
        }
        (Some(_), Some(length)) if !INFUSION.contains(&length) => {
            let message = format!("an infusion of {length} is out of range");
            let advice = format!("give a length from {} to {}", INFUSION.start(), INFUSION.end());
            return wrong(Code::Infusion, message, advice, None);
        }
        (_, infusion) => infusion,
    };
    if infusion.is_some() && preset.is_some_and(|preset| !preset.needs_infusion()) {
        findings
            .general(
                Severity::Warning,
                Code::Infusion,
                format!("the route \"{name}\" has its own timing, whatever the infusion"),
            )
            .advise("leave --infusion out, or take --route iv");
    }
    preset.map(|preset| preset.resolve(infusion.unwrap_or(Span::ZERO)))
}

fn custom() -> Route {
    Route {
        name: CUSTOM.into(),
        preparation: PREPARATION,
        ends: Vec::new(),
        booster: None,
        device: None,
        observation: None,
        spit: None,
    }
}

/// The planned length of each phase, in the order of `phases`; `None` where there is none, which has been said.
pub(super) fn lengths(route: Option<&Route>, phases: &[&Phase], findings: &mut Findings) -> Vec<Option<Span>> {
    let kind = |phase: &Phase| phase.kind.as_ref().map(|kind| kind.value);
    let mut kinds: Vec<PhaseKind> = phases.iter().filter_map(|phase| kind(phase)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let timed = route.map(|route| route.lengths(&kinds)).unwrap_or_default();
    let by_route = |wanted: PhaseKind| {
        let index = kinds.iter().position(|kind| *kind == wanted)?;
        timed.get(index).copied().flatten()
    };
    let length = |phase: &&Phase| {
        let length = phase.planned.or_else(|| by_route(kind(phase)?));
        if let (None, Some(route), Some(kind)) = (length, route, &phase.kind) {
            let message = format!("the route \"{}\" does not say how long {} lasts", route.name, kind.value.name());
            findings
                .error(Code::NoLength, kind.at.clone(), message)
                .advise("add a line such as: planned = \"20m\"; or choose a route, such as route = \"im\"");
        }
        length
    };
    phases.iter().map(length).collect()
}
