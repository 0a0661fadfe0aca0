//! The second step: a schema to a plan that is valid by construction, or to more findings.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::diagnostic::Code;
use super::findings::Findings;
use super::library::Library;
use super::outlook;
use super::pool::{self, Ban, Excluded, Pools, Setting};
use super::reader::Written;
use super::schema::{self, Schema};
use super::value::Rise;
use super::{Bed, Options, Shelf, SoundRules, beds::Beds, same, timing};
use crate::session::{Advance, Curve, Order, Phase, PhaseKind, Plan, Route, Steer, SteeringPool, Track};
use crate::units::{DbTp, Decibels, Lufs, Span};

/// Between pieces where nothing says otherwise (product.md).
const CROSSFADE: Span = Span::from_secs(20);
/// As long as a generator in a steering pool plays that has no `minutes`.
const STEERING_PIECE: Span = Span::from_mins(10);
/// A pool this many times as long as its phase leaves the planner a choice.
const AMPLE: f64 = 1.5;

impl SoundRules {
    /// The rules of a playlist, with the product's defaults.
    pub(super) fn of(sound: &schema::Sound) -> Self {
        Self { target: sound.target.unwrap_or(Lufs(-20.0)), ceiling: sound.ceiling.unwrap_or(DbTp(-3.0)) }
    }
}

/// Builds the plan and its shelf. With an error among the findings the result means nothing.
pub(super) fn build(
    schema: &Schema,
    route: Option<Route>,
    excluded: &Excluded,
    library: &Library,
    findings: &mut Findings,
) -> Option<(Plan, Shelf)> {
    let rules = SoundRules::of(&schema.sound);
    let mut pools = Pools {
        library,
        rules,
        excluded,
        tracks: Vec::new(),
        materials: Vec::new(),
        notes: Vec::new(),
        places: Vec::new(),
    };
    let mut beds = Beds::new(library);
    let crossfade = schema.sound.crossfade.unwrap_or(CROSSFADE);
    let kept = in_order(schema, findings);
    let lengths = timing::lengths(route.as_ref(), &kept, findings);
    let mut phases = Vec::new();
    let places: Vec<Range<usize>> = kept.iter().map(|phase| phase.at.clone()).collect();
    for (written, planned) in kept.into_iter().zip(lengths) {
        phases.extend(phase(written, planned, crossfade, &mut pools, &mut beds, findings));
    }
    let steering = schema.pools.iter().filter_map(|pool| steering(pool, crossfade, &mut pools, findings)).collect();
    same::mark(&mut pools.tracks, &pools.materials);
    let safe_bed = safe_bed(schema, &mut beds, findings);
    let plan = Plan {
        title: schema.title.clone()?,
        route: route?,
        curve: schema.sound.curve.unwrap_or(Curve::EqualPower),
        ceiling: rules.ceiling,
        phases,
        steering,
        tracks: pools.tracks,
    };
    // A plan with errors is not played, so it comes to nothing.
    if !findings.failed() {
        outlook::judge(&plan, &pools.notes, &places, findings);
    }
    let written = numbers(schema, &pools.places);
    Some((plan, Shelf { tracks: pools.materials, written, beds: beds.into_list(), safe_bed: safe_bed? }))
}

/// Which track of the text stands at each of these places.
fn numbers(schema: &Schema, places: &[Range<usize>]) -> Vec<usize> {
    let all: BTreeMap<usize, usize> =
        schema.tracks().enumerate().map(|(number, track)| (track.at.start, number)).collect();
    places.iter().filter_map(|place| all.get(&place.start).copied()).collect()
}

/// The phases without those given twice; says so, and which are in the wrong place.
fn in_order<'a>(schema: &'a Schema, findings: &mut Findings) -> Vec<&'a schema::Phase> {
    let (mut seen, mut latest) = (BTreeSet::new(), PhaseKind::Preparation);
    let mut kept: Vec<&schema::Phase> = Vec::new();
    for phase in &schema.phases {
        let Some(kind) = &phase.kind else {
            kept.push(phase);
            continue;
        };
        let name = kind.value.name();
        if !seen.insert(kind.value) {
            findings
                .error(Code::PhaseTwice, kind.at.clone(), format!("there is already a phase \"{name}\""))
                .advise("put the tracks of both into one phase");
            continue;
        }
        if kind.value < latest {
            findings
                .error(Code::PhaseOrder, kind.at.clone(), format!("{name} comes before {}", latest.name()))
                .advise("order the phases: preparation, onset, ascent, peak, return, integration");
        }
        latest = latest.max(kind.value);
        kept.push(phase);
    }
    kept
}

fn phase(
    written: &schema::Phase,
    planned: Option<Span>,
    crossfade: Span,
    pools: &mut Pools,
    beds: &mut Beds,
    findings: &mut Findings,
) -> Option<Phase> {
    let kind = written.kind.as_ref().map(|kind| kind.value);
    let crossfade = written.crossfade.unwrap_or(crossfade);
    let Rise(from, to) = written.intensity.unwrap_or_else(|| usual_intensity(kind));
    let setting = Setting {
        crossfade,
        planned: planned.unwrap_or(STEERING_PIECE),
        intensity: from.midpoint(to),
        ban: ban(kind, written.forbid.as_deref()),
        even: kind == Some(PhaseKind::Peak),
    };
    let name = kind.map_or("this phase", PhaseKind::name);
    let filled = pools.fill(&written.tracks, &setting, findings);
    let nonempty =
        not_empty((name, "phase"), &written.at, &written.tracks, filled.as_ref().is_some_and(Vec::is_empty), findings);
    let bed = written.bed.as_ref().and_then(|bed| beds.id(bed, findings));
    let (kind, planned, pool) = (kind?, planned?, filled?);
    let phase = Phase {
        kind,
        title: written.title.clone(),
        planned,
        advance: written.advance.unwrap_or(match kind {
            PhaseKind::Preparation => Advance::Manual,
            _ => Advance::Auto,
        }),
        level: written.level.unwrap_or(Decibels::ZERO),
        intensity: (from, to),
        crossfade,
        order: written.order.unwrap_or(Order::Planned),
        bed,
        pool,
    };
    if nonempty {
        covers(&phase, &pools.tracks, &written.at, findings);
    }
    Some(phase)
}

/// What the tracks of a phase must not have: what it forbids itself; else lyrics, from the onset to the peak.
fn ban(kind: Option<PhaseKind>, forbid: Option<&[Written<String>]>) -> Ban {
    match (kind, forbid) {
        (Some(kind), Some(tags)) => Ban::Written(kind, tags.iter().map(|tag| tag.value.to_lowercase()).collect()),
        (Some(kind @ (PhaseKind::Onset | PhaseKind::Ascent | PhaseKind::Peak)), None) => Ban::Lyrics(kind),
        _ => Ban::None,
    }
}

/// The intensity of a phase that says nothing: the shape of the usual arc.
fn usual_intensity(kind: Option<PhaseKind>) -> Rise {
    match kind {
        None | Some(PhaseKind::Preparation | PhaseKind::Integration) => Rise(2, 2),
        Some(PhaseKind::Onset) => Rise(2, 3),
        Some(PhaseKind::Ascent) => Rise(3, 4),
        Some(PhaseKind::Peak) => Rise(4, 4),
        Some(PhaseKind::Return) => Rise(3, 2),
    }
}

fn steering(
    written: &schema::Pool,
    crossfade: Span,
    pools: &mut Pools,
    findings: &mut Findings,
) -> Option<SteeringPool> {
    let crossfade = written.crossfade.unwrap_or(crossfade);
    let (name, intensity) = match written.steer {
        Steer::Ground => ("ground", 1),
        Steer::Warmer => ("warmer", 2),
        Steer::Deeper => ("deeper", 4),
    };
    let ban = if written.steer == Steer::Ground { Ban::Ground } else { Ban::None };
    let setting = Setting { crossfade, planned: STEERING_PIECE, intensity, ban, even: false };
    let pool = pools.fill(&written.tracks, &setting, findings);
    let heading = format!("pool.{name}");
    not_empty((name, &heading), &written.at, &written.tracks, pool.as_ref().is_some_and(Vec::is_empty), findings);
    Some(SteeringPool { steer: written.steer, crossfade, pool: pool? })
}

/// Says why a pool is empty, if it is.
fn not_empty(
    (name, heading): (&str, &str),
    at: &Range<usize>,
    written: &[super::track_schema::Track],
    empty: bool,
    findings: &mut Findings,
) -> bool {
    if written.is_empty() {
        findings
            .error(Code::EmptyPool, at.clone(), format!("{name} has no tracks"))
            .advise(format!("add [[{heading}.track]] below it with a `file` or a `generator`, or remove it"));
    } else if empty {
        findings
            .error(Code::Excluded, at.clone(), format!("{name} has no tracks left: the excluded tags take them all"))
            .advise("add tracks without these tags, or exclude fewer");
    }
    !empty
}

/// A pool that could run dry is an error here, not a silence later.
fn covers(phase: &Phase, tracks: &[Track], at: &Range<usize>, findings: &mut Findings) {
    let pool = || phase.pool.iter().map(|id| &tracks[id.0 as usize]);
    if pool().any(|track| track.material == crate::session::Material::Generator) {
        return;
    }
    // Every piece but the first begins inside the one before it.
    let overlaps: Span = pool().skip(1).map(|track| track.fade_in.unwrap_or(phase.crossfade)).sum();
    let lasts = (pool().map(Track::length).sum::<Span>() - overlaps).or_zero();
    let (name, planned) = (phase.kind.name(), phase.planned);
    let advice = "add tracks, or a generator, which never ends; one and a half to two times the planned time is best";
    if lasts < planned {
        let message = format!("{name} is planned for {}, but its music lasts {}", brief(planned), brief(lasts));
        findings.error(Code::RunsDry, at.clone(), message).advise(advice);
    } else if lasts < planned.scaled(AMPLE) {
        let message = format!(
            "{name} is planned for {}; its music lasts {}, which leaves little choice",
            brief(planned),
            brief(lasts)
        );
        findings.warning(Code::ThinPool, at.clone(), message).advise(advice);
    }
}

/// A length to the second, for reading.
fn brief(length: Span) -> Span {
    Span::from_secs(length.millis() / 1000)
}

fn safe_bed(schema: &Schema, beds: &mut Beds, findings: &mut Findings) -> Option<Bed> {
    match &schema.sound.bed {
        None => Some(Beds::default_bed()),
        Some(bed) => beds.safe(bed, findings),
    }
}

/// All the tags that keep tracks out, and a word about those that are probably misspelt.
pub(super) fn excluded(schema: &Schema, options: &Options, findings: &mut Findings) -> Excluded {
    let used = schema.tracks().flat_map(|track| &track.tags).map(|tag| tag.value.to_lowercase()).collect();
    let written = schema.exclude.iter().map(|tag| (tag.value.as_str(), Some(tag.at.clone())));
    let asked = options.exclude.iter().map(|tag| (tag.as_str(), None));
    pool::unused_tags(written.clone().chain(asked.clone()), &used, findings);
    Excluded(written.chain(asked).map(|(tag, _)| tag.to_lowercase()).collect())
}
