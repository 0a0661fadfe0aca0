//! The rows that are measured here, by what breaks.

pub(super) mod clocks;
pub(super) mod crashes;
pub(super) mod files;
pub(super) mod journal;
pub(super) mod keys;
pub(super) mod levels;
pub(super) mod memory;
pub(super) mod mute;
pub(super) mod outputs;
pub(super) mod panel;
pub(super) mod paths;
pub(super) mod power;
pub(super) mod signals;
pub(super) mod socket;
pub(super) mod stalls;

use std::time::{Duration, Instant};

use super::bench::Bench;
use super::checks::{Checks, Trouble};
use super::ear::Ear;
use super::meter::{Window, loudest, steepest_rise};
use super::rig::FULL;

/// Where sound is again within seconds, in dBFS; the last 20 dB come by themselves over a minute.
const BACK: f32 = FULL - 21.0;

/// From here on a rise is judged, in dBFS: what lies lower is not heard.
const HEARD_FROM: f32 = -75.0;
/// How much a level may rise in a second, in dB: the sound rule, and what windows of 50 ms add to it.
const RISE: f64 = 12.0 + 1.0;
/// What a busy machine itself may tear into a recording; whoever hears less than this hears nothing.
const NO_GAP: Duration = Duration::from_millis(100);

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Waits until sound has come back as far as it does by itself within seconds (the last 20 dB take a minute), and judges how:
/// in this time, softly, and never louder than it was.
fn returns(
    checks: &mut Checks,
    ear: &Ear,
    bench: &Bench,
    (since, mark): (Instant, usize),
    limit: Duration,
    before: f32,
) -> Result<(), Trouble> {
    bench.wait(since, "it sounds again", || ear.comes_up(mark).is_some())?;
    let Some((at, place)) = ear.comes_up(mark) else { return Err(Trouble::failed("it does not sound again")) };
    checks.within("sounds again after", at.saturating_duration_since(since), limit);
    bench.wait(since, "it is up again", || ear.level() > BACK)?;
    bench.rest(ms(1000))?;
    comes_back_softly(checks, &ear.since(place), before);
    Ok(())
}

/// Sound that comes back comes softly, and never louder than it was.
fn comes_back_softly(checks: &mut Checks, heard: &[Window], before: f32) {
    checks.at_most("steepest rise", f64::from(steepest_rise(heard, HEARD_FROM)), RISE, "dB/s");
    checks.at_most("loudest against before", f64::from(loudest(heard) - before), 1.0, "dB");
}
