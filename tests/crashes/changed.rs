//! The session process killed after the room has changed: what a later one finds is not what the session began with.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::house::{House, LONG, SECOND, level, wait_for};
use super::music;

/// A quiet bed may be all there is; below this there is nothing.
const SILENCE: f32 = -80.0;

/// A playlist of one long piece with its own copy of the music, in this folder.
fn playlist(folder: &Path) -> String {
    fs::copy(music::folder().join(music::name(220)), folder.join("tone.wav")).unwrap();
    let text = "format = 1\ntitle = \"Changed\"\nroute = \"im\"\n[[phase]]\nkind = \"peak\"\nplanned = \"4m\"\n[[phase.track]]\nfile = \
                \"tone.wav\"\n";
    fs::write(folder.join("changed.toml"), text).unwrap();
    folder.join("changed.toml").display().to_string()
}

/// Kills the host, and waits until another one is heard.
fn again(house: &House) {
    let before = house.host().expect("there is a host");
    house.kill_host();
    wait_for("another host", || house.host().is_some_and(|host| host != before));
    house.sound.lock().unwrap().clear();
    let since = Instant::now();
    wait_for("sound", || {
        let there = house.level() > SILENCE;
        if !there && since.elapsed() > Duration::from_secs(30) {
            eprintln!("{} {} {}", house.status(), house.sound.lock().unwrap().len(), house.level());
            house.pactl(&["list", "short"]);
            std::thread::sleep(Duration::from_secs(4));
        }
        there
    });
}

/// The music is unplugged and the playlist is not what it was; then the host dies.
pub fn check_files() {
    let Some(house) = House::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let _panel = house.panel(&["play", &playlist(folder.path()), "--output", "pulseaudio:room"]);
    wait_for("music", || house.level() > -24.0);
    fs::remove_file(folder.path().join("tone.wav")).unwrap();
    fs::write(folder.path().join("changed.toml"), "no playlist any more").unwrap();
    again(&house);
    let session = &house.status()["session"];
    assert_eq!(session["title"], "Changed", "{session}");
}

/// Another program raises the volume, and another output becomes the system's own; then the host dies.
pub fn check_way() {
    let Some(house) = House::start() else { return };
    // Not a null sink itself, which a session never takes for granted.
    house.pactl(&["load-module", "module-remap-sink", "sink_name=phones", "master=room"]);
    house.pactl(&["set-default-sink", "phones"]);
    let folder = tempfile::tempdir().unwrap();
    let _panel = house.panel(&["play", &playlist(folder.path())]);
    wait_for("music", || house.level() > -24.0);
    wait_for("it is known where it is heard", || house.status()["output"]["playing"] == true);
    wait_for("it rises no more", || {
        let before = house.level();
        std::thread::sleep(Duration::from_secs(1));
        house.level() - before < 0.1
    });
    let usual = house.level();
    house.pactl(&["set-sink-volume", "phones", "150%"]);
    wait_for("the volume is seen", || house.status()["output"]["state"].to_string().contains("was raised"));
    wait_for("it is evened out", || (house.level() - usual).abs() < 1.0);
    house.pactl(&["load-module", "module-remap-sink", "sink_name=speakers", "master=room"]);
    house.pactl(&["set-default-sink", "speakers"]);
    again(&house);
    let device = || house.status()["output"]["each"][0]["device"].to_string();
    assert!(device().contains("phones"), "{}", device());
    wait_for("the volume is seen again", || house.status()["output"]["state"].to_string().contains("was raised"));
    let since = Instant::now();
    while since.elapsed() < LONG && (house.level() - usual).abs() > 3.5 {
        std::thread::sleep(Duration::from_millis(200));
    }
    let sound = house.sound.lock().unwrap();
    let loudest = sound.chunks_exact(SECOND / 10).map(level).fold(f32::MIN, f32::max);
    assert!(loudest < usual + 1.0, "{loudest} dBFS, {usual} before");
}
