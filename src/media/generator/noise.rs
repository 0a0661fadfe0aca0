//! Numbers that look random and are a function of a seed and a counter, so that any place can be reached at once.

/// The odd constant of a Weyl sequence: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Where a family of numbers comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seed(pub u64);

impl Seed {
    /// An unrelated seed for a part of the instrument.
    pub(super) fn child(self, part: u64) -> Self {
        Self(scramble(self.0 ^ scramble(part.wrapping_add(1).wrapping_mul(STEP))))
    }

    /// 64 even bits for this counter.
    pub(super) fn bits(self, counter: u64) -> u64 {
        scramble(self.0.wrapping_add(counter.wrapping_mul(STEP)))
    }

    /// Even in 0..1 for this counter.
    pub(super) fn unit(self, counter: u64) -> f64 {
        (self.bits(counter) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Even in `least..most` for this counter.
    pub(super) fn between(self, counter: u64, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit(counter)
    }

    /// White noise: two unrelated samples for this frame, even in -1..1, so a power of [`WHITE_POWER`] each.
    pub(super) fn white(self, frame: u64) -> [f32; 2] {
        const SCALE: f32 = 1.0 / 2_147_483_648.0;
        let bits = self.bits(frame);
        [bits as u32 as i32 as f32 * SCALE, (bits >> 32) as u32 as i32 as f32 * SCALE]
    }
}

/// The mean square of [`Seed::white`].
pub(super) const WHITE_POWER: f64 = 1.0 / 3.0;

/// Steele, Lea and Flood's 64-bit finaliser (SplitMix, 2014): each bit in moves half the bits out.
fn scramble(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_noise_has_no_mean_and_the_stated_power() {
        let seed = Seed(7);
        let count = 1_000_000;
        let (mut sum, mut power, mut product) = (0.0, 0.0, 0.0);
        for frame in 0..count {
            let [left, right] = seed.white(frame).map(f64::from);
            sum += left;
            power += left * left;
            product += left * right;
        }
        let count = count as f64;
        assert!((sum / count).abs() < 0.002);
        assert!((power / count - WHITE_POWER).abs() < 0.002);
        assert!((product / count).abs() < 0.002, "left and right are unrelated");
    }

    #[test]
    fn parts_of_one_seed_are_unrelated() {
        assert_ne!(Seed(1).child(0), Seed(1).child(1));
        assert_ne!(Seed(1).child(0), Seed(2).child(0));
        assert_ne!(Seed(0).child(0), Seed(0));
    }
}
