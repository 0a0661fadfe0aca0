//! The engine on a real sound server: a private PulseAudio without a card, whose null sinks are recorded.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "pulse/rig.rs"]
mod pulse;
#[path = "sound/rig.rs"]
mod rig;

use std::thread::sleep;
use std::time::{Duration, Instant};

use pulse::{BACK, Ear, LONG, Room, Server, run_on_a_private_server};
use rig::{SECOND, largest, piece, sharpest, sine};
use undertone::audio::{self, Curve, Event, Health, Lane};
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
fn part_order_to_sound() {
    let _server = Server::start();
    let ear = Ear::on("room");
    // A constant: the first sample that differs is the first that the order has changed.
    let mut room = Room::playing_this(&ear, piece(u64::MAX, |_| [0.2, 0.2]), -13.98);
    sleep(Duration::from_secs(2));
    let last = || ear.heard.lock().unwrap().last().map_or(0.0, |frame| frame[0]);
    let mut times = Vec::new();
    for number in 0..100 {
        let to = Decibels(if number % 2 == 0 { -12.0 } else { 0.0 });
        let (before, since) = (last(), Instant::now());
        room.engine.order(audio::Command::Ramp { lane: Lane::Duck, from: None, to, over: Frames(480) });
        while (last() / before - 1.0).abs() < 0.01 {
            assert!(since.elapsed() < LONG, "the order was never heard");
            sleep(Duration::from_micros(200));
        }
        times.push(since.elapsed());
        // Back up at 12 dB/s, and a little more.
        sleep(Duration::from_millis(1100 + number * 7 % 50));
    }
    times.sort();
    eprintln!("order to sound: p50 {:?}, p95 {:?}, p99 {:?}", times[50], times[95], times[99]);
    assert!(times[50] <= Duration::from_millis(25) && times[99] <= Duration::from_millis(45));
}

/// The amplitude of the sine under the verbs.
const AMPLITUDE: f32 = 0.4;

/// The sharpest corner of a sine of this pitch.
fn own(hz: f32) -> f32 {
    AMPLITUDE * (std::f32::consts::TAU * hz / SECOND as f32).powi(2)
}

/// The sharpest corner recorded while an order is carried out, against the sine's own. A machine that stumbles makes corners
/// of its own; such a recording is thrown away, and the verb done again.
fn corner(room: &mut Room, ear: &Ear, name: &str, hz: f32, secs: f64, verb: &mut dyn FnMut(&mut Room)) -> f32 {
    for _ in 0..8 {
        let (from, xruns) = (ear.heard.lock().unwrap().len(), room.engine.view().main.xruns);
        verb(room);
        let since = Instant::now();
        while since.elapsed().as_secs_f64() < secs {
            while room.engine.poll().is_some() {}
            sleep(Duration::from_millis(5));
        }
        let heard = ear.heard.lock().unwrap()[from..].to_vec();
        let torn = heard.windows(2).any(|pair| pair[0] == [0.0; 2] && largest(&pair[1..]) > 0.01)
            || heard.windows(2).any(|pair| pair[1] == [0.0; 2] && largest(&pair[..1]) > 0.01);
        if !torn && room.engine.view().main.xruns == xruns {
            let corner = sharpest(&heard) / own(hz);
            eprintln!("{name}: {corner:.3} times the sine's own");
            return corner;
        }
        eprintln!("{name}: the machine stumbled; again");
    }
    panic!("{name}: never recorded whole");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_verbs_on_a_sine() {
    let _server = Server::start();
    let ear = Ear::on("room");
    let mut room = Room::playing_this(&ear, piece(u64::MAX, sine(220.0, AMPLITUDE)), -10.97);
    let ramp = |lane, to: f32, secs: f64| {
        move |room: &mut Room| {
            let (to, over) = (Decibels(to), rig::frames(secs));
            room.engine.order(audio::Command::Ramp { lane, from: None, to, over });
        }
    };
    let silent = Decibels::SILENCE.0;
    let mut corners = vec![
        corner(&mut room, &ear, "nothing at all", 220.0, 1.0, &mut |_| {}),
        corner(&mut room, &ear, "volume step down, 1.5 dB", 220.0, 1.0, &mut ramp(Lane::Comfort, -1.5, 0.3)),
        corner(&mut room, &ear, "volume step up, 1.5 dB", 220.0, 1.0, &mut ramp(Lane::Comfort, 0.0, 0.3)),
        corner(&mut room, &ear, "duck, 12 dB in 1.5 s", 220.0, 2.0, &mut ramp(Lane::Duck, -12.0, 1.5)),
        corner(&mut room, &ear, "unduck, over 12 s", 220.0, 13.0, &mut ramp(Lane::Duck, 0.0, 12.0)),
        corner(&mut room, &ear, "pause (silence), over 8 s", 220.0, 9.0, &mut ramp(Lane::Presence, silent, 8.0)),
        corner(&mut room, &ear, "resume, over 20 s", 220.0, 21.0, &mut ramp(Lane::Presence, 0.0, 20.0)),
    ];
    let mut number = 1;
    let mut skip = |room: &mut Room| {
        number += 1;
        let (ticket, over) = (Ticket(number), rig::frames(8.0));
        let open = piece(u64::MAX, sine(330.0, AMPLITUDE));
        room.engine.order(audio::Command::Load { ticket, open, length: None });
        room.engine.order(audio::Command::Cross { ticket, over, curve: Curve::EqualPower, gain: Gain::UNITY });
    };
    // Both pieces sound in the middle; the sharper one's own corner is the measure.
    corners.push(corner(&mut room, &ear, "skip, over 8 s", 330.0, 9.0, &mut skip));
    corners.push(corner(&mut room, &ear, "mute, in 1.5 s", 330.0, 2.0, &mut ramp(Lane::Presence, silent, 1.5)));
    assert!(corners.iter().all(|corner| *corner <= 1.5), "{corners:?}");
}
