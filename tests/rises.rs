//! How quickly sound may rise: the first of a session, out of a silence, out of a quiet minute, out of the limiter. Offline.

#[path = "sound/rig.rs"]
mod rig;

use std::collections::BTreeMap;

use rig::{Rig, SECOND, between, largest, noise, piece, rms, sine};
use undertone::audio::{Command, Curve, Ease, Event, Lane};
use undertone::media::generator::{GENERATORS, LOUDNESS, Recipe};
use undertone::units::{Decibels, Frames, Ticket, TrackTime};

const ENDLESS: u64 = u64::MAX;

// First sound

#[test]
fn the_first_sound_rises_from_nothing_no_faster_than_twelve_decibels_a_second() {
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, sine(440.0, 0.5)), None);
    rig.cross(1, 2.0);
    rig.run(7.0);
    let level = |at: f64| rms(between(&rig.sound, at, at + 0.1));
    let full = level(6.0);
    assert!((full + 9.03).abs() < 0.1, "{full}");
    assert!(level(0.0) < full - 58.0, "{}", level(0.0));
    for tenth in 1..59 {
        let rise = level(f64::from(tenth) * 0.1 + 0.1) - level(f64::from(tenth) * 0.1);
        assert!(rise <= 1.21, "{rise:.2} dB in the {tenth}th tenth of a second");
    }
    assert_eq!(rig.events[1], Event::Started { ticket: Ticket(1) });
}

#[test]
fn a_longer_first_crossfade_rises_over_eight_seconds_and_no_longer() {
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, sine(440.0, 0.5)), None);
    rig.cross(1, 20.0);
    rig.run(9.0);
    assert!((rms(between(&rig.sound, 3.95, 4.05)) + 39.0).abs() < 1.0, "half way in dB");
    assert!((rms(between(&rig.sound, 8.1, 8.9)) + 9.03).abs() < 0.1);
}

/// The largest rise within a tenth of a second, where anything is heard.
fn fastest_rise(sound: &[[f32; 2]]) -> f64 {
    let levels: Vec<f64> = sound.chunks_exact(480).map(rms).collect();
    let rises = levels.windows(11).filter(|tenth| tenth[0] > -70.0).map(|tenth| tenth[10] - tenth[0]);
    rises.fold(0.0, f64::max)
}

#[test]
fn out_of_a_silence_too_and_whatever_the_silence_is() {
    let quiet_start = |number: u64| if number < 9 * SECOND { [0.0; 2] } else { [0.3, -0.3] };
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, quiet_start), None);
    rig.cross(1, 2.0);
    rig.run(16.0);
    let rise = fastest_rise(&rig.sound);
    assert!(rise <= 1.25, "a recording that begins with silence: {rise:.2} dB in a tenth of a second");
    assert!((rms(between(&rig.sound, 15.0, 16.0)) + 10.46).abs() < 0.1);

    rig.load(2, piece(ENDLESS, |_| [0.0; 2]), None);
    rig.load(3, piece(ENDLESS, sine(441.0, 0.3)), None);
    rig.cross(2, 2.0);
    rig.run(4.0);
    rig.cross(3, 2.0);
    rig.sound.clear();
    rig.run(8.0);
    let rise = fastest_rise(&rig.sound);
    assert!(rise <= 1.25, "a piece after an intended silence: {rise:.2} dB in a tenth of a second");
}

/// Found by a seeded session: an engine that was started again in an intended silence was heard for a moment, at -82 dBFS.
#[test]
fn what_begins_in_a_silence_is_silent_from_its_first_sample() {
    let mut rig = Rig::new();
    rig.ramp(Lane::Presence, Some(-60.0), -60.0, 8.0);
    rig.load(1, piece(ENDLESS, sine(440.0, 0.5)), None);
    rig.cross(1, 2.0);
    rig.run(3.0);
    assert_eq!(largest(&rig.sound), 0.0);
}

/// Found by a seeded session: the silence between two pieces lasted as long as its crossfades and no longer.
#[test]
fn out_of_a_silence_that_was_over_at_once_too() {
    for silence in [2.999, 3.0, 3.2, 3.9] {
        let mut rig = Rig::playing(piece(ENDLESS, sine(440.0, 0.3)));
        rig.load(2, piece(ENDLESS, |_| [0.0; 2]), None);
        rig.load(3, piece(ENDLESS, sine(660.0, 0.3)), None);
        rig.cross(2, 3.0);
        rig.run(silence);
        rig.cross(3, 3.0);
        rig.sound.clear();
        rig.run(9.0);
        let rise = fastest_rise(&rig.sound);
        assert!(rise <= 1.25, "after {silence} s: {rise:.2} dB in a tenth of a second");
        assert!((rms(between(&rig.sound, 8.0, 9.0)) + 13.47).abs() < 0.1, "and it is there");
    }
}

// Sudden rises

/// Noise that is quiet for 70 s, and then louder by so many dB.
fn leap(by: f32) -> impl FnMut(u64) -> [f32; 2] + Send {
    let mut noise = noise(9, 0.01);
    move |number| noise(number).map(|sample| if number < 70 * SECOND { sample } else { sample * 10f32.powf(by / 20.0) })
}

#[test]
fn a_piece_that_leaps_out_of_a_quiet_minute_is_eased() {
    for by in [15.0f32, 30.0] {
        let mut rig = Rig::new();
        rig.load(1, piece(ENDLESS, leap(by)), None);
        rig.cross(1, 2.0);
        rig.run(69.0);
        let before = rms(between(&rig.sound, 68.0, 69.0));
        rig.sound.clear();
        rig.run(12.0);
        let after = |secs: f64| rms(between(&rig.sound, 1.0 + secs, 1.1 + secs)) - before;
        assert!(after(0.1) < 8.5, "{by} dB come as {:.1} dB", after(0.1));
        assert!(largest(between(&rig.sound, 1.0, 1.05)) < 0.01 * 10f32.powf(by / 20.0) * 1.01);
        let let_up = after(10.5) - after(0.5);
        assert!((2.0..=3.1).contains(&let_up), "and are let up at 3 dB in 10 s: {let_up:.1} dB");
    }
}

#[test]
fn a_minute_made_quiet_by_a_verb_is_no_quiet_minute() {
    let mut rig = Rig::playing(piece(ENDLESS, noise(4, 0.1)));
    rig.run(1.0);
    let before = rms(&rig.sound);
    rig.ramp(Lane::Presence, None, -30.0, 1.0);
    rig.run(70.0);
    rig.ramp(Lane::Presence, None, 0.0, 3.0);
    rig.sound.clear();
    rig.run(5.0);
    let after = rms(between(&rig.sound, 4.0, 5.0));
    assert!((after - before).abs() < 0.1, "{before} {after}");
}

#[test]
fn the_limiter_lets_go_no_faster_than_anything_may_rise() {
    let loud = |number: u64| if number < 14 * SECOND { 4.0 } else { 0.1 };
    let mut tone = sine(441.0, 1.0);
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, move |number| tone(number).map(|sample| sample * loud(number))), None);
    rig.cross(1, 2.0);
    rig.run(18.0);
    let rise = fastest_rise(between(&rig.sound, 14.02, 18.0));
    assert!((1.0..=1.25).contains(&rise), "{rise:.2} dB in a tenth of a second");
    assert!((rms(between(&rig.sound, 17.0, 18.0)) + 23.01).abs() < 0.1);
}

// What they leave alone

/// What an instrument sounds like in a session, minute by minute, against the instrument itself.
fn check_untouched(name: &str) {
    let recipe = Recipe::new(name, 1, &BTreeMap::new()).expect("its defaults are good");
    let mut alone = recipe.source(TrackTime::ZERO);
    // As loud as in a playlist with the usual target.
    let gain = Decibels((-20.0 - LOUDNESS.0) as f32).gain();
    let mut rig = Rig::new();
    rig.load(1, Box::new(move || Ok(recipe.source(TrackTime::ZERO))), None);
    let (ticket, over) = (Ticket(1), Frames(8 * SECOND));
    rig.engine.order(Command::Cross { ticket, over, curve: Curve::EqualPower, gain, ease: Ease::NONE });
    rig.run(100.0);
    // The limiter's delay is the only difference.
    let expected: Vec<f32> = alone.by_ref().take(2 * 100 * SECOND as usize).map(|sample| sample * gain.0).collect();
    let from = 10 * SECOND as usize;
    let (heard, own) = (&rig.sound.as_flattened()[2 * from..], &expected[2 * (from - 64)..]);
    let touched = heard.iter().zip(own).position(|(heard, own)| heard != own);
    let at = touched.map(|sample| 10.0 + sample as f64 / 96_000.0);
    assert_eq!(at, None, "seconds into {name}");
}

#[test]
fn no_instrument_of_ours_is_touched_by_any_guard() {
    std::thread::scope(|scope| {
        for info in GENERATORS {
            scope.spawn(|| check_untouched(info.name));
        }
    });
}
