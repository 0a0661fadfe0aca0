//! Seeded sessions: any playlist, any verbs, any faults, each made from one number and held to the rules.
//!
//! A seed that fails is shrunk and printed as a playlist and a scenario script that `undertone simulate` replays. About a
//! hundred are tried with all other tests; more, others, and from where on:
//!
//! ```sh
//! UNDERTONE_SEEDS=100000 cargo test --release --test seeds -- --ignored hundred_thousand --nocapture
//! UNDERTONE_SEEDS=3000 cargo test --release --test seeds -- --ignored thousands_with_sound --nocapture
//! cargo test --release --test seeds -- --ignored hundred_thousand_journals --nocapture
//! UNDERTONE_SEED=4711 UNDERTONE_SEEDS=1 …     # one of them
//! ```
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says so")]

#[path = "seeds/course.rs"]
mod course;
#[path = "laboratory/dice.rs"]
#[allow(dead_code, reason = "another test throws them otherwise")]
mod dice;
#[path = "seeds/ear.rs"]
mod ear;
#[path = "seeds/happenings.rs"]
mod happenings;
#[path = "scenarios/journals.rs"]
mod journals;
#[path = "seeds/music.rs"]
mod music;
#[path = "seeds/prefixes.rs"]
mod prefixes;
#[path = "seeds/session.rs"]
mod session;
#[path = "seeds/shape.rs"]
mod shape;
#[path = "seeds/sound.rs"]
mod sound;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use session::Session;
use shape::Purpose;

/// Failing sessions that are shrunk and printed; there may be many.
const SHOWN: usize = 5;

#[test]
fn a_hundred_sessions_with_faults_keep_the_rules() {
    check(Purpose::Course, 100);
}

#[test]
fn four_sessions_with_faults_sound_as_they_must() {
    check(Purpose::Sound, 4);
}

#[test]
#[ignore = "takes hours"]
fn a_hundred_thousand_sessions_keep_the_rules() {
    check(Purpose::Course, 100_000);
}

#[test]
#[ignore = "takes an hour"]
fn thousands_with_sound_sound_as_they_must() {
    check(Purpose::Sound, 3_000);
}

#[test]
fn a_thousand_journals_cut_off_anywhere_come_back() {
    prefixes::check(1_000);
}

#[test]
#[ignore = "takes minutes"]
fn a_hundred_thousand_journals_cut_off_anywhere_come_back() {
    prefixes::check(100_000);
}

fn told(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Tries so many seeds, on every core, and tells how far it is.
fn check(purpose: Purpose, usual: u64) {
    let first = told("UNDERTONE_SEED").unwrap_or(1);
    let many = told("UNDERTONE_SEEDS").unwrap_or(usual);
    let (next, failed, since) = (AtomicU64::new(0), Mutex::new(Vec::new()), Instant::now());
    std::thread::scope(|scope| {
        for worker in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let (next, failed) = (&next, &failed);
            scope.spawn(move || {
                loop {
                    let done = next.fetch_add(1, Relaxed);
                    if done >= many {
                        break;
                    }
                    if done > 0 && done.is_multiple_of(usual.div_ceil(100).max(20)) {
                        eprintln!("{done} of {many} sessions, {:.0} s", since.elapsed().as_secs_f64());
                    }
                    let session = Session::of(first + done, purpose, &format!("{purpose:?}-{worker}.toml"));
                    if !session.broken(&session.lines).is_empty() {
                        failed.lock().unwrap().push(session);
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|session| session.seed);
    eprintln!("{many} sessions from seed {first} on, {:.0} s", since.elapsed().as_secs_f64());
    failed.iter().take(SHOWN).for_each(show);
    let seeds: Vec<u64> = failed.iter().map(|session| session.seed).collect();
    assert!(seeds.is_empty(), "{} of {many} sessions break a rule: seeds {seeds:?}", seeds.len());
}

/// Prints a session that failed, with as few lines as will do, and how to run it again.
fn show(session: &Session) {
    let lines = session.shrunk();
    let name = format!("failed-{:?}-{}", session.purpose, session.seed).to_lowercase();
    let file = |end: &str| music::folder().join(format!("{name}.{end}"));
    let script = happenings::script(&lines);
    std::fs::write(file("toml"), &session.playlist).unwrap();
    std::fs::write(file("script"), &script).unwrap();
    eprintln!("\nseed {}:\n{}\n\n{}\n{script}", session.seed, session.broken(&lines).join("\n"), session.playlist);
    let (playlist, script) = (file("toml"), file("script"));
    let seed = session.seed;
    eprintln!("undertone simulate {} --script {} --seed {seed}", playlist.display(), script.display());
}
