//! The wall clock labels records and does nothing else: who reads it, and when.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

use std::fs;
use std::path::Path;

/// Every file of the program, with its place below `src`.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
            found.push((below.to_string_lossy().replace('\\', "/"), fs::read_to_string(&path).unwrap()));
        }
    }
}

fn naming(what: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let names = |text: &str| what.iter().any(|name| text.contains(name));
    let mut named: Vec<String> = found.into_iter().filter(|(_, text)| names(text)).map(|(name, _)| name).collect();
    named.sort();
    named
}

#[test]
fn only_the_record_reads_the_wall_clock() {
    let readers = ["SystemTime::now", "Zoned::now", "Timestamp::now", "UtcDateTime::now"];
    assert_eq!(naming(&readers), ["record/wall.rs"]);
}

/// The label of a new session; the same when it starts; whether one that broke off goes on, by itself or when asked; and how old
/// those are that may be deleted.
#[test]
fn the_label_is_taken_when_a_session_begins_or_is_taken_up_and_never_in_between() {
    let mut named = naming(&["WallTime::now"]);
    named.retain(|name| !name.contains("tests/") && !name.ends_with("/tests.rs"));
    assert_eq!(named, ["cli/bridge.rs", "cli/host.rs", "cli/play.rs", "cli/sessions.rs", "host/live.rs"]);
    let live = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/host/live.rs")).unwrap();
    assert_eq!(live.matches("WallTime::now").count(), 1);
    let stamp = &live[live.find("fn stamp").unwrap()..];
    assert!(stamp[..stamp.find("\n    }").unwrap()].contains("self.manifest.began = WallTime::now()"));
}
