//! Feeds one target, named by UNDERTONE_TARGET: see run.sh for the command.
#![no_main]

mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    // The fuzzer's own hook ends the process at any panic. Here one that is caught, as those of decoders are, is none; one that
    // gets out of the target still ends it. With RUST_BACKTRACE each is told.
    let told = std::env::var_os("RUST_BACKTRACE").is_some();
    std::panic::set_hook(Box::new(move |panic| {
        if told {
            eprintln!("{panic}");
        }
    }));
    let asked = std::env::var("UNDERTONE_TARGET").expect("UNDERTONE_TARGET names a target");
    let found = targets::TARGETS.iter().find(|(name, _)| *name == asked);
    found.unwrap_or_else(|| panic!("there is no target \"{asked}\"")).1
});

fuzz_target!(|bytes: &[u8]| (*TARGET)(bytes));
