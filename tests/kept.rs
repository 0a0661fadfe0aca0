//! What fuzzing learnt and found, kept in `tests/fuzz/corpus`: tried with every change, without a fuzzer.
//!
//! `tests/fuzz/run.sh` looks for more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

#[path = "fuzz/targets/mod.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn what_fuzzing_kept_still_harms_nothing() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for (name, run) in targets::TARGETS {
        let kept: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!kept.is_empty(), "nothing is kept for {name}");
        for file in kept {
            println!("{}", file.display());
            run(&fs::read(&file).unwrap());
        }
    }
    fs::remove_dir_all(targets::scratch::folder()).unwrap();
}
