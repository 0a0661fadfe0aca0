//! The pieces a fit may choose from, with the lengths in which each may be heard.

use std::collections::BTreeSet;

use super::super::plan::{Material, Order, Track, TrackId};
use super::seed::lot;
use super::{Draft, overlap};
use crate::units::{SessionTime, TrackTime};

/// So many pieces leave enough subsets to choose from.
const ENOUGH: usize = 32;
/// So many exits of one piece are considered.
const EXITS: usize = 6;

/// What it costs to leave a piece at an exit, or to stretch a generator; the unit is that of `fit`.
const LEFT_AT_EXIT: u64 = 30;
pub(super) const STRETCHED: u64 = 20;

/// A piece that may be taken. Lengths are in milliseconds.
pub(super) struct Piece {
    pub id: TrackId,
    /// The crossfade into it.
    pub overlap: i64,
    pub intensity: i64,
    /// How long it may be heard and what that costs, the whole piece first.
    pub lengths: Vec<(i64, u64)>,
    /// A generator: as the last piece it may have any length between these.
    pub stretch: Option<(i64, i64)>,
    /// Until when it was last heard.
    pub heard: Option<SessionTime>,
}

impl Piece {
    fn of(draft: &Draft<'_>, id: TrackId) -> Self {
        let track = draft.task.plan.track(id);
        let whole = track.length().millis();
        Self {
            id,
            overlap: overlap(track, draft.task.pool.crossfade).millis(),
            intensity: i64::from(track.intensity),
            lengths: lengths(track),
            stretch: (track.material == Material::Generator).then_some((whole / 2, whole * 2)),
            heard: draft.heard.get(&track.same_as).copied(),
        }
    }

    /// What it adds to the music.
    fn material(&self) -> i64 {
        self.lengths[0].0 - self.overlap
    }
}

/// A recording may be left at its exits, a generator be shortened and stretched; a silence keeps its length.
pub(super) fn lengths(track: &Track) -> Vec<(i64, u64)> {
    let whole = track.length().millis();
    let mut lengths = vec![(whole, 0)];
    match track.material {
        Material::File => lengths.extend(exits(&track.exits).map(|exit| ((exit - track.start).millis(), LEFT_AT_EXIT))),
        Material::Generator => lengths.extend([3, 5, 2, 6].map(|quarters| (whole * quarters / 4, STRETCHED))),
        Material::Silence => {}
    }
    lengths
}

/// A piece's exits, evenly chosen if there are many.
fn exits(exits: &[TrackTime]) -> impl Iterator<Item = TrackTime> {
    exits.iter().rev().step_by(exits.len().div_ceil(EXITS).max(1)).copied()
}

/// The pieces to choose from, in the order in which they would be heard.
pub(super) struct Candidates {
    pub pieces: Vec<Piece>,
    /// Whether none may be passed over: as listed, or the one heard longest ago first.
    pub in_order: bool,
}

/// The unheard pieces; or, if none are left, all in the order in which they were heard. `None` if they do not last for
/// `need` milliseconds: then all of them will be heard before any is chosen. A generator that comes last already is not
/// taken again: it can go on.
pub(super) fn candidates(draft: &Draft<'_>, need: i64) -> Option<Candidates> {
    let plan = draft.task.plan;
    let goes_on = |id: &TrackId| {
        let generator = plan.track(*id).material == Material::Generator;
        generator && draft.slots.last().is_some_and(|last| plan.music(last.track) == plan.music(*id))
    };
    // A pool may offer the same music twice; it is heard once.
    let mut offered = BTreeSet::new();
    let others = draft.task.pool.pieces.iter().filter(|id| !goes_on(id) && offered.insert(plan.music(**id)));
    let all = others.map(|id| Piece::of(draft, *id));
    let (mut heard, mut pieces): (Vec<Piece>, Vec<Piece>) = all.partition(|piece| piece.heard.is_some());
    let again = pieces.is_empty() && need > 0;
    if again {
        heard.sort_by_key(|piece| piece.heard);
        pieces = heard;
    }
    if material(&pieces) < need {
        return None;
    }
    let in_order = again || draft.task.pool.order == Order::Listed;
    if !in_order {
        arrange(draft, &mut pieces, need);
    }
    Some(Candidates { pieces, in_order })
}

fn material(pieces: &[Piece]) -> i64 {
    pieces.iter().map(Piece::material).sum()
}

/// Brings the pieces into order, and leaves out what is more than enough.
fn arrange(draft: &Draft<'_>, pieces: &mut Vec<Piece>, need: i64) {
    let pool = draft.task.pool;
    let lot_of = |piece: &Piece| lot(draft.task.seed, pool.phase, piece.id);
    if pieces.len() > ENOUGH {
        let (first, last) = (i64::from(pool.line.intensity.0), i64::from(pool.line.intensity.1));
        let off = |piece: &Piece| (first.min(last) - piece.intensity).max(piece.intensity - first.max(last)).max(0);
        pieces.sort_by_cached_key(|piece| (off(piece), lot_of(piece)));
        let mut so_far = 0;
        let kept = pieces.iter().take_while(|piece| {
            so_far += piece.material();
            so_far < 2 * need
        });
        let kept = kept.count().max(ENOUGH);
        pieces.truncate(kept);
    }
    if pool.order == Order::Shuffled {
        pieces.sort_by_cached_key(lot_of);
    } else if pool.line.falls() {
        pieces.sort_by_cached_key(|piece| (-piece.intensity, lot_of(piece)));
    } else {
        pieces.sort_by_cached_key(|piece| (piece.intensity, lot_of(piece)));
    }
}
