//! A track as written: its source (one of file, generator, silence) and the keys that fit it.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use toml::de::DeValue;

use super::diagnostic::Code;
use super::findings::{Findings, nearest, one_of, quoted};
use super::reader::{Read, Table, Written, within};
use super::schema::{CROSSFADE, plain};
use super::value::Intensity;
use crate::media::generator::{GENERATORS, Recipe, Value};
use crate::units::{Decibels, SafeText, Span, TrackTime};

/// How long an intended silence may be.
pub(super) const SILENCE: RangeInclusive<Span> = Span::from_secs(1)..=Span::from_mins(360);
/// How many minutes a generated piece may be.
pub(super) const MINUTES: RangeInclusive<f64> = 0.1..=360.0;
/// What may come on top of the measured trim.
pub(super) const GAIN: RangeInclusive<Decibels> = Decibels(-40.0)..=Decibels(12.0);

/// `[[phase.track]]` or `[[pool.NAME.track]]`.
#[derive(Debug)]
pub(super) struct Track {
    pub at: Range<usize>,
    /// Missing when it could not be read; that has been said.
    pub source: Option<Source>,
    pub title: Option<SafeText>,
    pub artist: Option<SafeText>,
    pub tags: Vec<Written<String>>,
    pub intensity: Option<u8>,
    pub gain: Option<Decibels>,
    pub fade_in: Option<Span>,
    /// Whether it goes on where the one before it ends, without a crossfade: a `fade_in` of nothing.
    pub joined: bool,
}

/// Where a track's sound comes from.
#[derive(Debug)]
pub(super) enum Source {
    File(File),
    /// With its planned length, if one is given.
    Generator(Maker, Option<Span>),
    Silence(Written<Span>),
}

/// A file and what to use of it.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub path: Written<String>,
    pub start: Option<Written<TrackTime>>,
    pub end: Option<Written<TrackTime>>,
    pub exits: Vec<Written<TrackTime>>,
    pub loop_region: Option<Written<Vec<Written<TrackTime>>>>,
    pub checksum: Option<Written<String>>,
}

/// A generator with its parameters, known to exist and to fit.
#[derive(Debug)]
pub(super) struct Maker {
    pub name: String,
    pub at: Range<usize>,
    /// `None`: the plan chooses one, so that two alike do not sound alike.
    pub seed: Option<u64>,
    params: BTreeMap<String, Value>,
}

/// Keys that only make sense with one kind of source.
pub(super) const FILE_KEYS: [&str; 5] = ["start", "end", "exits", "loop", "checksum"];
pub(super) const GENERATOR_KEYS: [&str; 2] = ["minutes", "seed"];

impl Track {
    /// Reads a track.
    pub fn read(mut table: Table, findings: &mut Findings) -> Self {
        let (fade_in, joined) = read_fade_in(&mut table, findings);
        let mut track = Self {
            at: table.at.clone(),
            source: None,
            title: plain(table.read("title", findings)),
            artist: plain(table.read("artist", findings)),
            tags: plain(table.list("tags", findings)).unwrap_or_default(),
            intensity: table.read::<Intensity>("intensity", findings).map(|intensity| intensity.value.0),
            gain: plain(table.read_within("gain", GAIN, findings)),
            fade_in,
            joined,
        };
        track.source = read_source(table, findings);
        track
    }
}

/// The crossfade into a track, or that there is to be none.
fn read_fade_in(table: &mut Table, findings: &mut Findings) -> (Option<Span>, bool) {
    let Some(fade_in) = table.read("fade_in", findings) else { return (None, false) };
    if fade_in.value == Span::ZERO {
        return (None, true);
    }
    (plain(within("fade_in", fade_in, CROSSFADE, findings)), false)
}

fn read_source(mut table: Table, findings: &mut Findings) -> Option<Source> {
    let given: Vec<&str> =
        ["file", "generator", "silence"].into_iter().filter(|key| table.place_of(key).is_some()).collect();
    let file = table.read::<String>("file", findings);
    let generator = table.read::<String>("generator", findings);
    let silence = table.read_within("silence", SILENCE, findings);
    let [only] = given[..] else {
        let (code, message, advice) = match given[..] {
            [] => (
                Code::MissingKey,
                "a track needs one of `file`, `generator` and `silence`".to_owned(),
                "add for example: generator = \"drone\"",
            ),
            _ => (
                Code::OneSource,
                format!("a track takes only one of {}", one_of(&given).replace(" or ", " and ")),
                "keep one, and write another track for each of the others",
            ),
        };
        let at = given.last().and_then(|key| table.place_of(key)).unwrap_or(table.at.clone());
        findings.error(code, at, message).advise(advice);
        read_everything(&mut table, findings);
        table.finish(findings);
        return None;
    };
    misplaced(&table, only, findings);
    let (parts, minutes, seed) = read_everything(&mut table, findings);
    match only {
        "generator" => {
            let params = table.rest();
            let known = table.known().to_vec();
            let maker = generator.and_then(|name| Maker::read(name, seed, params, &known, findings));
            maker.map(|maker| Source::Generator(maker, minutes))
        }
        "file" => {
            table.finish(findings);
            file.map(|path| Source::File(File { path, ..parts }))
        }
        _ => {
            table.finish(findings);
            silence.map(Source::Silence)
        }
    }
}

/// Reads the keys of every kind of source, so that each is known and checked by itself.
fn read_everything(table: &mut Table, findings: &mut Findings) -> (File, Option<Span>, Option<Written<i64>>) {
    let file = File {
        path: Written { value: String::new(), at: table.at.clone() },
        start: table.read("start", findings),
        end: table.read("end", findings),
        exits: plain(table.list("exits", findings)).unwrap_or_default(),
        loop_region: table.list("loop", findings),
        checksum: table.read("checksum", findings),
    };
    let minutes = table.read_within("minutes", MINUTES, findings);
    let seed = table.read_within("seed", 0..=i64::MAX, findings);
    (file, minutes.map(|minutes| Span::from_mins(1).scaled(minutes.value)), seed)
}

/// Names the keys that belong to another kind of source.
fn misplaced(table: &Table, only: &str, findings: &mut Findings) {
    let strangers: &[&str] = match only {
        "file" => &GENERATOR_KEYS,
        "generator" => &FILE_KEYS,
        _ => &["start", "end", "exits", "loop", "checksum", "minutes", "seed", "gain"],
    };
    for key in strangers {
        if let Some(at) = table.place_of(key) {
            let owner = match *key {
                key if FILE_KEYS.contains(&key) => "it belongs to a file",
                key if GENERATOR_KEYS.contains(&key) => "it belongs to a generator",
                _ => "silence has none",
            };
            findings
                .error(Code::Misplaced, at, format!("`{key}` does nothing beside `{only}`"))
                .advise(format!("remove it; {owner}"));
        }
    }
}

impl Maker {
    /// Checks a generator's name and parameters, all of them.
    pub fn read(
        name: Written<String>,
        seed: Option<Written<i64>>,
        params: Vec<(&str, Range<usize>, Written<&DeValue>)>,
        known: &[&'static str],
        findings: &mut Findings,
    ) -> Option<Self> {
        let Some(info) = GENERATORS.iter().find(|info| info.name == name.value) else {
            let mut names: Vec<&str> = GENERATORS.iter().map(|info| info.name).collect();
            names.sort_unstable();
            findings
                .error(Code::UnknownGenerator, name.at, format!("there is no generator {}", quoted(&name.value)))
                .advise(format!("write {}", one_of(&names)))
                .suggest(nearest(&name.value, names));
            return None;
        };
        let (mut values, mut places, mut sound) = (BTreeMap::new(), BTreeMap::new(), true);
        for (key, key_at, value) in params {
            if info.params.iter().all(|param| param.name != key) {
                unknown_param(key, key_at, info, known, findings);
                sound = false;
            } else if let Some(read) = read_param(key, &value, findings) {
                values.insert(key.to_owned(), read);
                places.insert(key.to_owned(), value.at);
            } else {
                sound = false;
            }
        }
        for error in Recipe::new(&name.value, 0, &values).err().unwrap_or_default() {
            let at = error.param.and_then(|param| places.get(&param)).unwrap_or(&name.at).clone();
            let why = SafeText::new(&error.why);
            let (what, advice) = why.as_str().split_once("; ").unwrap_or((why.as_str(), "correct it, or remove it"));
            findings.error(Code::GeneratorParameter, at, what).advise(advice);
            sound = false;
        }
        let seed = seed.and_then(|seed| u64::try_from(seed.value).ok());
        sound.then_some(Self { name: name.value, at: name.at, seed, params: values })
    }

    /// The recipe, with `seed` unless the playlist gives one.
    pub fn recipe(&self, seed: u64) -> Recipe {
        Recipe::new(&self.name, self.seed.unwrap_or(seed), &self.params)
            .unwrap_or_else(|_| unreachable!("checked when it was read"))
    }
}

fn unknown_param(
    key: &str,
    at: Range<usize>,
    info: &crate::media::generator::Info,
    known: &[&'static str],
    findings: &mut Findings,
) {
    let params: Vec<&str> = info.params.iter().map(|param| param.name).collect();
    let meant = nearest(key, params.iter().chain(known).copied());
    findings
        .error(
            Code::GeneratorParameter,
            at,
            format!("the generator \"{}\" has no parameter {}", info.name, quoted(key)),
        )
        .advise(match meant {
            Some(meant) => format!("write `{meant}`, or remove it"),
            None if params.is_empty() => "remove it; this generator has no parameters of its own".to_owned(),
            None => format!("remove it; its parameters are {}", params.join(", ")),
        })
        .suggest(meant);
}

/// A parameter is a number or a text; which one, the generator says.
fn read_param(key: &str, value: &Written<&DeValue>, findings: &mut Findings) -> Option<Value> {
    if let DeValue::String(text) = value.value {
        return Some(Value::Text(text.clone().into_owned()));
    }
    match f64::read(value.value) {
        Ok(number) => Some(Value::Number(number)),
        Err(wrong) => {
            findings
                .error(Code::WrongType, value.at.clone(), format!("`{key}` takes a number or a text"))
                .advise(wrong.advice);
            None
        }
    }
}
