//! The picker's cards: every playlist there is, its route, length, arc and findings; and the routes to choose from.

use std::path::{Path, PathBuf};

use super::args::PlaylistArgs;
use super::library;
use crate::panel::{Choices, PlaylistCard, RouteChoice};
use crate::platform::Paths;
use crate::playlist::{self, Severity};
use crate::session::{PhaseKind, Plan, Session};
use crate::units::{SafeText, SessionTime, Span};

/// The infusions that the picker offers for a route that needs a length; any other is given by `--infusion`.
const INFUSIONS_MIN: [i64; 5] = [30, 40, 50, 60, 90];

/// Every playlist that can be picked: the clinic's own, then the built-in ones.
pub(super) fn files(paths: &Paths) -> Vec<PathBuf> {
    let mut found = library::in_folder(&paths.settings.join("playlists"));
    found.extend(library::in_folder(&library::built_in_playlists()));
    found
}

/// Cards before anything was looked at: their names.
pub(super) fn sketches(paths: &Paths) -> Vec<PlaylistCard> {
    files(paths).iter().enumerate().map(|(id, file)| sketch(id, file, Choices::default())).collect()
}

fn sketch(id: usize, file: &Path, choices: Choices) -> PlaylistCard {
    PlaylistCard {
        id,
        title: SafeText::new(&file.file_stem().unwrap_or_default().to_string_lossy()),
        looking: true,
        route: SafeText::default(),
        length: Span::ZERO,
        arc: Vec::new(),
        errors: 0,
        warnings: 0,
        finding: None,
        tags: Vec::new(),
        choices,
    }
}

/// A playlist as it would be played with these choices. Reads it, and measures those of its files that are new.
pub(super) fn card(paths: &Paths, id: usize, file: &Path, choices: Choices) -> PlaylistCard {
    let options = library::options(paths, &arguments(file, &choices));
    let (loaded, findings) = library::load_quietly(paths, file, &options);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let plan = loaded.map(|loaded| loaded.plan);
    let card = sketch(id, file, choices);
    PlaylistCard {
        looking: false,
        title: plan.as_ref().map_or(card.title, |plan| plan.title.clone()),
        route: plan.as_ref().map_or_else(SafeText::default, |plan| plan.route.name.clone()),
        length: plan.as_ref().map_or(Span::ZERO, after_the_dose),
        tags: tags(plan.as_ref(), &card.choices),
        arc: plan.map_or_else(Vec::new, |plan| Session::new(plan, 0).snapshot(SessionTime::ZERO).arc),
        errors,
        warnings: findings.len() - errors,
        finding: findings.first().map(|finding| SafeText::new(&finding.message)),
        ..card
    }
}

/// Planned length without preparation.
fn after_the_dose(plan: &Plan) -> Span {
    plan.phases.iter().filter(|phase| phase.kind != PhaseKind::Preparation).map(|phase| phase.planned).sum()
}

/// The tags of all pieces, and those that are left out already.
fn tags(plan: Option<&Plan>, choices: &Choices) -> Vec<SafeText> {
    let tracks = plan.iter().flat_map(|plan| &plan.tracks);
    let mut tags: Vec<SafeText> = tracks.flat_map(|track| &track.tags).map(|tag| SafeText::new(tag)).collect();
    tags.extend(choices.exclude.iter().cloned());
    tags.sort();
    tags.dedup();
    tags
}

/// What a playlist is played with, as if written on the command line.
pub(super) fn arguments(file: &Path, choices: &Choices) -> PlaylistArgs {
    PlaylistArgs {
        playlist: file.to_owned(),
        route: choices.route.as_ref().map(|route| route.name.to_string()),
        infusion: choices.route.as_ref().and_then(|route| route.infusion),
        exclude: choices.exclude.iter().map(SafeText::to_string).collect(),
        seed: None,
    }
}

/// The routes to choose from; without a usable file of the clinic, the built-in ones.
pub(super) fn routes(paths: &Paths) -> Vec<RouteChoice> {
    let clinic = paths.settings.join("routes.toml");
    let presets = playlist::presets(Some(&clinic)).or_else(|_| playlist::presets(None)).unwrap_or_default();
    let choice = |preset: &playlist::Preset, infusion| RouteChoice {
        name: preset.name.clone(),
        infusion,
        summary: preset.summary.clone(),
    };
    presets
        .iter()
        .flat_map(|preset| match preset.needs_infusion() {
            true => INFUSIONS_MIN.map(|minutes| choice(preset, Some(Span::from_mins(minutes)))).to_vec(),
            false => vec![choice(preset, None)],
        })
        .collect()
}
