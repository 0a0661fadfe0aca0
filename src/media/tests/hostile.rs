//! Whatever a file is, opening it ends soon, in sound or in a sentence.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;
use crate::media::{Damage, FileSink, MediaError, examine};

/// Why a file with this content and name is refused.
fn refusal(name: &str, content: &[u8]) -> MediaError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let start = Instant::now();
    let error = examine(&path).expect_err(name);
    assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
    error
}

#[track_caller]
fn says(error: &MediaError, wanted: &str) {
    assert!(error.to_string().contains(wanted), "{error}");
}

#[test]
fn what_is_not_music_is_named() {
    says(&refusal("a.mp3", b"Shopping: milk, bread, lavender.\n"), "\"a.mp3\" holds text, not sound");
    says(&refusal("a.flac", b""), "is empty (0 bytes)");
    says(&refusal("a.wav", &[0; 10_000]), "nothing but zeros");
    says(&refusal("a.mp3", b"\xff\xd8\xff\xe0picture"), "is a picture");
    says(&refusal("a.m3u8", b"#EXTM3U\nsong.mp3\n"), "is a list of music files");
    let noise: Vec<u8> = (0..20_000u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    refusal("a.mp3", &noise);
}

#[test]
fn what_no_decoder_opens_is_named_with_a_way_out() {
    says(
        &refusal("a.wav", b"RF64\xff\xff\xff\xffWAVEds64"),
        "RF64 kind, which Undertone cannot play; convert it to FLAC",
    );
    for (name, what) in
        [("refused.wma", "Windows Media"), ("refused.wv", "WavPack"), ("surround-aac.m4a", "with 6 channels")]
    {
        says(&examine(&fixture(name)).unwrap_err(), what);
    }
    let m4a = fs::read(fixture("sweep.m4a")).unwrap();
    let entry = m4a.windows(4).position(|window| window == b"mp4a").unwrap();
    let mut protected = m4a;
    protected[entry..entry + 4].copy_from_slice(b"drms");
    says(&refusal("a.m4p", &protected), "copy protected");
}

#[test]
fn a_place_that_is_no_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    says(&examine(folder.path()).unwrap_err(), "is a folder");
    says(&examine(&folder.path().join("gone.flac")).unwrap_err(), "is not there");
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe.flac");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        says(&examine(&pipe).unwrap_err(), "is a pipe");
        says(&examine(Path::new("/dev/zero")).unwrap_err(), "is a device");
        let link = folder.path().join("link.flac");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        says(&examine(&link).unwrap_err(), "is a device");
    }
}

#[test]
fn a_wrong_extension_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really-an-mp3.flac");
    fs::copy(fixture("sweep.mp3"), &path).unwrap();
    assert_eq!(examine(&path).unwrap().codec.as_str(), "mp3");
}

#[test]
fn a_truncated_file_has_the_length_that_is_really_there() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("long.wav");
    write_wav(&wav, 44_100, (0..441_000).map(|index| [(index as f32 * 0.05).sin() * 0.1; 2]));
    for (path, whole_ms) in [
        (wav, 10_000),
        (fixture("sweep.mp3"), 2000),
        (fixture("sweep.m4a"), 2000),
        (fixture("sweep.ogg"), 2000),
        (fixture("sweep.opus"), 2000),
    ] {
        let bytes = fs::read(&path).unwrap();
        let cut = folder.path().join("cut").with_extension(path.extension().unwrap());
        // Cut away is an M4A's header, which is at its end, and of the small Ogg's one page its end.
        fs::write(&cut, &bytes[..bytes.len() * 3 / 5]).unwrap();
        match examine(&cut) {
            Ok(facts) => {
                let there = facts.length.millis();
                println!("{}: {there} of {whole_ms} ms, claimed {:?}", cut.display(), facts.claimed);
                assert!(there > whole_ms / 3 && there < whole_ms * 4 / 5, "{}: {there}", cut.display());
            }
            Err(error) => {
                println!("{error}");
                assert!(matches!(error, MediaError::Damaged { .. }), "{error}");
                assert!(["m4a", "ogg"].contains(&cut.extension().unwrap().to_str().unwrap()), "{error}");
            }
        }
    }
}

#[test]
fn a_wav_with_values_that_are_no_numbers_plays_as_silence_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nan.wav");
    let values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30];
    write_wav(
        &path,
        48_000,
        (0..48_000).map(|index| [if index % 4800 == 0 { values[index / 4800 % 4] } else { 0.25 }; 2]),
    );
    let heard = played(&path, 0);
    assert_eq!(heard.len(), 48_000);
    assert!(heard.iter().flatten().all(|sample| sample.is_finite() && sample.abs() <= 4.0));
    write_wav(&path, 48_000, (0..48_000).map(|index| [if index < 24_000 { 0.25 } else { -1e20 }; 2]));
    let mut stream = open(&Material::File(path), TrackTime::ZERO).unwrap();
    let before = stream.by_ref().count() / 2;
    let fault = stream.fault().cloned().unwrap();
    assert_eq!((before, &fault), (24_000, &fault));
    assert!(matches!(fault, MediaError::Damaged { how: Damage::Burst, .. }), "{fault}");
}

/// One ID3v2.4 frame, or with the mark `ID3` and no body to speak of, the header of a tag.
pub(super) fn id3(id: &[u8], size: usize, body: &[u8]) -> Vec<u8> {
    let size = [size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127].map(|byte| byte as u8);
    if id == b"ID3" { [id, &[4, 0, 0], &size, body].concat() } else { [id, &size, &[0, 0], body].concat() }
}

#[test]
fn hostile_tags_are_shown_safely() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.mp3");
    let text = "\u{3}a\u{1b}[2J\u{9d}b\u{202e}c\u{7}\u{2028}d".as_bytes();
    let long = [b"\x03", "x".repeat(1_000_000).as_bytes()].concat();
    let tag = [id3(b"TIT2", text.len(), text), id3(b"TPE1", long.len(), &long)].concat();
    let mp3 = fs::read(fixture("sweep-untagged.mp3")).unwrap();
    fs::write(&path, [id3(b"ID3", tag.len(), &tag), mp3].concat()).unwrap();
    let facts = examine(&path).unwrap();
    assert_eq!(facts.title.unwrap().as_str(), "a[2Jbc d");
    assert_eq!(facts.artist.unwrap().as_str().len(), 200);
}

/// Mutants of every fixture: no panic gets out, nothing hangs, nothing is louder than ±4.
#[test]
fn damaged_bytes_end_in_sound_or_in_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let mut seeds: Vec<_> = [
        "sweep.mp3",
        "sweep-untagged.mp3",
        "sweep.ogg",
        "sweep.opus",
        "sweep.m4a",
        "sweep-alac.m4a",
        "sweep.aiff",
        "sweep.oga",
        "chain.ogg",
        "surround.ogg",
    ]
    .map(fixture)
    .into();
    for name in ["whole.wav", "whole.flac"] {
        let path = folder.path().join(name);
        let mut sink = FileSink::create(&path).unwrap();
        sink.write(&(0..48_000).flat_map(|index| sweep(f64::from(index) / 48_000.0)).collect::<Vec<_>>()).unwrap();
        sink.finish().unwrap();
        seeds.push(path);
    }
    let rounds: u32 = std::env::var("UNDERTONE_MUTANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let mut dice = 0x1234_5678_u32;
    let mut roll = |below: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        dice as usize % below.max(1)
    };
    let (mut slowest, mut faults, mut refused) = (Duration::ZERO, 0, 0);
    for seed in &seeds {
        let whole = fs::read(seed).unwrap();
        let (path, seed) = (folder.path().join("mutant"), seed.display());
        for _ in 0..rounds {
            let mut bytes = whole.clone();
            // Half of the damage in the first kilobyte, where the headers are.
            let reach = if roll(2) == 0 { 1024 } else { bytes.len() };
            match roll(4) {
                0 => bytes.truncate(roll(whole.len())),
                1 => {
                    let from = roll(reach.min(bytes.len()));
                    let to = (from + roll(400)).min(bytes.len());
                    bytes[from..to].fill(0);
                }
                _ => {
                    for _ in 0..=roll(12) {
                        let place = roll(reach.min(bytes.len()));
                        bytes[place] ^= 1 << roll(8);
                    }
                }
            }
            fs::write(&path, bytes).unwrap();
            let start = Instant::now();
            let from = TrackTime::at(Span::from_millis(if roll(2) == 0 { 0 } else { 900 }));
            match open(&Material::File(path.clone()), from) {
                Ok(mut stream) => {
                    // A minute is far more than any of these holds: a stream without end would be a hang.
                    let mut count = 0;
                    for sample in stream.by_ref() {
                        assert!(sample.is_finite() && sample.abs() <= 4.0, "{seed}: {sample}");
                        count += 1;
                        assert!(count < 48_000 * 2 * 60, "{seed}: never ends");
                    }
                    faults += u32::from(stream.fault().is_some());
                }
                Err(_) => refused += 1,
            }
            slowest = slowest.max(start.elapsed());
        }
    }
    println!("{} mutants: {refused} refused, {faults} faults, slowest {slowest:?}", rounds as usize * seeds.len());
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}
