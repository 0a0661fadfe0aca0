//! The session process killed after the room has changed: what a later one finds is not what the session began with.

use std::fs;
use std::path::Path;

use super::house::{House, wait_for};
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

/// Kills the host, and waits until another one has been there.
fn again(house: &House) {
    let before = house.host().expect("there is a host");
    house.kill_host();
    wait_for("another host", || house.host().is_some_and(|host| host != before));
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
    house.sound.lock().unwrap().clear();
    wait_for("sound", || house.level() > SILENCE);
    let session = &house.status()["session"];
    assert_eq!(session["title"], "Changed", "{session}");
}

/// Another program raises the volume, and another output becomes the system's own; then the host dies, and its successor.
pub fn check_way() {
    let Some(house) = House::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let sink = |name: &str| {
        // Not a null sink, which a session never takes for granted.
        let file = folder.path().join(name).display().to_string();
        let timed = "use_system_clock_for_timing=yes";
        house.pactl(&["load-module", "module-pipe-sink", &format!("sink_name={name}"), &format!("file={file}"), timed]);
        house.pactl(&["set-default-sink", name]);
    };
    sink("phones");
    let _panel = house.panel(&["play", &playlist(folder.path())]);
    let output = || house.try_status().map(|status| status["output"].clone()).unwrap_or_default();
    wait_for("it is known where it is heard", || output()["playing"] == true);
    house.pactl(&["set-sink-volume", "phones", "150%"]);
    let is_as_soft = || {
        let output = output();
        let (device, gain) = (&output["each"][0]["device"], output["each"][0]["gain"].as_f64());
        device == "pulseaudio:phones" && gain.is_some_and(|gain| gain < -10.0)
    };
    wait_for("the raised volume is evened out", is_as_soft);
    sink("speakers");
    for _ in 0..2 {
        again(&house);
        wait_for("the same output, as soft as it was", is_as_soft);
        wait_for("sound", || output()["meter"][0].as_f64().is_some_and(|meter| meter > -40.0));
    }
}
