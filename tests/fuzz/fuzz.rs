//! Feeds one target, named by UNDERTONE_TARGET: see run.sh for the command.
#![no_main]

mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let asked = std::env::var("UNDERTONE_TARGET").expect("UNDERTONE_TARGET names a target");
    let found = targets::TARGETS.iter().find(|(name, _)| *name == asked);
    found.unwrap_or_else(|| panic!("there is no target \"{asked}\"")).1
});

fuzz_target!(|bytes: &[u8]| (*TARGET)(bytes));
