//! What a playlist may ask for: the generators, their parameters, and the check that turns a request into a [`Recipe`].

use std::collections::BTreeMap;

use super::bowls::Bowls;
use super::breath::Breath;
use super::choir::Choir;
use super::drone::Drone;
use super::hush::{Brown, Pink};
use super::noise::Seed;
use super::ocean::Ocean;
use super::rain::Rain;
use super::stream::Endless;
use super::tuning::{Colour, note_hz};
use super::{LOUDNESS, Voice};
use crate::media::Stream;
use crate::units::{Lufs, TrackTime};

/// One generator, for `check`, the schema and the manual.
#[derive(Debug)]
pub struct Info {
    /// Its name in a playlist.
    pub name: &'static str,
    /// What it sounds like, in a sentence.
    pub summary: &'static str,
    /// What can be set; every parameter has a default.
    pub params: &'static [Param],
    build: fn(Seed, &Settings) -> Box<dyn Voice>,
}

/// One parameter of a generator.
#[derive(Debug)]
pub struct Param {
    /// Its key in a playlist.
    pub name: &'static str,
    /// What it changes, in a sentence.
    pub summary: &'static str,
    /// What it may be.
    pub kind: ParamKind,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamKind {
    /// A number in a range.
    Number {
        /// The smallest allowed.
        least: f64,
        /// The largest allowed.
        most: f64,
        /// When it is not given.
        default: f64,
        /// What it counts; empty for a proportion.
        unit: &'static str,
    },
    /// A note such as `D2`, between [`LOWEST_NOTE`] and [`HIGHEST_NOTE`].
    Note {
        /// When it is not given.
        default: &'static str,
    },
    /// One of some words.
    Choice {
        /// The words.
        options: &'static [&'static str],
        /// When it is not given.
        default: &'static str,
    },
}

/// The deepest root: below it small headphones play only overtones.
pub const LOWEST_NOTE: &str = "A0";
/// The highest root: above it a drone whistles.
pub const HIGHEST_NOTE: &str = "A4";

/// A parameter's value as a playlist gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A TOML integer or float.
    Number(f64),
    /// A TOML string.
    Text(String),
}

/// Why a request cannot be played, in words for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct RecipeError {
    /// Which parameter; `None` when it is the generator's name.
    pub param: Option<String>,
    /// What is wrong and what may stand there instead.
    pub why: String,
}

/// Every parameter that any generator has; each reads those it lists.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub root_hz: f64,
    pub colour: Colour,
    pub brightness: f64,
    pub movement: f64,
    pub pace: f64,
    pub density: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { root_hz: 73.416, colour: Colour::Open, brightness: 0.5, movement: 0.5, pace: 8.0, density: 0.5 }
    }
}

const BRIGHTNESS: Param = Param {
    name: "brightness",
    summary: "from dark and soft (0) to clear (1)",
    kind: ParamKind::Number { least: 0.0, most: 1.0, default: 0.5, unit: "" },
};
const MOVEMENT: Param = Param {
    name: "movement",
    summary: "from almost still (0) to slowly wandering (1)",
    kind: ParamKind::Number { least: 0.0, most: 1.0, default: 0.5, unit: "" },
};

const fn root(default: &'static str) -> Param {
    Param { name: "root", summary: "the note everything else stands on", kind: ParamKind::Note { default } }
}
const fn colour(default: &'static str) -> Param {
    let kind = ParamKind::Choice { options: Colour::NAMES, default };
    Param { name: "colour", summary: "which notes join the root", kind }
}
const fn pace(summary: &'static str, least: f64, most: f64, default: f64, unit: &'static str) -> Param {
    Param { name: "pace", summary, kind: ParamKind::Number { least, most, default, unit } }
}

/// All generators, in the order of the manual.
pub const GENERATORS: &[Info] = &[
    Info {
        name: "drone",
        summary: "One wide, warm chord whose overtones come and go over minutes.",
        params: &[root("D2"), colour("open"), BRIGHTNESS, MOVEMENT],
        build: |seed, settings| Box::new(Drone::new(seed, settings)),
    },
    Info {
        name: "bowls",
        summary: "Singing bowls, softly struck or rubbed, ringing into one another over a quiet hum.",
        params: &[
            root("D3"),
            colour("suspended"),
            BRIGHTNESS,
            pace("from one strike to the next", 4.0, 12.0, 7.0, "seconds"),
        ],
        build: |seed, settings| Box::new(Bowls::new(seed, settings)),
    },
    Info {
        name: "choir-pad",
        summary: "A far choir on open vowels; voices enter and leave, and the harmony never comes round again.",
        params: &[root("D3"), colour("open"), BRIGHTNESS, MOVEMENT],
        build: |seed, settings| Box::new(Choir::new(seed, settings)),
    },
    Info {
        name: "breath",
        summary: "Slow breathing, bright on the way in and warm on the way out, over a soft hum.",
        params: &[root("D2"), BRIGHTNESS, pace("breaths", 4.0, 8.0, 5.5, "a minute")],
        build: |seed, settings| Box::new(Breath::new(seed, settings)),
    },
    Info {
        name: "ocean",
        summary: "The sea from the dunes: swells rise, break softly and run out in foam.",
        params: &[BRIGHTNESS, pace("from one wave to the next", 6.0, 16.0, 10.0, "seconds")],
        build: |seed, settings| Box::new(Ocean::new(seed, settings)),
    },
    Info {
        name: "rain",
        summary: "Steady rain with a patter on leaves and a drop in a puddle now and then.",
        params: &[
            BRIGHTNESS,
            MOVEMENT,
            Param {
                name: "density",
                summary: "from single drops (0) to a downpour (1)",
                kind: ParamKind::Number { least: 0.0, most: 1.0, default: 0.5, unit: "" },
            },
        ],
        build: |seed, settings| Box::new(Rain::new(seed, settings)),
    },
    Info {
        name: "brown-noise",
        summary: "A deep, even rumble, like a far waterfall.",
        params: &[BRIGHTNESS, MOVEMENT],
        build: |seed, settings| Box::new(Brown::new(seed, settings)),
    },
    Info {
        name: "pink-noise",
        summary: "An even hush, as much in each octave, like a shower in the next room.",
        params: &[BRIGHTNESS, MOVEMENT],
        build: |seed, settings| Box::new(Pink::new(seed, settings)),
    },
];

/// A generator with its parameters and seed, checked; cheap to keep, and the same sound whenever it is played.
#[derive(Clone, Debug)]
pub struct Recipe {
    info: &'static Info,
    seed: u64,
    settings: Settings,
}

impl PartialEq for Recipe {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.seed, &self.settings) == (other.name(), other.seed, &other.settings)
    }
}

impl Recipe {
    /// Checks a request. Missing parameters take their defaults.
    ///
    /// # Errors
    /// Everything that is wrong with it at once: the name, unknown parameters, values out of range or of the wrong kind.
    pub fn new(name: &str, seed: u64, params: &BTreeMap<String, Value>) -> Result<Self, Vec<RecipeError>> {
        let Some(info) = GENERATORS.iter().find(|info| info.name == name) else {
            let known = list(GENERATORS.iter().map(|info| info.name));
            let why = format!("there is no generator \"{name}\"; there are {known}");
            return Err(vec![RecipeError { param: None, why }]);
        };
        let mut settings = Settings::default();
        let mut wrong = Vec::new();
        for param in info.params {
            let default = param.kind.default_value();
            let given = params.get(param.name).unwrap_or(&default);
            if let Err(why) = settings.set(param, given) {
                wrong.push(RecipeError { param: Some(param.name.to_owned()), why });
            }
        }
        for unknown in params.keys().filter(|key| info.params.iter().all(|param| param.name != key.as_str())) {
            let known = list(info.params.iter().map(|param| param.name));
            let why = format!("the generator \"{name}\" has no \"{unknown}\"; it has {known}");
            wrong.push(RecipeError { param: Some(unknown.clone()), why });
        }
        if wrong.is_empty() { Ok(Self { info, seed, settings }) } else { Err(wrong) }
    }

    /// Which generator.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.info.name
    }

    /// Its integrated loudness before any trim: known without playing it, within 1 LU.
    #[must_use]
    pub fn loudness(&self) -> Lufs {
        LOUDNESS
    }

    /// The sound from a place in it; deterministic, and beyond its filters' memory the same as a run from the beginning.
    /// Renders a few seconds of pre-roll at once, so it is not for the callback.
    #[must_use]
    pub fn source(&self, from: TrackTime) -> Box<dyn Stream> {
        Box::new(Endless::new((self.info.build)(Seed(self.seed).child(0), &self.settings), from))
    }
}

impl ParamKind {
    fn default_value(self) -> Value {
        match self {
            Self::Number { default, .. } => Value::Number(default),
            Self::Note { default } | Self::Choice { default, .. } => Value::Text(default.to_owned()),
        }
    }
}

impl Settings {
    /// Takes one value, or says what may stand there.
    fn set(&mut self, param: &Param, value: &Value) -> Result<(), String> {
        let name = param.name;
        match (param.kind, value) {
            (ParamKind::Number { least, most, .. }, Value::Number(number)) if (least..=most).contains(number) => {
                match name {
                    "brightness" => self.brightness = *number,
                    "movement" => self.movement = *number,
                    "density" => self.density = *number,
                    _ => self.pace = *number,
                }
                Ok(())
            }
            (ParamKind::Number { least, most, unit, .. }, _) => {
                let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
                Err(format!("\"{name}\" is a number from {least} to {most}{unit}"))
            }
            (ParamKind::Note { default }, Value::Text(note)) => match note_hz(note) {
                Some(hz) if note_hz(LOWEST_NOTE) <= Some(hz) && Some(hz) <= note_hz(HIGHEST_NOTE) => {
                    self.root_hz = hz;
                    Ok(())
                }
                Some(_) => {
                    Err(format!("\"{note}\" is out of reach; \"{name}\" is between {LOWEST_NOTE} and {HIGHEST_NOTE}"))
                }
                None => Err(format!(
                    "\"{note}\" is not a note; write a letter and an octave, such as \"{default}\" or \"Bb1\""
                )),
            },
            (ParamKind::Choice { options, .. }, Value::Text(word)) => match Colour::named(word) {
                Some(colour) => {
                    self.colour = colour;
                    Ok(())
                }
                None => Err(format!("\"{name}\" is one of {}", list(options.iter().copied()))),
            },
            (ParamKind::Note { default }, Value::Number(_)) => {
                Err(format!("\"{name}\" is a note in quotes, such as \"{default}\""))
            }
            (ParamKind::Choice { options, .. }, Value::Number(_)) => {
                Err(format!("\"{name}\" is one of {}, in quotes", list(options.iter().copied())))
            }
        }
    }
}

/// Words with commas, for a sentence.
fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
