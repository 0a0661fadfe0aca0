//! Any text from a file, as it is shown: nothing in it commands a terminal, and it is never long.

use undertone::units::SafeText;

/// The longest, in characters of any kind: 200 graphemes of a few parts each.
const LONGEST: usize = 200 * 40;

pub fn run(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let safe = SafeText::new(text);
    let shown = safe.as_str();
    let commands =
        |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    assert!(!shown.contains(commands), "{shown:?}");
    assert!(shown.chars().count() <= LONGEST, "{} characters", shown.chars().count());
    assert_eq!(SafeText::new(shown).as_str(), shown, "what is safe stays as it is");
}
