//! Beds: the quiet continuous sounds under a phase, and the one of last resort.

use std::collections::BTreeMap;
use std::path::Path;

use super::Bed;
use super::diagnostic::Code;
use super::findings::{Findings, quoted};
use super::library::Library;
use super::pool::name_of;
use super::schema;
use crate::media::Material;
use crate::media::generator::Recipe;
use crate::session::BedId;
use crate::units::{Decibels, Lufs, SafeText};

/// A bed's level where the playlist gives none (product.md).
pub(super) const LEVEL: Lufs = Lufs(-34.0);
/// The loudest bed of last resort (product.md).
pub(super) const LOUDEST_SAFE: Lufs = Lufs(-30.0);
/// The same bed sounds the same in every phase, so that it can go on from one to the next.
const SEED: u64 = 1;

/// The beds of a playlist, each once.
pub(super) struct Beds<'a> {
    library: &'a Library,
    list: Vec<Bed>,
}

impl<'a> Beds<'a> {
    /// None yet.
    pub fn new(library: &'a Library) -> Self {
        Self { library, list: Vec::new() }
    }

    /// The beds in the order of their ids.
    pub fn into_list(self) -> Vec<Bed> {
        self.list
    }

    /// The id of a phase's bed; the same for the same bed. `None` for no bed, or for one that cannot be used.
    pub fn id(&mut self, written: &schema::Bed, findings: &mut Findings) -> Option<BedId> {
        let bed = self.make(written, findings)?;
        let index = self.list.iter().position(|known| *known == bed).unwrap_or_else(|| {
            self.list.push(bed);
            self.list.len() - 1
        });
        u32::try_from(index).ok().map(BedId)
    }

    /// The bed of last resort: it must not depend on a file, nor be loud.
    pub fn safe(&mut self, written: &schema::Bed, findings: &mut Findings) -> Option<Bed> {
        let advice = "write for example: bed = { generator = \"brown-noise\", level = \"-34 LUFS\" }";
        match written {
            schema::Bed::None(at) => {
                findings
                    .error(
                        Code::OutOfRange,
                        at.clone(),
                        "the bed in [sound] covers every failure; it cannot be \"none\"",
                    )
                    .advise(advice);
                None
            }
            schema::Bed::File(file, _) => {
                findings
                    .error(
                        Code::OneSource,
                        file.at.clone(),
                        "the bed in [sound] covers missing files; it cannot be one",
                    )
                    .advise(advice);
                None
            }
            schema::Bed::Generator(maker, Some(level)) if *level > LOUDEST_SAFE => {
                findings
                    .error(
                        Code::OutOfRange,
                        maker.at.clone(),
                        format!("the bed in [sound] is {level}, too loud for its place"),
                    )
                    .advise(format!("give it a level of {LOUDEST_SAFE} or less; it may come in without warning"));
                None
            }
            generator => self.make(generator, findings),
        }
    }

    /// The bed of last resort of a playlist that names none.
    pub fn default_bed() -> Bed {
        let recipe = Recipe::new("brown-noise", SEED, &BTreeMap::new());
        generated("brown-noise", recipe.unwrap_or_else(|_| unreachable!("built in; a test loads it")), LEVEL)
    }

    fn make(&self, written: &schema::Bed, findings: &mut Findings) -> Option<Bed> {
        match written {
            schema::Bed::None(_) => None,
            schema::Bed::Generator(maker, level) => {
                Some(generated(&maker.name, maker.recipe(SEED), level.unwrap_or(LEVEL)))
            }
            schema::Bed::File(file, level) => {
                let (path, facts) = self.library.get(&file.value)?;
                let Some(loudness) = facts.loudness else {
                    findings
                        .error(Code::SilentFile, file.at.clone(), format!("{} has no sound in it", quoted(&file.value)))
                        .advise("replace it, or write bed = \"none\"");
                    return None;
                };
                let stem = Path::new(&file.value).file_stem().unwrap_or_default().to_string_lossy();
                let title = facts.title.clone().unwrap_or_else(|| SafeText::new(&stem));
                let gain = Decibels((level.unwrap_or(LEVEL).0 - loudness.0) as f32);
                Some(Bed { title, material: Material::File(path.to_owned()), gain })
            }
        }
    }
}

fn generated(name: &str, recipe: Recipe, level: Lufs) -> Bed {
    let gain = Decibels((level.0 - recipe.loudness().0) as f32);
    Bed { title: name_of(name), material: Material::Generator(recipe), gain }
}
