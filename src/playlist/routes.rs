//! Route presets: the minutes after the dose mark at which each phase ends, as data.

use std::path::Path;

use super::Diagnostic;
use crate::session::{PhaseKind, Route};
use crate::units::{MedicineTime, SafeText, Span};

/// When a phase ends: a part of the infusion's length plus a fixed time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    /// This much of the infusion's length; 0 for a route without one.
    pub infusions: f64,
    /// And this long.
    pub plus: Span,
}

/// One route preset, as written in `assets/routes.toml` or in the clinic's own file.
#[derive(Clone, Debug, PartialEq)]
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

    /// The route with the infusion's length worked in.
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

/// Every preset: the built-in ones, with the clinic's own added or in their place.
///
/// # Errors
/// The findings about the clinic's file, when it cannot be used.
pub fn presets(_clinic: Option<&Path>) -> Result<Vec<Preset>, Vec<Diagnostic>> {
    unreachable!("in the next commit")
}
