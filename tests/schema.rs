//! The schema for editors agrees with the reader: it accepts every playlist that the reader accepts, and refuses every bad one
//! whose mistake a schema can express.
#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use undertone::playlist;

/// Why a schema cannot see what is wrong with a bad playlist.
const BEYOND: [(&str, &str); 14] = [
    ("broken-heading", "not TOML"),
    ("syntax", "not TOML"),
    ("nested", "not TOML: too deep"),
    ("unknown-route", "a clinic may have a route of that name"),
    ("infusion-missing", "is said when the playlist is played"),
    ("phase-order", "the order of tables"),
    ("start-end", "two places compared"),
    ("runs-dry", "lengths added up"),
    ("thin-pool", "lengths added up"),
    ("cuts", "two tracks compared"),
    ("short-pieces", "needs the music, and lengths compared"),
    ("loudness", "needs the music"),
    ("undecodable", "needs the music"),
    ("twelve-heard", "needs the music"),
];
/// The same: what a tag excludes is found by looking at every track.
const BEYOND_TAGS: [&str; 2] = ["exclude-typo", "excluded-away"];

fn playlists(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    paths.sort();
    paths
}

/// A playlist as an editor hands it to a validator; `None` where it is not TOML.
fn as_json(path: &Path) -> Option<serde_json::Value> {
    let table: toml::Table = fs::read_to_string(path).unwrap().parse().ok()?;
    Some(serde_json::to_value(table).unwrap())
}

#[test]
fn every_good_playlist_fits() {
    let schema = playlist::json_schema();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut all = playlists("playlists");
    assert!(all.len() >= 2, "the shipped playlists have moved");
    all.extend(playlists("tests/fixtures/playlists/good"));
    all.extend(playlists("tests/scenarios"));
    for path in all {
        let errors: Vec<String> = validator
            .iter_errors(&as_json(&path).unwrap())
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}:\n{}", path.display(), errors.join("\n"));
    }
}

#[test]
fn every_bad_playlist_is_refused_as_far_as_a_schema_can() {
    let schema = playlist::json_schema();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut beyond: BTreeMap<&str, &str> = BEYOND.into_iter().collect();
    beyond.extend(BEYOND_TAGS.map(|name| (name, "every track looked at")));
    for path in playlists("tests/fixtures/playlists/bad") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let fits = as_json(&path).map(|json| validator.is_valid(&json));
        match beyond.remove(name) {
            Some(why) if why.starts_with("not TOML") => assert_eq!(fits, None, "{name}"),
            Some(why) => assert_eq!(fits, Some(true), "{name} is not beyond a schema ({why}): move it out of the list"),
            None => assert_eq!(fits, Some(false), "{name} should not fit"),
        }
    }
    assert!(beyond.is_empty(), "these fixtures are gone: {beyond:?}");
}

/// Changes to a good track that the reader refuses, and so must the schema.
#[test]
fn a_track_takes_the_keys_of_its_source_only() {
    let validator = jsonschema::draft7::new(&playlist::json_schema()).unwrap();
    let fits = |track: &str| {
        let text =
            format!("format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n[[phase.track]]\n{track}\n");
        validator.is_valid(&serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap())
    };
    for good in [
        "generator = 'drone'\nroot = 'Bb1'\ncolour = 'minor'\nbrightness = 0\nminutes = 2.5\nseed = 7\ngain = '-2 dB'",
        "generator = 'rain'\ndensity = 0.2",
        "file = 'a.flac'\nstart = '0:12'\nend = '1:07:40'\nexits = ['3:05']\nloop = ['2:00', '4:00']\nfade_in = '6s'",
        "silence = '45s'\ntitle = 'Quiet'",
        "file = './~odd.flac'",
    ] {
        assert!(fits(good), "{good}");
    }
    for bad in [
        "generator = 'drone'\ndensity = 0.2",
        "generator = 'rain'\nroot = 'D2'",
        "generator = 'drone'\nroot = 'H2'",
        "generator = 'drone'\nroot = 'A5'",
        "generator = 'whales'",
        "generator = 'bowls'\npace = 99",
        "file = 'a.flac'\nroot = 'D2'",
        "file = 'a.flac'\nminutes = 3",
        "file = '~/a.flac'",
        "file = 'C:/a.flac'",
        "silence = '45s'\ngain = '-2 dB'",
        "silence = '45'",
        "file = 'a.flac'\ngenerator = 'drone'",
        "title = 'nothing'",
    ] {
        assert!(!fits(bad), "{bad}");
    }
}

#[test]
fn the_command_prints_it_and_it_is_a_schema() {
    let printed = Command::new(env!("CARGO_BIN_EXE_undertone")).arg("schema").output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(schema, playlist::json_schema());
    assert!(jsonschema::draft7::meta::is_valid(&schema));
}
