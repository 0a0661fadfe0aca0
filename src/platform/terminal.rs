//! Keeps off the screen what must not be there: foreign text (C libraries write to descriptor 2 whatever we ask of them), and a
//! PIN while it is typed.

use std::io;
use std::path::Path;

/// Standard error goes to a file as long as this lives.
#[derive(Debug)]
pub struct QuietStderr {
    #[cfg(unix)]
    before: std::os::fd::OwnedFd,
}

/// Turns standard error to the end of this file, until the guard is dropped. Where there is no descriptor 2, nothing
/// changes.
///
/// # Errors
/// When the file cannot be opened, or the descriptor not be turned.
pub fn quiet_stderr(log_file: &Path) -> io::Result<QuietStderr> {
    #[cfg(unix)]
    {
        let log = super::process::append(log_file)?;
        let before = rustix::io::fcntl_dupfd_cloexec(io::stderr(), 3)?;
        rustix::stdio::dup2_stderr(log)?;
        Ok(QuietStderr { before })
    }
    #[cfg(not(unix))]
    {
        let _ = log_file;
        Ok(QuietStderr {})
    }
}

#[cfg(unix)]
impl Drop for QuietStderr {
    fn drop(&mut self) {
        // If this fails, the text goes on into the log, which is harmless.
        let _ = rustix::stdio::dup2_stderr(&self.before);
    }
}

/// What is typed is not shown as long as this lives.
#[derive(Debug)]
pub struct HiddenTyping {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

/// Stops the terminal on standard input from showing what is typed. Where that cannot be done, it is shown.
#[must_use]
pub fn hide_typing() -> HiddenTyping {
    #[cfg(unix)]
    {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut hidden) = before.clone() {
            hidden.local_modes.remove(LocalModes::ECHO);
            // If the terminal refuses, typing is shown: that is said above.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &hidden);
        }
        HiddenTyping { before }
    }
    #[cfg(not(unix))]
    HiddenTyping {}
}

#[cfg(unix)]
impl Drop for HiddenTyping {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // The terminal took the other setting a moment ago.
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
