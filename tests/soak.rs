//! Long sessions: nothing drifts, nothing grows, nothing is left open.
//!
//! Hours in virtual time and minutes with sound are tried with all other tests; a day of virtual time with sound, and half
//! an hour of a real session while both cores are busy:
//!
//! ```sh
//! cargo test --release --test soak -- --ignored a_day --nocapture
//! cargo test --release --test soak -- --ignored half_an_hour --nocapture      # UNDERTONE_MINUTES for another time
//! UNDERTONE_BUSY=otherwise …      # where other programs keep the cores busy
//! ```
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[cfg(all(unix, feature = "device"))]
mod house;
#[path = "soak/joints.rs"]
mod joints;
#[path = "soak/process.rs"]
mod process;
#[cfg(all(unix, feature = "device"))]
#[path = "soak/real.rs"]
mod real;
#[cfg(all(unix, feature = "device"))]
mod terminal;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use undertone::host::script::Script;
use undertone::host::simulate::{Outcome, Run, run};
use undertone::media::examine;
use undertone::playlist::{self, Loaded, Options};
use undertone::record::Story;

use joints::Joints;
use process::Watch;

/// The tones, in Hz: multiples of 50, so that in 20 ms each is told from the others exactly.
const TONES: [u32; 3] = [200, 300, 400];
/// Pieces: more than 20 minutes of them, after which the first may come again.
const PIECES: u32 = 15;
const FILE_RATE: u32 = 8_000;
/// From the plan to what is heard, in seconds (product rule).
const DRIFT: f64 = 0.05;

#[test]
fn three_virtual_hours_and_twenty_minutes_of_sound_leave_no_trace() {
    let loaded = session();
    let mut watch = Watch::start();
    silent(&loaded, &held(3 * 60), &mut watch);
    watch.judge("three hours without sound");
    let mut watch = Watch::start();
    audible(&loaded, &held(20), &mut watch);
    watch.judge("twenty minutes of sound");
}

/// A session lasts 12 hours at most: one that is held, and one that goes round through its phases.
#[test]
#[ignore = "takes a quarter of an hour"]
fn a_day_of_virtual_sound_drifts_nowhere_and_leaves_no_trace() {
    let (loaded, since) = (session(), Instant::now());
    for (what, script) in [("12 hours held", held(12 * 60 - 1)), ("12 hours round and round", going_round(12 * 60 - 1))]
    {
        let mut watch = Watch::start();
        audible(&loaded, &script, &mut watch);
        watch.judge(what);
    }
    eprintln!("in {:.0} s", since.elapsed().as_secs_f64());
}

#[cfg(all(unix, feature = "device"))]
#[test]
#[ignore = "takes half an hour"]
fn half_an_hour_with_both_cores_busy_has_no_gap_of_ours() {
    let minutes = std::env::var("UNDERTONE_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    real::check(&folder().join("soak.toml"), minutes);
}

/// Where the pieces and their playlist are.
fn folder() -> &'static Path {
    static FOLDER: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak");
        fs::create_dir_all(&folder).unwrap();
        (0..PIECES).for_each(|piece| tone(&folder, piece));
        let track = |piece: u32| format!("[[phase.track]]\nfile = \"{piece}.wav\"\n");
        let tracks: String = (0..PIECES).map(track).collect();
        let phase = |kind: &&str| format!("[[phase]]\nkind = \"{kind}\"\nplanned = \"15m\"\n{tracks}");
        let phases: String = ["preparation", "peak", "return"].iter().map(phase).collect();
        let head = "format = 1\ntitle = \"Soak\"\nroute = \"im\"\n[sound]\ncrossfade = \"4s\"\n";
        fs::write(folder.join("soak.toml"), head.to_owned() + &phases).unwrap();
        folder
    })
}

fn tone(folder: &Path, piece: u32) {
    let sample_format = hound::SampleFormat::Int;
    let spec = hound::WavSpec { channels: 1, sample_rate: FILE_RATE, bits_per_sample: 16, sample_format };
    let mut file = hound::WavWriter::create(folder.join(format!("{piece}.wav")), spec).unwrap();
    let hz = f64::from(TONES[piece as usize % TONES.len()]);
    // Softly above it, one that no other piece has: two alike that cross may cancel out, and nothing is left of them to hear.
    let own = f64::from(1_000 + 50 * piece);
    // No two are equally long, and none lasts whole seconds.
    for number in 0..FILE_RATE * (83 + piece * 2) + 17 * piece {
        let wave = |hz: f64| (TAU * (hz * f64::from(number) / f64::from(FILE_RATE)).fract()).sin();
        file.write_sample(((0.2 * wave(hz) + 0.05 * wave(own)) * 32_767.0) as i16).unwrap();
    }
    file.finalize().unwrap();
}

fn session() -> Loaded {
    let mut facts =
        |files: &[PathBuf]| -> BTreeMap<_, _> { files.iter().map(|file| (file.clone(), examine(file))).collect() };
    let (loaded, findings) = playlist::load(&folder().join("soak.toml"), &Options::default(), &mut facts);
    loaded.unwrap_or_else(|| panic!("{}", playlist::draw(&findings)))
}

/// Held at the peak, into which the dose leads, for so many minutes.
fn held(minutes: u32) -> Script {
    script("0:30 hold\n", minutes)
}

/// From the peak to the return and back, every ten minutes.
fn going_round(minutes: u32) -> Script {
    let turns: String = (1..minutes / 10)
        .map(|turn| format!("{}:00 goto {}\n", turn * 10, if turn % 2 == 1 { "return" } else { "peak" }))
        .collect();
    script(&turns, minutes)
}

fn script(lines: &str, minutes: u32) -> Script {
    let text = format!("0:00 start\n0:10 dose\n{lines}{minutes}:00 end\n");
    Script::read(&text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn silent(loaded: &Loaded, script: &Script, watch: &mut Watch) {
    let outcome = run(Run { loaded, seed: 1, script, sink: None, progress: &mut |seen| watch.look(seen.at) });
    assert!(Story::of_bytes(&outcome.journal).ended() && outcome.refused.is_empty(), "{:?}", outcome.refused);
}

/// Runs it with its sound, and holds every joint against the journal.
fn audible(loaded: &Loaded, script: &Script, watch: &mut Watch) {
    let joints = RefCell::new(Joints::new());
    let mut hear = |samples: &[f32]| joints.borrow_mut().hear(samples);
    let outcome: Outcome =
        run(Run { loaded, seed: 1, script, sink: Some(&mut hear), progress: &mut |seen| watch.look(seen.at) });
    let story = Story::of_bytes(&outcome.journal);
    let (worst, count) = joints.into_inner().judge(&story);
    eprintln!("{count} joints, heard within {:.1} ms of the plan", worst * 1000.0);
    assert!(worst < DRIFT && count > 3, "{worst} s off the plan in {count} joints");
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
}
