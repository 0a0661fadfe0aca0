//! Starting the host, and being one.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A host that was started.
#[derive(Clone, Debug)]
pub struct StartedHost {
    /// Its process id.
    pub id: u32,
    over: Arc<AtomicBool>,
}

impl StartedHost {
    /// Whether it has ended, whoever it was that ended it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over.load(Relaxed)
    }
}

/// This program, to be started once more: on Linux also where its file was removed or replaced meanwhile, as by an update during
/// a session. It is then the same version all the same.
///
/// # Errors
/// When the system does not say.
pub fn this_program() -> io::Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let kept = Path::new("/proc/self/exe");
    Ok(if !exe.exists() && kept.exists() { kept.to_owned() } else { exe })
}

/// Starts `exe` with these arguments, detached: nothing to read, its output appended to the log file. It should call
/// [`become_session_leader`] first of all.
///
/// # Errors
/// When the log file cannot be opened, or the program cannot be started.
pub fn spawn_host<A: AsRef<std::ffi::OsStr>>(exe: &Path, args: &[A], log_file: &Path) -> io::Result<StartedHost> {
    let log = append(log_file)?;
    let mut command = Command::new(exe);
    command.args(args).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let mut child = command.spawn()?;
    let started = StartedHost { id: child.id(), over: Arc::default() };
    let over = started.over.clone();
    let wait = move || {
        // A child of ours can be waited for.
        let _ = child.wait();
        over.store(true, Relaxed);
    };
    // Without this thread it would stay behind as a zombie, and its early end be known only by its silence; nothing worse.
    let _ = std::thread::Builder::new().name("host-reaper".into()).spawn(wait);
    Ok(started)
}

/// Opens a log file for this user only, to write at its end.
pub(super) fn append(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Leaves the terminal's session, so that closing the window does not reach this process.
///
/// # Errors
/// When the system refuses; a process that leads its session already is left as it is.
pub fn become_session_leader() -> io::Result<()> {
    #[cfg(unix)]
    match rustix::process::setsid() {
        Err(rustix::io::Errno::PERM) if rustix::process::getsid(None)? != rustix::process::getpid() => {
            return Err(io::Error::other("the host was started as the leader of a process group"));
        }
        Err(rustix::io::Errno::PERM) | Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// From now on, every file this process makes is for its user only.
pub fn private_files() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Who runs this program; `None` where users have no number.
#[must_use]
pub fn user_id() -> Option<u32> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    None
}
