//! A whole session in virtual time: the same room, a clock that is a number, the offline engine.

use super::conduct::{Conductor, engine_settings};
use super::expect::Scene;
use super::outputs::Outputs;
use super::room::{Answer, Room};
use super::scribe::Scribe;
use super::script::{Fault, Line, Script, Step};
use crate::audio::Engine;
use crate::playlist::Loaded;
use crate::record::{Journal, Story};
use crate::session::{Report, Snapshot, Source};
use crate::units::{Frames, SessionTime, Span};

/// A run ends here at the latest.
const LONGEST: Span = Span::from_mins(12 * 60);
/// Virtual time between two looks at the engine.
const STEP: Span = Span::from_millis(100);
/// The same when it is not heard and nothing can happen in it, so that no look would see anything.
const LONG_STEP: Span = Span::from_secs(10);

/// Takes sound: interleaved stereo.
pub type Sink<'a> = dyn FnMut(&[f32]) + 'a;

/// How to run.
pub struct Run<'a> {
    /// The playlist.
    pub loaded: &'a Loaded,
    /// Decides every choice that the plan leaves open.
    pub seed: u64,
    /// What happens, and what is expected.
    pub script: &'a Script,
    /// Takes the sound, interleaved stereo; without it the sound is not computed.
    pub sink: Option<&'a mut Sink<'a>>,
    /// Shown the state at full seconds of the session clock, before what the script does then: with sound at every one,
    /// without at every tenth at least.
    pub progress: &'a mut dyn FnMut(&Snapshot),
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The journal's bytes.
    pub journal: Vec<u8>,
    /// Lines whose expectation failed: the line's number and what was found instead.
    pub failed: Vec<(usize, String)>,
    /// Lines whose verb was refused, and why; no failure in itself.
    pub refused: Vec<(usize, String)>,
    /// When the session had ended.
    pub ended: SessionTime,
    /// What each expectation saw, in the order of the script, and the state at the end of the run.
    pub seen: Vec<Snapshot>,
}

/// Runs a session from `start` until it has ended and the script is at its end, 12 hours at most.
#[must_use]
pub fn run(run: Run<'_>) -> Outcome {
    let Run { loaded, seed, script, mut sink, progress } = run;
    let mut stage = Stage::new(loaded, seed);
    let mut lines = script.lines.iter().peekable();
    let end = SessionTime::at(LONGEST);
    let mut ended = None;
    loop {
        while let Some(line) = lines.next_if(|line| line.at <= stage.now) {
            stage.play(line);
        }
        if stage.room.is_finished() && ended.is_none() {
            ended = Some(stage.now);
        }
        if stage.now >= end || (ended.is_some() && lines.peek().is_none()) {
            break;
        }
        let next = stage.next_stop(lines.peek().map(|line| line.at), sink.is_some()).min(end);
        stage.pass(next, &mut sink);
        if stage.now.since_start().millis() % 1000 == 0 {
            progress(&stage.room.snapshot(stage.now));
        }
    }
    let Stage { mut room, failed, refused, now, mut seen, .. } = stage;
    seen.push(room.snapshot(now));
    Outcome { journal: room.scribe().bytes().to_vec(), failed, refused, ended: ended.unwrap_or(now), seen }
}

/// The room and its virtual clock.
struct Stage<'a> {
    loaded: &'a Loaded,
    seed: u64,
    room: Room,
    now: SessionTime,
    /// Since when the output is gone, and until when if that is known.
    lost: Option<(SessionTime, Option<SessionTime>)>,
    failed: Vec<(usize, String)>,
    refused: Vec<(usize, String)>,
    /// The verb last given was refused.
    refuses: bool,
    seen: Vec<Snapshot>,
}

impl<'a> Stage<'a> {
    fn new(loaded: &'a Loaded, seed: u64) -> Self {
        let conductor = Conductor::new(engine(loaded), loaded.shelf.clone(), Outputs::nowhere());
        // A code is random in a session; here it must be the same every time.
        let room = Room::new(loaded.clone(), seed, conductor, Scribe::Memory(Journal::in_memory()), "SIMULA".into());
        Self {
            loaded,
            seed,
            room,
            now: SessionTime::ZERO,
            lost: None,
            failed: Vec::new(),
            refused: Vec::new(),
            refuses: false,
            seen: Vec::new(),
        }
    }

    /// Carries out one line of the script. An expectation sees the state after all that is due at its time.
    fn play(&mut self, line: &Line) {
        match &line.step {
            Step::Verb(verb) => {
                let answer = self.room.verb(self.now, verb.clone(), Source::Script);
                self.refuses = answer != Answer::Done;
                if let Answer::Refused(why) = answer {
                    self.refused.push((line.number, why.to_string()));
                }
            }
            Step::Fault(fault) => self.break_something(*fault),
            Step::Expect(expectation) => {
                self.room.advance(self.now);
                let snapshot = self.room.snapshot(self.now);
                let scene = Scene { snapshot: &snapshot, output_lost: self.room.is_lost(), refused: self.refuses };
                if let Err(found) = expectation.check(scene) {
                    self.failed.push((line.number, found));
                }
                self.seen.push(snapshot);
            }
        }
    }

    fn break_something(&mut self, fault: Fault) {
        match fault {
            Fault::DeviceLost(span) => {
                self.lost = Some((self.now, span.map(|span| self.now + span)));
                self.room.sabotage(self.now, fault);
            }
            Fault::DeviceBack => self.device_back(),
            Fault::EngineCrash => self.crash(),
            Fault::Suspend(span) => {
                self.room.sabotage(self.now, fault);
                // The session clock counts through; nothing was rendered meanwhile.
                self.now = self.now + span.or_zero();
                self.room.advance(self.now);
            }
            Fault::FileMissing
            | Fault::FileCorrupt
            | Fault::DecoderPanic
            | Fault::DecoderNoise
            | Fault::SlowDisk(_)
            | Fault::ClockStep(_) => self.room.sabotage(self.now, fault),
        }
    }

    fn device_back(&mut self) {
        if let Some((since, _)) = self.lost.take() {
            self.room.report(self.now, Report::OutputBack { silence: self.now - since });
        }
    }

    /// What a real host does after a crash: a fresh core repeats the journal, a fresh engine comes in.
    fn crash(&mut self) {
        let story = Story::of_bytes(self.room.scribe().bytes());
        self.room.crash(self.loaded.plan.clone(), self.seed, engine(self.loaded));
        self.room.replay(story.inputs());
        self.room.resume(self.now);
    }

    /// The next instant at which something may happen.
    fn next_stop(&mut self, line: Option<SessionTime>, heard: bool) -> SessionTime {
        let back = self.lost.and_then(|(_, until)| until);
        let rest = if heard { Span::ZERO } else { self.room.engine().rests_for().span() };
        // The grid is the same whether it is heard or not: only looks that would see nothing are left out.
        let look = on_grid(self.now + rest, STEP).min(after(self.now, LONG_STEP)).max(after(self.now, STEP));
        let stops = [line, back, self.room.deadline()];
        stops.into_iter().flatten().filter(|stop| *stop > self.now).fold(look, SessionTime::min)
    }

    /// Lets time pass up to `next`, with or without sound.
    fn pass(&mut self, next: SessionTime, sink: &mut Option<&mut Sink<'_>>) {
        let frames = Frames(Frames::of(next.since_start()).0 - Frames::of(self.now.since_start()).0);
        let lost = self.lost.is_some();
        match sink {
            Some(sink) if lost => {
                let silence = |part: &[f32]| sink(&vec![0.0; part.len()]);
                self.room.engine().render(frames, &mut { silence });
            }
            Some(sink) => self.room.engine().render(frames, sink),
            None => self.room.engine().skip(frames),
        }
        self.now = next;
        self.room.advance(next);
        if self.lost.is_some_and(|(_, until)| until.is_some_and(|until| until <= next)) {
            self.device_back();
        }
    }
}

/// The last multiple of `step` that is not after this.
fn on_grid(at: SessionTime, step: Span) -> SessionTime {
    SessionTime::at(at.since_start() - Span::from_millis(at.since_start().millis() % step.millis()))
}

/// The first multiple of `step` after this.
fn after(at: SessionTime, step: Span) -> SessionTime {
    on_grid(at, step) + step
}

fn engine(loaded: &Loaded) -> Engine {
    Engine::offline(engine_settings(loaded))
}
