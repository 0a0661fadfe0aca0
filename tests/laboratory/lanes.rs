//! What the lanes should do, told once more in other words than the engine's: to be compared with what is measured.

use undertone::audio::Lane;

/// The grid of everything that happens and is measured: eight blocks, 10.7 ms.
pub const TICK: u64 = 512;
pub const TICKS_A_SECOND: f64 = 48_000.0 / TICK as f64;
const SILENCE: f64 = -60.0;
/// Nothing rises faster (sound rule), in dB a tick.
const RISE: f64 = 12.0 / TICKS_A_SECOND;
/// Nothing falls faster: from full to silent in 150 ms.
const FALL: f64 = 400.0 / TICKS_A_SECOND;

/// A lane on its way.
#[derive(Clone, Copy, Debug)]
struct Way {
    from: f64,
    to: f64,
    since: i64,
    ticks: f64,
}

/// All three lanes.
#[derive(Clone, Debug)]
pub struct Lanes([Way; 3]);

impl Lanes {
    pub fn new() -> Self {
        Self([Way { from: 0.0, to: 0.0, since: 0, ticks: 1.0 }; 3])
    }

    pub fn at(&self, lane: Lane, tick: i64) -> f64 {
        let way = self.0[lane as usize];
        let share = ((tick - way.since) as f64 / way.ticks).clamp(0.0, 1.0);
        way.from + (way.to - way.from) * share
    }

    pub fn set(&mut self, lane: Lane, from: Option<f64>, to: f64, secs: f64, tick: i64) {
        let from = from.unwrap_or_else(|| self.at(lane, tick));
        self.0[lane as usize] = Way { from, to, since: tick, ticks: (secs * TICKS_A_SECOND).max(1.0) };
    }

    fn asked(&self, tick: i64) -> f64 {
        let all = [Lane::Comfort, Lane::Duck, Lane::Presence].map(|lane| self.at(lane, tick));
        if all.iter().any(|level| *level <= SILENCE) { SILENCE } else { all.iter().sum::<f64>().max(SILENCE) }
    }

    /// Where the level is a tick after it was `level`.
    pub fn follow(&self, level: f64, tick: i64) -> f64 {
        self.asked(tick).clamp(level - FALL, level + RISE)
    }
}
