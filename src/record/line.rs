//! One record as one line of JSON, with a checksum at its end.

use serde::Deserialize;

use crate::session::Event;
use crate::units::{MedicineTime, SessionTime, Span};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Counts from 1 without a gap.
    pub seq: u64,
    /// On the session clock; in the file in seconds with 3 decimals.
    pub t: SessionTime,
    /// On the medicine clock, or `null` without a dose mark; in seconds with 3 decimals.
    pub m: Option<MedicineTime>,
    /// What happened; in the file its `kind` and its fields.
    pub event: Event,
}

/// What a line turned out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// A record; `checked` says whether it bore a checksum.
    Record { record: Record, checked: bool },
    /// Whole, but of a kind or shape that this version does not know.
    Unknown,
    /// Torn or altered.
    Damaged,
}

/// What comes before the checksum's eight digits, and after them.
const CRC: (&[u8], &[u8]) = (b",\"crc\":\"", b"\"}");

impl Record {
    /// The line, with its line feed. The same record gives the same bytes.
    ///
    /// # Errors
    /// When a field cannot be written as JSON.
    pub(super) fn line(&self) -> Result<String, serde_json::Error> {
        let event = serde_json::to_string(&self.event)?;
        let fields = event.trim_start_matches('{').strip_suffix('}').unwrap_or_default();
        let m = self.m.map_or_else(|| "null".into(), |m| seconds(m.since_start()));
        let body = format!("{{\"seq\":{},\"t\":{},\"m\":{m},{fields}", self.seq, seconds(self.t.since_start()));
        Ok(sealed(&body))
    }
}

impl Line {
    /// Reads one line, without its line feed. Lines without a checksum are those of other programs and of people; they
    /// are taken as they are.
    pub(super) fn read(line: &[u8]) -> Self {
        let checked = match is_whole(line) {
            Some(true) => true,
            Some(false) => return Self::Damaged,
            None => false,
        };
        let Ok(head) = serde_json::from_slice::<Head>(line) else { return Self::Damaged };
        let Ok(event) = serde_json::from_slice::<Event>(line) else { return Self::Unknown };
        let m = head.m.map(|secs| MedicineTime::at(span(secs)));
        let record = Record { seq: head.seq, t: SessionTime::at(span(head.t)), m, event };
        Self::Record { record, checked }
    }
}

/// What every record has, of whatever kind.
#[derive(Deserialize)]
struct Head {
    seq: u64,
    t: f64,
    m: Option<f64>,
    #[serde(rename = "kind")]
    _kind: String,
}

/// The line that begins with `body`, an object of JSON without its last brace: the checksum, the brace, the line feed.
pub(super) fn sealed(body: &str) -> String {
    let crc = crc32(body.as_bytes());
    format!("{body},\"crc\":\"{crc:08x}\"}}\n")
}

/// Whether a line, without its line feed, is as it was written; `None` if it bears no checksum to tell by.
pub(super) fn is_whole(line: &[u8]) -> Option<bool> {
    checksum(line).map(|(body, crc)| crc32(body) == crc)
}

/// The checksummed bytes and their checksum, if the line ends in one.
fn checksum(line: &[u8]) -> Option<(&[u8], u32)> {
    let rest = line.strip_suffix(CRC.1)?;
    let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(8)?)?;
    let body = rest.strip_suffix(CRC.0)?;
    // A digit that is none is an altered checksum, not a missing one: no checksum of the body will equal this.
    let crc = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok());
    Some((body, crc.unwrap_or_else(|| !crc32(body))))
}

/// Seconds with exactly 3 decimals.
pub(super) fn seconds(span: Span) -> String {
    let millis = span.millis().unsigned_abs();
    format!("{}{}.{:03}", if span < Span::ZERO { "-" } else { "" }, millis / 1000, millis % 1000)
}

/// Seconds to the nearest millisecond.
pub(super) fn span(seconds: f64) -> Span {
    Span::from_millis((seconds * 1000.0).round() as i64)
}

/// The CRC-32 of zip, PNG and Ethernet (polynomial 0x04c11db7, reflected): finds every burst of up to 32 altered bits.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_one() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn times_have_three_decimals_and_their_sign() {
        for (millis, text) in [(0, "0.000"), (12_000, "12.000"), (-75_250, "-75.250"), (-1, "-0.001")] {
            assert_eq!(seconds(Span::from_millis(millis)), text);
            assert_eq!(span(text.parse().expect("a number")), Span::from_millis(millis));
        }
    }
}
