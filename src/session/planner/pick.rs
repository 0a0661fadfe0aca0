//! One piece at a time: what comes next where there is no boundary to fit to.

use super::super::plan::{Order, Plan, TrackId};
use super::seed::lot;
use super::{Heard, NOT_AGAIN_WITHIN, Slot, Task};
use crate::units::SessionTime;

/// The next piece to begin at about `at`: an unheard one in the pool's order; else the one heard longest ago, which is the
/// one that 20 minutes allow if any is. `None` only for an empty pool.
pub(super) fn next(task: &Task<'_>, heard: &Heard, at: SessionTime, last: Option<&Slot>) -> Option<TrackId> {
    let pool = task.pool;
    let lot_of = |id: TrackId| lot(task.seed, pool.phase, id);
    let music = |id: TrackId| task.plan.music(id);
    let unheard = pool.pieces.iter().copied().filter(|id| !heard.contains_key(&music(*id)));
    let fresh = match pool.order {
        Order::Listed => unheard.into_iter().next(),
        Order::Shuffled => unheard.min_by_key(|id| lot_of(*id)),
        Order::Planned => unheard.min_by_key(|id| (off_line(task, *id, at), lot_of(*id))),
    };
    fresh.or_else(|| {
        let sounding = last.map(|slot| music(slot.track));
        let pieces = pool.pieces.iter().copied();
        pieces.min_by_key(|id| (Some(music(*id)) == sounding, heard.get(&music(*id)).copied()))
    })
}

fn off_line(task: &Task<'_>, id: TrackId, at: SessionTime) -> i64 {
    (i64::from(task.plan.track(id).intensity) * 100 - task.pool.line.at(at)).abs()
}

/// The piece nearest in intensity to `wanted`: unheard ones first, then those that were heard longest ago. For `different`,
/// and for other phases' pools when a pool has no playable piece left.
pub(in super::super) fn nearest(
    plan: &Plan,
    pieces: &[TrackId],
    wanted: u8,
    heard: &Heard,
    now: SessionTime,
    seed: u64,
) -> Option<TrackId> {
    pieces.iter().copied().min_by_key(|id| {
        let last = heard.get(&plan.music(*id)).copied();
        let soon = last.is_some_and(|last| now - last < NOT_AGAIN_WITHIN);
        let apart = plan.track(*id).intensity.abs_diff(wanted);
        (last.is_some(), soon, if soon { last } else { None }, apart, last, lot(seed, 0, *id))
    })
}
