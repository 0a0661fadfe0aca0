//! A far choir: singers who enter and leave in their own time, on vowels that open as they swell, in a large soft room.
//! The chord they sing leans towards a neighbour and back, one voice after another.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::bands::{Bands, Gains};
use super::drift::Drift;
use super::harmony::Harmony;
use super::noise::Seed;
use super::recipe::Settings;
use super::room::Room;
use super::vowel::{Note, VOWELS};
use super::{BLOCK, Block, Voice, loudness, seconds};

/// Each singer's phrase in seconds: no two in a simple ratio, so that the harmony never comes round again.
const PHRASES_S: [f64; 9] = [31.1, 37.3, 17.3, 19.9, 21.7, 23.9, 26.3, 28.9, 34.1];
/// A note sounds in the octave that keeps it between these, in Hz.
const REACH_HZ: (f64, f64) = (60.0, 745.0);
/// The singers exchange their notes about this often, each with its next phrase.
const EXCHANGE_S: f64 = 61.0;
/// The part of a phrase taken to come in, and the same to leave.
const EDGE: f64 = 0.36;
/// How often a singer rests for a phrase.
const RESTS: f64 = 0.15;
const DRY: f64 = 0.8;
const WET: f64 = 0.5;
/// How far the conductor evens out the choir: 0 lets it be, 1 keeps it level.
const EVENNESS: f64 = 0.95;
/// The breath of the voices: its power beside theirs, and the bands it has.
const AIR: f64 = 0.003;
const AIR_EDGES_HZ: [f64; 3] = [1500.0, 3500.0, 6500.0];
const AIR_GAINS: [f64; 3] = [0.0, 1.0, 0.6];

/// What the computed power misses, measured over fourteen roots: -0.3 dB, as two throats on one note meet in the air.
const MEASURED: f64 = 0.933;

/// The instrument.
#[derive(Clone, Debug)]
pub(super) struct Choir {
    notes: Vec<Note>,
    /// Which notes belong to each chord, from the lowest.
    chords: [Vec<usize>; 3],
    harmony: Harmony,
    /// Who has which note.
    turns: Seed,
    singers: [Singer; PHRASES_S.len()],
    vowels: Drift,
    openness: f64,
    movement: f64,
    air: Bands<3>,
    breeze: Drift,
    air_gain: f64,
    room: Room,
    mean_power: f64,
    gain: f64,
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

/// A singer at one instant.
struct Moment {
    /// The number of its phrase.
    phrase: u64,
    /// When the phrase began, in seconds.
    began_s: f64,
    /// How strongly it sings, 0 to 1.
    strength: f64,
}

impl Choir {
    pub(super) fn new(seed: Seed, settings: &Settings) -> Self {
        let mut notes: Vec<Note> = Vec::new();
        let chords = settings.colour.voicings().map(|ratios| {
            let mut chord: Vec<usize> = ratios
                .iter()
                .map(|ratio| {
                    let hz = within_reach(settings.root_hz * ratio);
                    notes.iter().position(|note| (note.hz / hz - 1.0).abs() < 0.001).unwrap_or_else(|| {
                        notes.push(Note::new(seed.child(notes.len() as u64), hz, settings.brightness));
                        notes.len() - 1
                    })
                })
                .collect();
            chord.sort_by(|one, other| notes[*one].hz.total_cmp(&notes[*other].hz));
            chord
        });
        let mut choir = Self {
            notes,
            chords,
            harmony: Harmony::new(seed.child(201), settings.movement),
            turns: seed.child(204),
            singers: std::array::from_fn(|n| Singer::new(seed.child(100 + n as u64), n)),
            vowels: Drift::new(seed.child(200), 23.0),
            openness: 1.25 + 1.2 * (settings.brightness - 0.5),
            movement: settings.movement,
            air: Bands::new(seed.child(202), AIR_EDGES_HZ, 0.3),
            breeze: Drift::new(seed.child(203), 13.0),
            air_gain: 0.0,
            room: Room::new(4.2, 4200.0, settings.root_hz),
            mean_power: 1.0,
            gain: 1.0,
        };
        choir.mean_power = loudness::mean(|time| choir.power(time));
        let voices = loudness::mean(|time| choir.power(time) * choir.evening(time).powi(2));
        let air = AIR * (0.4 + 1.2 * settings.brightness);
        choir.air_gain = (voices * air / choir.air.power(&[AIR_GAINS; 2])).sqrt();
        choir.gain = loudness::normal(voices * (1.0 + air) * (DRY * DRY + WET * WET) * MEASURED);
        choir
    }

    /// The K-weighted power at a time: each throat alone would have 1.
    fn power(&self, seconds: f64) -> f64 {
        let ears =
            |singer: &Singer| singer.ears().map(|[near, far]| (near * near + far * far) / 2.0).iter().sum::<f64>();
        self.singers.iter().map(|singer| singer.at(seconds).strength.powi(2) * ears(singer)).sum()
    }

    /// What the conductor does: many voices are held back, few are let out.
    fn evening(&self, seconds: f64) -> f64 {
        (1.0 - EVENNESS + EVENNESS * self.power(seconds) / self.mean_power).powf(-0.5)
    }

    /// Which note this singer has in a phrase: one of the chord that stands as it begins. The singers share its notes evenly, and
    /// exchange them from time to time.
    fn note(&self, n: usize, moment: &Moment) -> &Note {
        let lot = self.singers[n].seed.child(9).unit(moment.phrase);
        let chord = &self.chords[self.harmony.draw(moment.began_s, lot)];
        let turn = self.turns.bits((moment.began_s / EXCHANGE_S) as u64) as usize % PHRASES_S.len();
        // The first two hold the lowest notes under the rest.
        let which = if n < 2 { n } else { 2 + (n + turn) % (chord.len() - 2) };
        &self.notes[chord[which]]
    }

    /// How open this singer's mouth is: the choir's own vowel, a little later or wider in each, opening as the voice swells.
    fn vowel(&self, n: usize, seconds: f64, moment: &Moment) -> f64 {
        let common = 1.5 * self.vowels.at(seconds - 1.3 * n as f64) * (0.4 + self.movement);
        let own = self.singers[n].seed.child(10).between(moment.phrase, -0.25, 0.25);
        (self.openness + common + own + 0.9 * (moment.strength - 0.6)).clamp(0.0, (VOWELS - 1) as f64)
    }
}

/// The octave of a note that a choir can sing.
fn within_reach(mut hz: f64) -> f64 {
    while hz > REACH_HZ.1 {
        hz /= 2.0;
    }
    while hz < REACH_HZ.0 {
        hz *= 2.0;
    }
    hz
}

impl Singer {
    fn new(seed: Seed, n: usize) -> Self {
        let throat = |part: u64| Throat {
            tuning: 1.0 + if part == 10 { -1.0 } else { 1.0 } * seed.between(part + 4, 0.003, 0.0075),
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
            let angle = side * FRAC_PI_2;
            [angle.cos(), angle.sin()]
        })
    }

    fn at(&self, seconds: f64) -> Moment {
        let shift = self.seed.unit(u64::MAX);
        let place = seconds / self.phrase_s + shift;
        let phrase = place.floor() as u64;
        let into = place - place.floor();
        let rests = self.rests && self.seed.child(7).unit(phrase) < RESTS;
        let edge = (into.min(1.0 - into) / EDGE).min(1.0);
        let strength = (edge * FRAC_PI_2).sin().powi(2) * self.seed.child(8).between(phrase, 0.7, 1.0);
        let began_s = (phrase as f64 - shift) * self.phrase_s;
        Moment { phrase, began_s, strength: if rests { 0.0 } else { strength } }
    }
}

impl Throat {
    /// The angle in turns: a little vibrato, and a pitch that is never quite still.
    fn turns(&self, hz: f64, seconds: f64) -> f64 {
        let vibrato = 0.005 * hz / (TAU * self.vibrato_hz) * (TAU * (self.vibrato_hz * seconds + self.start)).sin();
        self.tuning * hz * seconds + self.start + vibrato + hz * 0.003 * 1.7 * self.pitch.at(seconds)
    }

    fn strength(&self, seconds: f64) -> f64 {
        1.0 + 0.15 * self.strength.at(seconds)
    }
}

impl Voice for Choir {
    fn render(&mut self, first: u64, out: &mut Block) {
        let (now, then) = (seconds(first), seconds(first + BLOCK as u64));
        let level = [now, then].map(|time| self.gain * self.evening(time));
        out.iter_mut().for_each(|channel| channel.fill(0.0));
        for (n, singer) in self.singers.iter().enumerate() {
            let (from, to) = (singer.at(now), singer.at(then));
            let ending = if to.phrase == from.phrase { to.strength } else { 0.0 };
            if from.strength == 0.0 && ending == 0.0 {
                continue;
            }
            let note = self.note(n, &from);
            let mouth =
                note.mouth(self.vowel(n, now, &from), self.vowel(n, then, if ending > 0.0 { &to } else { &from }));
            for (throat, ears) in singer.throats.iter().zip(singer.ears()) {
                let gains =
                    (level[0] * from.strength * throat.strength(now), level[1] * ending * throat.strength(then));
                mouth.sing((throat.turns(note.hz, now), throat.turns(note.hz, then)), gains, ears, out);
            }
        }
        let air = |time: f64, level: f64| -> Gains<3> {
            let gain = level * self.air_gain * (1.0 + 0.5 * self.breeze.at(time));
            [AIR_GAINS.map(|band| band * gain); 2]
        };
        let (from, to) = (air(now, level[0]), air(then, level[1]));
        self.air.add(first, &from, &to, out);
        self.room.mix(DRY as f32, WET as f32, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_singer_is_silent_where_one_phrase_ends_and_the_next_begins() {
        let singer = Singer::new(Seed(3), 4);
        for phrase in [1.0, 30.0, 1650.0] {
            let seam = (phrase - singer.seed.unit(u64::MAX)) * singer.phrase_s;
            for time in [seam - 0.01, seam + 0.01] {
                assert!(singer.at(time).strength < 1e-5, "{time}");
            }
        }
    }
}
