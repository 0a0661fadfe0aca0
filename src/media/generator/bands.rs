//! Noise in fixed bands with moving gains: what wind, water and breath are made of. Only gains move, never a filter, so
//! nothing rings and the loudness can be computed.

use super::drift::Glide;
use super::filter::{HighPass, LowPass};
use super::hush::{FLOOR_HZ, PinkSlope, Width};
use super::noise::{Seed, WHITE_POWER};
use super::{Block, frames, loudness};

/// Gains of the bands, for the left and the right channel.
pub(super) type Gains<const N: usize> = [[f64; N]; 2];

/// Pink noise in `N` bands, each up to its edge; together they are the noise below the last edge.
#[derive(Clone, Debug)]
pub(super) struct Bands<const N: usize> {
    white: Seed,
    width: Width,
    slope: PinkSlope,
    edges: [LowPass; N],
    floor: HighPass,
    /// The K-weighted power that each pair of bands has in common.
    shared_power: [[f64; N]; N],
}

impl<const N: usize> Bands<N> {
    /// Bands that end at `edges_hz` (ascending), with channels this much alike (0..1).
    pub(super) fn new(seed: Seed, edges_hz: [f64; N], correlation: f64) -> Self {
        let band = |k: usize, hz: f64| {
            let [re, im] = LowPass::complex(edges_hz[k], hz);
            let below = if k == 0 { [0.0; 2] } else { LowPass::complex(edges_hz[k - 1], hz) };
            [re - below[0], im - below[1]]
        };
        let mut shared_power = [[0.0; N]; N];
        for (one, row) in shared_power.iter_mut().enumerate() {
            for (other, cell) in row.iter_mut().enumerate() {
                *cell = WHITE_POWER
                    * loudness::of_noise(|hz| {
                        let (a, b) = (band(one, hz), band(other, hz));
                        (a[0] * b[0] + a[1] * b[1]) * PinkSlope::response(hz) * HighPass::response(FLOOR_HZ, hz)
                    });
            }
        }
        Self {
            white: seed,
            width: Width::new(correlation),
            slope: PinkSlope::new(),
            edges: edges_hz.map(LowPass::new),
            floor: HighPass::new(FLOOR_HZ),
            shared_power,
        }
    }

    /// The K-weighted power with these gains, the mean of both channels.
    pub(super) fn power(&self, gains: &Gains<N>) -> f64 {
        let mut power = 0.0;
        for channel in gains {
            for (one, row) in self.shared_power.iter().enumerate() {
                for (other, shared) in row.iter().enumerate() {
                    power += 0.5 * channel[one] * channel[other] * shared;
                }
            }
        }
        power
    }

    /// Adds a block whose gains travel from one set to another.
    pub(super) fn add(&mut self, first: u64, from: &Gains<N>, to: &Gains<N>, out: &mut Block) {
        let glides: [[Glide; N]; 2] = std::array::from_fn(|channel| {
            std::array::from_fn(|band| Glide::over_block(from[channel][band], to[channel][band]))
        });
        for (n, frame) in frames(out) {
            let pink = self.slope.next(self.width.of(self.white.white(first + n as u64)));
            let pink = self.floor.next(pink);
            let (mut sum, mut below) = ([0.0; 2], [0.0; 2]);
            for (band, edge) in self.edges.iter_mut().enumerate() {
                let low = edge.next(pink);
                for channel in 0..2 {
                    sum[channel] += (low[channel] - below[channel]) * glides[channel][band].at(n);
                }
                below = low;
            }
            for (sample, sum) in frame.into_iter().zip(sum) {
                *sample += sum;
            }
        }
    }
}
