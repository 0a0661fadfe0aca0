//! A real session on a null sink while every core is busy: its recording against the machine's own stumbling.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{available_parallelism, sleep, spawn};
use std::time::{Duration, Instant};

use super::house::{House, SECOND, wait_for};

/// Below this nothing of a tone is heard but its passing through zero.
const NOTHING: f32 = 0.003;
/// Gaps longer than this are told of (1 ms): no passing through zero takes so long, nor where two pieces cross.
const GAP: usize = SECOND / 1_000;
/// So many are told one by one.
const TOLD: usize = 40;

/// Plays for so many minutes.
pub fn check(playlist: &Path, minutes: u64) {
    let Some(house) = House::start() else { return };
    let _panel = house.panel(&["play", &playlist.display().to_string()]);
    wait_for("music", || house.level() > -24.0);
    let busy = std::env::var_os("UNDERTONE_BUSY").is_none().then(Busy::start);
    let jitter = house.jitter();
    let (before, since) = (xruns(&house), Instant::now());
    house.sound.lock().unwrap().clear();
    let (mut gaps, mut run, mut samples): (Vec<(Instant, Duration)>, _, _) = (Vec::new(), 0, 0);
    while since.elapsed() < Duration::from_secs(60 * minutes) {
        sleep(Duration::from_millis(500));
        let heard = std::mem::take(&mut *house.sound.lock().unwrap());
        let now = Instant::now();
        samples += heard.len();
        for (left, sample) in (0..heard.len()).rev().zip(heard) {
            if sample.abs() < NOTHING {
                run += 1;
            } else {
                if run > GAP {
                    gaps.push((now - length(left), length(run)));
                }
                run = 0;
            }
        }
    }
    drop(busy);
    let (worst, late, xruns) = (jitter.worst(), jitter.over_10_ms(), xruns(&house) - before);
    let longest = gaps.iter().map(|(_, gap)| *gap).max().unwrap_or_default();
    let is_ours = |(at, gap): &(Instant, Duration)| !jitter.explains(*at, *gap);
    let ours = gaps.iter().filter(|gap| is_ours(gap)).count();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    eprintln!("{minutes} min, {:.1} s recorded, load {}", samples as f64 / SECOND as f64, load.trim());
    eprintln!("{} gaps, the longest {longest:?}, of which {ours} are not the machine's; {xruns} xruns", gaps.len());
    eprintln!(
        "the machine: a thread that sleeps for 1 ms was late by up to {worst:?}, by more than 10 ms {late} times"
    );
    for (at, gap) in gaps.iter().take(TOLD) {
        let whose = if is_ours(&(*at, *gap)) { "not the machine's" } else { "the machine's" };
        let (after, near) = ((*at - since).as_secs_f64(), jitter.near(*at));
        eprintln!("after {after:.2} s: {gap:?}, {whose}, which kept a thread waiting for {near:?} about then");
    }
    if ours > 0 {
        let kept = playlist.with_file_name("failed");
        std::fs::remove_dir_all(&kept).ok();
        std::fs::rename(house.home.join("state"), &kept).unwrap();
        eprintln!("the session's journal and log are kept in {}", kept.display());
    }
    // Whoever is not let run cannot be on time.
    assert_eq!(ours, 0, "gaps that are not the machine's");
}

/// How long so many samples last.
fn length(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / SECOND as f64)
}

fn xruns(house: &House) -> u64 {
    house.status()["output"]["xruns"].as_u64().unwrap()
}

/// A thread for each core that never rests.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..available_parallelism().map_or(2, usize::from) {
            let over = Arc::clone(&over);
            spawn(move || {
                while !over.load(Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(over)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
