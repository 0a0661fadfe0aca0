//! Counts of frames: the audio clock.

use super::Span;

/// The engine's one sample rate, in Hz: outputs are opened at it and every source is resampled to it.
pub const ENGINE_RATE_HZ: u32 = 48_000;

/// A number of frames at [`ENGINE_RATE_HZ`]; one frame is one sample of each channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frames(pub u64);

impl Frames {
    /// No frames.
    pub const ZERO: Self = Self(0);

    /// Frames in a span; a negative span counts as none.
    #[must_use]
    pub fn of(span: Span) -> Self {
        let millis = u64::try_from(span.millis()).unwrap_or(0);
        Self(millis.saturating_mul(u64::from(ENGINE_RATE_HZ)) / 1000)
    }

    /// The time these frames take, to the millisecond below.
    #[must_use]
    pub fn span(self) -> Span {
        let millis = u128::from(self.0) * 1000 / u128::from(ENGINE_RATE_HZ);
        Span::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_millisecond_is_forty_eight_frames_both_ways() {
        assert_eq!(Frames::of(Span::from_millis(1)), Frames(48));
        assert_eq!(Frames(48 * 6_300_000).span(), Span::from_secs(6300));
        assert_eq!(Frames::of(Span::from_millis(-5)), Frames::ZERO);
    }
}
