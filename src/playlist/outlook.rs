//! What a plan comes to when it is laid out: neighbours that clash, and phases with nothing to spare.
//!
//! Found in the session's own forecast, so it is about the pieces that would stand side by side, not about all that could.

use std::collections::BTreeSet;
use std::ops::Range;

use super::diagnostic::Code;
use super::findings::Findings;
use crate::media::Facts;
use crate::session::{Forecast, Material, PhaseKind, Plan, Sounding, TrackId, Verb, forecast};
use crate::units::{SessionTime, Span, TrackTime};

/// The seed of `plan`, `simulate` and `render` when none is given: what is told is what they show.
const SEED: u64 = 1;
/// Loudness is compared over this time, as where the session eases a joint.
const SHORT_TERM: Span = Span::from_secs(3);
/// A step of more than this at a joint takes the session longer than half a minute to even out, in LU.
const STEP_LU: f64 = 9.0;
/// Brightness is compared over this time.
const COLOUR: Span = Span::from_secs(10);
/// Further apart than this two pieces do not sound like one room, in octaves of their spectra's centroids.
const OCTAVES: f64 = 2.0;

/// What is known of a track beside the plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    /// Where its source is written.
    pub at: Range<usize>,
    /// Of a file.
    pub facts: Option<Facts>,
}

/// Lays the plan out and says what of it could be better. `notes` are by [`TrackId`], `phases` are the headings' places.
pub(super) fn judge(plan: &Plan, notes: &[Note], phases: &[Range<usize>], findings: &mut Findings) {
    let before = plan.phases.iter().filter(|phase| phase.kind == PhaseKind::Preparation);
    let dose_at = SessionTime::at(before.map(|phase| phase.planned).sum());
    let told = forecast(plan, SEED, &[(dose_at, Verb::Dose { ago: Span::ZERO, confirmed: false })]);
    judge_neighbours(plan, notes, &told, findings);
    judge_spare(plan, phases, &told, findings);
}

fn judge_neighbours(plan: &Plan, notes: &[Note], told: &Forecast, findings: &mut Findings) {
    let pieces = told.pieces();
    let mut told: BTreeSet<(TrackId, TrackId)> = BTreeSet::new();
    for pair in pieces.windows(2) {
        let [one, other] = pair else { continue };
        if one.track != other.track && told.insert((one.track, other.track)) {
            judge_loudness(plan, notes, (one, other), findings);
            judge_brightness(plan, notes, (one, other), findings);
        }
    }
}

/// Where the earlier piece was last heard alone, over so long a time; never before its beginning.
fn last_alone(one: &Sounding, other: &Sounding, over: Span) -> TrackTime {
    let left = one.from + (other.begins - one.begins);
    if left - one.from < over { one.from } else { left - over }
}

fn judge_loudness(plan: &Plan, notes: &[Note], (one, other): (&Sounding, &Sounding), findings: &mut Findings) {
    // The phases' own levels are meant; only what the pieces bring with them is compared.
    let loudness = |piece: &Sounding, place: TrackTime| {
        let track = plan.track(piece.track);
        track.contour.loudness(place, SHORT_TERM).map(|loudness| loudness.0 + f64::from(track.gain.0))
    };
    let before = loudness(one, last_alone(one, other, SHORT_TERM));
    let after = loudness(other, other.from + other.over);
    let (Some(before), Some(after)) = (before, after) else { return };
    let step = after - before;
    if step.abs() <= STEP_LU {
        return;
    }
    let (title, earlier) = (&plan.track(other.track).title, &plan.track(one.track).title);
    let word = if step > 0.0 { "louder" } else { "quieter" };
    let message =
        format!("\"{title}\" begins {:.0} LU {word} than \"{earlier}\" is left, which it follows", step.abs());
    findings.warning(Code::LoudnessClash, notes[other.track.0 as usize].at.clone(), message).advise(
        "the joint is evened out, but for long; begin or leave one of them elsewhere (`start`, `end`, `exits`), \
         or put another piece between them",
    );
}

fn judge_brightness(plan: &Plan, notes: &[Note], (one, other): (&Sounding, &Sounding), findings: &mut Findings) {
    let note = |piece: &Sounding| &notes[piece.track.0 as usize];
    let hz = |piece: &Sounding, place: TrackTime| note(piece).facts.as_ref()?.brightness(place, COLOUR);
    let before = hz(one, last_alone(one, other, COLOUR));
    let after = hz(other, other.from + other.over);
    let (Some(before), Some(after)) = (before, after) else { return };
    if (after / before).log2().abs() <= OCTAVES {
        return;
    }
    let (title, earlier) = (&plan.track(other.track).title, &plan.track(one.track).title);
    let word = if after > before { "brighter" } else { "darker" };
    let message = format!(
        "\"{title}\" begins much {word} than \"{earlier}\" is left, which it follows (around {after:.0} Hz after {before:.0} Hz)"
    );
    findings.warning(Code::BrightnessClash, note(other).at.clone(), message).advise(
        "listen to the joint; put a piece between them that leads over, or give one of them another `intensity`",
    );
}

/// A phase of which every piece is needed: nothing is left when one fails, or `different` is asked for. Not the preparation:
/// there nobody is alone with the music.
fn judge_spare(plan: &Plan, places: &[Range<usize>], told: &Forecast, findings: &mut Findings) {
    let heard: BTreeSet<TrackId> = told.pieces().iter().map(|piece| plan.music(piece.track)).collect();
    for (phase, at) in plan.phases.iter().zip(places) {
        let mut pool = phase.pool.iter().map(|id| plan.track(*id)).filter(|track| track.material != Material::Silence);
        let spare = pool.any(|track| track.material == Material::Generator || !heard.contains(&track.same_as));
        // A thin pool has been named already, and the advice would be the same.
        if spare || phase.kind == PhaseKind::Preparation || findings.names(Code::ThinPool, at) {
            continue;
        }
        let message = format!("{} uses every piece of its pool", phase.kind.name());
        findings.warning(Code::NoSpare, at.clone(), message).advise(
            "add a piece or a generator: something must be left when one is missing, or another one is asked for",
        );
    }
}
