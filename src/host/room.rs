//! The room: one session with its core, its sound and its journal, on whatever clock the caller keeps.

use super::conduct::Conductor;
use super::heard::output_view;
use super::often::Often;
use super::sabotage::Broken;
use super::scribe::Scribe;
use super::script::Fault;
use super::truth::{Truth, Verdict, is_named};
use crate::audio::{Engine, Health, OutputState, Target};
use crate::platform::{NotHere, RouteTruth};
use crate::playlist::Loaded;
use crate::record::Way;
use crate::session::{Effect, Event, Input, Output, Plan, Report, Session, Snapshot, Source, Transport, Verb};
use crate::units::{Decibels, Frames, SafeText, SessionTime, Span, Ticket};
use crate::wire::Status;

/// What is said while only the safe bed plays.
pub(super) const SAFE: &str =
    "only the quiet bed plays: use the backup player for music (safe mode after three crashes; the clocks go on)";

/// What became of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Carried out.
    Done,
    /// Not carried out; nothing changed. In words for the screen.
    Refused(SafeText),
}

/// One session, with everything that belongs to it.
pub struct Room {
    session: Session,
    conductor: Conductor,
    scribe: Scribe,
    code: SafeText,
    rehearsal: Option<u32>,
    /// Only the safe bed plays, after crash upon crash.
    safe: bool,
    /// The piece that waits for its crossfade.
    waiting: Option<Ticket>,
    /// Why the output is gone, while it is.
    lost: Option<SafeText>,
    truth: Truth,
    often: Often,
    /// The loudest peak that is in the journal.
    loudest: Option<f64>,
    deadline: Option<SessionTime>,
    finished: bool,
}

impl Room {
    /// A room for this playlist, not yet started.
    pub(super) fn new(loaded: Loaded, seed: u64, conductor: Conductor, scribe: Scribe, code: SafeText) -> Self {
        Self {
            session: Session::new(loaded.plan, seed),
            conductor,
            scribe,
            code,
            rehearsal: None,
            safe: false,
            waiting: None,
            lost: None,
            truth: Truth::default(),
            often: Often::default(),
            loudest: None,
            deadline: None,
            finished: false,
        }
    }

    /// Marks the session as a rehearsal, hurried this many times.
    pub(super) fn rehearse(&mut self, speed: u32) {
        self.rehearsal = Some(speed);
    }

    /// Nothing but the safe bed from now on: the process died again and again, and it may have been a decoder.
    pub(super) fn play_safe(&mut self) {
        self.safe = true;
        self.conductor.only_the_safe_bed();
    }

    /// Carries out a verb; what it did is on its way to the journal when this returns.
    pub fn verb(&mut self, now: SessionTime, verb: Verb, source: Source) -> Answer {
        // What a name stands for is known here, not to the core.
        if let Verb::Output { name } = &verb
            && let Err(why) = self.conductor.outputs().check(name.as_str())
        {
            return Answer::Refused(SafeText::new(&why));
        }
        let events = self.take_in(now, Input::Verb(verb, source));
        events
            .into_iter()
            .find_map(|event| if let Event::Refused { why, .. } = event { Some(Answer::Refused(why)) } else { None })
            .unwrap_or(Answer::Done)
    }

    /// Lets time pass up to `now`, and hears what the engine has to say.
    pub fn advance(&mut self, now: SessionTime) {
        self.take_in(now, Input::Tick);
        for report in self.conductor.listen() {
            if self.often.is_news(now, &report) {
                self.report(now, report);
            }
        }
        // What it was heard on is nothing to the core.
        for name in self.conductor.begun() {
            let medicine = self.session.medicine(now);
            self.scribe.append(now, medicine, Event::Output { name, state: "plays".into() });
        }
    }

    /// Hears what the sound server says of the way to the ears, and does what can be done about it.
    pub(super) fn hear_route(&mut self, now: SessionTime, heard: Result<Vec<RouteTruth>, NotHere>) {
        let view = self.conductor.view();
        if self.conductor.was_chosen_anew() {
            let chosen = self.conductor.outputs().selection();
            let is_chosen = |output: &OutputState| chosen.iter().any(|chosen| chosen.target == output.asked);
            self.truth.accept_anew(view.outputs().filter(|output| !is_chosen(output)));
        }
        let running: Vec<OutputState> =
            view.outputs().filter(|output| output.health == Health::Running).cloned().collect();
        let begun = self.session.transport() != Transport::Ready;
        self.truth.hear(heard, &running, begun);
        let mut verdicts = Vec::new();
        for output in running {
            let verdict = self.truth.verdict(&output, is_named(&output.asked));
            if let Some(command) = self.truth.remedy(&output, &verdict) {
                self.conductor.engine().order(command);
            }
            verdicts.push(verdict);
        }
        if let Some(why) = self.truth.news(&verdicts) {
            self.report(now, super::conduct::fault("route", why.as_str()));
        }
    }

    /// How the session is heard now, given how it was before.
    pub(super) fn way(&self, before: &Way) -> Way {
        let view = self.conductor.view();
        let is_kept = |target: &Target| target.device().is_some_and(|id| Some(id) == before.device);
        let is_by_system = |target: &Target| *target == Target::Default || is_kept(target);
        let by_system = view.outputs().find(|output| is_by_system(&output.asked));
        // One that is lost is still the one; and a null sink is none that anybody accepted.
        let arrives = |output: &&OutputState| {
            let wrong = matches!(self.truth.verdict(output, is_named(&output.asked)), Verdict::Wrong { .. });
            output.health == Health::Running && !wrong
        };
        let device = by_system.and_then(|output| {
            let now = Some(output).filter(arrives).and_then(|output| output.id.clone());
            now.or_else(|| before.device.clone())
        });
        Way { device, volumes: self.truth.volumes() }
    }

    /// The session of an earlier host goes on: nothing is louder than what was accepted then.
    pub(super) fn remember(&mut self, way: &Way) {
        self.truth.remember(way.volumes.clone());
    }

    /// Passes a report on to the core.
    pub(super) fn report(&mut self, now: SessionTime, report: Report) {
        match &report {
            Report::OutputLost { why } => self.lost = Some(why.clone()),
            Report::OutputBack { .. } => self.lost = None,
            Report::Failed { .. } | Report::Late { .. } | Report::Ended { .. } | Report::Fault { .. } => {}
        }
        self.take_in(now, Input::Report(report));
    }

    /// One input into the core, and everything that follows from it: sound first, then the journal.
    fn take_in(&mut self, now: SessionTime, input: Input) -> Vec<Event> {
        self.session.handle(now, input);
        let mut events = Vec::new();
        loop {
            match self.session.poll() {
                Output::Effect(effect) => {
                    self.note(&effect);
                    self.conductor.carry_out(&effect);
                }
                Output::Event(event) => events.push(event),
                Output::Deadline(deadline) => {
                    self.deadline = deadline;
                    break;
                }
            }
        }
        let medicine = self.session.medicine(now);
        for event in &events {
            if matches!(event, Event::TrackEnd { .. } | Event::Ended { .. })
                && let Some(loudest) = self.louder()
            {
                self.scribe.append(now, medicine, loudest);
            }
            self.scribe.append(now, medicine, event.clone());
        }
        events
    }

    /// The loudest peak so far, if it is louder than what the journal says.
    fn louder(&mut self) -> Option<Event> {
        let peak_dbtp = (self.conductor.view().peak.0 * 10.0).round() / 10.0;
        let heard = peak_dbtp > f64::from(Decibels::SILENCE.0);
        if !heard || self.loudest.is_some_and(|loudest| peak_dbtp <= loudest) {
            return None;
        }
        self.loudest = Some(peak_dbtp);
        Some(Event::Loudest { peak_dbtp })
    }

    fn note(&mut self, effect: &Effect) {
        match effect {
            Effect::Prepare { ticket, .. } => self.waiting = Some(*ticket),
            Effect::Cross { ticket, .. } | Effect::Forget { ticket } if self.waiting == Some(*ticket) => {
                self.waiting = None;
            }
            Effect::Finish => self.finished = true,
            _ => {}
        }
    }

    /// Repeats what a journal tells, without sound and without writing it again; [`Room::resume`] must follow.
    pub(super) fn replay(&mut self, inputs: impl IntoIterator<Item = (SessionTime, Input)>) {
        for (at, input) in inputs {
            self.session.handle(at, input);
            while let Output::Event(_) | Output::Effect(_) = self.session.poll() {}
        }
    }

    /// Sound again after a fault, at the place on the medicine clock.
    pub(super) fn resume(&mut self, now: SessionTime) {
        self.take_in(now, Input::Resumed);
    }

    /// Breaks something, through the door by which it would break by itself.
    pub(super) fn sabotage(&mut self, now: SessionTime, fault: Fault) {
        match fault {
            Fault::FileMissing => self.break_next(now, Broken::Missing),
            Fault::FileCorrupt => self.break_next(now, Broken::Corrupt),
            Fault::DecoderPanic => self.conductor.sabotage.break_next_opened(Broken::Panics),
            Fault::DecoderNoise => self.conductor.sabotage.break_next_opened(Broken::Noise),
            Fault::DeviceLost(_) => self.report(now, Report::OutputLost { why: "the device is gone (script)".into() }),
            // The silence is known to whoever keeps the clock; see `simulate`.
            Fault::DeviceBack => self.report(now, Report::OutputBack { silence: Span::ZERO }),
            Fault::SlowDisk(span) => {
                self.engine().stall(Frames::of(span.or_zero()));
                self.report(now, super::conduct::fault("slow-disk", &format!("for {span}")));
            }
            Fault::ClockStep(span) => self.report(now, super::conduct::fault("clock-step", &format!("by {span}"))),
            Fault::Suspend(span) => self.report(now, super::conduct::fault("suspend", &format!("for {span}"))),
            Fault::EngineCrash => {}
        }
    }

    fn break_next(&mut self, now: SessionTime, broken: Broken) {
        if let Some((ticket, error)) = self.conductor.sabotage.break_next(broken, self.waiting) {
            self.conductor.engine().order(crate::audio::Command::Unload { ticket });
            self.report(now, Report::Failed { ticket, why: SafeText::new(&error.to_string()) });
        }
    }

    /// What is left after a crash: the journal. The core and the engine are fresh ones; [`Room::replay`] must follow.
    pub(super) fn crash(&mut self, plan: Plan, seed: u64, engine: Engine) {
        self.session = Session::new(plan, seed);
        self.conductor.replace_engine(engine);
        self.waiting = None;
    }

    /// Silence over this time, whatever the session wants: the process is about to go.
    pub(super) fn fade_out(&mut self, over: Span) {
        let lane = crate::session::Lane::Presence;
        self.conductor.carry_out(&Effect::Level { lane, from: None, to: Decibels::SILENCE, over });
    }

    /// Whether a joint or a fade is going on.
    pub(super) fn is_fading(&self, now: SessionTime) -> bool {
        self.session.is_fading(now)
    }

    /// Whether the last fade has begun.
    pub(super) fn is_ending(&self, now: SessionTime) -> bool {
        matches!(self.session.snapshot(now).transport, Transport::Ending | Transport::Ended)
    }

    /// The engine, for whoever drives virtual time.
    pub(super) fn engine(&mut self) -> &mut Engine {
        self.conductor.engine()
    }

    /// The journal.
    pub(super) fn scribe(&mut self) -> &mut Scribe {
        &mut self.scribe
    }

    /// When to call [`Room::advance`] again, at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<SessionTime> {
        self.deadline
    }

    /// Whether the session has ended and its last fade is over.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Whether nothing is heard for want of an output.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// The core's view at `now`.
    #[must_use]
    pub fn snapshot(&self, now: SessionTime) -> Snapshot {
        self.session.snapshot(now)
    }

    /// All there is to know at `now`.
    #[must_use]
    pub fn status(&self, now: SessionTime) -> Status {
        let session = self.session.snapshot(now);
        let view = self.conductor.view();
        let mut output = output_view(&session, &view, self.conductor.outputs(), &self.truth, self.lost.as_ref());
        if self.safe && output.playing {
            output.state = SAFE.into();
        }
        Status { code: self.code.clone(), rehearsal: self.rehearsal, session, output }
    }
}
