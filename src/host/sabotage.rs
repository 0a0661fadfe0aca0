//! Faults on purpose: what a scenario script breaks, through the same doors by which real faults come.

use crate::media::{Damage, Material, MediaError};
use crate::units::{Ticket, TrackTime};

/// How a file is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is not there.
    Missing,
    /// It is there and cannot be decoded.
    Corrupt,
}

/// What is to be broken, and which piece was prepared last.
#[derive(Default)]
pub(super) struct Sabotage {
    /// Breaks the next piece that is prepared.
    next_file: Option<Broken>,
    /// The piece prepared last.
    latest: Option<(Ticket, Material)>,
}

impl Sabotage {
    /// Notes that a piece is being prepared; gives the error it shall end in, if it is to be broken.
    pub(super) fn prepared(&mut self, ticket: Ticket, material: &Material) -> Option<MediaError> {
        self.latest = Some((ticket, material.clone()));
        self.next_file.take().map(|broken| broken.error(material))
    }

    /// Breaks the piece that comes next: the prepared one at once, or else the next to be prepared.
    pub(super) fn break_next(&mut self, broken: Broken, waiting: Option<Ticket>) -> Option<(Ticket, MediaError)> {
        match (&self.latest, waiting) {
            (Some((ticket, material)), Some(expected)) if *ticket == expected => {
                Some((*ticket, broken.error(material)))
            }
            _ => {
                self.next_file = Some(broken);
                None
            }
        }
    }
}

impl Broken {
    fn error(self, material: &Material) -> MediaError {
        let name = match material {
            Material::File(path) => path.file_name().unwrap_or_default().to_string_lossy().as_ref().into(),
            Material::Generator(recipe) => recipe.name().into(),
            Material::Silence => "silence".into(),
        };
        match self {
            Self::Missing => MediaError::Missing { name },
            Self::Corrupt => MediaError::Damaged { name, at: TrackTime::ZERO, how: Damage::Undecodable },
        }
    }
}
