//! The fault matrix, as `undertone selftest --faults` measures it: the program itself breaks and measures, this holds it to
//! the result. The rows that take little time, or matter most, run with every change; all of them by
//! `cargo test --release --test faults -- --ignored --nocapture`, some twelve minutes.
#![cfg(all(target_os = "linux", feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

use std::process::{Command, Stdio};

/// What no other test breaks on a real server, and what is measured in virtual time, side by side: whatever keeps a core busy is
/// over when the first comes to the mute, which must begin in 0.1 s.
const QUICK: [&str; 2] = ["11,13,30,37,52,54", "20,21,23-27,29,36,38,39,41,47,48"];

/// Runs these rows; each that could run must have passed.
fn check(rows: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undertone"));
    command.args(["selftest", "--faults", "--format", "json"]).args(rows).stderr(Stdio::inherit());
    let answer = command.output().unwrap();
    let said = String::from_utf8(answer.stdout).unwrap();
    let told: serde_json::Value = match serde_json::from_str(&said) {
        Ok(told) => told,
        Err(_) => {
            assert_eq!(answer.status.code(), Some(2), "{said}");
            eprintln!("skipped: install pulseaudio and pulseaudio-utils to run this test");
            return;
        }
    };
    let failed: Vec<_> = told.as_array().unwrap().iter().filter(|row| row["result"] == "fail").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(answer.status.code(), Some(0));
}

#[test]
fn the_quick_rows_of_the_matrix_pass() {
    check(&["--rows", QUICK[0]]);
}

#[test]
fn the_other_quick_rows_of_the_matrix_pass() {
    check(&["--rows", QUICK[1]]);
}

#[test]
#[ignore = "takes some twelve minutes"]
fn every_row_of_the_matrix_that_can_run_here_passes() {
    check(&[]);
}

#[test]
fn a_row_that_is_none_is_refused_in_words() {
    let command =
        |rows| Command::new(env!("CARGO_BIN_EXE_undertone")).args(["selftest", "--faults", "--rows", rows]).output();
    for rows in ["0", "55", "1-x", ""] {
        let answer = command(rows).unwrap();
        assert_eq!(answer.status.code(), Some(2));
        assert!(String::from_utf8(answer.stderr).unwrap().contains("from 1 to 54"), "{rows}");
    }
}
