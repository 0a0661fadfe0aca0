//! Text from outside as a TOML string: reads back as it was, and nothing in it acts on whoever looks at the file.

use std::fmt::Write as _;

use crate::units::SafeText;

/// A basic string: quotes, backslashes and everything that does not show are escaped.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' ' => quoted.push(c),
            _ if shows(c) => quoted.push(c),
            // Writing to a String cannot fail.
            _ if c <= '\u{ffff}' => drop(write!(quoted, "\\u{:04X}", c as u32)),
            _ => drop(write!(quoted, "\\U{:08X}", c as u32)),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character can be seen as itself; a combining mark can.
fn shows(c: char) -> bool {
    c.is_ascii_graphic() || (!c.is_whitespace() && !SafeText::new(c.encode_utf8(&mut [0; 4])).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(quoted: &str) -> String {
        let line: toml_edit::DocumentMut = format!("a = {quoted}").parse().unwrap();
        line["a"].as_str().unwrap().to_owned()
    }

    #[test]
    fn what_shows_is_written_as_it_is_and_what_does_not_is_escaped() {
        assert_eq!(quote("Für Alina 夜 🌊.flac"), "\"Für Alina 夜 🌊.flac\"");
        assert_eq!(quote("a\"b\\c\n\u{202e}d\u{feff}"), r#""a\"b\\c\u000A\u202Ed\uFEFF""#);
    }

    proptest::proptest! {
        #[test]
        fn every_text_reads_back_as_it_was(text in "\\PC*|[\\x00-\\x7f\u{80}-\u{9f}\u{200b}-\u{202e}\u{e000}\u{10ffff}]*") {
            proptest::prop_assert_eq!(read_back(&quote(&text)), text);
        }
    }
}
