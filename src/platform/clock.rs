//! The clock under the session clock: since the machine's start, through suspend, blind to the wall clock.

use crate::units::Span;

/// Time since some fixed instant, the machine's start where the system tells it. Never goes back.
#[derive(Clone, Copy, Debug)]
pub struct Boottime;

impl Boottime {
    /// Now, to the millisecond. Two processes of one boot agree on Linux and Apple systems.
    #[cfg(unix)]
    #[must_use]
    pub fn now() -> Span {
        let now = rustix::time::clock_gettime(CLOCK);
        Span::from_millis(now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000))
    }

    /// Now, to the millisecond, since this was first asked. The standard clock counts through suspend on Windows.
    #[cfg(not(unix))]
    #[must_use]
    pub fn now() -> Span {
        use std::sync::OnceLock;
        use std::time::Instant;
        static FIRST: OnceLock<Instant> = OnceLock::new();
        Span::from_millis(FIRST.get_or_init(Instant::now).elapsed().as_millis() as i64)
    }
}

/// The one that counts while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
/// On Apple systems the monotonic clock counts through sleep; on others there is nothing better.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

/// Another text after every start of the machine; `None` where the system has none, and then [`Boottime`] must not be
/// compared between processes.
#[must_use]
pub fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}
