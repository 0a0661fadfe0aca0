//! A bus: the decks that sound together, and the crossing from one to the next.

use super::deck::{Deck, Pace, Supply};
use super::fade::Fade;
use super::level::{FALL, Level, RISE, per_block};
use super::ramp::SHORTEST;
use super::surge::Surge;
use super::traffic::{Post, Report};
use super::{BLOCK, Block, guard};
use crate::audio::Curve;
use crate::units::{Decibels, ENGINE_RATE_HZ, Frames};

/// A rise from nothing takes no longer than this, however long the crossfade: most of it is too soft to be heard, and after a
/// fault somebody waits for it (sound rule: 8 s).
const SLOWEST_RISE: Frames = Frames(8 * ENGINE_RATE_HZ as u64);

/// Two that cross, and four more for crossings that interrupt each other: with six, the quietest of them carries at most
/// a twelfth of the power, and can be hurried out unnoticed (-0.4 dB).
const DECKS: usize = 6;
/// How long a piece may take to have enough decoded before it is given up: 5 s.
const PATIENCE: u64 = 240_000;
/// Music this much below where it rises to, in dB, is heard as being there.
const NEARLY_UP: f32 = -12.0;
/// A deck that is dry for longer has starved: 5 ms.
const STARVED: u64 = 240;

/// A piece that will be crossed to as soon as it is ready and there is a place for it.
struct Waiting {
    deck: Box<Deck>,
    over: Frames,
    curve: Curve,
    waited: u64,
}

/// The decks of one kind (the programme, or the phase's bed), of which one is to stay.
pub struct Bus {
    decks: [Option<Box<Deck>>; DECKS],
    /// The deck that stays when all crossings are over.
    target: Option<usize>,
    waiting: Option<Waiting>,
    /// Follows the lanes, but begins at -60 dB when something rises from nothing: from no deck, or from silent ones.
    level: Level,
    rise: f32,
    /// Something is on its way in from nothing...
    on_its_way_in: bool,
    /// ...and is itself still silent: its way has not begun.
    unheard: bool,
    surge: Surge,
    sum: Block,
}

impl Bus {
    /// A bus on which nothing sounds.
    pub fn new() -> Self {
        Self {
            decks: [const { None }; DECKS],
            target: None,
            waiting: None,
            level: Level::at(Decibels::SILENCE.0),
            rise: RISE,
            on_its_way_in: false,
            unheard: false,
            surge: Surge::new(),
            sum: [[0.0; 2]; BLOCK],
        }
    }

    /// Crosses to this deck once it is ready. A crossing that still waits gives way.
    pub fn cross(&mut self, deck: Box<Deck>, over: Frames, curve: Curve, post: &mut Post) {
        self.forget_waiting(post);
        self.waiting = Some(Waiting { deck, over, curve, waited: 0 });
    }

    /// Crosses to nothing.
    pub fn leave(&mut self, over: Frames, post: &mut Post) {
        self.forget_waiting(post);
        self.fade_all(over, Curve::EqualPower);
        self.target = None;
    }

    /// The deck that stays.
    pub fn target(&self) -> Option<&Deck> {
        self.target.and_then(|place| self.decks[place].as_deref())
    }

    /// What the deck that stays has ready; nothing if there is none, or if it waits for its decoder.
    pub fn lead(&self, pace: Pace) -> Supply {
        match self.target() {
            Some(deck) if deck.dry() == 0 => deck.supply(pace),
            _ => Supply { frames: 0, last: true },
        }
    }

    /// All decks that are here, waiting or sounding.
    pub fn decks(&mut self) -> impl Iterator<Item = &mut Deck> {
        let waiting = self.waiting.as_mut().map(|waiting| &mut *waiting.deck);
        self.decks.iter_mut().flatten().map(|deck| &mut **deck).chain(waiting)
    }

    /// One block: begins what is ready, plays or skips, lets go of what is over.
    pub fn advance(&mut self, lanes: &Level, pace: Pace, post: &mut Post) {
        self.begin_waiting(pace, post);
        self.sum = [[0.0; 2]; BLOCK];
        let rises = self.level.now() < lanes.now();
        for place in 0..DECKS {
            self.advance_deck(place, rises, pace, post);
        }
        self.listen(pace);
        self.follow(lanes);
    }

    /// For how many blocks of skipping nothing but places changes, while the lanes rest at this level.
    pub fn rests_for(&self, lanes: &Level) -> u64 {
        let settled = self.waiting.is_none() && self.level.is_at_rest(lanes.now()) && self.surge.has_missed();
        if !settled || self.unheard || self.on_its_way_in {
            return 0;
        }
        self.decks.iter().flatten().map(|deck| deck.rests_for()).fold(u64::MAX, u64::min)
    }

    /// Lets so many frames pass unheard, of those for which it rests.
    pub fn pass(&mut self, frames: u64) {
        self.decks.iter_mut().flatten().for_each(|deck| deck.pass(frames));
    }

    /// Whether it is about as loud as the lanes allow: not rising from nothing, nor coming back after it had run dry. What
    /// is silent itself is there as soon as it has begun.
    pub fn is_up(&self, lanes: &Level) -> bool {
        let back = self.target().map_or(0.0, Deck::back);
        self.unheard || self.level.now() + back >= lanes.now() + NEARLY_UP
    }

    /// Adds the block to `out`.
    pub fn add_to(&mut self, out: &mut Block) {
        if self.is_silent() {
            return;
        }
        self.level.apply(&mut self.sum);
        for (out, frame) in out.iter_mut().zip(self.sum) {
            *out = [out[0] + frame[0], out[1] + frame[1]];
        }
    }

    /// Whether nothing of it is heard in this block, whatever its decks play.
    pub fn is_silent(&self) -> bool {
        self.level.is_silent()
    }

    /// Its level, in dB.
    pub fn level(&self) -> f32 {
        self.level.now()
    }

    /// Makes numbers of the sum, and eases what leaps.
    fn listen(&mut self, pace: Pace) {
        match pace {
            Pace::Sounding => {
                guard::sanitise(&mut self.sum);
                self.surge.process(&mut self.sum, self.on_its_way_in);
                self.unheard &= self.surge.hears_nothing();
            }
            Pace::Skipping => {
                self.surge.miss();
                self.unheard = false;
            }
        }
    }

    /// Follows the lanes. One thing rises at a time, or two together would be too quick: first the piece that stays, then all of
    /// them, and then what leaves; nobody need wait for that.
    fn follow(&mut self, lanes: &Level) {
        let comes_back = |deck: &Deck| deck.back() < 0.0 && !deck.fade.is_leaving();
        let waits = self.unheard || self.decks.iter().flatten().any(|deck| comes_back(deck));
        self.level.follow(lanes.now(), if waits { 0.0 } else { self.rise }, FALL);
        if self.level.now() == lanes.now() {
            self.rise = RISE;
            self.on_its_way_in &= self.unheard;
        }
    }

    fn advance_deck(&mut self, place: usize, bus_rises: bool, pace: Pace, post: &mut Post) {
        let Some(deck) = &mut self.decks[place] else { return };
        let was_dry = deck.dry();
        let goes_on = match pace {
            Pace::Sounding => deck.play(&mut self.sum, !(bus_rises && deck.fade.is_leaving())),
            Pace::Skipping => deck.skip(),
        };
        let over = deck.fade.is_leaving() && deck.fade.is_over();
        let is_target = self.target == Some(place);
        if goes_on && is_target && was_dry <= STARVED && deck.dry() > STARVED {
            post.tell(deck.ticket, Report::Starved);
        }
        if !goes_on && is_target {
            self.target = None;
            post.tell(deck.ticket, Report::Ended);
        }
        if (!goes_on || over)
            && let Some(deck) = self.decks[place].take()
        {
            post.send(Report::Left(deck));
        }
    }

    fn begin_waiting(&mut self, pace: Pace, post: &mut Post) {
        let Some(waiting) = &mut self.waiting else { return };
        let supply = waiting.deck.supply(pace);
        waiting.waited += BLOCK as u64;
        if !supply.is_enough() {
            if waiting.waited > PATIENCE {
                post.tell(waiting.deck.ticket, Report::Late);
                self.forget_waiting(post);
            }
            return;
        }
        if supply.frames == 0 {
            // Why has been told by its feeder; what sounds goes on.
            self.forget_waiting(post);
            return;
        }
        let Some(free) = self.decks.iter().position(Option::is_none) else {
            self.hurry_quietest();
            return;
        };
        if let Some(Waiting { deck, over, curve, .. }) = self.waiting.take() {
            self.begin(free, deck, over, curve, post);
        }
    }

    fn begin(&mut self, place: usize, mut deck: Box<Deck>, over: Frames, curve: Curve, post: &mut Post) {
        let silent = self.surge.hears_nothing();
        let from_nothing = silent || !self.decks.iter().flatten().any(|deck| deck.is_audible());
        self.fade_all(over, curve);
        deck.started = true;
        if from_nothing {
            // The level makes the way in, from -60 dB and no faster than it may; the deck itself is there at once.
            self.level = Level::at(Decibels::SILENCE.0);
            let over = over.0.clamp(1, SLOWEST_RISE.0) as f32 / ENGINE_RATE_HZ as f32;
            self.rise = RISE.min(per_block(-Decibels::SILENCE.0 / over));
            self.on_its_way_in = true;
            self.unheard = silent;
            self.surge.forget();
            deck.fade = Fade::rise(SHORTEST, curve);
        } else {
            deck.fade = Fade::rise(over, curve);
        }
        post.tell(deck.ticket, Report::Started);
        self.decks[place] = Some(deck);
        self.target = Some(place);
    }

    /// Sends all that sounds on its way out, from where it is.
    fn fade_all(&mut self, over: Frames, curve: Curve) {
        for deck in self.decks.iter_mut().flatten() {
            deck.fade = deck.fade.fall(over, curve);
        }
    }

    /// Makes room: the quietest deck but the one that stays is gone after the shortest fade.
    fn hurry_quietest(&mut self) {
        let target = self.target;
        let others = self.decks.iter_mut().enumerate().filter(|(place, _)| Some(*place) != target);
        let quietest = others.filter_map(|(_, deck)| deck.as_mut()).min_by(|one, other| {
            let loud = |deck: &Deck| deck.fade.gain() * deck.gain.0;
            loud(one).total_cmp(&loud(other))
        });
        if let Some(deck) = quietest
            && deck.fade.left() > SHORTEST.0
        {
            deck.fade = deck.fade.fall(SHORTEST, Curve::EqualPower);
        }
    }

    fn forget_waiting(&mut self, post: &mut Post) {
        if let Some(waiting) = self.waiting.take() {
            post.send(Report::Left(waiting.deck));
        }
    }
}
