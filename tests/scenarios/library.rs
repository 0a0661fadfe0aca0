//! The scripts on disk, their heads, and one run of each.

use std::fs;
use std::path::{Path, PathBuf};

use undertone::host::script::Script;
use undertone::host::simulate::{Outcome, Run, run};
use undertone::media::{Cache, examine_all};
use undertone::playlist::{self, Loaded, Options};
use undertone::record::Story;

use super::moments::Moment;

/// Any seed will do; the bytes of a journal depend on it.
pub const SEED: u64 = 1;

/// One script with the playlist it is about.
pub struct Scenario {
    /// The script's file name.
    pub name: String,
    pub script: Script,
    pub loaded: Loaded,
    pub moments: Vec<Moment>,
    pub same_phases: Option<String>,
}

/// What a run told.
pub struct Told<'a> {
    pub scenario: &'a Scenario,
    pub outcome: Outcome,
    pub story: Story,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// Every script, by name.
pub fn all() -> Vec<Scenario> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter(|name| name.ends_with(".script")).collect();
    names.sort();
    names.iter().map(|name| named(name)).collect()
}

/// The script of that name.
pub fn named(name: &str) -> Scenario {
    let text = fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let head = |key: &str| text.lines().find_map(|line| line.strip_prefix(&format!("# {key}: ")));
    let playlist = text.lines().next().and_then(|line| line.strip_prefix("# playlist: "));
    let playlist = playlist.unwrap_or_else(|| panic!("{name}:1: the first line names the playlist"));
    let moments = head("moments").unwrap_or_default().split_whitespace();
    Scenario {
        name: name.to_owned(),
        script: Script::read(&text).unwrap_or_else(|errors| panic!("{name}: {errors}")),
        loaded: load(name, playlist),
        moments: moments.map(|word| Moment::named(word).unwrap_or_else(|| panic!("{name}: {word}"))).collect(),
        same_phases: head("same-phases").map(str::to_owned),
    }
}

fn load(name: &str, playlist: &str) -> Loaded {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let mut options = Options { library_roots: vec![assets], ..Options::default() };
    let words: Vec<&str> = playlist.split_whitespace().collect();
    for pair in words[1..].chunks(2) {
        match pair {
            ["--route", route] => options.route = Some((*route).to_owned()),
            ["--infusion", length] => options.infusion = Some(length.parse().unwrap()),
            ["--exclude", tag] => options.exclude.push((*tag).to_owned()),
            _ => panic!("{name}:1: no option {pair:?}"),
        }
    }
    let cache = Cache::at(env!("CARGO_TARGET_TMPDIR"));
    let mut examine = |files: &[PathBuf]| examine_all(files, &cache, &|_, _| ());
    let (loaded, findings) = playlist::load(&folder().join(words[0]), &options, &mut examine);
    assert!(findings.is_empty(), "{name}: {}", playlist::draw(&findings));
    loaded.unwrap()
}

impl Scenario {
    /// Runs the session without sound.
    pub fn run(&self) -> Told<'_> {
        let Self { loaded, script, .. } = self;
        let outcome = run(Run { loaded, seed: SEED, script, sink: None, progress: &mut |_| () });
        let story = Story::of_bytes(&outcome.journal);
        Told { scenario: self, outcome, story }
    }
}

impl Told<'_> {
    /// Expectations that failed, by script and line.
    pub fn unmet(&self) -> Vec<String> {
        let place =
            |(line, found): &(usize, String)| format!("{}:{line}: not as expected; it is: {found}", self.scenario.name);
        self.outcome.failed.iter().map(place).collect()
    }
}
