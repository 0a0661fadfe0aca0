//! One connection for all questions, kept until it breaks.
//!
//! A client of the sound server that is dropped while the server lives may stay behind for ever, with a thread, three
//! descriptors, and one of the 64 places that the server has for all programs together; of one that broke nothing is left. So
//! a connection is given up only when it has broken.
//!
//! No lock is held while the server is asked. A question may hang as long as the server stands still; it is then the one that
//! finds out when the server goes on, and nobody else asks until that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A question that has waited for longer hangs.
const PATIENCE: Duration = Duration::from_secs(2);
/// After this it may also be that only the answer was lost: then another connection is tried, and again after as long.
const LOST: Duration = Duration::from_secs(60);
/// Connecting that fails after longer was given up rather than refused, and leaves a thread behind that waits for the server.
const SLOW: Duration = Duration::from_secs(1);
/// After each of those in a row, connecting pauses for a second longer; never longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The connection has broken: no further question can be asked over it.
pub struct Broken;

/// The connection, if there is one, and who waits for it.
pub struct Kept<C> {
    state: Mutex<State<C>>,
    /// Whoever has it connects; one at a time.
    connecting: Mutex<()>,
}

struct State<C> {
    connection: Option<Arc<C>>,
    /// Questions that wait for their answers.
    waiting: usize,
    /// When anything was answered, or the first of those began to wait.
    heard: Option<Instant>,
    /// When another connection was last tried beside one that does not answer.
    tried: Option<Instant>,
    /// Connections in a row that were given up, and when the last one was.
    given_up: u32,
    failed: Option<Instant>,
}

/// How a question may be asked.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    AsUsual,
    /// Over another connection than the present one.
    Anew,
    Not,
}

impl<C> State<C> {
    /// Another question begins to wait, if it may.
    fn begin(&mut self, now: Instant) -> Way {
        let since = |at: Option<Instant>| at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let way = if self.waiting == 0 {
            self.heard = Some(now);
            Way::AsUsual
        } else if since(self.heard.max(self.tried)) > LOST {
            self.tried = Some(now);
            Way::Anew
        } else if since(self.heard) > PATIENCE {
            return Way::Not;
        } else {
            Way::AsUsual
        };
        self.waiting += 1;
        way
    }

    fn may_connect(&self, now: Instant) -> bool {
        let pause = Duration::from_secs(self.given_up.into()).min(LONGEST_PAUSE);
        self.failed.is_none_or(|at| now.saturating_duration_since(at) >= pause)
    }

    /// Connecting came to this. One that does not answer stays until another is there: it may yet.
    fn connected(&mut self, made: Option<&Arc<C>>, took: Duration, now: Instant) {
        if let Some(made) = made {
            (self.connection, self.given_up, self.failed) = (Some(made.clone()), 0, None);
        } else if took > SLOW {
            (self.given_up, self.failed) = (self.given_up.saturating_add(1), Some(now));
        }
    }
}

/// A question that waits, however it ends.
struct Waiting<'a, C>(&'a Kept<C>);

impl<C> Drop for Waiting<'_, C> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl<C> Kept<C> {
    pub const fn new() -> Self {
        let state = State { connection: None, waiting: 0, heard: None, tried: None, given_up: 0, failed: None };
        Self { state: Mutex::new(state), connecting: Mutex::new(()) }
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks over the connection that there is, or over a new one; if it turns out to be broken, once more. `None` when nobody
    /// answers. May block for as long as the server stands still.
    pub fn ask<T>(&self, connect: impl Fn() -> Option<C>, question: impl Fn(&C) -> Result<T, Broken>) -> Option<T> {
        let way = self.state().begin(Instant::now());
        if way == Way::Not {
            return None;
        }
        let _waiting = Waiting(self);
        let mut anew = way == Way::Anew;
        for _ in 0..2 {
            let connection = self.connection(anew, &connect)?;
            let answer = question(&connection);
            let mut state = self.state();
            state.heard = Some(Instant::now());
            match answer {
                Ok(answer) => return Some(answer),
                Err(Broken) => _ = state.connection.take_if(|kept| Arc::ptr_eq(kept, &connection)),
            }
            anew = false;
        }
        None
    }

    fn connection(&self, anew: bool, connect: &impl Fn() -> Option<C>) -> Option<Arc<C>> {
        let present = || self.state().connection.clone().filter(|_| !anew);
        if let Some(present) = present() {
            return Some(present);
        }
        let _alone = self.connecting.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may just have made it.
        if let Some(present) = present() {
            return Some(present);
        }
        let since = Instant::now();
        if !self.state().may_connect(since) {
            return None;
        }
        let made = connect().map(Arc::new);
        self.state().connected(made.as_ref(), since.elapsed(), Instant::now());
        made
    }
}

#[cfg(test)]
mod tests;
