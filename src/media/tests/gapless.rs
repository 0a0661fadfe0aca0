//! Two halves of a cut sine, one after the other: not a frame is missing, not one is too many.

use super::*;
use crate::media::decode::Decoder;
use crate::media::{FileSink, Slice, examine};

/// A frame of the sine that the halves were cut from.
fn sine(rate: u32, index: usize) -> f32 {
    (0.5 * (TAU * 440.0 * index as f64 / f64::from(rate)).sin()) as f32
}

/// All frames of a file at its own rate (the left channel).
fn decoded(path: &Path) -> (u32, Vec<f32>) {
    let mut decoder = Decoder::open(path, 0).unwrap();
    let mut samples = Vec::new();
    while decoder.more(&mut samples).unwrap() {}
    (decoder.rate_hz(), samples.into_iter().step_by(2).collect())
}

/// By how many frames the sound lies later than it should: where the sine fits best, in the middle of the file.
fn shift(heard: &[f32], rate: u32, first: usize) -> isize {
    let middle = heard.len() / 4..heard.len() * 3 / 4;
    let error = |by: isize| -> f64 {
        let wanted = |index: usize| sine(rate, (first + index).saturating_add_signed(-by));
        middle.clone().map(|index| f64::from(heard[index] - wanted(index)).powi(2)).sum()
    };
    // A period is some hundred frames long: less than half of it on each side is unambiguous.
    (-45..=45).min_by(|one, other| error(*one).total_cmp(&error(*other))).unwrap_or(0)
}

/// One line of the table: frames missing (-) or extra (+) at the start and at the end of each half.
fn line(format: &str, halves: [PathBuf; 2], cut: usize, whole: usize) -> String {
    let mut columns = Vec::new();
    for (path, first, last) in [(&halves[0], 0, cut), (&halves[1], cut, whole)] {
        let (rate, heard) = decoded(path);
        let start = shift(&heard, rate, first);
        let end = heard.len() as isize - start - (last - first) as isize;
        columns.push(format!("{start} | {end}"));
    }
    let told = format!("| {format} | {} |", columns.join(" | "));
    println!("{told}");
    told
}

fn fixtures(kind: &str) -> [PathBuf; 2] {
    ["1", "2"].map(|half| fixture(&format!("half-{half}{kind}")))
}

/// Halves written by the program's own writer, at the engine's rate.
fn written(folder: &Path, ending: &str) -> [PathBuf; 2] {
    [(1, 0..48_123), (2, 48_123..96_000)].map(|(half, range)| {
        let path = folder.join(format!("half-{half}.{ending}"));
        let mut sink = FileSink::create(&path).unwrap();
        sink.write(&range.flat_map(|index| [sine(48_000, index); 2]).collect::<Vec<_>>()).unwrap();
        sink.finish().unwrap();
        path
    })
}

#[test]
fn two_halves_of_a_cut_sine_join_without_a_missing_or_extra_frame() {
    let folder = tempfile::tempdir().unwrap();
    println!("| format | first half, start | end | second half, start | end |\n|---|---|---|---|---|");
    let table = [
        line("WAV", written(folder.path(), "wav"), 48_123, 96_000),
        line("FLAC, written by Undertone", written(folder.path(), "flac"), 48_123, 96_000),
        line("FLAC", fixtures(".flac"), 11_111, 22_050),
        line("FLAC in Ogg", fixtures(".oga"), 11_111, 22_050),
        line("AIFF", fixtures(".aiff"), 11_111, 22_050),
        line("ALAC in M4A", fixtures("-alac.m4a"), 11_111, 22_050),
        line("MP3 with LAME's tag", fixtures(".mp3"), 44_223, 88_200),
        line("AAC in M4A, edit list", fixtures(".m4a"), 44_223, 88_200),
        line("AAC in M4A, iTunSMPB", fixtures("-itunes.m4a"), 11_111, 22_050),
        line("Ogg Vorbis", fixtures(".ogg"), 44_223, 88_200),
        line("Opus", fixtures(".opus"), 48_123, 96_000),
    ];
    let wrong: Vec<&String> = table.iter().filter(|line| !line.ends_with("| 0 | 0 | 0 | 0 |")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The join itself, as a deck hears it: the second half takes up the wave where the first one ends. Codings with losses blur
/// their edges, so only the others are held to the sample.
#[test]
fn across_the_cut_the_wave_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for [first, second] in [written(folder.path(), "wav"), written(folder.path(), "flac")] {
        let joined: Vec<Frame> = [played(&first, 0), played(&second, 0)].concat();
        assert_eq!(joined.len(), 96_000);
        let wanted: Vec<Frame> = (0..96_000).map(|index| [sine(48_000, index); 2]).collect();
        assert!(snr_db(&joined, &wanted) > 85.0, "{}: {:.1} dB", first.display(), snr_db(&joined, &wanted));
    }
}

/// The halves joined as a playlist joins them, against the sine that they were cut from.
fn joined(halves: [PathBuf; 2], from_ms: i64) -> Vec<Frame> {
    let slices = halves.map(|path| Slice { frames: examine(&path).unwrap().frames, path });
    heard(&Material::Cut(slices.into()), from_ms)
}

#[test]
fn joined_halves_are_the_sine_again_at_any_rate() {
    let folder = tempfile::tempdir().unwrap();
    let at_engine = |index: usize| [sine(48_000, index); 2];
    for halves in [written(folder.path(), "wav"), fixtures(".flac"), fixtures("-alac.m4a"), fixtures(".aiff")] {
        let name = halves[0].display().to_string();
        let whole = joined(halves.clone(), 0);
        let (wanted, edge): (Vec<Frame>, _) = ((0..whole.len()).map(at_engine).collect(), 1000);
        // At its two ends, but not at the cut, a resampler hears silence beside the sound.
        let inner = edge..whole.len() - edge;
        let noise = snr_db(&whole[inner.clone()], &wanted[inner]);
        assert!(noise > 70.0, "{name}: {noise:.1} dB");
        // From any place on it is the same sound, before the cut, near it and behind it.
        for share in [10, 48, 50, 51, 70] {
            let from_ms = whole.len() / 48 * share / 100;
            let from = from_ms * 48;
            let rest = joined(halves.clone(), from_ms as i64);
            assert_eq!(rest.len(), whole.len() - from, "{name} from {from_ms} ms");
            assert!(snr_db(&rest, &whole[from..]) > 70.0, "{name} from {from_ms} ms");
        }
    }
}

#[test]
fn a_slice_that_is_missing_or_at_another_rate_is_a_fault_at_the_cut() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = written(folder.path(), "wav");
    std::fs::remove_file(second).unwrap();
    for second in [folder.path().join("half-2.wav"), fixture("half-2.flac")] {
        let slices = [&first, &second].map(|path| Slice { path: path.clone(), frames: 48_123 });
        let mut stream = open(&Material::Cut(slices.into()), TrackTime::ZERO).unwrap();
        assert_eq!(stream.by_ref().count(), 2 * 48_123, "what is there is heard");
        assert!(stream.fault().is_some());
    }
}
