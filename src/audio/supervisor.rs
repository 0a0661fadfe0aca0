//! The supervisor: the one owner of opening and reopening outputs.
//!
//! *Invariant:* it has no end state. Whatever happens to the outputs, the core goes on (into nothing, if need be), and every
//! output that was chosen is tried for ever; no other one is taken in its place.
//!
//! Up to two outputs play at once, each looked after by a [`Keeper`]. One of them sets the pace: it has the core. The other
//! reads its line at its own pace, and is given the core when the first one goes, without a gap. One output gives way to
//! another only once that one plays. Opening and closing may block, so both happen on threads that can be abandoned.

mod keeper;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::Outputs;
use super::render::Core;
use super::render::outlet::OUTLETS;
use super::render::traffic::Gauges;
use super::view::OutputState;
use super::{Event, Selection, Target};
use crate::units::{Decibels, ENGINE_RATE_HZ, Frames, SafeText, Span};
use keeper::{Keeper, Step};
use stream::{Live, Nowhere, reap};

/// How often the supervisor looks.
const TICK: Duration = Duration::from_millis(20);
/// The end: everything fades out for this long before it is closed.
const HUSH: Duration = Duration::from_millis(200);
/// One output gives way to another over this.
const GIVE_WAY: Duration = Duration::from_millis(2_100);

/// The engine's side: asks and is told. Dropping it ends the supervisor, which closes the outputs.
pub struct Handle {
    asks: Sender<Ask>,
    events: Receiver<Event>,
    status: Arc<Mutex<Vec<OutputState>>>,
}

/// What the engine asks.
enum Ask {
    Select(Vec<Selection>),
    Trim(Target, Decibels),
    Reopen(Target),
}

impl Handle {
    /// Starts the supervisor on a thread of its own.
    pub fn start(
        core: Box<Core>,
        gauges: Arc<Gauges>,
        buffer_frames: u32,
        selection: Vec<Selection>,
        outputs: Arc<dyn Outputs>,
    ) -> Self {
        let (asks, asked) = channel();
        let (tell, events) = channel();
        let status = Arc::new(Mutex::new(Vec::new()));
        let mut supervisor = Supervisor::new(core, gauges, buffer_frames, selection, outputs, tell, status.clone());
        supervisor.publish(Instant::now());
        let work = move || {
            loop {
                match asked.recv_timeout(TICK) {
                    Ok(ask) => supervisor.take(ask, Instant::now()),
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

    /// Asks for these outputs and no others.
    pub fn select(&self, selection: Vec<Selection>) {
        self.ask(Ask::Select(selection));
    }

    /// Asks for one output to be this much softer than its gain.
    pub fn trim(&self, output: Target, by: Decibels) {
        self.ask(Ask::Trim(output, by));
    }

    /// Asks for one output to be opened anew: its sound does not arrive where it should.
    pub fn reopen(&self, output: Target) {
        self.ask(Ask::Reopen(output));
    }

    fn ask(&self, ask: Ask) {
        // A supervisor that could not be started is told of in the log, and shows in the view as opening for ever.
        _ = self.asks.send(ask);
    }

    /// What has happened since.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.events.try_iter()
    }

    /// The outputs now.
    pub fn status(&self) -> Vec<OutputState> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Who asks the core for sound.
enum Pace {
    /// Nobody hears it, but time goes on.
    Nowhere(Nowhere),
    /// The output of a keeper.
    Keeper,
}

/// What keepers need of the world.
struct World {
    outputs: Arc<dyn Outputs>,
    gauges: Arc<Gauges>,
    tell: Sender<Event>,
    epoch: Instant,
}

impl World {
    fn report(&self, event: Event) {
        // Without an engine there is nobody to tell, and the next tick ends the supervisor's thread.
        _ = self.tell.send(event);
    }
}

struct Supervisor {
    world: World,
    keepers: [Keeper; OUTLETS],
    /// What was chosen last.
    chosen: Vec<Selection>,
    /// What was chosen before that, as long as the last choice has not proven itself.
    before: Option<Vec<Selection>>,
    pace: Pace,
    status: Arc<Mutex<Vec<OutputState>>>,
}

impl Supervisor {
    fn new(
        mut core: Box<Core>,
        gauges: Arc<Gauges>,
        buffer_frames: u32,
        selection: Vec<Selection>,
        outputs: Arc<dyn Outputs>,
        tell: Sender<Event>,
        status: Arc<Mutex<Vec<OutputState>>>,
    ) -> Self {
        let now = Instant::now();
        let chosen = devices(selection);
        let mut wanted = chosen.iter().cloned();
        let keepers = std::array::from_fn(|outlet| {
            Keeper::new(outlet, wanted.next(), Box::new(core.connect(outlet)), buffer_frames, now)
        });
        let pace = Pace::Nowhere(Nowhere::with(Some(core), gauges.clone(), now));
        let world = World { outputs, gauges, tell, epoch: now };
        Self { world, keepers, chosen, before: None, pace, status }
    }

    /// Looks after everything once.
    fn tick(&mut self, now: Instant) {
        for place in 0..OUTLETS {
            match self.keepers[place].step(&self.world, now) {
                Step::Nothing => {}
                Step::Arrived(live) => self.arrived(place, *live, now),
                Step::Refused => self.refused(place, now),
                Step::Stopped => {
                    let core = self.keepers[place].part(&self.world);
                    self.hand_over(core);
                }
            }
        }
        self.publish(now);
    }

    fn take(&mut self, ask: Ask, now: Instant) {
        match ask {
            Ask::Select(selection) => self.select(selection, now),
            Ask::Trim(output, by) => {
                if let Some(keeper) = self.keepers.iter_mut().find(|keeper| keeper.is_for(&output)) {
                    keeper.trim(by, &self.world);
                }
            }
            Ask::Reopen(output) => {
                if let Some(keeper) = self.keepers.iter_mut().find(|keeper| keeper.is_for(&output)) {
                    keeper.lose("the sound server sent the sound to another output", now, now, &self.world);
                    let core = keeper.part(&self.world);
                    self.hand_over(core);
                }
            }
        }
    }

    /// Other outputs are chosen. Those that are no longer wanted go when one plays that is.
    fn select(&mut self, selection: Vec<Selection>, now: Instant) {
        let mut new = devices(selection);
        let silence = new.is_empty();
        let old = std::mem::replace(&mut self.chosen, new.clone());
        self.before.get_or_insert(old);
        for keeper in &mut self.keepers {
            match new.iter().position(|chosen| keeper.is_for(&chosen.target)) {
                Some(place) => keeper.keep(new.remove(place), &self.world),
                None => keeper.let_go(),
            }
        }
        let none_on_trial = new.is_empty() && !self.is_one_on_trial();
        for chosen in new {
            if let Some(free) = self.keepers.iter_mut().find(|keeper| keeper.is_free()) {
                free.try_out(chosen, now);
            } else if let Some(place) = self.place_for_another() {
                self.keepers[place].replace(chosen, now, &self.world);
            }
        }
        if none_on_trial {
            self.before = None;
        }
        // What is kept may be lost: until it is back, nothing but the others is heard.
        if silence || none_on_trial && self.does_one_play_that_stays() {
            self.dismiss(now);
        }
    }

    fn is_one_on_trial(&self) -> bool {
        self.keepers.iter().any(Keeper::is_on_trial)
    }

    fn does_one_play_that_stays(&self) -> bool {
        self.keepers.iter().any(|keeper| plays(keeper) && !keeper.is_outgoing())
    }

    /// Whose place is taken when nobody is free: the one that is leaving, or else one that is to leave. Rather one that nobody
    /// hears; and of those, one that is not to stay if the choice is refused.
    fn place_for_another(&self) -> Option<usize> {
        let may_stay = |keeper: &Keeper| self.before.iter().flatten().any(|chosen| keeper.is_for(&chosen.target));
        let order = |keeper: &Keeper| (!keeper.is_leaving(), keeper.is_live(), may_stay(keeper));
        (0..OUTLETS).filter(|place| self.keepers[*place].makes_room()).min_by_key(|place| order(&self.keepers[*place]))
    }

    /// The stream of this keeper asks for sound.
    fn arrived(&mut self, place: usize, live: Live, now: Instant) {
        if self.keepers[place].is_on_trial() {
            self.before = None;
        }
        let twin = (0..OUTLETS).find(|other| *other != place && self.keepers[*other].plays(live.output.id()));
        if let Some(twin) = twin {
            // Two names of one device: it only gets the new name and its gain.
            let chosen = self.keepers[place].withdraw();
            reap(live);
            // What was to come in the twin's place comes in the place that is free now.
            if let Some(next) = self.keepers[twin].successor() {
                self.keepers[place].try_out(next, now);
            }
            if let Some(chosen) = chosen {
                self.keepers[twin].keep(chosen, &self.world);
            }
        } else {
            let keeper = &mut self.keepers[place];
            // The stream that it relieves, if it has a larger buffer.
            let core = keeper.part(&self.world);
            keeper.welcome(live, now, &self.world);
            match &mut self.pace {
                Pace::Nowhere(nowhere) => {
                    let core = nowhere.leave();
                    keeper.give(core, &self.world);
                    self.pace = Pace::Keeper;
                }
                Pace::Keeper if core.is_some() => keeper.give(core, &self.world),
                Pace::Keeper => keeper.follow(&self.world),
            }
        }
        if !self.is_one_on_trial() && self.does_one_play_that_stays() {
            self.dismiss(now);
        }
    }

    /// The choice on trial cannot be opened: what was there before stays. Where nothing plays, both are tried for ever.
    fn refused(&mut self, place: usize, now: Instant) {
        let others = (0..OUTLETS).any(|other| other != place && plays(&self.keepers[other]));
        let refused = &mut self.keepers[place];
        if others {
            self.chosen.retain(|chosen| !refused.is_for(&chosen.target));
        }
        refused.give_up(others);
        if self.is_one_on_trial() {
            return;
        }
        self.keepers.iter_mut().for_each(Keeper::stay);
        let Some(before) = self.before.take() else { return };
        for chosen in &before {
            let stays = self.keepers.iter().any(|keeper| keeper.is_for(&chosen.target));
            // A lost one has made room for the choice.
            if !stays && let Some(free) = self.keepers.iter_mut().find(|keeper| keeper.is_free()) {
                free.try_out(chosen.clone(), now);
                free.give_up(false);
            }
        }
        if others {
            self.chosen = before;
        }
    }

    /// Lets everybody go who only waited for others to play.
    fn dismiss(&mut self, now: Instant) {
        for keeper in &mut self.keepers {
            if keeper.is_outgoing() {
                keeper.leave(now, GIVE_WAY, &self.world);
            }
        }
    }

    /// Gives the core, if it is without a place, to an output that still plays, or to nobody.
    fn hand_over(&mut self, core: Option<Box<Core>>) {
        let Some(core) = core else { return };
        match (0..OUTLETS).find(|place| self.keepers[*place].is_live()) {
            Some(place) => {
                self.keepers[place].give(Some(core), &self.world);
                self.pace = Pace::Keeper;
            }
            None => {
                self.pace = Pace::Nowhere(Nowhere::with(Some(core), self.world.gauges.clone(), self.world.epoch));
            }
        }
    }

    /// The end: out in a fade, then closed.
    fn close(mut self) {
        self.world.gauges.outlets.iter().for_each(|outlet| outlet.hush(false));
        std::thread::sleep(HUSH);
        if let Pace::Nowhere(nowhere) = &mut self.pace {
            drop(nowhere.leave());
        }
        for keeper in &mut self.keepers {
            drop(keeper.part(&self.world));
        }
        // The streams go on threads that nobody waits for.
    }

    fn publish(&self, now: Instant) {
        let mut states: Vec<OutputState> =
            self.keepers.iter().filter_map(|keeper| keeper.state(&self.world, now)).collect();
        if states.is_empty() {
            let age = match &self.pace {
                Pace::Nowhere(nowhere) => nowhere.heartbeat.age(now),
                Pace::Keeper => Duration::ZERO,
            };
            states.push(OutputState { callback_age: span(age), ..OutputState::silent() });
        }
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = states;
    }
}

/// Whether it is heard, and not on its way out.
fn plays(keeper: &Keeper) -> bool {
    keeper.is_wanted() && keeper.is_live()
}

/// The devices among the chosen outputs, each once; at most as many as may play at once.
fn devices(selection: Vec<Selection>) -> Vec<Selection> {
    let mut devices: Vec<Selection> = Vec::new();
    for chosen in selection {
        let is_there = devices.iter().any(|device| device.target == chosen.target);
        if chosen.target != Target::Null && !is_there && devices.len() < OUTLETS {
            devices.push(chosen);
        }
    }
    devices
}

fn span(time: Duration) -> Span {
    Span::from_millis(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}

fn frames(time: Duration) -> Frames {
    Frames(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).saturating_mul(u64::from(ENGINE_RATE_HZ)) / 1000)
}

fn said(why: &str) -> SafeText {
    SafeText::new(why)
}
