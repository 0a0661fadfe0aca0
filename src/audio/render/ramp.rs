//! The lanes: gains in dB that travel in straight lines.

use super::BLOCK;
use crate::audio::Lane;
use crate::units::{Decibels, Frames};

/// No gain change is a step (sound rule): the shortest ramp, 10 ms.
pub const SHORTEST: Frames = Frames(480);

/// No order lifts a lane above this. The comfort cap lies far below it; this is for orders that make no sense.
const LOUDEST: f32 = 12.0;

/// One gain on its way, in dB, a block at a time.
#[derive(Clone, Copy, Debug)]
struct Ramp {
    from: f32,
    to: f32,
    blocks: u64,
    done: u64,
}

impl Ramp {
    const REST: Self = Self { from: 0.0, to: 0.0, blocks: 1, done: 1 };

    fn now(&self) -> f32 {
        if self.done >= self.blocks {
            self.to
        } else {
            self.from + (self.to - self.from) * (self.done as f32 / self.blocks as f32)
        }
    }
}

/// All lanes together. They multiply; a lane at silence silences the rest.
#[derive(Clone, Copy, Debug)]
pub struct Lanes([Ramp; 3]);

impl Lanes {
    /// Every lane at 0 dB.
    pub fn new() -> Self {
        Self([Ramp::REST; 3])
    }

    /// Sets a lane on its way. Whatever jumps here is eased by [`super::level::Level`].
    pub fn set(&mut self, lane: Lane, from: Option<Decibels>, to: Decibels, over: Frames) {
        let ramp = &mut self.0[lane as usize];
        let silence = Decibels::SILENCE.0;
        let bounded = |level: f32| if level.is_nan() { silence } else { level.clamp(silence, LOUDEST) };
        let from = bounded(from.map_or(ramp.now(), |from| from.0));
        let blocks = over.0.max(SHORTEST.0).div_ceil(BLOCK as u64);
        *ramp = Ramp { from, to: bounded(to.0), blocks, done: 0 };
    }

    /// Lets one block pass; the gain of all lanes at its end.
    pub fn advance(&mut self) -> f32 {
        self.0.iter_mut().for_each(|ramp| ramp.done = (ramp.done + 1).min(ramp.blocks));
        self.now()
    }

    /// The gain of all lanes, in dB, [`Decibels::SILENCE`] at the least.
    pub fn now(&self) -> f32 {
        let silence = Decibels::SILENCE.0;
        let levels = || self.0.iter().map(Ramp::now);
        if levels().any(|level| level <= silence) { silence } else { levels().sum::<f32>().max(silence) }
    }

    /// Whether none of them is on its way.
    pub fn are_at_rest(&self) -> bool {
        self.0.iter().all(|ramp| ramp.done >= ramp.blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn blocks(secs: i64) -> usize {
        (Frames::of(Span::from_secs(secs)).0 / BLOCK as u64) as usize
    }

    #[test]
    fn lanes_add_up_in_decibels_and_arrive_on_time() {
        let mut lanes = Lanes::new();
        lanes.set(Lane::Comfort, None, Decibels(-3.0), Frames::ZERO);
        lanes.set(Lane::Duck, None, Decibels(-12.0), Frames::of(Span::from_secs(2)));
        let path: Vec<f32> = (0..blocks(2)).map(|_| lanes.advance()).collect();
        assert!((path[blocks(1) - 1] + 9.0).abs() < 0.1, "{}", path[blocks(1) - 1]);
        assert_eq!(path[blocks(2) - 1], -15.0);
    }

    #[test]
    fn a_silent_lane_silences_the_others() {
        let mut lanes = Lanes::new();
        lanes.set(Lane::Comfort, None, Decibels(6.0), Frames::ZERO);
        lanes.set(Lane::Presence, None, Decibels::SILENCE, Frames::ZERO);
        let last = (0..20).map(|_| lanes.advance()).last();
        assert_eq!(last, Some(-60.0));
    }

    #[test]
    fn nonsense_is_silence_not_noise() {
        let mut lanes = Lanes::new();
        lanes.set(Lane::Comfort, Some(Decibels(f32::INFINITY)), Decibels(f32::NAN), Frames::ZERO);
        assert!((0..20).map(|_| lanes.advance()).all(|level| level <= LOUDEST));
        assert_eq!(lanes.advance(), -60.0);
    }
}
