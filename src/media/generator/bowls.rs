//! Singing bowls, struck softly or rubbed, ringing into one another over a quiet hum.

use super::drift::Drift;
use super::noise::Seed;
use super::partial::{self, Ear};
use super::recipe::Settings;
use super::room::Room;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// A bowl's ways of vibrating beside its lowest: frequency, strength, how long it rings. A thin shell's own ratios, which
/// are not harmonic: it is what makes a bowl a bowl.
const MODES: [Mode; 6] = [
    Mode { ratio: 1.0, gain: 1.0, ring: 1.0 },
    Mode { ratio: 2.74, gain: 0.36, ring: 0.5 },
    Mode { ratio: 5.12, gain: 0.12, ring: 0.29 },
    Mode { ratio: 8.05, gain: 0.045, ring: 0.19 },
    Mode { ratio: 11.6, gain: 0.018, ring: 0.13 },
    Mode { ratio: 15.4, gain: 0.008, ring: 0.1 },
];
/// Above this nothing rings, and towards it every mode is weaker: a shimmer, never a sting.
const HIGHEST_HZ: f64 = 9000.0;
/// A strike is gone after this many times its ringing.
const LIFE: f64 = 4.5;
/// The hum's power beside that of the strikes.
const HUM: f64 = 1.0;
/// How far a full sound is held back and a thin one let out: 0 not at all, 1 until it is level.
const EVENNESS: f64 = 0.8;

/// What the computed power misses, measured over fourteen roots: 0.1 dB, as partials of neighbouring bowls meet in the hall.
const MEASURED: f64 = 1.03;

#[derive(Clone, Copy)]
struct Mode {
    ratio: f64,
    gain: f64,
    ring: f64,
}

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Bowls {
    score: Seed,
    bowls: Vec<Bowl>,
    /// Whether deep or high bowls are struck, for a while.
    register: Drift,
    pace_s: f64,
    hum: [(f64, Drift); 3],
    hum_gain: f64,
    room: Room,
    mean_power: f64,
    gain: f64,
}

/// One of the bowls, with what can be known of it before it sounds.
#[derive(Clone, Copy, Debug)]
struct Bowl {
    hz: f64,
    /// What the brightness does to each mode.
    tilt: [f64; MODES.len()],
    /// How much each mode counts towards the loudness.
    weight: [f64; MODES.len()],
}

impl Bowl {
    fn new(hz: f64, brightness: f64) -> Self {
        Self {
            hz,
            tilt: MODES.map(|mode| {
                let soft = (1.0 - hz * mode.ratio / HIGHEST_HZ).max(0.0).sqrt();
                soft * mode.ratio.powf(1.2 * (brightness - 0.5))
            }),
            weight: MODES.map(|mode| loudness::weight(hz * mode.ratio)),
        }
    }
}

/// One touch of a bowl.
struct Strike {
    seed: Seed,
    at_s: f64,
    bowl: Bowl,
    /// Its pitch beside the bowl's: no two touches agree quite, so that they shimmer instead of adding up or cancelling.
    tuning: f64,
    /// Where its angle begins, in turns.
    start: f64,
    /// Ringing of the lowest mode: seconds to fall to 1/e.
    ring_s: f64,
    /// Seconds to speak: short when struck, long when rubbed.
    onset_s: f64,
    gain: f64,
}

impl Bowls {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let scale = settings.colour.scale();
        let upper = scale.iter().map(|ratio| ratio * 2.0);
        let root = settings.root_hz;
        let drift = |part: u64, period: f64| Drift::new(seed.child(part), period);
        let mut bowls = Self {
            score: seed.child(0),
            bowls: scale
                .iter()
                .copied()
                .chain(upper)
                .map(|ratio| Bowl::new(ratio * root, settings.brightness))
                .collect(),
            register: drift(4, 41.0),
            pace_s: settings.pace,
            hum: [(root, drift(1, 29.0)), (root * 1.5, drift(2, 37.0)), (root * 2.0, drift(3, 53.0))],
            hum_gain: 1.0,
            room: Room::new(3.2, 3000.0, root),
            mean_power: 1.0,
            gain: 1.0,
        };
        bowls.mean_power = loudness::mean(|time| bowls.power(time));
        let hall = DRY * DRY + WET * WET;
        let hum = bowls.mean_power * hall * HUM;
        let notes: f64 = bowls.hum.iter().map(|(hz, _)| 0.5 * loudness::weight(*hz)).sum();
        bowls.hum_gain = (hum / notes).sqrt();
        let evened = loudness::mean(|time| (bowls.power(time) * hall + hum) * bowls.evening(time).powi(2));
        bowls.gain = loudness::normal(evened * MEASURED);
        bowls
    }

    /// The K-weighted power of the strikes at a time.
    fn power(&self, seconds: f64) -> f64 {
        self.strikes(seconds).map(|strike| strike.power(seconds)).sum()
    }

    fn evening(&self, seconds: f64) -> f64 {
        (1.0 - EVENNESS + EVENNESS * self.power(seconds) / self.mean_power).powf(-0.5)
    }

    /// How long a bowl rings: longer when they are struck more rarely, so that they always overlap.
    fn ring_s(&self) -> f64 {
        8.0 + 2.0 * self.pace_s
    }

    /// The strikes that can be heard at a time.
    fn strikes(&self, seconds: f64) -> impl Iterator<Item = Strike> {
        let place = seconds / self.pace_s;
        let oldest = (place - LIFE * 1.2 * self.ring_s() / self.pace_s).floor().max(0.0) as u64;
        (oldest..=place as u64).map(|k| self.strike(k)).filter(move |strike| strike.at_s <= seconds)
    }

    fn strike(&self, k: u64) -> Strike {
        let seed = self.score.child(k);
        let rubbed = seed.unit(0) < 0.3;
        let count = self.bowls.len() as u64;
        // Never the same bowl twice in a row: even strikes choose from one half, odd ones from the other; near each other in
        // pitch, so that the strikes wander up and down instead of leaping about.
        let around = 0.5 + 0.5 * self.register.at(k as f64 * self.pace_s) + seed.between(1, -0.5, 0.5);
        let which = (around.clamp(0.0, 0.999) * count.div_ceil(2) as f64) as u64 * 2 + k % 2;
        let bowl = self.bowls[which.min(count - 1) as usize];
        let deep = (220.0 / bowl.hz).powf(0.25).clamp(0.8, 1.2);
        Strike {
            seed,
            at_s: (k as f64 + seed.between(2, 0.0, 0.45)) * self.pace_s,
            bowl,
            tuning: 1.0 + seed.between(5, -4e-4, 4e-4),
            // A quarter turn from the last strike of the same half, so that a bowl struck again neither cancels nor doubles.
            start: 0.125 * (k % 8) as f64,
            ring_s: self.ring_s() * deep,
            onset_s: if rubbed { seed.between(3, 1.8, 3.0) } else { seed.between(3, 0.09, 0.2) },
            gain: seed.between(4, 0.75, 1.0) / bowl.weight[0].sqrt(),
        }
    }
}

const DRY: f64 = 0.9;
const WET: f64 = 0.45;

impl Strike {
    /// A mode's strength at this age: it speaks, rings, and is gone at the end of its life.
    fn mode_gain(&self, mode: usize, age_s: f64) -> f64 {
        let Mode { gain, ring, .. } = MODES[mode];
        let ring_s = self.ring_s * ring;
        let life = ring_s * LIFE;
        if age_s <= 0.0 || age_s >= life {
            return 0.0;
        }
        let onset = self.onset_s * ring.sqrt();
        let speaks = (1.0 - (-age_s / onset).exp()).powi(2);
        let fades = (-age_s / ring_s).exp() * (1.0 - age_s / life).powi(2);
        self.gain * gain * self.bowl.tilt[mode] * speaks * fades
    }

    fn power(&self, seconds: f64) -> f64 {
        let age = seconds - self.at_s;
        (0..MODES.len()).map(|mode| self.mode_gain(mode, age).powi(2) / 2.0 * self.bowl.weight[mode]).sum()
    }

    /// A real bowl is never quite round: each mode is two, a fraction of a hertz apart, and slowly turns in the room.
    fn ears(&self, mode: usize, seconds: f64, gain: f64) -> [Ear; 2] {
        let slow_hz = self.seed.between(20 + mode as u64, 0.11, 0.37);
        let turn = std::f64::consts::TAU * (slow_hz * seconds + self.seed.unit(30 + mode as u64));
        let beat = |shift: f64| 1.0 + 0.2 * (turn + shift).sin();
        let apart = 0.10 * turn.cos() + self.seed.between(40 + mode as u64, -0.08, 0.08);
        [Ear { gain: gain * beat(0.0), turn: apart / 2.0 }, Ear { gain: gain * beat(1.8), turn: -apart / 2.0 }]
    }
}

impl Voice for Bowls {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (now, then) = (seconds(first), seconds(first + BLOCK as u64));
        let level = [now, then].map(|time| self.gain * self.evening(time));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        for strike in self.strikes(then) {
            for (n, mode) in MODES.iter().enumerate() {
                let loud = |time: f64| strike.mode_gain(n, time - strike.at_s);
                let gains = [level[0] * loud(now), level[1] * loud(then)];
                if gains != [0.0; 2] {
                    let hz = strike.bowl.hz * strike.tuning * mode.ratio;
                    let turns = |time: f64| strike.start + hz * time;
                    let (from, to) = (strike.ears(n, now, gains[0]), strike.ears(n, then, gains[1]));
                    partial::add((turns(now), turns(then)), from, to, out);
                }
            }
        }
        // The hum stays out of the hall, which would favour some notes over others.
        self.room.mix(DRY as f32, WET as f32, out);
        for (hz, drift) in &self.hum {
            let ears = |time: f64, level: f64| {
                let gain = level * self.hum_gain * (1.0 + 0.5 * drift.at(time));
                let turn = 0.06 * drift.at(time + 40.0);
                [Ear { gain, turn }, Ear { gain, turn: -turn }]
            };
            partial::add((hz * now, hz * then), ears(now, level[0]), ears(then, level[1]), out);
        }
    }
}
