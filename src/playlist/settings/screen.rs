//! The panel's part of the settings: `[panel]` for light and stamps, `[keys]` for what each key does.
//!
//! Which themes, keys and actions there are is known to the panel alone; here they are words.

use toml::de::DeValue;

use super::{Code, Findings, Read, Table, Wrong, plain};
use crate::units::{SafeText, Span};

/// As many stamps as there are digits to choose them by.
const MOST_MARKS: usize = 9;
/// The panel is not darkened sooner: a glance takes its time.
const SOONEST_DIM: Span = Span::from_secs(5);

/// What a clinic decides for its panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screen {
    /// The theme's name.
    pub theme: Option<SafeText>,
    /// When the screen darkens by itself.
    pub dim: Option<Dim>,
    /// The clinic's own stamps instead of the usual ones; at most nine.
    pub marks: Option<Vec<SafeText>>,
    /// What keys do, in the order of the file: the key's name and the action's.
    pub keys: Vec<(SafeText, SafeText)>,
}

/// When the screen darkens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim {
    /// Only by key.
    Never,
    /// After this long without a key.
    After(Span),
}

pub(super) fn read(file: &mut Table, findings: &mut Findings) -> Screen {
    let mut screen = Screen::default();
    if let Some(mut panel) = file.table("panel", "the panel", findings) {
        screen.theme = plain(panel.read("theme", findings));
        screen.dim = plain(panel.read("dim_after", findings));
        screen.marks = read_marks(&mut panel, findings);
        panel.finish(findings);
    }
    if let Some(mut keys) = file.table("keys", "the keys", findings) {
        for (key, _, action) in keys.rest() {
            match SafeText::read(action.value) {
                Ok(action) => screen.keys.push((key.into(), action)),
                Err(wrong) => {
                    let message = format!("`{}` {}", SafeText::new(key), wrong.message);
                    findings.error(wrong.code, action.at, message).advise("write an action's name, such as \"duck\"");
                }
            }
        }
    }
    screen
}

fn read_marks(panel: &mut Table, findings: &mut Findings) -> Option<Vec<SafeText>> {
    let marks = panel.list::<SafeText>("marks", findings)?;
    if marks.value.len() > MOST_MARKS {
        let message = format!("`marks` has {} stamps; there are keys for {MOST_MARKS}", marks.value.len());
        findings.error(Code::OutOfRange, marks.at, message).advise("keep those that are used most");
        return None;
    }
    Some(marks.value.into_iter().map(|mark| mark.value).collect())
}

impl Read for Dim {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        if matches!(value, DeValue::String(word) if word.as_ref() == "never") {
            return Ok(Self::Never);
        }
        let advice = "write a length of time such as \"2m\", or \"never\"".to_owned();
        let after = Span::read(value).map_err(|wrong| Wrong { advice: advice.clone(), ..wrong })?;
        if after < SOONEST_DIM {
            let message = format!("is {after}; the screen would go dark under the eye");
            return Err(Wrong { code: Code::OutOfRange, message, advice, nearest: None });
        }
        Ok(Self::After(after))
    }
}
