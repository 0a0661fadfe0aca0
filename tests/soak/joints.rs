//! When each joint is heard: the instant at which the piece that comes is as strong as the one that goes.

use std::f64::consts::TAU;

use undertone::record::Story;
use undertone::session::{Event, Verb};

use super::TONES;

/// Frames in a window of 20 ms.
const WINDOW: usize = 960;
/// Seconds in it.
const STEP: f64 = 0.02;
/// Joints are judged once every tone has been heard alone for so many windows: 50 s. Its full strength is the median of them; the
/// greatest would be that of two pieces of one tone which cross.
const ENOUGH: usize = 2_500;
/// A tone is alone when no other has more than this share of its power.
const ALONE: f64 = 0.01;
/// Two tones cross within this of the middle of a joint, in seconds.
const REACH: f64 = 1.9;

/// Follows the strength of each tone.
pub struct Joints {
    /// Sine and cosine of each tone in a window.
    waves: Vec<[[f64; 2]; TONES.len()]>,
    /// Products of the present window's samples with each tone's sine and cosine.
    sums: [[f64; 2]; TONES.len()],
    frames: usize,
    windows: u64,
    /// The strengths of each tone where it was alone, until they are enough.
    alone: [Vec<f64>; TONES.len()],
    /// The full strength of each tone, and since when it is known, in seconds.
    full: Option<([f64; TONES.len()], f64)>,
    /// The last window's strengths, as shares of the full ones.
    last: [f64; TONES.len()],
    /// When one tone became stronger than all others: seconds, and which.
    changes: Vec<(f64, usize)>,
}

impl Joints {
    pub fn new() -> Self {
        // Whole waves fit a window, so that each may begin anew.
        let wave = |frame: usize| {
            TONES.map(|tone| {
                let (sine, cosine) = (TAU * f64::from(tone) * frame as f64 / 48_000.0).sin_cos();
                [sine, cosine]
            })
        };
        let none = [0.0; TONES.len()];
        Self {
            waves: (0..WINDOW).map(wave).collect(),
            sums: [[0.0; 2]; TONES.len()],
            frames: 0,
            windows: 0,
            alone: Default::default(),
            full: None,
            last: none,
            changes: Vec::new(),
        }
    }

    /// Takes interleaved stereo; both channels are alike.
    pub fn hear(&mut self, samples: &[f32]) {
        for frame in samples.chunks_exact(2) {
            let sample = f64::from(frame[0]);
            for (wave, sums) in self.waves[self.frames].iter().zip(&mut self.sums) {
                *sums = [sums[0] + sample * wave[0], sums[1] + sample * wave[1]];
            }
            self.frames += 1;
            if self.frames == WINDOW {
                self.end_window();
            }
        }
    }

    fn end_window(&mut self) {
        let powers = self.sums.map(|[sine, cosine]| sine * sine + cosine * cosine);
        let Some((full, _)) = self.full else {
            self.learn(powers);
            self.begin_window();
            return;
        };
        let shares = std::array::from_fn(|tone| powers[tone] / full[tone]);
        let (was, is) = (strongest(&self.last), strongest(&shares));
        if was != is {
            // Between the middles of the two windows.
            let ahead = |shares: &[f64; TONES.len()]| shares[is] - shares[was];
            let part = -ahead(&self.last) / (ahead(&shares) - ahead(&self.last)).max(1e-12);
            self.changes.push(((self.windows as f64 - 0.5 + part) * STEP, is));
        }
        self.last = shares;
        self.begin_window();
    }

    fn begin_window(&mut self) {
        (self.sums, self.frames, self.windows) = (<_>::default(), 0, self.windows + 1);
    }

    fn learn(&mut self, powers: [f64; TONES.len()]) {
        let tone = strongest(&powers);
        let is_alone = powers.iter().enumerate().all(|(other, power)| other == tone || *power < ALONE * powers[tone]);
        if is_alone && self.alone[tone].len() < ENOUGH {
            self.alone[tone].push(powers[tone]);
        }
        if self.alone.iter().all(|strengths| strengths.len() == ENOUGH) {
            self.alone.iter_mut().for_each(|strengths| strengths.sort_by(f64::total_cmp));
            let median = |tone: usize| self.alone[tone][ENOUGH / 2];
            self.full = Some((std::array::from_fn(median), self.windows as f64 * STEP));
        }
    }

    /// How far the worst joint is from the journal, in seconds, and how many could be told.
    pub fn judge(&self, story: &Story) -> (f64, usize) {
        let (mut worst, mut count, mut length) = (0.0f64, 0, 0.0);
        let mut before = None;
        let Some((_, known)) = self.full else { return (0.0, 0) };
        for record in &story.records {
            match &record.event {
                // From here on all of it goes out, and soon nothing is heard of a joint.
                Event::Verb { verb: Verb::End, .. } => break,
                Event::Joint { length_s, .. } => length = *length_s,
                Event::Track { title, .. } => {
                    let tone = title.as_str().parse::<usize>().expect("pieces are called by numbers") % TONES.len();
                    let middle = record.t.since_start().secs_f64() + length / 2.0;
                    if before.replace(tone) != Some(tone) && middle > known + 2.0 * REACH {
                        let heard = self.changes.iter().filter(|(at, new)| *new == tone && (at - middle).abs() < REACH);
                        let off = heard.map(|(at, _)| (at - middle).abs()).fold(REACH, f64::min);
                        (worst, count) = (worst.max(off), count + 1);
                        if off > super::DRIFT {
                            let near = self.changes.iter().filter(|(at, _)| (at - middle).abs() < 10.0);
                            let near: Vec<_> = near.map(|(at, new)| (at - middle, *new)).collect();
                            eprintln!(
                                "joint at {middle:.2} s over {length} s to tone {tone} ({title}): changes {near:.2?}"
                            );
                        }
                    }
                }
                _ => {}
            }
        }
        (worst, count)
    }
}

fn strongest(shares: &[f64; TONES.len()]) -> usize {
    (0..TONES.len()).max_by(|one, other| shares[*one].total_cmp(&shares[*other])).unwrap_or(0)
}
