//! The music that comes with the program: the built-in playlists load without a single finding, and the recordings are what
//! `assets/README.md` says of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use undertone::media::{Material, examine};
use undertone::playlist::{Loaded, Options, draw, load};
use undertone::session::PhaseKind;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Loads a built-in playlist as the program does: its own assets are a library folder.
fn loaded(name: &str) -> Loaded {
    let options = Options { library_roots: vec![root().join("assets")], ..Options::default() };
    let path = root().join("playlists").join(name);
    let mut facts =
        |paths: &[PathBuf]| -> BTreeMap<_, _> { paths.iter().map(|path| (path.clone(), examine(path))).collect() };
    let (loaded, findings) = load(&path, &options, &mut facts);
    assert!(findings.is_empty(), "{}", draw(&findings));
    loaded.unwrap()
}

fn check(name: &str, minutes: i64) {
    let Loaded { plan, shelf, .. } = loaded(name);
    let planned: i64 = plan.phases.iter().map(|phase| phase.planned.millis() / 60_000).sum();
    assert_eq!(planned, minutes, "{name}");
    assert_eq!(plan.phases.len(), PhaseKind::ALL.len(), "{name} has every phase");
    assert_eq!(plan.steering.len(), 3, "{name} has every steering pool");
    let files = shelf.tracks.iter().filter(|material| matches!(material, Material::File(_))).count();
    assert!(files >= 4, "{name} carries the decoders too");
}

#[test]
fn low_tide_lasts_105_minutes_and_has_no_finding() {
    check("low-tide.toml", 105);
}

#[test]
fn still_lake_lasts_130_minutes_and_has_no_finding() {
    check("still-lake.toml", 130);
}

#[test]
fn every_recording_is_level_soft_at_both_ends_and_signed() {
    let folder = std::fs::read_dir(root().join("assets/recordings")).unwrap();
    let files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 8);
    let bytes: u64 = files.iter().map(|file| std::fs::metadata(file).unwrap().len()).sum();
    assert!(bytes <= 40_000_000, "{bytes} bytes are more than everyone should have to fetch");
    for file in files {
        let facts = examine(&file).unwrap();
        let loudness = facts.loudness.unwrap().0;
        assert!((loudness + 23.0).abs() < 0.5, "{}: {loudness:.1} LUFS", file.display());
        assert!(facts.true_peak.0 < -6.0, "{}: {:.1} dBTP", file.display(), facts.true_peak.0);
        assert!(facts.range_lu < 8.0, "{}: {:.1} LU", file.display(), facts.range_lu);
        assert!((120.0..=360.0).contains(&facts.length.secs_f64()), "{}: {}", file.display(), facts.length);
        assert_eq!(facts.artist.unwrap().as_str(), "Undertone");
        assert!(facts.title.is_some());
    }
}
