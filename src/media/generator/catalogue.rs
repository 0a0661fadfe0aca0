//! The generators there are and what each may be told, as data: for the check, the schema and the manual.

use super::Voice;
use super::bowls::Bowls;
use super::breath::Breath;
use super::choir::Choir;
use super::drone::Drone;
use super::hush::{Brown, Pink};
use super::noise::Seed;
use super::ocean::Ocean;
use super::rain::Rain;
use super::recipe::{Settings, Value};
use super::tuning::Colour;

/// One generator, for `check`, the schema and the manual.
#[derive(Debug)]
pub struct Info {
    /// Its name in a playlist.
    pub name: &'static str,
    /// What it sounds like, in a sentence.
    pub summary: &'static str,
    /// What can be set; every parameter has a default.
    pub params: &'static [Param],
    /// Makes the instrument.
    pub(super) build: fn(Seed, &Settings) -> Box<dyn Voice>,
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

impl ParamKind {
    /// What stands when the parameter is not given.
    pub(super) fn default_value(self) -> Value {
        match self {
            Self::Number { default, .. } => Value::Number(default),
            Self::Note { default } | Self::Choice { default, .. } => Value::Text(default.to_owned()),
        }
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
