//! One archive of a playlist: its text, its music, the licences beside it, and a checksum of each. A plain tar: music is compressed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use tar::{Builder, EntryType, Header};

use super::relink::{Change, edited};
use super::save::{SaveError, save_with};
use crate::media::{self, MediaError};
use crate::playlist::Named;

/// The name of the list of checksums in an archive, in the form of `b3sum`.
pub(super) const CHECKSUMS: &str = "CHECKSUMS";
/// Names that begin like this say under which terms music may be passed on.
const LICENCES: [&str; 7] = ["licen", "copying", "copyright", "notice", "readme", "credits", "attribution"];
/// The longest text of a licence that is taken along, in bytes.
const LONGEST_LICENCE: u64 = 1 << 20;

/// What an archive holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Pieces of music.
    pub music: usize,
    /// Texts about their licences.
    pub licences: usize,
    /// Paths in the playlist that had to be rewritten, because they led out of its folder.
    pub rewritten: usize,
}

/// Why nothing was packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file could not be read.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The archive could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// A name that no archive can hold.
    #[error("the playlist's own name is not UTF-8; rename it")]
    Name,
}

/// What goes into an archive: names in it, with `/`, and the files.
#[derive(Default)]
struct Freight {
    files: BTreeMap<String, PathBuf>,
    /// Names in lower case: some systems cannot tell them apart otherwise.
    taken: BTreeSet<String>,
}

impl Freight {
    fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_lowercase())
    }

    /// Adds a file under its name, or under one with a number.
    fn add(&mut self, name: &str, path: &Path) -> String {
        let name = plain(name);
        let (stem, ending) =
            name.rsplit_once('.').map_or((name.as_str(), String::new()), |(stem, end)| (stem, format!(".{end}")));
        let names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{stem}-{number}{ending}")));
        let free = names.into_iter().find(|name| self.take(name)).unwrap_or_else(|| unreachable!("numbers do not end"));
        self.files.insert(free.clone(), path.to_owned());
        free
    }
}

/// Packs a playlist that loads without errors. `progress` is told how many of how many files are in.
///
/// # Errors
/// [`PackError`].
pub fn pack(
    named: &Named,
    playlist: &Path,
    archive: &Path,
    replace: bool,
    progress: &dyn Fn(usize, usize),
) -> Result<Packed, PackError> {
    let given = playlist.file_name().and_then(|name| name.to_str()).ok_or(PackError::Name)?;
    let top = given.strip_suffix(".toml").unwrap_or(given);
    let top = &plain(if matches!(top, "" | "." | "..") { "playlist" } else { top });
    let name = &format!("{top}.toml");
    let mut freight = Freight::default();
    freight.take(name);
    freight.take(CHECKSUMS);
    let changes = load(named, &mut freight);
    let music = freight.files.len();
    add_licences(&mut freight);
    let text = edited(&named.text, changes.clone());
    let checksums = checksums(name, &text, &freight)?;
    let total = freight.files.len();
    save_with(archive, replace, |file| {
        let mut tar = Builder::new(io::BufWriter::new(file));
        let mut add = |name: &str, size: u64, data: &mut dyn Read| {
            // The same playlist gives the same archive: no times, no owners.
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_size(size);
            tar.append_data(&mut header, format!("{top}/{name}"), data.take(size))
        };
        add(name, text.len() as u64, &mut text.as_bytes())?;
        add(CHECKSUMS, checksums.len() as u64, &mut checksums.as_bytes())?;
        for (done, (name, path)) in freight.files.iter().enumerate() {
            let mut file = File::open(path)?;
            add(name, file.metadata()?.len(), &mut file)?;
            progress(done + 1, total);
        }
        tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(())
    })?;
    Ok(Packed { music, licences: total - music, rewritten: changes.len() })
}

/// A name without what `unpack` refuses.
fn plain(name: &str) -> String {
    name.replace(char::is_control, "-")
}

/// Takes every file that is there (one that is excluded may not be), and tells which paths change.
fn load(named: &Named, freight: &mut Freight) -> Vec<Change> {
    let mut known: BTreeMap<&Path, String> = BTreeMap::new();
    let mut changes = Vec::new();
    for (index, file) in named.files.iter().enumerate() {
        let Ok(path) = &file.found else { continue };
        let own = below(&file.written);
        let name = known.entry(path).or_insert_with(|| {
            let wanted = own.clone().unwrap_or_else(|| {
                // A playlist is UTF-8, so the names in it are; only links lead to others.
                format!("music/{}", path.file_name().unwrap_or_default().to_string_lossy())
            });
            freight.add(&wanted, path)
        });
        if own.as_ref() != Some(name) {
            changes.push(named.with_path(index, name));
        }
    }
    changes
}

/// A path that leads down only, without `.`.
fn below(written: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in Path::new(written).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

/// Takes the licences that lie in the music's folders and above them, as far as they are in the archive.
fn add_licences(freight: &mut Freight) {
    let mut folders = BTreeSet::new();
    for (name, path) in &freight.files {
        let (mut inside, mut real) = (Path::new(name), path.as_path());
        while let (Some(up), Some(parent)) = (inside.parent(), real.parent()) {
            (inside, real) = (up, parent);
            folders.insert((inside.to_string_lossy().into_owned(), real.to_owned()));
            // Above a folder of another name the two ways part.
            if inside.file_name() != real.file_name() {
                break;
            }
        }
    }
    for (inside, real) in folders {
        for entry in fs::read_dir(real).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_text =
                entry.metadata().is_ok_and(|about| about.is_file() && (1..=LONGEST_LICENCE).contains(&about.len()));
            let lower = name.to_lowercase();
            if is_text && !lower.ends_with(".toml") && LICENCES.iter().any(|begin| lower.starts_with(begin)) {
                let name = if inside.is_empty() { name } else { format!("{inside}/{name}") };
                if plain(&name) == name && freight.take(&name) {
                    freight.files.insert(name, entry.path());
                }
            }
        }
    }
}

/// A line for each file, as `b3sum` writes and checks them.
fn checksums(name: &str, text: &str, freight: &Freight) -> Result<String, MediaError> {
    let mut lines = line(&media::hash(text.as_bytes()), name);
    for (name, path) in &freight.files {
        lines.push_str(&line(&media::content_hash(path)?, name));
    }
    Ok(lines)
}

/// With what would break a line escaped, and a backslash before it to say so.
fn line(hash: &str, name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{hash}  {escaped}\n")
}

/// Reads a line back.
pub(super) fn read_line(line: &str) -> Option<(String, String)> {
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |line| (true, line));
    let (hash, name) = line.split_once("  ")?;
    if !escaped {
        return Some((hash.to_owned(), name.to_owned()));
    }
    let (mut plain, mut letters) = (String::new(), name.chars());
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some((hash.to_owned(), plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_line_of_a_checksum_reads_back(name in "[a-z\\\\\n\r ./]{1,12}") {
            proptest::prop_assume!(!name.starts_with(' '));
            let line = line("0f", &name);
            proptest::prop_assert_eq!(line.matches('\n').count(), 1);
            proptest::prop_assert_eq!(read_line(line.trim_end_matches('\n')), Some(("0f".to_owned(), name)));
        }
    }

    #[test]
    fn names_that_lead_out_are_known() {
        for (written, expected) in [
            ("a/b.flac", Some("a/b.flac")),
            ("./a/./b.flac", Some("a/b.flac")),
            ("a/../b.flac", None),
            ("../b.flac", None),
        ] {
            assert_eq!(below(written).as_deref(), expected, "{written}");
        }
    }
}
