//! The only thread that writes to the terminal.
//!
//! A terminal can stop taking what is written to it (Scroll Lock, a line that stands still, a window that hangs), and whoever
//! writes then waits for as long as that lasts. Keys, above all the one for mute, must not wait with it.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// What is to be written, and where to tell how that went.
type Piece = (Vec<u8>, Sender<io::Result<()>>);

/// The way to the thread. Its clones lead to the same one, which ends with the last of them.
#[derive(Clone)]
pub struct Writer {
    pieces: Sender<Piece>,
}

/// Something that is on its way to the terminal.
pub struct UnderWay {
    outcome: Receiver<io::Result<()>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub fn start(mut terminal: impl Write + Send + 'static) -> io::Result<Self> {
        let (pieces, handed) = mpsc::channel::<Piece>();
        let write = move || {
            for (bytes, told) in handed {
                let outcome = terminal.write_all(&bytes).and_then(|()| terminal.flush());
                // Whoever has left the screen waits for it no more.
                drop(told.send(outcome));
            }
        };
        thread::Builder::new().name("panel-writer".to_owned()).spawn(write).map(|_| Self { pieces })
    }

    /// Hands this over, to be written after all that was handed over before. Never waits.
    pub fn hand(&self, bytes: Vec<u8>) -> UnderWay {
        let (told, outcome) = mpsc::channel();
        // A thread that is gone drops `told`, which the other end notices.
        drop(self.pieces.send((bytes, told)));
        UnderWay { outcome }
    }
}

impl UnderWay {
    /// Whether the terminal has taken it, waiting for that at most so long. Once it has, do not ask again.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn is_taken(&self, within: Duration) -> io::Result<bool> {
        match self.outcome.recv_timeout(within) {
            Ok(outcome) => outcome.map(|()| true),
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("nothing writes to the terminal any more")),
        }
    }
}
