//! Runs another program and takes what it prints, but only so long: a frozen server must not freeze us.
//!
//! Nothing may be asked of the child between its birth and its program (`pre_exec`): the standard library then copies this
//! process (`fork`), and until that is done no other thread of it gets memory. On a busy machine a copy took seconds, and every
//! stream was silent for as long. The child inherits the blocked signals instead; it is ended by one that cannot be blocked.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// What the program printed. It is ended, and waited for, when `longest` has passed.
///
/// # Errors
/// When it cannot be started, did not succeed, or took too long ([`io::ErrorKind::TimedOut`]).
pub(super) fn output(command: &mut Command, longest: Duration) -> io::Result<Vec<u8>> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (done, printed) = sync_channel(1);
    let stdout = child.stdout.take();
    let reader = thread::Builder::new().name("reading".into()).spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut bytes));
        // Nobody listens any more after the deadline.
        let _ = done.send(read.map(|_| bytes));
    });
    let printed = match reader {
        Ok(_) => printed.recv_timeout(longest),
        Err(_) => Err(RecvTimeoutError::Disconnected),
    };
    if printed.is_err() {
        // It may just have ended by itself.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let bytes = printed.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    if status.success() { Ok(bytes) } else { Err(io::Error::other(format!("it ended with {status}"))) }
}
