//! The engine on a real sound server: a private PulseAudio without a card, whose null sinks are recorded.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "pulse/rig.rs"]
mod pulse;
#[path = "sound/rig.rs"]
mod rig;

use std::thread::sleep;
use std::time::{Duration, Instant};

use pulse::{BACK, Ear, Holdings, Room, Server, run_on_a_private_server};
use rig::{SECOND, largest, piece, sharpest, sine};
use undertone::audio::{self, Curve, Ease, Event, Health, Lane, Target};
use undertone::units::{Decibels, Frames, Gain, Ticket};

#[test]
fn sound_arrives_and_a_ramp_to_silence_is_silent_in_its_time() {
    run_on_a_private_server("part_sound_and_silence");
}

#[test]
fn an_unplugged_sink_is_silence_and_comes_back_by_itself() {
    run_on_a_private_server("part_unplugged");
}

#[test]
fn a_sound_server_that_dies_comes_back_by_itself() {
    run_on_a_private_server("part_server_dies");
}

#[test]
fn a_sink_that_stays_away_costs_nothing_and_comes_back() {
    run_on_a_private_server("part_long_away");
}

#[test]
fn a_sound_server_that_stands_still_costs_nothing_and_goes_on() {
    run_on_a_private_server("part_stands_still");
}

#[test]
fn a_buffer_that_grows_is_a_dip_and_no_silence() {
    run_on_a_private_server("part_buffer_grows");
}

/// The figures are printed: `cargo test --release --test pulse -- no_verb --nocapture`.
#[test]
fn no_verb_is_a_click_as_recorded() {
    run_on_a_private_server("part_verbs_on_a_sine");
}

/// From an order to its sound, as recorded (the recording itself takes some of it); the figures are printed. Limits are for a
/// quiet machine, so run it by itself:
/// `cargo test --release --test pulse -- --ignored as_measured --nocapture`.
#[test]
#[ignore = "a measurement for a quiet machine"]
fn an_order_is_heard_at_once_as_measured() {
    run_on_a_private_server("part_order_to_sound");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_sound_and_silence() {
    let _server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    assert_eq!(room.events.iter().filter(|event| matches!(event, Event::OutputLost { .. })).count(), 0);
    assert!(audio::devices().iter().any(|device| device.id == "pulseaudio:room"), "{:?}", audio::devices());
    let silence = Decibels::SILENCE;
    room.engine.order(audio::Command::Ramp { lane: Lane::Presence, from: None, to: silence, over: Frames(SECOND / 5) });
    let took = room.wait("silence", |_| ear.level() < -100.0);
    eprintln!("0.2 s ramp to silence: 0.1 s of silence recorded after {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_unplugged() {
    let server = Server::start();
    let (ear, spare) = (Ear::on("room"), Ear::on("spare"));
    let mut room = Room::playing(&ear);
    let before = room.engine.view().sounding.unwrap().1;
    server.unplug_room();
    let took = room.wait_until_lost();
    eprintln!("unplugged: told after {took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(room.engine.view().main.health, Health::Lost);
    // PulseAudio moves the stream to the other sink without a word; it must not stay there.
    room.wait("no other sink plays it", |_| spare.level() < -100.0);
    sleep(Duration::from_secs(1));
    assert!(spare.level() < -100.0, "and never will");
    let lost = room.engine.view().sounding.unwrap().1;
    assert!(lost.0 > before.0 + SECOND, "the place moves on with the session");

    server.plug_room_in();
    let ear = Ear::on("room");
    let took = room.wait_until_back();
    eprintln!("plugged in again: back after {took:?}");
    assert!(took < BACK, "{took:?}");
    room.wait("it is heard again", |_| ear.level() > -40.0);
    assert_eq!(room.engine.view().main.health, Health::Running);
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_server_dies() {
    let mut server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    server.kill();
    let took = room.wait_until_lost();
    eprintln!("server killed: told after {took:?}");
    sleep(Duration::from_secs(2));
    server.restart();
    let ear = Ear::on("room");
    let took = room.wait_until_back();
    eprintln!("server restarted: back after {took:?}");
    assert!(took < BACK, "{took:?}");
    room.wait("it is heard again", |_| ear.level() > -40.0);
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_long_away() {
    let server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    // The connection for questions is made, and lasts.
    let count = audio::devices().len();
    let playing = Holdings::now();
    eprintln!("playing: {playing:?}");
    server.unplug_room();
    room.wait_until_lost();

    // More questions than the server has places; what the keeper asks once a second, and what the program asks for its lists.
    let nowhere = audio::DeviceInfo { id: "pulseaudio:room".into(), name: "".into(), default: false };
    for _ in 0..100 {
        assert_eq!(audio::measure_latency(&nowhere), None);
        assert_eq!(audio::devices().len(), count - 1);
    }
    let since = Instant::now();
    room.wait("it goes on trying", |_| since.elapsed() > Duration::from_secs(3));
    let away = Holdings::when(&mut room, |held| held.fits(playing));
    eprintln!("after 200 questions and a while: {away:?}");

    // Two at once would be a thread and a descriptor too many.
    drop(ear);
    server.plug_room_in();
    let ear = Ear::on("room");
    let took = room.wait_until_back();
    eprintln!("plugged in again: back after {took:?}");
    assert!(took < BACK, "{took:?}");
    room.wait("it is heard again", |_| ear.level() > -40.0);

    // A new stream may be there before the old one is gone, and then has a connection of its own; but no third one is ever made.
    for _ in 0..8 {
        room.events.clear();
        room.engine.order(audio::Command::Reopen { output: Target::Device("room".into()) });
        room.wait_until_back();
    }
    let rebuilt = Holdings::when(&mut room, |held| held.fits(playing.and_a_connection()));
    eprintln!("rebuilt nine times: {rebuilt:?}");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_stands_still() {
    let server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    let playing = Holdings::now();
    eprintln!("playing: {playing:?}");
    server.stand_still(Duration::from_secs(9));
    let since = Instant::now();
    room.wait_until_lost();
    room.wait_until_back();
    let took = since.elapsed();
    eprintln!("went on: back after {took:?}");
    assert!(took < BACK, "{took:?}");
    room.wait("it is heard again", |_| ear.level() > -40.0);
    // The old stream may end only after the new one has begun, which then has a connection of its own.
    let after = Holdings::when(&mut room, |held| held.fits(playing.and_a_connection()));
    eprintln!("afterwards: {after:?}");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_buffer_grows() {
    let server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing(&ear);
    let grown = |room: &Room| room.events.iter().any(|event| matches!(event, Event::BufferGrown { .. }));
    for _ in 0..3 {
        server.stand_still(Duration::from_millis(80));
        let since = Instant::now();
        room.wait("it has been seen", |_| since.elapsed() > Duration::from_millis(500));
    }
    room.wait("the buffer grows", |room| grown(room));
    let from = ear.heard.lock().unwrap().len() - SECOND as usize;
    let since = Instant::now();
    room.wait("it is as loud as before", |_| since.elapsed() > Duration::from_secs(2));
    let heard = ear.heard.lock().unwrap()[from..].to_vec();
    let longest = heard.chunk_by(|one, other| (largest(&[*one]) < 1e-4) == (largest(&[*other]) < 1e-4));
    let longest = longest.filter(|run| largest(run) < 1e-4).map(<[_]>::len).max().unwrap_or(0);
    eprintln!("the longest silence as the buffer grew: {:.0} ms", longest as f64 / SECOND as f64 * 1e3);
    assert!(longest < SECOND as usize * 15 / 100, "{longest} frames");
    assert!(!room.events.iter().any(|event| matches!(event, Event::OutputLost { .. })), "{:?}", room.events);
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_order_to_sound() {
    let _server = Server::start();
    let ear = Ear::on("room");
    // A constant: the first sample that differs is the first that the order has changed.
    let mut room = Room::playing_this(&ear, piece(u64::MAX, |_| [0.2, 0.2]), -13.98);
    sleep(Duration::from_secs(2));
    let mut times = Vec::new();
    for number in 0..100 {
        let (from, since) = (ear.heard.lock().unwrap().len(), Instant::now());
        ramp(&mut room, Lane::Duck, -12.0, 0.01);
        sleep(Duration::from_millis(150));
        let heard = ear.heard.lock().unwrap()[from - 1..].to_vec();
        // A fall is as quick as can be, and 1 % down in its first millisecond; a rise would only be so after 9 ms.
        let changed = |frame: &[f32; 2]| (frame[0] / heard[0][0] - 1.0).abs() > 0.01;
        let first = from - 1 + heard.iter().position(changed).expect("the order is heard");
        times.push(ear.time_of(first) - since);
        ramp(&mut room, Lane::Duck, 0.0, 0.01);
        // Back up at 12 dB/s, and a little more; not in step with anything.
        sleep(Duration::from_millis(1100 + number * 7 % 50));
    }
    times.sort();
    eprintln!("order to sound: p50 {:?}, p95 {:?}, p99 {:?}", times[50], times[95], times[99]);
    eprintln!(
        "of the median, the buffer's share is 16 ms (512 frames wait, and half as many pass until the next request), the \
         limiter's 1.3 ms; the rest is the server's, the recording's and the machine's"
    );
    assert!(times[50] <= Duration::from_millis(20) && times[99] <= Duration::from_millis(45));
}

/// The amplitude of the sine under the verbs.
const AMPLITUDE: f32 = 0.4;

/// The sharpest corner of a sine of this pitch.
fn own(hz: f32) -> f32 {
    AMPLITUDE * (std::f32::consts::TAU * hz / SECOND as f32).powi(2)
}

/// A verb on the sine: what it asks of a lane, from where, and how long is recorded.
struct Deed {
    name: &'static str,
    lane: Lane,
    from: f32,
    to: f32,
    over: f64,
    recorded: f64,
}

fn ramp(room: &mut Room, lane: Lane, to: f32, over: f64) {
    room.engine.order(audio::Command::Ramp { lane, from: None, to: Decibels(to), over: rig::frames(over) });
}

/// The sharpest corner recorded in this time, against a sine's own; `None` when the machine stumbled, which makes corners of
/// its own.
fn recorded(room: &mut Room, ear: &Ear, hz: f32, secs: f64, verb: &mut dyn FnMut(&mut Room)) -> Option<f32> {
    let (from, xruns) = (ear.heard.lock().unwrap().len(), room.engine.view().main.xruns);
    verb(room);
    pass(room, secs);
    let heard = ear.heard.lock().unwrap()[from..].to_vec();
    let is_torn = |pair: &[[f32; 2]]| pair.contains(&[0.0; 2]) && largest(pair) > 0.01;
    let whole = !heard.windows(2).any(is_torn) && room.engine.view().main.xruns == xruns;
    whole.then(|| sharpest(&heard) / own(hz))
}

fn pass(room: &mut Room, secs: f64) {
    let since = Instant::now();
    while since.elapsed().as_secs_f64() < secs {
        while room.engine.poll().is_some() {}
        sleep(Duration::from_millis(5));
    }
}

/// Does a verb again and again, each time from the beginning, until it was recorded whole.
fn corner(name: &str, mut attempt: impl FnMut() -> Option<f32>) -> f32 {
    for stumbles in 0..12 {
        if let Some(corner) = attempt() {
            eprintln!("{name}: {corner:.3} times the sine's own; {stumbles} recordings torn by the machine");
            return corner;
        }
    }
    panic!("{name}: never recorded whole on this machine");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_verbs_on_a_sine() {
    let _server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing_this(&ear, piece(u64::MAX, sine(220.0, AMPLITUDE)), -10.97);
    let silent = Decibels::SILENCE.0;
    let deed = |name, lane, from, to, over, recorded| Deed { name, lane, from, to, over, recorded };
    let deeds = [
        deed("nothing at all", Lane::Comfort, 0.0, 0.0, 1.0, 1.0),
        deed("volume step down, 1.5 dB in 0.3 s", Lane::Comfort, 0.0, -1.5, 0.3, 1.0),
        deed("volume step up, 1.5 dB in 0.3 s", Lane::Comfort, -1.5, 0.0, 0.3, 1.0),
        deed("duck, 12 dB in 1.5 s", Lane::Duck, 0.0, -12.0, 1.5, 2.0),
        deed("unduck, over 12 s; its first 3 s", Lane::Duck, -12.0, 0.0, 12.0, 3.0),
        deed("pause (silence) over 8 s", Lane::Presence, 0.0, silent, 8.0, 8.5),
        deed("resume from silence; its first 3 s", Lane::Presence, silent, 0.0, 20.0, 3.0),
        deed("mute in 1.5 s", Lane::Presence, 0.0, silent, 1.5, 2.0),
        deed("mute again, in 0.2 s", Lane::Presence, 0.0, silent, 0.2, 0.6),
    ];
    let mut corners = Vec::new();
    for Deed { name, lane, from, to, over, recorded: secs } in deeds {
        corners.push(corner(name, || {
            ramp(&mut room, lane, from, 0.1);
            // At 12 dB a second, and a little more.
            pass(&mut room, 0.7 + f64::from((from - to).max(0.0)) / 12.0);
            recorded(&mut room, &ear, 220.0, secs, &mut |room| ramp(room, lane, to, over))
        }));
        ramp(&mut room, lane, 0.0, 0.1);
        pass(&mut room, 1.0 - f64::from(from.min(to)) / 12.0);
    }
    let mut number = 1;
    // Two pieces sound in the middle; the higher one's own corner is the measure.
    corners.push(corner("skip, over 8 s", || {
        number += 1;
        let hz = if number % 2 == 0 { 330.0 } else { 220.0 };
        let open = piece(u64::MAX, sine(hz, AMPLITUDE));
        let (ticket, over, curve) = (Ticket(number), rig::frames(8.0), Curve::EqualPower);
        room.engine.order(audio::Command::Load { ticket, open, length: None });
        pass(&mut room, 0.5);
        recorded(&mut room, &ear, 330.0, 8.5, &mut |room| {
            room.engine.order(audio::Command::Cross { ticket, over, curve, gain: Gain::UNITY, ease: Ease::NONE });
        })
    }));
    assert!(corners.iter().all(|corner| *corner <= 1.5), "{corners:?}");
}
