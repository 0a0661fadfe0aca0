//! How each kind of value is read from TOML, and what is said when it is not one.

use std::str::FromStr;

use toml::de::DeValue;

use super::diagnostic::Code;
use super::findings::{nearest, one_of, quoted};
use super::reader::{Read, Wrong, type_name};
use crate::session::{Advance, Curve, Order, PhaseKind};
use crate::units::{DbTp, Decibels, Lufs, SafeText, Span, TrackTime};

impl Wrong {
    /// A value of another type than `expected`.
    pub fn wrong_type(expected: &str, value: &DeValue, advice: &str) -> Self {
        let message = format!("takes {expected}, not {}", type_name(value));
        Self { code: Code::WrongType, message, advice: advice.to_owned(), nearest: None }
    }
}

impl Read for String {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        match value {
            DeValue::String(text) => Ok(text.clone().into_owned()),
            other => Err(Wrong::wrong_type("text", other, "put it between double quotes")),
        }
    }
}

impl Read for SafeText {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let text = SafeText::new(&String::read(value)?);
        if text.is_empty() {
            let message = "is empty".to_owned();
            let advice = "write a word or two, or remove the key".to_owned();
            return Err(Wrong { code: Code::OutOfRange, message, advice, nearest: None });
        }
        Ok(text)
    }
}

impl Read for f64 {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let number = match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n as f64),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite()).ok_or_else(|| {
            Wrong::wrong_type("a number", value, "write a plain number such as 10, without quotes or unit")
        })
    }
}

impl Read for bool {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        match value {
            DeValue::Boolean(yes) => Ok(*yes),
            _ => Err(Wrong::wrong_type("true or false", value, "write true or false, without quotes")),
        }
    }
}

impl Read for i64 {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let wrong = || Wrong::wrong_type("a whole number", value, "write a whole number, without quotes");
        match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// Reads a quantity written as text with its unit.
fn quantity<T: FromStr>(value: &DeValue, name: &str, advice: &str) -> Result<T, Wrong> {
    let wrong = |message: String| Wrong { code: Code::WrongUnit, message, advice: advice.to_owned(), nearest: None };
    match value {
        DeValue::String(text) => {
            text.parse().map_err(|_| wrong(format!("takes {name}, and {} is not one", quoted(text))))
        }
        DeValue::Integer(_) | DeValue::Float(_) => Err(wrong(format!("takes {name}, and a bare number has no unit"))),
        DeValue::Datetime(_) => Err(wrong(format!("takes {name} between quotes"))),
        other => Err(Wrong::wrong_type(name, other, advice)),
    }
}

macro_rules! quantities {
    ($($type:ty: $name:literal, $advice:literal;)*) => {
        $(impl Read for $type {
            fn read(value: &DeValue) -> Result<Self, Wrong> {
                quantity(value, $name, $advice)
            }
        })*
    };
}

quantities! {
    Span: "a length of time", "write it with its unit, such as \"90s\", \"12m30s\" or \"1h30m\"";
    TrackTime: "a place in the piece", "write minutes and seconds such as \"7:40\", or hours too as in \"1:07:40\"";
    Decibels: "a level in dB", "write a number and dB, such as \"-3 dB\"";
    Lufs: "a loudness in LUFS", "write a number and LUFS, such as \"-20 LUFS\"";
    DbTp: "a true peak in dBTP", "write a number and dBTP, such as \"-3 dBTP\"";
}

/// Reads one of a few words.
fn choice<T: Copy>(value: &DeValue, choices: &[(&'static str, T)]) -> Result<T, Wrong> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let advice = format!("write {}", one_of(&names));
    let DeValue::String(text) = value else { return Err(Wrong::wrong_type("a word", value, &advice)) };
    choices.iter().find(|(name, _)| name == text).map(|(_, choice)| *choice).ok_or_else(|| Wrong {
        code: Code::UnknownValue,
        message: format!("cannot be {}", quoted(text)),
        advice,
        nearest: nearest(text, names).map(str::to_owned),
    })
}

impl Read for PhaseKind {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        choice(value, &Self::ALL.map(|kind| (kind.name(), kind)))
    }
}

impl Read for Advance {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        choice(value, &[("manual", Self::Manual), ("ask", Self::Ask), ("auto", Self::Auto)])
    }
}

impl Read for Order {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        choice(value, &[("planned", Self::Planned), ("listed", Self::Listed), ("shuffled", Self::Shuffled)])
    }
}

impl Read for Curve {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        choice(value, &[("equal-power", Self::EqualPower), ("equal-gain", Self::EqualGain)])
    }
}

/// An intensity: 1 (stillest) to 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Intensity(pub u8);

impl Read for Intensity {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let number = i64::read(value)?;
        match u8::try_from(number) {
            Ok(level @ 1..=5) => Ok(Self(level)),
            _ => Err(Wrong {
                code: Code::OutOfRange,
                message: format!("is {number}, which is out of range"),
                advice: "give a whole number from 1 (stillest) to 5 (most intense)".to_owned(),
                nearest: None,
            }),
        }
    }
}

/// A phase's intensity at its beginning and end: one number, or two in a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rise(pub u8, pub u8);

impl Read for Rise {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let DeValue::Array(items) = value else {
            return Intensity::read(value).map(|Intensity(level)| Self(level, level));
        };
        let levels: Vec<Intensity> =
            items.iter().map(|item| Intensity::read(item.get_ref())).collect::<Result<_, _>>()?;
        match levels[..] {
            [Intensity(from), Intensity(to)] => Ok(Self(from, to)),
            _ => Err(Wrong {
                code: Code::OutOfRange,
                message: format!("takes one number or two, not {}", levels.len()),
                advice: "write one number, or a beginning and an end such as [2, 4]".to_owned(),
                nearest: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Read>(toml: &str) -> Result<T, (Code, String)> {
        T::read(DeValue::parse(toml).unwrap().get_ref()).map_err(|wrong| (wrong.code, wrong.message))
    }

    #[test]
    fn quantities_need_their_unit() {
        assert_eq!(read(r#""12m30s""#), Ok(Span::from_secs(750)));
        assert_eq!(
            read::<Span>("15"),
            Err((Code::WrongUnit, "takes a length of time, and a bare number has no unit".into()))
        );
        assert_eq!(read::<Lufs>(r#""-20 dB""#).unwrap_err().0, Code::WrongUnit);
        assert_eq!(read::<TrackTime>("07:40:00").unwrap_err().1, "takes a place in the piece between quotes");
        assert_eq!(read::<Decibels>("true").unwrap_err().0, Code::WrongType);
    }

    #[test]
    fn words_come_from_a_short_list() {
        assert_eq!(read(r#""ask""#), Ok(Advance::Ask));
        assert_eq!(read::<PhaseKind>(r#""climb""#).unwrap_err(), (Code::UnknownValue, "cannot be \"climb\"".into()));
    }

    #[test]
    fn numbers_are_read_in_every_notation() {
        assert_eq!(read("0x10"), Ok(16i64));
        assert_eq!(read("1_000"), Ok(1000.0f64));
        assert_eq!(read::<f64>("nan").unwrap_err().0, Code::WrongType);
        assert_eq!(read::<i64>("99999999999999999999").unwrap_err().0, Code::WrongType);
    }

    #[test]
    fn intensity_is_one_number_or_a_rise() {
        assert_eq!(read("3"), Ok(Rise(3, 3)));
        assert_eq!(read("[2, 4]"), Ok(Rise(2, 4)));
        for wrong in ["0", "6", "[2]", "[1, 2, 3]", "[2, 9]", "2.5"] {
            assert!(read::<Rise>(wrong).is_err(), "{wrong}");
        }
    }
}
