//! Media keys on a desktop bus of the test's own: they are heard only where the settings ask for it, and nothing that a
//! program sends can stop a session.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

use std::fs;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");

/// Begins a session on the private bus, sends it media keys, and tells its state after each.
const STEPS: &str = r#"
send() { dbus-send --session --print-reply --dest=org.mpris.MediaPlayer2.undertone /org/mpris/MediaPlayer2 "$@" >/dev/null 2>&1; }
state() { "$PROGRAM" ctl status --json | tr -d ' \n' | grep -o '"transport":"[a-z]*"\|"ducked":[a-z]*\|"quiet":[a-z"]*' | tr '\n' ' '; echo; }
"$PROGRAM" play list.toml --headless --output null & session=$!
for try in $(seq 200); do "$PROGRAM" ctl status >/dev/null 2>&1 && break; sleep 0.1; done
for try in $(seq 30); do send org.freedesktop.DBus.Properties.Get string:org.mpris.MediaPlayer2 string:Identity && break; sleep 0.1; done || true
echo "begun: $(state)"
for method in Pause Stop Previous Play; do send org.mpris.MediaPlayer2.Player.$method; done
send org.mpris.MediaPlayer2.Quit
sleep 1
echo "others: $(state)"
send org.mpris.MediaPlayer2.Player.PlayPause; sleep 1
echo "once: $(state)"
send org.mpris.MediaPlayer2.Player.PlayPause; sleep 1
echo "twice: $(state)"
"$PROGRAM" ctl end
wait $session
"#;

/// What was told after each step; `None` where this cannot be run.
fn told(settings: &str) -> Option<String> {
    if Command::new("dbus-run-session").arg("--version").output().is_err() {
        eprintln!("skipped: install dbus to run this test");
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("settings")).unwrap();
    fs::write(home.path().join("settings/settings.toml"), settings).unwrap();
    let list = "format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n[[phase.track]]\ngenerator = 'drone'\nminutes = 95\n";
    fs::write(home.path().join("list.toml"), list).unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", STEPS])
        .current_dir(home.path())
        .envs([("PROGRAM", PROGRAM), ("LC_ALL", "C")])
        .env("UNDERTONE_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(told)
}

fn after<'a>(told: &'a str, step: &str) -> &'a str {
    told.lines().find_map(|line| line.strip_prefix(&format!("{step}: "))).unwrap_or_else(|| panic!("{step}: {told}"))
}

#[test]
fn a_headsets_button_ducks_and_lifts_and_nothing_stops_a_session() {
    let Some(told) = told("media-keys = true\n") else { return };
    let begun = after(&told, "begun");
    assert!(begun.contains("running") && begun.contains("\"ducked\":false"), "{told}");
    assert_eq!(after(&told, "others"), begun);
    assert_eq!(after(&told, "once"), begun.replace("\"ducked\":false", "\"ducked\":true"));
    assert_eq!(after(&told, "twice"), begun);
}

#[test]
fn without_the_setting_nobody_listens() {
    let Some(told) = told("") else { return };
    let begun = after(&told, "begun");
    assert!(begun.contains("\"ducked\":false"), "{told}");
    assert_eq!((after(&told, "once"), after(&told, "twice")), (begun, begun));
}
