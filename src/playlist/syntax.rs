//! The first step: text to TOML, with every syntax error, and how far the rest can still be trusted.

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::de::{DeTable, Error};

use super::diagnostic::{Code, Diagnostic, Place};
use super::findings::Findings;
use super::source::Source;

/// More broken lines than this are not a playlist.
const MOST: usize = 100;

/// Findings that something is absent: in a damaged text it may only not have been understood.
const ABSENCES: [Code; 7] =
    [Code::MissingKey, Code::NoPhases, Code::NoLength, Code::EmptyPool, Code::Excluded, Code::RunsDry, Code::ThinPool];

/// What syntax errors leave unknown. Without them, nothing.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// Lines that could not be read, from 1.
    lines: BTreeSet<usize>,
    /// After a broken heading nothing is where it seems to be: this line and all that follow, from 1.
    lost_from: Option<usize>,
}

impl Damage {
    /// Whether a finding stands by itself, and does not merely follow from a syntax error.
    pub fn spares(&self, finding: &Diagnostic) -> bool {
        match &finding.place {
            _ if self.lines.is_empty() || matches!(finding.code, Code::Syntax | Code::TooDeep) => true,
            _ if ABSENCES.contains(&finding.code) => false,
            Some(Place { line, .. }) => !self.lines.contains(line) && self.lost_from.is_none_or(|lost| *line < lost),
            None => false,
        }
    }
}

/// Parses a text as far as it goes.
pub(super) fn parse<'a>(source: &'a Arc<Source>, findings: &mut Findings) -> (DeTable<'a>, Damage) {
    let (document, mut errors) = DeTable::parse_recoverable(&source.text);
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let mut damage = Damage::default();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let line = source.line_of(span.start).0 + 1;
        // The first error of a line explains it; those after it are its echoes.
        if damage.lines.len() < MOST && damage.lines.insert(line) {
            let text = source.line(line - 1);
            report(error, span, text, findings);
            if text.trim_start().starts_with('[') {
                damage.lost_from = damage.lost_from.or(Some(line));
            }
        }
    }
    (document.into_inner(), damage)
}

fn report(error: &Error, span: std::ops::Range<usize>, line: &str, findings: &mut Findings) {
    let message = error.message();
    let (code, advice) = match message {
        _ if message.contains("recursion") => (Code::TooDeep, "a playlist needs no more than three levels; flatten it"),
        _ if message.contains("duplicate key") => (Code::Syntax, "remove one of the two"),
        _ if line.trim_start().starts_with('[') => {
            (Code::Syntax, "write headings as [sound] or [[phase]], with all their brackets")
        }
        _ if line.contains('=') => (Code::Syntax, "write key = value; text, times and levels go between double quotes"),
        _ => (Code::Syntax, "write key = value, or begin the line with # to make it a comment"),
    };
    findings.error(code, span, format!("this is not TOML: {message}")).advise(advice);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let source = Arc::new(Source::new("t".into(), text.to_owned()));
        let mut findings = Findings::about(Arc::clone(&source));
        parse(&source, &mut findings);
        findings.into_list().iter().filter_map(|finding| finding.place.as_ref()).map(|place| place.line).collect()
    }

    #[test]
    fn every_broken_line_is_named_once() {
        assert_eq!(lines("a = 1\nb = \nc = 0:12\nd = 2\nd = 3\ne = \"open\n"), [2, 3, 5, 6]);
        assert_eq!(lines("a = \"fine\"\n"), [0usize; 0]);
    }

    #[test]
    fn hostile_nesting_is_refused_without_harm() {
        for text in ["[".repeat(100_000), "a.".repeat(100_000) + "b = 1", "a = ".to_owned() + &"{b=".repeat(50_000)] {
            assert!(!lines(&text).is_empty());
        }
    }
}
