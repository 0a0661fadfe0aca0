//! A playlist of eight real files, one in every format: each is heard, and a file that breaks while its session plays
//! costs no silence and moves no boundary.
//!
//! The files are real, and so are their faults: they are spoilt on disk after the playlist was loaded. The session is the
//! real one in virtual time, its sound what a client would have heard.
#![allow(clippy::unwrap_used)] // a fixture that cannot be read is a failed test

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

use undertone::host::script::Script;
use undertone::host::simulate::{Run, run};
use undertone::media;
use undertone::playlist::{self, Loaded, Options};
use undertone::record::{Record, Story};
use undertone::session::{Event, PhaseKind};
use undertone::units::{SessionTime, Span};

/// One note in every format; each at its own pitch, [`pitch`].
const FILES: [&str; 8] =
    ["note-1.flac", "note-2.mp3", "note-3.m4a", "note-4.m4a", "note-5.ogg", "note-6.opus", "note-7.wav", "note-8.aiff"];
const RATE: usize = 48_000;
/// A tenth of a second: shorter holes are no silence to anyone.
const WINDOW: usize = RATE / 10;
/// The safe bed at its faintest lies well above this, in dBFS.
const SILENT: f64 = -55.0;

/// The pitch of a note in Hz; notes count from 1.
fn pitch(number: usize) -> f64 {
    250.0 + 75.0 * number as f64
}

/// A session of these eight files, copied where they may be spoilt.
struct Eight {
    folder: tempfile::TempDir,
    loaded: Loaded,
}

impl Eight {
    fn load() -> Self {
        Self::with("crossfade = '4s'\n", "[[phase.track]]\ngenerator = 'drone'\nminutes = 3\n")
    }

    /// With these lines under `[sound]`, and these as the tracks of the last phase.
    fn with(sound: &str, last: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = format!("format = 1\ntitle = 'Eight'\nroute = 'im'\n[sound]\n{sound}");
        text += "[[phase]]\nkind = 'peak'\nplanned = '2m30s'\norder = 'listed'\n";
        for name in FILES {
            fs::copy(Path::new("tests/fixtures/media").join(name), folder.path().join(name)).unwrap();
            text += &format!("[[phase.track]]\nfile = '{name}'\n");
        }
        text += &format!("[[phase]]\nkind = 'return'\nplanned = '1m'\n{last}");
        let file = folder.path().join("eight.toml");
        fs::write(&file, text).unwrap();
        let mut examine = |files: &[PathBuf]| -> BTreeMap<_, _> {
            files.iter().map(|file| (file.clone(), media::examine(file))).collect()
        };
        let (loaded, findings) = playlist::load(&file, &Options::default(), &mut examine);
        let loaded = loaded.unwrap_or_else(|| panic!("{}", playlist::draw(&findings)));
        Self { folder, loaded }
    }

    /// The whole session: its journal, and its sound as one channel.
    fn play(&self) -> (Vec<Record>, Vec<f32>) {
        let mut heard = Vec::new();
        let script = Script::read("0:00 start\n0:00 dose\n").unwrap();
        let outcome = run(Run {
            loaded: &self.loaded,
            seed: 1,
            script: &script,
            sink: Some(&mut |samples| heard.extend(samples.chunks(2).map(|frame| (frame[0] + frame[1]) / 2.0))),
            progress: &mut |_| (),
        });
        (Story::of_bytes(&outcome.journal).records, heard)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn level(samples: &[f32]) -> f64 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    10.0 * (power / samples.len().max(1) as f64 + 1e-12).log10()
}

/// How much of the sound's power lies at a pitch, 0 to 1.
fn share(samples: &[f32], hz: f64) -> f64 {
    let (mut cos, mut sin, mut power) = (0.0, 0.0, 1e-12);
    for (at, sample) in samples.iter().enumerate() {
        let (angle, sample) = (TAU * hz * at as f64 / RATE as f64, f64::from(*sample));
        cos += sample * angle.cos();
        sin += sample * angle.sin();
        power += sample * sample;
    }
    2.0 * (cos * cos + sin * sin) / (power * samples.len() as f64)
}

fn frame(at: SessionTime) -> usize {
    at.since_start().millis() as usize * RATE / 1000
}

/// The first instant, from the end of the first rise to the beginning of the soft end (20 s), at which nothing is heard.
fn first_silence(heard: &[f32], records: &[Record]) -> Option<f64> {
    let from = 8 * RATE;
    let last = boundary(records, None) - Span::from_secs(21);
    let windows = heard[from..frame(last).min(heard.len())].chunks_exact(WINDOW);
    let silent = windows.enumerate().find(|(_, window)| level(window) < SILENT);
    silent.map(|(index, _)| (from + index * WINDOW) as f64 / RATE as f64)
}

/// When the session left the peak for that phase, or (`None`) was over.
fn boundary(records: &[Record], to: Option<PhaseKind>) -> SessionTime {
    let leaves = |record: &&Record| match record.event {
        Event::Phase { from: Some(PhaseKind::Peak), to: next, .. } => to.is_some() && next == to,
        Event::Phase { from: Some(PhaseKind::Return), to: None, .. } => to.is_none(),
        _ => false,
    };
    records.iter().find(leaves).map(|record| record.t).unwrap()
}

/// The pieces in the order in which they came, and when.
fn pieces(records: &[Record]) -> Vec<(String, SessionTime)> {
    let titled = |record: &Record| match &record.event {
        Event::Track { title, .. } => Some((title.to_string(), record.t)),
        _ => None,
    };
    records.iter().filter_map(titled).collect()
}

#[test]
fn a_file_of_every_format_is_heard() {
    let eight = Eight::load();
    let (records, heard) = eight.play();
    let faults: Vec<_> = records.iter().filter(|record| matches!(record.event, Event::Fault { .. })).collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(first_silence(&heard, &records), None);
    let played = pieces(&records);
    for (index, name) in FILES.iter().enumerate() {
        let stem = name.split('.').next().unwrap();
        let (_, at) = played.iter().find(|(title, _)| title == stem).unwrap_or_else(|| panic!("{name}: {played:?}"));
        let middle = frame(*at + Span::from_secs(10));
        let share = share(&heard[middle..middle + RATE], pitch(index + 1));
        assert!(share > 0.9, "{name}: {share:.2} of what is heard is its note");
    }
}

/// The journal, for a reader who must find out what went wrong.
fn told(records: &[Record]) -> String {
    records.iter().map(|record| format!("\n{} {:?}", record.t, record.event)).collect()
}

/// With nothing left to play, the bed that the playlist names is heard, at its level.
#[test]
fn the_safe_bed_is_the_one_that_the_playlist_names() {
    let heard_with = |sound: &str| {
        let files: String = FILES.iter().map(|name| format!("[[phase.track]]\nfile = '{name}'\n")).collect();
        let eight = Eight::with(sound, &files);
        FILES.iter().for_each(|name| remove(&eight.path(name)));
        let heard = eight.play().1;
        heard[40 * RATE..60 * RATE].to_vec()
    };
    let built_in = heard_with("crossfade = '4s'\n");
    let own = heard_with("crossfade = '4s'\nbed = { generator = 'pink-noise', level = '-40 LUFS' }\n");
    // Brown noise has nearly all its power below 200 Hz, pink noise hardly more than half.
    let low = |sound: &[f32]| {
        let mut held = 0.0;
        let filtered: Vec<f32> = sound
            .iter()
            .map(|sample| {
                held += (sample - held) * 0.026;
                held
            })
            .collect();
        level(&filtered) - level(sound)
    };
    println!("built in: {:.1} dB of it low; pink: {:.1} dB, {:.1} dBFS", low(&built_in), low(&own), level(&own));
    assert!(low(&own) < low(&built_in) - 1.5, "the same noise");
    assert!((-50.0..-35.0).contains(&level(&own)), "{:.1} dBFS", level(&own));
}

/// A way to spoil a file.
type Spoil = fn(&Path);

fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

fn replace_by_text(path: &Path) {
    fs::write(path, "This is no music.\n".repeat(1000)).unwrap();
}

fn cut_off(path: &Path) {
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..whole.len() * 2 / 5]).unwrap();
}

/// Every byte of the third quarter is another one.
fn scramble(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len();
    let mut state = 1u32;
    for byte in &mut bytes[length / 2..length * 3 / 4] {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_file_that_breaks_while_it_waits_or_plays_costs_no_silence_and_moves_no_boundary() {
    let whole = boundary(&Eight::load().play().0, Some(PhaseKind::Return));
    let ways: [(&str, Spoil); 4] =
        [("gone", remove), ("text", replace_by_text), ("cut off", cut_off), ("scrambled", scramble)];
    for ((how, spoil), turn) in ways.into_iter().flat_map(|way| (0..3).map(move |turn| (way, turn))) {
        let eight = Eight::load();
        let spoilt: Vec<&str> = FILES.into_iter().skip(turn).step_by(3).collect();
        spoilt.iter().for_each(|name| spoil(&eight.path(name)));
        let (records, heard) = eight.play();
        let silence = first_silence(&heard, &records);
        assert_eq!(silence, None, "{spoilt:?}, {how}: silent at {silence:?} s; {}", told(&records));
        assert_eq!(boundary(&records, Some(PhaseKind::Return)), whole, "{spoilt:?}, {how}");
        let faults = records.iter().filter(|record| matches!(record.event, Event::Fault { .. })).count();
        // Sound without a checksum (WAV, AIFF) cannot be told from noise, and lossy decoders conceal.
        assert!(faults >= spoilt.len() || how == "scrambled", "{spoilt:?}, {how}: {faults} faults in the journal");
    }
}
