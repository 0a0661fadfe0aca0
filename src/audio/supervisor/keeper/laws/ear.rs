//! An ear at one stream: nothing may come in louder or rise faster than ears bear.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::audio::Settings;
use crate::audio::render::traffic::{Gauges, connect};
use crate::audio::render::{BLOCK, Core};
use crate::media::generator::SafeBed;

/// It listens for so many ticks of 20 ms at a time.
const WINDOW: u32 = 5;
/// After longer without being served it was not heard, and what comes next comes in.
const AWAY: Duration = Duration::from_millis(500);
/// The rise that ears bear, in dB per tick.
const RISE: f32 = 0.24;
/// Sound comes in at no more than this under its full level, in dB. No two windows of noise are alike: 1 dB for that.
const BEGINS: f32 = -20.0 + 1.0;

/// Blocks after which the safe bed is at its full level: 20 s.
const COME_IN: usize = 15_000;

/// One ear.
#[derive(Debug, Default)]
pub struct Ear {
    energy: f32,
    ticks: u32,
    /// It heard something in the last tick.
    hears: bool,
    /// In dB, of the last window; as long as nothing was heard, `None`.
    level: Option<f32>,
    /// How loud it may have been in the last window, in dB, and by how much more now.
    bound: f32,
    risen: f32,
    last: Option<Instant>,
}

/// A core on which the safe bed plays, alone, and has come in already.
pub fn core(gauges: Arc<Gauges>) -> Box<Core> {
    let (_desk, post) = connect();
    let mut core = Core::new(Settings::default().ceiling, SafeBed::new(), post, gauges);
    core.fail();
    for _ in 0..COME_IN {
        core.render(&mut [[0.0; 2]; BLOCK], None);
    }
    Box::new(core)
}

/// How loud its loudest window is at full level, in dB.
fn full() -> f32 {
    static FULL: OnceLock<f32> = OnceLock::new();
    *FULL.get_or_init(|| {
        let mut core = core(Arc::default());
        let mut window = || {
            let mut energy = 0.0;
            for _ in 0..75 {
                let mut block = [[0.0; 2]; BLOCK];
                core.render(&mut block, None);
                energy += block.as_flattened().iter().map(|sample| sample * sample).sum::<f32>() / BLOCK as f32;
            }
            level_of(energy / 75.0)
        };
        (0..6000).map(|_| window()).fold(f32::MIN, f32::max) + 0.5
    })
}

fn level_of(energy: f32) -> f32 {
    10.0 * energy.max(1e-12).log10()
}

impl Ear {
    /// Takes in a tick's mean square; says what is too loud.
    pub fn hear(&mut self, energy: f32, now: Instant) -> Result<(), String> {
        if self.last.is_none_or(|last| now - last > AWAY) {
            *self = Self { bound: full() + BEGINS, ..Self::default() };
        }
        // It may have rested meanwhile, while what it plays went on.
        let passed = self.last.map_or(0, |last| (now - last).as_millis() / 20);
        self.risen += passed as f32 * RISE;
        (self.energy, self.ticks, self.last) = (self.energy + energy, self.ticks + 1, Some(now));
        self.hears = level_of(energy) > full() - 60.0;
        if self.ticks < WINDOW {
            return Ok(());
        }
        let level = level_of(self.energy / self.ticks as f32);
        let risen = std::mem::take(&mut self.risen);
        (self.energy, self.ticks) = (0.0, 0);
        if level < full() - 60.0 {
            (self.bound, self.level) = (full() + BEGINS, None);
            return Ok(());
        }
        self.bound = (self.bound + risen).min(full());
        if level > self.bound {
            return Err(format!("{level:.1} dB where it may be {:.1}, {:.1} at most", self.bound, full()));
        }
        self.level = Some(level);
        Ok(())
    }

    pub fn hears_something(&self, now: Instant) -> bool {
        self.hears && self.last == Some(now)
    }

    pub fn hears_well(&self, now: Instant) -> bool {
        self.hears_something(now) && self.level.is_some_and(|level| level > full() - 12.0)
    }
}
