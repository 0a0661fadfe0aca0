//! Signals, on one thread only.
//!
//! A signal that lands on the sound server's thread ends the stream for good (its socket calls do not go on after an
//! interruption), so the host blocks all of them before it has a second thread, and takes them in one by one.
#![allow(unsafe_code, reason = "no safe crate sets a thread's signal mask or waits for a blocked signal")]

use std::io;

/// What others can tell this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The terminal is gone.
    Hangup,
    /// End, please.
    Terminate,
    /// Ctrl-C, from outside.
    Interrupt,
    /// Running again after a stop: the world has gone on.
    Continue,
    /// The terminal has another size.
    Resize,
    /// Mute now, when nothing else answers (`SIGUSR2`).
    UrgentMute,
    /// Ctrl-\.
    Quit,
    /// Ctrl-Z, from outside.
    Stop,
}

impl Signal {
    const ALL: [Self; 8] = [
        Self::Hangup,
        Self::Terminate,
        Self::Interrupt,
        Self::Continue,
        Self::Resize,
        Self::UrgentMute,
        Self::Quit,
        Self::Stop,
    ];

    #[cfg(unix)]
    const fn number(self) -> i32 {
        use signal_hook::consts::signal as number;
        match self {
            Self::Hangup => number::SIGHUP,
            Self::Terminate => number::SIGTERM,
            Self::Interrupt => number::SIGINT,
            Self::Continue => number::SIGCONT,
            Self::Resize => number::SIGWINCH,
            Self::UrgentMute => number::SIGUSR2,
            Self::Quit => number::SIGQUIT,
            Self::Stop => number::SIGTSTP,
        }
    }

    #[cfg(unix)]
    fn of(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.number() == number)
    }
}

/// Blocks every signal that can be blocked, for this thread and all it will start. Call this at the top of `main`.
/// Nothing happens where there are no signals.
///
/// # Errors
/// When the system refuses.
pub fn block_all() -> io::Result<()> {
    #[cfg(unix)]
    unix::set_mask(libc::SIG_BLOCK, &unix::blockable())?;
    Ok(())
}

/// Takes blocked signals in on a thread of its own, and tells each. Needs [`block_all`] before.
///
/// # Errors
/// When no thread can be started.
pub fn listen(heard: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    #[cfg(unix)]
    std::thread::Builder::new().name("signals".into()).spawn(move || unix::wait(heard))?;
    #[cfg(not(unix))]
    drop(heard);
    Ok(())
}

/// Takes these signals in by handlers, for a process that leaves signals unblocked (the panel, whose terminal library has a
/// handler of its own), and tells each on a thread of its own.
///
/// # Errors
/// When a handler cannot be set, or no thread can be started.
pub fn watch(signals: &[Signal], heard: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut heard = heard;
        let mut arriving = signal_hook::iterator::Signals::new(signals.iter().map(|signal| signal.number()))?;
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || arriving.forever().filter_map(Signal::of).for_each(&mut heard))?;
    }
    #[cfg(not(unix))]
    drop((signals, heard));
    Ok(())
}

#[cfg(unix)]
pub(super) use unix::unblock_all;

#[cfg(unix)]
mod unix {
    //! Masks and waiting, by the C library.

    use std::io;
    use std::mem::MaybeUninit;
    use std::ptr;

    use super::Signal;

    /// What a program's own fault raises: blocked, it would end the process without a word, or spin.
    const FAULTS: [i32; 6] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT];

    /// A set of signals, by one of the two functions that fill a fresh one.
    fn set(fill: unsafe extern "C" fn(*mut libc::sigset_t) -> i32) -> libc::sigset_t {
        let mut set = MaybeUninit::uninit();
        // SAFETY: `fill` is sigemptyset or sigfillset; both write the whole set through a valid pointer and cannot fail.
        unsafe {
            fill(set.as_mut_ptr());
            set.assume_init()
        }
    }

    /// All signals but faults.
    pub(super) fn blockable() -> libc::sigset_t {
        let mut all = set(libc::sigfillset);
        for fault in FAULTS {
            // SAFETY: the set is valid and the number is a signal's.
            unsafe { libc::sigdelset(&raw mut all, fault) };
        }
        all
    }

    pub(super) fn set_mask(how: i32, set: &libc::sigset_t) -> io::Result<()> {
        // SAFETY: the set is valid, and a null pointer asks for no old mask.
        match unsafe { libc::pthread_sigmask(how, ptr::from_ref(set), ptr::null_mut()) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Blocks nothing. Neither allocates nor locks.
    pub(in crate::platform) fn unblock_all() -> io::Result<()> {
        set_mask(libc::SIG_SETMASK, &set(libc::sigemptyset))
    }

    /// Waits for one signal after another, for ever.
    pub(super) fn wait(mut heard: impl FnMut(Signal)) {
        let mut awaited = set(libc::sigemptyset);
        for signal in Signal::ALL {
            // SAFETY: the set is valid and the number is a signal's.
            unsafe { libc::sigaddset(&raw mut awaited, signal.number()) };
        }
        loop {
            let mut number = 0;
            // SAFETY: both pointers are valid for the call.
            let error = unsafe { libc::sigwait(&raw const awaited, &raw mut number) };
            if let (0, Some(signal)) = (error, Signal::of(number)) {
                heard(signal);
            }
        }
    }
}
