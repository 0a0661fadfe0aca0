//! The wall clock: a label of when a session was, and the only bridge over a restart of the machine.

use std::fmt;
use std::time::SystemTime;

use jiff::{Timestamp, Zoned, tz::Offset};
use serde::{Deserialize, Serialize};

use crate::units::Span;

/// Civil time with its offset. It may jump; nothing in a running session depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime {
    instant: Timestamp,
    offset_s: i32,
}

impl WallTime {
    /// Now, where this machine is.
    #[must_use]
    pub fn now() -> Self {
        let now = Zoned::now();
        Self { instant: now.timestamp(), offset_s: now.offset().seconds() }
    }

    /// An instant of the file system's, without a place; `None` for one that no calendar has.
    pub(super) fn of(instant: SystemTime) -> Option<Self> {
        Some(Self { instant: Timestamp::try_from(instant).ok()?, offset_s: 0 })
    }

    /// How long after `earlier` this is; negative when the clock was set back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span::from_millis(self.instant.as_millisecond().saturating_sub(earlier.instant.as_millisecond()))
    }

    fn offset(self) -> Offset {
        Offset::from_seconds(self.offset_s).unwrap_or(Offset::UTC)
    }
}

/// As people write it: `2026-11-21 14:05`.
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.offset().to_datetime(self.instant).strftime("%Y-%m-%d %H:%M").to_string())
    }
}

/// RFC 3339, such as `2026-11-21T14:05:09+01:00`: an offset, but no place.
impl From<WallTime> for String {
    fn from(wall: WallTime) -> Self {
        wall.offset().to_datetime(wall.instant).strftime("%Y-%m-%dT%H:%M:%S").to_string() + &colon(wall.offset_s)
    }
}

fn colon(offset_s: i32) -> String {
    let (sign, minutes) = (if offset_s < 0 { '-' } else { '+' }, offset_s.unsigned_abs() / 60);
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

impl TryFrom<String> for WallTime {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        let instant: Timestamp = text.parse()?;
        let pieces = jiff::fmt::temporal::Pieces::parse(&text)?;
        let offset_s = pieces.to_numeric_offset().map_or(0, Offset::seconds);
        Ok(Self { instant, offset_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_reads_back_what_it_shows_and_keeps_its_offset() {
        for text in ["2026-11-21T14:05:09+01:00", "2026-03-29T01:30:00-03:30", "2038-01-19T03:14:08+00:00"] {
            let wall = WallTime::try_from(text.to_owned()).expect("a label");
            assert_eq!(String::from(wall), text);
            assert_eq!(wall.to_string(), text[..16].replace('T', " "));
        }
        assert!(WallTime::try_from("yesterday".to_owned()).is_err());
    }

    #[test]
    fn differences_do_not_see_the_offset() {
        let at = |text: &str| WallTime::try_from(text.to_owned()).expect("a label");
        let gap = at("2026-10-25T02:30:00+01:00").since(at("2026-10-25T02:30:00+02:00"));
        assert_eq!(gap, Span::from_mins(60));
    }
}
