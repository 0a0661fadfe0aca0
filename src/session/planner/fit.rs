//! To a boundary.
use super::*;
pub(super) fn fit(draft: &mut Draft<'_>, at: SessionTime, over: Span) -> bool {
    if draft.end() < at {
        return false;
    }
    if let Some(last) = draft.slots.last_mut()
        && last.ends() > at + over
    {
        last.until = last.until - (last.ends() - (at + over));
    }
    true
}
