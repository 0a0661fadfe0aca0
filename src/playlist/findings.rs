//! The one list that every finding about a file goes into.

use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic, Severity};
use super::source::Source;
use crate::units::SafeText;

/// More findings than this help nobody; the rest are counted, so that a hostile file costs no more than a bad one.
const MOST: usize = 1000;

/// Collects the findings about one file.
pub(super) struct Findings {
    source: Arc<Source>,
    list: Vec<Diagnostic>,
    /// The latest of those beyond [`MOST`], and how many there are.
    beyond: Option<(Diagnostic, usize)>,
}

impl Findings {
    /// Nothing found yet about this text.
    pub fn about(source: Arc<Source>) -> Self {
        Self { source, list: Vec::new(), beyond: None }
    }

    /// What cannot be played, and where.
    pub fn error(&mut self, code: Code, at: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, code, Some(at), message.into())
    }

    /// What could be better, and where.
    pub fn warning(&mut self, code: Code, at: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, code, Some(at), message.into())
    }

    /// What concerns the file as a whole, or a choice made outside it.
    pub fn general(&mut self, severity: Severity, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.add(severity, code, None, message.into())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Whether one of them is an error, or was too much to look at.
    pub fn failed(&self) -> bool {
        self.beyond.is_some() || self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether this was found at this place.
    pub fn names(&self, code: Code, at: &Range<usize>) -> bool {
        let there = |finding: &Diagnostic| finding.place.as_ref().is_some_and(|place| place.span == *at);
        self.list.iter().any(|finding| finding.code == code && there(finding))
    }

    /// Keeps only what `keep` says; for findings that follow from another one.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// All of them in the order of the text, what concerns the whole file first.
    pub fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|finding| (finding.place.as_ref().map(|place| place.span.start), finding.code));
        if let Some((_, more)) = self.beyond.take() {
            let message = format!("{more} more findings are not shown");
            let mut finding = self.finding(Severity::Error, Code::TooMany, None, message);
            finding.advise("correct the first ones and check again");
            self.list.push(finding);
        }
        self.list
    }

    fn add(&mut self, severity: Severity, code: Code, at: Option<Range<usize>>, message: String) -> &mut Diagnostic {
        if self.list.len() < MOST {
            let finding = self.finding(severity, code, at, message);
            self.list.push(finding);
            return self.list.last_mut().unwrap_or_else(|| unreachable!("just added"));
        }
        let count = self.beyond.as_ref().map_or(0, |(_, count)| *count);
        let finding = self.finding(severity, code, None, message);
        &mut self.beyond.insert((finding, count + 1)).0
    }

    fn finding(&self, severity: Severity, code: Code, at: Option<Range<usize>>, message: String) -> Diagnostic {
        let place = at.map(|at| self.source.place(at));
        let source = place.is_some().then(|| Arc::clone(&self.source));
        Diagnostic { code, severity, message, place, advice: String::new(), nearest: None, source }
    }
}

impl Diagnostic {
    /// Adds what to do.
    pub(super) fn advise(&mut self, advice: impl Into<String>) -> &mut Self {
        self.advice = advice.into();
        self
    }

    /// Adds what was probably meant.
    pub(super) fn suggest(&mut self, nearest: Option<impl Into<String>>) -> &mut Self {
        self.nearest = nearest.map(Into::into);
        self
    }
}

/// Foreign text in quotes, cleaned, and cut so that the sentence around it stays readable.
pub(super) fn quoted(text: &str) -> String {
    let safe = SafeText::new(text);
    match safe.as_str().char_indices().nth(60) {
        Some((cut, _)) => format!("\"{}...\"", &safe.as_str()[..cut]),
        None => format!("\"{safe}\""),
    }
}

/// `a, b or c`, each in quotes.
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// The candidate that was probably meant by `text`: few typing errors away, whatever the case.
pub(super) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = text.chars().count();
    if length == 0 || length > 64 {
        return None;
    }
    let text = text.to_lowercase();
    let allowed = (length / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&text, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_recognised_and_a_different_word_is_not() {
        let keys = ["planned", "level", "crossfade", "kind"];
        for (text, meant) in [("planed", "planned"), ("Level", "level"), ("crosfaed", "crossfade"), ("knid", "kind")] {
            assert_eq!(nearest(text, keys), Some(meant), "{text}");
        }
        for text in ["volume", "", "x", "duration"] {
            assert_eq!(nearest(text, keys), None, "{text}");
        }
    }

    #[test]
    fn foreign_text_is_cleaned_and_cut() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}b"), "\"a[31mb\"");
        assert_eq!(quoted(&"x".repeat(100)).len(), 65);
    }

    #[test]
    fn findings_come_in_the_order_of_the_text_and_are_bounded() {
        let mut findings = Findings::about(Arc::new(Source::new("t".into(), "x\n".repeat(2000))));
        for line in (0..1500).rev() {
            findings.error(Code::UnknownKey, line * 2..line * 2 + 1, "no");
        }
        let list = findings.into_list();
        assert_eq!(list.len(), MOST + 1);
        assert!(list[..MOST].is_sorted_by_key(|finding| finding.place.as_ref().map(|place| place.line)));
        assert_eq!(list[MOST].message, "500 more findings are not shown");
    }
}
