//! Reads TOML tables key by key, remembering where everything stood and what was asked for.
//!
//! What nobody asked for is an unknown key, so a table's valid keys are written once: where they are read.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Code;
use super::findings::{Findings, nearest, quoted};

/// A value and the bytes it was written in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written<T> {
    pub value: T,
    pub at: Range<usize>,
}

/// Why a value cannot be read; the sentence goes on after the key's name.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub code: Code,
    pub message: String,
    pub advice: String,
    pub nearest: Option<String>,
}

/// A type that a TOML value can be read as.
pub(super) trait Read: Sized {
    /// Reads it, or says what should stand there.
    fn read(value: &DeValue) -> Result<Self, Wrong>;
}

struct Entry<'a> {
    key: &'a str,
    key_at: Range<usize>,
    value: &'a DeValue<'a>,
    at: Range<usize>,
    asked: bool,
}

/// One table of the file.
pub(super) struct Table<'a> {
    /// What it is, for messages: `a phase`.
    what: &'static str,
    /// Its heading, or all of it when it is written inline.
    pub at: Range<usize>,
    entries: Vec<Entry<'a>>,
    known: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// A table as parsed.
    pub fn new(what: &'static str, table: &'a DeTable<'a>, at: Range<usize>) -> Self {
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| -> Entry<'a> {
            let name: &'a std::borrow::Cow<'a, str> = key.get_ref();
            Entry { key: name, key_at: key.span(), value: value.get_ref(), at: value.span(), asked: false }
        };
        let mut entries: Vec<Entry> = table.iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.key_at.start);
        Self { what, at, entries, known: Vec::new() }
    }

    /// Marks a key as known; its key's place, its value and the value's place.
    fn ask(&mut self, key: &'static str) -> Option<(Range<usize>, &'a DeValue<'a>, Range<usize>)> {
        self.known.push(key);
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.asked = true;
        Some((entry.key_at.clone(), entry.value, entry.at.clone()))
    }

    /// Where a key stands, if it is there.
    pub fn place_of(&self, key: &str) -> Option<Range<usize>> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_at.clone())
    }

    /// The value of a key that may be missing. `None` also when it is there and wrong: that has then been said.
    pub fn read<T: Read>(&mut self, key: &'static str, findings: &mut Findings) -> Option<Written<T>> {
        let (_, value, at) = self.ask(key)?;
        read_at(key, value, at, findings)
    }

    /// As [`Self::read`], for a key that must be there.
    pub fn require<T: Read>(
        &mut self,
        key: &'static str,
        example: &str,
        findings: &mut Findings,
    ) -> Option<Written<T>> {
        // A misspelt key is named as such; that it is missing too would be the same mistake twice.
        let misspelt = || self.entries.iter().any(|entry| nearest(entry.key, [key]).is_some());
        if self.place_of(key).is_none() && !misspelt() {
            findings
                .error(Code::MissingKey, self.at.clone(), format!("{} needs `{key}`", self.what))
                .advise(format!("add a line such as: {key} = {example}"));
        }
        self.read(key, findings)
    }

    /// As [`Self::read`], for a value that is possible only between two others.
    pub fn read_within<T>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<T>,
        findings: &mut Findings,
    ) -> Option<Written<T>>
    where
        T: Read + PartialOrd + Display,
    {
        within(key, self.read(key, findings)?, range, findings)
    }

    /// Each item of a list, those that can be read; nothing for a missing key.
    pub fn list<T: Read>(&mut self, key: &'static str, findings: &mut Findings) -> Option<Written<Vec<Written<T>>>> {
        let (_, value, at) = self.ask(key)?;
        let DeValue::Array(items) = value else {
            findings
                .error(Code::WrongType, at, format!("`{key}` takes a list, not {}", type_name(value)))
                .advise("put the items between square brackets: [ \"one\", \"two\" ]");
            return None;
        };
        let value = items.iter().filter_map(|item| read_at(key, item.get_ref(), item.span(), findings)).collect();
        Some(Written { value, at })
    }

    /// The table under a key, written with its own heading or inline.
    pub fn table(&mut self, key: &'static str, what: &'static str, findings: &mut Findings) -> Option<Table<'a>> {
        let (_, value, at) = self.ask(key)?;
        if let DeValue::Table(table) = value {
            return Some(Table::new(what, table, at));
        }
        findings
            .error(Code::WrongType, at, format!("`{key}` takes a table, not {}", type_name(value)))
            .advise(format!("write [{key}] on a line of its own, and its keys below"));
        None
    }

    /// The tables of a list of tables, such as `[[phase]]`.
    pub fn tables(&mut self, key: &'static str, what: &'static str, findings: &mut Findings) -> Vec<Table<'a>> {
        let Some((_, value, at)) = self.ask(key) else { return Vec::new() };
        let mut tables = Vec::new();
        let mut wrong = |at: Range<usize>, value: &DeValue| {
            findings
                .error(Code::WrongType, at, format!("`{key}` takes a list of tables, not {}", type_name(value)))
                .advise(match key {
                    "track" => "write its heading with two pairs of brackets, such as [[phase.track]]".to_owned(),
                    _ => format!("write its heading with two pairs of brackets: [[{key}]]"),
                });
        };
        match value {
            DeValue::Array(items) => {
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::Table(table) => tables.push(Table::new(what, table, item.span())),
                        other => wrong(item.span(), other),
                    }
                }
            }
            other => wrong(at, other),
        }
        tables
    }

    /// The value under a key as it stands, for a key that takes several types.
    pub fn raw(&mut self, key: &'static str) -> Option<Written<&'a DeValue<'a>>> {
        self.ask(key).map(|(_, value, at)| Written { value, at })
    }

    /// The keys that nobody has asked for yet, with the places of key and value; they count as asked from now on.
    pub fn rest(&mut self) -> Vec<(&'a str, Range<usize>, Written<&'a DeValue<'a>>)> {
        let unasked = self.entries.iter_mut().filter(|entry| !entry.asked);
        unasked
            .map(|entry| {
                entry.asked = true;
                (entry.key, entry.key_at.clone(), Written { value: entry.value, at: entry.at.clone() })
            })
            .collect()
    }

    /// The keys that were asked for.
    pub fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// Says which keys mean nothing here, after all others have been read.
    pub fn finish(mut self, findings: &mut Findings) {
        for (key, key_at, _) in self.rest() {
            let meant = nearest(key, self.known.iter().copied());
            findings
                .error(Code::UnknownKey, key_at, format!("{} has no key {}", self.what, quoted(key)))
                .advise(match meant {
                    Some(meant) => format!("write `{meant}`, or remove it"),
                    None => format!("remove it; the keys here are {}", self.known.join(", ")),
                })
                .suggest(meant);
        }
    }
}

/// A value that is possible only between two others; `None` when it is not, which has then been said.
pub(super) fn within<T: PartialOrd + Display>(
    key: &str,
    read: Written<T>,
    range: RangeInclusive<T>,
    findings: &mut Findings,
) -> Option<Written<T>> {
    if range.contains(&read.value) {
        return Some(read);
    }
    let (least, most) = range.into_inner();
    findings
        .error(Code::OutOfRange, read.at, format!("`{key}` is {}, which is out of range", read.value))
        .advise(format!("give a value from {least} to {most}"));
    None
}

/// Reads one value, or says what is wrong with it.
fn read_at<T: Read>(key: &str, value: &DeValue, at: Range<usize>, findings: &mut Findings) -> Option<Written<T>> {
    match T::read(value) {
        Ok(value) => Some(Written { value, at }),
        Err(wrong) => {
            findings
                .error(wrong.code, at, format!("`{key}` {}", wrong.message))
                .advise(wrong.advice)
                .suggest(wrong.nearest);
            None
        }
    }
}

/// A value's type in plain words.
pub(super) fn type_name(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time of day",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
