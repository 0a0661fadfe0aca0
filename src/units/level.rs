//! Levels: decibels in files and on screen, linear gain in the render half.

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A level or gain relative to a reference, in dB. [`Decibels::SILENCE`] stands for nothing at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decibels(pub f32);

impl Decibels {
    /// No change.
    pub const ZERO: Self = Self(0.0);
    /// At and below this a gain is exactly zero (product rule: the first sound rises from -60 dB).
    pub const SILENCE: Self = Self(-60.0);

    /// The linear factor; exactly 0 at or below [`Self::SILENCE`].
    #[must_use]
    pub fn gain(self) -> Gain {
        if self.0 <= Self::SILENCE.0 { Gain(0.0) } else { Gain(10f32.powf(self.0 / 20.0)) }
    }

    /// The larger of two levels.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    /// The smaller of two levels.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

impl Add for Decibels {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Decibels {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Decibels {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Decibels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} dB", self.0)
    }
}

/// A linear factor applied to samples; 1.0 changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Gain(pub f32);

impl Gain {
    /// Changes nothing.
    pub const UNITY: Self = Self(1.0);
    /// Lets nothing through.
    pub const ZERO: Self = Self(0.0);

    /// The same factor in dB, no lower than [`Decibels::SILENCE`].
    #[must_use]
    pub fn decibels(self) -> Decibels {
        if self.0 <= 0.001 { Decibels::SILENCE } else { Decibels(20.0 * self.0.log10()) }
    }
}

/// Integrated or short-term loudness (EBU R 128), in LUFS.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lufs(pub f64);

impl fmt::Display for Lufs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} LUFS", self.0)
    }
}

/// True peak (ITU-R BS.1770), in dB relative to full scale.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DbTp(pub f64);

impl fmt::Display for DbTp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} dBTP", self.0)
    }
}

/// Why a text is not a level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a level; write a number and {unit}, such as \"{example}\"")]
pub struct LevelError {
    text: String,
    unit: &'static str,
    example: &'static str,
}

/// Reads `"-20 LUFS"` and the like: a finite number, then the unit, with or without a space.
fn number_with(text: &str, unit: &'static str, example: &'static str) -> Result<f64, LevelError> {
    text.trim()
        .strip_suffix(unit)
        .and_then(|number| number.trim().parse::<f64>().ok())
        .filter(|number| number.is_finite())
        .ok_or_else(|| LevelError { text: text.to_owned(), unit, example })
}

impl FromStr for Decibels {
    type Err = LevelError;
    fn from_str(text: &str) -> Result<Self, LevelError> {
        number_with(text, "dB", "-3 dB").map(|number| Self(number as f32))
    }
}

impl FromStr for Lufs {
    type Err = LevelError;
    fn from_str(text: &str) -> Result<Self, LevelError> {
        number_with(text, "LUFS", "-20 LUFS").map(Self)
    }
}

impl FromStr for DbTp {
    type Err = LevelError;
    fn from_str(text: &str) -> Result<Self, LevelError> {
        number_with(text, "dBTP", "-3 dBTP").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_and_gain_agree() {
        assert!((Decibels(-6.0206).gain().0 - 0.5).abs() < 1e-4);
        assert!((Gain(0.5).decibels().0 + 6.0206).abs() < 1e-3);
        assert_eq!(Decibels::SILENCE.gain(), Gain::ZERO);
        assert_eq!(Gain::ZERO.decibels(), Decibels::SILENCE);
    }

    #[test]
    fn levels_are_read_with_their_unit() {
        assert_eq!("-20 LUFS".parse(), Ok(Lufs(-20.0)));
        assert_eq!("-3dB".parse(), Ok(Decibels(-3.0)));
        assert!("-3".parse::<Decibels>().is_err());
        assert!("inf dB".parse::<Decibels>().is_err());
        assert!("-20 dB".parse::<Lufs>().is_err());
    }
}
