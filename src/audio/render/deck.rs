//! A deck: one piece, its decoded sound and its way in and out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Acquire};

use rtrb::Consumer;

use super::ease::Easing;
use super::fade::Fade;
use super::level::{FALL, Level, rise_after_fault};
use super::{BLOCK, Block};
use crate::audio::Curve;
use crate::units::{Frames, Gain, Ticket};

/// What must be decoded before a piece may begin, or go on after a starvation: 0.2 s.
pub const ENOUGH: u64 = 9_600;
/// A piece that leaves and has come down to this (linear, -40 dB) masks nothing that comes.
const LAST_OF_A_WAY_OUT: f32 = 0.01;
/// The end of what is decoded is faded over this, so that neither a starvation nor a cut-off file clicks: 20 ms.
const EDGE: u64 = 960;

/// What a feeder tells of its stream, for the render half to read.
#[derive(Debug, Default)]
pub struct Progress {
    /// The stream is open.
    pub opened: AtomicBool,
    /// Nothing follows what is in the ring.
    pub ended: AtomicBool,
}

/// Decoded sound that lies ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// Frames of it.
    pub frames: u64,
    /// Nothing follows them.
    pub last: bool,
}

impl Supply {
    /// Whether a piece may begin with it.
    pub fn is_enough(self) -> bool {
        self.frames >= ENOUGH || self.last
    }
}

/// Whether time passes with its sound, or (offline) without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Sound is read from the ring.
    Sounding,
    /// Only places move; what there would be is known from the length.
    Skipping,
}

/// One piece on its way through the engine. Built and dropped by the control half.
#[derive(Debug)]
pub struct Deck {
    /// Whose; `None` for a bed.
    pub ticket: Option<Ticket>,
    /// Its own gain.
    pub gain: Gain,
    /// What matched that to the piece before it.
    pub ease: Easing,
    /// Its way in or out.
    pub fade: Fade,
    /// Whether its crossfade has begun.
    pub started: bool,
    samples: Consumer<f32>,
    progress: Arc<Progress>,
    length: Option<u64>,
    heard: u64,
    /// Frames passed in skipping that the feeder has yet to throw away.
    owed: u64,
    /// Not waiting for a late decoder.
    flowing: bool,
    /// Nothing but digital silence has come from it so far.
    mute: bool,
    /// The gain near the end of what is decoded.
    edge: f32,
    /// Frames it should have sounded and could not.
    dry: u64,
    /// Its way back after that; 0 dB when all is well.
    back: Level,
}

impl Deck {
    /// A deck that plays what comes out of this ring.
    pub fn new(
        ticket: Option<Ticket>,
        samples: Consumer<f32>,
        progress: Arc<Progress>,
        length: Option<Frames>,
    ) -> Self {
        Self {
            ticket,
            gain: Gain::UNITY,
            ease: Easing::NONE,
            fade: Fade::rise(Frames::ZERO, Curve::EqualPower),
            started: false,
            samples,
            progress,
            length: length.map(|length| length.0),
            heard: 0,
            owed: 0,
            flowing: true,
            mute: true,
            edge: 1.0,
            dry: 0,
            back: Level::at(0.0),
        }
    }

    /// Whether this is the progress of its feeder.
    pub fn is_fed_by(&self, progress: &Arc<Progress>) -> bool {
        Arc::ptr_eq(&self.progress, progress)
    }

    /// How much of it was played.
    pub fn heard(&self) -> Frames {
        Frames(self.heard)
    }

    /// How long it has now been without sound though it should have some, in frames.
    pub fn dry(&self) -> u64 {
        self.dry
    }

    /// Its gain in dB on its way back after it had run dry; 0 dB when all is well.
    pub fn back(&self) -> f32 {
        self.back.now()
    }

    /// Whether anything of it is heard: not an intended silence, nor the last of a way out.
    pub fn is_audible(&self) -> bool {
        let least = if self.fade.is_leaving() { LAST_OF_A_WAY_OUT } else { 0.0 };
        self.flowing && !self.mute && self.edge > 0.0 && self.fade.gain() > least
    }

    /// What lies ready.
    pub fn supply(&self, pace: Pace) -> Supply {
        // Read before the ring: what came before the end is then seen, whatever the feeder does meanwhile.
        let last = self.progress.ended.load(Acquire);
        match pace {
            Pace::Sounding => Supply { frames: (self.samples.slots() / 2) as u64, last },
            Pace::Skipping if !self.progress.opened.load(Acquire) => Supply { frames: 0, last },
            Pace::Skipping => match self.length {
                Some(length) => Supply { frames: length.saturating_sub(self.heard), last: true },
                None => Supply { frames: u64::MAX, last: false },
            },
        }
    }

    /// Adds a block of it to `sum`; after it had run dry it comes back no further unless it may rise. Tells whether more may
    /// follow.
    pub fn play(&mut self, sum: &mut Block, may_rise: bool) -> bool {
        self.ease.advance();
        let supply = self.supply(Pace::Sounding);
        if self.may_flow(supply, may_rise) {
            let mut sound = [[0.0; 2]; BLOCK];
            let (read, _) = self.samples.pop_partial_slice(sound.as_flattened_mut());
            let frames = read.len() / 2;
            self.mute &= read.iter().all(|sample| *sample == 0.0);
            self.shape(&mut sound, supply.frames);
            self.back.apply(&mut sound);
            for (sum, frame) in sum.iter_mut().zip(sound) {
                *sum = [sum[0] + frame[0], sum[1] + frame[1]];
            }
            self.heard += frames as u64;
        }
        self.fade.advance(BLOCK as u64);
        self.goes_on(self.supply(Pace::Sounding))
    }

    /// Lets a block pass unheard. Tells whether more may follow.
    pub fn skip(&mut self) -> bool {
        self.ease.advance();
        let supply = self.supply(Pace::Skipping);
        if self.may_flow(supply, true) {
            let passed = supply.frames.min(BLOCK as u64);
            let mut thrown = [[0.0; 2]; BLOCK];
            let (read, _) = self.samples.pop_partial_slice(thrown[..passed as usize].as_flattened_mut());
            self.owed += passed - read.len() as u64 / 2;
            self.heard += passed;
            // Nobody can tell.
            self.mute = false;
        }
        self.fade.advance(BLOCK as u64);
        self.goes_on(self.supply(Pace::Skipping))
    }

    /// For how many blocks of skipping nothing but its place changes, and how far it is on its way.
    pub fn rests_for(&self) -> u64 {
        let well = self.flowing && self.dry == 0 && self.back.is_at_rest(0.0);
        if !well {
            return 0;
        }
        // The block in which it is gone is not passed.
        let way_out = if self.fade.is_leaving() { self.fade.left() } else { u64::MAX };
        let left = self.supply(Pace::Skipping).frames.min(way_out);
        (left.saturating_sub(1) / BLOCK as u64).min(self.ease.rests_for())
    }

    /// Lets so many frames pass unheard, of those for which it rests.
    pub fn pass(&mut self, frames: u64) {
        let ready = ((self.samples.slots() / 2) as u64).min(frames);
        if let Ok(thrown) = self.samples.read_chunk(2 * ready as usize) {
            thrown.commit_all();
        }
        self.owed += frames - ready;
        self.heard += frames;
        self.fade.advance(frames);
        self.ease.pass(frames);
    }

    /// Frames that its feeder is to throw away before it goes on; asked for once.
    pub fn take_owed(&mut self) -> u64 {
        std::mem::take(&mut self.owed)
    }

    fn may_flow(&mut self, supply: Supply, may_rise: bool) -> bool {
        self.flowing = if self.flowing { supply.frames > 0 } else { supply.is_enough() && supply.frames > 0 };
        if !self.flowing {
            self.dry += BLOCK as u64;
            return false;
        }
        let gap = std::mem::take(&mut self.dry);
        if gap > 0 {
            self.back.resume(gap);
        }
        self.back.follow(0.0, if may_rise { rise_after_fault(-self.back.now()) } else { 0.0 }, FALL);
        true
    }

    fn goes_on(&self, left: Supply) -> bool {
        left.frames > 0 || !left.last
    }

    /// Applies its gains, frame by frame while they change.
    fn shape(&mut self, sound: &mut Block, ready: u64) {
        if self.fade.is_over() && self.ease.is_over() && self.edge >= 1.0 && ready > EDGE + BLOCK as u64 {
            let gain = self.gain.0 * self.fade.gain();
            sound.iter_mut().for_each(|frame| *frame = frame.map(|sample| sample * gain));
            return;
        }
        for (frame, place) in sound.iter_mut().zip(0u64..) {
            let left = ready.saturating_sub(place + 1) as f32 / EDGE as f32;
            self.edge = (self.edge + 1.0 / EDGE as f32).min(left).min(1.0);
            let gain = self.gain.0 * self.ease.gain_at(place) * self.edge * self.fade.gain_after(place + 1);
            *frame = frame.map(|sample| sample * gain);
        }
    }
}
