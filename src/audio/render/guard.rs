//! The last look at the sum before the limiter: whatever came in, numbers go on.

use super::Block;

/// Far above anything musical (+18 dB), and small enough that the limiter's arithmetic stays exact.
const LARGEST: f32 = 8.0;

/// Makes every sample a finite one within +18 dB; what is not a number becomes 0. Tells whether there was such a one.
pub fn sanitise(block: &mut Block) -> bool {
    let mut broken = false;
    for sample in block.as_flattened_mut() {
        broken |= !sample.is_finite();
        // `clamp` alone would keep a NaN.
        *sample = if sample.is_finite() { sample.clamp(-LARGEST, LARGEST) } else { 0.0 };
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_becomes_silence() {
        let mut block = [[0.25, -0.5]; super::super::BLOCK];
        assert!(!sanitise(&mut block));
        assert_eq!(block[0], [0.25, -0.5]);
        block[3] = [f32::NAN, f32::NEG_INFINITY];
        block[4] = [1e30, -1e30];
        assert!(sanitise(&mut block));
        assert_eq!(block[3..5], [[0.0, 0.0], [8.0, -8.0]]);
    }
}
