//! Keeps foreign text off the screen: C libraries write to descriptor 2 whatever we ask of them.

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
