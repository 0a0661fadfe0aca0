//! Offline: the same render half in virtual time. It waits for decoders instead of starving, so the same orders at the same
//! frames give the same samples, to the bit.

use super::feeder::{Feeder, Next};
use super::render::{BLOCK, Block, Core};
use super::slot::render_safely;

/// Decoders are asked for more at this interval, in blocks (0.1 s): rarely, because most of it is waiting for nothing.
const MEAL: u64 = 75;

/// The core, and feeders that work when they are told to.
pub struct Offline {
    core: Box<Core>,
    feeders: Vec<Feeder>,
    /// The present block, and how many samples of it have been handed out.
    block: Block,
    used: usize,
    blocks: u64,
    /// A piece was loaded or ordered since the feeders last worked.
    hungry: bool,
    /// No feeder works before this block.
    stalled: u64,
}

impl Offline {
    /// Nothing rendered yet.
    pub fn new(core: Box<Core>) -> Self {
        Self {
            core,
            feeders: Vec::new(),
            block: [[0.0; 2]; BLOCK],
            used: 2 * BLOCK,
            blocks: 0,
            hungry: false,
            stalled: 0,
        }
    }

    /// Takes a feeder in, and lets go of those that are done.
    pub fn adopt(&mut self, feeder: Feeder) {
        self.feeders.retain(Feeder::is_live);
        self.feeders.push(feeder);
        self.hungry = true;
    }

    /// For so many frames no feeder opens or decodes anything, as on a disk that hangs.
    pub fn stall(&mut self, frames: u64) {
        self.stalled = self.stalled.max(self.blocks + frames.div_ceil(BLOCK as u64));
        self.hungry = true;
    }

    /// Renders this many frames, in pieces.
    pub fn render(&mut self, frames: u64, sink: &mut dyn FnMut(&[f32])) {
        let mut left = usize::try_from(2 * frames).unwrap_or(usize::MAX);
        while left > 0 {
            if self.used == 2 * BLOCK {
                if self.hungry || self.blocks.is_multiple_of(MEAL) {
                    self.feed();
                }
                render_safely(&mut self.core, &mut self.block, Some(0));
                self.begin_block();
            }
            let until = (self.used + left).min(2 * BLOCK);
            sink(&self.block.as_flattened()[self.used..until]);
            left -= until - self.used;
            self.used = until;
        }
    }

    /// Lets this many frames pass.
    pub fn skip(&mut self, frames: u64) {
        if self.hungry && self.blocks >= self.stalled {
            self.feeders.iter_mut().for_each(Feeder::open_only);
        }
        let in_block = ((2 * BLOCK - self.used) as u64 / 2).min(frames);
        self.used += 2 * in_block as usize;
        let left = frames - in_block;
        let blocks = left.div_ceil(BLOCK as u64);
        if blocks > 0 {
            self.core.skip(blocks);
            self.block = [[0.0; 2]; BLOCK];
            self.blocks += blocks;
            self.used = 2 * BLOCK;
        }
        if !left.is_multiple_of(BLOCK as u64) {
            self.used = 2 * (left % BLOCK as u64) as usize;
        }
        // What lay ready was passed over.
        self.hungry = true;
    }

    /// For how many frames of skipping nothing can happen but that places move.
    pub fn rests_for(&self) -> u64 {
        if self.feeders.iter().any(Feeder::is_closed) {
            return 0;
        }
        // One block may have begun.
        self.core.rests_for().saturating_sub(1).saturating_mul(BLOCK as u64)
    }

    fn begin_block(&mut self) {
        self.blocks += 1;
        self.used = 0;
    }

    /// Lets every feeder work until its ring is full, after throwing away what was skipped.
    fn feed(&mut self) {
        if self.blocks < self.stalled {
            return;
        }
        for deck in self.core.decks() {
            let owed = deck.take_owed();
            if owed > 0
                && let Some(feeder) = self.feeders.iter_mut().find(|feeder| deck.is_fed_by(feeder.progress()))
            {
                feeder.open_only();
                feeder.throw_away(owed);
            }
        }
        for feeder in &mut self.feeders {
            while feeder.step() == Next::Continue {}
        }
        self.hungry = false;
    }
}
