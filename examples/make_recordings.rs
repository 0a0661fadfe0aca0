//! Renders the recordings in `assets/recordings` as WAV: `cargo run --release --example make_recordings -- DIRECTORY`.
//!
//! Each piece is a few of our own generators, brought in and out by hand. `assets/make-recordings` runs this and encodes the
//! result. The same source gives the same pieces.
#![allow(clippy::print_stdout, reason = "a tool says what it made")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use ebur128::{EbuR128, Mode};
use hound::{SampleFormat, WavSpec, WavWriter};
use undertone::media::generator::{Recipe, Value};
use undertone::units::TrackTime;

const RATE: u32 = 48_000;
/// What every piece is brought to (EBU R 128).
const TARGET_LUFS: f64 = -23.0;
/// No piece may come nearer to full scale, dBTP.
const HIGHEST_PEAK: f64 = -6.0;

/// One generator in a piece.
struct Layer {
    generator: &'static str,
    seed: u64,
    /// TOML, as a playlist would say it.
    params: &'static [(&'static str, Param)],
    /// Seconds and dB; between them the gain moves smoothly, before the first and after the last it stays.
    score: &'static [(f64, f64)],
}

/// A parameter's value in a table.
enum Param {
    N(f64),
    T(&'static str),
}
use Param::{N, T};

/// One recording.
struct Piece {
    file: &'static str,
    seconds: f64,
    fade_in_s: f64,
    fade_out_s: f64,
    layers: &'static [Layer],
}

/// Silent, in a score.
const OFF: f64 = -60.0;

const PIECES: &[Piece] = &[
    // D, open. Waves come first; the chord is under them before it is noticed; bowls in the second half, and a hum of voices
    // behind them that is gone again before the waves are.
    Piece {
        file: "tide-in",
        seconds: 240.0,
        fade_in_s: 8.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "ocean",
                seed: 21,
                params: &[("pace", N(11.0)), ("brightness", N(0.35))],
                score: &[(0.0, -3.0), (70.0, -7.0), (180.0, -9.0), (240.0, -4.0)],
            },
            Layer {
                generator: "drone",
                seed: 22,
                params: &[("root", T("D2")), ("colour", T("open")), ("brightness", N(0.45)), ("movement", N(0.6))],
                score: &[(0.0, -18.0), (60.0, -5.0), (200.0, -4.0), (240.0, -10.0)],
            },
            Layer {
                generator: "bowls",
                seed: 23,
                params: &[("root", T("D3")), ("colour", T("open")), ("pace", N(9.0))],
                score: &[(50.0, OFF), (95.0, -7.0), (190.0, -6.0), (235.0, -16.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 24,
                params: &[("root", T("D3")), ("colour", T("open")), ("brightness", N(0.15))],
                score: &[(100.0, OFF), (150.0, -13.0), (190.0, -14.0), (228.0, OFF)],
            },
        ],
    },
    // A, suspended. Voices far away, one after another, over a low fifth that does not settle; a few small bowls.
    Piece {
        file: "first-light",
        seconds: 170.0,
        fade_in_s: 7.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "drone",
                seed: 31,
                params: &[("root", T("A1")), ("colour", T("suspended")), ("brightness", N(0.5)), ("movement", N(0.7))],
                score: &[(0.0, -5.0), (60.0, -6.0), (120.0, -4.0), (170.0, -7.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 32,
                params: &[("root", T("A2")), ("colour", T("suspended")), ("brightness", N(0.4)), ("movement", N(0.7))],
                score: &[(0.0, -20.0), (55.0, -6.0), (110.0, -2.5), (145.0, -5.0), (170.0, -14.0)],
            },
            Layer {
                generator: "bowls",
                seed: 33,
                params: &[("root", T("A3")), ("colour", T("open")), ("pace", N(10.0)), ("brightness", N(0.4))],
                score: &[(20.0, OFF), (80.0, -12.0), (170.0, -12.0)],
            },
        ],
    },
    // A, minor. A slow rise in three steps, each wider than the last, breathing all the while: the deep chord, a second one an
    // octave above it, then voices.
    Piece {
        file: "undertow",
        seconds: 270.0,
        fade_in_s: 8.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "drone",
                seed: 41,
                params: &[("root", T("A1")), ("colour", T("minor")), ("brightness", N(0.35)), ("movement", N(0.8))],
                score: &[(0.0, -5.0), (130.0, -3.0), (270.0, -5.0)],
            },
            Layer {
                generator: "drone",
                seed: 42,
                params: &[("root", T("A2")), ("colour", T("minor")), ("brightness", N(0.65)), ("movement", N(0.9))],
                score: &[(40.0, OFF), (110.0, -12.0), (200.0, -8.0), (270.0, -14.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 43,
                params: &[("root", T("A2")), ("colour", T("minor")), ("brightness", N(0.35)), ("movement", N(0.7))],
                score: &[(90.0, OFF), (170.0, -7.0), (220.0, -5.0), (265.0, -20.0)],
            },
            Layer {
                generator: "breath",
                seed: 44,
                params: &[("root", T("A1")), ("pace", N(5.0)), ("brightness", N(0.25))],
                score: &[(0.0, -9.0), (120.0, -11.0), (270.0, -9.0)],
            },
        ],
    },
    // D, minor. Wide and slow; a high and a low choir are the tide, everything else the water.
    Piece {
        file: "deep-water",
        seconds: 300.0,
        fade_in_s: 8.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "drone",
                seed: 51,
                params: &[("root", T("D2")), ("colour", T("minor")), ("brightness", N(0.4)), ("movement", N(0.9))],
                score: &[(0.0, -5.0), (150.0, -3.0), (300.0, -5.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 52,
                params: &[("root", T("D3")), ("colour", T("minor")), ("brightness", N(0.45)), ("movement", N(0.8))],
                score: &[(0.0, -14.0), (60.0, -4.0), (130.0, -8.0), (210.0, -2.5), (300.0, -14.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 53,
                params: &[("root", T("D2")), ("colour", T("open")), ("brightness", N(0.25))],
                score: &[(60.0, OFF), (130.0, -7.0), (175.0, -12.0), (250.0, -8.0), (295.0, -22.0)],
            },
            Layer {
                generator: "bowls",
                seed: 55,
                params: &[("root", T("D3")), ("colour", T("minor")), ("pace", N(12.0)), ("brightness", N(0.3))],
                score: &[(100.0, OFF), (160.0, -15.0), (230.0, -14.0), (285.0, OFF)],
            },
            Layer {
                generator: "brown-noise",
                seed: 54,
                params: &[("brightness", N(0.2)), ("movement", N(1.0))],
                score: &[(0.0, -14.0), (300.0, -14.0)],
            },
        ],
    },
    // F, major: the relative major of D minor. Warmth arrives with the third.
    Piece {
        file: "far-shore",
        seconds: 270.0,
        fade_in_s: 8.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "drone",
                seed: 61,
                params: &[("root", T("F2")), ("colour", T("open")), ("brightness", N(0.5))],
                score: &[(0.0, -4.0), (110.0, -9.0), (270.0, -12.0)],
            },
            Layer {
                generator: "drone",
                seed: 62,
                params: &[("root", T("F2")), ("colour", T("major")), ("brightness", N(0.55)), ("movement", N(0.7))],
                score: &[(30.0, OFF), (120.0, -4.0), (270.0, -5.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 63,
                params: &[("root", T("F2")), ("colour", T("major")), ("brightness", N(0.45)), ("movement", N(0.6))],
                score: &[(0.0, -16.0), (80.0, -8.0), (190.0, -4.0), (270.0, -10.0)],
            },
            Layer {
                generator: "bowls",
                seed: 64,
                params: &[("root", T("F3")), ("colour", T("major")), ("pace", N(7.0))],
                score: &[(70.0, OFF), (140.0, -10.0), (270.0, -9.0)],
            },
        ],
    },
    // D, open and plain: one chord near the ear that hardly moves. For coming back to the ground.
    Piece {
        file: "hearth",
        seconds: 165.0,
        fade_in_s: 5.0,
        fade_out_s: 7.0,
        layers: &[
            Layer {
                generator: "drone",
                seed: 71,
                params: &[("root", T("D2")), ("colour", T("open")), ("brightness", N(0.5)), ("movement", N(0.15))],
                score: &[(0.0, -2.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 72,
                params: &[("root", T("D3")), ("colour", T("open")), ("brightness", N(0.2)), ("movement", N(0.1))],
                score: &[(0.0, -12.0), (90.0, -10.0), (165.0, -12.0)],
            },
        ],
    },
    // G, major. Bowls over water that hardly moves.
    Piece {
        file: "still-water",
        seconds: 240.0,
        fade_in_s: 6.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "bowls",
                seed: 81,
                params: &[("root", T("G3")), ("colour", T("major")), ("pace", N(8.0)), ("brightness", N(0.45))],
                score: &[(0.0, -3.0), (120.0, -2.0), (240.0, -4.0)],
            },
            Layer {
                generator: "drone",
                seed: 82,
                params: &[("root", T("G1")), ("colour", T("open")), ("brightness", N(0.5)), ("movement", N(0.5))],
                score: &[(0.0, -8.0), (120.0, -6.0), (240.0, -8.0)],
            },
            Layer {
                generator: "choir-pad",
                seed: 84,
                params: &[("root", T("G2")), ("colour", T("major")), ("brightness", N(0.2)), ("movement", N(0.4))],
                score: &[(60.0, OFF), (130.0, -14.0), (190.0, -13.0), (232.0, OFF)],
            },
            Layer {
                generator: "rain",
                seed: 83,
                params: &[("brightness", N(0.1)), ("density", N(0.2))],
                score: &[(0.0, -16.0), (100.0, -20.0), (240.0, -15.0)],
            },
        ],
    },
    // C, major. Voices at rest; bowls like light through leaves.
    Piece {
        file: "amber",
        seconds: 240.0,
        fade_in_s: 8.0,
        fade_out_s: 8.0,
        layers: &[
            Layer {
                generator: "choir-pad",
                seed: 91,
                params: &[("root", T("C3")), ("colour", T("major")), ("brightness", N(0.45)), ("movement", N(0.6))],
                score: &[(0.0, -8.0), (80.0, -4.0), (160.0, -7.0), (240.0, -6.0)],
            },
            Layer {
                generator: "drone",
                seed: 92,
                params: &[("root", T("C2")), ("colour", T("major")), ("brightness", N(0.5)), ("movement", N(0.5))],
                score: &[(0.0, -4.0), (120.0, -6.0), (240.0, -4.0)],
            },
            Layer {
                generator: "bowls",
                seed: 93,
                params: &[("root", T("C4")), ("colour", T("major")), ("pace", N(6.0)), ("brightness", N(0.4))],
                score: &[(0.0, -14.0), (100.0, -9.0), (240.0, -11.0)],
            },
        ],
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("name a directory for the WAV files")?;
    std::fs::create_dir_all(&directory)?;
    for piece in PIECES {
        let mut sound = piece.mix()?;
        let (loudness, _) = measure(&sound)?;
        let gain = 10f64.powf((TARGET_LUFS - loudness) / 20.0) as f32;
        sound.iter_mut().for_each(|sample| *sample *= gain);
        let (loudness, peak) = measure(&sound)?;
        println!("{:12} {:5.1} LUFS {:6.1} dBTP", piece.file, loudness, peak);
        if peak > HIGHEST_PEAK {
            return Err(format!("{} peaks at {peak:.1} dBTP; bring its layers down", piece.file).into());
        }
        write(&Path::new(&directory).join(piece.file).with_extension("wav"), &sound)?;
    }
    Ok(())
}

impl Piece {
    /// The layers together, faded at both ends.
    fn mix(&self) -> Result<Vec<f32>, Box<dyn Error>> {
        let frames = (self.seconds * f64::from(RATE)) as usize;
        let mut sound = vec![0f32; frames * 2];
        for layer in self.layers {
            for (n, (sample, source)) in sound.iter_mut().zip(layer.recipe()?.source(TrackTime::ZERO)).enumerate() {
                *sample += source * layer.gain_at((n / 2) as f64 / f64::from(RATE));
            }
        }
        for (n, sample) in sound.iter_mut().enumerate() {
            let seconds = (n / 2) as f64 / f64::from(RATE);
            *sample *= smooth(seconds / self.fade_in_s) * smooth((self.seconds - seconds) / self.fade_out_s);
        }
        Ok(sound)
    }
}

impl Layer {
    fn recipe(&self) -> Result<Recipe, Box<dyn Error>> {
        let value = |param: &Param| match param {
            N(number) => Value::Number(*number),
            T(text) => Value::Text((*text).to_owned()),
        };
        let params: BTreeMap<_, _> =
            self.params.iter().map(|(name, param)| ((*name).to_owned(), value(param))).collect();
        Recipe::new(self.generator, self.seed, &params).map_err(|wrong| wrong[0].to_string().into())
    }

    fn gain_at(&self, seconds: f64) -> f32 {
        let after = self.score.partition_point(|(at, _)| *at <= seconds);
        let decibels = match (after.checked_sub(1).map(|n| self.score[n]), self.score.get(after)) {
            (Some((_, last)), None) => last,
            (None, Some((_, first))) => *first,
            (Some((begin, from)), Some((end, to))) => {
                from + (to - from) * f64::from(smooth((seconds - begin) / (end - begin)))
            }
            (None, None) => OFF,
        };
        if decibels <= OFF { 0.0 } else { 10f64.powf(decibels / 20.0) as f32 }
    }
}

/// From 0 to 1 with a soft beginning and a soft end.
fn smooth(part: f64) -> f32 {
    (0.5 - 0.5 * (std::f64::consts::PI * part.clamp(0.0, 1.0)).cos()) as f32
}

/// Integrated loudness and true peak.
fn measure(sound: &[f32]) -> Result<(f64, f64), ebur128::Error> {
    let mut meter = EbuR128::new(2, RATE, Mode::I | Mode::TRUE_PEAK)?;
    meter.add_frames_f32(sound)?;
    let peak = meter.true_peak(0)?.max(meter.true_peak(1)?);
    Ok((meter.loudness_global()?, 20.0 * peak.log10()))
}

/// 16 bit with triangular dither, so that the fades end in silence and not in a buzz.
fn write(path: &Path, sound: &[f32]) -> Result<(), hound::Error> {
    let spec = WavSpec { channels: 2, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut writer = WavWriter::create(path, spec)?;
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut even = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    for sample in sound {
        writer.write_sample((sample * 32_767.0 + even() - even()).round() as i16)?;
    }
    writer.finalize()
}
