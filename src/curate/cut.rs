//! Cuts a row of pieces into a row of pools, each long enough for its phase.

use std::ops::Range;

use crate::units::Span;

/// Between pieces where a playlist says nothing else (product.md).
pub(super) const CROSSFADE: Span = Span::from_secs(20);

/// How long a row of pieces lasts: every piece but the first begins inside the one before it.
pub(super) fn lasts(lengths: &[Span]) -> Span {
    let overlaps = CROSSFADE.scaled(lengths.len().saturating_sub(1) as f64);
    (lengths.iter().copied().sum::<Span>() - overlaps).or_zero()
}

/// One pool after the other, so that each lasts as many times its phase's planned length as all can; what is left over goes
/// to the last. `None` where they do not last even once.
pub(super) fn cut(lengths: &[Span], planned: &[Span]) -> Option<Vec<Range<usize>>> {
    let mut best = attempt(lengths, planned, 1.0)?;
    // No pool can last longer than everything together.
    let (mut least, mut most) = (1.0, lengths.iter().copied().sum::<Span>().secs_f64());
    for _ in 0..40 {
        let times = f64::midpoint(least, most);
        match attempt(lengths, planned, times) {
            Some(pools) => (best, least) = (pools, times),
            None => most = times,
        }
    }
    if let Some(last) = best.last_mut() {
        last.end = lengths.len();
    }
    Some(best)
}

/// The shortest pools in order that last so many times their phases. Taking the shortest first leaves most for the rest, so if
/// this fails, every cut does.
fn attempt(lengths: &[Span], planned: &[Span], times: f64) -> Option<Vec<Range<usize>>> {
    let mut begin = 0;
    let pool = |planned: &Span| {
        let wanted = planned.scaled(times);
        let end = (begin + 1..=lengths.len()).find(|end| lasts(&lengths[begin..*end]) >= wanted)?;
        let pool = begin..end;
        begin = end;
        Some(pool)
    };
    planned.iter().map(pool).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(lengths: &[i64]) -> Vec<Span> {
        lengths.iter().copied().map(Span::from_mins).collect()
    }

    #[test]
    fn pools_share_what_there_is_by_the_length_of_their_phases() {
        let pools = cut(&minutes(&[5; 24]), &minutes(&[15, 5, 30])).unwrap();
        assert_eq!(pools, [0..7, 7..10, 10..24]);
        assert_eq!(cut(&minutes(&[10, 10]), &minutes(&[5, 5])), Some(vec![0..1, 1..2]));
    }

    #[test]
    fn what_is_too_little_is_not_cut() {
        assert_eq!(cut(&minutes(&[10, 10]), &minutes(&[10, 10, 1])), None);
        assert_eq!(cut(&minutes(&[5, 5]), &minutes(&[10])), None, "the two overlap by 20 s");
        assert_eq!(cut(&[], &minutes(&[1])), None);
    }

    proptest::proptest! {
        #[test]
        fn every_pool_lasts_its_phase_and_no_piece_is_lost_or_used_twice(
            lengths in proptest::collection::vec(60i64..900, 0..80), planned in proptest::collection::vec(60i64..2400, 1..7)
        ) {
            let spans = |secs: &[i64]| -> Vec<Span> { secs.iter().copied().map(Span::from_secs).collect() };
            let (lengths, planned) = (spans(&lengths), spans(&planned));
            match cut(&lengths, &planned) {
                Some(pools) => {
                    proptest::prop_assert_eq!(pools.len(), planned.len());
                    proptest::prop_assert!(pools.iter().zip(&planned).all(|(pool, planned)| lasts(&lengths[pool.clone()]) >= *planned));
                    let pieces: Vec<usize> = pools.into_iter().flatten().collect();
                    proptest::prop_assert!(pieces.into_iter().eq(0..lengths.len()));
                }
                None => proptest::prop_assert!(
                    attempt(&lengths, &planned, 1.0).is_none() && lasts(&lengths) < planned.iter().copied().sum::<Span>() + Span::from_secs(920 * 7)
                ),
            }
        }
    }
}
