//! The medicine's timing: when each phase ends after the dose mark, by route.
//!
//! The presets themselves are data (`assets/routes.toml`), read by `playlist`; here is only their meaning.

use serde::{Deserialize, Serialize};

use super::plan::PhaseKind;
use crate::units::{MedicineTime, SafeText, Span};

/// One route preset, resolved: an infusion's length is already worked in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The preset's name, such as `im`, or `custom`.
    pub name: SafeText,
    /// How long preparation is planned.
    pub preparation: Span,
    /// When each phase after preparation ends, ascending; none of them for `custom`.
    pub ends: Vec<(PhaseKind, MedicineTime)>,
    /// The peak ends no earlier than this after a booster; `None` where boosters are not part of the route.
    pub booster: Option<Span>,
    /// The peak ends no earlier than this after the last device (Spravato).
    pub device: Option<Span>,
    /// How long observation lasts, from the last device.
    pub observation: Option<Span>,
    /// When the silent "spit" cue is shown (lozenges).
    pub spit: Option<MedicineTime>,
}

impl Route {
    /// The planned length of each of `kinds` (ascending): a kind that a playlist leaves out gives its minutes to the
    /// neighbouring earlier phase it has, or to the first one after preparation when there is none earlier.
    /// `None` for a kind the route does not time.
    #[must_use]
    pub fn lengths(&self, kinds: &[PhaseKind]) -> Vec<Option<Span>> {
        let first_timed = kinds.iter().copied().find(|kind| *kind != PhaseKind::Preparation);
        let end_of = |kind: PhaseKind| -> Option<MedicineTime> {
            let next_kept = kinds.iter().copied().find(|later| *later > kind);
            self.ends.iter().rev().find(|(timed, _)| next_kept.is_none_or(|next| *timed < next)).map(|(_, end)| *end)
        };
        let mut begins = MedicineTime::ZERO;
        kinds
            .iter()
            .map(|kind| {
                if *kind == PhaseKind::Preparation {
                    return Some(self.preparation);
                }
                let end = end_of(*kind).filter(|end| *end > begins || Some(*kind) == first_timed)?;
                let length = end - begins;
                begins = end;
                Some(length)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PhaseKind::{Ascent, Integration, Onset, Peak, Preparation, Return};

    fn im() -> Route {
        let at = |minutes| MedicineTime::at(Span::from_mins(minutes));
        Route {
            name: "im".into(),
            preparation: Span::from_mins(15),
            ends: vec![(Onset, at(4)), (Ascent, at(12)), (Peak, at(38)), (Return, at(62)), (Integration, at(90))],
            booster: Some(Span::from_mins(30)),
            device: None,
            observation: None,
            spit: None,
        }
    }

    fn minutes(kinds: &[PhaseKind]) -> Vec<Option<i64>> {
        im().lengths(kinds).into_iter().map(|length| length.map(|span| span.millis() / 60_000)).collect()
    }

    #[test]
    fn all_kinds_have_the_presets_minutes() {
        assert_eq!(minutes(&PhaseKind::ALL), [15, 4, 8, 26, 24, 28].map(Some));
    }

    #[test]
    fn a_missing_kind_gives_its_minutes_to_the_earlier_neighbour() {
        assert_eq!(minutes(&[Preparation, Onset, Peak, Integration]), [15, 12, 50, 28].map(Some));
        assert_eq!(minutes(&[Peak, Return]), [38, 52].map(Some));
    }
}
