//! The gain of one deck in a crossfade.

use std::f32::consts::FRAC_PI_2;

use super::ramp::SHORTEST;
use crate::audio::Curve;
use crate::units::Frames;

/// A deck's way in or out, frame by frame.
///
/// Whatever is interrupted goes out from where it is: if the powers of the decks that sound add up to P, a new equal-power
/// crossfade makes that P cos² + sin² of the way, which stays 1 when P was 1, however many decks take part.
#[derive(Clone, Copy, Debug)]
pub struct Fade {
    /// The gain at the beginning of the way out; `None` on the way in.
    out_from: Option<f32>,
    curve: Curve,
    over: u64,
    done: u64,
}

impl Fade {
    /// From nothing to full.
    pub fn rise(over: Frames, curve: Curve) -> Self {
        Self { out_from: None, curve, over: over.0.max(SHORTEST.0), done: 0 }
    }

    /// From where `self` is to nothing.
    #[must_use]
    pub fn fall(self, over: Frames, curve: Curve) -> Self {
        Self { out_from: Some(self.gain()), curve, over: over.0.max(SHORTEST.0), done: 0 }
    }

    /// Whether the way leads out.
    pub fn is_leaving(&self) -> bool {
        self.out_from.is_some()
    }

    /// Whether nothing changes any more.
    pub fn is_over(&self) -> bool {
        self.done >= self.over
    }

    /// Frames until then.
    pub fn left(&self) -> u64 {
        self.over - self.done
    }

    /// The gain now, 0 to 1.
    pub fn gain(&self) -> f32 {
        self.gain_after(0)
    }

    /// The gain some frames from now.
    pub fn gain_after(&self, frames: u64) -> f32 {
        let done = self.done + frames;
        if done >= self.over {
            return if self.is_leaving() { 0.0 } else { 1.0 };
        }
        let way = (done as f64 / self.over as f64) as f32;
        match (self.out_from, self.curve) {
            (None, Curve::EqualPower) => (way * FRAC_PI_2).sin(),
            (None, Curve::EqualGain) => way,
            (Some(from), Curve::EqualPower) => from * (way * FRAC_PI_2).cos(),
            (Some(from), Curve::EqualGain) => from * (1.0 - way),
        }
    }

    /// Lets frames pass.
    pub fn advance(&mut self, frames: u64) {
        self.done = (self.done + frames).min(self.over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power of all decks along the way, when crossfades of these lengths begin at these frames.
    fn powers(crossings: &[(u64, u64)]) -> Vec<f32> {
        let mut fades = vec![Fade::rise(SHORTEST, Curve::EqualPower)];
        fades[0].advance(SHORTEST.0);
        (0..100_000)
            .map(|frame| {
                if let Some((_, over)) = crossings.iter().find(|(at, _)| *at == frame) {
                    fades.iter_mut().for_each(|fade| *fade = fade.fall(Frames(*over), Curve::EqualPower));
                    fades.push(Fade::rise(Frames(*over), Curve::EqualPower));
                }
                fades.iter_mut().for_each(|fade| fade.advance(1));
                fades.iter().map(|fade| fade.gain().powi(2)).sum()
            })
            .collect()
    }

    fn check_power(crossings: &[(u64, u64)]) {
        for power in powers(crossings) {
            assert!((10.0 * power.log10()).abs() < 0.01, "{crossings:?}: {power}");
        }
    }

    #[test]
    fn unlike_material_keeps_its_power_in_a_crossfade() {
        check_power(&[(10, 48_000)]);
        check_power(&[(10, 480)]);
    }

    #[test]
    fn also_when_crossfades_are_interrupted_again_and_again() {
        check_power(&[(10, 48_000), (20_000, 48_000)]);
        check_power(&[(10, 48_000), (5_000, 20_000), (9_000, 600), (9_100, 90_000)]);
    }

    #[test]
    fn like_material_keeps_its_gain() {
        let mut out = Fade::rise(SHORTEST, Curve::EqualGain);
        out.advance(SHORTEST.0);
        let mut out = out.fall(Frames(1000), Curve::EqualGain);
        let mut into = Fade::rise(Frames(1000), Curve::EqualGain);
        for _ in 0..1000 {
            out.advance(1);
            into.advance(1);
            assert!((out.gain() + into.gain() - 1.0).abs() < 1e-6);
        }
    }
}
