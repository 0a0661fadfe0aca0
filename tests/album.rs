//! A whole album in one file, or cut into two: pieces that begin and end anywhere in it, and a region that repeats without a
//! seam while a phase is held. Every ten seconds of it have a pitch of their own, so that the sound tells the place.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use undertone::host::script::Script;
use undertone::host::simulate::{Run, run};
use undertone::media::examine;
use undertone::playlist::{self, Loaded, Options};

const FILE_RATE: u32 = 8_000;
const SECOND: usize = 48_000;

const PLAYLIST: &str = r#"
format = 1
title = "Album"
route = "im"

[sound]
crossfade = "4s"

[[phase]]
kind = "preparation"
planned = "2m"
bed = "none"
[[phase.track]]
file = "album.wav"
start = "1:00"
end = "3:30"

[[phase]]
kind = "peak"
planned = "3m"
bed = "none"
[[phase.track]]
file = "album.wav"
start = "5:00"
end = "8:00"
loop = ["6:00", "7:00"]
"#;

/// The same album cut into two files at this frame, in the middle of the region that is repeated.
const CUT: u32 = 393 * FILE_RATE + 2_667;
const JOINED: &str = r#"
[[phase.track]]
file = "album-1.wav"
start = "5:00"
loop = ["6:00", "7:00"]
[[phase.track]]
file = "album-2.wav"
fade_in = "0s"
end = "1:26.667"
"#;

/// The first piece is left after a minute and a half; the second is held, and so goes round its region from 6:00 to 7:00.
const SCRIPT: &str = "0:00 start\n1:30 next\n1:40 hold\n5:10 end\n";

/// The pitch at a place in the album, in Hz.
fn pitch(place: f64) -> f64 {
    200.0 + 10.0 * (place / 10.0).floor()
}

/// Frames of the album as a file.
fn album(path: &Path, frames: std::ops::Range<u32>) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: FILE_RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).unwrap();
    let mut angle = 0.0f64;
    for number in 0..frames.end {
        if number >= frames.start {
            file.write_sample((angle.sin() * 10_000.0) as i16).unwrap();
        }
        angle = (angle + TAU * pitch(f64::from(number) / f64::from(FILE_RATE)) / f64::from(FILE_RATE)) % TAU;
    }
    file.finalize().unwrap();
}

fn loaded(folder: &Path, text: &str) -> Loaded {
    let whole = 10 * 60 * FILE_RATE;
    for (name, frames) in [("album", 0..whole), ("album-1", 0..CUT), ("album-2", CUT..whole)] {
        album(&folder.join(name).with_extension("wav"), frames);
    }
    let path = folder.join("album.toml");
    std::fs::write(&path, text).unwrap();
    let mut facts =
        |files: &[PathBuf]| -> BTreeMap<_, _> { files.iter().map(|file| (file.clone(), examine(file))).collect() };
    let (loaded, findings) = playlist::load(&path, &Options::default(), &mut facts);
    loaded.unwrap_or_else(|| panic!("{}", playlist::draw(&findings)))
}

/// The left channel of the session.
fn rendered(text: &str) -> Vec<f32> {
    let folder = tempfile::tempdir().unwrap();
    let (loaded, script) = (loaded(folder.path(), text), Script::read(SCRIPT).unwrap());
    let mut sound = Vec::new();
    let mut sink = |samples: &[f32]| sound.extend(samples.iter().step_by(2));
    let outcome = run(Run { loaded: &loaded, seed: 1, script: &script, sink: Some(&mut sink), progress: &mut |_| {} });
    assert_eq!(outcome.refused, []);
    sound
}

/// How often the sound rises through zero in the second around this one.
fn heard_pitch(sound: &[f32], secs: f64) -> f64 {
    let from = ((secs - 0.5) * SECOND as f64) as usize;
    sound[from..from + SECOND].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count() as f64
}

fn level(sound: &[f32]) -> f64 {
    let squares = sound.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
    10.0 * (squares / sound.len() as f64).max(1e-12).log10()
}

#[test]
fn pieces_of_one_file_begin_where_they_should_and_a_region_goes_round_without_a_seam() {
    check(&rendered(PLAYLIST));
}

#[test]
fn cut_into_two_files_and_joined_again_it_is_the_same() {
    let (before, _) = PLAYLIST.rsplit_once("[[phase.track]]").unwrap();
    check(&rendered(&format!("{before}{JOINED}")));
}

fn check(sound: &[f32]) {
    // Seconds of the session, and the place in the album that should sound there. From 3:26 on, every 56 s the end of the
    // region crosses into its beginning, which is at 6:00.
    let places = [(5.0, 65.0), (75.0, 135.0), (98.0, 308.0), (150.0, 360.0), (175.0, 385.0), (201.0, 411.0)];
    let round = [(215.0, 369.0), (255.0, 409.0), (271.0, 369.0), (301.0, 399.0)];
    for (secs, place) in places.into_iter().chain(round) {
        let (found, expected) = (heard_pitch(sound, secs), pitch(place));
        // Near a change of pitch the second around it holds both.
        let near = [pitch(place - 0.6), pitch(place + 0.6)];
        let fits = found >= near[0].min(expected) - 1.5 && found <= near[1].max(expected) + 1.5;
        assert!(fits, "at {secs} s: {found} Hz, not {expected} Hz");
    }
    let steady = level(&sound[100 * SECOND..110 * SECOND]);
    for (tenth, part) in sound[100 * SECOND..310 * SECOND].chunks_exact(SECOND / 10).enumerate() {
        let off = level(part) - steady;
        assert!(off.abs() < 0.5, "{off:.2} dB at {:.1} s", 100.0 + tenth as f64 / 10.0);
    }
    // Two pieces that cross have powers that sum to one: at most the square root of two of one's sharpest corner.
    let own = 10f64.powf((steady + 3.01) / 20.0) * (TAU * pitch(480.0) / SECOND as f64).powi(2);
    let bend = |three: &[f32]| f64::from(three[0] - 2.0 * three[1] + three[2]).abs();
    let sharpest = sound[..310 * SECOND].windows(3).map(bend).fold(0.0, f64::max);
    assert!(sharpest <= 2f64.sqrt() * own, "a corner {:.2} times as sharp as the highest tone's", sharpest / own);
}
