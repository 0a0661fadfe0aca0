//! The render half: from orders and decoded sound to the samples of an output, in blocks of 64 frames.
//!
//! *Invariant:* arithmetic only. No clock, no file, no lock, no sleep, no allocation, no freeing, no log, no panic; what
//! is used up goes back to the control half to be freed.
//!
//! ```text
//! orders ─► lanes ─► level ───────────────────┬──────────────┐
//!                                             ▼              ▼
//! decks ─► fades ─► programme bus ─► surge ─► level ─┐       level ◄─ safe bed ◄─ cover (is music running out?)
//! decks ─► fades ─► bed bus ───────► surge ─► level ─┴─► + ◄─┘
//!                                                        └─► guard ─► limiter ─► meter ─┬─► outlet ─► out
//!                                                                                       └─► outlet ─► line ─► another output
//! ```
//!
//! A block is the same whatever piece of it the output asks for, so sound does not depend on a device's buffer. Orders
//! take effect at the next block (1.3 ms). Ramps end on blocks too: their corners are rounded ([`level`]), which makes
//! the exact frame meaningless. Crossfades are exact to the frame.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod bus;
pub mod cover;
pub mod deck;
pub mod drift;
pub mod ease;
pub mod fade;
pub mod guard;
pub mod level;
pub mod limiter;
pub mod line;
pub mod meter;
pub mod outlet;
pub mod peak;
pub mod ramp;
pub mod stretch;
pub mod surge;
pub mod traffic;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bus::Bus;
use cover::Cover;
use deck::{Deck, Pace, Supply};
use level::{FALL, Level, RISE};
use limiter::Limiter;
use line::Line;
use meter::Meter;
use outlet::{OUTLETS, Outlet};
use ramp::Lanes;
use traffic::{Gauges, Order, Post, Report};

use crate::media::generator::SafeBed;
use crate::units::DbTp;

/// Frames rendered at a time.
pub const BLOCK: usize = 64;
/// One block of stereo sound.
pub type Block = [[f32; 2]; BLOCK];

/// Everything that sounds.
pub struct Core {
    post: Post,
    gauges: Arc<Gauges>,
    lanes: Lanes,
    /// What the lanes ask for, as fast as ears may bear it.
    level: Level,
    /// By how much the fastest of the levels has risen in this block, in dB.
    risen: f32,
    programme: Bus,
    bed: Bus,
    cover: Cover,
    /// A first piece was asked for: from now on silence is a fault, unless a lane asks for it.
    begun: bool,
    limiter: Limiter,
    meter: Meter,
    outlets: [Outlet; OUTLETS],
    #[cfg(test)]
    pub trip: bool,
}

impl Core {
    /// A core on which nothing sounds yet, with the bed that covers every failure.
    pub fn new(ceiling: DbTp, bed: SafeBed, post: Post, gauges: Arc<Gauges>) -> Self {
        Self {
            post,
            gauges,
            lanes: Lanes::new(),
            level: Level::at(0.0),
            risen: 0.0,
            programme: Bus::new(),
            bed: Bus::new(),
            cover: Cover::new(bed),
            begun: false,
            limiter: Limiter::new(ceiling),
            meter: Meter::new(),
            outlets: std::array::from_fn(|_| Outlet::new()),
            #[cfg(test)]
            trip: false,
        }
    }

    /// The line to an output, for when another one sets the pace.
    pub fn connect(&mut self, outlet: usize) -> Line {
        self.outlets[outlet].connect()
    }

    /// One block of sound for the output at this outlet, which sets the pace (`None`: nobody hears it); the other outlets send
    /// theirs down their lines.
    pub fn render(&mut self, out: &mut Block, outlet: Option<usize>) {
        self.render_sound(out);
        let unheard = self.programme.is_silent() && self.bed.is_silent() && self.cover.is_silent();
        for (place, (way, gauge)) in self.outlets.iter_mut().zip(&self.gauges.outlets).enumerate() {
            way.advance(gauge, self.risen, unheard);
            if outlet != Some(place) && gauge.follows.load(Relaxed) {
                way.send(out);
            }
        }
        if let Some(outlet) = outlet {
            self.outlets[outlet].apply(out);
        }
    }

    fn render_sound(&mut self, out: &mut Block) {
        *out = [[0.0; 2]; BLOCK];
        if self.gauges.bed_only.load(Relaxed) {
            self.render_bed_only(out);
            return;
        }
        #[cfg(test)]
        assert!(!self.trip, "a test wants this to fail");
        self.advance(Pace::Sounding);
        self.programme.add_to(out);
        self.bed.add_to(out);
        self.finish(out);
    }

    /// Lets blocks pass without computing sound; orders, ramps, crossfades, places and reports are the same.
    pub fn skip(&mut self, blocks: u64) {
        let mut left = blocks;
        while left > 0 {
            let passed = self.rests_for().clamp(1, left);
            if passed == 1 {
                self.advance(Pace::Skipping);
            } else {
                self.pass(passed * BLOCK as u64);
            }
            self.gauges.rendered.fetch_add(passed * BLOCK as u64, Relaxed);
            left -= passed;
        }
    }

    /// For how many blocks of skipping nothing but places changes.
    pub fn rests_for(&self) -> u64 {
        let settled = self.post.is_idle() && self.lanes.are_at_rest() && self.level.is_at_rest(self.lanes.now());
        if !settled {
            return 0;
        }
        let cover = if self.begun { self.cover.rests_for(self.programme.lead(Pace::Skipping)) } else { u64::MAX };
        cover.min(self.programme.rests_for(&self.level)).min(self.bed.rests_for(&self.level))
    }

    /// Lets so many frames pass at once, of those for which everything rests.
    fn pass(&mut self, frames: u64) {
        self.programme.pass(frames);
        self.bed.pass(frames);
        self.risen = 0.0;
        self.gauges.set_sounding(self.programme.target(), self.programme.lead(Pace::Skipping).frames);
    }

    /// Something in here panicked: from now on the safe bed alone.
    pub fn fail(&mut self) {
        self.gauges.bed_only.store(true, Relaxed);
        self.cover.fall_back();
    }

    /// Every deck that is here.
    pub fn decks(&mut self) -> impl Iterator<Item = &mut Deck> {
        self.programme.decks().chain(self.bed.decks())
    }

    /// All that happens in a block but the sound itself.
    fn advance(&mut self, pace: Pace) {
        let nothing_yet = !self.begun;
        while let Some(order) = self.post.next_order() {
            self.take(order);
        }
        let aim = self.lanes.advance();
        if nothing_yet {
            // A session that comes back muted must be silent from its first sample.
            self.level = Level::at(aim);
        }
        let before = [self.level.now(), self.programme.level(), self.bed.level()];
        self.level.follow(aim, RISE, FALL);
        self.programme.advance(&self.level, pace, &mut self.post);
        self.bed.advance(&self.level, pace, &mut self.post);
        let after = [self.level.now(), self.programme.level(), self.bed.level()];
        self.risen = after.iter().zip(before).map(|(after, before)| after - before).fold(0.0, f32::max);
        let lead = self.programme.lead(pace);
        if self.begun {
            self.cover.advance(lead, self.programme.is_up(&self.level));
        }
        self.gauges.set_sounding(self.programme.target(), lead.frames);
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Cross { deck, over, curve } => {
                self.begun = true;
                self.programme.cross(deck, over, curve, &mut self.post);
            }
            Order::Bed { deck: Some(deck), over } => {
                self.bed.cross(deck, over, crate::audio::Curve::EqualPower, &mut self.post);
            }
            Order::Bed { deck: None, over } => self.bed.leave(over, &mut self.post),
            Order::Ramp { lane, from, to, over } => self.lanes.set(lane, from, to, over),
        }
    }

    /// The safe bed, and what every sound passes last.
    fn finish(&mut self, out: &mut Block) {
        self.cover.add_to(out, &self.level);
        guard::sanitise(out);
        self.limiter.process(out);
        if let Some(squares) = self.meter.measure(out) {
            self.gauges.set_level(squares);
        }
        self.gauges.peak.store(self.limiter.highest().to_bits(), Relaxed);
        self.gauges.rendered.fetch_add(BLOCK as u64, Relaxed);
    }

    /// After a failure inside: decks are sent back unheard, lanes still work.
    fn render_bed_only(&mut self, out: &mut Block) {
        while let Some(order) = self.post.next_order() {
            match order {
                Order::Ramp { lane, from, to, over } => self.lanes.set(lane, from, to, over),
                Order::Cross { deck, .. } | Order::Bed { deck: Some(deck), .. } => self.post.send(Report::Left(deck)),
                Order::Bed { deck: None, .. } => {}
            }
        }
        self.level.follow(self.lanes.advance(), RISE, FALL);
        self.cover.advance(Supply { frames: 0, last: true }, false);
        self.gauges.set_sounding(None, 0);
        self.finish(out);
    }
}

#[cfg(test)]
mod tests;
