//! A sung note: one period of a voice on each vowel, and the mouth that moves between them.

use std::f64::consts::TAU;

use super::noise::Seed;
use super::{BLOCK, Block, loudness};

/// Samples in one period of a voice.
const TABLE: usize = 2048;
/// Above this a voice has no overtones.
const HIGHEST_HZ: f64 = 8000.0;

/// A vowel: where the mouth resonates (Hz), how strongly, how broadly (Hz).
type Vowel = [(f64, f64, f64); 5];
const MM: Vowel =
    [(260.0, 1.0, 80.0), (1000.0, 0.06, 160.0), (2200.0, 0.02, 220.0), (3100.0, 0.01, 300.0), (4300.0, 0.005, 400.0)];
const OO: Vowel =
    [(330.0, 1.0, 90.0), (800.0, 0.28, 110.0), (2350.0, 0.04, 220.0), (3200.0, 0.03, 300.0), (4400.0, 0.01, 400.0)];
const OH: Vowel =
    [(450.0, 1.0, 100.0), (850.0, 0.55, 120.0), (2550.0, 0.07, 240.0), (3250.0, 0.05, 320.0), (4500.0, 0.02, 450.0)];
const AH: Vowel =
    [(650.0, 1.0, 130.0), (1100.0, 0.65, 150.0), (2650.0, 0.12, 260.0), (3350.0, 0.09, 350.0), (4700.0, 0.04, 500.0)];
/// How many there are, from closed lips to an open mouth; [`Note::mouth`] counts them from 0.
pub(super) const VOWELS: usize = 4;

/// A pitch that can be sung, with one period of it on each vowel, all equally loud.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub hz: f64,
    periods: [Vec<f32>; VOWELS],
    /// How alike each vowel and the next one are: the correlation of their K-weighted sound.
    alike: [f64; VOWELS - 1],
}

impl Note {
    /// The overtones' angles come from the seed and are the same on every vowel, so that vowels can be mixed.
    pub(super) fn new(seed: Seed, hz: f64, brightness: f64) -> Self {
        let spectra = [MM, OO, OH, AH].map(|vowel| spectrum(hz, &vowel, brightness));
        let sine: Vec<f32> = (0..TABLE).map(|place| (TAU * place as f64 / TABLE as f64).sin() as f32).collect();
        let starts: Vec<usize> = (0..spectra[0].len()).map(|n| seed.bits(n as u64) as usize % TABLE).collect();
        let periods = spectra.each_ref().map(|spectrum| {
            let sample = |place: usize| -> f32 {
                let tones = spectrum.iter().zip(&starts).enumerate();
                tones.map(|(n, (gain, start))| *gain as f32 * sine[((n + 1) * place + start) % TABLE]).sum()
            };
            // One more than a period, so that the last sample has a next.
            (0..=TABLE).map(sample).collect()
        });
        let alike = std::array::from_fn(|n| {
            let both = spectra[n].iter().zip(&spectra[n + 1]).zip(1u32..);
            both.map(|((one, other), harmonic)| one * other / 2.0 * loudness::weight(hz * f64::from(harmonic))).sum()
        });
        Self { hz, periods, alike }
    }

    /// The mouth as it moves from one openness to another, in vowels (0 closed to [`VOWELS`]` - 1`), over a block.
    pub(super) fn mouth(&self, from: f64, to: f64) -> Mouth<'_> {
        let vowel = (from as usize).min(VOWELS - 2);
        // Flat at both ends, so that there is no corner where one pair of vowels gives way to the next.
        let parts = [from, to].map(|open| {
            let x = (open - vowel as f64).clamp(0.0, 1.0);
            x * x * (3.0 - 2.0 * x)
        });
        let mixes = parts.map(|part| {
            let rest = 1.0 - part;
            let scale = 1.0 / (rest * rest + part * part + 2.0 * part * rest * self.alike[vowel]).sqrt();
            [rest * scale, part * scale]
        });
        Mouth { periods: [&self.periods[vowel], &self.periods[vowel + 1]], mixes }
    }
}

/// The strength of each overtone on a vowel, together at a K-weighted power of 1.
fn spectrum(hz: f64, vowel: &Vowel, brightness: f64) -> Vec<f64> {
    let strength = |overtone_hz: f64| {
        let resonance: f64 =
            vowel.iter().map(|(at, gain, width)| gain / (1.0 + ((overtone_hz - at) / width).powi(2))).sum();
        (resonance + 0.03) * (overtone_hz / hz).powf(-1.1 + 0.8 * (brightness - 0.5))
    };
    let overtones = (1u32..).map(|harmonic| hz * f64::from(harmonic)).take_while(|at| *at < HIGHEST_HZ);
    let tones: Vec<(f64, f64)> = overtones.map(|at| (strength(at), at)).collect();
    let power: f64 = tones.iter().map(|(gain, at)| gain * gain / 2.0 * loudness::weight(*at)).sum();
    tones.iter().map(|(gain, _)| gain / power.sqrt()).collect()
}

/// A mouth between two vowels, over one block.
pub(super) struct Mouth<'a> {
    periods: [&'a [f32]; 2],
    /// How much of each vowel, at the block's beginning and at its end.
    mixes: [[f64; 2]; 2],
}

impl Mouth<'_> {
    /// Adds a voice to both ears: its period read at an angle that travels over the block, with gains that do too.
    pub(super) fn sing(&self, turns: (f64, f64), gains: (f64, f64), ears: [f64; 2], out: &mut Block) {
        // Angles as whole numbers that wrap at a full turn: the upper bits are a place in the table.
        const TURN: f64 = 4_294_967_296.0;
        const BELOW: u32 = 32 - TABLE.ilog2();
        let mut angle = (turns.0.rem_euclid(1.0) * TURN) as u64 as u32;
        let step = ((turns.1 - turns.0) / BLOCK as f64 * TURN) as u32;
        let begin = self.mixes[0].map(|part| (part * gains.0) as f32);
        let rise: [f32; 2] =
            std::array::from_fn(|n| ((self.mixes[1][n] * gains.1 - self.mixes[0][n] * gains.0) / BLOCK as f64) as f32);
        let ears = ears.map(|ear| ear as f32);
        let [one, other] = self.periods;
        let [left, right] = out;
        for (n, (left, right)) in left.iter_mut().zip(right).enumerate() {
            let index = (angle >> BELOW) as usize;
            let between = (angle & ((1 << BELOW) - 1)) as f32 * (1.0 / (1u32 << BELOW) as f32);
            let closed = one[index] + (one[index + 1] - one[index]) * between;
            let open = other[index] + (other[index + 1] - other[index]) * between;
            let n = n as f32;
            let sound = closed * (begin[0] + rise[0] * n) + open * (begin[1] + rise[1] * n);
            *left += sound * ears[0];
            *right += sound * ears[1];
            angle = angle.wrapping_add(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the mouth does, a voice is as loud.
    #[test]
    fn a_note_is_equally_loud_between_the_vowels() {
        let note = Note::new(Seed(1), 220.0, 0.5);
        let power = |open: f64| {
            let mixes = note.mouth(open, open).mixes[0];
            let vowel = (open as usize).min(VOWELS - 2);
            let at = |n: usize| {
                mixes[0] * f64::from(note.periods[vowel][n]) + mixes[1] * f64::from(note.periods[vowel + 1][n])
            };
            let tones = (1..40u32).map(|harmonic| {
                let turn = |n: usize| TAU * f64::from(harmonic) * n as f64 / TABLE as f64;
                let (s, c) =
                    (0..TABLE).fold((0.0, 0.0), |(s, c), n| (s + at(n) * turn(n).sin(), c + at(n) * turn(n).cos()));
                2.0 * (s * s + c * c) / (TABLE * TABLE) as f64 * loudness::weight(220.0 * f64::from(harmonic))
            });
            tones.sum::<f64>()
        };
        for open in [0.0, 0.5, 1.0, 1.3, 2.0, 2.5, 3.0] {
            assert!((power(open) - 1.0).abs() < 0.01, "{open}: {}", power(open));
        }
    }
}
