//! Figures: loudness, true peak, the resampler, and facts as a whole.

use super::*;
use crate::media::{Facts, examine};

/// Facts of a stereo WAV made of sines at 1 kHz: (level in dBFS, seconds) one after another.
fn facts_of_levels(levels: &[(f32, f64)]) -> Facts {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("levels.wav");
    let frames = levels.iter().flat_map(|&(level, secs)| {
        let gain = 10f32.powf(level / 20.0);
        (0..(secs * 48_000.0) as usize)
            .map(move |index| [gain * (TAU * 1000.0 * index as f64 / 48_000.0).sin() as f32; 2])
    });
    write_wav(&path, 48_000, frames);
    examine(&path).unwrap()
}

/// EBU Tech 3341 (2016), minimum requirements, cases 1 to 5. The sixth is about five channels; here the stereo that will
/// be heard is measured.
#[test]
fn loudness_is_as_ebu_tech_3341_requires() {
    let cases: [(&[(f32, f64)], f64); 5] = [
        (&[(-23.0, 20.0)], -23.0),
        (&[(-33.0, 20.0)], -33.0),
        (&[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        (&[(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        (&[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ];
    for (levels, wanted) in cases {
        let loudness = facts_of_levels(levels).loudness.unwrap().0;
        println!("{levels:?}: {loudness:.2} LUFS");
        assert!((loudness - wanted).abs() <= 0.1, "{levels:?}: {loudness:.2}");
    }
    let facts = facts_of_levels(&[(-30.0, 10.0), (-20.0, 10.0)]);
    assert!((facts.short_term_max.unwrap().0 + 20.0).abs() < 0.1, "{facts:?}");
    assert!((facts.true_peak.0 + 20.0).abs() < 0.2, "{facts:?}");
}

/// EBU Tech 3342 (2016), case 1: two levels 10 dB apart.
#[test]
fn loudness_range_is_as_ebu_tech_3342_requires() {
    let range = facts_of_levels(&[(-20.0, 20.0), (-30.0, 20.0)]).range_lu;
    assert!((range - 10.0).abs() <= 1.0, "{range}");
}

/// EBU Tech 3341, case 16: a sine at a quarter of the rate, sampled beside its crests.
#[test]
fn true_peak_is_found_between_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("peak.wav");
    let sine = |index: usize| [(0.5 * (TAU * (0.25 * index as f64 + 0.125)).sin()) as f32; 2];
    write_wav(&path, 48_000, (0..48_000).map(sine));
    let peak = examine(&path).unwrap().true_peak.0;
    assert!((-6.4..=-5.8).contains(&peak), "{peak}");
}

#[test]
fn silence_before_after_and_all_through_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quiet.wav");
    write_wav(
        &path,
        48_000,
        (0..192_000).map(|index| [if (24_000..144_000).contains(&index) { 0.1 } else { 0.0005 }; 2]),
    );
    let facts = examine(&path).unwrap();
    assert_eq!(
        (facts.length, facts.lead_in, facts.tail),
        (Span::from_secs(4), Span::from_millis(500), Span::from_secs(1))
    );
    write_wav(&path, 48_000, (0..96_000).map(|_| [0.0; 2]));
    let facts = examine(&path).unwrap();
    assert_eq!((facts.loudness, facts.short_term_max, facts.lead_in), (None, None, Span::from_secs(2)));
    // Facts are remembered as JSON, which has no infinity.
    let json = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<Facts>(&json).unwrap(), facts);
}

#[test]
fn facts_name_the_piece_and_its_coding() {
    let facts = examine(&fixture("sweep.mp3")).unwrap();
    println!("{facts:?}");
    assert_eq!((facts.title.unwrap().as_str(), facts.artist.unwrap().as_str()), ("Sweep", "Undertone"));
    assert_eq!((facts.rate_hz, facts.channels, facts.codec.as_str(), facts.claimed), (44_100, 2, "mp3", None));
    for name in ["sweep.ogg", "sweep.opus", "sweep.m4a"] {
        let facts = examine(&fixture(name)).unwrap();
        assert_eq!(facts.title.map(String::from).as_deref(), Some("Sweep"), "{name}");
    }
    assert_eq!(examine(&fixture("surround.ogg")).unwrap().channels, 6);
}

#[test]
fn a_centre_channel_is_heard_on_both_sides() {
    let heard = played(&fixture("surround.ogg"), 0);
    let peak = |side: usize| heard.iter().map(|frame| frame[side].abs()).fold(0.0, f32::max);
    // Half of full scale, at 1/√2 of 1 + 2/√2.
    let wanted = 0.5 / (2.0 + 2f32.sqrt());
    assert!((peak(0) - wanted).abs() < 0.03 && (peak(1) - wanted).abs() < 0.03, "{} {}", peak(0), peak(1));
}

/// What is left of a sine of known frequency when its best fit is taken away, in dB below it.
fn residue_db(samples: &[f64], cycles_per_frame: f64) -> f64 {
    // The two phases of a whole number of cycles are orthogonal: plain projection is the least-squares fit.
    let project = |wave: &dyn Fn(f64) -> f64| {
        let sum: f64 = samples
            .iter()
            .enumerate()
            .map(|(index, sample)| sample * wave(TAU * cycles_per_frame * index as f64))
            .sum();
        sum * 2.0 / samples.len() as f64
    };
    let (sin, cos) = (project(&f64::sin), project(&f64::cos));
    let fit = |index: usize| {
        let phase = TAU * cycles_per_frame * index as f64;
        sin * phase.sin() + cos * phase.cos()
    };
    let noise: f64 = samples.iter().enumerate().map(|(index, sample)| (sample - fit(index)).powi(2)).sum();
    let signal: f64 = (0..samples.len()).map(|index| fit(index).powi(2)).sum();
    10.0 * (noise / signal).log10()
}

#[test]
fn resampling_adds_less_than_minus_100_db() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sine.wav");
    for rate in [8_000, 11_025, 22_050, 32_000, 44_100, 88_200, 96_000, 176_400, 192_000, 384_000] {
        for hz in [997.0, 3000.0, 10_000.0, 18_000.0] {
            if hz > f64::from(rate) * 0.42 {
                continue;
            }
            let sine = |index: u32| [0.9 * (TAU * hz * f64::from(index) / f64::from(rate)).sin() as f32; 2];
            write_wav(&path, rate, (0..rate * 2).map(sine));
            let heard = played(&path, 0);
            assert_eq!(heard.len(), 96_000, "{rate}");
            // The second in the middle holds a whole number of cycles.
            let middle: Vec<f64> = heard[24_000..72_000].iter().map(|frame| f64::from(frame[0])).collect();
            let residue = residue_db(&middle, hz / 48_000.0);
            println!("{rate} Hz, {hz} Hz: {residue:.1} dB");
            assert!(residue < -100.0, "{rate} Hz, {hz} Hz: {residue:.1} dB");
        }
    }
}

#[test]
fn any_rate_gives_the_exact_length_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweep.wav");
    for rate in [8_000, 22_050, 44_056, 44_100, 47_999, 48_000, 96_000, 192_000, 384_000] {
        write_wav(&path, rate, (0..rate * 3 / 2).map(|index| sweep(f64::from(index) / f64::from(rate))));
        for place in [0_i64, 1, 333, 1250] {
            let heard = played(&path, place);
            let start = place as usize * 48;
            assert!(heard.len().abs_diff(72_000 - start) <= 1, "{rate} from {place} ms: {}", heard.len());
            // The very end is cut off by nature: the filter rings into what is no longer there.
            let wanted: Vec<Frame> = (start..start + heard.len()).map(|index| sweep(index as f64 / 48_000.0)).collect();
            let inner = 480..heard.len() - 2400;
            let snr = snr_db(&heard[inner.clone()], &wanted[inner]);
            assert!(snr > 60.0, "{rate} from {place} ms: {snr:.1} dB");
        }
        assert!(played(&path, 1_600).is_empty());
    }
    write_wav(&path, 4_000, (0..4_000).map(|_| [0.1; 2]));
    assert!(examine(&path).unwrap_err().to_string().contains("sound at 4000 Hz"));
}
