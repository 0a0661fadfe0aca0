//! `undertone routes`, as it is printed, against the table of the product's description.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

use std::fs;
use std::process::Command;

/// Route; onset, ascent, peak, return, integration; preparation; and what else is said, word by word.
const TABLE: [(&str, [&str; 5], &str, &str); 13] = [
    ("im", ["4", "12", "38", "62", "90"], "15", "peak to booster + 30"),
    ("im-booster", ["4", "12", "50", "75", "105"], "15", "peak to booster + 30"),
    ("im-low", ["5", "12", "30", "50", "75"], "15", "peak to booster + 20"),
    ("iv40", ["8", "20", "45", "65", "90"], "15", ""),
    ("iv60", ["6", "18", "65", "90", "120"], "15", ""),
    ("iv", ["0.2L", "0.5L", "L+5", "L+25", "L+50"], "15", "needs --infusion L"),
    ("sl", ["12", "25", "60", "85", "115"], "15", "peak to booster + 45; spit cue at 8"),
    ("sl-troche", ["18", "32", "68", "95", "125"], "15", "peak to booster + 45; spit cue at 8"),
    ("sl-swallow", ["15", "30", "75", "110", "140"], "15", "peak to booster + 50"),
    ("in", ["8", "18", "42", "68", "90"], "10", "peak to booster + 25"),
    (
        "spravato",
        ["15", "28", "55", "90", "130"],
        "10",
        "peak to last device + 45; observation 120 from the last device",
    ),
    ("oral", ["25", "45", "90", "130", "165"], "15", "peak to booster + 60"),
    ("sc", ["8", "18", "45", "75", "105"], "15", "peak to booster + 30"),
];

/// What the command prints in a home with this clinic's file, if any.
fn printed(clinic: Option<&str>) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    if let Some(text) = clinic {
        fs::create_dir_all(home.path().join("settings")).unwrap();
        fs::write(home.path().join("settings/routes.toml"), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_undertone"));
    let output = command.arg("routes").env("UNDERTONE_HOME", home.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A line of the table: name, five ends, preparation, the rest.
fn row(line: &str) -> (Vec<&str>, String) {
    let words: Vec<&str> = line.split_whitespace().collect();
    (words.iter().take(7).copied().collect(), words.get(7..).unwrap_or_default().join(" "))
}

#[test]
fn the_printed_table_is_the_products() {
    let lines = printed(None);
    let first = lines.iter().position(|line| line.starts_with("route")).unwrap() + 1;
    let rows: Vec<_> = lines[first..].iter().take_while(|line| !line.is_empty()).map(|line| row(line)).collect();
    assert_eq!(rows.len(), TABLE.len());
    for ((cells, also), (name, ends, preparation, rules)) in rows.iter().zip(TABLE) {
        let wanted: Vec<&str> = [name].into_iter().chain(ends).chain([preparation]).collect();
        assert_eq!((cells, also.as_str()), (&wanted, rules));
    }
}

#[test]
fn a_clinics_own_timing_is_printed_in_its_place() {
    let ends = "{ onset = '5m', ascent = '14m', peak = '41m', return = '66m', integration = '95m' }";
    let lines = printed(Some(&format!("[im]\nsummary = 'ours'\nends = {ends}\n")));
    let im = lines.iter().find(|line| line.starts_with("im ")).unwrap();
    assert_eq!(row(im).0, ["im", "5", "14", "41", "66", "95", "15"]);
}
