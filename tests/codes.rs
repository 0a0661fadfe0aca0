//! The codes of diagnostics: the document, the command and the program say the same.
#![allow(clippy::unwrap_used)] // a document that cannot be read is a failed test

use std::process::{Command, Output};

use undertone::playlist::Code;

const DOCUMENT: &str = include_str!("../assets/diagnostics.md");

fn codes(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_undertone")).args(["check", "--codes"]).args(words).output().unwrap()
}

#[test]
fn the_document_has_every_code_and_no_other() {
    let rows: Vec<&str> = DOCUMENT.lines().filter(|line| line.starts_with("| P0")).take(Code::ALL.len()).collect();
    let expected: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("| {} | {} | {} |", code.text(), code.grade().word(), code.meaning()))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_thresholds_are_about_codes_that_exist() {
    let second = DOCUMENT.split_once("## What is listened for").unwrap().1;
    let named =
        second.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 4 && word.starts_with("P0"));
    let named: Vec<&str> = named.collect();
    assert!(named.len() > 10, "{named:?}");
    for code in named {
        assert!(Code::ALL.iter().any(|known| known.text() == code), "{code} is no code");
    }
}

#[test]
fn the_command_prints_every_code() {
    let told = codes(&[]);
    assert!(told.status.success());
    let text = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), Code::ALL.len());
    for (line, code) in lines.iter().zip(Code::ALL) {
        assert!(line.starts_with(code.text()) && line.ends_with(code.meaning()), "{line}");
    }
}

#[test]
fn editors_get_the_codes_as_data() {
    let told = codes(&["--format", "json"]);
    let rows: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), Code::ALL.len());
    assert_eq!(rows[0]["code"], "P001");
    assert!(rows.as_array().unwrap().iter().any(|row| row["code"] == "P077" && row["severity"] == "warning"));
}
