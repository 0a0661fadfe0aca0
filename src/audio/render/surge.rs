//! The guard against sudden rises: what leaps out of a quiet minute is eased, and let up slowly.
//!
//! It listens to a bus before any lane is applied, so no verb ever moves it. It holds what the ear has got used to (the
//! loudest tenth of a second of the last minute, as far as it has let it through) against what comes now:
//!
//! - up to [`LEAP`] louder passes as it is, and an ordinary piece never gets further than that within a minute;
//! - what is louder still is lowered to there at once, and let up at 3 dB in 10 s, the speed at which sound may rise by
//!   itself (sound rule): a leap of 15 LU comes as one of 8, and has its own loudness after 23 s.
//!
//! Sound that rises over many seconds passes too: the ear gets used to it on the way, by 1 LU in a second. And what rises
//! from nothing is left alone on its way in, which has a speed of its own.

use super::level::{Level, per_block};
use super::{BLOCK, Block};
use crate::media::generator::K_WEIGHTING;
use crate::units::ENGINE_RATE_HZ;

/// How much louder than the last minute something may be at once, in LU. Less would touch music that is only lively.
const LEAP: f32 = 8.0;
/// How quickly the ear gets used to louder sound: 1 LU in a second.
const USED_TO: f32 = per_block(1.0);
/// The gain comes back at 3 dB in 10 s (sound rule: without a key).
const LET_UP: f32 = per_block(0.3);
/// It goes down at 1 dB in a millisecond: quicker than a startle, slower than a click.
const PULL: f32 = per_block(1000.0);

/// Blocks in a tenth of a second, over which loudness is measured.
const TENTH: usize = 75;
/// Blocks in a second.
const SECOND: usize = 10 * TENTH;
/// Seconds that are remembered.
const MEMORY: usize = 60;

/// What the ear is taken to be used to before anything was heard, in LUFS: the loudness to which pieces are trimmed.
const USUAL: f32 = -20.0;
/// The same after time that passed without being computed, in LUFS: anything may have sounded in it.
const UNKNOWN: f32 = 0.0;
/// Nothing is quieter than this for the guard, in LUFS: out of silence music may come at -32 LUFS at once.
const QUIETEST: f32 = -40.0;
/// Nothing louder than this (linear, -60 dBFS) is silence.
const AUDIBLE: f32 = 0.001;

/// Follows the loudness of one bus, and eases what leaps.
#[derive(Clone, Debug)]
pub struct Surge {
    weighting: [Stage; 2],
    /// Mean squares of the last tenth of a second, block by block, in any order.
    squares: [f32; TENTH],
    /// The loudest tenth of each of the last seconds, as it was heard, in LUFS, in any order.
    seconds: [f32; MEMORY],
    /// The same of the present second.
    second: f32,
    blocks: usize,
    used_to: f32,
    gain: Level,
    /// Blocks since something was louder than -60 dBFS.
    silent: usize,
    /// The last block passed unheard.
    missed: bool,
}

impl Surge {
    /// Used to music as loud as pieces are trimmed to.
    pub fn new() -> Self {
        Self::used_to(USUAL)
    }

    fn used_to(loudness: f32) -> Self {
        Self {
            weighting: K_WEIGHTING.map(Stage::new),
            squares: [0.0; TENTH],
            seconds: [loudness; MEMORY],
            second: loudness,
            blocks: 0,
            used_to: loudness,
            gain: Level::at(0.0),
            silent: SECOND,
            missed: false,
        }
    }

    /// Something else rises from nothing now. (While nothing is heard, the gain may jump.)
    pub fn forget(&mut self) {
        let (weighting, squares) = (self.weighting, self.squares);
        *self = Self { weighting, squares, silent: self.silent, ..Self::new() };
    }

    /// A block passes unheard: what the ear is used to is no longer known, nor whether there is silence.
    pub fn miss(&mut self) {
        if !self.missed {
            *self = Self { silent: 0, missed: true, ..Self::used_to(UNKNOWN) };
        }
    }

    /// Whether the last block passed unheard.
    pub fn has_missed(&self) -> bool {
        self.missed
    }

    /// Whether there has been silence for a second.
    pub fn hears_nothing(&self) -> bool {
        self.silent >= SECOND
    }

    /// Listens to a block, and eases it where that is called for. Its samples must be finite. What is on its way in from
    /// nothing only becomes known.
    pub fn process(&mut self, block: &mut Block, on_its_way_in: bool) {
        self.missed = false;
        let heard = self.loudness_with(block) + self.gain.now();
        self.remember(heard);
        let loudest = self.seconds.iter().fold(self.second, |loudest, second| loudest.max(*second));
        let most = if on_its_way_in { loudest } else { self.used_to + USED_TO };
        self.used_to = loudest.min(most).max(QUIETEST);
        let over = heard - self.gain.now() - self.used_to - LEAP;
        self.gain.follow((-over).min(0.0), LET_UP, PULL);
        self.gain.apply(block);
    }

    fn remember(&mut self, heard: f32) {
        self.second = self.second.max(heard);
        self.blocks += 1;
        if self.blocks.is_multiple_of(SECOND) {
            self.seconds[self.blocks / SECOND % MEMORY] = std::mem::replace(&mut self.second, f32::NEG_INFINITY);
        }
    }

    /// The loudness of the tenth of a second that ends with this block, in LUFS (ITU-R BS.1770, without its gate).
    fn loudness_with(&mut self, block: &Block) -> f32 {
        let largest = block.as_flattened().iter().fold(0.0f32, |largest, sample| largest.max(sample.abs()));
        self.silent = if largest > AUDIBLE { 0 } else { (self.silent + 1).min(SECOND) };
        let mut sum = 0.0;
        for frame in block {
            let mut frame = frame.map(f64::from);
            for stage in &mut self.weighting {
                frame = stage.next(frame);
            }
            sum += frame[0] * frame[0] + frame[1] * frame[1];
        }
        self.weighting.iter_mut().for_each(Stage::settle);
        self.squares[self.blocks % TENTH] = (sum / BLOCK as f64) as f32;
        let mean = self.squares.iter().sum::<f32>() / TENTH as f32;
        10.0 * mean.max(1e-12).log10() - 0.691
    }
}

/// One filter of the K-weighting, for both channels.
#[derive(Clone, Copy, Debug)]
struct Stage {
    forward: [f64; 3],
    back: [f64; 2],
    state: [[f64; 2]; 2],
}

impl Stage {
    const fn new((forward, back): ([f64; 3], [f64; 2])) -> Self {
        const { assert!(ENGINE_RATE_HZ == 48_000, "the weighting's coefficients are those for 48 kHz") };
        Self { forward, back, state: [[0.0; 2]; 2] }
    }

    fn next(&mut self, frame: [f64; 2]) -> [f64; 2] {
        let Self { forward: [f0, f1, f2], back: [b1, b2], state: [one, two] } = self;
        std::array::from_fn(|channel| {
            let sample = frame[channel];
            let out = *f0 * sample + one[channel];
            one[channel] = *f1 * sample - *b1 * out + two[channel];
            two[channel] = *f2 * sample - *b2 * out;
            out
        })
    }

    /// Drops what is too small to matter: numbers near nothing cost a processor many times the work of others.
    fn settle(&mut self) {
        for state in self.state.as_flattened_mut() {
            if state.abs() < 1e-20 {
                *state = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS_A_SECOND: usize = SECOND;

    /// A stereo tone of 1 kHz whose loudness (LUFS) is a function of the second; what comes out, in LUFS by the tenth.
    fn heard(secs: usize, loudness: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut surge = Surge::new();
        let mut levels = Vec::new();
        let mut sum = 0.0;
        for number in 0..secs * BLOCKS_A_SECOND {
            let mut block = std::array::from_fn(|place| {
                let at = (number * BLOCK + place) as f64 / 48_000.0;
                // Two channels at full scale read 0 LUFS.
                let sample = 10f64.powf(loudness(at) / 20.0) * (std::f64::consts::TAU * 1000.0 * at).sin();
                [sample as f32; 2]
            });
            surge.process(&mut block, false);
            sum += block.iter().map(|frame| f64::from(frame[0]).powi(2)).sum::<f64>();
            if number % TENTH == TENTH - 1 {
                levels.push(10.0 * (2.0 * sum / (TENTH * BLOCK) as f64).max(1e-12).log10());
                sum = 0.0;
            }
        }
        levels
    }

    fn check(name: &str, levels: &[f64], at: f64, expected: f64) {
        let level = levels[(at * 10.0) as usize];
        assert!((level - expected).abs() < 0.5, "{name}: {level:.1} LUFS at {at} s, not {expected}");
    }

    #[test]
    fn a_leap_out_of_a_quiet_minute_is_eased_and_let_up_slowly() {
        let leap = |at: f64| if at < 70.0 { -37.0 } else { -22.0 };
        let levels = heard(100, leap);
        check("before it", &levels, 69.0, -37.0);
        check("at once", &levels, 70.1, -29.0);
        check("after ten seconds", &levels, 80.0, -26.0);
        check("in the end", &levels, 95.0, -22.0);
        let rise = levels[701..].windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        assert!(rise < 0.05, "no more than 3 dB in 10 s: {rise:.3} dB in a tenth of a second");
    }

    #[test]
    fn so_is_one_that_takes_a_second() {
        let levels = heard(90, |at| -40.0 + 20.0 * (at - 70.0).clamp(0.0, 1.0));
        check("at its end", &levels, 71.2, -31.0);
    }

    #[test]
    fn a_bang_after_a_silence_within_a_recording_is_the_worst_of_all() {
        let levels = heard(80, |at| if (2.0..70.0).contains(&at) { -200.0 } else { -12.0 });
        check("the music before", &levels, 1.9, -12.0);
        check("at once", &levels, 70.2, -32.0);
    }

    #[test]
    fn lively_music_and_long_crescendos_are_left_alone() {
        let lively = |at: f64| if (at % 8.0) < 5.0 { -26.0 } else { -18.5 };
        let crescendo = |at: f64| -38.0 + 0.9 * (at - 65.0).clamp(0.0, 22.0);
        let after_a_pause = |at: f64| if (20.0..60.0).contains(&at) { -60.0 } else { -20.0 };
        for (name, material) in [
            ("lively", &lively as &dyn Fn(f64) -> f64),
            ("a crescendo", &crescendo),
            ("a rest of less than a minute", &after_a_pause),
        ] {
            for (tenth, level) in heard(100, material).into_iter().enumerate().skip(3) {
                let expected = material(tenth as f64 / 10.0 + 0.05);
                assert!((level - expected).abs() < 0.5, "{name}: {level:.1} LUFS at {tenth}, not {expected:.1}");
            }
        }
    }

    #[test]
    fn where_nothing_leaps_not_one_bit_differs() {
        let mut surge = Surge::new();
        let block = std::array::from_fn(|place| [(place as f32 * 0.13).sin() * 0.1, 0.05]);
        for _ in 0..BLOCKS_A_SECOND {
            let mut passed = block;
            surge.process(&mut passed, false);
            assert_eq!(passed, block);
        }
    }

    #[test]
    fn direct_current_is_no_loudness_but_no_silence_either() {
        let mut surge = Surge::new();
        assert!(surge.hears_nothing());
        for _ in 0..2 * BLOCKS_A_SECOND {
            surge.process(&mut [[0.5, -0.5]; BLOCK], false);
        }
        assert!(!surge.hears_nothing());
        assert_eq!(surge.gain.now(), 0.0);
        for _ in 0..BLOCKS_A_SECOND {
            surge.process(&mut [[0.0005, 0.0]; BLOCK], false);
        }
        assert!(surge.hears_nothing());
    }
}
