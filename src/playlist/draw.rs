//! Draws diagnostics for a terminal or a golden file.

use super::Diagnostic;

/// All diagnostics as plain text without colour, at most 100 columns wide, each with the offending text underlined.
#[must_use]
pub fn draw(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect()
}
