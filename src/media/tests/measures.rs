//! Figures: loudness, true peak, the resampler, and facts as a whole.

use super::*;
use crate::media::{Facts, examine};
use crate::units::{Contour, Lufs};

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

/// Facts of sines at 1 kHz: (level in dBFS, seconds) one after another.
fn facts_of(levels: &[(f32, f64)]) -> Facts {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("levels.wav");
    let frames = levels.iter().flat_map(|&(level, secs)| {
        let gain = 10f32.powf(level / 20.0);
        (0..(secs * 8000.0) as usize).map(move |index| [gain * (TAU * index as f64 / 8.0).sin() as f32; 2])
    });
    write_wav(&path, 8_000, frames);
    examine(&path).unwrap()
}

#[test]
fn a_contour_tells_each_second() {
    let contour: Vec<(i16, i16)> = facts_of(&[(-20.0, 3.0), (-35.0, 2.0), (-20.0, 0.5)]).contour.into();
    let near = |one: i16, other: i16| one.abs_diff(other) <= 3;
    assert_eq!(contour.len(), 6, "five seconds and a half: {contour:?}");
    for (second, wanted) in [-200, -200, -200, -350, -350, -200].into_iter().enumerate() {
        assert!(near(contour[second].0, wanted), "second {second}: {contour:?}");
        assert!(near(contour[second].1, wanted) || second == 3, "second {second}: {contour:?}");
    }
    assert_eq!(
        Contour::from(contour)
            .loudness(TrackTime::at(Span::from_secs(90)), Span::from_secs(3))
            .map(|Lufs(l)| l.round()),
        Some(-20.0)
    );
}

#[test]
fn a_leap_after_a_quiet_minute_is_told_and_a_crescendo_is_not() {
    let rises = |levels: &[(f32, f64)]| facts_of(levels).rises;
    let leap = rises(&[(-45.0, 65.0), (-22.0, 30.0)]);
    let [rise] = leap[..] else { panic!("{leap:?}") };
    assert!(
        (rise.by_lu - 23.0).abs() < 0.5 && (rise.at - TrackTime::at(Span::from_secs(65))).abs() < Span::from_secs(1),
        "{rise:?}"
    );
    // Quiet since its beginning; but not after its own silence, which is not played.
    assert_eq!(rises(&[(-45.0, 8.0), (-22.0, 30.0)]).len(), 1);
    assert_eq!(rises(&[(-90.0, 8.0), (-22.0, 30.0)]), []);
    // The minute before had as loud a passage; the leap is small; it is slow; it leads to nothing loud.
    assert_eq!(rises(&[(-22.0, 20.0), (-45.0, 30.0), (-22.0, 30.0)]), []);
    assert_eq!(rises(&[(-35.0, 65.0), (-22.0, 30.0)]), []);
    let slow: Vec<(f32, f64)> = (0..30).map(|step| (-50.0 + step as f32, 0.5)).collect();
    assert_eq!(rises(&[&[(-50.0, 65.0)][..], &slow, &[(-20.0, 20.0)]].concat()), []);
    assert_eq!(rises(&[(-58.0, 65.0), (-40.0, 5.0), (-58.0, 10.0), (-20.0, 200.0)]).len(), 1);
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

/// A 16-bit WAV of this layout at this rate; `sample` gives a channel's sample at a frame.
fn write_layout(path: &Path, rate: u32, channels: u16, frames: u32, sample: impl Fn(u16, u32) -> f64) {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..frames {
        (0..channels).for_each(|channel| wav.write_sample((sample(channel, frame) * 32_767.0) as i16).unwrap());
    }
    wav.finalize().unwrap();
}

/// Mono to 7.1, each channel at full scale at once and by itself, at rates from 8 to 384 kHz: nothing clips, nothing is lost,
/// and every channel is heard where ITU-R BS.775 puts it.
#[test]
fn every_layout_at_every_rate_is_mixed_down_without_clipping() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layout.wav");
    // What each channel of the usual order (FL FR FC LFE BL BR) adds to left and right.
    const SHARES: [(f32, f32); 6] = [(1.0, 0.0), (0.0, 1.0), (0.707, 0.707), (0.0, 0.0), (0.707, 0.0), (0.0, 0.707)];
    for rate in [8_000, 44_100, 48_000, 96_000, 192_000, 384_000] {
        let sine = |frame: u32| (TAU * 250.0 * f64::from(frame) / f64::from(rate)).sin();
        for channels in 1..=8 {
            write_layout(&path, rate, channels, rate / 4, |_, frame| sine(frame));
            let heard = played(&path, 0);
            let peak = |heard: &[Frame], side: usize| {
                heard[2400..9600].iter().fold(0f32, |peak, frame| peak.max(frame[side].abs()))
            };
            let both = [peak(&heard, 0), peak(&heard, 1)];
            // A layout that is not the same on both sides is louder on one of them.
            let loudest = both[0].max(both[1]);
            assert!((0.99..=1.0005).contains(&loudest), "{channels} channels at {rate} Hz: {both:?}");
            if channels != 6 || rate > 48_000 {
                continue;
            }
            for (alone, share) in SHARES.iter().enumerate() {
                write_layout(
                    &path,
                    rate,
                    6,
                    rate / 4,
                    |channel, frame| if usize::from(channel) == alone { sine(frame) } else { 0.0 },
                );
                let heard = played(&path, 0);
                let scale = 1.0 / (1.0 + 2f32.sqrt());
                let near = |got: f32, wanted: f32| (got - wanted * scale).abs() < 0.002;
                assert!(
                    near(peak(&heard, 0), share.0) && near(peak(&heard, 1), share.1),
                    "channel {alone} at {rate} Hz"
                );
            }
        }
    }
}

/// Full-scale squares overshoot when they are resampled; the stream carries that over, and the limiter takes it, not a clip.
#[test]
fn what_resampling_adds_above_full_scale_is_not_clipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("square.wav");
    write_wav(&path, 44_100, (0..44_100).map(|frame| [if frame / 50 % 2 == 0 { 1.0 } else { -1.0 }; 2]));
    let heard = played(&path, 0);
    let peak = heard[2400..45_600].iter().fold(0f32, |peak, frame| peak.max(frame[0].abs()));
    let clipped = heard.windows(2).filter(|pair| pair[0][0] == pair[1][0] && pair[0][0].abs() >= 1.0).count();
    assert!((1.05..1.3).contains(&peak) && clipped == 0, "{peak}, {clipped} clipped");
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
