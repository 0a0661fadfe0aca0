//! The README says what is so: its playlist loads, its keys are the keymap's, its commands exist, its files are there.
#![allow(clippy::unwrap_used)] // a README that cannot be read is a failed test

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use undertone::panel::{Action, Keymap, ThemeName};
use undertone::playlist::{self, Options, Settings};
use undertone::record::Report;

const README: &str = include_str!("../README.md");

/// The rows of the table under this heading, cell by cell.
fn table<'a>(heading: &str) -> Vec<Vec<&'a str>> {
    let from = README.split_once(heading).unwrap_or_else(|| panic!("the README has no table {heading}")).1;
    let rows = from.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The TOML example that begins like this, as a file.
fn example(begins: &str) -> (tempfile::TempDir, PathBuf) {
    let mut blocks = README.split("```toml\n").skip(1).filter_map(|block| block.split_once("```"));
    let (text, _) = blocks.find(|(text, _)| text.starts_with(begins)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("readme.toml");
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

#[test]
fn its_settings_are_read_without_a_word() {
    let (_folder, file) = example("[[output]]");
    let settings = Settings::read(&file).unwrap();
    assert_eq!(settings.outputs.len(), 2);
}

#[test]
fn its_panel_is_set_up_without_a_word() {
    let (_folder, file) = example("[panel]");
    let screen = Settings::read(&file).unwrap().screen;
    assert!(screen.theme.is_some_and(|theme| ThemeName::named(theme.as_str()).is_some()));
    let mut keymap = Keymap::default();
    for (key, action) in &screen.keys {
        keymap.bind_named(key.as_str(), action.as_str()).unwrap();
    }
}

#[test]
fn its_playlist_loads_without_a_word() {
    let (_folder, file) = example("format = 1");
    let (loaded, findings) = playlist::load(&file, &Options::default(), &mut |_| BTreeMap::new());
    assert!(findings.is_empty(), "{}", playlist::draw(&findings));
    assert!(loaded.is_some());
}

#[test]
fn its_keys_are_the_keys_as_shipped() {
    let keymap = Keymap::default();
    let rows = table("| key | action | what it does |\n");
    assert!(rows.len() > 20, "the table of keys was not understood");
    for row in &rows {
        let action: Action = row[1].parse().unwrap();
        let keys: Vec<String> = keymap.keys(action).map(|key| key.to_string()).collect();
        let key = quoted(row[0]).next().unwrap();
        assert!(keys.iter().any(|bound| bound == key), "{action} is on {keys:?}, not on {key}");
    }
    let line = README.lines().find(|line| line.starts_with("Keys: ")).unwrap();
    for key in quoted(line).filter(|key| *key != "?") {
        assert!(rows.iter().any(|row| quoted(row[0]).next() == Some(key)), "{key} is not in the table");
    }
}

#[test]
fn its_commands_exist() {
    let rows = table("| command | what it does |\n");
    assert!(rows.len() > 10, "the table of commands was not understood");
    for row in rows {
        let command = quoted(row[0]).next().unwrap();
        let words = command.split(' ').skip(1).take_while(|word| word.starts_with(char::is_lowercase));
        let told = Command::new(env!("CARGO_BIN_EXE_undertone")).args(words).arg("--help").output().unwrap();
        let help = String::from_utf8(told.stdout).unwrap();
        assert!(told.status.success() && help.contains("Example"), "{command} has no help with an example:\n{help}");
        for option in quoted(row[1]).filter(|option| option.starts_with("--")) {
            let name = option.split(' ').next().unwrap();
            // What `ctl` takes is words, not options.
            assert!(help.contains(name) || command.contains(" ctl "), "{command} does not know {name}");
        }
    }
}

#[test]
fn its_report_has_the_fields_of_a_report() {
    let told: serde_json::Value = serde_json::from_str(&Report::default().json()).unwrap();
    let mut fields: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let rows = table("| field | what it holds |\n");
    let mut named: Vec<&str> = rows.iter().flat_map(|row| quoted(row[0])).collect();
    fields.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, fields);
    let columns = Report::default().csv();
    let named = README.split_once("With `--format csv`").unwrap().1.split_once(": ").unwrap().1;
    assert_eq!(quoted(named).take(5).collect::<Vec<_>>().join(","), columns.trim_end());
}

#[test]
fn its_files_are_there() {
    let folders = ["src/", "tests/", "assets/", "playlists/", "LICENSE-"];
    let prose = README.replace("```", "");
    let named: Vec<&str> =
        quoted(&prose).filter(|text| folders.iter().any(|folder| text.starts_with(folder))).collect();
    assert!(named.len() > 8, "the README's files were not understood");
    for path in named {
        assert!(Path::new(path).exists(), "{path} is not there");
    }
}
