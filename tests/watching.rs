//! `undertone watch` in a pseudo-terminal, while an editor saves in its own way, well and badly.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a file that cannot be written is a failed test

mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use terminal::{Terminal, grid};

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(desk.file(), playlist("Low tide", "rain")).unwrap();
        desk
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("list.toml")
    }

    fn watch(&self) -> Terminal {
        let mut command = CommandBuilder::new(PROGRAM);
        command.arg("watch");
        command.arg(self.file());
        command.env("UNDERTONE_HOME", self.folder.path().join("home"));
        Terminal::open(command)
    }

    /// As vim and most others do: another file takes the old one's place.
    fn save(&self, text: &str) {
        let aside = self.folder.path().join(".list.toml.swp");
        fs::write(&aside, text).unwrap();
        fs::rename(&aside, self.file()).unwrap();
    }
}

fn playlist(title: &str, generator: &str) -> String {
    format!(
        "format = 1\ntitle = '{title}'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n\
         [[phase.track]]\ngenerator = '{generator}'\nminutes = 30\n[[phase.track]]\ngenerator = 'drone'\nminutes = 95\n"
    )
}

#[test]
fn each_save_is_drawn_and_a_broken_one_keeps_the_last_good_plan() {
    let desk = Desk::new();
    let mut terminal = desk.watch();
    terminal.until("Low tide");
    terminal.until("nothing to mend");
    desk.save(&playlist("High tide", "rain"));
    terminal.until("High tide");
    desk.save(&playlist("Slack water", "rainn"));
    terminal.until("last good save");
    let screen = terminal.screen();
    assert!(screen.contains("High tide") && screen.contains("P050") && screen.contains("7:13"), "{screen}");
    desk.save("format = 1\ntitle = 'half a fi");
    terminal.until("P005");
    assert!(terminal.screen().contains("High tide"));
    // In place, as nano does.
    fs::write(desk.file(), playlist("Slack water", "rain")).unwrap();
    terminal.until("Slack water");
    terminal.until("nothing to mend");
    terminal.send(b"q");
    assert!(terminal.ended() && terminal.is_given_back());
}

#[test]
fn a_file_that_goes_and_comes_back_is_followed() {
    let desk = Desk::new();
    let terminal = desk.watch();
    terminal.until("Low tide");
    fs::remove_file(desk.file()).unwrap();
    terminal.until("P001");
    assert!(terminal.screen().contains("Low tide"), "the last good plan stays in view");
    desk.save(&playlist("Home again", "rain"));
    terminal.until("Home again");
}

#[test]
fn ctrl_c_and_a_signal_leave_a_sane_terminal() {
    for leave in [leave_by_key as fn(&mut Terminal), leave_by_signal] {
        let desk = Desk::new();
        let mut terminal = desk.watch();
        terminal.until("Low tide");
        leave(&mut terminal);
        assert!(terminal.ended());
        let began = Instant::now();
        // The last bytes may still be on their way to the reader.
        while !terminal.is_given_back() {
            assert!(began.elapsed() < Duration::from_secs(10), "the terminal was not given back");
            sleep(Duration::from_millis(10));
        }
    }
}

fn leave_by_key(terminal: &mut Terminal) {
    terminal.send(b"\x03");
}

fn leave_by_signal(terminal: &mut Terminal) {
    let pid = terminal.child.process_id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
}

#[test]
fn the_plan_follows_the_size_of_the_window_and_scrolls() {
    let desk = Desk::new();
    let mut terminal = desk.watch();
    terminal.until("nothing to mend");
    terminal.seen.lock().unwrap().1 = grid(10, 60);
    terminal.resize(10, 60);
    terminal.until("q leaves");
    assert!(!terminal.screen().contains("begins"), "{}", terminal.screen());
    terminal.send(b"\x1b[6~\x1b[6~\x1b[6~");
    terminal.until("begins");
    terminal.until("2    29:40");
    terminal.send(b"\x1b[H");
    terminal.until("Low tide");
    terminal.send(b"q");
    assert!(terminal.ended());
}

#[test]
fn without_a_terminal_it_says_what_else_there_is() {
    let desk = Desk::new();
    let told = Command::new(PROGRAM)
        .args([Path::new("watch"), &desk.file()])
        .env("UNDERTONE_HOME", desk.folder.path().join("home"))
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("undertone check"), "{told:?}");
}
