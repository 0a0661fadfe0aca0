//! A far choir: singers who enter and leave in their own time, on open vowels, in a large soft room.

use std::f64::consts::{PI, TAU};

use super::drift::Drift;
use super::noise::Seed;
use super::recipe::Settings;
use super::room::Room;
use super::{BLOCK, Block, Voice, loudness, seconds};

/// Each singer's phrase in seconds: no two in a simple ratio, so that the harmony never comes round again.
const PHRASES_S: [f64; 9] = [31.1, 37.3, 17.3, 19.9, 21.7, 23.9, 26.3, 28.9, 34.1];
/// Samples in one period of a voice.
const TABLE: usize = 2048;
/// Above this a voice has no overtones.
const HIGHEST_HZ: f64 = 4000.0;
/// The part of a phrase taken to come in, and the same to leave.
const EDGE: f64 = 0.36;
/// How often a singer rests for a phrase.
const RESTS: f64 = 0.15;
const DRY: f64 = 0.8;
const WET: f64 = 0.5;
/// How far the conductor evens out the choir: 0 lets it be, 1 keeps it level.
const EVENNESS: f64 = 0.95;

/// What the computed power misses, measured over fourteen roots: -0.25 dB, as two throats on one note meet in the air.
const MEASURED: f64 = 0.944;

/// A vowel: where the mouth resonates (Hz), how strongly, how broadly (Hz).
type Vowel = [(f64, f64, f64); 3];
const OO: Vowel = [(320.0, 1.0, 90.0), (800.0, 0.25, 110.0), (2300.0, 0.02, 200.0)];
const OH: Vowel = [(440.0, 1.0, 100.0), (820.0, 0.5, 120.0), (2500.0, 0.03, 200.0)];
const AH: Vowel = [(640.0, 1.0, 130.0), (1080.0, 0.6, 150.0), (2500.0, 0.06, 220.0)];

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Choir {
    notes: Vec<Note>,
    singers: [Singer; PHRASES_S.len()],
    vowels: Drift,
    movement: f64,
    room: Room,
    mean_power: f64,
    gain: f64,
}

/// A pitch that can be sung, with one period of it on each vowel, all equally loud.
#[derive(Clone, Debug)]
struct Note {
    hz: f64,
    periods: [Vec<f32>; 3],
}

/// One place in the choir, sung by two who never quite agree: one nearer each ear.
#[derive(Clone, Copy, Debug)]
struct Singer {
    seed: Seed,
    phrase_s: f64,
    /// Whether it may rest for a phrase; those that hold the harmony do not.
    rests: bool,
    /// 0 left to 1 right.
    side: f64,
    throats: [Throat; 2],
}

/// How one throat wavers.
#[derive(Clone, Copy, Debug)]
struct Throat {
    /// Its pitch beside the note's: a few thousandths off, so that two beat faster than they are heard to.
    tuning: f64,
    vibrato_hz: f64,
    start: f64,
    pitch: Drift,
    strength: Drift,
}

impl Choir {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let root = settings.root_hz;
        let scale = settings.colour.scale();
        let low = [1.0, 1.5].into_iter();
        let high =
            scale.iter().map(|ratio| ratio * 2.0).chain([3.0, 4.0].into_iter().filter(|ratio| ratio * root < 700.0));
        let notes = low
            .chain(high)
            .zip(0..)
            .map(|(ratio, n)| Note::new(seed.child(n), root * ratio, settings.brightness))
            .collect();
        let singers = std::array::from_fn(|n| Singer::new(seed.child(100 + n as u64), n));
        let mut choir = Self {
            notes,
            singers,
            vowels: Drift::new(seed.child(200), 31.0),
            movement: settings.movement,
            room: Room::new(4.0, 2600.0),
            mean_power: 1.0,
            gain: 1.0,
        };
        let mean = loudness::mean(|time| choir.power(time));
        choir.mean_power = mean;
        let evened = loudness::mean(|time| choir.power(time) * choir.evening(time).powi(2));
        choir.gain = loudness::normal(evened * (DRY * DRY + WET * WET) * MEASURED);
        choir
    }

    /// The K-weighted power at a time: each throat alone would have 1.
    fn power(&self, seconds: f64) -> f64 {
        let ears =
            |singer: &Singer| singer.ears().map(|[near, far]| (near * near + far * far) / 2.0).iter().sum::<f64>();
        self.singers.iter().map(|singer| singer.phrase(seconds).1.powi(2) * ears(singer)).sum()
    }

    /// What the conductor does: many voices are held back, few are let out.
    fn evening(&self, seconds: f64) -> f64 {
        (1.0 - EVENNESS + EVENNESS * self.power(seconds) / self.mean_power).powf(-0.5)
    }

    /// Which note this singer has in this phrase.
    fn choice(&self, n: usize, phrase: u64) -> &Note {
        let seed = self.singers[n].seed;
        // The first two hold the root and the fifth under the rest; the others move over the scale.
        let note = if n < 2 { n } else { 2 + (seed.bits(phrase) % (self.notes.len() as u64 - 2)) as usize };
        &self.notes[note]
    }

    fn vowel(&self, phrase_begins_s: f64) -> usize {
        let openness = 0.9 + 1.8 * self.vowels.at(phrase_begins_s) * (0.4 + self.movement);
        openness.round().clamp(0.0, 2.0) as usize
    }
}

impl Note {
    fn new(seed: Seed, hz: f64, brightness: f64) -> Self {
        Self { hz, periods: [OO, OH, AH].map(|vowel| period(seed, hz, &vowel, brightness)) }
    }
}

/// One period of a voice on a vowel, at a K-weighted power of 1.
fn period(seed: Seed, hz: f64, vowel: &Vowel, brightness: f64) -> Vec<f32> {
    let strength = |overtone_hz: f64| {
        let resonance: f64 =
            vowel.iter().map(|(at, gain, width)| gain / (1.0 + ((overtone_hz - at) / width).powi(2))).sum();
        (resonance + 0.03) * (overtone_hz / hz).powf(-1.1 + 0.8 * (brightness - 0.5))
    };
    let overtones: Vec<(f64, f64, f64)> = (1u32..)
        .map(|harmonic| (f64::from(harmonic), hz * f64::from(harmonic)))
        .take_while(|(_, overtone_hz)| *overtone_hz < HIGHEST_HZ)
        .map(|(harmonic, overtone_hz)| (harmonic, strength(overtone_hz), overtone_hz))
        .collect();
    let power: f64 = overtones.iter().map(|(_, gain, at)| gain * gain / 2.0 * loudness::weight(*at)).sum();
    let scale = 1.0 / power.sqrt();
    // One more than a period, so that the last sample has a next.
    (0..=TABLE)
        .map(|place| {
            let turn = place as f64 / TABLE as f64;
            let tone = |(harmonic, gain, _): &(f64, f64, f64)| {
                gain * (TAU * (harmonic * turn + seed.unit(*harmonic as u64))).sin()
            };
            (scale * overtones.iter().map(tone).sum::<f64>()) as f32
        })
        .collect()
}

impl Singer {
    fn new(seed: Seed, n: usize) -> Self {
        let throat = |part: u64| Throat {
            tuning: 1.0 + if part == 10 { -1.0 } else { 1.0 } * seed.between(part + 4, 0.002, 0.0045),
            vibrato_hz: seed.between(part, 4.3, 5.2),
            start: seed.unit(part + 1),
            pitch: Drift::new(seed.child(part + 2), 1.7),
            strength: Drift::new(seed.child(part + 3), 5.3),
        };
        let spread = [0.45, 0.55, 0.3, 0.7, 0.36, 0.64, 0.5, 0.4, 0.6];
        Self {
            seed: seed.child(0),
            phrase_s: PHRASES_S[n],
            rests: n >= 2,
            side: spread[n],
            throats: [throat(10), throat(20)],
        }
    }

    /// How each throat is heard by the left and the right ear.
    fn ears(&self) -> [[f64; 2]; 2] {
        [self.side - 0.3, self.side + 0.3].map(|side| {
            let angle = side * PI / 2.0;
            [angle.cos(), angle.sin()]
        })
    }

    /// The number of its phrase, and how strongly it sings.
    fn phrase(&self, seconds: f64) -> (u64, f64) {
        let place = seconds / self.phrase_s + self.seed.unit(u64::MAX);
        let phrase = place.floor() as u64;
        let into = place - place.floor();
        if self.rests && self.seed.child(7).unit(phrase) < RESTS {
            return (phrase, 0.0);
        }
        let edge = (into.min(1.0 - into) / EDGE).min(1.0);
        (phrase, (edge * PI / 2.0).sin().powi(2) * self.seed.child(8).between(phrase, 0.7, 1.0))
    }
}

impl Throat {
    /// The angle in turns: a little vibrato, and a pitch that is never quite still.
    fn turns(&self, hz: f64, seconds: f64) -> f64 {
        let vibrato = 0.005 * hz / (TAU * self.vibrato_hz) * (TAU * (self.vibrato_hz * seconds + self.start)).sin();
        self.tuning * hz * seconds + self.start + vibrato + hz * 0.003 * 1.7 * self.pitch.at(seconds)
    }

    fn strength(&self, seconds: f64) -> f64 {
        1.0 + 0.2 * self.strength.at(seconds)
    }
}

/// Adds a voice: one period read at an angle that travels over the block, with a gain that does too, to both ears.
fn sing(period: &[f32], turns: (f64, f64), gains: (f64, f64), ears: [f64; 2], out: &mut Block) {
    // Angles as whole numbers that wrap at a full turn: the upper bits are a place in the table.
    const TURN: f64 = 4_294_967_296.0;
    const BELOW: u32 = 32 - TABLE.ilog2();
    let mut angle = (turns.0.rem_euclid(1.0) * TURN) as u64 as u32;
    let step = ((turns.1 - turns.0) / BLOCK as f64 * TURN) as u32;
    let (mut gain, rise) = (gains.0 as f32, ((gains.1 - gains.0) / BLOCK as f64) as f32);
    let ears = ears.map(|ear| ear as f32);
    let [left, right] = out;
    for (left, right) in left.iter_mut().zip(right) {
        let index = (angle >> BELOW) as usize;
        let between = (angle & ((1 << BELOW) - 1)) as f32 * (1.0 / (1u32 << BELOW) as f32);
        let (one, next) = (period[index], period[index + 1]);
        let sound = gain * (one + (next - one) * between);
        *left += sound * ears[0];
        *right += sound * ears[1];
        angle = angle.wrapping_add(step);
        gain += rise;
    }
}

impl Voice for Choir {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (now, then) = (seconds(first), seconds(first + BLOCK as u64));
        let level = [now, then].map(|time| self.gain * self.evening(time));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        for (n, singer) in self.singers.iter().enumerate() {
            let (phrase, from) = singer.phrase(now);
            let to = match singer.phrase(then) {
                (same, gain) if same == phrase => gain,
                _ => 0.0,
            };
            if from == 0.0 && to == 0.0 {
                continue;
            }
            let note = self.choice(n, phrase);
            let vowel = self.vowel(phrase as f64 * singer.phrase_s);
            for (throat, ears) in singer.throats.iter().zip(singer.ears()) {
                let gains = (level[0] * from * throat.strength(now), level[1] * to * throat.strength(then));
                let turns = (throat.turns(note.hz, now), throat.turns(note.hz, then));
                sing(&note.periods[vowel], turns, gains, ears, out);
            }
        }
        self.room.mix(DRY as f32, WET as f32, out);
    }
}
