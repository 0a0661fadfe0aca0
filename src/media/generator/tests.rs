//! What every generator promises, measured on its sound.

use std::collections::BTreeMap;

use ebur128::{EbuR128, Mode};

use super::*;
use crate::units::{ENGINE_RATE_HZ, TrackTime};

const RATE: usize = ENGINE_RATE_HZ as usize;

/// Some stereo sound, interleaved.
struct Take(Vec<f32>);

impl Take {
    fn of(recipe: &Recipe, from: Span, seconds: usize) -> Self {
        Self(recipe.source(TrackTime::ZERO + from).take(seconds * RATE * 2).collect())
    }

    fn loudness(&self) -> f64 {
        loudness_of(&self.0)
    }

    fn peak(&self) -> f64 {
        let mut meter = EbuR128::new(2, ENGINE_RATE_HZ, Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(&self.0).unwrap();
        20.0 * meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap()).log10()
    }

    fn channel(&self, side: usize) -> impl Iterator<Item = f64> {
        self.0.iter().skip(side).step_by(2).map(|sample| f64::from(*sample))
    }

    fn correlation(&self) -> f64 {
        let dot =
            |one: usize, other: usize| self.channel(one).zip(self.channel(other)).map(|(a, b)| a * b).sum::<f64>();
        dot(0, 1) / (dot(0, 0) * dot(1, 1)).sqrt()
    }

    /// How much quieter it is when both channels are joined into one, in LU, in the worst minute.
    fn lost_in_mono(&self) -> f64 {
        let lost = |minute: &[f32]| {
            let joined: Vec<f32> = minute.chunks_exact(2).flat_map(|pair| [(pair[0] + pair[1]) / 2.0; 2]).collect();
            loudness_of(minute) - loudness_of(&joined)
        };
        self.0.chunks(2 * 60 * RATE).map(lost).fold(f64::MIN, f64::max)
    }

    /// The constant part, in dBFS.
    fn dc(&self) -> f64 {
        [0, 1].map(|side| 20.0 * (self.channel(side).sum::<f64>() * 2.0 / self.0.len() as f64).abs().log10())[0]
    }

    /// The sharpest bend of the waveform beside the usual one: a click is hundreds.
    fn sharpest_bend(&self) -> f64 {
        let left: Vec<f64> = self.channel(0).collect();
        let bends = || left.windows(3).map(|three| three[2] - 2.0 * three[1] + three[0]);
        let usual = (bends().map(|bend| bend * bend).sum::<f64>() / left.len() as f64).sqrt();
        bends().fold(0.0, |most: f64, bend| most.max(bend.abs())) / usual
    }

    /// How far any second stands above the minute before it, in LU.
    fn steepest_rise(&self) -> f64 {
        let power: Vec<f64> = self.0.chunks(2 * RATE).map(|second| 10f64.powf(loudness_of(second) / 10.0)).collect();
        let rise = |n: usize| 10.0 * (power[n] / (power[n - 60..n].iter().sum::<f64>() / 60.0)).log10();
        (60..power.len()).map(rise).fold(f64::MIN, f64::max)
    }

    /// The largest difference from another take, in dB beside this one's own mean.
    fn difference(&self, other: &Self) -> f64 {
        let power = self.0.iter().map(|sample| sample * sample).sum::<f32>() / self.0.len() as f32;
        let most = self.0.iter().zip(&other.0).fold(0f32, |most, (a, b)| most.max((a - b).abs()));
        20.0 * f64::from(most / power.sqrt()).log10()
    }
}

fn loudness_of(sound: &[f32]) -> f64 {
    let mut meter = EbuR128::new(2, ENGINE_RATE_HZ, Mode::I).unwrap();
    meter.add_frames_f32(sound).unwrap();
    meter.loudness_global().unwrap()
}

fn recipe(name: &str, seed: u64, params: &[(&str, Value)]) -> Recipe {
    let params = params.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Recipe::new(name, seed, &params).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A session's worth of promises over ten minutes.
fn check(name: &str) {
    let take = Take::of(&recipe(name, 7, &[]), Span::ZERO, 600);
    let rise = take.steepest_rise();
    assert!(rise < 3.5, "{name} rises by {rise:.2} LU within a second");
    assert!((take.loudness() - LOUDNESS.0).abs() < 1.0, "{name} is at {:.2} LUFS", take.loudness());
    assert!(take.peak() < PEAK.0, "{name} peaks at {:.1} dBFS", take.peak());
    assert!((0.2..0.9).contains(&take.correlation()), "{name}'s channels correlate by {:.2}", take.correlation());
    assert!(take.lost_in_mono() < 2.5, "{name} loses {:.1} LU on one loudspeaker", take.lost_in_mono());
    assert!(take.dc() < -60.0, "{name} has a constant part of {:.0} dBFS", take.dc());
    assert!(take.sharpest_bend() < 16.0, "{name} clicks: {:.0}", take.sharpest_bend());
}

#[test]
fn a_drone_is_level_wide_and_never_sudden() {
    check("drone");
}
#[test]
fn bowls_are_level_wide_and_never_sudden() {
    check("bowls");
}
#[test]
fn a_choir_is_level_wide_and_never_sudden() {
    check("choir-pad");
}
#[test]
fn breath_is_level_wide_and_never_sudden() {
    check("breath");
}
#[test]
fn the_ocean_is_level_wide_and_never_sudden() {
    check("ocean");
}
#[test]
fn rain_is_level_wide_and_never_sudden() {
    check("rain");
}
#[test]
fn brown_noise_is_level_wide_and_never_sudden() {
    check("brown-noise");
}
#[test]
fn pink_noise_is_level_wide_and_never_sudden() {
    check("pink-noise");
}

#[test]
fn a_seed_gives_the_same_sound_and_another_seed_another() {
    for info in GENERATORS {
        let take = |seed: u64| Take::of(&recipe(info.name, seed, &[]), Span::from_mins(7), 3);
        assert_eq!(take(3).0, take(3).0, "{}", info.name);
        assert!(take(3).difference(&take(4)) > -6.0, "{}", info.name);
    }
}

/// Ten hours in, a piece is the music it would have become, and goes on without a seam.
#[test]
fn a_piece_joined_anywhere_is_the_piece() {
    for info in GENERATORS {
        let recipe = recipe(info.name, 11, &[]);
        let late = Span::from_secs(36_000);
        let early = Take::of(&recipe, late - Span::from_millis(6_789), 10);
        let joined = Take::of(&recipe, late, 3);
        let same = Take(early.0[6_789 * 96..][..joined.0.len()].to_vec());
        let difference = same.difference(&joined);
        assert!(difference < -50.0, "{} differs by {difference:.0} dB", info.name);
    }
}

/// A block is rendered by itself; where it meets the next one, ten hours in, the sound bends no more than anywhere else.
#[test]
fn blocks_meet_without_a_seam_in_the_tenth_hour() {
    for info in GENERATORS {
        let blocks = 900;
        let late = Span::from_secs(36_000 - 10);
        let take = Take::of(&recipe(info.name, 13, &[]), late, (blocks + 1) * BLOCK / RATE + 1);
        // The take begins on the generator's own clock at `ORIGIN`: so many frames before its next block.
        let begins = (crate::units::Frames::of(late).0 + crate::units::Frames::of(ORIGIN).0) as usize;
        let first = (BLOCK - begins % BLOCK) % BLOCK;
        let left: Vec<f64> = take.channel(0).skip(first).take(blocks * BLOCK).collect();
        let (mut edge, mut middle) = ((0.0, 0), (0.0, 0));
        for (n, three) in left.windows(3).enumerate() {
            // The bends that have frames of two blocks in them.
            let sum = if n % BLOCK >= BLOCK - 2 { &mut edge } else { &mut middle };
            *sum = (sum.0 + (three[2] - 2.0 * three[1] + three[0]).powi(2), sum.1 + 1);
        }
        let [edge, middle] = [edge, middle].map(|(sum, count)| (sum / f64::from(count)).sqrt());
        assert!((0.85..1.15).contains(&(edge / middle)), "{}: {:.3} beside the middle", info.name, edge / middle);
    }
}

/// The drone and the choir are not one sound held for ten minutes: from one half minute to another the balance of deep and
/// high changes, and the notes that are heard do.
#[test]
fn what_stands_still_at_a_glance_changes_over_minutes() {
    for (name, least) in [("drone", 1.3), ("choir-pad", 1.1)] {
        let take = Take::of(&recipe(name, 7, &[]), Span::ZERO, 600);
        let centres: Vec<f64> = take.0.chunks(2 * 30 * RATE).map(centre_hz).collect();
        let (low, high) = centres.iter().fold((f64::MAX, 0f64), |(low, high), hz| (low.min(*hz), high.max(*hz)));
        assert!(high / low > least, "{name} stays between {low:.0} and {high:.0} Hz");
    }
}

/// Where the sound has its centre: the frequency of a sine that would be as steep for its strength.
fn centre_hz(sound: &[f32]) -> f64 {
    let left = || sound.iter().step_by(2).map(|sample| f64::from(*sample));
    let steep: f64 = left().zip(left().skip(1)).map(|(one, next)| (next - one).powi(2)).sum();
    let power: f64 = left().map(|sample| sample * sample).sum();
    (steep / power).sqrt() * RATE as f64 / std::f64::consts::TAU
}

/// No minute of an hour sounds like another: what is alike is only the noise of the measurement.
#[test]
fn nothing_comes_round_again() {
    for info in GENERATORS {
        let recipe = recipe(info.name, 5, &[]);
        let second = |minute: i64| Take::of(&recipe, Span::from_mins(minute), 1);
        let first = second(0);
        for minute in [1, 2, 5, 17, 30, 60] {
            assert!(first.difference(&second(minute)) > -10.0, "{} repeats after {minute} min", info.name);
        }
    }
}

#[test]
fn loudness_and_peak_are_known_at_the_ends_of_every_parameter() {
    for info in GENERATORS {
        for param in info.params {
            let ends = match param.kind {
                ParamKind::Number { least, most, .. } => vec![Value::Number(least), Value::Number(most)],
                ParamKind::Note { .. } => vec![text("C1"), text("A1"), text("F2"), text("A3"), text("F#4")],
                ParamKind::Choice { options, .. } => options.iter().copied().map(text).collect(),
            };
            for end in ends {
                let take = Take::of(&recipe(info.name, 2, &[(param.name, end.clone())]), Span::from_mins(3), 60);
                let (name, key, loudness, peak) = (info.name, param.name, take.loudness(), take.peak());
                assert!((loudness - LOUDNESS.0).abs() < 1.0, "{name}, {key} {end:?}: {loudness:.2} LUFS");
                assert!(peak < -6.0, "{name}, {key} {end:?}: {peak:.1} dBFS");
            }
        }
    }
}

/// The mean over roots and seeds; where it is off, an instrument's `MEASURED` is to be multiplied by its power ratio.
#[test]
#[ignore = "prints what `MEASURED` of the bowls and the choir is taken from"]
fn loudness_over_fourteen_roots() {
    for name in ["bowls", "choir-pad"] {
        let mut all = Vec::new();
        for root in ["C1", "A1", "D2", "F2", "A2", "C3", "D3", "E3", "F3", "G3", "A3", "C4", "F#4", "A4"] {
            let takes =
                [1, 2].map(|seed| Take::of(&recipe(name, seed, &[("root", text(root))]), Span::from_mins(3), 60));
            let loudness = takes.map(|take| take.loudness());
            println!("{name} {root}: {loudness:.2?}");
            all.extend(loudness);
        }
        let power = all.iter().map(|loudness| 10f64.powf(loudness / 10.0)).sum::<f64>() / all.len() as f64;
        println!("{name}: {:.2} LUFS, power {:.3}", 10.0 * power.log10(), power / 10f64.powf(LOUDNESS.0 / 10.0));
    }
}

#[test]
fn the_safe_bed_is_quiet_even_and_the_same_every_time() {
    let take = |mut bed: SafeBed| Take((0..60 * RATE).flat_map(|_| bed.frame()).collect());
    let (first, second) = (take(SafeBed::new()), take(SafeBed::default()));
    assert_eq!(first.0, second.0);
    assert!((first.loudness() - SafeBed::LOUDNESS.0).abs() < 1.0, "{:.2} LUFS", first.loudness());
    assert!(first.peak() < -18.0, "{:.1} dBFS", first.peak());
    assert!(first.0[..960].iter().any(|sample| *sample != 0.0), "it sounds from its first frame");
}

#[test]
fn a_request_is_refused_in_words_and_all_at_once() {
    let check = |name: &str, params: &[(&str, Value)], expected: &[&str]| {
        let params: BTreeMap<_, _> = params.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let said: Vec<String> = Recipe::new(name, 1, &params).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(said, expected);
    };
    check(
        "dron",
        &[],
        &[
            "there is no generator \"dron\"; there are drone, bowls, choir-pad, breath, ocean, rain, brown-noise, pink-noise",
        ],
    );
    check(
        "drone",
        &[
            ("root", text("H2")),
            ("colour", text("blue")),
            ("brightness", Value::Number(1.5)),
            ("speed", Value::Number(1.0)),
        ],
        &[
            "\"H2\" is not a note; write a letter and an octave, such as \"D2\" or \"Bb1\"",
            "\"colour\" is one of open, major, minor, suspended",
            "\"brightness\" is a number from 0 to 1",
            "the generator \"drone\" has no \"speed\"; it has root, colour, brightness, movement",
        ],
    );
    check("drone", &[("root", text("C7"))], &["\"C7\" is out of reach; \"root\" is between A0 and A4"]);
    check("drone", &[("root", Value::Number(2.0))], &["\"root\" is a note in quotes, such as \"D2\""]);
    check("ocean", &[("pace", Value::Number(1.0))], &["\"pace\" is a number from 6 to 16 seconds"]);
    check("rain", &[("density", text("much"))], &["\"density\" is a number from 0 to 1"]);
    check("rain", &[("density", Value::Number(f64::NAN))], &["\"density\" is a number from 0 to 1"]);
}
