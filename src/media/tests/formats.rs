//! Each format plays what went into it: as long, as loud, at its place.

use super::*;

/// A twentieth of a second in engine frames: what an encoder's start and end may blur.
const EDGE: usize = 2400;

fn check(name: &str, frames: usize, least_snr_db: f64) {
    let heard = played(&fixture(name), 0);
    let wanted: Vec<Frame> = (0..heard.len()).map(|index| sweep(index as f64 / 48_000.0)).collect();
    let inner = EDGE..heard.len() - EDGE;
    let snr = snr_db(&heard[inner.clone()], &wanted[inner]);
    println!("{name}: {} frames (wanted {frames}), {snr:.1} dB", heard.len());
    assert!(heard.len().abs_diff(frames) <= 1, "{name}: {} frames, not {frames}", heard.len());
    assert!(snr > least_snr_db, "{name}: {snr:.1} dB");
}

#[test]
fn every_format_plays_what_went_into_it() {
    check("sweep.aiff", 14_400, 80.0);
    check("sweep-alac.m4a", 14_400, 80.0);
    check("sweep.oga", 14_400, 80.0);
    check("sweep.mp3", 96_000, 20.0);
    check("sweep.m4a", 96_000, 20.0);
    check("sweep.ogg", 96_000, 15.0);
    check("sweep.opus", 96_000, 15.0);
}

/// An Ogg file may hold several recordings, one after another.
#[test]
fn a_chained_file_plays_on_without_a_seam() {
    let heard = played(&fixture("chain.ogg"), 0);
    let sine = |index: usize| [(0.5 * (TAU * 440.0 * index as f64 / 48_000.0).sin()) as f32; 2];
    let wanted: Vec<Frame> = (0..heard.len()).map(sine).collect();
    assert_eq!(heard.len(), 96_000);
    let seam = 44_223 * 48_000 / 44_100;
    let across = seam - 2400..seam + 2400;
    let snr = snr_db(&heard[across.clone()], &wanted[across]);
    assert!(snr > 20.0, "{snr:.1} dB");
}

/// Without its encoder's tag an MP3's length is a guess from its first, loud packets; nothing may be cut off by it.
#[test]
fn an_untagged_mp3_is_not_cut_short() {
    let facts = crate::media::examine(&fixture("loud-then-quiet.mp3")).unwrap();
    println!("{facts:?}");
    assert!(facts.length >= Span::from_secs(6), "{}", facts.length);
    assert_eq!(facts.claimed, None);
}

#[test]
fn every_depth_of_wav_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("depth.wav");
    for (bits, channels, least_snr_db) in [(8, 2, 38.0), (16, 2, 85.0), (16, 1, 85.0), (24, 2, 120.0), (32, 2, 120.0)] {
        let spec = hound::WavSpec {
            channels,
            sample_rate: 48_000,
            bits_per_sample: bits,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        let full = 2f64.powi(i32::from(bits) - 1) - 1.0;
        let wanted: Vec<Frame> = (0..24_000).map(|index| sweep(f64::from(index) / 48_000.0)).collect();
        for sample in wanted.iter().flat_map(|frame| &frame[..usize::from(channels)]) {
            wav.write_sample((f64::from(*sample) * full).round() as i32).unwrap();
        }
        wav.finalize().unwrap();
        let heard = played(&path, 0);
        let wanted: Vec<Frame> = wanted.iter().map(|frame| [frame[0], frame[usize::from(channels) - 1]]).collect();
        let snr = snr_db(&heard, &wanted);
        println!("{bits} bits, {channels} channels: {snr:.1} dB");
        assert!(heard.len() == 24_000 && snr > least_snr_db, "{bits} bits: {snr:.1} dB");
    }
}

#[test]
fn a_place_sought_is_the_same_sound_as_playing_up_to_it() {
    for name in [
        "sweep.mp3",
        "sweep-untagged.mp3",
        "sweep.m4a",
        "sweep.ogg",
        "sweep.opus",
        "sweep-alac.m4a",
        "sweep.oga",
        "sweep.aiff",
        "chain.ogg",
    ] {
        let whole = played(&fixture(name), 0);
        let length_ms = whole.len() as i64 / 48;
        for place in [0, 1, 7, length_ms / 3, length_ms / 2, length_ms * 2 / 3, length_ms * 9 / 10] {
            let heard = played(&fixture(name), place);
            let wanted = &whole[place as usize * 48..];
            assert_eq!(heard.len(), wanted.len(), "{name} from {place} ms");
            let snr = snr_db(&heard, wanted);
            // AAC fills in noise of its own, never the same twice; a shift by one frame would be below 10 dB.
            let least = if name == "sweep.m4a" { 25.0 } else { 120.0 };
            assert!(snr > least, "{name} from {place} ms: {snr:.1} dB");
        }
    }
}
