//! Steady rain: a far hush, a nearer patter on leaves, now and then a drop that rings in a puddle.

use super::bands::{Bands, Gains};
use super::drift::Drift;
use super::filter::{HighPass, LowPass};
use super::noise::Seed;
use super::partial::{self, Ear};
use super::recipe::Settings;
use super::{BLOCK, Block, Voice, frames, loudness, seconds};

/// Bands of the hush: ground, roof, leaves, air.
const EDGES_HZ: [f64; 4] = [160.0, 700.0, 2600.0, 9000.0];
/// Their gains: rain is brighter than pink noise.
const HUSH: [f64; 4] = [0.5, 0.6, 1.0, 1.25];
/// The power of the densest patter beside the hush.
const PATTER: f64 = 0.4;
/// A falling drop excites everything between these.
const PATTER_HZ: (f64, f64) = (500.0, 3200.0);
/// The most drops of patter in a block, 1,500 in a second.
const MOST_DROPS: f64 = 16.0;
/// Drops that fall together are held below this, so that with the hush (at most 0.2 in hours) they stay below the promised
/// peak: three at once came to 0.58. The largest alone is 0.2, and hardly touched.
const LOUDEST_PATTER: f32 = 0.25;
/// Up to here the patter is left as it is.
const FREE_PATTER: f32 = 0.12;
/// A drop in a puddle sounds for this many blocks.
const PLOP_BLOCKS: u64 = 12;

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Rain {
    bands: Bands<4>,
    gusts: [Drift; 4],
    lean: Drift,
    movement: f64,
    tilt: [f64; 4],
    drops: Seed,
    drops_in_a_block: f64,
    patter: ([LowPass; 2], HighPass),
    patter_gain: f64,
    puddle: Seed,
    gain: f64,
}

impl Rain {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let drift = |part: u64, period: f64| Drift::new(seed.child(part), period);
        let mut rain = Self {
            bands: Bands::new(seed.child(0), EDGES_HZ, 0.4),
            gusts: [drift(1, 61.0), drift(2, 37.0), drift(3, 23.0), drift(4, 17.0)],
            lean: drift(5, 43.0),
            movement: settings.movement,
            tilt: std::array::from_fn(|band| 10f64.powf((settings.brightness - 0.5) * 0.35 * (band as f64 - 1.5))),
            drops: seed.child(6),
            drops_in_a_block: 1.0 + (MOST_DROPS - 1.0) * settings.density,
            patter: ([LowPass::new(PATTER_HZ.1); 2], HighPass::new(PATTER_HZ.0)),
            patter_gain: 0.0,
            puddle: seed.child(7),
            gain: 1.0,
        };
        let hush = loudness::mean(|time| rain.bands.power(&rain.gains(time)));
        let patter = PATTER * rain.drops_in_a_block / MOST_DROPS;
        rain.patter_gain = (hush * patter / rain.patter_power()).sqrt();
        rain.gain = loudness::normal(hush * (1.0 + patter));
        rain
    }

    /// The K-weighted power of the patter before its gain, the mean of both channels.
    fn patter_power(&self) -> f64 {
        let filter = |hz| LowPass::response(PATTER_HZ.1, hz).powi(2) * HighPass::response(PATTER_HZ.0, hz);
        // The mean square of a drop: its size squared is u^4 (mean 1/5), and each ear has half of it on average.
        self.drops_in_a_block / BLOCK as f64 * 0.2 * 0.5 * loudness::of_noise(filter)
    }

    fn gains(&self, seconds: f64) -> Gains<4> {
        let lean = 0.2 * self.movement * self.lean.at(seconds);
        [1.0 + lean, 1.0 - lean].map(|side| {
            std::array::from_fn(|band| {
                let gust = 1.0 + 0.3 * self.movement * self.gusts[band].at(seconds);
                self.gain * self.tilt[band] * HUSH[band] * gust * side
            })
        })
    }

    /// Drops that fall in this block: where in it, how large, and between which ears, all from the seed.
    fn add_patter(&mut self, first: u64, out: &mut Block) {
        let mut impulses = [[0f32; 2]; BLOCK];
        let seed = self.drops.child(first);
        let count = self.drops_in_a_block + seed.between(0, -0.5, 0.5);
        let gust = 1.0 + 0.3 * self.movement * self.gusts[3].at(seconds(first));
        for drop in 1..=count.round() as u64 {
            let bits = seed.bits(drop);
            let (frame, side) = (bits as usize % BLOCK, (bits >> 16 & 0xFFFF) as f64 / 65_536.0);
            let size = (bits >> 32 & 0xFFFF) as f64 / 65_536.0;
            let sign = if bits >> 63 == 0 { 1.0 } else { -1.0 };
            let strength = size * size * sign * self.gain * self.patter_gain * gust;
            impulses[frame][0] += (strength * (1.0 - side).sqrt()) as f32;
            impulses[frame][1] += (strength * side.sqrt()) as f32;
        }
        let (soft, floor) = &mut self.patter;
        for (n, [left, right]) in frames(out) {
            let sound = floor.next(soft.iter_mut().fold(impulses[n], |sound, filter| filter.next(sound)));
            *left += held(sound[0]);
            *right += held(sound[1]);
        }
    }

    /// A drop in a puddle closes a bubble, which rings and rises a little.
    fn add_plops(&self, first: u64, out: &mut Block) {
        let block = first / BLOCK as u64;
        let (now, then) = (seconds(first), seconds(first + BLOCK as u64));
        for born in block.saturating_sub(PLOP_BLOCKS)..block {
            let seed = self.puddle.child(born);
            if seed.unit(0) > 0.04 * self.drops_in_a_block / MOST_DROPS + 0.01 {
                continue;
            }
            let birth = seconds((born + 1) * BLOCK as u64);
            let hz = 500.0 * seed.between(1, 0.0, 1.6).exp2();
            let strength = self.gain * 0.3 * seed.unit(2).powi(2);
            let life = seconds(PLOP_BLOCKS * BLOCK as u64);
            let gain = |time: f64| {
                let age = (time - birth).clamp(0.0, life);
                strength * (age / 0.012).min(1.0) * (-age / 0.022).exp() * (1.0 - age / life).powi(2)
            };
            let turns = |time: f64| hz * (time - birth) * (1.0 + 0.9 * (time - birth));
            let side = seed.between(3, 0.15, 0.85);
            let ears = |gain: f64| [Ear { gain: gain * (1.0 - side), turn: 0.0 }, Ear { gain: gain * side, turn: 0.0 }];
            partial::add((turns(now), turns(then)), ears(gain(now)), ears(gain(then)), out);
        }
    }
}

/// Patter, softly bent below its loudest.
fn held(sound: f32) -> f32 {
    const ROOM: f32 = LOUDEST_PATTER - FREE_PATTER;
    let over = sound.abs() - FREE_PATTER;
    if over <= 0.0 { sound } else { (FREE_PATTER + ROOM * (over / ROOM).tanh()).copysign(sound) }
}

impl Voice for Rain {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (from, to) = (self.gains(seconds(first)), self.gains(seconds(first + BLOCK as u64)));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        self.bands.add(first, &from, &to, out);
        self.add_patter(first, out);
        self.add_plops(first, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_that_fall_together_are_no_louder_than_one_and_one_is_left_as_it_is() {
        for sound in [0.58, -0.58, 3.0] {
            assert!(held(sound).abs() <= LOUDEST_PATTER && held(sound) * sound > 0.0, "{sound}");
        }
        assert_eq!(held(FREE_PATTER), FREE_PATTER);
        assert!((held(0.2) - 0.2).abs() < 0.01, "{}", held(0.2));
    }
}
