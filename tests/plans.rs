//! Plans as pictures: what stands in the terminal and in the SVG is the session that the plan means.
//!
//! After a change of the drawing, `INSTA_UPDATE=always cargo test --test plans` writes the pictures anew; look at the diff.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a fixture that cannot be read is a failed test

#[path = "playlists/stand_in.rs"]
mod stand_in;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use undertone::panel::{Setup, Sheet, Start, print_plan};
use undertone::playlist::{self, Loaded, Options};
use undertone::units::Span;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");
/// Lozenges: preparation 15 minutes, the peak from 40 to 75, the end at 130.
const PLAYLIST: &str = "playlists/still-lake.toml";

/// Every kind of phase, with files, exits, loops and spare.
fn evening() -> Loaded {
    let file = Path::new("tests/fixtures/plans/evening.toml");
    let options = Options { library_roots: vec!["tests/fixtures/playlists/music".into()], ..Options::default() };
    let (loaded, found) = playlist::load(file, &options, &mut stand_in::examine);
    assert!(found.is_empty(), "{}", playlist::draw(&found));
    loaded.unwrap()
}

/// A terminal with these variables.
fn setup(environment: &[(&str, &str)]) -> Setup {
    Setup::for_terminal(Start::Session, |name| {
        environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

fn golden(name: &str, drawn: &str) {
    insta::with_settings!({
        snapshot_path => "fixtures/plans", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!(name, drawn);
    });
}

#[test]
fn a_plan_is_drawn_at_80_and_at_120_columns() {
    let sheet = Sheet::of(&evening().plan, 1, None);
    let utf8 = setup(&[("LANG", "C.UTF-8")]);
    for columns in [80, 120] {
        let drawn = print_plan(&sheet, &utf8, columns, false);
        assert!(drawn.lines().all(|line| line.chars().count() <= usize::from(columns)));
        golden(&format!("evening-{columns}"), &drawn);
    }
    let ascii = print_plan(&sheet, &setup(&[("LANG", "C")]), 80, false);
    assert!(ascii.is_ascii(), "a terminal without UTF-8 is sent none");
    golden("evening-ascii-80", &ascii);
    assert!(print_plan(&sheet, &utf8, 0, false).lines().all(|line| line.chars().count() <= 40));
}

#[test]
fn the_picture_fits_a_screen_before_the_list_begins() {
    let sheet = Sheet::of(&evening().plan, 1, None);
    let drawn = print_plan(&sheet, &setup(&[("LANG", "C.UTF-8")]), 80, false);
    let before = drawn.lines().take_while(|line| !line.contains("begins")).count();
    assert!(before <= 24, "{before} rows:\n{drawn}");
}

#[test]
fn colours_are_the_terminals_and_are_left_out_where_none_are_wanted() {
    let sheet = Sheet::of(&evening().plan, 1, None);
    let drawn = |environment: &[(&str, &str)], styled| print_plan(&sheet, &setup(environment), 80, styled);
    let terminal = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];
    let coloured = drawn(&terminal, true);
    assert!(coloured.contains("\x1b[0;38;5;"), "{coloured:?}");
    let without = drawn(&[&terminal[..], &[("NO_COLOR", "1")]].concat(), true);
    assert!(without.contains("\x1b[0;2m") && !without.contains(";38;") && !without.contains(";3"), "{without:?}");
    let plain = drawn(&terminal, false);
    assert!(!plain.contains('\x1b'));
    assert_eq!(strip(&coloured), plain, "the same picture, with and without colours");
    assert!(coloured.lines().all(|line| !line.contains('\x1b') || line.ends_with("\x1b[0m")), "a colour leaks");
}

/// The text without its colours.
fn strip(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    let stripped = parts.fold(first, |so_far, part| so_far + part.split_once('m').map_or("", |(_, rest)| rest));
    stripped.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn what_could_happen_is_acted_out() {
    let sheet = Sheet::of(&evening().plan, 1, None);
    let told = |words: &str| {
        let found = sheet.consequences.iter().find(|consequence| consequence.what.as_str().contains(words));
        found.unwrap_or_else(|| panic!("nothing is said of {words}")).then.to_string()
    };
    assert!(told("dose 15m late").contains(", 15m later;"), "{}", told("dose 15m late"));
    assert!(told("peak held 15m").contains(", 15m later;"), "{}", told("peak held"));
    assert!(told("booster").contains(", 25m later;"), "{}", told("booster"));
    let pieces: Span = sheet.pieces.iter().map(|piece| piece.ends - piece.begins).sum();
    assert!(pieces > sheet.ends.since_start(), "crossed pieces overlap");
}

fn undertone(words: &[&str], home: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(words).env("UNDERTONE_HOME", home).env("LANG", "C.UTF-8").env_remove("LC_ALL").env_remove("COLUMNS");
    command.output().unwrap()
}

fn run(words: &[&str], home: &Path) -> String {
    let told = undertone(words, home);
    assert!(told.status.success(), "{words:?}: {}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).unwrap()
}

fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn the_command_draws_the_plan_plainly_into_a_pipe_and_writes_the_svg() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("plan.svg");
    let text = run(&["plan", PLAYLIST, "--svg", file.to_str().unwrap()], home.path());
    assert!(!text.contains('\x1b') && text.contains("peak") && text.contains("spare"), "{text}");
    let svg = fs::read_to_string(&file).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let bars = document.descendants().filter(|node| node.attribute("class") == Some("bar")).count();
    let listed = text.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())).count();
    assert!(bars > 5 && listed >= bars, "{bars} bars, {listed} listed:\n{text}");
    let nowhere = undertone(&["plan", PLAYLIST, "--svg", "/nowhere/plan.svg"], home.path());
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn a_script_is_drawn_against_the_plan() {
    let home = tempfile::tempdir().unwrap();
    let cases = [
        ("late", "0:00 start\n35:00 dose\n", "dose", "20m later"),
        ("held", "0:00 start\n15:00 dose\n70:00 hold\n90:00 release\n", "hold", "15m later"),
        ("boosted", "0:00 start\n15:00 dose\n50:00 booster\n", "booster", "20m later"),
        ("early", "0:00 start\n15:00 dose\n30:00 end\n", "end", "earlier"),
    ];
    for (name, text, mark, ends) in cases {
        let file = script(home.path(), name, text);
        let svg = home.path().join("came.svg");
        let words = ["plan", PLAYLIST, "--script", file.to_str().unwrap(), "--svg", svg.to_str().unwrap()];
        let drawn = run(&words, home.path());
        assert!(drawn.contains(mark) && drawn.contains(ends), "{name}:\n{drawn}");
        let svg = fs::read_to_string(&svg).unwrap();
        assert!(svg.contains("class=\"planned\"") && svg.contains(&format!(">{mark}</text>")), "{name}: {svg}");
    }
    let failing = script(home.path(), "failing", "0:00 start\n15:00 dose\n20:00 expect phase peak\n");
    let told = undertone(&["plan", PLAYLIST, "--script", failing.to_str().unwrap()], home.path());
    assert_eq!(told.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&told.stderr).contains("failing:3: not as expected"));
}
