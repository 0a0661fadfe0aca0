//! A real session: the program itself, a panel in a pseudo-terminal, a private PulseAudio whose null sink is recorded.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;
mod terminal;

use std::thread::sleep;
use std::time::{Duration, Instant};

use house::{House, SECOND, level, longest_hole, wait_for};

#[test]
fn a_session_is_heard_survives_its_panel_and_its_host_and_leaves_nothing_behind() {
    let Some(rig) = House::start() else { return };
    let mut first = rig.panel(&["play", "low-tide"]);
    wait_for("the first sound", || rig.level() > -45.0);
    let levels: Vec<f32> =
        rig.sound.lock().unwrap().chunks(SECOND / 10).map(level).filter(|level| *level > -75.0).collect();
    let leap = levels.windows(2).take(60).map(|pair| pair[1] - pair[0]).fold(0.0, f32::max);
    assert!(leap < 8.0, "the first sound rises by {leap} dB in a tenth of a second");

    // A dose six minutes ago: the ascent, by crossfade, with no hole.
    let before = rig.sound.lock().unwrap().len();
    rig.ctl(&["dose", "--ago", "6m"]);
    sleep(Duration::from_secs(5));
    assert_eq!(rig.status()["session"]["phase"]["kind"], "ascent");
    assert!(longest_hole(&rig.sound.lock().unwrap()[before..]) < 1.0, "a hole in the crossfade");

    // The panel dies; the sound does not notice; another panel shows the session.
    let (before, xruns) = (rig.sound.lock().unwrap().len(), rig.status()["output"]["xruns"].clone());
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    sleep(Duration::from_secs(2));
    let hole = longest_hole(&rig.sound.lock().unwrap()[before..]);
    // A busy machine stumbles by itself; a host that went with its panel would be silent to the end.
    assert!(hole < 1.0, "the panel's death is heard: {hole} s of nothing");
    if hole < 0.02 {
        // One may be the machine's, too short to be heard; `crashes` kills hundreds beside a meter of that.
        let more = rig.status()["output"]["xruns"].as_u64().unwrap() - xruns.as_u64().unwrap();
        assert!(more <= 1, "the device was served late {more} times");
    }
    let mut second = rig.panel(&[]);
    wait_for("the second panel", || second.screen().contains("Low tide") && second.screen().contains("since the dose"));

    // Mute is silent within two seconds; resume comes back.
    rig.ctl(&["mute"]);
    let asked = Instant::now();
    wait_for("silence", || rig.level() < -60.0);
    assert!(asked.elapsed() < Duration::from_millis(2900), "silent for half a second after {:?}", asked.elapsed());
    rig.ctl(&["resume"]);
    wait_for("the music again", || rig.level() > -50.0);

    // The host dies; the panel brings it back at its place, and it is heard.
    let medicine = rig.status()["session"]["medicine"].as_i64().unwrap();
    let since = Instant::now();
    rig.kill_host();
    wait_for("the host again", || rig.undertone(&["ctl", "status"]).0 == 0);
    let back = rig.status();
    let drift =
        back["session"]["medicine"].as_i64().unwrap() - medicine - i64::try_from(since.elapsed().as_millis()).unwrap();
    assert!(drift.abs() < 1500, "{drift} ms off the medicine clock");
    assert_eq!(back["session"]["phase"]["kind"], "ascent");
    wait_for("the sound again", || rig.level() > -60.0);

    // The record tells what it was heard on, by each of the two hosts.
    let code = back["code"].as_str().unwrap().to_owned();
    let told = || rig.undertone(&["sessions", "report", &code]).1.matches("output Null Output: plays").count();
    wait_for("the output in the record", || told() == 2);

    // The soft end, and the panel is left.
    rig.ctl(&["end"]);
    wait_for("the end", || rig.ctl(&["status"]).contains("ended"));
    wait_for("the report", || second.screen().contains("The session has ended"));
    second.send(b"q");
    wait_for("the panel to go", || second.child.try_wait().unwrap().is_some());
    wait_for("the host to go", || rig.left_behind() == 0);
    assert!(second.is_given_back(), "the terminal is not as it was");
}
