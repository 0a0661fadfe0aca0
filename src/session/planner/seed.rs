//! Seeded choice: a number for each piece that is the same every time it is asked for.

use super::super::plan::TrackId;

/// One round of the splitmix64 mixer (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
const fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The lot drawn by a piece in a phase of the session with this seed. Not a sequence: it does not depend on what was
/// asked before, so that planning again draws the same lots.
pub(super) const fn lot(seed: u64, phase: usize, id: TrackId) -> u64 {
    mixed(mixed(seed ^ ((phase as u64) << 32)) ^ id.0 as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_differ_by_seed_phase_and_piece_and_stay() {
        let id = TrackId(3);
        assert_eq!(lot(1, 2, id), lot(1, 2, id));
        assert_ne!(lot(1, 2, id), lot(2, 2, id));
        assert_ne!(lot(1, 2, id), lot(1, 3, id));
        assert_ne!(lot(1, 2, id), lot(1, 2, TrackId(4)));
    }
}
