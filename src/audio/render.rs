//! The render half: from orders and decoded sound to the samples of an output, in blocks of 64 frames.
//!
//! *Invariant:* arithmetic only. No clock, no file, no lock, no sleep, no allocation, no freeing, no log, no panic; what
//! is used up goes back to the control half to be freed.
//!
//! ```text
//! orders ─► lanes ─► level ──────────┬──────────────┐
//!                                    ▼              ▼
//! decks ─► fades ─► programme bus ─► level ─┐       level ◄─ safe bed ◄─ cover (is music running out?)
//! decks ─► fades ─► bed bus ───────► level ─┴─► + ◄─┘
//!                                               └─► guard ─► limiter ─► meter ─► out
//! ```
//!
//! A block is the same whatever piece of it the output asks for, so sound does not depend on a device's buffer. Orders
//! take effect at the next block (1.3 ms). Ramps end on blocks too: their corners are rounded ([`level`]), which makes
//! the exact frame meaningless. Crossfades are exact to the frame.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod bus;
pub mod cover;
pub mod deck;
pub mod fade;
pub mod guard;
pub mod level;
pub mod limiter;
pub mod meter;
pub mod peak;
pub mod ramp;
pub mod traffic;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bus::Bus;
use cover::Cover;
use deck::{Deck, Pace, Supply};
use level::{FALL, Level, RISE, per_block};
use limiter::Limiter;
use meter::Meter;
use ramp::Lanes;
use traffic::{Gauges, Order, Post, Report};

use crate::units::{DbTp, Decibels};

/// Frames rendered at a time.
pub const BLOCK: usize = 64;
/// One block of stereo sound.
pub type Block = [[f32; 2]; BLOCK];

/// Coming back after a fault, the last 20 dB take longer, so that the whole way from silence takes 8 s (sound rule).
const LAST_STRETCH: f32 = -20.0;
const LAST_RISE: f32 = per_block(4.3);

/// Everything that sounds.
pub struct Core {
    post: Post,
    gauges: Arc<Gauges>,
    lanes: Lanes,
    /// The gain of the output, in dB.
    output_gain: f32,
    /// What the lanes ask for, as fast as ears may bear it.
    level: Level,
    /// Coming back after a fault.
    returning: bool,
    /// Takes everything out before the output changes.
    hush: Level,
    programme: Bus,
    bed: Bus,
    cover: Cover,
    /// A first piece was asked for: from now on silence is a fault, unless a lane asks for it.
    begun: bool,
    limiter: Limiter,
    meter: Meter,
    #[cfg(test)]
    pub trip: bool,
}

impl Core {
    /// A core on which nothing sounds yet.
    pub fn new(ceiling: DbTp, post: Post, gauges: Arc<Gauges>) -> Self {
        Self {
            post,
            gauges,
            lanes: Lanes::new(),
            output_gain: 0.0,
            level: Level::at(0.0),
            returning: false,
            hush: Level::at(0.0),
            programme: Bus::new(),
            bed: Bus::new(),
            cover: Cover::new(),
            begun: false,
            limiter: Limiter::new(ceiling),
            meter: Meter::new(),
            #[cfg(test)]
            trip: false,
        }
    }

    /// One block of sound.
    pub fn render(&mut self, out: &mut Block) {
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

    /// Lets one block pass without computing sound; orders, ramps, crossfades, places and reports are the same.
    pub fn skip(&mut self) {
        self.advance(Pace::Skipping);
        self.gauges.rendered.fetch_add(BLOCK as u64, Relaxed);
    }

    /// Goes on after the output was away for so many frames' time, on an output of this gain.
    pub fn resume(&mut self, gap: u64, output_gain: Decibels) {
        self.output_gain = output_gain.0.min(0.0);
        self.level.resume(gap);
        self.programme.cap(&self.level);
        self.bed.cap(&self.level);
        self.hush = Level::at(0.0);
        self.limiter.forget();
        self.returning = true;
    }

    /// Something in here panicked: from now on the safe bed alone.
    pub fn fail(&mut self) {
        self.gauges.bed_only.store(true, Relaxed);
    }

    /// Every deck that is here.
    pub fn decks(&mut self) -> impl Iterator<Item = &mut Deck> {
        self.programme.decks().chain(self.bed.decks())
    }

    /// All that happens in a block but the sound itself.
    fn advance(&mut self, pace: Pace) {
        while let Some(order) = self.post.next_order() {
            self.take(order);
        }
        self.advance_level();
        self.programme.advance(&self.level, pace, &mut self.post);
        self.bed.advance(&self.level, pace, &mut self.post);
        let lead = self.programme.lead(pace);
        if self.begun {
            self.cover.advance(lead, self.programme.is_up(&self.level));
        }
        self.gauges.set_sounding(self.programme.target(), lead.frames);
    }

    fn advance_level(&mut self) {
        let asked = (self.lanes.advance() + self.output_gain).max(Decibels::SILENCE.0);
        let rise = if self.returning && self.level.now() > LAST_STRETCH { LAST_RISE } else { RISE };
        self.level.follow(asked, rise, FALL);
        self.returning &= self.level.now() < asked;
        let hushed = if self.gauges.hush.load(Relaxed) { Decibels::SILENCE.0 } else { 0.0 };
        self.hush.follow(hushed, RISE, FALL);
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
        self.hush.apply(out);
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
        self.advance_level();
        self.cover.advance(Supply { frames: 0, last: true }, false);
        self.gauges.set_sounding(None, 0);
        self.finish(out);
    }
}

#[cfg(test)]
mod tests;
