//! One seeded session: made from its number, run in virtual time, and judged.

use std::cell::RefCell;

use undertone::host::script::Script;
use undertone::host::simulate::{Outcome, Run, run};
use undertone::playlist::Loaded;
use undertone::record::Story;
use undertone::session::Snapshot;

use super::dice::Dice;
use super::ear::Ear;
use super::happenings::{Line, happenings, script};
use super::shape::{Purpose, playlist};
use super::{course, music, sound};

/// A session, ready to be run.
pub struct Session {
    pub seed: u64,
    pub purpose: Purpose,
    /// The playlist's text.
    pub playlist: String,
    pub lines: Vec<Line>,
    pub loaded: Loaded,
}

/// A session that was run.
pub struct Told {
    pub outcome: Outcome,
    pub story: Story,
    /// What was shown at every full second.
    pub seen: Vec<Snapshot>,
    /// What was heard; nothing in a course.
    pub ear: Ear,
}

impl Session {
    /// The session of this number; `file` is where its playlist is written.
    pub fn of(seed: u64, purpose: Purpose, file: &str) -> Self {
        let mut dice = Dice::new(seed ^ if purpose == Purpose::Sound { 0x5eed << 32 } else { 0 });
        let playlist = playlist(&mut dice, purpose);
        let lines = happenings(&mut dice, purpose);
        let loaded = music::load(file, &playlist).unwrap_or_else(|findings| panic!("seed {seed}: {findings}"));
        Self { seed, purpose, playlist, lines, loaded }
    }

    /// Runs it with these lines.
    pub fn run(&self, lines: &[Line]) -> Told {
        let script = Script::read(&script(lines)).unwrap_or_else(|errors| panic!("seed {}: {errors}", self.seed));
        let (mut seen, ear) = (Vec::new(), RefCell::new(Ear::default()));
        let mut hear = |samples: &[f32]| ear.borrow_mut().hear(samples);
        let outcome = run(Run {
            loaded: &self.loaded,
            seed: self.seed,
            script: &script,
            sink: if self.purpose == Purpose::Sound { Some(&mut hear) } else { None },
            progress: &mut |snapshot| seen.push(snapshot.clone()),
        });
        let story = Story::of_bytes(&outcome.journal);
        Told { outcome, story, seen, ear: ear.into_inner() }
    }

    /// Every rule that these lines make it break, as sentences.
    pub fn broken(&self, lines: &[Line]) -> Vec<String> {
        let told = self.run(lines);
        let mut broken = course::broken(self, lines, &told);
        if self.purpose == Purpose::Sound {
            broken.extend(sound::broken(&told));
        }
        broken
    }

    /// As few lines as break a rule, by leaving out one after another.
    pub fn shrunk(&self) -> Vec<Line> {
        let mut lines = self.lines.clone();
        let mut place = lines.len();
        while place > 1 {
            place -= 1;
            // The session has to end by itself or by its script, whatever is left out.
            if lines[place].what != "end" {
                let mut fewer = lines.clone();
                fewer.remove(place);
                if !self.broken(&fewer).is_empty() {
                    lines = fewer;
                }
            }
        }
        lines
    }
}
