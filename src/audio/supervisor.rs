//! The supervisor: the one owner of opening and reopening the output.
//!
//! *Invariant:* it has no end state. Whatever happens to the output, the core goes on (into nothing, if need be), and the
//! output that was chosen is tried for ever; no other one is taken in its place.
//!
//! Opening and closing may block, so both happen on threads that can be abandoned; an old stream is handed to a thread that
//! does nothing but drop it. A stream gets the core only after it has asked for sound.

mod stream;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::{OutputError, Outputs};
use super::render::Core;
use super::render::traffic::Gauges;
use super::{Event, Health, Selection, Settings, Target};
use crate::units::{ENGINE_RATE_HZ, SafeText, Span};
use stream::{Live, Place, open, reap, spawn, watch_over};

/// How often the supervisor looks.
const TICK: Duration = Duration::from_millis(20);
/// Pauses between attempts, in ms; the last one for ever. A server that returns must be heard again within 2 s.
const BACK_OFF: [u64; 4] = [100, 250, 500, 1000];
/// An attempt that takes longer is abandoned.
const OPENING: Duration = Duration::from_secs(3);
/// Abandoned attempts that may hang at the same time; while there are more, none is added.
const HANGING: usize = 4;
/// A new stream must ask for sound within this.
const WARMING: Duration = Duration::from_secs(5);
/// Blocks a new stream asks for before it gets the core: more than a shell takes by itself while it is being built.
const WARM: u64 = 4;
/// The old output fades out for this long before the new one takes over.
const HUSH: Duration = Duration::from_millis(200);
/// So many xruns within `XRUN_WINDOW` double the buffer.
const XRUNS: usize = 3;
const XRUN_WINDOW: Duration = Duration::from_secs(60);
const LARGEST_BUFFER: u32 = 4096;

/// The state of the output, for the view.
#[derive(Clone, Debug)]
pub struct Status {
    /// What the output is doing.
    pub health: Health,
    /// Its name.
    pub name: SafeText,
    /// From an order to its sound.
    pub latency: Option<Span>,
    /// How often it ran dry.
    pub xruns: u64,
    /// How long ago it asked for sound.
    pub callback_age: Duration,
}

impl Status {
    /// An output without latency or faults.
    pub fn steady(health: Health, name: &str) -> Self {
        Self { health, name: SafeText::new(name), latency: None, xruns: 0, callback_age: Duration::ZERO }
    }
}

/// The engine's side: asks and is told. Dropping it ends the supervisor, which closes the output.
pub struct Handle {
    asks: Sender<Selection>,
    events: Receiver<Event>,
    status: Arc<Mutex<Status>>,
}

impl Handle {
    /// Starts the supervisor on a thread of its own.
    pub fn start(
        core: Box<Core>,
        gauges: Arc<Gauges>,
        settings: Settings,
        selection: Selection,
        outputs: Arc<dyn Outputs>,
    ) -> Self {
        let (asks, asked) = channel();
        let (tell, events) = channel();
        let status = Arc::new(Mutex::new(Status::steady(Health::Opening, "")));
        let mut supervisor = Supervisor::new(core, gauges, settings, selection, outputs, tell, status.clone());
        let work = move || {
            loop {
                match asked.recv_timeout(TICK) {
                    Ok(selection) => supervisor.select(selection, Instant::now()),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return supervisor.close(),
                }
                supervisor.tick(Instant::now());
            }
        };
        if let Err(refused) = std::thread::Builder::new().name("supervisor".into()).spawn(work) {
            tracing::error!(%refused, "no thread for the supervisor");
        }
        Self { asks, events, status }
    }

    /// Asks for another output.
    pub fn select(&self, selection: Selection) {
        // A supervisor that could not be started is told of in the log, and shows in the view as opening for ever.
        _ = self.asks.send(selection);
    }

    /// What has happened since.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.events.try_iter()
    }

    /// The state now.
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A stream on its way.
enum Attempt {
    /// On a thread of its own.
    Opening { opened: Receiver<Result<Live, OutputError>>, since: Instant },
    /// Open, but it has not asked for sound yet.
    Warming { live: Live, since: Instant },
    /// The old output fades out; then this one (or none) takes over.
    Hushing { live: Option<Live>, since: Instant },
}

struct Supervisor {
    outputs: Arc<dyn Outputs>,
    gauges: Arc<Gauges>,
    tell: Sender<Event>,
    status: Arc<Mutex<Status>>,
    place: Place,
    attempt: Option<Attempt>,
    /// What was chosen; after the first opening never "whatever is the default".
    wanted: Selection,
    /// What was wanted before, while a new choice has yet to prove itself.
    before: Option<Selection>,
    buffer: u32,
    tries: usize,
    retry_at: Instant,
    hanging: Arc<AtomicUsize>,
    /// Since when nothing is heard.
    silent_since: Option<Instant>,
    /// The loss has been told.
    lost: bool,
    ever_heard: bool,
    xruns: u64,
    recent_xruns: Vec<Instant>,
}

impl Supervisor {
    fn new(
        core: Box<Core>,
        gauges: Arc<Gauges>,
        settings: Settings,
        selection: Selection,
        outputs: Arc<dyn Outputs>,
        tell: Sender<Event>,
        status: Arc<Mutex<Status>>,
    ) -> Self {
        let now = Instant::now();
        Self {
            outputs,
            gauges,
            tell,
            status,
            place: Place::nowhere(Some(core)),
            attempt: None,
            wanted: selection,
            before: None,
            buffer: settings.buffer_frames.clamp(64, LARGEST_BUFFER),
            tries: 0,
            retry_at: now,
            hanging: Arc::default(),
            silent_since: Some(now),
            lost: false,
            ever_heard: false,
            xruns: 0,
            recent_xruns: Vec::new(),
        }
    }

    /// Looks after everything once.
    fn tick(&mut self, now: Instant) {
        self.advance_attempt(now);
        self.watch(now);
        let on_device = matches!(self.place, Place::Device(_));
        let wants_device = self.wanted.target != Target::Null;
        if wants_device && !on_device && self.attempt.is_none() && now >= self.retry_at {
            self.begin(now);
        }
        self.publish(now);
    }

    /// Another output is chosen.
    fn select(&mut self, selection: Selection, now: Instant) {
        self.abandon_attempt();
        if let Place::Device(live) = &mut self.place
            && is_same(&live.selection, &selection)
        {
            live.selection.gain = selection.gain;
            self.wanted.gain = selection.gain;
            if let Some(mut core) = live.slot.take() {
                core.resume(0, selection.gain);
                live.slot.put(core);
            }
            return;
        }
        let before = std::mem::replace(&mut self.wanted, selection);
        self.tries = 0;
        if self.wanted.target == Target::Null {
            self.before = None;
            self.hush(None, now);
        } else {
            self.before = Some(before);
            self.begin(now);
        }
    }

    /// The end: out in a fade, then closed.
    fn close(mut self) {
        self.abandon_attempt();
        self.gauges.hush.store(true, Relaxed);
        std::thread::sleep(HUSH);
        let core = self.place.slot().take();
        drop(core);
        // `self` goes with its stream, on this thread, which nobody waits for.
    }

    /// Opens what is wanted, on a thread that may hang.
    fn begin(&mut self, now: Instant) {
        if self.hanging.load(Relaxed) >= HANGING {
            self.retry_at = now + back_off(usize::MAX);
            return;
        }
        let (send, opened) = channel();
        let (outputs, hanging) = (self.outputs.clone(), self.hanging.clone());
        let (selection, buffer) = (self.wanted.clone(), self.buffer);
        hanging.fetch_add(1, Relaxed);
        spawn("opening", move || {
            let opened = open(&*outputs, selection, buffer);
            hanging.fetch_sub(1, Relaxed);
            // If nobody waits any more, it is closed again here.
            _ = send.send(opened);
        });
        self.attempt = Some(Attempt::Opening { opened, since: now });
    }

    fn advance_attempt(&mut self, now: Instant) {
        self.attempt = match self.attempt.take() {
            Some(Attempt::Opening { opened, since }) => match opened.try_recv() {
                Ok(Ok(live)) => Some(Attempt::Warming { live, since: now }),
                Ok(Err(why)) => self.failed(&why, now),
                Err(_) if now.saturating_duration_since(since) > OPENING => {
                    reap(opened);
                    self.failed(&OutputError::NoAnswer, now)
                }
                Err(_) => Some(Attempt::Opening { opened, since }),
            },
            Some(Attempt::Warming { live, since }) => {
                if live.faults.fatal.load(Relaxed) || now.saturating_duration_since(since) > WARMING {
                    reap(live);
                    self.failed(&OutputError::NoAnswer, now)
                } else if live.heartbeat.blocks() < WARM {
                    Some(Attempt::Warming { live, since })
                } else {
                    self.hush(Some(live), now);
                    self.attempt.take()
                }
            }
            Some(Attempt::Hushing { live, since }) => {
                if now.saturating_duration_since(since) < HUSH {
                    Some(Attempt::Hushing { live, since })
                } else {
                    self.change(live, now);
                    None
                }
            }
            None => None,
        };
    }

    /// Changes to this stream, after a fade if there is something to fade.
    fn hush(&mut self, live: Option<Live>, now: Instant) {
        if matches!(self.place, Place::Device(_)) {
            self.gauges.hush.store(true, Relaxed);
            self.attempt = Some(Attempt::Hushing { live, since: now });
        } else {
            self.change(live, now);
        }
    }

    /// Moves the core to this stream, or to nowhere.
    fn change(&mut self, live: Option<Live>, now: Instant) {
        self.gauges.hush.store(false, Relaxed);
        let core = self.place.slot().take();
        let Some(mut live) = live else {
            self.leave(core);
            return;
        };
        let gap = self.silent_since.take().map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        if let Some(mut core) = core {
            core.resume(gap.as_millis() as u64 * u64::from(ENGINE_RATE_HZ) / 1000, live.selection.gain);
            live.slot.put(core);
        }
        let id = live.output.id().to_owned();
        live.gone = watch_over(self.outputs.clone(), id.clone());
        live.selection.target = Target::Device(id);
        self.wanted = live.selection.clone();
        reap(std::mem::replace(&mut self.place, Place::Device(live)));
        self.tries = 0;
        self.before = None;
        self.ever_heard = true;
        if std::mem::take(&mut self.lost) {
            let silence = Span::from_millis(i64::try_from(gap.as_millis()).unwrap_or(i64::MAX));
            self.report(Event::OutputBack { silence });
        }
    }

    /// Puts the core where nobody hears it, and lets the stream go.
    fn leave(&mut self, core: Option<Box<Core>>) {
        reap(std::mem::replace(&mut self.place, Place::nowhere(core)));
    }

    /// An attempt came to nothing.
    fn failed(&mut self, why: &OutputError, now: Instant) -> Option<Attempt> {
        let why = SafeText::new(&why.to_string());
        if let Some(before) = self.before.take() {
            if matches!(self.place, Place::Device(_)) {
                self.wanted = before;
            }
            self.report(Event::OutputRefused { why });
        } else if !std::mem::replace(&mut self.lost, true) {
            self.report(Event::OutputLost { why });
        }
        self.retry_at = now + back_off(self.tries);
        self.tries += 1;
        None
    }

    /// Judges the stream that plays.
    fn watch(&mut self, now: Instant) {
        let Place::Device(live) = &mut self.place else { return };
        if let Some(why) = live.verdict(now) {
            let heard_last = now.checked_sub(live.heartbeat.age(now)).unwrap_or(now);
            self.stop(heard_last, now);
            self.lost = true;
            self.report(Event::OutputLost { why: SafeText::new(why) });
            return;
        }
        let new = live.xruns() - live.known_xruns;
        if new == 0 {
            return;
        }
        live.known_xruns += new;
        self.xruns += new;
        self.recent_xruns.push(now);
        self.recent_xruns.retain(|at| now.saturating_duration_since(*at) < XRUN_WINDOW);
        self.report(Event::Xruns { count: self.xruns });
        if self.recent_xruns.len() >= XRUNS && self.buffer < LARGEST_BUFFER && self.attempt.is_none() {
            self.grow(now);
        }
    }

    /// Begins the stream anew with a buffer twice as large. Some devices can be opened only once: the old one goes first.
    fn grow(&mut self, now: Instant) {
        self.buffer = (2 * self.buffer).min(LARGEST_BUFFER);
        self.recent_xruns.clear();
        self.stop(now, now);
        self.report(Event::BufferGrown { frames: self.buffer });
    }

    /// Takes the core out of the stream, which has not been heard since `heard_last`; it is opened again at once.
    fn stop(&mut self, heard_last: Instant, now: Instant) {
        if let Some(Attempt::Hushing { .. }) = self.attempt {
            self.abandon_attempt();
        }
        let core = self.place.slot().take();
        self.leave(core);
        self.silent_since = Some(heard_last);
        self.tries = 0;
        self.retry_at = now;
    }

    fn abandon_attempt(&mut self) {
        self.gauges.hush.store(false, Relaxed);
        if let Some(attempt) = self.attempt.take() {
            reap(attempt);
        }
    }

    fn report(&self, event: Event) {
        // Without an engine there is nobody to tell, and the next tick ends this thread.
        _ = self.tell.send(event);
    }

    fn publish(&self, now: Instant) {
        let status = match &self.place {
            Place::Device(live) => Status {
                health: Health::Running,
                name: live.output.name().clone(),
                latency: live.output.latency(),
                xruns: self.xruns,
                callback_age: live.heartbeat.age(now),
            },
            Place::Nowhere { heartbeat, .. } => {
                let health = match (&self.wanted.target, self.lost, self.ever_heard) {
                    (Target::Null, _, _) | (_, true, false) => Health::Silent,
                    (_, true, true) => Health::Lost,
                    (_, false, _) => Health::Opening,
                };
                Status { xruns: self.xruns, callback_age: heartbeat.age(now), ..Status::steady(health, "none") }
            }
        };
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// The pause after so many attempts.
fn back_off(tries: usize) -> Duration {
    Duration::from_millis(BACK_OFF[tries.min(BACK_OFF.len() - 1)])
}

/// Whether two choices mean the same device, as far as that is known without asking.
fn is_same(one: &Selection, other: &Selection) -> bool {
    one.target == other.target
}
