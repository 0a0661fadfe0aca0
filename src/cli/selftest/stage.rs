//! A stage: a whole session of files in virtual time, whose files are spoilt on disk while it plays, and its sound.

use std::fs;
use std::path::PathBuf;

use super::bench::{Bench, tone};
use super::checks::{Checks, Trouble};
use super::meter::{Meter, SECOND, Window};
use crate::host::script::Script;
use crate::host::simulate::{Outcome, Run, run};
use crate::media::{Cache, FileSink, examine_all};
use crate::playlist::{self, Loaded, Options};
use crate::record::{Record, Story};
use crate::session::{Event, PhaseKind};
use crate::units::{SessionTime, Span};

/// Files of the first phase, each a tone of its own for 40 s.
pub(super) const FILES: u32 = 6;
const SECS: u32 = 40;
/// The safe bed at its faintest lies well above this, in dBFS.
const SILENT: f32 = -55.0;

/// The session.
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    loaded: Loaded,
    ending: &'static str,
}

/// What came of it.
pub(super) struct Played {
    pub(super) windows: Vec<Window>,
    pub(super) no_numbers: usize,
    pub(super) records: Vec<Record>,
    pub(super) journal: Vec<u8>,
}

/// The pitch of a file's tone in Hz; files count from 1.
pub(super) fn pitch(file: u32) -> u32 {
    300 + 50 * file
}

impl Stage {
    /// Six files and a generator; the files are FLAC or WAV.
    pub(super) fn set(bench: &Bench, ending: &'static str) -> Result<Self, Trouble> {
        let folder = bench.home()?;
        let mut text = "format = 1\ntitle = 'Files'\nroute = 'im'\n[sound]\ncrossfade = '4s'\n".to_owned();
        text += "[[phase]]\nkind = 'peak'\nplanned = '2m30s'\norder = 'listed'\n";
        for file in 1..=FILES {
            let path = folder.join(format!("{file}.{ending}"));
            match ending {
                "flac" => flac(&path, pitch(file))?,
                _ => fs::write(path, tone(pitch(file), SECS))?,
            }
            text += &format!("[[phase.track]]\nfile = '{file}.{ending}'\n");
        }
        text += "[[phase]]\nkind = 'return'\nplanned = '1m'\n[[phase.track]]\ngenerator = 'drone'\nminutes = 3\n";
        let list = folder.join("files.toml");
        fs::write(&list, text)?;
        let cache = Cache::at(folder.join("cache"));
        let mut examine = |files: &[PathBuf]| examine_all(files, &cache, &|_, _| ());
        match playlist::load(&list, &Options::default(), &mut examine) {
            (Some(loaded), _) => Ok(Self { folder, loaded, ending }),
            (None, findings) => Err(Trouble::Failed(playlist::draw(&findings))),
        }
    }

    /// One of the files; they count from 1.
    pub(super) fn file(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number}.{}", self.ending))
    }

    /// The whole session with its sound: the lines of a script, and something that is done to the files at each second.
    pub(super) fn play(&self, lines: &str, mischief: &mut dyn FnMut(i64)) -> Result<Played, Trouble> {
        let (script, mut meter) = (script(lines)?, Meter::default());
        let outcome = run(Run {
            loaded: &self.loaded,
            seed: 1,
            script: &script,
            sink: Some(&mut |samples| meter.feed(samples)),
            progress: &mut |seen| mischief(seen.at.since_start().millis() / 1000),
        });
        let played = Played::of(outcome)?;
        Ok(Played { windows: meter.windows, no_numbers: meter.no_numbers, ..played })
    }

    /// The same without sound.
    pub(super) fn pass(&self, lines: &str) -> Result<Played, Trouble> {
        let script = script(lines)?;
        Played::of(run(Run { loaded: &self.loaded, seed: 1, script: &script, sink: None, progress: &mut |_| {} }))
    }
}

/// The script of a session that begins with the dose, and these lines.
fn script(lines: &str) -> Result<Script, Trouble> {
    let script = Script::read(&format!("0:00 start\n0:00 dose\n{lines}"));
    script.map_err(|errors| Trouble::Failed(errors.to_string()))
}

impl Played {
    fn of(outcome: Outcome) -> Result<Self, Trouble> {
        if let Some((line, found)) = outcome.failed.first() {
            return Err(Trouble::Failed(format!("line {line} of the script: it is {found}")));
        }
        let records = Story::of_bytes(&outcome.journal).records;
        Ok(Self { windows: Vec::new(), no_numbers: 0, records, journal: outcome.journal })
    }

    /// When the session went to which phase.
    pub(super) fn phases(&self) -> Vec<(SessionTime, Option<PhaseKind>)> {
        let phase = |record: &Record| match record.event {
            Event::Phase { from, to, .. } if from != to => Some((record.t, to)),
            _ => None,
        };
        self.records.iter().filter_map(phase).collect()
    }

    /// How often this happened.
    pub(super) fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.records.iter().filter(|record| is_it(&record.event)).count()
    }

    /// A second of the sound, from the start of the session.
    pub(super) fn second(&self, number: usize) -> &[Window] {
        &self.windows[number * SECOND..(number + 1) * SECOND]
    }

    /// No silence between the first rise and the soft end, no phase moved, and the fault was told.
    pub(super) fn costs_nothing(&self, checks: &mut Checks, whole: &Self) {
        let end = self.phases().last().map_or(SessionTime::ZERO, |(at, _)| *at) - Span::from_secs(21);
        let end = usize::try_from(end.since_start().millis() / 10).unwrap_or(0).min(self.windows.len());
        let heard = &self.windows[8 * SECOND..end.max(8 * SECOND)];
        let longest = heard.split(|window| window.level > SILENT).map(<[_]>::len).max().unwrap_or(0);
        checks.at_most("longest silence", longest as f64 * 10.0, 50.0, "ms");
        checks.holds("every phase at its time", self.phases() == whole.phases());
        let faults = self.count(|event| matches!(event, Event::Fault { .. }));
        checks.at_least("faults told:", faults as f64, 1.0, "");
    }
}

fn flac(path: &std::path::Path, hz: u32) -> Result<(), Trouble> {
    let failed = |error: crate::media::MediaError| Trouble::Failed(error.to_string());
    let mut sink = FileSink::create(path).map_err(failed)?;
    let second: Vec<f32> = (0..48_000u32)
        .flat_map(|frame| [0.18 * (frame as f32 * hz as f32 / 48_000.0 * std::f32::consts::TAU).sin(); 2])
        .collect();
    for _ in 0..SECS {
        sink.write(&second).map_err(failed)?;
    }
    sink.finish().map_err(failed)
}
