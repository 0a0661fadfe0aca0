//! What the engine sounds like: crossfades, ramps, faults, the ceiling. Offline, so no card and no waiting.

#[path = "sound/rig.rs"]
mod rig;

use rig::{
    Rig, SECOND, between, broken_piece, frames, largest, no_piece, noise, piece, rms, sharpest, sine, true_peak,
};
use undertone::audio::{Command, Curve, Ease, Event, Lane};
use undertone::units::{Decibels, Frames, Gain, Ticket};

const ENDLESS: u64 = u64::MAX;
/// The sharpest corner of a 220 Hz sine of amplitude 0.4.
const SINE_BEND: f32 = 0.4 * 0.000_829;

fn started(ticket: u32) -> Event {
    Event::Started { ticket: Ticket(ticket) }
}

fn has_failed(rig: &Rig, ticket: u32) -> bool {
    rig.events.iter().any(|event| matches!(event, Event::Failed { ticket: failed, .. } if *failed == Ticket(ticket)))
}

// Clicks

fn check_no_click(name: &str, verb: impl Fn(&mut Rig)) {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.run(0.2);
    verb(&mut rig);
    rig.run(1.0);
    let bend = sharpest(&rig.sound);
    assert!(bend <= 1.5 * SINE_BEND, "{name}: {:.2} times the sine's own", bend / SINE_BEND);
}

#[test]
fn no_verb_clicks() {
    check_no_click("nothing", |_| {});
    check_no_click("duck", |rig| rig.ramp(Lane::Duck, None, -12.0, 1.5));
    check_no_click("unduck", |rig| rig.ramp(Lane::Duck, Some(-12.0), 0.0, 12.0));
    check_no_click("silence", |rig| rig.ramp(Lane::Presence, None, -60.0, 8.0));
    check_no_click("resume", |rig| {
        rig.ramp(Lane::Presence, None, -60.0, 0.2);
        rig.run(0.5);
        rig.ramp(Lane::Presence, Some(-20.0), 0.0, 20.0);
    });
    check_no_click("break", |rig| rig.ramp(Lane::Presence, None, -20.0, 8.0));
    check_no_click("mute", |rig| rig.ramp(Lane::Presence, None, -60.0, 1.5));
    check_no_click("mute again", |rig| {
        rig.ramp(Lane::Presence, None, -60.0, 1.5);
        rig.run(0.3);
        rig.ramp(Lane::Presence, None, -60.0, 0.2);
    });
    check_no_click("mute twice at once", |rig| {
        rig.ramp(Lane::Presence, None, -60.0, 1.5);
        rig.ramp(Lane::Presence, None, -60.0, 0.0);
    });
    check_no_click("softer", |rig| rig.ramp(Lane::Comfort, None, -1.5, 0.3));
    check_no_click("louder", |rig| rig.ramp(Lane::Comfort, None, 1.5, 0.3));
    check_no_click("to and fro", |rig| {
        for to in [-12.0, 0.0, -60.0, 3.0, -20.0] {
            rig.ramp(Lane::Comfort, None, to, 0.01);
            rig.run(0.05);
        }
    });
    check_no_click("crossing to another piece", |rig| {
        rig.load(2, piece(ENDLESS, sine(220.0, 0.1)), None);
        rig.cross(2, 2.0);
    });
    check_no_click("a bed", |rig| rig.bed(Some(piece(ENDLESS, sine(110.0, 0.1))), 1.0, 2.0));
}

#[test]
fn crossings_that_interrupt_each_other_do_not_click() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.1)));
    for ticket in 2..12 {
        rig.load(ticket, piece(ENDLESS, sine(220.0, 0.1)), None);
        rig.cross(ticket, 0.5);
        rig.run(0.02);
    }
    rig.run(1.0);
    // Correlated sines add up to at most twice the amplitude of one (four decks, powers summing to one).
    let bend = sharpest(&rig.sound) / (2.0 * SINE_BEND / 4.0);
    assert!(bend <= 1.5, "{bend:.2} times the sine's own");
    let left = rig.events.iter().filter(|event| matches!(event, Event::Left { .. })).count();
    assert_eq!(left, 10, "of eleven pieces one is left sounding");
}

#[test]
fn a_mute_is_silent_in_its_time() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.ramp(Lane::Presence, None, -60.0, 1.5);
    rig.run(2.0);
    assert_eq!(largest(between(&rig.sound, 1.55, 2.0)), 0.0);
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.ramp(Lane::Presence, None, -60.0, 0.2);
    rig.run(1.0);
    assert_eq!(largest(between(&rig.sound, 0.25, 1.0)), 0.0);
}

#[test]
fn ducking_takes_twelve_decibels_away() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    let before = {
        rig.run(1.0);
        rms(&rig.sound)
    };
    rig.ramp(Lane::Duck, None, -12.0, 1.5);
    rig.run(3.0);
    let after = rms(between(&rig.sound, 3.0, 4.0));
    assert!((before - after - 12.0).abs() < 0.05, "{before} {after}");
}

// Crossfades

/// The largest deviation from 0 dB of the power in the tenths of a second of a sound.
fn check_power(rig: &Rig, full: f64) {
    for (number, tenth) in rig.sound.chunks_exact(4_800).enumerate() {
        let deviation = rms(tenth) - full;
        assert!(deviation.abs() <= 0.5, "{deviation:.2} dB in the {number}th tenth of a second");
    }
}

#[test]
fn unlike_material_keeps_its_power_in_a_crossfade() {
    let mut rig = Rig::playing(piece(ENDLESS, noise(1, 0.2)));
    rig.load(2, piece(ENDLESS, noise(2, 0.2)), None);
    rig.cross(2, 4.0);
    rig.run(5.0);
    check_power(&rig, 20.0 * (0.2 / 3f64.sqrt()).log10());
}

#[test]
fn also_when_the_crossfade_is_interrupted() {
    let mut rig = Rig::playing(piece(ENDLESS, noise(1, 0.2)));
    for ticket in 2..6 {
        rig.load(ticket, piece(ENDLESS, noise(ticket, 0.2)), None);
        rig.cross(ticket, 4.0);
        rig.run(1.3);
    }
    rig.run(5.0);
    check_power(&rig, 20.0 * (0.2 / 3f64.sqrt()).log10());
}

#[test]
fn like_material_keeps_its_gain() {
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, |_| [0.3, -0.3]), None);
    rig.cross(1, 0.0);
    rig.run(6.0);
    rig.load(2, piece(ENDLESS, |_| [0.3, -0.3]), None);
    rig.cross_by(2, 2.0, Curve::EqualGain);
    rig.sound.clear();
    rig.run(3.0);
    for frame in &rig.sound {
        assert!((frame[0] - 0.3).abs() < 1e-4 && (frame[1] + 0.3).abs() < 1e-4, "{frame:?}");
    }
}

#[test]
fn a_piece_reports_its_whole_life() {
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, sine(220.0, 0.4)), None);
    rig.load(2, piece(ENDLESS, sine(220.0, 0.4)), None);
    rig.cross(1, 2.0);
    rig.run(10.0);
    rig.cross(2, 2.0);
    rig.run(3.0);
    let expected = [
        Event::Loaded { ticket: Ticket(1) },
        Event::Loaded { ticket: Ticket(2) },
        started(1),
        started(2),
        Event::Left { ticket: Ticket(1), heard: frames(12.0) },
    ];
    assert_eq!(rig.events, expected);
    let view = rig.engine.view();
    assert_eq!(view.sounding, Some((Ticket(2), frames(3.0))));
    assert_eq!(view.rendered, frames(13.0));
    assert!((view.meter[0].0 + 11.0).abs() < 0.1, "{:?}", view.meter);
    assert!(view.lead.millis() > 29_000, "{}", view.lead);
}

// The bed

#[test]
fn a_bed_sounds_under_the_programme_and_goes_again() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.0)));
    rig.bed(Some(piece(ENDLESS, sine(110.0, 1.0))), 0.05, 3.0);
    rig.run(8.0);
    assert!((rms(between(&rig.sound, 7.0, 8.0)) + 29.03).abs() < 0.1);
    rig.bed(None, 0.0, 3.0);
    rig.run(4.0);
    assert!(rms(between(&rig.sound, 11.5, 12.0)) < -100.0);
}

#[test]
fn a_bed_that_fails_leaves_the_old_one() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.0)));
    rig.bed(Some(piece(ENDLESS, sine(110.0, 0.05))), 1.0, 3.0);
    rig.run(8.0);
    rig.bed(Some(no_piece()), 1.0, 3.0);
    rig.run(4.0);
    assert!((rms(between(&rig.sound, 11.0, 12.0)) + 29.03).abs() < 0.1);
    assert!(rig.events.iter().any(|event| matches!(event, Event::BedFailed { .. })));
}

// Faults

fn check_safe_bed(name: &str, sound: &[[f32; 2]]) {
    let level = rms(sound);
    assert!((-60.0..-20.0).contains(&level), "{name}: the safe bed sounds, {level:.1} dBFS");
}

#[test]
fn a_piece_that_runs_out_gives_way_to_the_safe_bed() {
    let mut rig = Rig::new();
    rig.load(1, piece(10 * SECOND, sine(220.0, 0.4)), Some(10 * SECOND));
    rig.cross(1, 2.0);
    rig.run(13.0);
    assert!(rig.events.contains(&Event::Ended { ticket: Ticket(1) }));
    assert_eq!(rig.events.last(), Some(&Event::Left { ticket: Ticket(1), heard: frames(10.0) }));
    check_safe_bed("at once", between(&rig.sound, 10.01, 10.1));
    check_safe_bed("and on", between(&rig.sound, 12.0, 13.0));
    assert!(sharpest(between(&rig.sound, 6.0, 10.5)) < 2.0 * SINE_BEND + 0.01, "the cut end does not click");
}

#[test]
fn music_takes_over_again_from_the_safe_bed() {
    let mut rig = Rig::new();
    rig.load(1, no_piece(), None);
    rig.cross(1, 2.0);
    rig.run(5.0);
    check_safe_bed("instead of the first piece", between(&rig.sound, 2.0, 5.0));
    rig.load(2, piece(ENDLESS, sine(220.0, 0.4)), None);
    rig.cross(2, 2.0);
    rig.run(10.0);
    let sine_alone = rms(between(&rig.sound, 11.0, 15.0));
    assert!((sine_alone + 10.97).abs() < 0.02, "{sine_alone}");
}

#[test]
fn before_the_first_piece_there_is_silence() {
    let mut rig = Rig::new();
    rig.run(3.0);
    assert_eq!(largest(&rig.sound), 0.0);
}

#[test]
fn an_intended_silence_is_silent() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.load(2, piece(ENDLESS, |_| [0.0, 0.0]), None);
    rig.cross(2, 2.0);
    rig.run(10.0);
    assert_eq!(largest(between(&rig.sound, 2.1, 10.0)), 0.0);
}

#[test]
fn silence_on_purpose_silences_the_safe_bed_too() {
    let mut rig = Rig::new();
    rig.load(1, no_piece(), None);
    rig.cross(1, 2.0);
    rig.run(3.0);
    rig.ramp(Lane::Presence, None, -60.0, 1.5);
    rig.run(3.0);
    assert_eq!(largest(between(&rig.sound, 4.6, 6.0)), 0.0);
}

#[test]
fn a_piece_that_cannot_be_opened_leaves_the_old_one_sounding() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.load(2, no_piece(), None);
    rig.cross(2, 2.0);
    rig.run(5.0);
    assert!(has_failed(&rig, 2));
    assert!((rms(between(&rig.sound, 4.0, 5.0)) + 10.97).abs() < 0.1);
    assert_eq!(rig.events.iter().filter(|event| **event == started(2)).count(), 0);
}

#[test]
fn a_piece_that_was_never_loaded_fails_in_words() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.cross(9, 2.0);
    rig.run(1.0);
    assert!(has_failed(&rig, 9));
}

#[test]
fn a_decoder_that_panics_fails_its_piece_alone() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.load(2, Box::new(|| panic!("a decoder's bug")), None);
    rig.cross(2, 2.0);
    rig.load(
        3,
        piece(ENDLESS, |number| {
            assert!(number < 100_000, "a decoder's bug");
            [0.4, 0.4]
        }),
        None,
    );
    rig.run(1.0);
    assert!(has_failed(&rig, 2));
    assert!(has_failed(&rig, 3), "told as soon as it is decoded so far, 30 s ahead");
    assert!((rms(between(&rig.sound, 0.5, 1.0)) + 10.97).abs() < 0.1);
}

#[test]
fn a_damaged_piece_sounds_as_far_as_it_goes_and_says_so_before() {
    let mut rig = Rig::new();
    rig.load(1, broken_piece(20 * SECOND, sine(220.0, 0.4)), Some(600 * SECOND));
    rig.cross(1, 2.0);
    rig.run(1.0);
    assert!(has_failed(&rig, 1));
    rig.run(20.0);
    assert!((rms(between(&rig.sound, 18.0, 19.9)) + 10.97).abs() < 0.1);
    check_safe_bed("after it", between(&rig.sound, 20.1, 21.0));
}

// The ceiling

fn check_harmless(name: &str, frame: impl FnMut(u64) -> [f32; 2] + Send + 'static) {
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, frame), None);
    rig.cross(1, 2.0);
    rig.run(9.0);
    assert!(rig.sound.as_flattened().iter().all(|sample| sample.is_finite()), "{name}");
    let peak = true_peak(&rig.sound);
    assert!(peak <= -2.9, "{name}: {peak:.2} dBTP");
    rig.load(2, piece(ENDLESS, sine(220.0, 0.2)), None);
    rig.cross(2, 2.0);
    rig.run(6.0);
    let after = rms(between(&rig.sound, 14.0, 15.0));
    assert!((after + 16.99).abs() < 0.1, "{name}: nothing remains of it, {after:.2}");
}

#[test]
fn whatever_a_decoder_yields_the_ceiling_holds() {
    check_harmless("not a number", |number| if number % 3 == 0 { [f32::NAN, f32::NAN] } else { [0.3, -0.3] });
    check_harmless("infinity", |number| if number % 2 == 0 { [f32::INFINITY, 0.0] } else { [f32::NEG_INFINITY, 0.1] });
    check_harmless("a damaged MP3", |number| if number % 1152 < 60 { [1.5e7, -1.5e7] } else { [0.1, 0.1] });
    check_harmless("+40 dB", noise(3, 100.0));
    check_harmless("direct current", |_| [1.0, -1.0]);
    check_harmless("a square", |number| if number / 55 % 2 == 0 { [4.0, -4.0] } else { [-4.0, 4.0] });
    check_harmless("high sine", sine(17_000.0, 3.0));
    check_harmless("noise and a gain that is none", noise(7, 1.0));
}

#[test]
fn a_gain_that_is_none_is_silence() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(220.0, 0.4)));
    rig.load(2, piece(ENDLESS, sine(220.0, 0.4)), None);
    let over = Frames(480);
    rig.engine.order(Command::Cross {
        ticket: Ticket(2),
        over,
        curve: Curve::EqualPower,
        gain: Gain(f32::NAN),
        ease: Ease::NONE,
    });
    rig.ramp(Lane::Comfort, Some(f32::NAN), f32::INFINITY, 1.0);
    rig.run(2.0);
    assert!(rms(between(&rig.sound, 1.0, 2.0)) < -100.0);
}

#[test]
fn quiet_sound_passes_unchanged() {
    let mut rig = Rig::playing(piece(ENDLESS, noise(5, 0.2)));
    rig.run(1.0);
    let mut alike = noise(5, 0.2);
    let expected: Vec<[f32; 2]> = (0..13 * SECOND).map(&mut alike).collect();
    // The limiter's delay is the only difference.
    let from = 12 * SECOND as usize - 64;
    assert!(rig.sound[..SECOND as usize] == expected[from..from + SECOND as usize], "not one bit differs");
}

// Virtual time

/// A session of many crossings, told by `pass` how to let time pass.
fn session(pass: impl Fn(&mut Rig, f64)) -> Rig {
    let mut rig = Rig::new();
    for ticket in 1..=6 {
        let secs = 20 + 7 * u64::from(ticket);
        rig.load(ticket, piece(secs * SECOND, noise(ticket, 0.3)), Some(secs * SECOND));
    }
    rig.load(7, no_piece(), None);
    rig.bed(Some(piece(ENDLESS, sine(110.0, 0.05))), 0.5, 4.0);
    rig.cross(1, 4.0);
    pass(&mut rig, 15.0);
    rig.cross(2, 6.0);
    pass(&mut rig, 2.001);
    rig.ramp(Lane::Duck, None, -12.0, 1.5);
    rig.cross(3, 6.0);
    pass(&mut rig, 11.37);
    rig.cross(7, 6.0);
    pass(&mut rig, 1.0);
    rig.engine.order(Command::Unload { ticket: Ticket(4) });
    rig.cross(5, 2.0);
    rig.bed(None, 0.0, 2.0);
    pass(&mut rig, 30.0);
    rig.cross(6, 2.0);
    pass(&mut rig, 80.0);
    rig
}

#[test]
fn the_same_orders_give_the_same_samples() {
    let one = session(Rig::run);
    let other = session(Rig::run);
    assert_eq!(one.events, other.events);
    assert!(one.sound == other.sound, "not one bit differs");
}

#[test]
fn skipped_time_brings_the_same_events_and_places() {
    let heard = session(Rig::run);
    let skipped = session(Rig::skip);
    assert_eq!(heard.events, skipped.events);
    assert_eq!(heard.engine.view().rendered, skipped.engine.view().rendered);
    let mixed = session(|rig, secs| {
        rig.run(secs / 3.0);
        rig.skip(secs - secs / 3.0);
    });
    assert_eq!(heard.events, mixed.events);
}

#[test]
fn after_skipped_time_the_sound_is_that_of_the_place() {
    let mut rig = Rig::new();
    rig.load(1, piece(ENDLESS, |number| [(number / SECOND) as f32 * 0.001, 0.0]), None);
    rig.cross(1, 2.0);
    rig.skip(100.0);
    rig.run(0.5);
    assert!((rig.sound.last().unwrap()[0] - 0.1).abs() < 1e-6, "{:?}", rig.sound.last());
}

#[test]
fn the_view_tells_the_level_and_the_peak() {
    let mut rig = Rig::playing(piece(ENDLESS, sine(997.0, 0.5)));
    rig.run(1.0);
    let view = rig.engine.view();
    assert!((view.meter[0].0 + 9.03).abs() < 0.1, "{:?}", view.meter);
    assert!((view.peak.0 + 6.02).abs() < 0.1, "{:?}", view.peak);
    assert_eq!(Decibels(0.0).gain(), Gain::UNITY);
}
