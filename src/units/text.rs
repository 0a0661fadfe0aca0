//! Text from outside (tags, file names, titles) made safe to show, log and store.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The longest text kept, in graphemes; a one-megabyte title must not reach a screen or a journal.
const LONGEST: usize = 200;

/// Text that can neither move the cursor, ring the bell, reorder its neighbours nor hide: in canonical form (NFC), without
/// control, format (bidi, zero-width), private-use or unassigned characters, white space folded, at most 200 graphemes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SafeText(String);

impl SafeText {
    /// Cleans any text; what is harmless stays as it was, and so does what was cleaned before.
    #[must_use]
    pub fn new(text: &str) -> Self {
        // Cut before normalising, so that hostile length costs nothing, and after it, since it can double a length; 8 code
        // points are a generous grapheme. What is dropped may bring a letter and its accent together: so first that.
        let harmless = text.chars().take(LONGEST * 16).filter_map(harmless);
        let composed: String = harmless.nfc().take(LONGEST * 8).collect();
        // A flood of combining marks is one grapheme: also bound the bytes. A blank keeps its neighbours apart.
        let bounded: String = composed.graphemes(true).map(|one| if one.len() > 64 { " " } else { one }).collect();
        let folded = bounded.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut kept: String = folded.graphemes(true).take(LONGEST).collect();
        kept.truncate(kept.trim_end().len());
        Self(kept)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Keeps what shows; turns every kind of space into a plain one; drops what acts on a terminal or on its neighbours.
fn harmless(c: char) -> Option<char> {
    use GeneralCategory as Category;
    match get_general_category(c) {
        Category::SpaceSeparator | Category::LineSeparator | Category::ParagraphSeparator => Some(' '),
        Category::Control if matches!(c, '\t' | '\n' | '\r') => Some(' '),
        Category::Control | Category::Format | Category::Surrogate | Category::PrivateUse | Category::Unassigned => {
            None
        }
        _ => Some(c),
    }
}

impl From<String> for SafeText {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<SafeText> for String {
    fn from(text: SafeText) -> Self {
        text.0
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_stays() {
        for text in ["Low tide", "Für Alina", "夜想曲", "Σ ήλιος", "don't — stop"] {
            assert_eq!(SafeText::new(text).as_str(), text);
        }
    }

    #[test]
    fn control_bidi_and_hidden_characters_go() {
        let hostile = "a\u{1b}[2Jb\u{9d}0;c\u{7}\u{202e}d\u{200b}e\u{feff}f\u{0}g\u{2028}h\ti\u{e000}";
        assert_eq!(SafeText::new(hostile).as_str(), "a[2Jb0;cdefg h i");
    }

    /// Else a name would change each time it is written and read.
    fn check_stays(text: &str) {
        let once = SafeText::new(text);
        assert_eq!(SafeText::new(once.as_str()), once, "{text:?}");
    }

    #[test]
    fn what_was_cleaned_stays() {
        let hidden = "\u{1a}\u{302}";
        let cut = format!("{} x", "x".repeat(LONGEST - 1));
        let flood = "\u{1100}e\u{301}".to_owned() + &"\u{301}".repeat(40) + "\u{1161}";
        let doubled = format!("a{}", "\u{344}".repeat(15)).repeat(100);
        for text in [format!("a{hidden}{hidden}"), "e\u{200b}\u{301}".to_owned(), cut, flood, doubled] {
            check_stays(&text);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_was_cleaned_stays(text in "(\\PC|[ \t\u{301}\u{200b}\u{1100}\u{1161}\u{344}\u{1f1e6}\u{1b}]){0,300}") {
            check_stays(&text);
        }
    }

    #[test]
    fn a_megabyte_title_is_cut() {
        let long = "x".repeat(1 << 20);
        assert_eq!(SafeText::new(&long).as_str().len(), LONGEST);
        let marks = format!("a{}", "\u{301}".repeat(10_000));
        assert!(SafeText::new(&marks).as_str().len() <= 64);
    }
}
