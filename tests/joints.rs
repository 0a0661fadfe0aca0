//! Joints of a whole session, rendered and measured by a meter of another hand: no step in loudness, no gain that rises
//! faster than it may, though the recordings begin and end as loud or as quiet as they like.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

use std::fmt::Write as _;
use std::path::Path;

use ebur128::{EbuR128, Mode};
use undertone::host::script::Script;
use undertone::host::simulate::{Run, run};
use undertone::media::examine;
use undertone::playlist::{self, Loaded, Options};

const RATE: u32 = 16_000;
/// The length of every crossfade here, in seconds.
const OVER: usize = 6;
/// Seconds of each recording, and how much louder it is in its first, middle and last third (dB).
const RECORDINGS: [(usize, [f32; 3]); 9] = [
    (50, [0.0, 0.0, 0.0]),
    (48, [-7.0, 0.0, 3.0]),
    (49, [0.0, -6.0, -9.0]),
    (53, [7.0, 0.0, 7.0]),
    (46, [-5.0, 0.0, 5.0]),
    (54, [5.0, 0.0, -6.0]),
    (52, [6.0, -3.0, 6.0]),
    (47, [-6.0, -3.0, 0.0]),
    (51, [3.0, -8.0, 3.0]),
];

/// Noise whose loudness changes gently between its thirds, quiet enough that its peaks leave room.
fn record(path: &Path, seed: u32, seconds: usize, thirds: [f32; 3]) {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let frames = seconds * RATE as usize;
    for frame in 0..frames {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let noise = state as f32 / u32::MAX as f32 * 2.0 - 1.0;
        let place = (frame as f32 / frames as f32 * 3.0 - 0.5).clamp(0.0, 2.0);
        let (third, way) = (place.floor().min(1.0) as usize, place - place.floor().min(1.0));
        let level = thirds[third] + (thirds[third + 1] - thirds[third]) * (way * 4.0 - 1.5).clamp(0.0, 1.0);
        wav.write_sample((noise * 10f32.powf((level - 30.0) / 20.0) * 32_767.0) as i16).unwrap();
    }
    wav.finalize().unwrap();
}

/// The recordings twice in two phases whose levels differ by 6 dB.
fn playlist(folder: &Path) -> Loaded {
    let mut text =
        "format = 1\ntitle = \"T\"\nroute = \"custom\"\n[sound]\ncrossfade = \"6s\"\ntarget = \"-26 LUFS\"\n"
            .to_owned();
    for (kind, level, planned) in [("onset", "0 dB", "4m"), ("peak", "-6 dB", "4m30s")] {
        write!(
            text,
            "[[phase]]\nkind = \"{kind}\"\nlevel = \"{level}\"\nplanned = \"{planned}\"\norder = \"listed\"\n"
        )
        .unwrap();
        for (index, _) in RECORDINGS.iter().enumerate() {
            write!(text, "[[phase.track]]\nfile = \"{index}.wav\"\n").unwrap();
        }
    }
    let path = folder.join("t.toml");
    std::fs::write(&path, text).unwrap();
    let examine_all =
        &mut |paths: &[std::path::PathBuf]| paths.iter().map(|path| (path.clone(), examine(path))).collect();
    let (loaded, findings) = playlist::load(&path, &Options::default(), examine_all);
    loaded.unwrap_or_else(|| panic!("{}", playlist::draw(&findings)))
}

/// Loudness of some seconds of the rendered sound.
fn loudness(sound: &[f32], from: f64, to: f64) -> f64 {
    let at = |seconds: f64| (seconds * 48_000.0) as usize * 2;
    let mut meter = EbuR128::new(2, 48_000, Mode::S).unwrap();
    meter.add_frames_f32(&sound[at(from)..at(to)]).unwrap();
    meter.loudness_window(((to - from) * 1000.0) as u32).unwrap()
}

#[test]
fn no_joint_of_a_session_steps_by_more_than_two_lu() {
    let folder = tempfile::tempdir().unwrap();
    for (index, (seconds, thirds)) in RECORDINGS.iter().enumerate() {
        record(&folder.path().join(format!("{index}.wav")), index as u32 + 1, *seconds, *thirds);
    }
    let loaded = playlist(folder.path());
    let script = Script::read("0:00 start\n0:01 dose\n").unwrap();
    let mut sound = Vec::new();
    let sink = &mut |samples: &[f32]| sound.extend_from_slice(samples);
    let outcome = run(Run { loaded: &loaded, seed: 1, script: &script, sink: Some(sink), progress: &mut |_| {} });
    let journal = String::from_utf8(outcome.journal).unwrap();
    let records = journal.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let joints: Vec<_> = records.filter(|record| record["kind"] == "joint").collect();
    let (mut largest, mut untouched) = (0f64, 0f64);
    for joint in &joints {
        let (at, eased) = (joint["t"].as_f64().unwrap(), joint["eased_db"].as_f64().unwrap());
        let after = at + joint["length_s"].as_f64().unwrap();
        let step = loudness(&sound, after, after + 3.0) - loudness(&sound, at - 3.0, at);
        println!("joint at {at:6.1} s: eased by {eased:+5.2} dB, steps by {step:+.2} LU");
        assert!(step.abs() <= 2.0, "{joint}: {step}");
        (largest, untouched) = (largest.max(step.abs()), untouched.max((step - eased).abs()));
    }
    println!("{} joints: at most {largest:.2} LU; without easing {untouched:.1} LU", joints.len());
    assert!(joints.len() >= 10 && untouched > 5.0, "{} joints, {untouched}", joints.len());
    assert!(joints.iter().all(|joint| joint["length_s"].as_f64().unwrap() >= OVER as f64 - 0.1));
}
