//! What each kind of value is in JSON Schema: its type, its form, its range, and words for a person.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::media::generator::{Param, ParamKind};
use crate::units::Span;

/// Adds words for a person.
pub(super) fn described(mut schema: Value, what: &str) -> Value {
    schema["description"] = json!(what);
    schema
}

/// Adds what stands when the key is left out.
pub(super) fn otherwise(mut schema: Value, default: impl Into<Value>) -> Value {
    schema["default"] = default.into();
    schema
}

/// A text that shows something.
pub(super) fn text(what: &str) -> Value {
    json!({ "type": "string", "pattern": r"\S", "description": what })
}

/// One of a few words.
pub(super) fn words(words: &[&str], what: &str) -> Value {
    json!({ "type": "string", "enum": words, "description": what })
}

/// A whole number.
pub(super) fn whole(range: RangeInclusive<i64>, what: &str) -> Value {
    json!({ "type": "integer", "minimum": range.start(), "maximum": range.end(), "description": what })
}

/// A number without a unit.
pub(super) fn number(range: &RangeInclusive<f64>, what: &str) -> Value {
    json!({ "type": "number", "minimum": range.start(), "maximum": range.end(), "description": what })
}

/// A list of texts.
pub(super) fn list(items: Value, what: &str) -> Value {
    json!({ "type": "array", "items": items, "description": what })
}

/// A length of time. Its form is checked; its range can only be told.
pub(super) fn length(range: &RangeInclusive<Span>, what: &str) -> Value {
    let units = "hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s|milliseconds?|millis|msecs?|ms";
    let (least, most) = (range.start(), range.end());
    json!({
        "type": "string",
        "pattern": format!(r"^\s*[+-]?(?:\d+(?:[.,]\d+)?\s*(?:{units})[\s,]*)+$"),
        "description": format!("{what}, from {least} to {most}; written as \"90s\", \"12m30s\" or \"1h30m\""),
    })
}

/// A place in a piece.
pub(super) fn place(what: &str) -> Value {
    json!({
        "type": "string",
        "pattern": r"^\s*(?:\d{1,5}:(?:0?\d|[1-5]\d)|\d{1,5}):(?:0?\d|[1-5]\d)(?:\.\d{1,3})?\s*$",
        "description": format!("{what}; minutes and seconds as \"7:40\", or hours too as \"1:07:40\""),
    })
}

/// A level with its unit. JSON Schema knows ranges of numbers only, so the range is spelt into the form.
pub(super) fn level(least: i32, most: i32, unit: &str, what: &str) -> Value {
    let negative = (least < 0).then(|| format!("-{}", magnitudes((-most).max(0), -least)));
    let positive = (most >= 0).then(|| format!(r"\+?{}", magnitudes(least.max(0), most)));
    let numbers: Vec<String> = negative.into_iter().chain(positive).collect();
    json!({
        "type": "string",
        "pattern": format!(r"^\s*(?:{})\s*{unit}\s*$", numbers.join("|")),
        "description": format!("{what}, from {least} to {most} {unit}; written as \"{} {unit}\"", least.midpoint(most)),
    })
}

/// Decimal numbers without sign, from one whole number to another.
fn magnitudes(least: i32, most: i32) -> String {
    let whole: Vec<String> = (least..most).map(|number| number.to_string()).collect();
    let last = format!(r"{most}(?:\.0*)?");
    if whole.is_empty() { last } else { format!(r"(?:(?:{})(?:\.\d*)?|{last})", whole.join("|")) }
}

/// A generator's parameter.
pub(super) fn param(param: &Param) -> Value {
    match param.kind {
        ParamKind::Number { least, most, default, unit } => {
            let unit = if unit.is_empty() { String::new() } else { format!(", {unit}") };
            let what = format!("{}{unit}; from {least} to {most}", param.summary);
            otherwise(number(&(least..=most), &what), default)
        }
        ParamKind::Note { default } => {
            // From A0 to A4 (`LOWEST_NOTE`, `HIGHEST_NOTE`), sharps and flats included.
            let form = "^(?:A#?0|B[#b]?0|[A-G][#b]?[1-3]|[C-G][#b]?4|Ab?4)$";
            let what = format!("{}; a letter and an octave, from A0 to A4", param.summary);
            otherwise(json!({ "type": "string", "pattern": form, "description": what }), default)
        }
        ParamKind::Choice { options, default } => otherwise(words(options, param.summary), default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Lufs, TrackTime};

    fn fits(schema: &Value, text: &str) -> bool {
        jsonschema::is_valid(schema, &json!(text))
    }

    #[test]
    fn a_level_in_range_fits_and_one_out_of_range_does_not() {
        let schema = level(-40, -14, "LUFS", "x");
        for text in ["-40 LUFS", "-14LUFS", "-20.5 LUFS", "-39.999 LUFS", "-14.0 LUFS", " -20 LUFS "] {
            assert!(text.parse::<Lufs>().is_ok() && fits(&schema, text), "{text}");
        }
        for text in ["-3 LUFS", "-40.1 LUFS", "-13.9 LUFS", "-20 dB", "-20", "20 LUFS", "LUFS"] {
            assert!(!fits(&schema, text), "{text}");
        }
        let schema = level(-30, 6, "dB", "x");
        for text in ["0 dB", "+6 dB", "-30 dB", "-0.5 dB", "5.9dB"] {
            assert!(fits(&schema, text), "{text}");
        }
        for text in ["+30 dB", "6.1 dB", "-31 dB", "-30.5 dB"] {
            assert!(!fits(&schema, text), "{text}");
        }
    }

    #[test]
    fn lengths_and_places_fit_as_they_are_read() {
        let schema = length(&(Span::ZERO..=Span::from_mins(1)), "x");
        for text in
            ["90s", "12m30s", "1h30m", "500ms", "1h 30m", "2 minutes", "90", "", "soon", "1:30", "PT5M", "half an hour"]
        {
            assert_eq!(fits(&schema, text), text.parse::<Span>().is_ok(), "{text}");
        }
        let schema = place("x");
        for text in
            ["0:12", "101:00", "1:07:40", "3:05.25", "0:60", "12", "1:2:3:4", "1:99:00", "a:b", "1:00.", "7m40s"]
        {
            assert_eq!(fits(&schema, text), text.parse::<TrackTime>().is_ok(), "{text}");
        }
    }
}
