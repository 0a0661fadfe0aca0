//! The kept connection, to servers that answer, die, stand still and lose answers by script.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

use super::*;

/// A server, and how many connections were made to it.
#[derive(Default)]
struct Server {
    made: AtomicU32,
    refuses: AtomicBool,
    /// Questions over connections older than this find them broken.
    restarted_at: AtomicU32,
    stands_still: Mutex<()>,
}

impl Server {
    /// Asks which connection it is; the first one is 1.
    fn ask(&self, kept: &Kept<u32>) -> Option<u32> {
        let connect = || (!self.refuses.load(Relaxed)).then(|| self.made.fetch_add(1, Relaxed) + 1);
        kept.ask(connect, |number| {
            drop(self.stands_still.lock());
            if *number > self.restarted_at.load(Relaxed) { Ok(*number) } else { Err(Broken) }
        })
    }
}

#[test]
fn a_thousand_questions_take_one_connection() {
    let (server, kept) = (Server::default(), Kept::new());
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| (0..100).for_each(|_| assert_eq!(server.ask(&kept), Some(1))));
        }
    });
    assert_eq!(kept.state().waiting, 0);
}

#[test]
fn a_broken_connection_is_replaced_within_the_same_question() {
    let (server, kept) = (Server::default(), Kept::new());
    assert_eq!(server.ask(&kept), Some(1));
    server.restarted_at.store(1, Relaxed);
    assert_eq!(server.ask(&kept), Some(2));
    // The server is away, and comes back.
    server.restarted_at.store(2, Relaxed);
    server.refuses.store(true, Relaxed);
    assert_eq!((server.ask(&kept), server.ask(&kept)), (None, None));
    server.refuses.store(false, Relaxed);
    assert_eq!(server.ask(&kept), Some(3));
}

#[test]
fn one_question_waits_for_a_server_that_stands_still_and_the_others_are_told_at_once() {
    let (server, kept) = (Server::default(), Kept::new());
    assert_eq!(server.ask(&kept), Some(1));
    let still = server.stands_still.lock();
    thread::scope(|scope| {
        let hanging = scope.spawn(|| server.ask(&kept));
        thread::sleep(PATIENCE + Duration::from_millis(300));
        let since = Instant::now();
        (0..100).for_each(|_| assert_eq!(server.ask(&kept), None));
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
        drop(still);
        assert_eq!(hanging.join().expect("it does not panic"), Some(1));
    });
    assert_eq!(server.ask(&kept), Some(1), "it goes on over the same connection");
}

#[test]
fn a_question_that_panics_does_not_wait_for_ever() {
    let kept: Kept<()> = Kept::new();
    let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        kept.ask(|| Some(()), |()| -> Result<(), Broken> { panic!("as planned") })
    }));
    assert!(asked.is_err());
    assert_eq!(kept.state().waiting, 0);
    assert_eq!(kept.ask(|| Some(()), |()| Ok(7)), Some(7));
}

#[test]
fn an_answer_that_was_lost_costs_a_minute_and_the_old_connection_stays_until_there_is_another() {
    let kept: Kept<u32> = Kept::new();
    let start = Instant::now();
    let after = |secs: u64| start + Duration::from_secs(secs);
    let mut state = kept.state();
    let old = Arc::new(1);
    state.connected(Some(&old), Duration::ZERO, start);
    assert_eq!(state.begin(start), Way::AsUsual);
    assert_eq!(state.begin(after(1)), Way::AsUsual);
    assert_eq!([3, 59].map(|at| state.begin(after(at))), [Way::Not, Way::Not]);
    assert_eq!(state.begin(after(61)), Way::Anew);
    state.connected(None, PATIENCE, after(63));
    assert_eq!(state.connection.as_deref(), Some(&1));
    assert_eq!([64, 121].map(|at| state.begin(after(at))), [Way::Not, Way::Not], "not again before another minute");
    assert_eq!(state.begin(after(122)), Way::Anew);
}

#[test]
fn connecting_in_vain_leaves_fewer_and_fewer_threads_behind() {
    let kept: Kept<u32> = Kept::new();
    let (start, mut tries) = (Instant::now(), 0);
    let mut state = kept.state();
    for at in (0..3600).map(|second| start + Duration::from_secs(second)) {
        if state.may_connect(at) {
            tries += 1;
            state.connected(None, PATIENCE, at);
        }
    }
    assert!((100..150).contains(&tries), "{tries} within an hour");
    // One that is refused at once leaves nothing behind, and need not pause.
    let mut state = Kept::<u32>::new();
    let state = state.state.get_mut().expect("nobody else has it");
    state.connected(None, Duration::ZERO, start);
    assert!(state.may_connect(start));
}
