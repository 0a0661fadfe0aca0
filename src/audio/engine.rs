//! The control half: takes orders, opens pieces, reports what happened. It may allocate, lock and fail; it never waits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::feeder::{self, About, Feeder, News};
use super::offline::Offline;
use super::output::{Devices, Outputs};
use super::render::Core;
use super::render::deck::Deck;
use super::render::ease::Easing;
use super::render::traffic::{Desk, Gauges, Order, Report, connect};
use super::supervisor::Handle;
use super::view::OutputState;
use super::{Command, Event, Health, Opener, Selection, Settings, View};
use crate::media::generator::SafeBed;
use crate::units::{DbTp, Decibels, Frames, Gain, SafeText, Ticket};

/// How long a piece may take to open and begin decoding before it is given up.
const OPENING: Duration = Duration::from_secs(10);
/// The lowest level a meter shows, in dBFS.
const METER_FLOOR: f32 = -120.0;

/// A piece that was loaded and not yet crossed to.
struct Piece {
    deck: Box<Deck>,
    since: Instant,
    /// Loaded or failed has been told.
    answered: bool,
}

/// Where the render half is.
enum World {
    RealTime(Handle),
    Offline(Box<Offline>),
}

/// The engine. Orders go in, events come out; sound goes to an output, or offline to whoever renders.
pub struct Engine {
    desk: Desk,
    /// Orders for which there is no room in the ring yet.
    backlog: VecDeque<Order>,
    pieces: BTreeMap<Ticket, Piece>,
    news: Receiver<(About, News)>,
    /// Given to every feeder.
    news_to: Sender<(About, News)>,
    events: VecDeque<Event>,
    gauges: Arc<Gauges>,
    told_bed_only: bool,
    world: World,
}

impl Engine {
    /// An engine that plays on these outputs, or into nothing while it keeps trying to. Returns at once.
    #[must_use]
    pub fn real_time(settings: Settings, selection: Vec<Selection>) -> Self {
        Self::on(settings, selection, Arc::new(Devices))
    }

    /// As [`Engine::real_time`], with other outputs than the machine's own.
    pub(super) fn on(settings: Settings, selection: Vec<Selection>, outputs: Arc<dyn Outputs>) -> Self {
        let start = |core, gauges| Handle::start(core, gauges, settings.buffer_frames, selection, outputs);
        Self::build(&settings, |core, gauges| World::RealTime(start(core, gauges)))
    }

    /// An engine in virtual time, driven by [`Engine::render`] and [`Engine::skip`].
    #[must_use]
    pub fn offline(settings: Settings) -> Self {
        Self::build(&settings, |core, _| World::Offline(Box::new(Offline::new(core))))
    }

    fn build(settings: &Settings, world: impl FnOnce(Box<Core>, Arc<Gauges>) -> World) -> Self {
        let (desk, post) = connect();
        let gauges = Arc::new(Gauges::default());
        let bed = settings.bed.as_ref().map_or_else(SafeBed::new, |(recipe, gain)| SafeBed::of(recipe, *gain));
        let core = Box::new(Core::new(settings.ceiling, bed, post, gauges.clone()));
        let (news_to, news) = channel();
        Self {
            desk,
            backlog: VecDeque::new(),
            pieces: BTreeMap::new(),
            news,
            news_to,
            events: VecDeque::new(),
            world: world(core, gauges.clone()),
            gauges,
            told_bed_only: false,
        }
    }

    /// Takes an order; never blocks.
    pub fn order(&mut self, command: Command) {
        match command {
            Command::Load { ticket, open, length } => self.load(ticket, open, length),
            Command::Unload { ticket } => drop(self.pieces.remove(&ticket)),
            Command::Cross { ticket, over, curve, gain, ease } => {
                let mut deck = self.deck_for(ticket);
                deck.gain = sane(gain);
                deck.ease = Easing::of(ease);
                self.send(Order::Cross { deck, over, curve });
            }
            Command::Bed { open, gain, over } => {
                let deck = open.map(|open| {
                    let mut deck = self.feed(None, open, None);
                    deck.gain = sane(gain);
                    deck
                });
                self.send(Order::Bed { deck, over });
            }
            Command::Ramp { lane, from, to, over } => self.send(Order::Ramp { lane, from, to, over }),
            Command::Select { outputs } => self.ask(|handle| handle.select(outputs)),
            Command::Trim { output, by } => self.ask(|handle| handle.trim(output, by)),
            Command::Reopen { output } => self.ask(|handle| handle.reopen(output)),
        }
    }

    /// Offline there is one output, and nothing to choose.
    fn ask(&self, ask: impl FnOnce(&Handle)) {
        if let World::RealTime(handle) = &self.world {
            ask(handle);
        }
    }

    /// The next report; never blocks. Also does the engine's housekeeping: to be called several times a second.
    pub fn poll(&mut self) -> Option<Event> {
        self.flush();
        self.read_news();
        while let Ok(report) = self.desk.reports.pop() {
            self.read(report);
        }
        if let World::RealTime(handle) = &self.world {
            self.events.extend(handle.events());
        }
        if self.gauges.bed_only.load(Relaxed) && !std::mem::replace(&mut self.told_bed_only, true) {
            self.events.push_back(Event::BedOnly);
        }
        self.events.pop_front()
    }

    /// The state now; never blocks for longer than it takes to copy a name.
    #[must_use]
    pub fn view(&self) -> View {
        let offline = || OutputState { health: Health::Running, name: "offline".into(), ..OutputState::silent() };
        let mut outputs = match &self.world {
            World::RealTime(handle) => handle.status(),
            World::Offline(_) => vec![offline()],
        }
        .into_iter();
        let level = |channel: usize| {
            let square = f32::from_bits(self.gauges.squares[channel].load(Relaxed));
            Decibels((10.0 * square.log10()).max(METER_FLOOR))
        };
        let peak = f64::from(f32::from_bits(self.gauges.peak.load(Relaxed)));
        View {
            main: outputs.next().unwrap_or_else(OutputState::silent),
            beside: outputs.next(),
            meter: [level(0), level(1)],
            peak: DbTp((20.0 * peak.log10()).max(f64::from(METER_FLOOR))),
            sounding: self.gauges.sounding(),
            lead: Frames(self.gauges.lead.load(Relaxed)).span(),
            rendered: Frames(self.gauges.rendered.load(Relaxed)),
        }
    }

    /// Offline only (in real time nothing happens): renders, handing over pieces of interleaved stereo. Waits for decoders.
    pub fn render(&mut self, frames: Frames, sink: &mut dyn FnMut(&[f32])) {
        self.flush();
        if let World::Offline(offline) = &mut self.world {
            offline.render(frames.0, sink);
        }
    }

    /// Offline only (in real time nothing happens): lets time pass without computing sound. Orders, ramps, crossfades,
    /// places and events are those that [`Engine::render`] would give; where a piece ends is taken from its `length`.
    pub fn skip(&mut self, frames: Frames) {
        self.flush();
        if let World::Offline(offline) = &mut self.world {
            offline.skip(frames.0);
        }
    }

    /// Offline only (in real time anything may happen at any moment): for how long a [`Engine::skip`] would pass without any
    /// event, if no order comes.
    #[must_use]
    pub fn rests_for(&self) -> Frames {
        match &self.world {
            World::Offline(offline) if self.backlog.is_empty() => Frames(offline.rests_for()),
            _ => Frames::ZERO,
        }
    }

    /// Offline only (in real time disks hang by themselves): for so many frames nothing is opened or decoded.
    pub fn stall(&mut self, frames: Frames) {
        if let World::Offline(offline) = &mut self.world {
            offline.stall(frames.0);
        }
    }

    fn load(&mut self, ticket: Ticket, open: Opener, length: Option<Frames>) {
        let deck = self.feed(Some(ticket), open, length);
        self.pieces.insert(ticket, Piece { deck, since: Instant::now(), answered: false });
    }

    /// A deck, and a feeder at work for it.
    fn feed(&mut self, about: About, open: Opener, length: Option<Frames>) -> Box<Deck> {
        let (feeder, deck) = feeder::pair(about, open, length, self.news_to.clone());
        match &mut self.world {
            World::RealTime(_) => Feeder::run(feeder),
            World::Offline(offline) => offline.adopt(feeder),
        }
        deck
    }

    /// The deck of a loaded piece; an empty one, and a report, if there is none.
    fn deck_for(&mut self, ticket: Ticket) -> Box<Deck> {
        match self.pieces.remove(&ticket) {
            Some(piece) => piece.deck,
            None => {
                self.fail(Some(ticket), "this piece was not loaded before it was to sound");
                feeder::empty_deck(Some(ticket))
            }
        }
    }

    fn send(&mut self, order: Order) {
        self.backlog.push_back(order);
        self.flush();
    }

    fn flush(&mut self) {
        while let Some(order) = self.backlog.pop_front() {
            if let Err(rtrb::PushError::Full(order)) = self.desk.orders.push(order) {
                self.backlog.push_front(order);
                break;
            }
        }
    }

    fn read(&mut self, report: Report) {
        match report {
            Report::Started(ticket) => self.events.push_back(Event::Started { ticket }),
            Report::Starved(ticket) => self.events.push_back(Event::Starved { ticket }),
            Report::Ended(ticket) => self.events.push_back(Event::Ended { ticket }),
            Report::Late(ticket) => {
                self.late(ticket, "it could not be decoded in time; is its disk slow?");
            }
            Report::Left(deck) => {
                if let (Some(ticket), true) = (deck.ticket, deck.started) {
                    self.events.push_back(Event::Left { ticket, heard: deck.heard() });
                }
            }
        }
    }

    fn read_news(&mut self) {
        while let Ok((about, news)) = self.news.try_recv() {
            let piece = about.and_then(|ticket| self.pieces.get_mut(&ticket));
            let told = piece.is_some_and(|piece| std::mem::replace(&mut piece.answered, true));
            match (news, about) {
                (News::Loaded, Some(ticket)) if !told => self.events.push_back(Event::Loaded { ticket }),
                (News::Loaded, _) => {}
                (News::Failed(why), _) => self.fail(about, why.as_str()),
            }
        }
        if matches!(self.world, World::RealTime(_)) {
            self.give_up_slow_openers();
        }
    }

    fn give_up_slow_openers(&mut self) {
        let now = Instant::now();
        let slow = |piece: &&mut Piece| !piece.answered && now.saturating_duration_since(piece.since) > OPENING;
        let mut given_up = Vec::new();
        for (ticket, piece) in self.pieces.iter_mut().filter(|(_, piece)| slow(piece)) {
            piece.answered = true;
            given_up.push(*ticket);
        }
        for ticket in given_up {
            self.late(ticket, "it did not open within 10 s; check the disk it is on");
        }
    }

    fn late(&mut self, ticket: Ticket, why: &str) {
        self.events.push_back(Event::Late { ticket, why: SafeText::new(why) });
    }

    fn fail(&mut self, about: About, why: &str) {
        let why = SafeText::new(why);
        self.events.push_back(match about {
            Some(ticket) => Event::Failed { ticket, why },
            None => Event::BedFailed { why },
        });
    }
}

/// A gain that can only be a gain.
fn sane(gain: Gain) -> Gain {
    if gain.0.is_finite() { Gain(gain.0.clamp(0.0, 8.0)) } else { Gain::ZERO }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;
    use crate::audio::{Curve, Ease, Target};

    /// Waits for an event; the engine may never take long itself.
    fn wait_for(engine: &mut Engine, what: &str, is_it: fn(&Event) -> bool) {
        let since = Instant::now();
        loop {
            let asked = Instant::now();
            let event = engine.poll();
            assert!(asked.elapsed() < Duration::from_millis(200), "polling never blocks");
            if event.as_ref().is_some_and(is_it) {
                return;
            }
            assert!(since.elapsed() < Duration::from_secs(20), "{what}");
            sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn an_opener_that_never_returns_holds_nobody_up() {
        let mut engine = Engine::real_time(Settings::default(), vec![Selection::of(Target::Null)]);
        let since = Instant::now();
        let ticket = Ticket(1);
        let endless: Opener = Box::new(|| {
            loop {
                sleep(Duration::from_secs(3600));
            }
        });
        engine.order(Command::Load { ticket, open: endless, length: None });
        let (curve, gain) = (Curve::EqualPower, Gain::UNITY);
        engine.order(Command::Cross { ticket, over: Frames(480), curve, gain, ease: Ease::NONE });
        assert!(since.elapsed() < Duration::from_millis(200));
        let before = engine.view().rendered;
        wait_for(&mut engine, "it is given up", |event| matches!(event, Event::Late { .. }));
        assert!(engine.view().rendered.0 > before.0 + 48_000, "rendering went on");
        assert_eq!(engine.view().main.health, Health::Silent);
        let since = Instant::now();
        drop(engine);
        assert!(since.elapsed() < Duration::from_millis(200));
    }
}
