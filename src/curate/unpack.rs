//! Opens an archive that may come from anybody: nothing outside its own new folder is touched, and nothing is kept that
//! is not what its checksums say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tar::{Archive, EntryType};

use super::pack::{CHECKSUMS, read_line};
use super::save::aside_in;
use crate::media;
use crate::units::SafeText;

/// More files than this no playlist has: its tracks, beds and licences.
const MOST: usize = 5000;
/// The longest name of a file in an archive, in bytes.
const LONGEST_NAME: u64 = 4096;
/// The longest list of checksums.
const LONGEST_LIST: u64 = 32 << 20;

/// Why nothing was unpacked; nothing is left of it.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The archive cannot be read, or what is in it cannot be written.
    #[error("{0}; check the archive and the room on the disk")]
    Disk(#[from] io::Error),
    /// What it holds is not what `pack` packs.
    #[error("the archive is refused: {0}; nothing was unpacked. Have it packed again with `undertone pack`")]
    Refused(String),
    /// There is a folder or file of that name.
    #[error("{0} is there already and was left alone; unpack into another folder")]
    Taken(SafeText),
}

fn refused(why: impl Into<String>) -> UnpackError {
    UnpackError::Refused(why.into())
}

/// Unpacks an archive into a new folder below `into`, and gives the path of its playlist. `progress` is told how many of how
/// many files are out.
///
/// # Errors
/// [`UnpackError`].
pub fn unpack(archive: &Path, into: &Path, progress: &dyn Fn(usize, usize)) -> Result<PathBuf, UnpackError> {
    if !archive.metadata()?.is_file() {
        return Err(refused("it is not a regular file"));
    }
    let mut file = BufReader::new(File::open(archive)?);
    let count = look_through(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    fs::create_dir_all(into)?;
    let aside = aside_in(into);
    fs::create_dir(&aside)?;
    let unpacked = take_out(file, &aside, count, progress).and_then(|contents| contents.settle(&aside, into));
    let _ = fs::remove_dir_all(&aside);
    unpacked
}

/// Before anything is unpacked: only plain files, of which there are not too many and whose names are not too long. The
/// archive is not compressed, so what comes out is no larger than what is there.
fn look_through(file: &mut BufReader<File>) -> Result<usize, UnpackError> {
    let mut count = 0;
    for entry in Archive::new(file).entries()?.raw(true) {
        let entry = entry?;
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Directory => count += 1,
            EntryType::GNULongName if entry.size() <= LONGEST_NAME => {}
            EntryType::GNULongName => return Err(refused("a name in it is too long")),
            EntryType::Symlink | EntryType::Link => return Err(refused("it holds a link")),
            _ => return Err(refused("it holds something that is not a plain file")),
        }
        if count > MOST {
            return Err(refused(format!("it holds more than {MOST} files")));
        }
    }
    Ok(count)
}

/// What came out of an archive.
struct Contents {
    /// The one folder that everything lies in.
    top: String,
    /// Names below it, with `/`.
    names: BTreeSet<String>,
}

fn take_out(
    file: BufReader<File>,
    aside: &Path,
    count: usize,
    progress: &dyn Fn(usize, usize),
) -> Result<Contents, UnpackError> {
    let (mut top, mut names, mut taken) = (None, BTreeSet::new(), BTreeSet::new());
    for (index, entry) in Archive::new(file).entries()?.enumerate() {
        let mut entry = entry?;
        if entry.header().entry_type() == EntryType::Directory {
            continue;
        }
        let (folder, name) = place(&entry.path_bytes())?;
        if *top.get_or_insert_with(|| folder.clone()) != folder {
            return Err(refused("it holds more than one folder"));
        }
        if !taken.insert(name.to_lowercase()) {
            return Err(refused(format!("it holds \"{}\" twice", SafeText::new(&name))));
        }
        let path = aside.join(&folder).join(&name);
        fs::create_dir_all(path.parent().unwrap_or(aside))?;
        // New: whatever may be there is not written through. The folder is ours and holds no links.
        let mut out = File::create_new(&path)?;
        let size = entry.size();
        if io::copy(&mut entry, &mut out)? != size {
            return Err(refused("it breaks off"));
        }
        names.insert(name);
        progress(index + 1, count);
    }
    let top = top.ok_or_else(|| refused("it is empty"))?;
    Ok(Contents { top, names })
}

/// The folder and the name below it that a path in an archive stands for, if it leads nowhere else.
fn place(bytes: &[u8]) -> Result<(String, String), UnpackError> {
    let path = std::str::from_utf8(bytes).map_err(|_| refused("a name in it is not UTF-8"))?;
    let told = || SafeText::new(path);
    let parts: Vec<&str> = path.split('/').collect();
    let plain = |part: &&str| !part.is_empty() && !matches!(*part, "." | "..") && part.len() <= 255;
    // On Windows these mean drives and folders.
    let foreign = cfg!(windows) && path.contains(['\\', ':']);
    // They would act on the terminal of whoever lists the folder.
    if path.contains(char::is_control) {
        return Err(refused(format!("a name in it, \"{}\", has control characters", told())));
    }
    if !parts.iter().all(plain) || foreign || parts.len() > 64 {
        return Err(refused(format!("\"{}\" leads out of its folder", told())));
    }
    match parts.split_first() {
        Some((top, rest)) if !rest.is_empty() => Ok(((*top).to_owned(), rest.join("/"))),
        _ => Err(refused(format!("\"{}\" lies in no folder", told()))),
    }
}

impl Contents {
    /// Checks every file and brings the folder to its place.
    fn settle(self, aside: &Path, into: &Path) -> Result<PathBuf, UnpackError> {
        let folder = aside.join(&self.top);
        let sums = read_sums(&folder.join(CHECKSUMS))?;
        let listed: BTreeSet<&String> = sums.keys().collect();
        if let Some(stray) = self.names.iter().find(|name| *name != CHECKSUMS && !listed.contains(name)) {
            return Err(refused(format!("\"{}\" has no checksum", SafeText::new(stray))));
        }
        for (name, expected) in &sums {
            let is_same = self.names.contains(name)
                && media::content_hash(&folder.join(name)).is_ok_and(|hash| hash.eq_ignore_ascii_case(expected));
            if !is_same {
                return Err(refused(format!("\"{}\" is missing or damaged", SafeText::new(name))));
            }
        }
        let mut lists = self.names.iter().filter(|name| !name.contains('/') && name.ends_with(".toml"));
        let (Some(list), None) = (lists.next(), lists.next()) else {
            return Err(refused("it does not hold one playlist"));
        };
        let target = into.join(&self.top);
        if fs::symlink_metadata(&target).is_ok() {
            return Err(UnpackError::Taken(SafeText::new(&target.to_string_lossy())));
        }
        fs::rename(folder, &target)?;
        Ok(target.join(list))
    }
}

fn read_sums(path: &Path) -> Result<BTreeMap<String, String>, UnpackError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_LIST).read_to_string(&mut text));
    read.map_err(|_| refused("it has no list of checksums"))?;
    let lines = text.split('\n').filter(|line| !line.is_empty());
    let sums: Option<BTreeMap<String, String>> =
        lines.map(|line| read_line(line).map(|(hash, name)| (name, hash))).collect();
    sums.ok_or_else(|| refused("its list of checksums cannot be read"))
}

#[cfg(test)]
#[path = "tests/unpack.rs"]
mod tests;
