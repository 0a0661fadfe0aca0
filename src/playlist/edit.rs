//! Changes single values of a playlist's text and leaves every other byte of it as it is: comments, layout, line ends.
//!
//! The text is not written anew from what was understood of it: the new value is put where the old one stands, and what comes
//! out is read again, to be sure that it says the same but for that value.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::replace::replace;
use crate::units::{SafeText, Span};

/// The key that overrides a phase's `crossfade` at one joint.
const FADE_IN: &str = "fade_in";
/// Steering pools, in the order in which their tracks are counted.
const POOLS: [&str; 3] = ["ground", "warmer", "deeper"];

/// Why a change was not written. The file is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file cannot be read or written.
    #[error("{name} cannot be written ({source}); check who may write it, and that the disk has room")]
    Disk {
        /// Its path.
        name: SafeText,
        /// The system's reason.
        source: io::Error,
    },
    /// Somebody else wrote it since it was read.
    #[error(
        "another program has changed {name} since it was read, so nothing was written; leave, and begin with the new text"
    )]
    Changed {
        /// Its path.
        name: SafeText,
    },
    /// The text is laid out in a way that a change of one value could break.
    #[error("{name} is laid out in a way that cannot be changed safely, so nothing was written; set `fade_in` by hand")]
    Unclear {
        /// Its path.
        name: SafeText,
    },
}

/// A playlist's text, as it was read. Its tracks are counted from 0: those of the phases in the order of the text, then
/// those of the pools ground, warmer and deeper.
#[derive(Debug)]
pub struct Manuscript {
    path: PathBuf,
    text: String,
}

impl Manuscript {
    /// Reads a playlist's text.
    ///
    /// # Errors
    /// [`EditError::Disk`].
    pub fn open(path: &Path) -> Result<Self, EditError> {
        let text = fs::read_to_string(path).map_err(|source| EditError::Disk { name: name(path), source })?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// Sets the length of the crossfade into each of these tracks, and of no other: writes their `fade_in`, never the
    /// `crossfade` of a phase.
    ///
    /// # Errors
    /// [`EditError`]; the file is then as it was.
    pub fn set_fades(&mut self, fades: &BTreeMap<usize, Span>) -> Result<(), EditError> {
        let name = || name(&self.path);
        let disk = |source| EditError::Disk { name: name(), source };
        if fs::read_to_string(&self.path).map_err(disk)? != self.text {
            return Err(EditError::Changed { name: name() });
        }
        let after = with_fades(&self.text, fades).ok_or_else(|| EditError::Unclear { name: name() })?;
        replace(&self.path, &after).map_err(disk)?;
        self.text = after;
        Ok(())
    }
}

/// A path as it may be shown.
fn name(path: &Path) -> SafeText {
    SafeText::new(&path.to_string_lossy())
}

/// The text with these values; `None` if they cannot be set without touching anything else.
fn with_fades(text: &str, fades: &BTreeMap<usize, Span>) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let tracks = tracks(document.get_ref());
    let edit = |(track, fade): (&usize, &Span)| tracks.get(*track).and_then(|track| track.edit(text, *fade));
    let mut edits = fades.iter().map(edit).collect::<Option<Vec<_>>>()?;
    // From the end, so that the places before stay where they are.
    edits.sort_by_key(|(place, _)| Reverse(place.start));
    let mut after = text.to_owned();
    for (place, new) in edits {
        after.replace_range(place, &new);
    }
    (understood(text, fades)? == understood(&after, &BTreeMap::new())?).then_some(after)
}

/// What a text says, with these lengths set in it.
fn understood(text: &str, fades: &BTreeMap<usize, Span>) -> Option<Table> {
    let mut document: Table = toml::from_str(text).ok()?;
    let mut place = 0;
    let mut set = |holder: &mut Value| {
        for track in holder.get_mut("track").and_then(Value::as_array_mut).into_iter().flatten() {
            if let (Some(fade), Some(track)) = (fades.get(&place), track.as_table_mut()) {
                track.insert(FADE_IN.into(), Value::String(fade.to_string()));
            }
            place += 1;
        }
    };
    document.get_mut("phase").and_then(Value::as_array_mut).into_iter().flatten().for_each(&mut set);
    if let Some(pools) = document.get_mut("pool") {
        POOLS.iter().for_each(|pool| pools.get_mut(*pool).into_iter().for_each(&mut set));
    }
    Some(document)
}

/// A track's table and where it stands: its heading, or all of it when it is written inline.
struct Track<'a> {
    table: &'a DeTable<'a>,
    at: Range<usize>,
}

/// Every track of the text, in the order in which they are counted.
fn tracks<'a>(document: &'a DeTable<'a>) -> Vec<Track<'a>> {
    let pools = find(document, "pool").and_then(|pools| pools.get_ref().as_table());
    let pools = POOLS.iter().filter_map(|pool| find(pools?, pool)?.get_ref().as_table());
    let phases = items(document, "phase").map(|(phase, _)| phase);
    let holders = phases.chain(pools).flat_map(|holder| items(holder, "track"));
    holders.map(|(table, at)| Track { table, at }).collect()
}

/// The tables of a list of tables.
fn items<'a>(table: &'a DeTable<'a>, key: &str) -> impl Iterator<Item = (&'a DeTable<'a>, Range<usize>)> {
    let list = find(table, key).and_then(|list| list.get_ref().as_array());
    list.into_iter().flat_map(|list| list.iter()).filter_map(|item| Some((item.get_ref().as_table()?, item.span())))
}

fn find<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a toml::Spanned<DeValue<'a>>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

impl Track<'_> {
    /// What to put where, so that the crossfade into this track has this length.
    fn edit(&self, text: &str, fade: Span) -> Option<(Range<usize>, String)> {
        if let Some(value) = find(self.table, FADE_IN) {
            // A text between apostrophes stays one.
            let quote = if text.get(value.span())?.starts_with('\'') { '\'' } else { '"' };
            return Some((value.span(), format!("{quote}{fade}{quote}")));
        }
        let (key, last) = self.table.iter().max_by_key(|(_, value)| value.span().end)?;
        let ends = last.span().end;
        if text.get(self.at.clone())?.starts_with('{') {
            return Some((ends..ends, format!(", {FADE_IN} = \"{fade}\"")));
        }
        // A line of its own below the last one, as far from the edge and with the same line end.
        let line = text[ends..].find('\n').map_or(text.len(), |newline| ends + newline);
        let line = if text[..line].ends_with('\r') { line - 1 } else { line };
        let newline = if text[line..].starts_with("\r\n") { "\r\n" } else { "\n" };
        let begins = text[..key.span().start].rfind('\n').map_or(0, |newline| newline + 1);
        let indent: String = text[begins..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        Some((line..line, format!("{newline}{indent}{FADE_IN} = \"{fade}\"")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(fades: &[(usize, i64)]) -> BTreeMap<usize, Span> {
        fades.iter().map(|(track, secs)| (*track, Span::from_secs(*secs))).collect()
    }

    /// `text` holds `[-old-]` where a value goes and `[+new+]` where one comes; everything else must stay.
    fn check(marked: &str, fades: &[(usize, i64)]) {
        let strip = |keep: (&str, &str), lose: (&str, &str)| {
            let mut text = String::new();
            let mut rest = marked;
            while let Some((before, after)) = rest.split_once(lose.0) {
                text.push_str(before);
                rest = after.split_once(lose.1).expect("a closed mark").1;
            }
            (text + rest).replace(keep.0, "").replace(keep.1, "")
        };
        let (old, new) = (("[-", "-]"), ("[+", "+]"));
        let (before, after) = (strip(old, new), strip(new, old));
        assert_eq!(with_fades(&before, &set(fades)).as_deref(), Some(after.as_str()), "{before}");
    }

    #[test]
    fn a_value_that_stands_is_exchanged_and_nothing_around_it() {
        check(
            "[[phase]]\n[[phase.track]]\nfade_in   =   [-\"6s\"-][+\"9s\"+]   # as she likes it\nfile='a'\n",
            &[(0, 9)],
        );
        check("[[phase]]\n[[phase.track]]\nfade_in=[-'6s'-][+'9s'+]\nfile = \"a\"", &[(0, 9)]);
        check(
            "[[phase]]\r\n[[phase.track]]\r\nfile = 'a'\r\nfade_in = [-\"1m\"-][+\"12s\"+]\r\n\r\n# Ende\r\n",
            &[(0, 12)],
        );
    }

    #[test]
    fn a_value_that_is_missing_gets_a_line_below_the_last_of_its_track() {
        check(
            "[[phase]]\ncrossfade = '8s'\n[[phase.track]]\nfile = 'a' # b[+\nfade_in = \"9s\"+]\n\n\n[[phase]]\n",
            &[(0, 9)],
        );
        check("[[phase]]\n\t[[phase.track]]\n\tfile = 'a'[+\n\tfade_in = \"9s\"+]", &[(0, 9)]);
        check("[[phase]]\r\n  [[phase.track]]\r\n  file = 'a'\t[+\r\n  fade_in = \"9s\"+]\r\n# Ende", &[(0, 9)]);
        check(
            "[[phase]]\n[[phase.track]]\nfile = 'a'\nexits = [\n  '1:00', # here\n  '2:00',\n][+\nfade_in = \"9s\"+]\n",
            &[(0, 9)],
        );
    }

    #[test]
    fn tracks_may_be_written_inline() {
        check("phase = [ { track = [{file='a'[+, fade_in = \"9s\"+]},{ file = 'b' }] } ]\n", &[(0, 9)]);
        check(
            "[[phase]]\ntrack = [\n  { file = 'a' },  # one\n  { fade_in = [-'6s'-][+'9s'+], file = 'b' }\n]\n",
            &[(1, 9)],
        );
    }

    #[test]
    fn tracks_are_counted_through_phases_and_then_pools() {
        check(
            "[pool.warmer]\n[[pool.warmer.track]]\nfile = 'w'[+\nfade_in = \"4s\"+]\n[pool.ground]\n[[pool.ground.track]]\n\
             file = 'g'[+\nfade_in = \"3s\"+]\n[[phase]]\n[[phase.track]]\nfile = 'a'\n[[phase.track]]\nfile = 'b'[+\n\
             fade_in = \"2s\"+]\n",
            &[(1, 2), (2, 3), (3, 4)],
        );
    }

    #[test]
    fn what_cannot_be_set_safely_is_refused() {
        for (text, track) in [("[[phase]]\n[[phase.track]]\nfile = 'a'\n", 1), ("phase = 3\n", 0), ("[[phase]\n", 0)] {
            assert_eq!(with_fades(text, &set(&[(track, 9)])), None, "{text}");
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone_and_one_that_did_not_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.toml");
        fs::write(&path, "[[phase]]\n[[phase.track]]\nfile = 'a'\n").unwrap();
        let mut manuscript = Manuscript::open(&path).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        for secs in [9, 12] {
            manuscript.set_fades(&set(&[(0, secs)])).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap();
        assert_eq!(written, "[[phase]]\n[[phase.track]]\nfile = 'a'\nfade_in = \"12s\"\n");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o640);
        fs::write(&path, "# edited\n").unwrap();
        assert!(matches!(manuscript.set_fades(&set(&[(0, 3)])), Err(EditError::Changed { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "# edited\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
