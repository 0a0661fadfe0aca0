//! Which threads run before others.
//!
//! A sound server asks for the next buffer some milliseconds before it is needed. On a machine whose cores other programs keep
//! busy, a usual thread is sometimes let run only after that; where each terminal or program has its own share of the machine
//! (Linux: `sched_autogroup_enabled`) a program that hardly ever runs fares worst.
#![allow(unsafe_code, reason = "no safe crate sets a thread's scheduling")]

use super::NotHere;

/// When a thread is let run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// As soon as it has something to do.
    RealTime,
    /// When it is its turn.
    Usual,
}

/// Gives this thread, and every thread that it starts from then on, a priority. Neither decoding nor anything else that may
/// run without end belongs on such a thread.
///
/// # Errors
/// [`NotHere`] where the system does not grant it to this user, or has another way.
pub fn take_priority(priority: Priority) -> Result<(), NotHere> {
    #[cfg(target_os = "linux")]
    {
        // That of the sound server's own threads.
        const LEVEL: i32 = 5;
        let (policy, level) = match priority {
            Priority::RealTime => (libc::SCHED_RR, LEVEL),
            Priority::Usual => (libc::SCHED_OTHER, 0),
        };
        let asked = libc::sched_param { sched_priority: level };
        // SAFETY: the thread is this one, and the parameters are valid for the call.
        match unsafe { libc::pthread_setschedparam(libc::pthread_self(), policy, &raw const asked) } {
            0 => Ok(()),
            _ => Err(NotHere::because("this user may not run the sound before other programs")),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = priority;
        Err(NotHere::because("this system gives its sound threads their priority by itself"))
    }
}
