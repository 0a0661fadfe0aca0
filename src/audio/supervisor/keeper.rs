//! Looks after one output: opens it, judges it, opens it again.

mod attempt;
mod growth;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::stream::{Live, reap, watch_over};
use super::{World, frames, said, span};
use crate::audio::render::Core;
use crate::audio::render::line::Line;
use crate::audio::view::OutputState;
use crate::audio::{Event, Health, Selection, Target};
use crate::units::{Decibels, Frames};
use attempt::{Attempt, back_off};

/// How far a stream goes down before another one relieves it, which begins from there as after any blink.
const RELIEF: Decibels = Decibels(-20.0);

/// What a look has shown.
pub enum Step {
    Nothing,
    /// A new stream asks for sound.
    Arrived(Box<Live>),
    /// The choice on trial cannot be opened.
    Refused,
    /// The stream is to be given up, or has faded out and may go.
    Stopped,
}

/// What this output is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// To play.
    Plays,
    /// Chosen, and not proven yet.
    Trial,
    /// To play until others do.
    Outgoing,
    /// Fading out; then it is closed.
    Leaving(Instant),
}

/// One output and its state.
pub struct Keeper {
    outlet: usize,
    /// What was chosen; after the first opening never "whatever is the default". `None` when it is free.
    wanted: Option<Selection>,
    /// What it was chosen as.
    asked: Target,
    part: Part,
    /// Chosen in its place, once it has left.
    next: Option<Selection>,
    /// Softer by this, because the world outside is louder.
    trim: Decibels,
    live: Option<Live>,
    attempt: Option<Attempt>,
    /// The end of its line, while no stream has it.
    line: Option<Box<Line>>,
    /// Frames asked for of a device that is new here.
    usual: u32,
    /// Frames asked for now.
    buffer: u32,
    tries: usize,
    retry_at: Instant,
    /// The largest buffer that has played, and that may be asked for.
    proven: u32,
    largest: u32,
    /// Attempts to open that may hang.
    hanging: Arc<AtomicUsize>,
    /// Since when nothing is heard.
    silent_since: Option<Instant>,
    /// The loss has been told.
    lost: bool,
    ever_heard: bool,
    xruns: u64,
    recent_xruns: Vec<Instant>,
}

impl Keeper {
    pub fn new(outlet: usize, wanted: Option<Selection>, line: Box<Line>, buffer: u32, now: Instant) -> Self {
        let buffer = buffer.clamp(64, growth::LARGEST);
        Self {
            outlet,
            asked: wanted.as_ref().map_or(Target::Null, |wanted| wanted.target.clone()),
            wanted,
            part: Part::Plays,
            next: None,
            trim: Decibels::ZERO,
            live: None,
            attempt: None,
            line: Some(line),
            usual: buffer,
            buffer,
            proven: buffer,
            largest: growth::LARGEST,
            hanging: Arc::default(),
            tries: 0,
            retry_at: now,
            silent_since: Some(now),
            lost: false,
            ever_heard: false,
            xruns: 0,
            recent_xruns: Vec::new(),
        }
    }

    pub fn is_free(&self) -> bool {
        self.wanted.is_none()
    }

    /// Whether it is chosen, and not on its way out.
    pub fn is_wanted(&self) -> bool {
        self.wanted.is_some() && !self.is_leaving()
    }

    pub fn is_on_trial(&self) -> bool {
        self.wanted.is_some() && self.part == Part::Trial
    }

    pub fn is_outgoing(&self) -> bool {
        self.wanted.is_some() && self.part == Part::Outgoing
    }

    pub fn is_leaving(&self) -> bool {
        self.wanted.is_some() && matches!(self.part, Part::Leaving(_))
    }

    /// Whether another may come in its place.
    pub fn makes_room(&self) -> bool {
        self.is_outgoing() || self.is_leaving() && self.next.is_none()
    }

    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Whether it looks after this output, as far as that is known without asking.
    pub fn is_for(&self, target: &Target) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.target == *target || self.asked == *target)
    }

    /// Whether it plays on this device.
    pub fn plays(&self, id: &str) -> bool {
        self.live.as_ref().is_some_and(|live| live.output.id() == id)
    }

    /// Begins with an output that has yet to prove itself.
    pub fn try_out(&mut self, chosen: Selection, now: Instant) {
        self.asked = chosen.target.clone();
        self.wanted = Some(chosen);
        self.part = Part::Trial;
        self.trim = Decibels::ZERO;
        (self.tries, self.retry_at, self.silent_since) = (0, now, None);
        (self.lost, self.ever_heard) = (false, false);
        // What another device needs or refuses, or what hangs in it, is nothing to this one.
        (self.buffer, self.proven, self.largest) = (self.usual, self.usual, growth::LARGEST);
        self.hanging = Arc::default();
    }

    /// The same output is chosen again, perhaps by another name or with another gain: it is told of by that name from now on.
    pub fn keep(&mut self, chosen: Selection, world: &World) {
        self.asked = chosen.target;
        if self.part != Part::Trial {
            self.part = Part::Plays;
        }
        self.next = None;
        if let Some(wanted) = &mut self.wanted {
            wanted.gain = chosen.gain;
        }
        if self.live.is_some() {
            self.set_gain(world);
            world.report(Event::OutputOn { output: self.asked.clone() });
        }
    }

    /// Forgets what was chosen in its place; that.
    pub fn successor(&mut self) -> Option<Selection> {
        self.next.take()
    }

    /// It is no longer chosen, and goes once others play.
    pub fn let_go(&mut self) {
        self.next = None;
        match self.part {
            Part::Trial => drop(self.withdraw()),
            Part::Plays => self.part = Part::Outgoing,
            Part::Outgoing | Part::Leaving(_) => {}
        }
    }

    /// Those it was to make room for do not come.
    pub fn stay(&mut self) {
        if self.part == Part::Outgoing {
            self.part = Part::Plays;
        }
    }

    /// Goes at once, and makes room for another.
    pub fn replace(&mut self, chosen: Selection, now: Instant, world: &World) {
        if !self.is_leaving() {
            self.leave(now, super::HUSH, world);
        }
        if self.is_free() {
            self.try_out(chosen, now);
        } else {
            self.next = Some(chosen);
        }
    }

    /// Fades out; then it is closed.
    pub fn leave(&mut self, now: Instant, over: Duration, world: &World) {
        if self.live.is_some() {
            if let Some(growing) = self.attempt.take() {
                reap(growing);
            }
            world.gauges.outlets[self.outlet].hush(over > super::HUSH);
            self.part = Part::Leaving(now + over);
        } else {
            drop(self.withdraw());
        }
    }

    /// Is free; what it was chosen as.
    pub fn withdraw(&mut self) -> Option<Selection> {
        if let Some(attempt) = self.attempt.take() {
            reap(attempt);
        }
        (self.part, self.lost) = (Part::Plays, false);
        self.wanted.take()
    }

    /// The trial has failed: free again if others are `wanted`; otherwise it is tried for ever.
    pub fn give_up(&mut self, wanted: bool) {
        self.part = Part::Plays;
        if wanted {
            drop(self.withdraw());
        } else {
            self.lost = true;
        }
    }

    pub fn trim(&mut self, by: Decibels, world: &World) {
        self.trim = by.min(Decibels::ZERO);
        if self.live.is_some() && !matches!(self.part, Part::Leaving(_)) {
            self.set_gain(world);
        }
    }

    /// Looks after it once.
    pub fn step(&mut self, world: &World, now: Instant) -> Step {
        if let (Part::Leaving(due), Some(_)) = (self.part, &self.live)
            && now >= due
        {
            drop(self.withdraw());
            if let Some(next) = self.next.take() {
                self.try_out(next, now);
            }
            return Step::Stopped;
        }
        if self.watch(world, now) {
            return Step::Stopped;
        }
        let step = self.advance_attempt(world, now);
        let idle = self.wanted.is_some() && self.live.is_none() && self.attempt.is_none();
        if idle && matches!(step, Step::Nothing) && now >= self.retry_at {
            self.begin(self.buffer, world, now);
        }
        step
    }

    /// The stream is this output's from now on.
    pub fn welcome(&mut self, mut live: Live, now: Instant, world: &World) {
        let id = live.output.id().to_owned();
        live.gone = watch_over(world.outputs.clone(), id.clone());
        if let Some(wanted) = &mut self.wanted {
            wanted.target = Target::Device(id);
        }
        // What another output gives way to is not back from a fault: it comes in from -20 dB.
        let gap = self.silent_since.take().map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let grown = live.buffer > self.buffer;
        (self.buffer, self.proven) = (live.buffer, live.buffer);
        self.live = Some(live);
        self.set_gain(world);
        world.gauges.outlets[self.outlet].come_in(frames(gap));
        self.ever_heard = true;
        let output = self.asked.clone();
        if std::mem::take(&mut self.lost) {
            world.report(Event::OutputBack { output, silence: span(gap) });
        } else if !grown {
            world.report(Event::OutputOn { output });
        }
        if grown {
            world.report(Event::BufferGrown { frames: self.buffer });
        }
        if self.part == Part::Trial {
            self.part = Part::Plays;
        }
    }

    fn set_gain(&self, world: &World) {
        let lower = if let Some(Attempt::Relieving { .. }) = self.attempt { RELIEF } else { Decibels::ZERO };
        let own = |wanted: &Selection| wanted.gain.min(Decibels::ZERO) + self.trim + lower;
        world.gauges.outlets[self.outlet].set(self.wanted.as_ref().map_or(Decibels::SILENCE, own));
    }

    /// Sets the pace from now on.
    pub fn give(&mut self, core: Option<Box<Core>>, world: &World) {
        if let Some(live) = &self.live {
            world.gauges.outlets[self.outlet].follows.store(false, Relaxed);
            live.slot.bay().core = core;
        }
    }

    /// Follows another output's pace from now on.
    pub fn follow(&mut self, world: &World) {
        if let (Some(live), Some(mut line)) = (&self.live, self.line.take()) {
            line.reset();
            live.slot.bay().line = Some(line);
            world.gauges.outlets[self.outlet].follows.store(true, Relaxed);
        }
    }

    /// Lets the stream go; the core, if it was here.
    pub fn part(&mut self, world: &World) -> Option<Box<Core>> {
        let live = self.live.take()?;
        world.gauges.outlets[self.outlet].follows.store(false, Relaxed);
        let (core, line) = {
            let mut bay = live.slot.bay();
            (bay.core.take(), bay.line.take())
        };
        self.line = self.line.take().or(line);
        reap(live);
        core
    }

    /// Judges the stream that plays; whether it is to be given up.
    fn watch(&mut self, world: &World, now: Instant) -> bool {
        let Some(live) = &self.live else { return false };
        // Taken once: a stream that wakes up meanwhile was silent all the same.
        let age = live.heartbeat.age(now);
        if let Some(why) = live.verdict(age, now) {
            self.lose(why, now.checked_sub(age).unwrap_or(now), now, world);
            return true;
        }
        self.count_xruns(world, now);
        false
    }

    /// The output is gone.
    pub fn lose(&mut self, why: &str, heard_last: Instant, now: Instant, world: &World) {
        self.stop(heard_last, now, world);
        if let Part::Leaving(_) = self.part {
            drop(self.withdraw());
            if let Some(next) = self.next.take() {
                self.try_out(next, now);
            }
            return;
        }
        self.lost = true;
        world.report(Event::OutputLost { output: self.asked.clone(), why: said(why) });
    }

    /// It has not been heard since `heard_last`, and is opened again at once, unless it has only just come.
    fn stop(&mut self, heard_last: Instant, now: Instant, world: &World) {
        world.gauges.outlets[self.outlet].hush(false);
        self.silent_since = Some(heard_last);
        let has_lasted = self.live.as_ref().is_none_or(|live| live.has_lasted(now));
        let pause = if has_lasted { Duration::ZERO } else { back_off(self.tries) };
        (self.tries, self.retry_at) = (if has_lasted { 0 } else { self.tries + 1 }, now + pause);
    }

    /// Its state, for the view; `None` when it is free.
    pub fn state(&self, world: &World, now: Instant) -> Option<OutputState> {
        let wanted = self.wanted.as_ref().filter(|_| !matches!(self.part, Part::Leaving(_)))?;
        let gauge = &world.gauges.outlets[self.outlet];
        let state = OutputState { asked: self.asked.clone(), xruns: self.xruns, ..OutputState::silent() };
        let Some(live) = &self.live else {
            let health = match (self.lost, self.ever_heard) {
                (true, false) => Health::Silent,
                (true, true) => Health::Lost,
                (false, _) => Health::Opening,
            };
            let id = self.ever_heard.then_some(&wanted.target);
            return Some(OutputState { health, id: id.and_then(Target::device), ..state });
        };
        let behind = if gauge.follows.load(Relaxed) { gauge.delay() } else { Frames::ZERO };
        Some(OutputState {
            health: Health::Running,
            id: Some(live.output.id().to_owned()),
            name: live.output.name().clone(),
            gain: gauge.gain(),
            latency: live.output.latency().map(|latency| latency + behind.span()),
            callback_age: span(live.heartbeat.age(now)),
            ..state
        })
    }
}
