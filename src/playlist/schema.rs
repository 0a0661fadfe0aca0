//! The schema: a playlist exactly as written, every value with its place, nothing decided yet.

use std::ops::{Range, RangeInclusive};

use toml::de::{DeTable, DeValue};

use super::diagnostic::Code;
use super::findings::{Findings, quoted};
use super::reader::{Read, Table, Written, type_name};
use super::track_schema::{Maker, Track};
use super::value::Rise;
use crate::session::{Advance, Curve, Order, PhaseKind, Steer};
use crate::units::{DbTp, Decibels, Lufs, SafeText, Span};

/// The one format of playlists there is (format.md).
const FORMAT: i64 = 1;
/// How long a phase may be planned.
pub(super) const PLANNED: RangeInclusive<Span> = Span::from_secs(1)..=Span::from_mins(360);
/// Crossfades, shortest and longest (product.md, joints).
pub(super) const CROSSFADE: RangeInclusive<Span> = Span::from_secs(2)..=Span::from_secs(60);
/// What every piece may be brought to.
pub(super) const TARGET: RangeInclusive<Lufs> = Lufs(-40.0)..=Lufs(-14.0);
/// What nothing may come out above.
pub(super) const CEILING: RangeInclusive<DbTp> = DbTp(-12.0)..=DbTp(-1.0);
/// A phase beside the target.
pub(super) const LEVEL: RangeInclusive<Decibels> = Decibels(-30.0)..=Decibels(6.0);
/// How loud a bed may be.
pub(super) const BED_LEVEL: RangeInclusive<Lufs> = Lufs(-60.0)..=Lufs(-20.0);

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub title: Option<SafeText>,
    pub route: Option<Written<String>>,
    pub sound: Sound,
    pub phases: Vec<Phase>,
    pub pools: Vec<Pool>,
    pub exclude: Vec<Written<String>>,
}

/// `[sound]`.
#[derive(Debug, Default)]
pub(super) struct Sound {
    pub target: Option<Lufs>,
    pub ceiling: Option<DbTp>,
    pub crossfade: Option<Span>,
    pub curve: Option<Curve>,
    pub bed: Option<Bed>,
}

/// A bed, or `"none"`.
#[derive(Debug)]
pub(super) enum Bed {
    /// No bed.
    None(Range<usize>),
    /// Made by a generator.
    Generator(Maker, Option<Lufs>),
    /// A file that repeats.
    File(Written<String>, Option<Lufs>),
}

/// `[[phase]]`.
#[derive(Debug)]
pub(super) struct Phase {
    pub at: Range<usize>,
    /// Missing when it could not be read; that has been said.
    pub kind: Option<Written<PhaseKind>>,
    pub title: Option<SafeText>,
    pub planned: Option<Span>,
    pub advance: Option<Advance>,
    pub level: Option<Decibels>,
    pub intensity: Option<Rise>,
    pub crossfade: Option<Span>,
    pub order: Option<Order>,
    pub bed: Option<Bed>,
    /// The tags that have no place in it; `None` leaves that to the kind of phase.
    pub forbid: Option<Vec<Written<String>>>,
    pub tracks: Vec<Track>,
}

/// `[pool.NAME]`.
#[derive(Debug)]
pub(super) struct Pool {
    pub at: Range<usize>,
    pub steer: Steer,
    pub crossfade: Option<Span>,
    pub tracks: Vec<Track>,
}

impl Schema {
    /// Reads a parsed file.
    pub fn read(document: &DeTable, findings: &mut Findings) -> Self {
        let mut table = Table::new("a playlist", document, 0..0);
        let phases = read_phases(&mut table, findings);
        if let Some(format) = table.require::<i64>("format", "1", findings)
            && format.value != FORMAT
        {
            findings
                .error(
                    Code::Format,
                    format.at,
                    format!("this is format {}, which this program does not know", format.value),
                )
                .advise("write format = 1, or use the version of the program that the playlist was made for");
        }
        let schema = Self {
            title: table.require("title", "\"Low tide\"", findings).map(|title| title.value),
            route: table.read("route", findings),
            sound: table
                .table("sound", "[sound]", findings)
                .map(|sound| read_sound(sound, findings))
                .unwrap_or_default(),
            phases,
            pools: table.table("pool", "[pool]", findings).map(|pools| read_pools(pools, findings)).unwrap_or_default(),
            exclude: table
                .table("exclude", "[exclude]", findings)
                .map(|tags| read_exclude(tags, findings))
                .unwrap_or_default(),
        };
        for key in ["license", "author", "notes"] {
            table.read::<String>(key, findings);
        }
        table.finish(findings);
        schema
    }

    /// Every track of every pool, in the order of the text.
    pub fn tracks(&self) -> impl Iterator<Item = &Track> {
        let phases = self.phases.iter().flat_map(|phase| &phase.tracks);
        phases.chain(self.pools.iter().flat_map(|pool| &pool.tracks))
    }
}

fn read_sound(mut table: Table, findings: &mut Findings) -> Sound {
    let sound = Sound {
        target: plain(table.read_within("target", TARGET, findings)),
        ceiling: plain(table.read_within("ceiling", CEILING, findings)),
        crossfade: plain(table.read_within("crossfade", CROSSFADE, findings)),
        curve: plain(table.read("curve", findings)),
        bed: read_bed(&mut table, findings),
    };
    table.finish(findings);
    sound
}

fn read_phases(table: &mut Table, findings: &mut Findings) -> Vec<Phase> {
    let before = findings.count();
    let tables = table.tables("phase", "a phase", findings);
    if tables.is_empty() && findings.count() == before {
        findings
            .error(Code::NoPhases, 0..0, "the playlist has no phases")
            .advise("add one: a line [[phase]], below it kind = \"peak\", and then its tracks");
    }
    tables.into_iter().map(|phase| read_phase(phase, findings)).collect()
}

fn read_phase(mut table: Table, findings: &mut Findings) -> Phase {
    let phase = Phase {
        at: table.at.clone(),
        kind: table.require("kind", "\"peak\"", findings),
        title: plain(table.read("title", findings)),
        planned: plain(table.read_within("planned", PLANNED, findings)),
        advance: plain(table.read("advance", findings)),
        level: plain(table.read_within("level", LEVEL, findings)),
        intensity: plain(table.read("intensity", findings)),
        crossfade: plain(table.read_within("crossfade", CROSSFADE, findings)),
        order: plain(table.read("order", findings)),
        bed: read_bed(&mut table, findings),
        forbid: plain(table.list("forbid", findings)),
        tracks: read_tracks(&mut table, findings),
    };
    table.finish(findings);
    phase
}

fn read_pools(mut table: Table, findings: &mut Findings) -> Vec<Pool> {
    let steers = [("ground", Steer::Ground), ("warmer", Steer::Warmer), ("deeper", Steer::Deeper)];
    let mut pools = Vec::new();
    for (name, steer) in steers {
        if let Some(mut pool) = table.table(name, "a steering pool", findings) {
            pools.push(Pool {
                at: pool.at.clone(),
                steer,
                crossfade: plain(pool.read_within("crossfade", CROSSFADE, findings)),
                tracks: read_tracks(&mut pool, findings),
            });
            pool.finish(findings);
        }
    }
    table.finish(findings);
    pools
}

fn read_tracks(table: &mut Table, findings: &mut Findings) -> Vec<Track> {
    table.tables("track", "a track", findings).into_iter().map(|track| Track::read(track, findings)).collect()
}

fn read_exclude(mut table: Table, findings: &mut Findings) -> Vec<Written<String>> {
    let tags = table.list("tags", findings).map(|tags| tags.value).unwrap_or_default();
    table.finish(findings);
    tags
}

/// Reads `bed = { ... }` or `bed = "none"`.
fn read_bed(table: &mut Table, findings: &mut Findings) -> Option<Bed> {
    let Written { value, at } = table.raw("bed")?;
    match value {
        DeValue::String(text) if text == "none" => Some(Bed::None(at)),
        DeValue::Table(bed) => read_bed_table(Table::new("a bed", bed, at), findings),
        other => {
            let written = String::read(other).map_or_else(|_| type_name(other).to_owned(), |text| quoted(&text));
            findings
                .error(Code::WrongType, at, format!("`bed` takes a table or \"none\", not {written}"))
                .advise("write for example: bed = { generator = \"rain\", level = \"-30 LUFS\" }");
            None
        }
    }
}

fn read_bed_table(mut table: Table, findings: &mut Findings) -> Option<Bed> {
    let at = table.at.clone();
    let level = plain(table.read_within("level", BED_LEVEL, findings));
    let file = table.read::<String>("file", findings);
    let generator = table.read::<String>("generator", findings);
    let given = ["generator", "file"].iter().any(|key| table.place_of(key).is_some());
    let seed = table.read_within("seed", 0..=i64::MAX, findings);
    match (generator, file) {
        (Some(generator), None) => {
            let params = table.rest();
            let known = table.known().to_vec();
            Maker::read(generator, seed, params, &known, findings).map(|maker| Bed::Generator(maker, level))
        }
        (None, Some(file)) => {
            table.finish(findings);
            Some(Bed::File(file, level))
        }
        // One that is there and wrong has been said.
        (None, None) if given => None,
        (generator, _) => {
            let (code, message) = match generator {
                Some(_) => (Code::OneSource, "a bed takes only one of `generator` and `file`"),
                None => (Code::MissingKey, "a bed needs a `generator` or a `file`"),
            };
            findings
                .error(code, at, message)
                .advise("write for example: bed = { generator = \"rain\", level = \"-30 LUFS\" }");
            None
        }
    }
}

/// The value alone, where its place no longer matters.
pub(super) fn plain<T>(written: Option<Written<T>>) -> Option<T> {
    written.map(|written| written.value)
}
