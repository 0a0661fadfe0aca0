//! The joints of a playlist, heard alone and changed, in a real terminal: what is written is one value and nothing else.
#![cfg(all(unix, feature = "device"))]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "pulse/rig.rs"]
mod pulse;
#[path = "sound/rig.rs"]
mod rig;
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use portable_pty::CommandBuilder;
use pulse::{Ear, Server, run_on_a_private_server};
use rig::SECOND;
use terminal::Terminal;

/// `[-old-]` is what stands before, `[+new+]` what stands after the crossfade was made a second longer.
const PLAYLISTS: [(&str, &str); 4] = [
    (
        "odd spacing and comments",
        "# Of an evening in May\nformat=1\n title   = \"Ods\"\nroute = \"custom\"\n\n\n[[phase]]\nkind = \"preparation\"\n\
         planned = \"2m\"\n\t[[phase.track]]   # low\n\tgenerator = \"drone\"\n\tminutes = 4\n[[phase]]\nkind='peak'\n\
         planned = \"4m\"\n  crossfade=\"10s\"   # into and inside\n\t[[phase.track]]\n\tgenerator = \"rain\"\n\
         \tminutes = 9    # enough[+\n\tfade_in = \"11s\"+]\n\n# The end",
    ),
    (
        "line ends of Windows",
        "format = 1\r\ntitle = \"Crlf\"\r\nroute = \"custom\"\r\n[[phase]]\r\nkind = \"preparation\"\r\nplanned = \"2m\"\r\n\
         [[phase.track]]\r\ngenerator = \"drone\"\r\nminutes = 4\r\n[[phase]]\r\nkind = \"peak\"\r\nplanned = \"4m\"\r\n\
         crossfade = \"10s\"\r\n[[phase.track]]\r\ngenerator = \"rain\"\r\nminutes = 9[+\r\nfade_in = \"11s\"+]\r\n\r\n",
    ),
    (
        "tracks written inline",
        "format = 1\ntitle = \"Inline\"\nroute = \"custom\"\n[sound]\ncrossfade = \"10s\" # everywhere\n[[phase]]\n\
         kind = \"preparation\"\nplanned = \"2m\"\ntrack = [{generator='drone',minutes=4}]\n[[phase]]\nkind = \"peak\"\n\
         planned = \"4m\"\ntrack = [ { generator = \"rain\",  minutes = 9[+, fade_in = \"11s\"+]  }, # one\n]\n",
    ),
    (
        "a length of its own",
        "format = 1\ntitle = \"Own\"\nroute = \"custom\"\n[[phase]]\nkind = \"preparation\"\nplanned = \"2m\"\n\
         [[phase.track]]\nfade_in = \"5s\"\ngenerator = \"drone\"\nminutes = 4\n[[phase]]\nkind = \"peak\"\nplanned = \"4m\"\n\
         crossfade = \"30s\"\n[[phase.track]]\nfade_in=[-'10s'-][+'11s'+]   # as the rain comes\ngenerator = \"rain\"\n\
         minutes = 9\n",
    ),
];

/// The text before or after.
fn unmarked(marked: &str, keep: [&str; 2], lose: [&str; 2]) -> String {
    let mut text = String::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once(lose[0]) {
        text.push_str(before);
        rest = after.split_once(lose[1]).unwrap().1;
    }
    (text + rest).replace(keep[0], "").replace(keep[1], "")
}

fn before(marked: &str) -> String {
    unmarked(marked, ["[-", "-]"], ["[+", "+]"])
}

/// A folder with a playlist in it.
fn folder(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.toml");
    fs::write(&file, text).unwrap();
    (folder, file)
}

fn open(file: &Path, output: &str) -> Terminal {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_undertone"));
    command.args(["audition", file.to_str().unwrap(), "--output", output]);
    command.env("UNDERTONE_HOME", file.with_file_name("home"));
    command.env("XDG_RUNTIME_DIR", file.parent().unwrap());
    command.env_remove("NO_COLOR");
    let terminal = Terminal::open(command);
    terminal.until("joint 1 of 1");
    terminal
}

#[test]
fn a_longer_crossfade_is_written_as_one_value_and_every_other_byte_stays() {
    for (name, marked) in PLAYLISTS {
        let (_folder, file) = folder(&before(marked));
        let mut terminal = open(&file, "null");
        terminal.until("10s");
        terminal.send(b"+");
        terminal.until("was 10s");
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            before(marked),
            "{name}: nothing is written before it is asked for"
        );
        terminal.send(b"w");
        terminal.until("Written into the playlist");
        let after = unmarked(marked, ["[+", "+]"], ["[-", "-]"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), after, "{name}");
        terminal.send(b"q");
        assert!(terminal.ended() && terminal.is_given_back(), "{name}");
        let mut again = open(&file, "null");
        again.until("11s");
        again.send(b"q");
        assert!(again.ended());
    }
}

#[test]
fn nothing_unwritten_is_left_without_a_question_and_an_editors_change_is_not_overwritten() {
    let text = before(PLAYLISTS[0].1);
    let (_folder, file) = folder(&text);
    let mut terminal = open(&file, "null");
    terminal.send(b"+q");
    terminal.until("not in the playlist yet");
    terminal.send(b"s");
    fs::write(&file, text.clone() + "\n# by another hand\n").unwrap();
    terminal.send(b"w");
    terminal.until("another program has changed");
    terminal.send(b"q");
    terminal.until("not in the playlist yet");
    terminal.send(b"x");
    assert!(terminal.ended() && terminal.is_given_back());
    assert_eq!(fs::read_to_string(&file).unwrap(), text + "\n# by another hand\n");
}

#[test]
fn a_joint_is_heard_as_long_as_it_is_said_to_be() {
    run_on_a_private_server("part_joints_as_recorded");
}

#[test]
#[ignore = "a part of another test, which gives it a server"]
fn part_joints_as_recorded() {
    let _server = Server::start();
    let ear = Ear::on("room");
    let text = "format = 1\ntitle = 'Two tones'\nroute = 'custom'\n[[phase]]\nkind = 'preparation'\nplanned = '40s'\n\
                crossfade = '4s'\n[[phase.track]]\nfile = 'low.wav'\n[[phase]]\nkind = 'peak'\nplanned = '40s'\ncrossfade = '4s'\n\
                [[phase.track]]\nfile = 'high.wav'\n";
    let (folder, file) = folder(text);
    for (name, pitch) in [("low.wav", LOW), ("high.wav", HIGH)] {
        write_tone(&folder.path().join(name), pitch);
    }
    let mut terminal = open(&file, "room");
    // Made a second longer, it is heard anew.
    terminal.send(b"+");
    terminal.until("crossfade  5s");
    while terminal.screen().contains("silent") {
        sleep(Duration::from_millis(10));
    }
    ear.heard.lock().unwrap().clear();
    // It lasts for more than half a minute; nothing waits as long as that for a word on the screen.
    sleep(Duration::from_secs(20));
    terminal.until("silent");
    judge(&ear.heard.lock().unwrap(), 5.0);
    terminal.send(b"q");
    terminal.until("not in the playlist yet");
    terminal.send(b"x");
    assert!(terminal.ended());
}

const LOW: f64 = 220.0;
const HIGH: f64 = 330.0;

/// A minute of a sine.
fn write_tone(file: &Path, pitch: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(file, spec).unwrap();
    for frame in 0..60 * SECOND {
        let angle = std::f64::consts::TAU * pitch * frame as f64 / SECOND as f64;
        wav.write_sample((angle.sin() * 8000.0) as i16).unwrap();
    }
    wav.finalize().unwrap();
}

/// How strong a pitch is in each tenth of a second, against its own strongest, in dB.
fn strength(heard: &[[f32; 2]], pitch: f64) -> Vec<f64> {
    let tenths = heard.chunks_exact(SECOND as usize / 10).map(|tenth| {
        let turned = |turn: fn(f64) -> f64| -> f64 {
            let angle = |frame: usize| std::f64::consts::TAU * pitch * frame as f64 / SECOND as f64;
            tenth.iter().enumerate().map(|(frame, sample)| f64::from(sample[0]) * turn(angle(frame))).sum()
        };
        turned(f64::sin).hypot(turned(f64::cos)).max(1e-9)
    });
    let tenths: Vec<f64> = tenths.collect();
    let most = tenths.iter().copied().fold(1e-9, f64::max);
    tenths.iter().map(|strength| 20.0 * (strength / most).log10()).collect()
}

/// Ten seconds of the one, a crossfade of this length, ten seconds of the other, and nothing afterwards.
fn judge(heard: &[[f32; 2]], length: f64) {
    let (low, high) = (strength(heard, LOW), strength(heard, HIGH));
    let seconds = |tenths: usize| tenths as f64 / 10.0;
    let count = |of: &[f64], is: fn(f64) -> bool| seconds(of.iter().filter(|strength| is(**strength)).count());
    let both = low.iter().zip(&high).filter(|(low, high)| **low > -25.0 && **high > -25.0).count();
    let both = seconds(both);
    let alone = [&low, &high].map(|of| count(of, |strength| strength > -0.5));
    eprintln!("{length} s: both were heard for {both} s, each at its own level for {alone:?} s");
    // Within 25 dB both are for nine tenths of an equal-power crossfade.
    assert!((both - 0.93 * length).abs() < 0.4, "{both} s of both in a crossfade of {length} s");
    // What is left of ten seconds, when the output took its time to open.
    assert!((7.0..=13.0).contains(&alone[0]), "about ten seconds before it: {} s", alone[0]);
    assert!((9.0..=12.5).contains(&alone[1]), "about ten seconds after it: {} s", alone[1]);
    let last = heard.iter().rev().take(SECOND as usize / 20).fold(0.0f32, |most, frame| most.max(frame[0].abs()));
    assert!(last < 1e-3, "and then silence: {last}");
}
