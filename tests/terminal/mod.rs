//! A pseudo-terminal with a program in it: what a person would see there and press.
#![allow(dead_code, reason = "each test uses its part of it")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take that has no limit of its own; generous, for busy machines.
const LONG: Duration = Duration::from_secs(40);

/// A terminal of 80 by 24, and the program in it; both gone with it.
pub struct Terminal {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    pub keys: Box<dyn Write + Send>,
    /// Everything the program wrote, and the screen that it makes.
    pub seen: Arc<Mutex<(Vec<u8>, vt100::Parser)>>,
    /// The window was closed: its reader lets go of the terminal too.
    closed: Arc<AtomicBool>,
    /// The terminal's modes before the program had it.
    before: Option<String>,
}

impl Terminal {
    pub fn open(mut command: CommandBuilder) -> Self {
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8")] {
            if command.get_env(name).is_none_or(|inherited| std::env::var_os(name).as_deref() == Some(inherited)) {
                command.env(name, value);
            }
        }
        let pair = native_pty_system().openpty(size(24, 80)).expect("a pseudo-terminal");
        let before = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let mut from = pair.master.try_clone_reader().expect("its output");
        let keys = pair.master.take_writer().expect("its input");
        let seen = Arc::new(Mutex::new((Vec::new(), grid(24, 80))));
        let closed = Arc::new(AtomicBool::new(false));
        let (sink, stop) = (Arc::clone(&seen), Arc::clone(&closed));
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                let mut seen = sink.lock().expect("no test thread fails while holding it");
                seen.0.extend_from_slice(&buffer[..count]);
                seen.1.process(&buffer[..count]);
                if stop.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        Self { child, master: pair.master, keys, seen, closed, before }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.keys.write_all(bytes).expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
    }

    pub fn screen(&self) -> String {
        self.seen.lock().expect("the reader lives").1.screen().contents()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.seen.lock().expect("the reader lives").0.clone()
    }

    /// Waits until the screen says so; how long that took.
    pub fn until(&self, text: &str) -> Duration {
        let began = Instant::now();
        while !self.screen().contains(text) {
            assert!(began.elapsed() < LONG, "never saw {text:?} in:\n{}", self.screen());
            thread::sleep(Duration::from_millis(2));
        }
        began.elapsed()
    }

    /// Waits until the program has ended.
    pub fn ended(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < LONG {
            if self.child.try_wait().expect("a child of ours").is_some() {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Gives the window another size.
    pub fn resize(&self, rows: u16, columns: u16) {
        self.master.resize(size(rows, columns)).expect("the terminal resizes");
    }

    /// Closes the window under the program.
    pub fn close(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        let other = native_pty_system().openpty(PtySize::default()).expect("another pseudo-terminal");
        drop(std::mem::replace(&mut self.master, other.master));
        drop(std::mem::replace(&mut self.keys, Box::new(std::io::sink())));
    }

    /// Whether the program gave the terminal back: the first screen, its cursor, its modes.
    pub fn is_given_back(&self) -> bool {
        let seen = self.seen.lock().expect("the reader lives");
        !seen.1.screen().alternate_screen()
            && !seen.1.screen().hide_cursor()
            && modes(self.master.as_ref()) == self.before
    }
}

/// The terminal's own modes, to be compared.
fn modes(terminal: &dyn MasterPty) -> Option<String> {
    terminal.get_termios().map(|termios| format!("{termios:?}"))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// An empty screen of that size.
pub fn grid(rows: u16, columns: u16) -> vt100::Parser {
    let at_least_one = |number| NonZero::new(number).unwrap_or(NonZero::<u16>::MIN);
    vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0)
}
