//! The render half never touches the heap, whatever goes on.

#[path = "sound/rig.rs"]
mod rig;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, violation_count};
use rig::{Rig, SECOND, frames, no_piece, noise, piece, sine};
use undertone::audio::{Event, Lane};
use undertone::units::Ticket;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const ENDLESS: u64 = u64::MAX;

/// How often the heap was touched while this many seconds were rendered.
fn touches(rig: &mut Rig, secs: f64) -> u32 {
    let before = violation_count();
    let mut sum = 0.0f32;
    assert_no_alloc(|| {
        rig.engine.render(frames(secs), &mut |samples| sum += samples.iter().sum::<f32>());
    });
    std::hint::black_box(sum);
    violation_count() - before
}

/// Gives an order and renders under watch. Afterwards, unwatched, the feeders of pieces that are over go.
fn check(name: &str, rig: &mut Rig, secs: f64, order: impl FnOnce(&mut Rig)) {
    order(rig);
    assert_eq!(touches(rig, secs), 0, "{name}");
    rig.drain();
    rig.run(0.2);
}

#[test]
fn rendering_never_touches_the_heap() {
    let mut rig = Rig::new();
    for ticket in 1..=12 {
        rig.load(ticket, piece(ENDLESS, noise(ticket, 0.9)), None);
    }
    rig.load(13, no_piece(), None);
    rig.load(14, piece(3 * SECOND, sine(220.0, 0.4)), None);
    let leap = |number: u64| if number < 70 * SECOND { 0.01 } else { 0.5 };
    let mut tone = sine(440.0, 1.0);
    rig.load(15, piece(ENDLESS, move |number| tone(number).map(|sample| sample * leap(number))), None);
    rig.bed(Some(piece(ENDLESS, sine(110.0, 0.1))), 0.5, 2.0);
    rig.run(0.1);

    check("a first piece", &mut rig, 3.0, |rig| rig.cross(1, 2.0));
    check("every lane", &mut rig, 2.0, |rig| {
        rig.ramp(Lane::Comfort, None, -3.0, 0.3);
        rig.ramp(Lane::Duck, None, -12.0, 1.5);
        rig.ramp(Lane::Presence, Some(-20.0), 0.0, 20.0);
    });
    check("a crossfade", &mut rig, 1.0, |rig| rig.cross(2, 2.0));
    check("more crossfades than there are decks", &mut rig, 3.0, |rig| {
        for ticket in 3..=12 {
            rig.cross(ticket, 2.0);
            assert_eq!(touches(rig, 0.03), 0, "crossing to {ticket}");
        }
    });
    check("a piece that failed", &mut rig, 1.0, |rig| rig.cross(13, 2.0));
    check("a piece that was never loaded", &mut rig, 1.0, |rig| rig.cross(99, 2.0));
    check("a piece that leaps out of a quiet minute", &mut rig, 75.0, |rig| rig.cross(15, 2.0));
    check("no bed any more", &mut rig, 3.0, |rig| rig.bed(None, 0.0, 1.0));
    check("a piece that runs out", &mut rig, 9.0, |rig| rig.cross(14, 1.0));
    check("a mute", &mut rig, 2.0, |rig| rig.ramp(Lane::Presence, None, -60.0, 0.2));
    check("skipped time", &mut rig, 1.0, |rig| rig.engine.skip(frames(10.0)));
    let lived = |ticket: u32| rig.events.contains(&Event::Started { ticket: Ticket(ticket) });
    assert!((1..=12).chain([14]).all(lived), "all that was to be watched happened: {:?}", rig.events);
    assert!(rig.events.contains(&Event::Ended { ticket: Ticket(14) }));
}

#[test]
fn the_watch_would_see_a_touch() {
    let before = violation_count();
    assert_no_alloc(|| drop(std::hint::black_box(vec![0.0f32; std::hint::black_box(64)])));
    assert!(violation_count() > before);
}
