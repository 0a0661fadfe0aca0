//! What the engine costs: processor time per second of sound. `cargo bench --bench engine`.
#![allow(clippy::print_stdout, reason = "a benchmark's result is its text")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

#[path = "../tests/sound/rig.rs"]
mod rig;

use std::sync::LazyLock;
use std::time::Instant;

use rig::{Rig, noise, piece};
use undertone::audio::Lane;

/// Seconds of sound in a measurement.
const SECS: f64 = 60.0;

/// Processor time of this thread where the system tells it (Linux), else time by the clock.
fn processor_secs() -> f64 {
    static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanos.map_or_else(|| EPOCH.elapsed().as_secs_f64(), |nanos| nanos * 1e-9)
}

/// The quickest of five runs, in ms per second of sound.
fn measure(name: &str, mut prepare: impl FnMut() -> Rig, pass: impl Fn(&mut Rig)) {
    let run = |mut rig: Rig| {
        let since = processor_secs();
        pass(&mut rig);
        processor_secs() - since
    };
    let best = (0..5).map(|_| run(prepare())).fold(f64::INFINITY, f64::min);
    println!("{name:<48} {:8.3} ms per s, {:8.0} times real time", 1000.0 * best / SECS, SECS / best);
}

/// Two pieces that cross for ever, a bed, and (nothing being covered) no safe bed.
fn crossing(amplitude: f32) -> Rig {
    let mut rig = Rig::new();
    for ticket in 1..=2 {
        rig.load(ticket, piece(u64::MAX, cheap(ticket, amplitude)), None);
    }
    rig.bed(Some(piece(u64::MAX, cheap(3, amplitude))), 0.3, 2.0);
    rig.cross(1, 2.0);
    rig.run(10.0);
    rig.cross(2, 2.0 * SECS);
    rig.ramp(Lane::Duck, None, -1.0, 2.0 * SECS);
    rig.sound.clear();
    rig
}

/// A table of noise, so that the source itself costs next to nothing.
fn cheap(seed: u32, amplitude: f32) -> impl FnMut(u64) -> [f32; 2] + Send {
    let table: Vec<[f32; 2]> = (0..4096).map(noise(seed, amplitude)).collect();
    move |number| table[number as usize % 4096]
}

fn render(rig: &mut Rig) {
    let mut sum = 0.0;
    rig.engine.render(rig::frames(SECS), &mut |samples| sum += samples[0]);
    std::hint::black_box(sum);
}

fn main() {
    let playing = || {
        let mut rig = Rig::playing(piece(u64::MAX, cheap(1, 0.05)));
        rig.sound.clear();
        rig
    };
    measure("one deck; quiet", playing, render);
    measure("two decks, bed; quiet", || crossing(0.05), render);
    measure("two decks, bed; loud, near the ceiling", || crossing(0.5), render);
    measure("two decks, bed; limiting all the time", || crossing(4.0), render);
    let empty = || {
        let mut rig = Rig::new();
        rig.cross(9, 2.0);
        rig
    };
    measure("the safe bed alone", empty, render);
    measure("skipped time", || crossing(0.05), |rig| rig.engine.skip(rig::frames(SECS)));
}
