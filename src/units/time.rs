//! Spans and instants, in whole milliseconds, so that two runs agree to the byte.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A length of time; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs * 1000)
    }

    /// From minutes.
    #[must_use]
    pub const fn from_mins(mins: i64) -> Self {
        Self(mins * 60_000)
    }

    /// In whole milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// In seconds.
    #[must_use]
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Never less than nothing.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// The length without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// This length times a factor, to the nearest millisecond.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as i64)
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Span {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

/// As people write lengths: `1h30m`, `12m30s`, `45s`, `500ms`, `-2m`. Reads back what it shows.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs();
        let (hours, mins, secs) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
        write!(f, "{sign}")?;
        if millis == 0 {
            return write!(f, "0s");
        }
        for (count, unit) in [(hours, "h"), (mins, "m"), (secs, "s"), (millis % 1000, "ms")] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a length such as `1h30m`.
    #[error("\"{0}\" is not a length of time; write for example \"90s\", \"12m30s\" or \"1h30m\"")]
    Span(String),
    /// Not a position such as `7:40`.
    #[error("\"{0}\" is not a time; write minutes and seconds as \"7:40\", or hours too as \"1:07:40\"")]
    Clock(String),
}

impl FromStr for Span {
    type Err = TimeError;

    /// Reads `90s`, `12m30s`, `1h30m`, each with an optional sign; a bare number has no unit and is refused.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Span(text.to_owned());
        let body = text.trim().strip_prefix('+').unwrap_or(text.trim());
        if !body.ends_with(|last: char| last.is_ascii_alphabetic()) || body.starts_with(['P', 'p']) {
            return Err(wrong());
        }
        let length: jiff::SignedDuration = body.parse().map_err(|_| wrong())?;
        i64::try_from(length.as_millis()).map(Self).map_err(|_| wrong())
    }
}

/// Reads `m:ss`, `mm:ss(.mmm)` (minutes may pass 59) or `h:mm:ss` as milliseconds.
fn clock_millis(text: &str) -> Option<i64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |part: &str| -> Option<i64> {
        (!part.is_empty() && part.len() <= 5 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let parts: Vec<i64> = whole.split(':').map(digits).collect::<Option<_>>()?;
    let secs = match parts[..] {
        [mins, secs] if secs < 60 => mins * 60 + secs,
        [hours, mins, secs] if mins < 60 && secs < 60 => hours * 3600 + mins * 60 + secs,
        _ => return None,
    };
    let millis = match fraction.len() {
        0 if !text.contains('.') => 0,
        1..=3 => digits(fraction)? * 10i64.pow(3 - fraction.len() as u32),
        _ => return None,
    };
    Some(secs * 1000 + millis)
}

macro_rules! instant {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Span);

        impl $name {
            /// Where the clock starts.
            pub const ZERO: Self = Self(Span::ZERO);

            /// This long after the clock's start.
            #[must_use]
            pub const fn at(since: Span) -> Self {
                Self(since)
            }

            /// Time since the clock's start.
            #[must_use]
            pub const fn since_start(self) -> Span {
                self.0
            }
        }

        impl Add<Span> for $name {
            type Output = Self;
            fn add(self, span: Span) -> Self {
                Self(self.0 + span)
            }
        }

        impl Sub<Span> for $name {
            type Output = Self;
            fn sub(self, span: Span) -> Self {
                Self(self.0 - span)
            }
        }

        impl Sub for $name {
            type Output = Span;
            fn sub(self, earlier: Self) -> Span {
                self.0 - earlier.0
            }
        }

        /// `7:40`, or `1:07:40` from an hour on; whole seconds, cut towards zero.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let secs = self.0.millis() / 1000;
                let sign = if secs < 0 { "-" } else { "" };
                let secs = secs.unsigned_abs();
                let (hours, mins, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
                if hours > 0 {
                    write!(f, "{sign}{hours}:{mins:02}:{secs:02}")
                } else {
                    write!(f, "{sign}{mins}:{secs:02}")
                }
            }
        }

        impl FromStr for $name {
            type Err = TimeError;
            fn from_str(text: &str) -> Result<Self, TimeError> {
                clock_millis(text)
                    .map(|millis| Self(Span::from_millis(millis)))
                    .ok_or_else(|| TimeError::Clock(text.to_owned()))
            }
        }
    };
}

instant!(SessionTime, "An instant on the session clock: since the session was started, suspend included.");
instant!(MedicineTime, "An instant on the medicine clock: since the dose mark; negative before it.");
instant!(TrackTime, "A place inside one piece of music, from the start of its file.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let cases = [("90s", 90_000), ("12m30s", 750_000), ("1h30m", 5_400_000), ("-2m", -120_000), ("+2m", 120_000)];
        for (text, millis) in cases {
            assert_eq!(text.parse(), Ok(Span::from_millis(millis)), "{text}");
        }
        for wrong in ["90", "", "soon", "1:30", "PT5M", "5 parsecs"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_reads_back_what_it_shows() {
        for millis in [0, 1, 999, 1000, 61_000, 5_400_000, 3_600_001, -90_000] {
            let span = Span::from_millis(millis);
            assert_eq!(span.to_string().parse(), Ok(span), "{span}");
        }
    }

    #[test]
    fn positions_are_read_and_shown_as_a_clock() {
        assert_eq!("0:12".parse(), Ok(TrackTime::at(Span::from_secs(12))));
        assert_eq!("101:00".parse(), Ok(SessionTime::at(Span::from_mins(101))));
        assert_eq!("1:07:40".parse(), Ok(SessionTime::at(Span::from_secs(4060))));
        assert_eq!("3:05.25".parse(), Ok(TrackTime::at(Span::from_millis(185_250))));
        assert_eq!(SessionTime::at(Span::from_secs(4060)).to_string(), "1:07:40");
        assert_eq!(MedicineTime::at(Span::from_secs(-75)).to_string(), "-1:15");
        for wrong in ["12", "1:60", "1:2:3:4", "-1:00", "1:99:00", "a:b", "1:00.", ":30"] {
            assert!(wrong.parse::<TrackTime>().is_err(), "{wrong}");
        }
    }
}
