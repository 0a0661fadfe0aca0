//! The house rules: who may name whom, which crate lives where, how long a file may be, what is promised to be pure.
//!
//! The map is the table in the head of `src/lib.rs`. Each rule is held against the whole source, and against a planted
//! violation that it must report: a rule that cannot fail is not a rule.
#![allow(clippy::unwrap_used)] // a file that cannot be read is a failed test

#[path = "architecture/code.rs"]
mod code;
#[path = "architecture/map.rs"]
mod map;
#[path = "architecture/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use map::{Home, Map};
use rules::{File, PURE_HEADS, Rule};

fn map() -> Map {
    Map::read(&fs::read_to_string("src/lib.rs").unwrap())
}

/// Every Rust file of the repository.
fn sources() -> Vec<File> {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        gather(Path::new(folder), &mut files);
    }
    files
}

fn gather(folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push(File { path: path.to_str().unwrap().replace('\\', "/"), text });
        }
    }
}

fn holds(rule: Rule) {
    let map = map();
    let complaints: Vec<String> = sources().iter().flat_map(|file| rule(file, &map)).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn complaints(rule: Rule, path: &str, text: &str) -> Vec<String> {
    rule(&File { path: path.into(), text: text.into() }, &map())
}

fn reports(rule: Rule, path: &str, text: &str, what: &str) {
    let found = complaints(rule, path, text);
    assert!(found.len() == 1 && found[0].contains(what), "{path}: {text:?} gave {found:?}, not one with {what:?}");
}

fn accepts(rule: Rule, path: &str, text: &str) {
    assert_eq!(complaints(rule, path, text), Vec::<String>::new(), "{path}: {text:?}");
}

#[test]
fn the_map_shows_the_folders_that_exist() {
    let map = map();
    let shown: Vec<&str> = map.folders.iter().map(|folder| folder.name.as_str()).collect();
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let modules: BTreeSet<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let entries = fs::read_dir("src").unwrap().map(|entry| entry.unwrap());
    let exist: BTreeSet<String> =
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(shown.len() > 5, "the map was not understood");
    assert_eq!(shown.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), exist);
    assert_eq!(shown.iter().copied().collect::<BTreeSet<_>>(), modules);
}

#[test]
fn the_map_has_no_way_back_up() {
    let map = map();
    for (at, folder) in map.folders.iter().enumerate() {
        for named in &folder.may_name {
            let above = map.folders[..at].iter().any(|other| other.name == *named);
            assert!(above, "`{}` may name `{named}`, which does not stand above it", folder.name);
        }
    }
}

#[test]
fn every_dependency_has_a_home() {
    let manifest: toml::Table = fs::read_to_string("Cargo.toml").unwrap().parse().unwrap();
    let general = manifest["dependencies"].as_table().unwrap();
    let of_a_system = manifest["target"].as_table().unwrap().values();
    let of_systems = of_a_system.flat_map(|system| system["dependencies"].as_table().unwrap().keys());
    let needed: BTreeSet<&String> = general.keys().chain(of_systems).collect();
    let map = map();
    assert_eq!(map.crates.keys().collect::<BTreeSet<_>>(), needed);
    for (name, home) in &map.crates {
        let Home::Folders(folders) = home else { continue };
        assert!(
            folders.iter().all(|folder| map.folder(folder).is_some()),
            "{name} is at home in no folder: {folders:?}"
        );
    }
}

#[test]
fn folders_name_only_what_the_map_allows() {
    let rule = rules::folders;
    reports(rule, "src/session/plan.rs", "use crate::audio::Engine;", "`session` may not name `audio`");
    reports(rule, "src/audio/render/bus.rs", "fn f() { crate::session::go() }", "src/audio/render/bus.rs:1:");
    reports(rule, "src/media/file.rs", "use crate::{\n    units::{Span, Gain},\n    host::Host,\n};", "file.rs:3:");
    reports(rule, "src/media/file.rs", "#[cfg(test)]\nmod tests { use crate::panel::Panel; }", "`panel`");
    reports(rule, "src/media/file.rs", "use crate::*;", "`*`");
    reports(rule, "src/media/file.rs", "use crate as here;", "another name");
    reports(rule, "src/attic/mod.rs", "use crate::units::Span;", "`attic` may not name `units`");
    reports(rule, "src/main.rs", "fn main() { undertone::audio::play() }", "names nothing else");
    accepts(rule, "src/main.rs", "fn main() { undertone::cli::main() }");
    accepts(rule, "src/audio/engine.rs", "use crate::{audio::Event, units::{Gain, Span}};\nuse crate::media::Stream;");
    accepts(rule, "src/media/file.rs", "// crate::host\n/* crate::host /* */ */ //! [`crate::host`]\nfn f() {}");
    accepts(rule, "src/media/file.rs", "const A: (&str, &str, char) = (\"crate::host\", r#\"\"crate::host\"#, '\"');");
    accepts(rule, "src/media/file.rs", "pub(crate) fn f<'a>(x: &'a str) -> char { '\\'' } // 'crate::host");
    holds(rule);
}

#[test]
fn super_stays_in_the_folder() {
    let rule = rules::supers;
    reports(rule, "src/session/plan.rs", "use super::super::audio::Engine;", "plan.rs:1:");
    reports(rule, "src/session/mod.rs", "use super::audio::Engine;", "leaves the folder");
    reports(rule, "src/session/plan.rs", "mod tests { use super::super::super::audio::Engine; }", "leaves");
    reports(rule, "src/session/plan.rs", "mod tests { fn f() {} }\nuse self::super::super::audio;", "plan.rs:2:");
    accepts(rule, "src/session/planner/pick.rs", "use super::super::plan::Plan;");
    accepts(rule, "src/session/mod.rs", "mod tests { use super::*; }");
    accepts(rule, "src/session/plan.rs", "mod tests { use super::super::verb::Verb; }");
    holds(rule);
}

#[test]
fn crates_stay_at_home() {
    let rule = rules::crates;
    reports(rule, "src/host/mod.rs", "use cpal::Device;", "`cpal` is not at home here");
    reports(rule, "src/audio/engine.rs", "fn f() { symphonia::default::get_probe() }", "`symphonia`");
    reports(rule, "src/media/file.rs", "use {ratatui::Frame, std::fs};", "`ratatui`");
    reports(rule, "src/media/file.rs", "use clap as arguments;", "`clap`");
    reports(rule, "src/media/file.rs", "use ::clap::Parser;", "`clap`");
    reports(rule, "src/panel/run.rs", "signal_hook::flag::register()", "`signal-hook`");
    reports(rule, "src/session/plan.rs", "use serde_json::Value;", "`serde_json`");
    reports(rule, "src/audio/render/bus.rs", "use tracing::info;", "`tracing`");
    reports(rule, "src/media/file.rs", "#[cfg(test)]\nuse insta::x;\nuse toml::Table;", "file.rs:3:");
    accepts(rule, "src/audio/engine.rs", "use tracing::info;\nuse rtrb::RingBuffer;");
    accepts(rule, "src/session/plan.rs", "#[cfg(test)]\nmod tests { use serde_json::Value; }");
    accepts(rule, "src/session/tests/replay.rs", "use serde_json::Value;");
    accepts(rule, "src/playlist/syntax.rs", "use toml::de::DeTable; fn f(jiff: u8) -> u8 { jiff }");
    holds(rule);
}

#[test]
fn devices_are_named_in_one_file() {
    let rule = rules::devices;
    reports(rule, "src/audio/output/mod.rs", "use cpal::Device;", "`cpal` belongs in");
    reports(rule, "src/audio/slot.rs", "use rodio::{Source, MixerDeviceSink};", "`MixerDeviceSink` belongs in");
    reports(rule, "src/media/decode.rs", "let decoder = rodio::Decoder::new(file);", "`Decoder`");
    accepts(rule, "src/audio/output/device.rs", "use cpal::Device; use rodio::DeviceSinkBuilder;");
    accepts(rule, "src/audio/slot.rs", "use rodio::{ChannelCount, SampleRate, Source};");
    holds(rule);
}

#[test]
fn files_are_short() {
    let rule = rules::length;
    reports(rule, "tests/sound.rs", &"\n".repeat(501), "longer than 500 lines");
    accepts(rule, "src/units/time.rs", &"\n".repeat(500));
    holds(rule);
}

#[test]
fn files_say_what_they_are_for() {
    let rule = rules::head;
    reports(rule, "src/units/time.rs", "use std::fmt;\n//! Time.\n", "no `//!` head");
    reports(rule, "benches/engine.rs", "", "no `//!` head");
    reports(rule, "src/units/time.rs", "//! \nuse std::fmt;", "no `//!` head");
    accepts(rule, "src/units/time.rs", "//! Time, three kinds.\n");
    holds(rule);
}

#[test]
fn folders_say_what_always_holds() {
    let rule = rules::invariant;
    reports(rule, "src/wire/mod.rs", "//! The messages.\n// *Invariant:* none.\n", "*Invariant:*");
    accepts(rule, "src/wire/mod.rs", "//! The messages.\n//!\n//! *Invariant:* never a network socket.\n");
    accepts(rule, "src/media/sink/mod.rs", "//! Files being written.\n");
    holds(rule);
}

#[test]
fn unsafe_code_stays_in_platform() {
    let rule = rules::unsafety;
    reports(rule, "src/audio/slot.rs", "unsafe impl Send for Slot {}", "slot.rs:1:");
    reports(rule, "src/audio/slot.rs", "#![allow(unsafe_code)]", "belongs in `platform`");
    accepts(rule, "src/platform/clock.rs", "#![allow(unsafe_code)]\nfn f() { unsafe { g() } }");
    accepts(rule, "src/audio/slot.rs", "// no unsafe here\nconst A: &str = \"unsafe\";");
    holds(rule);
}

#[test]
fn the_session_process_is_never_copied() {
    let rule = rules::births;
    reports(rule, "src/platform/deadline.rs", "fn f() { unsafe { command.pre_exec(g) } }", "`pre_exec` copies");
    accepts(rule, "src/platform/pty.rs", "fn f() { unsafe { command.pre_exec(g) } }");
    accepts(rule, "src/platform/deadline.rs", "fn f() { command.spawn() } // without pre_exec");
    holds(rule);
}

#[test]
fn what_is_promised_to_be_pure_stays_pure() {
    let rule = rules::purity;
    let promise = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]\n";
    reports(rule, "src/session/mod.rs", "//! The core.\nmod plan;\n", "its head must say");
    reports(rule, "src/audio/render.rs", &format!("// {promise}"), "its head must say");
    reports(rule, "src/session/plan.rs", "#[allow(clippy::disallowed_types)]\nfn f() {}", "takes the promise");
    reports(rule, "src/session/plan.rs", "use std::{fmt, fs::File};", "`fs` has no place here");
    reports(rule, "src/audio/render/bus.rs", "fn f(at: std::time::Instant) {}", "`Instant` has no place here");
    accepts(rule, "src/session/mod.rs", promise);
    accepts(rule, "src/audio/engine.rs", "use std::fs::File;");
    accepts(rule, "src/session/plan.rs", "use std::fmt;\n#[cfg(test)]\nmod tests { use std::fs; }");
    let paths: BTreeSet<String> = sources().into_iter().map(|file| file.path).collect();
    assert!(PURE_HEADS.iter().all(|head| paths.contains(*head)), "a head that promises purity has moved");
    holds(rule);
}
