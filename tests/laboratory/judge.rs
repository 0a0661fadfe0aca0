//! The sound rules, held against what was rendered of a case.

use undertone::audio::Curve;

use super::case::{Case, Part, Segment, ticks};
use super::lanes::TICK;
use super::measure::{gains, largest_step, true_peak};
use super::rig::sharpest;

/// The limiter's block: sound comes out this much later.
const LATE: usize = 64;
/// dBTP.
const CEILING: f64 = -3.0;
/// What the safe bed adds to a step, where it sounds.
const BED_STEP: f64 = 0.004;
/// Below this nothing is compared, in dB: the engine's -60 dB is silence.
const FAINT: f64 = -45.0;

/// The worst that was found.
#[derive(Clone, Debug)]
pub struct Worst {
    pub true_peak: f64,
    /// Above the signal's own.
    pub step: f64,
    /// dB from what the sum of all pieces should be.
    pub sum: f64,
    /// dB in a tenth of a second.
    pub rise: f64,
    /// Times the tone's own.
    pub bend: f64,
    /// How many gains were compared.
    pub compared: usize,
}

impl Worst {
    pub const NOTHING: Self = Self { true_peak: -100.0, step: -1.0, sum: 0.0, rise: 0.0, bend: 0.0, compared: 0 };

    pub fn with(self, other: &Self) -> Self {
        Self {
            true_peak: self.true_peak.max(other.true_peak),
            step: self.step.max(other.step),
            sum: self.sum.max(other.sum),
            rise: self.rise.max(other.rise),
            bend: self.bend.max(other.bend),
            compared: self.compared + other.compared,
        }
    }
}

/// Renders and judges a case.
pub fn judge(case: &Case) -> Result<Worst, String> {
    let segments = case.rendered();
    let mut worst = Worst::NOTHING;
    for segment in &segments {
        // The first block after skipped time is from before it.
        let sound = &segment.sound[LATE..];
        if sound.as_flattened().iter().any(|sample| !sample.is_finite()) {
            return Err("what comes out is not all numbers".into());
        }
        worst.true_peak = worst.true_peak.max(true_peak(sound));
        if worst.true_peak > CEILING + 0.1 {
            return Err(format!("a true peak of {:.2} dBTP", worst.true_peak));
        }
        if let Some(own) = own_step(case) {
            worst.step = worst.step.max(f64::from(largest_step(sound)) - own);
            if worst.step > 0.001 {
                return Err(format!("a step of {:.4} above the signal's own {own:.4}", worst.step));
            }
        }
        if let Some(own) = own_bend(case) {
            worst.bend = worst.bend.max(f64::from(sharpest(sound)) / own);
            if worst.bend > 1.5 {
                return Err(format!("a corner {:.2} times as sharp as the tone's own", worst.bend));
            }
        }
    }
    // What the limiter and the guards have touched has gains of its own.
    let untouched = |part: &Part| !part.material.broken && !part.material.excessive;
    if worst.true_peak < CEILING - 1.5 && case.parts.iter().all(untouched) {
        compare_gains(case, &segments, &mut worst)?;
    }
    Ok(worst)
}

/// The largest step that the pieces themselves make at the lanes' highest; unknown if they are not all numbers.
fn own_step(case: &Case) -> Option<f64> {
    let known = case.parts.iter().all(|part| !part.material.broken);
    // Gains whose squares sum to one: Cauchy and Schwarz.
    let squares = case.parts.iter().map(|part| (f64::from(part.material.step) * part.trim()).powi(2));
    let bed = if case.parts.iter().any(|part| part.runs_out.is_some()) { BED_STEP } else { 0.0 };
    known.then(|| highest(case) * squares.sum::<f64>().sqrt() + bed)
}

/// The sharpest corner of a single tone.
fn own_bend(case: &Case) -> Option<f64> {
    let [part] = &case.parts[..] else { return None };
    let hz = part.material.tone.filter(|hz| *hz == 220.0)?;
    Some(0.4 * part.trim() * highest(case) * (std::f64::consts::TAU * hz / 48_000.0).powi(2))
}

/// The lanes' highest gain.
fn highest(case: &Case) -> f64 {
    let (_, path) = case.lanes();
    10f64.powf(path.into_iter().fold(-60.0, f64::max) / 20.0)
}

/// Finds the pieces in the sound, and holds the sum of their gains against the lanes.
fn compare_gains(case: &Case, segments: &[Segment], worst: &mut Worst) -> Result<(), String> {
    let (origin, lanes) = case.lanes();
    let mut found: Vec<(i64, f64)> = Vec::new();
    for segment in segments {
        let from = found.len();
        // The last tick is cut off by the limiter's block.
        for (number, sound) in segment.sound[LATE..].chunks_exact(TICK as usize).enumerate() {
            let tick = segment.from + number as i64;
            let near = |by: i64| lanes[(tick - origin + by).clamp(0, lanes.len() as i64 - 1) as usize];
            let (before, now, after) = (near(-2), (near(-1) + near(0)) / 2.0, near(2));
            // Nor where the gain falls so quickly that its mean over a tick says little.
            if now < FAINT || before.min(after) < FAINT || before - after > 3.0 {
                continue;
            }
            let Some(level) = level(case, tick, sound) else { continue };
            // Corners are rounded, and a tick is only known by its mean.
            let off = ((level - now).abs() - (after - before).abs() / 2.0).max(0.0);
            worst.sum = worst.sum.max(off);
            worst.compared += 1;
            if off > 0.5 {
                return Err(format!("{level:.2} dB instead of {now:.2} dB at tick {tick}"));
            }
            found.push((tick, level));
        }
        rises(&found[from..], worst)?;
    }
    without_a_key(case, &found)
}

/// No faster than 12 dB/s, over a tenth of a second.
fn rises(found: &[(i64, f64)], worst: &mut Worst) -> Result<(), String> {
    let tenth = ticks(0.1);
    for pair in found.windows(tenth as usize + 1) {
        let [(from, low), (to, high)] = [pair[0], pair[tenth as usize]];
        if to - from == tenth {
            worst.rise = worst.rise.max(high - low);
            if high - low > 1.2 + 0.2 {
                return Err(format!("a rise of {:.2} dB in a tenth of a second from tick {from}", high - low));
            }
        }
    }
    Ok(())
}

/// No more than 3 dB in 10 s where nothing was asked for.
fn without_a_key(case: &Case, found: &[(i64, f64)]) -> Result<(), String> {
    if case.deeds.iter().any(|deed| deed.at > 0) {
        return Ok(());
    }
    let low = found.iter().map(|(_, level)| *level).fold(f64::INFINITY, f64::min);
    match (found.first(), found.last()) {
        (Some((from, _)), Some((to, high))) if high - low > 0.5 + 3.0 * (to - from) as f64 / ticks(10.0) as f64 => {
            Err(format!("a rise of {:.2} dB that nobody asked for", high - low))
        }
        _ => Ok(()),
    }
}

/// The gain of all pieces together in dB, relative to their trims; `None` where it cannot be known.
fn level(case: &Case, tick: i64, sound: &[[f32; 2]]) -> Option<f64> {
    let frames = tick * TICK as i64..(tick + 1) * TICK as i64;
    let begun = case.parts.iter().filter(|part| part.begins <= tick).count();
    let latest = &case.parts[begun - 1];
    // A new joint sends all others on their way anew; when it is over, they have left.
    let since = if tick > latest.begins + latest.over { begun - 1 } else { 0 };
    let heard = &case.parts[since..begun];
    // The safe bed comes in while a second is left of a piece.
    if heard.iter().any(|part| part.runs_out.is_some_and(|end| tick + ticks(1.1) >= end)) {
        return None;
    }
    let trimmed = |part: &Part| {
        let trim = part.trim() as f32;
        frames.clone().map(|frame| part.frame(frame).map(|sample| sample * trim)).collect()
    };
    let pieces: Vec<Vec<[f32; 2]>> = heard.iter().map(trimmed).collect();
    let shares = gains(sound, &pieces)?.into_iter();
    let sum = match case.curve {
        Curve::EqualPower => shares.map(|share| share * share).sum::<f64>().sqrt(),
        Curve::EqualGain => shares.sum(),
    };
    Some(20.0 * sum.max(1e-6).log10())
}
