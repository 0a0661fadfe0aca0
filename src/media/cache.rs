//! Facts kept between runs, so that a library is decoded once.
//!
//! Two kinds of small files, each written aside and renamed: a *stamp* (path, size and time of change → content) and the
//! *facts* of that content. A moved or renamed file needs only its content read, not decoded. Whatever cannot be read
//! counts as not there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::UNIX_EPOCH;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::access::{failed, open_file};
use super::{Facts, MediaError, examine};

/// Raised when facts are measured in another way: older entries are then measured again.
const MEASURED_AS: u32 = 3;

/// A folder of facts.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// What a file looked like when its content was known.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    changed_ns: u128,
    content: String,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    measured_as: u32,
    facts: Facts,
}

impl Cache {
    /// Facts kept in this folder; it is made when first needed.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Facts of one file: remembered if it has not changed, or measured now and remembered.
    ///
    /// # Errors
    /// As [`examine`]; failures are not remembered.
    pub fn facts(&self, path: &Path) -> Result<Facts, MediaError> {
        let content = self.content(path)?;
        let place = self.folder.join(format!("{content}.json"));
        if let Some(Entry { measured_as: MEASURED_AS, facts }) = read(&place) {
            return Ok(facts);
        }
        let facts = examine(path)?;
        write(&place, &Entry { measured_as: MEASURED_AS, facts: facts.clone() });
        Ok(facts)
    }

    /// The content's hash, as [`content_hash`] gives it: from the file's stamp if that still fits, or computed and remembered.
    ///
    /// # Errors
    /// As [`content_hash`].
    pub fn content(&self, path: &Path) -> Result<String, MediaError> {
        let file = open_file(path)?;
        let (size, changed_ns) = looks(&file).map_err(|error| failed(path, &error))?;
        let place = self.stamp_of(path).map_err(|error| failed(path, &error))?;
        match read::<Stamp>(&place) {
            Some(stamp) if (stamp.size, stamp.changed_ns) == (size, changed_ns) && is_hash(&stamp.content) => {
                Ok(stamp.content)
            }
            _ => {
                let content = hash_of(&file).map_err(|error| failed(path, &error))?;
                write(&place, &Stamp { size, changed_ns, content: content.clone() });
                Ok(content)
            }
        }
    }

    /// What a file held that was at this path when it was last looked at, whether or not it still is.
    #[must_use]
    pub fn remembered(&self, path: &Path) -> Option<String> {
        let stamp: Stamp = read(&self.stamp_of(path).ok()?)?;
        Some(stamp.content).filter(|content| is_hash(content))
    }

    fn stamp_of(&self, path: &Path) -> io::Result<PathBuf> {
        let absolute = std::path::absolute(path)?;
        let key = blake3::hash(absolute.as_os_str().as_encoded_bytes()).to_hex();
        Ok(self.folder.join(format!("{key}.stamp.json")))
    }
}

/// The BLAKE3 hash of a file's content, in hexadecimal: what a playlist's `checksum` is compared with.
///
/// # Errors
/// A file that is not there, is no regular file, or cannot be read.
pub fn content_hash(path: &Path) -> Result<String, MediaError> {
    hash_of(&open_file(path)?).map_err(|error| failed(path, &error))
}

/// The BLAKE3 hash of some bytes, in hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn hash_of(file: &File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// A damaged stamp must not name a path of its own choosing.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn looks(file: &File) -> io::Result<(u64, u128)> {
    let metadata = file.metadata()?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((metadata.len(), changed.as_nanos()))
}

fn read<T: DeserializeOwned>(place: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(place).ok()?).ok()
}

/// Writes aside, then renames. A cache that cannot be written costs time, nothing else.
fn write(place: &Path, value: &impl Serialize) {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let aside = place.with_extension(format!("{}-{}.part", std::process::id(), TURN.fetch_add(1, Ordering::Relaxed)));
    let written = || -> io::Result<()> {
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&aside, serde_json::to_vec(value)?)?;
        fs::rename(&aside, place)
    };
    if let Err(error) = written() {
        tracing::warn!(%error, "facts not remembered");
        let _ = fs::remove_file(&aside);
    }
}

/// Facts of many files, from the cache where it has them; the others are decoded, on every core.
///
/// `progress` is told how many of how many are done, from any thread.
pub fn examine_all(
    paths: &[PathBuf],
    cache: &Cache,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> BTreeMap<PathBuf, Result<Facts, MediaError>> {
    on_every_core(paths, &|path| cache.facts(path), progress)
}

/// What many files hold, as [`Cache::content`] tells it, on every core; `progress` as in [`examine_all`].
pub fn contents_of(
    paths: &[PathBuf],
    cache: &Cache,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> BTreeMap<PathBuf, Result<String, MediaError>> {
    on_every_core(paths, &|path| cache.content(path), progress)
}

fn on_every_core<T: Send>(
    paths: &[PathBuf],
    look: &(dyn Fn(&Path) -> T + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> BTreeMap<PathBuf, T> {
    let (next, done, found) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let longest_first = longest_first(paths);
    let work = || {
        while let Some(path) = longest_first.get(next.fetch_add(1, Ordering::Relaxed)) {
            let seen = look(path);
            found.lock().expect("nothing panics while it is held").insert((*path).clone(), seen);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, paths.len());
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores.min(paths.len()) {
            scope.spawn(work);
        }
    });
    found.into_inner().expect("nothing panics while it is held")
}

/// So that no core is left alone with the longest at the end.
fn longest_first(paths: &[PathBuf]) -> Vec<&PathBuf> {
    let mut paths: Vec<&PathBuf> = paths.iter().collect();
    paths.sort_by_cached_key(|path| std::cmp::Reverse(path.metadata().map_or(0, |metadata| metadata.len())));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::tests::fixture;
    use std::time::Instant;

    /// A folder with a piece of music and an empty cache.
    fn library() -> (tempfile::TempDir, PathBuf, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let piece = folder.path().join("piece.mp3");
        fs::copy(fixture("sweep.mp3"), &piece).unwrap();
        let cache = Cache::at(folder.path().join("cache"));
        (folder, piece, cache)
    }

    /// Facts that no measurement gives, put where the true ones are remembered.
    fn forge(cache: &Cache, piece: &Path) -> Facts {
        let mut facts = cache.facts(piece).unwrap();
        facts.range_lu = 77.0;
        let place = cache.folder.join(format!("{}.json", content_hash(piece).unwrap()));
        write(&place, &Entry { measured_as: MEASURED_AS, facts: facts.clone() });
        facts
    }

    #[test]
    fn an_unchanged_and_a_moved_file_are_remembered() {
        let (folder, piece, cache) = library();
        let forged = forge(&cache, &piece);
        assert_eq!(cache.facts(&piece).unwrap(), forged);
        let moved = folder.path().join("moved.mp3");
        fs::rename(&piece, &moved).unwrap();
        assert_eq!(cache.facts(&moved).unwrap(), forged);
    }

    #[test]
    fn what_a_moved_file_held_is_still_known() {
        let (folder, piece, cache) = library();
        let content = cache.content(&piece).unwrap();
        assert_eq!(content, content_hash(&piece).unwrap());
        fs::rename(&piece, folder.path().join("moved.mp3")).unwrap();
        assert_eq!(cache.remembered(&piece), Some(content));
        assert_eq!(cache.remembered(&folder.path().join("never.mp3")), None);
    }

    #[test]
    fn a_changed_file_is_measured_again() {
        let (_folder, piece, cache) = library();
        forge(&cache, &piece);
        fs::copy(fixture("sweep.ogg"), &piece).unwrap();
        assert_eq!(cache.facts(&piece).unwrap().codec.as_str(), "vorbis");
    }

    #[test]
    fn a_damaged_cache_is_an_empty_one() {
        let (_folder, piece, cache) = library();
        let true_facts = cache.facts(&piece).unwrap();
        for damage in ["", "{", "null", r#"{"size":1,"changed_ns":1,"content":"../../etc/passwd"}"#] {
            for entry in fs::read_dir(&cache.folder).unwrap() {
                fs::write(entry.unwrap().path(), damage).unwrap();
            }
            assert_eq!(cache.facts(&piece).unwrap(), true_facts, "{damage}");
        }
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 2, "something was left beside them");
    }

    #[test]
    fn a_library_is_examined_as_a_whole_good_and_bad() {
        let (folder, piece, cache) = library();
        let paths = [piece, fixture("sweep.ogg"), folder.path().join("gone.flac"), fixture("sweep.m4a")];
        let told = Mutex::new(Vec::new());
        let facts = examine_all(&paths, &cache, &|done, total| told.lock().unwrap().push((done, total)));
        let mut told = told.into_inner().unwrap();
        told.sort_unstable();
        assert_eq!(told, [(1, 4), (2, 4), (3, 4), (4, 4)]);
        assert_eq!(facts.values().filter(|facts| facts.is_ok()).count(), 3);
        assert!(matches!(facts[&paths[2]], Err(MediaError::Missing { .. })));
        let start = Instant::now();
        assert_eq!(examine_all(&paths, &cache, &|_, _| ()).len(), 4);
        println!("remembered in {:?}", start.elapsed());
    }

    #[test]
    fn a_cache_that_cannot_be_written_does_no_harm() {
        let (_folder, piece, _) = library();
        let cache = Cache::at(piece.join("inside a file"));
        assert!(cache.facts(&piece).is_ok());
    }
}
