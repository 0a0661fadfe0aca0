//! Stand-in for the generators: names, parameters and loudness only.

use std::collections::BTreeMap;

use crate::units::Lufs;

/// A generator.
#[derive(Debug)]
pub struct Info {
    /// Its name in playlists.
    pub name: &'static str,
    /// What it sounds like.
    pub summary: &'static str,
    /// What can be set.
    pub params: &'static [Param],
}

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// Its key in playlists.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// What it takes.
    pub kind: ParamKind,
}

/// What a parameter takes.
#[derive(Debug)]
pub enum ParamKind {
    /// A number in a range.
    Number {
        /// Least.
        least: f64,
        /// Most.
        most: f64,
        /// If not given.
        default: f64,
        /// Unit, may be empty.
        unit: &'static str,
    },
    /// A note such as D2.
    Note {
        /// If not given.
        default: &'static str,
    },
    /// One of some words.
    Choice {
        /// The words.
        options: &'static [&'static str],
        /// If not given.
        default: &'static str,
    },
}

/// A value written for a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// Why one parameter is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct RecipeError {
    /// Which; `None`: the generator's name.
    pub param: Option<String>,
    /// Why, as a sentence.
    pub why: String,
}

/// A checked generator with its parameters and seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    name: String,
    seed: u64,
    params: BTreeMap<String, Value>,
}

const BRIGHTNESS: Param = Param {
    name: "brightness",
    summary: "from dark and soft (0) to clear (1)",
    kind: ParamKind::Number { least: 0.0, most: 1.0, default: 0.5, unit: "" },
};
const ROOT: Param = Param { name: "root", summary: "lowest note", kind: ParamKind::Note { default: "D2" } };
const MOVEMENT: Param = Param { name: "movement", ..BRIGHTNESS };
const DENSITY: Param = Param { name: "density", ..BRIGHTNESS };
const COLOUR: Param = Param {
    name: "colour",
    summary: "which notes join the root",
    kind: ParamKind::Choice { options: &["open"], default: "open" },
};
const TONAL: &[Param] = &[ROOT, COLOUR, BRIGHTNESS, MOVEMENT];
const NOISY: &[Param] = &[BRIGHTNESS, MOVEMENT];

/// All generators.
pub const GENERATORS: &[Info] = &[
    Info { name: "drone", summary: "", params: TONAL },
    Info { name: "bowls", summary: "", params: TONAL },
    Info { name: "breath", summary: "", params: NOISY },
    Info { name: "rain", summary: "", params: &[BRIGHTNESS, MOVEMENT, DENSITY] },
    Info { name: "ocean", summary: "", params: NOISY },
    Info { name: "brown-noise", summary: "", params: NOISY },
    Info { name: "pink-noise", summary: "", params: NOISY },
    Info { name: "choir-pad", summary: "", params: TONAL },
];

impl Recipe {
    /// Checks a generator and its parameters.
    pub fn new(name: &str, seed: u64, params: &BTreeMap<String, Value>) -> Result<Self, Vec<RecipeError>> {
        let Some(info) = GENERATORS.iter().find(|info| info.name == name) else {
            return Err(vec![RecipeError { param: None, why: format!("there is no generator \"{name}\"") }]);
        };
        let refuse = |key: &str, why: &str| Some(RecipeError { param: Some(key.to_owned()), why: why.to_owned() });
        let wrong: Vec<_> = params
            .iter()
            .filter_map(|(key, value)| match (info.params.iter().find(|param| param.name == key)?.name, value) {
                ("brightness", Value::Number(number)) if (0.0..=1.0).contains(number) => None,
                ("root", Value::Text(_)) => None,
                ("root", _) => refuse(key, "\"root\" is a note in quotes, such as \"D2\""),
                _ => refuse(key, "\"brightness\" is a number from 0 to 1"),
            })
            .collect();
        if wrong.is_empty() { Ok(Self { name: name.to_owned(), seed, params: params.clone() }) } else { Err(wrong) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its loudness, known in advance.
    #[must_use]
    pub fn loudness(&self) -> Lufs {
        Lufs(-23.0)
    }
}
