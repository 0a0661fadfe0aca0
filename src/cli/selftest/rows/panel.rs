//! Rows 40, 46 and 51: what the panel must show, and what it must never let through.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use super::ms;
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::desk::Desk;
use crate::cli::selftest::hostile::{self, FORBIDDEN};
use crate::cli::selftest::rig::{Rig, Setup};

/// A playlist that needs no file, to be found by the picker.
const RAIN: &str = "format = 1\ntitle = \"A rain\"\nroute = \"custom\"\n[[phase]]\nkind = \"preparation\"\n\
                    planned = \"5m\"\n[[phase.track]]\ngenerator = \"rain\"\nminutes = 10\n";

/// The panel in which that playlist has been picked, with these variables changed.
fn before_a_session<'b>(rig: &Rig<'b>, changed: &[(&str, String)]) -> Result<Desk<'b>, Trouble> {
    let playlists = rig.home.join("settings/playlists");
    fs::create_dir_all(&playlists)?;
    // Its title takes the place of this name: where they share letters, those would not be written again.
    fs::write(playlists.join("0.toml"), RAIN)?;
    let mut command = rig.command(&rig.bench.program.display().to_string());
    command.envs(changed.iter().map(|(name, value)| (name, value)));
    let mut desk = Desk::open(rig.bench, command)?;
    desk.until(0, "A rain")?;
    rig.bench.rest(ms(1000))?;
    desk.send(b"\r")?;
    desk.until(0, "Before the session")?;
    Ok(desk)
}

/// 40: the system refuses to stay awake.
pub(in super::super) fn no_inhibitor(bench: &Bench) -> Done {
    let rig = Rig::new(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let programs = rig.home.join("bin");
    fs::create_dir(&programs)?;
    let refuses = programs.join("systemd-inhibit");
    fs::write(&refuses, "#!/bin/sh\necho 'Failed to inhibit: Access denied' >&2\nexit 1\n")?;
    fs::set_permissions(&refuses, fs::Permissions::from_mode(0o700))?;
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut desk = before_a_session(&rig, &[("PATH", path)])?;
    let shown = desk.until(0, "may fall asleep")?;
    checks.within("shown after", shown, ms(10_000));
    // A second press so soon after the first would be taken for a bounce.
    rig.bench.rest(ms(1000))?;
    let mark = desk.now();
    desk.send(b"\r")?;
    checks.within("one key does not pass it", desk.until(mark, "Press again")?, ms(1000));
    Ok(checks)
}

/// 46: titles, tags and file names that would rule a terminal.
pub(in super::super) fn hostile_texts(bench: &Bench) -> Done {
    let mut rig = Rig::new(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let name = "h\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m.wav";
    fs::write(rig.home.join(name), hostile::tagged_wav())?;
    fs::write(rig.home.join("tagged.wav"), hostile::tagged_wav())?;
    let list = rig.home.join("hostile.toml");
    let title = hostile::TITLE;
    fs::write(
        &list,
        format!(
            "format = 1\ntitle = {title}\nroute = 'custom'\n[[phase]]\nkind = 'preparation'\nplanned = '1m'\n\
             title = {title}\n[[phase.track]]\nfile = \"h\\u001b]0;owned\\u0007\\u202e\\u009b31m.wav\"\n\
             [[phase.track]]\nfile = 'tagged.wav'\n[[phase.track]]\ngenerator = 'rain'\nminutes = 9\ntitle = {title}\n"
        ),
    )?;
    rig.begin(&Setup { playlist: Some(&list), ..Setup::default() })?;
    let mut desk = rig.panel(&[])?;
    desk.until(0, "Tide")?;
    desk.press(&["?", "?", "v", "1", "p"])?;
    bench.rest(ms(10_500))?;
    let screen = desk.since(0);
    let entered = screen.windows(8).position(|bytes| bytes == b"\x1b[?1049h").unwrap_or(0);
    let code = rig.status()?.code;
    let mut texts = vec![("screen", screen[entered..].to_vec())];
    for words in [
        &["ctl", "status"][..],
        &["sessions"],
        &["sessions", "report", code.as_str()],
        &["check", &list.display().to_string()],
    ] {
        let answer = rig.undertone(words)?;
        texts.push(("answer", [answer.stdout, answer.stderr].concat()));
    }
    texts.push(("log", fs::read(rig.log())?));
    let sessions = rig.paths().sessions();
    texts.push(("journal", fs::read(sessions.join(format!("{code}.jsonl")))?));
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let mut found = 0;
    for (what, text) in &texts {
        for forbidden in FORBIDDEN.iter().filter(|forbidden| contains(text, forbidden.as_bytes())) {
            found += 1;
            checks.holds(&format!("no {forbidden:?} in the {what}"), false);
        }
        let raw = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\n' | b'\t');
        if *what != "screen" && text.iter().any(|byte| raw(&byte)) {
            found += 1;
            checks.holds(&format!("no control byte in the {what}"), false);
        }
    }
    checks.is(
        &format!("of {} sequences and control bytes got through, in {} kB", FORBIDDEN.len(), bytes / 1000),
        found,
        0,
    );
    Ok(checks)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|bytes| bytes == part)
}

/// 51: the system's sound library writes to standard error.
pub(in super::super) fn foreign_words(bench: &Bench) -> Done {
    let rig = Rig::new(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let nowhere = format!("unix:{}", rig.home.join("nowhere").display());
    let desk = before_a_session(&rig, &[("PULSE_SERVER", nowhere), ("ALSA_CONFIG_PATH", "/dev/null".to_owned())])?;
    let log = rig.paths().log;
    let lines = || fs::read_to_string(&log).unwrap_or_default().matches("ALSA lib").count();
    bench.wait(Instant::now(), "the library writes", || lines() > 0)?;
    bench.rest(ms(11_000))?;
    checks.at_least("lines of the library in the log:", lines() as f64, 1.0, "");
    checks.is("of them on the screen", usize::from(desk.shows(0, "ALSA")), 0);
    Ok(checks)
}
