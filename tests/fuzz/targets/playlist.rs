//! Any text as a playlist: findings or a plan, never a panic, and every finding can be drawn.

use std::collections::BTreeMap;
use std::path::PathBuf;

use undertone::media::examine;
use undertone::playlist::{Options, Severity, draw, gravest, load};

use super::scratch;

pub fn run(bytes: &[u8]) {
    let path = scratch::file("playlist.toml", bytes);
    let mut facts =
        |files: &[PathBuf]| -> BTreeMap<_, _> { files.iter().map(|file| (file.clone(), examine(file))).collect() };
    let (loaded, findings) = load(&path, &Options::default(), &mut facts);
    assert_eq!(loaded.is_none(), gravest(&findings) == Some(Severity::Error), "a plan exactly when there is no error");
    let _ = draw(&findings);
}
