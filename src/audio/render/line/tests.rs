//! A line between two clocks that differ, in virtual time: both ends work in bursts, and come late now and then.

use std::sync::atomic::Ordering::Relaxed;

use rtrb::{Producer, RingBuffer};

use super::*;
use crate::audio::render::traffic::Gauges;

/// Full level of the sine that is sent, left and right a quarter of a turn apart.
const AMPLITUDE: f32 = 0.4;

/// Both ends, their clocks, and what came out.
struct Bench {
    gauges: Gauges,
    to: Producer<[f32; 2]>,
    line: Line,
    /// In seconds: when each end works next.
    write_at: f64,
    read_at: f64,
    /// Frames written, for the sine's angle.
    written: u64,
    /// Blocks that the writer makes at a time.
    write_burst: u32,
    heard: Vec<[f32; 2]>,
    dry: usize,
    /// How far the reader is behind, in frames, as the line sees it.
    delays: Vec<f64>,
    random: u32,
    /// In seconds: how late each end is to its next burst.
    write_late: f64,
    read_late: f64,
}

impl Bench {
    fn new() -> Self {
        let (to, from) = RingBuffer::new(LONGEST);
        Self {
            gauges: Gauges::default(),
            to,
            line: Line::new(from),
            write_at: 0.0,
            read_at: 0.003,
            written: 0,
            write_burst: 8,
            heard: Vec::new(),
            dry: 0,
            delays: Vec::new(),
            random: 1,
            write_late: 0.0,
            read_late: 0.0,
        }
    }

    /// Up to so many seconds late.
    fn late(&mut self, most: f64) -> f64 {
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.random >> 16) / 65_536.0 * most
    }

    fn sine(written: &mut u64) -> Block {
        std::array::from_fn(|_| {
            let angle = std::f64::consts::TAU * (220.0 * *written as f64 / 48_000.0).fract();
            *written += 1;
            [AMPLITUDE * angle.sin() as f32, AMPLITUDE * angle.cos() as f32]
        })
    }

    fn moment(at: f64, first: bool) -> Moment {
        Moment { micros: (at * 1e6) as u64 as u32, first }
    }

    /// Lets this many seconds pass; the reader's clock is off by `ppm`, its bursts are of `burst` blocks, and each end is up to
    /// `late` seconds late.
    fn run(&mut self, secs: f64, ppm: f64, burst: u32, late: f64) {
        let until = self.read_at + secs;
        let pace = BLOCK as f64 / 48_000.0;
        while self.read_at < until {
            if self.write_at + self.write_late <= self.read_at + self.read_late {
                let at = self.write_at + self.late(late) + std::mem::take(&mut self.write_late);
                self.gauges.set_pulse(Self::moment(at, true));
                for _ in 0..self.write_burst {
                    let sound = Self::sine(&mut self.written);
                    if self.to.slots() >= BLOCK {
                        _ = self.to.push_partial_slice(&sound);
                    }
                    self.gauges.rendered.fetch_add(BLOCK as u64, Relaxed);
                }
                self.write_at += f64::from(self.write_burst) * pace;
            } else {
                let at = self.read_at + self.late(late) + std::mem::take(&mut self.read_late);
                for block in 0..burst {
                    let now = Self::moment(at, block == 0);
                    let clock = self.gauges.clock(now);
                    self.delays.push(self.line.delay(clock));
                    let mut out = [[0.0; 2]; BLOCK];
                    self.dry += usize::from(self.line.play(&mut out, now, clock, &mut |_| false));
                    self.heard.extend(out);
                }
                self.read_at += f64::from(burst) * pace / (1.0 + ppm * 1e-6);
            }
        }
    }

    /// The writer is gone; the reader renders for itself from here on.
    fn promote(&mut self, blocks: usize) {
        let clock = Clock { ahead: 0.0, elsewhere: false };
        for block in 0..blocks {
            let written = &mut self.written;
            let mut out = [[0.0; 2]; BLOCK];
            let now = Self::moment(self.read_at, block % 8 == 0);
            let mut more = |block: &mut Block| {
                *block = Self::sine(written);
                true
            };
            self.dry += usize::from(self.line.play(&mut out, now, clock, &mut more));
            self.heard.extend(out);
        }
    }
}

/// The largest second difference, in those of the sine itself.
fn sharpest(sound: &[[f32; 2]]) -> f32 {
    let own = AMPLITUDE * (std::f32::consts::TAU * 220.0 / 48_000.0).powi(2);
    let bend = |three: &[[f32; 2]]| (three[0][0] - 2.0 * three[1][0] + three[2][0]).abs();
    sound.windows(3).map(bend).fold(0.0, f32::max) / own
}

/// The lowest level of the sine, as a part of its full one.
fn lowest(sound: &[[f32; 2]]) -> f32 {
    let level = |frame: &[f32; 2]| (frame[0] * frame[0] + frame[1] * frame[1]).sqrt() / AMPLITUDE;
    sound.iter().map(level).fold(f32::INFINITY, f32::min)
}

#[test]
fn two_clocks_that_differ_make_no_gap_and_no_click_and_stay_together() {
    for (ppm, burst, late) in [(200.0, 8, 0.001), (-200.0, 8, 0.001), (200.0, 7, 0.002), (-400.0, 16, 0.001)] {
        let mut bench = Bench::new();
        bench.run(90.0, ppm, burst, late);
        let case = format!("{ppm} ppm, bursts of {burst}");
        assert_eq!(bench.dry, 0, "{case}");
        let sound = &bench.heard[48_000..];
        assert!(sharpest(sound) < 1.05, "{case}: {}", sharpest(sound));
        assert!(lowest(sound) > 0.99, "{case}: {}", lowest(sound));
        let settled = &bench.delays[bench.delays.len() / 3..];
        let (least, most) = settled.iter().fold((f64::MAX, f64::MIN), |(a, b), d| (a.min(*d), b.max(*d)));
        assert!(most < 960.0 + f64::from(burst) * 64.0, "{case}: up to {most} frames behind");
        assert!(most - least < 960.0 + f64::from(burst) * 64.0, "{case}: between {least} and {most} frames behind");
    }
}

/// Both buffers have grown as far as they do: 4,096 frames.
#[test]
fn the_largest_buffers_of_a_busy_machine_fit_into_the_line() {
    for ppm in [200.0, -200.0] {
        let mut bench = Bench { write_burst: 64, ..Bench::new() };
        bench.run(90.0, ppm, 64, 0.004);
        let sound = &bench.heard[3 * 48_000..];
        assert_eq!(bench.dry, 0, "{ppm} ppm");
        assert!(sharpest(sound) < 1.05, "{ppm} ppm: {}", sharpest(sound));
        assert!(lowest(sound) > 0.99, "{ppm} ppm: {}", lowest(sound));
    }
}

/// Wherever the reader's bursts fall between the writer's: at this difference they pass all the way around each other.
#[test]
fn with_the_largest_buffers_the_delay_stays_where_it_is() {
    let mut bench = Bench { write_burst: 64, ..Bench::new() };
    bench.run(500.0, 200.0, 64, 0.001);
    assert_eq!(bench.dry, 0);
    // At the beginning of each burst.
    let delays: Vec<f64> = bench.delays.iter().step_by(64).skip(700).copied().collect();
    let (least, most) = delays.iter().fold((f64::MAX, f64::MIN), |(a, b), d| (a.min(*d), b.max(*d)));
    assert!(most - least < 480.0, "between {least} and {most} frames behind");
}

/// As late as a machine is whose buffers have grown so far: either end, and on time again for the next burst.
#[test]
fn with_the_largest_buffers_each_end_may_be_as_late_as_half_of_one() {
    let mut bench = Bench { write_burst: 64, ..Bench::new() };
    for _ in 0..10 {
        bench.run(5.0, 200.0, 64, 0.001);
        bench.write_late = 0.035;
        bench.run(5.0, 200.0, 64, 0.001);
        bench.read_late = 0.060;
    }
    assert_eq!(bench.dry, 0);
    let sound = &bench.heard[3 * 48_000..];
    assert!(lowest(sound) > 0.99, "{}", lowest(sound));
}

#[test]
fn when_the_other_output_goes_the_sound_goes_on_as_if_nothing_were() {
    let mut bench = Bench::new();
    bench.run(10.0, 150.0, 8, 0.001);
    bench.promote(2_000);
    assert_eq!(bench.dry, 0);
    let sound = &bench.heard[48_000..];
    assert!(sharpest(sound) < 1.05, "{}", sharpest(sound));
    assert!(lowest(sound) > 0.99, "{}", lowest(sound));
}

/// The levels at the beginning of each tenth of a second, as parts of the full one.
fn tenths(sound: &[[f32; 2]]) -> Vec<f32> {
    sound.chunks(4_800).map(|tenth| lowest(&tenth[..1])).collect()
}

#[test]
fn a_writer_who_stops_is_a_fade_and_after_it_a_soft_return() {
    let mut bench = Bench::new();
    bench.run(5.0, 0.0, 8, 0.0);
    bench.write_at += 0.2;
    bench.run(6.0, 0.0, 8, 0.0);
    assert!(bench.dry >= 1);
    let sound = &bench.heard[48_000..];
    assert!(sharpest(sound) < 30.0, "the fade of a millisecond is no cut: {}", sharpest(sound));
    let levels = tenths(sound);
    let rise = levels.windows(2).map(|pair| 20.0 * (pair[1].max(0.1) / pair[0].max(0.1)).log10());
    assert!(rise.fold(0.0, f32::max) < 1.3, "12 dB/s from -20 dB on");
    assert!(levels[levels.len() - 1] > 0.99, "it is back");
}

#[test]
fn a_stumble_is_as_short_as_it_can_be() {
    let mut bench = Bench::new();
    bench.run(5.0, 0.0, 8, 0.0);
    bench.write_at += 0.025;
    bench.run(3.0, 0.0, 8, 0.0);
    assert!(bench.dry >= 1);
    let sound = &bench.heard[48_000..];
    assert!(sharpest(sound) < 30.0, "{}", sharpest(sound));
    let quiet = sound.iter().filter(|frame| lowest(&[**frame]) < 0.9).count();
    assert!(quiet < 48 * 60, "{quiet} frames, for a writer who was 25 ms late");
}

#[test]
fn a_reader_who_slept_is_not_behind_for_ever() {
    let mut bench = Bench::new();
    bench.run(5.0, 0.0, 8, 0.0);
    bench.read_at += 2.0;
    bench.run(6.0, 0.0, 8, 0.0);
    let last = bench.delays[bench.delays.len() - 1];
    assert!(last < 1_300.0, "{last} frames behind");
    assert!(lowest(&bench.heard[bench.heard.len() - 4_800..]) > 0.99);
}

/// `cargo test --lib -- --ignored quarter_of_an_hour`
#[test]
#[ignore = "takes half a minute; the shorter ones show the same"]
fn a_quarter_of_an_hour_at_200_ppm_has_no_gap_and_ends_where_it_began() {
    let mut bench = Bench::new();
    bench.run(900.0, 200.0, 8, 0.001);
    assert_eq!(bench.dry, 0);
    assert!(lowest(&bench.heard[48_000..]) > 0.99);
    let (least, most) = bench.delays[8_000..].iter().fold((f64::MAX, f64::MIN), |(a, b), d| (a.min(*d), b.max(*d)));
    // A burst of 512 frames lies between its beginning and its end; what is more than that is the wander.
    assert!(most - least - 512.0 < 240.0, "wandered by {} frames", most - least - 512.0);
}
