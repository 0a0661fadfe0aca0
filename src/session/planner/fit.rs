//! To a boundary: the choice of pieces whose last one ends inside the crossfade there.
//!
//! A subset-sum search with costs. Pieces are brought into the order in which they would be heard (along the line of
//! intensity, or as listed, or as drawn); so the sum of those taken so far *is* the instant at which the next one begins,
//! and what a piece costs there is known at once. One table row a piece, one cell a second or so of session time, in each
//! the cheapest way to have the last piece end there, with its exact millisecond. Every subset in that order is covered, up
//! to two ways whose ends share a cell; a large pool is first cut down by lot to more than enough.

use super::pieces::{Candidates, Piece, STRETCHED, candidates, lengths};
use super::{Draft, Material, SHORTEST_JOINT};
use crate::units::{SessionTime, Span};

/// A last piece may lose this much of its tail beyond the crossfade (product rule: tolerance 20 s), in milliseconds.
const TAIL: i64 = 20_000;
/// A cell is no smaller than this, in milliseconds, and there are no more cells than that.
const SMALLEST_CELL: i64 = 1000;
const MOST_CELLS: i64 = 1500;
/// A piece cut off sooner than this, in milliseconds, would better not have begun.
const HARDLY: i64 = 90_000;

// Costs. The unit is one step of intensity missed for six seconds: a piece one step off the line costs about 50.
const HUNDREDTHS_MS: i64 = 100 * 6000;
/// What the shortest joint at the boundary costs; a full crossfade is free.
const SHORT_JOINT: u64 = 100;
const TAIL_LOST: u64 = 300;
const CUT_OFF: u64 = 3000;
const HARDLY_HEARD: u64 = 1000;
const FAR_STRETCHED: u64 = 4000;

/// Fits the rest of a draft to the boundary; `false` if the pool's material does not reach it.
pub(super) fn fit(draft: &mut Draft<'_>, at: SessionTime, over: Span) -> bool {
    let Some(candidates) = candidates(draft, (at - draft.end()).millis()) else { return false };
    let pieces = &candidates.pieces;
    let Some(choice) = Search::new(draft, &candidates, at, over).run() else { return false };
    if let Some(slot) = draft.slots.last_mut() {
        slot.until = slot.from + Span::from_millis(choice.leave);
        let (music, ends) = (draft.task.plan.music(slot.track), slot.ends());
        draft.heard.insert(music, ends);
    }
    for (piece, length) in choice.taken {
        let track = draft.task.plan.track(pieces[piece].id);
        let (begins, over) = draft.joint(track);
        draft.push(pieces[piece].id, begins, over, track.start, track.start + Span::from_millis(length));
    }
    true
}

/// The result: how long the draft's last slot is heard, then pieces by index, each with its length.
struct Choice {
    leave: i64,
    taken: Vec<(usize, i64)>,
}

/// The cheapest way found to have the last piece end at `end`.
#[derive(Clone, Copy)]
struct Way {
    cost: u64,
    end: i64,
    /// How long the last piece is heard; 0 if there is none yet.
    last: i64,
}

/// How a cell was reached: from which cell, with which length of the row's piece; `None` if it is the row before's.
#[derive(Clone, Copy)]
struct Step {
    cell: u32,
    length: Option<i32>,
}

/// A way to the boundary: `row` pieces were looked at, the way ends in `cell`, and then...
#[derive(Clone, Copy)]
struct Finish {
    cost: u64,
    row: usize,
    cell: usize,
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    /// ...nothing: its last piece ends inside the crossfade.
    Done,
    /// ...this piece, left after this long at the end of the crossfade.
    Last(usize, i64),
    /// ...nothing: what sounds already is left after this long at the end of the crossfade.
    Leave(i64),
}

struct Search<'a> {
    draft: &'a Draft<'a>,
    pieces: &'a [Piece],
    in_order: bool,
    /// The boundary, and the end of the crossfade that begins there; all instants in milliseconds.
    at: i64,
    done: i64,
    /// Where cell 0 begins, and how long a cell is.
    origin: i64,
    cell: i64,
    /// How long the draft's last slot is heard in the way that begins in a cell.
    leaves: Vec<i64>,
    ways: Vec<Option<Way>>,
    rows: Vec<Vec<Step>>,
    best: Option<Finish>,
}

impl<'a> Search<'a> {
    fn new(draft: &'a Draft<'a>, candidates: &'a Candidates, at: SessionTime, over: Span) -> Self {
        let Candidates { pieces, in_order } = candidates;
        let (at, done) = (at.since_start().millis(), (at + over).since_start().millis());
        let origin = draft.earliest.since_start().millis();
        let span = (done - origin).max(0);
        let cell = SMALLEST_CELL.max(span / MOST_CELLS);
        let cells = (span / cell) as usize + 1;
        let (leaves, ways) = (vec![0; cells], vec![None; cells]);
        let mut search = Self {
            draft,
            pieces,
            in_order: *in_order,
            at,
            done,
            origin,
            cell,
            leaves,
            ways,
            rows: Vec::new(),
            best: None,
        };
        search.begin();
        search
    }

    /// The ways in which the draft's last slot may be left.
    fn begin(&mut self) {
        let draft = self.draft;
        let Some(slot) = draft.slots.last() else {
            self.ways[0] = Some(Way { cost: 0, end: self.origin, last: 0 });
            return;
        };
        let begins = slot.begins.since_start().millis();
        let track = draft.task.plan.track(slot.track);
        let skipped = (slot.from - track.start).millis();
        let whole = (slot.until - slot.from).millis();
        let others = lengths(track).into_iter().skip(1).map(|(length, cost)| (length - skipped, cost));
        for (length, cost) in std::iter::once((whole, 0)).chain(others) {
            let end = begins + length;
            let soonest = self.origin + SHORTEST_JOINT.millis();
            if end <= self.done && (length == whole || end >= soonest) {
                let cell = self.cell_of(end);
                if self.ways[cell].is_none_or(|known| cost < known.cost) {
                    self.ways[cell] = Some(Way { cost, end, last: length });
                    self.leaves[cell] = length;
                }
            }
        }
        let length = self.done - begins;
        let cost = match track.material {
            // Far beyond its minutes it is the last resort: after that only a repetition is left.
            Material::Generator if length > track.length().millis() * 2 => FAR_STRETCHED,
            Material::Generator => STRETCHED,
            _ if whole <= length => return,
            _ => cut_cost(whole, length),
        };
        self.note(Finish { cost, row: 0, cell: 0, then: Then::Leave(length) });
    }

    fn cell_of(&self, end: i64) -> usize {
        ((end - self.origin).max(0) / self.cell) as usize
    }

    fn run(mut self) -> Option<Choice> {
        self.note_finishes(0);
        for row in 0..self.pieces.len() {
            let before = self.ways.clone();
            let mut steps: Vec<Step> = (0..before.len() as u32).map(|cell| Step { cell, length: None }).collect();
            if self.in_order {
                self.ways.fill(None);
            }
            for (cell, way) in before.iter().enumerate() {
                if let Some(way) = way {
                    self.take(row, cell, *way, &mut steps);
                }
            }
            self.rows.push(steps);
            self.note_finishes(row + 1);
        }
        self.best.map(|best| self.trace(best))
    }

    /// All lengths of the row's piece after one way. The joint is that of [`Draft::joint`].
    fn take(&mut self, row: usize, cell: usize, way: Way, steps: &mut [Step]) {
        let piece = &self.pieces[row];
        let overlap = piece.overlap.min(way.last / 2).min((way.end - self.origin).max(0));
        let begins = way.end - overlap;
        if begins >= self.at {
            return;
        }
        for &(length, cost) in &piece.lengths {
            let end = begins + length;
            if end <= way.end || end > self.done {
                continue;
            }
            let to = self.cell_of(end);
            let known = self.ways[to].map_or(u64::MAX, |known| known.cost);
            // Being off the line only adds to it.
            if way.cost + cost >= known {
                continue;
            }
            let cost = way.cost + cost + self.off_line(piece, begins, length);
            if cost < known {
                self.ways[to] = Some(Way { cost, end, last: length });
                steps[to] = Step { cell: cell as u32, length: Some(length as i32) };
            }
        }
        self.finish_with(row, cell, begins, way.cost);
    }

    /// The row's piece as the last one, left where the crossfade at the boundary ends.
    fn finish_with(&mut self, row: usize, cell: usize, begins: i64, before: u64) {
        let piece = &self.pieces[row];
        let (whole, length) = (piece.lengths[0].0, self.done - begins);
        let cost = match piece.stretch {
            Some((least, most)) if (least..=most).contains(&length) => STRETCHED,
            _ if whole <= length => return,
            _ => cut_cost(whole, length),
        };
        if self.best.is_none_or(|best| before + cost < best.cost) {
            let cost = before + cost + self.off_line(piece, begins, length);
            self.note(Finish { cost, row, cell, then: Then::Last(row, length) });
        }
    }

    /// Ways that end inside the crossfade at the boundary: the later, the longer both sound together.
    fn note_finishes(&mut self, row: usize) {
        for cell in self.cell_of(self.at)..self.ways.len() {
            if let Some(way) = self.ways[cell].filter(|way| way.end >= self.at) {
                let early = (self.done - way.end) as u64 * SHORT_JOINT / (self.done - self.at).max(1) as u64;
                self.note(Finish { cost: way.cost + early, row, cell, then: Then::Done });
            }
        }
    }

    fn note(&mut self, finish: Finish) {
        if self.best.is_none_or(|best| finish.cost < best.cost) {
            self.best = Some(finish);
        }
    }

    /// What it costs to be off the line of intensity.
    fn off_line(&self, piece: &Piece, begins: i64, length: i64) -> u64 {
        if self.draft.task.pool.order != super::Order::Planned {
            return 0;
        }
        let middle = SessionTime::at(Span::from_millis(begins + length / 2));
        let off = (piece.intensity * 100 - self.draft.task.pool.line.at(middle)).abs();
        (off * length / HUNDREDTHS_MS) as u64
    }

    fn trace(&self, finish: Finish) -> Choice {
        let mut taken = match finish.then {
            Then::Leave(leave) => return Choice { leave, taken: Vec::new() },
            Then::Last(piece, length) => vec![(piece, length)],
            Then::Done => Vec::new(),
        };
        let mut cell = finish.cell;
        for row in (0..finish.row).rev() {
            let step = self.rows[row][cell];
            if let Some(length) = step.length {
                taken.push((row, i64::from(length)));
            }
            cell = step.cell as usize;
        }
        taken.reverse();
        Choice { leave: self.leaves[cell], taken }
    }
}

/// What it costs to leave a piece of `whole` length after `length`, at no place of its own.
fn cut_cost(whole: i64, length: i64) -> u64 {
    match whole - length {
        ..=TAIL => TAIL_LOST,
        _ if length < HARDLY => CUT_OFF + HARDLY_HEARD,
        _ => CUT_OFF,
    }
}
