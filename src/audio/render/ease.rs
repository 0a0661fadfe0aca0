//! What matches a deck's gain to the piece before it, on its slow way back to nothing.

use super::BLOCK;
use super::level::per_block;
use crate::audio::Ease;
use crate::units::Decibels;

/// The most it may be, in dB, whatever is asked.
const MOST: f32 = 24.0;
/// The fastest it may go back, in dB per second (sound rule).
const FASTEST: f32 = 12.0;

/// A gain in dB that stays for a while and then goes back to 0, in straight lines within each block.
#[derive(Clone, Copy, Debug)]
pub struct Easing {
    by: f32,
    /// Frames for which it stays.
    stays: u64,
    /// How much it goes back in a block, in dB.
    back: f32,
    /// Linear, at the beginning and at the end of this block.
    gain: [f32; 2],
}

impl Easing {
    /// None.
    pub const NONE: Self = Self { by: 0.0, stays: 0, back: 0.0, gain: [1.0; 2] };

    /// As asked, within bounds.
    pub fn of(ease: Ease) -> Self {
        let (by, speed) = (ease.by.0, ease.back_per_second);
        if !by.is_finite() || !speed.is_finite() {
            return Self::NONE;
        }
        let by = by.clamp(-MOST, MOST);
        let back = per_block(speed.clamp(0.0, FASTEST));
        Self { by, stays: ease.stays.0, back, gain: [Decibels(by).gain().0; 2] }
    }

    /// Whether it changes nothing any more.
    pub fn is_over(&self) -> bool {
        self.gain == [1.0; 2]
    }

    /// For how many blocks it stays as it is.
    pub fn rests_for(&self) -> u64 {
        match self.gain {
            [1.0, 1.0] => u64::MAX,
            [from, to] if from == to => self.stays / BLOCK as u64,
            _ => 0,
        }
    }

    /// Lets frames pass, of the blocks for which it stays.
    pub fn pass(&mut self, frames: u64) {
        self.stays = self.stays.saturating_sub(frames);
    }

    /// Lets a block pass.
    pub fn advance(&mut self) {
        if self.stays > 0 {
            self.stays = self.stays.saturating_sub(BLOCK as u64);
        } else {
            self.by -= self.by.clamp(-self.back, self.back);
        }
        self.gain = [self.gain[1], Decibels(self.by).gain().0];
    }

    /// The gain at a frame of this block.
    pub fn gain_at(&self, place: u64) -> f32 {
        let [from, to] = self.gain;
        from + (to - from) * (place + 1) as f32 / BLOCK as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Frames;

    #[test]
    fn it_stays_for_the_crossfade_and_goes_back_no_faster_than_asked() {
        let mut easing = Easing::of(Ease { by: Decibels(-6.0), stays: Frames(48_000), back_per_second: 0.25 });
        let half = Decibels(-6.0).gain().0;
        let mut last = half;
        for block in 0..750 * 26 {
            easing.advance();
            let gain = easing.gain_at(BLOCK as u64 - 1);
            assert!(block >= 750 || gain == half, "{block}: {gain}");
            assert!(20.0 * (gain / last).log10() <= 0.25 / 750.0 * 1.1, "{block}: {last} to {gain}");
            last = gain;
        }
        assert!(easing.is_over(), "24 s after the crossfade");
    }

    #[test]
    fn nonsense_eases_nothing() {
        let easing = Easing::of(Ease { by: Decibels(f32::NAN), stays: Frames(48_000), back_per_second: 0.25 });
        assert!(easing.is_over());
    }
}
