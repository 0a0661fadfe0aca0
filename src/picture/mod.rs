//! Pictures of a session: the arc of its phases, its pieces to scale, and what happened; for a page.
//!
//! *Invariant:* pure. Plain numbers go in, text comes out; it knows neither plan nor journal nor terminal, so that what is
//! planned and what was heard are drawn by the same hand. All instants are minutes on the session clock.

mod scale;
mod svg;

pub use svg::svg;

use crate::units::SafeText;

/// What a picture shows. Whatever is empty is not drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Above the picture.
    pub title: SafeText,
    /// The minute from which the axis counts: the dose mark. Without one it counts from the start of the session.
    pub zero: Option<f64>,
    /// The phases, in order.
    pub phases: Vec<Phase>,
    /// The phases as they were planned, drawn faintly behind: what happened is then seen against the plan.
    pub planned: Vec<Phase>,
    /// The pieces, in the order of their beginnings.
    pub tracks: Vec<Track>,
    /// What was done or went wrong.
    pub marks: Vec<Mark>,
}

/// One phase.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phase {
    /// Its title.
    pub title: SafeText,
    /// A few words below the title, or nothing.
    pub note: SafeText,
    /// When it begins.
    pub from: f64,
    /// When it ends.
    pub to: f64,
    /// Intensity at its beginning and at its end, 1 to 5.
    pub intensity: (f64, f64),
}

/// One piece of music.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// Its title.
    pub title: SafeText,
    /// When it begins to sound.
    pub from: f64,
    /// When it is no longer heard; after the next one's `from` where they are crossed.
    pub to: f64,
    /// Where it could be left early.
    pub exits: Vec<f64>,
}

/// Something at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// When.
    pub at: f64,
    /// What, in a word or two.
    pub label: SafeText,
}
