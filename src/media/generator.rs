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
    /// Which.
    pub param: String,
    /// Why, as a sentence.
    pub why: String,
}

/// A checked generator with its parameters and seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    name: String,
    seed: u64,
}

/// All generators.
pub const GENERATORS: &[Info] = &[
    Info {
        name: "drone",
        summary: "a slow chord",
        params: &[Param { name: "root", summary: "lowest note", kind: ParamKind::Note { default: "D2" } }],
    },
    Info { name: "rain", summary: "rain", params: &[] },
    Info { name: "brown-noise", summary: "deep noise", params: &[] },
];

impl Recipe {
    /// Checks a generator and its parameters.
    pub fn new(name: &str, seed: u64, params: &BTreeMap<String, Value>) -> Result<Self, Vec<RecipeError>> {
        let Some(info) = GENERATORS.iter().find(|info| info.name == name) else {
            return Err(vec![RecipeError {
                param: "generator".into(),
                why: format!("there is no generator \"{name}\""),
            }]);
        };
        let wrong: Vec<_> = params
            .keys()
            .filter(|key| info.params.iter().all(|param| param.name != key.as_str()))
            .map(|key| RecipeError { param: key.clone(), why: "unknown".into() })
            .collect();
        if wrong.is_empty() { Ok(Self { name: name.to_owned(), seed }) } else { Err(wrong) }
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
