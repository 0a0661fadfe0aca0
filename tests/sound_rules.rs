//! Every number of the sound rules, measured: a session of real verbs on a steady tone, from the key to the sample.
//!
//! The tone is a file; the session is run by the same room, core and engine as in a treatment, in virtual time; what comes
//! out is measured by the tenth of a second. `cargo test --test sound_rules -- --nocapture` prints the table.
#![allow(clippy::print_stdout, reason = "a table of what was measured")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use undertone::host::script::Script;
use undertone::host::simulate::{Run, run};
use undertone::media::examine;
use undertone::playlist::{self, Loaded, Options};

const HZ: f64 = 220.0;
/// Of the file; the engine's own is 48 kHz.
const FILE_RATE: u32 = 8_000;
/// Frames in a tenth of a second: 22 waves of the tone.
const TENTH: usize = 4_800;
const MUTED: f64 = -60.0;

const SCRIPT: &str = "
0:00 start
0:25 comfort
0:30 duck
0:40 unduck
1:00 silence
1:20 resume
1:50 break
2:10 back
2:40 mute
2:50 resume
3:20 mute
3:21 mute
3:30 resume
4:00 louder
4:02 louder
4:04 louder
4:10 softer
4:12 softer
4:20 fault device-lost 8s
6:00 fault engine-crash
6:30 end
";

/// A tenth of a second of what came out.
#[derive(Clone, Copy)]
struct Tenth {
    /// dBFS.
    level: f64,
    /// The largest second difference.
    bend: f64,
}

/// Measures as it listens, so that nothing has to be kept.
#[derive(Default)]
struct Listener {
    tenths: Vec<Tenth>,
    sum: f64,
    bend: f64,
    count: usize,
    last: [f64; 2],
}

impl Listener {
    fn hear(&mut self, sample: f64) {
        self.bend = self.bend.max((sample - 2.0 * self.last[0] + self.last[1]).abs());
        self.last = [sample, self.last[0]];
        self.sum += sample * sample;
        self.count += 1;
        if self.count == TENTH {
            let level = 10.0 * (self.sum / TENTH as f64).max(1e-20).log10();
            self.tenths.push(Tenth { level, bend: self.bend });
            (self.sum, self.bend, self.count) = (0.0, 0.0, 0);
        }
    }
}

fn tone(folder: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: FILE_RATE,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(folder.join("tone.wav"), spec).unwrap();
    for number in 0..9 * 60 * FILE_RATE {
        let sample = (TAU * (HZ * f64::from(number) / f64::from(FILE_RATE)).fract()).sin();
        file.write_sample((sample * 0.3 * 8_388_607.0) as i32).unwrap();
    }
    file.finalize().unwrap();
}

fn session() -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let (path, home) = (folder.path().join("tone.toml"), folder.path().to_owned());
    tone(&home);
    let text = "format = 1\ntitle = \"Tone\"\nroute = \"im\"\n\n[[phase]]\nkind = \"preparation\"\nplanned = \"5m\"\n\
                bed = \"none\"\n\n[[phase.track]]\nfile = \"tone.wav\"\n";
    std::fs::write(&path, text).unwrap();
    let mut facts =
        |files: &[PathBuf]| -> BTreeMap<_, _> { files.iter().map(|file| (file.clone(), examine(file))).collect() };
    let (loaded, findings) = playlist::load(&path, &Options::default(), &mut facts);
    // Kept until the process ends: the session opens it later.
    _ = folder.keep();
    loaded.unwrap_or_else(|| panic!("{}", playlist::draw(&findings)))
}

/// The session as it was heard, in dB from the tone's own level.
struct Heard {
    tenths: Vec<Tenth>,
    full: f64,
    misses: Vec<String>,
}

impl Heard {
    fn at(&self, secs: f64) -> f64 {
        self.tenths[(secs * 10.0).round() as usize].level - self.full
    }

    fn note(&mut self, rule: &str, measured: f64, unit: &str, kept: bool) {
        println!("| {rule} | {measured:.2} {unit} |");
        if !kept {
            self.misses.push(format!("{rule}: {measured:.2} {unit}"));
        }
    }

    /// The level in the tenth of a second that begins here.
    fn level(&mut self, rule: &str, secs: f64, wanted: f64) {
        let level = self.at(secs);
        self.note(rule, level, "dB", (level - wanted).abs() < 0.5);
    }

    fn silent(&mut self, rule: &str, secs: f64) {
        let level = self.at(secs);
        self.note(rule, level.max(-120.0), "dB", level <= MUTED);
    }

    /// The fastest rise over so many seconds, where anything is heard at all.
    fn rise(&mut self, rule: &str, (from, to): (f64, f64), over: f64, most: f64) {
        let starts = (from * 10.0) as usize..((to - over) * 10.0) as usize;
        let moments = starts.map(|tenth| tenth as f64 / 10.0).filter(|at| self.at(*at) > -50.0);
        let rise = moments.map(|at| self.at(at + over) - self.at(at)).fold(0.0, f64::max);
        self.note(rule, rise, "dB", rise <= most + 0.1);
    }

    /// The sharpest corner, in times the tone's own.
    fn corner(&mut self, rule: &str, (from, to): (f64, f64), gain_db: f64) {
        let tenths = &self.tenths[(from * 10.0) as usize..(to * 10.0) as usize];
        let bend = tenths.iter().map(|tenth| tenth.bend).fold(0.0, f64::max);
        let amplitude = 10f64.powf((self.full + 3.0103 + gain_db) / 20.0);
        let own = amplitude * (TAU * HZ / 48_000.0).powi(2);
        self.note(rule, bend / own, "times the tone's own", bend / own <= 1.5);
    }
}

fn heard() -> Heard {
    let loaded = session();
    let script = Script::read(SCRIPT).unwrap();
    let mut listener = Listener::default();
    let mut sink =
        |samples: &[f32]| samples.as_chunks::<2>().0.iter().for_each(|[left, _]| listener.hear(f64::from(*left)));
    let outcome = run(Run { loaded: &loaded, seed: 1, script: &script, sink: Some(&mut sink), progress: &mut |_| {} });
    let refused: Vec<usize> = outcome.refused.iter().map(|(line, _)| *line).collect();
    assert_eq!(refused, [17], "the third `louder` meets the cap, and nothing else is refused: {:?}", outcome.refused);
    let full = listener.tenths[200].level;
    Heard { tenths: listener.tenths, full, misses: Vec::new() }
}

#[test]
fn every_sound_rule_holds_from_the_verb_to_the_sample() {
    let mut heard = heard();
    let heard = &mut heard;
    println!("| rule | measured |\n|---|---|");
    let first = (0..100).map(|tenth| f64::from(tenth) / 10.0).find(|at| heard.at(*at) > -0.2).unwrap();
    heard.note("first sound: from -60 dB over at least 3 s", first, "s", (3.0..=8.2).contains(&first));
    let beginning = heard.at(0.0);
    heard.note("first sound: its first tenth of a second", beginning, "dB", beginning < -58.5);
    heard.level("duck: -12 dB within 1.5 s", 31.5, -12.0);
    heard.level("unduck: half way after 6 s", 45.95, -6.0);
    heard.level("unduck: back after 12 s", 52.1, 0.0);
    heard.silent("silence: faded over 8 s", 68.0);
    heard.level("silence: half way after 4 s", 63.95, -30.0);
    heard.level("resume: -10 dB after 10 s", 89.95, -10.0);
    heard.level("resume: back after 20 s", 100.1, 0.0);
    heard.level("break: -20 dB after 8 s", 118.1, -20.0);
    heard.level("back: after 20 s", 150.1, 0.0);
    heard.silent("mute: silent within 2 s", 161.9);
    heard.silent("mute again: silent within 250 ms", 201.3);
    heard.level("resume after mute", 230.2, 0.0);
    heard.level("louder: +1.5 dB", 241.0, 1.5);
    heard.level("louder: never above the cap, comfort + 3 dB", 246.0, 3.0);
    heard.rise("louder: at most 1 dB in 100 ms", (239.0, 246.0), 0.1, 1.0);
    heard.level("softer: -1.5 dB", 251.0, 1.5);
    heard.rise("a device comes back: at most 3 dB in 10 s", (272.0, 345.0), 10.0, 3.0);
    heard.level("a device comes back: full after 70 s", 339.0, 0.0);
    let after = (0..150).map(|tenth| f64::from(tenth) / 10.0).find(|at| heard.at(360.2 + at) > -3.3).unwrap();
    heard.note("after a fault: 8 s, to 3 dB below", after + 0.2, "s", (7.5..=8.8).contains(&(after + 0.2)));
    heard.rise("after a fault: the last 3 dB, in 10 s", (368.5, 389.5), 10.0, 1.5);
    heard.level("after a fault: full after another 20 s", 388.6, 0.0);
    heard.level("soft end: half way after 10 s", 399.95, -30.0);
    let last = heard.at(409.9);
    heard.note("soft end: its last tenth of a second", last, "dB", last < -59.0);
    heard.rise("ever: at most 12 dB/s", (0.0, 410.0), 0.1, 1.2);
    heard.corner("clicks: all verbs up to the device's loss", (0.0, 259.8), 3.0);
    heard.corner("clicks: at full level", (30.0, 240.0), 0.0);
    heard.corner("clicks: after it", (270.0, 359.8), 0.0);
    heard.corner("clicks: the end", (370.0, 409.9), 0.0);
    assert!(heard.misses.is_empty(), "\n{}", heard.misses.join("\n"));
}
