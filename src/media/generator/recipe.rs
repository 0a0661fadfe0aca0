//! The check that turns what a playlist asks for into a [`Recipe`].

use std::collections::BTreeMap;

use super::catalogue::{GENERATORS, HIGHEST_NOTE, Info, LOWEST_NOTE, Param, ParamKind};
use super::noise::Seed;
use super::stream::Endless;
use super::tuning::{Colour, note_hz};
use super::{LOUDNESS, PEAK, Voice};
use crate::media::Stream;
use crate::units::{DbTp, Lufs, TrackTime};

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

    /// Its true peak before any trim stays below this.
    #[must_use]
    pub fn peak(&self) -> DbTp {
        PEAK
    }

    /// The sound from a place in it; deterministic, and beyond its filters' memory the same as a run from the beginning.
    /// Its first sample takes some tens of milliseconds, so it is not for the callback.
    #[must_use]
    pub fn source(&self, from: TrackTime) -> Box<dyn Stream> {
        Box::new(Endless::new(self.clone(), from))
    }

    /// Its instrument.
    pub(super) fn voice(&self) -> Box<dyn Voice> {
        (self.info.build)(Seed(self.seed).child(0), &self.settings)
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
