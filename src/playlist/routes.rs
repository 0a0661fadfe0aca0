//! Route presets: the minutes after the dose mark at which each phase ends, as data.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use super::diagnostic::{Code, Diagnostic};
use super::findings::{Findings, quoted};
use super::reader::{Read, Table, Written, Wrong};
use super::schema::plain;
use super::source::Source;
use super::syntax;
use crate::session::{PhaseKind, Route};
use crate::units::{MedicineTime, SafeText, Span};

/// The route of playlists that plan every phase themselves.
pub(super) const CUSTOM: &str = "custom";
/// How long preparation is planned where nothing says otherwise (product.md).
pub(super) const PREPARATION: Span = Span::from_mins(15);
const LONGEST: Span = Span::from_mins(600);

/// When a phase ends: a part of the infusion's length plus a fixed time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ends {
    /// This much of the infusion's length; 0 for a route without one.
    pub infusions: f64,
    /// And this long.
    pub plus: Span,
}

/// One route preset, as written in `assets/routes.toml` or in the clinic's own file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Such as `im`.
    pub name: SafeText,
    /// What it is for, in a few words.
    pub summary: SafeText,
    /// How long preparation is planned.
    pub preparation: Span,
    /// The five phases after preparation, in order.
    pub ends: Vec<(PhaseKind, Ends)>,
    /// The peak ends no earlier than this after a booster.
    pub booster: Option<Span>,
    /// The peak ends no earlier than this after the last device.
    pub device: Option<Span>,
    /// How long observation lasts from the last device.
    pub observation: Option<Span>,
    /// When the silent "spit" cue is shown.
    pub spit: Option<MedicineTime>,
}

impl Preset {
    /// Whether it can only be used with the length of an infusion.
    #[must_use]
    pub fn needs_infusion(&self) -> bool {
        self.ends.iter().any(|(_, ends)| ends.infusions != 0.0)
    }

    /// The route with the infusion's length worked in; the length matters only where [`Self::needs_infusion`].
    #[must_use]
    pub fn resolve(&self, infusion: Span) -> Route {
        let at = |ends: &Ends| MedicineTime::at(infusion.scaled(ends.infusions) + ends.plus);
        Route {
            name: self.name.clone(),
            preparation: self.preparation,
            ends: self.ends.iter().map(|(kind, ends)| (*kind, at(ends))).collect(),
            booster: self.booster,
            device: self.device,
            observation: self.observation,
            spit: self.spit,
        }
    }
}

/// Every preset: the built-in ones in the order of their file, with the clinic's own in their place or after them. A
/// clinic's file that does not exist adds nothing.
///
/// # Errors
/// The findings about the clinic's file, when it cannot be used.
pub fn presets(clinic: Option<&Path>) -> Result<Vec<Preset>, Vec<Diagnostic>> {
    let mut all = built_in();
    let Some(path) = clinic.filter(|path| path.exists()) else { return Ok(all) };
    let source = Source::open(path).map_err(|finding| vec![*finding])?;
    for preset in read(source)? {
        match all.iter_mut().find(|known| known.name == preset.name) {
            Some(known) => *known = preset,
            None => all.push(preset),
        }
    }
    Ok(all)
}

/// The presets of the program itself.
pub(super) fn built_in() -> Vec<Preset> {
    let text = include_str!("../../assets/routes.toml");
    read(Source::new("routes.toml".into(), text.to_owned())).unwrap_or_else(|_| unreachable!("read by a test"))
}

fn read(source: Source) -> Result<Vec<Preset>, Vec<Diagnostic>> {
    let source = Arc::new(source);
    let mut findings = Findings::about(Arc::clone(&source));
    let (document, damage) = syntax::parse(&source, &mut findings);
    let mut presets = Vec::new();
    for (name, name_at, Written { value, at }) in Table::new("a file of routes", &document, 0..0).rest() {
        match value {
            _ if name == CUSTOM => {
                findings
                    .error(Code::UnknownRoute, name_at, "\"custom\" stands for a playlist's own timing")
                    .advise("give the route another name");
            }
            DeValue::Table(table) => {
                presets.extend(read_preset(name, Table::new("a route", table, at), &mut findings));
            }
            _ => {
                findings
                    .error(Code::UnknownKey, name_at, format!("{} is not a route", quoted(name)))
                    .advise("write the name of a route as a heading, such as [im], and its keys below");
            }
        }
    }
    findings.retain(|finding| damage.spares(finding));
    if findings.failed() { Err(findings.into_list()) } else { Ok(presets) }
}

fn read_preset(name: &str, mut table: Table, findings: &mut Findings) -> Option<Preset> {
    let span = |table: &mut Table, key, findings: &mut Findings| {
        plain(table.read_within(key, Span::from_secs(1)..=LONGEST, findings))
    };
    let at = table.at.clone();
    let summary = plain(table.read("summary", findings)).unwrap_or_else(|| SafeText::new(name));
    let preparation = span(&mut table, "preparation", findings).unwrap_or(PREPARATION);
    let (booster, device) = (span(&mut table, "booster", findings), span(&mut table, "device", findings));
    let observation = span(&mut table, "observation", findings);
    let spit = span(&mut table, "spit", findings).map(MedicineTime::at);
    let ends = table.table("ends", "the ends of a route", findings).map(|ends| read_ends(ends, findings));
    if ends.is_none() && table.place_of("ends").is_none() {
        findings
            .error(Code::MissingKey, at.clone(), format!("the route {} needs `ends`", quoted(name)))
            .advise("add a line such as: ends = { onset = \"4m\", ascent = \"12m\", peak = \"38m\", ... }");
    }
    table.finish(findings);
    let name = SafeText::new(name);
    let preset = Preset { name, summary, preparation, ends: ends??, booster, device, observation, spit };
    // The order must hold for whatever infusion is given.
    let ascends = [10, 60, 240].into_iter().all(|minutes| {
        let route = preset.resolve(Span::from_mins(minutes));
        route.ends.windows(2).all(|pair| pair[0].1 < pair[1].1)
    });
    if !ascends {
        findings
            .error(Code::OutOfRange, at, format!("the phases of \"{}\" do not end one after the other", preset.name))
            .advise("let each phase end later than the one before it; all count from the dose mark");
    }
    ascends.then_some(preset)
}

fn read_ends(mut table: Table, findings: &mut Findings) -> Option<Vec<(PhaseKind, Ends)>> {
    let kinds = PhaseKind::ALL.into_iter().filter(|kind| *kind != PhaseKind::Preparation);
    let ends: Vec<_> =
        kinds.map(|kind| Some((kind, table.require::<Ends>(kind.name(), "\"38m\"", findings)?.value))).collect();
    table.finish(findings);
    ends.into_iter().collect()
}

impl Read for Ends {
    /// `"38m"`, `"0.2 infusion"`, `"infusion + 5m"`, `"0.5 infusion + 2m"`.
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let text = match value {
            DeValue::String(text) => text.trim(),
            other => return Span::read(other).map(|plus| Self { infusions: 0.0, plus }),
        };
        let Some((part, more)) = text.split_once("infusion") else {
            return Span::read(value).map(|plus| Self { infusions: 0.0, plus });
        };
        let infusions = if part.trim().is_empty() { Ok(1.0) } else { part.trim().parse() };
        let plus = match more.trim().strip_prefix('+') {
            Some(plus) => plus.trim().parse().ok(),
            None => more.trim().is_empty().then_some(Span::ZERO),
        };
        match (infusions, plus) {
            (Ok(infusions), Some(plus)) if (0.0..=2.0).contains(&infusions) => Ok(Self { infusions, plus }),
            _ => Err(Wrong {
                code: Code::WrongUnit,
                message: format!("takes a part of the infusion, and {} is not one", quoted(text)),
                advice: "write for example \"0.2 infusion\" or \"infusion + 5m\"".to_owned(),
                nearest: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the product's description: ends in minutes, booster or device rule.
    const TABLE: [(&str, i64, [i64; 5], Option<i64>); 12] = [
        ("im", 15, [4, 12, 38, 62, 90], Some(30)),
        ("im-booster", 15, [4, 12, 50, 75, 105], Some(30)),
        ("im-low", 15, [5, 12, 30, 50, 75], Some(20)),
        ("iv40", 15, [8, 20, 45, 65, 90], None),
        ("iv60", 15, [6, 18, 65, 90, 120], None),
        ("sl", 15, [12, 25, 60, 85, 115], Some(45)),
        ("sl-troche", 15, [18, 32, 68, 95, 125], Some(45)),
        ("sl-swallow", 15, [15, 30, 75, 110, 140], Some(50)),
        ("in", 10, [8, 18, 42, 68, 90], Some(25)),
        ("spravato", 10, [15, 28, 55, 90, 130], None),
        ("oral", 15, [25, 45, 90, 130, 165], Some(60)),
        ("sc", 15, [8, 18, 45, 75, 105], Some(30)),
    ];

    fn preset(name: &str) -> Preset {
        built_in().into_iter().find(|preset| preset.name.as_str() == name).unwrap()
    }

    fn minutes(route: &Route) -> Vec<i64> {
        route.ends.iter().map(|(_, end)| end.since_start().millis() / 60_000).collect()
    }

    #[test]
    fn the_built_in_presets_are_the_products_table() {
        for (name, preparation, ends, booster) in TABLE {
            let preset = preset(name);
            assert_eq!(preset.preparation, Span::from_mins(preparation), "{name}");
            assert_eq!(minutes(&preset.resolve(Span::ZERO)), ends, "{name}");
            assert_eq!(preset.booster, booster.map(Span::from_mins), "{name}");
            assert!(!preset.needs_infusion(), "{name}");
        }
        assert_eq!(built_in().len(), TABLE.len() + 1, "and iv");
    }

    #[test]
    fn an_infusion_of_any_length_stretches_its_phases() {
        let iv = preset("iv");
        assert!(iv.needs_infusion());
        assert_eq!(minutes(&iv.resolve(Span::from_mins(40))), [8, 20, 45, 65, 90]);
        assert_eq!(minutes(&iv.resolve(Span::from_mins(100))), [20, 50, 105, 125, 150]);
    }

    #[test]
    fn spravato_counts_from_the_last_device_and_lozenges_are_spat_out() {
        let spravato = preset("spravato");
        assert_eq!(spravato.device, Some(Span::from_mins(45)));
        assert_eq!(spravato.observation, Some(Span::from_mins(120)));
        for (name, spit) in [("sl", true), ("sl-troche", true), ("sl-swallow", false), ("im", false)] {
            assert_eq!(preset(name).spit, spit.then_some(MedicineTime::at(Span::from_mins(8))), "{name}");
        }
    }

    fn clinic(text: &str) -> Result<Vec<Preset>, Vec<Diagnostic>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("routes.toml");
        std::fs::write(&path, text).unwrap();
        presets(Some(&path))
    }

    #[test]
    fn a_clinic_replaces_and_adds_presets() {
        let ends = "{ onset = '5m', ascent = '14m', peak = '41m', return = '66m', integration = '95m' }";
        let all = clinic(&format!("[im]\nsummary = 'ours'\nends = {ends}\n[rectal]\nends = {ends}\n")).unwrap();
        assert_eq!(all.len(), TABLE.len() + 2);
        assert_eq!((all[0].name.as_str(), all[0].summary.as_str()), ("im", "ours"));
        assert_eq!(minutes(&all[0].resolve(Span::ZERO)), [5, 14, 41, 66, 95]);
        assert_eq!(all[0].booster, None, "replaced as a whole");
        assert_eq!(presets(Some(Path::new("none/routes.toml"))), Ok(built_in()));
    }

    #[test]
    fn a_clinics_mistakes_are_named_all_at_once() {
        let found = clinic("[im]\nends = { onset = 5, ascent = '3m', peek = '1m' }\n[custom]\n[x]\nbosster = '5m'\n");
        let codes: Vec<Code> = found.unwrap_err().iter().map(|finding| finding.code).collect();
        use Code::*;
        assert_eq!(codes, [MissingKey, MissingKey, WrongUnit, UnknownKey, UnknownRoute, MissingKey, UnknownKey]);
        let found =
            clinic("[im]\nends = { onset = '9m', ascent = '3m', peak = '20m', return = '30m', integration = '40m' }");
        assert_eq!(found.unwrap_err()[0].code, OutOfRange);
    }
}
