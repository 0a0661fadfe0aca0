//! The feeder: opens one piece and decodes it far ahead into its deck's ring.
//!
//! One step at a time, so that offline the engine can take the steps itself; in real time a thread of its own does
//! nothing else. Whatever happens in there (an opener that never returns, a decoder that panics) stays in there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::mpsc::Sender;
use std::time::Duration;

use rtrb::{Producer, RingBuffer};

use super::Opener;
use super::render::deck::{Deck, ENOUGH, Progress};
use crate::media::{MediaError, Stream};
use crate::units::{ENGINE_RATE_HZ, Frames, SafeText, Ticket};

/// Frames decoded ahead: 30 s, 11.5 MB.
const LEAD: usize = 30 * ENGINE_RATE_HZ as usize;
/// Frames decoded in a step.
const CHUNK: usize = 1024;
/// How long a thread rests when its ring is full.
const REST: Duration = Duration::from_millis(100);
/// A stream may end this much sooner than its length (0.1 s): whole milliseconds and a resampler's last frames.
const ROUNDING: u64 = 4_800;

/// What a feeder tells the control half.
#[derive(Debug)]
pub enum News {
    /// Open, and enough decoded to begin.
    Loaded,
    /// Cannot be opened, or broke.
    Failed(SafeText),
}

/// The piece that news are about; `None` for a bed.
pub type About = Option<Ticket>;

/// What to do after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Take another.
    Continue,
    /// The ring is full for now.
    Rest,
    /// Nothing more to do, ever.
    End,
}

enum Source {
    Closed(Opener),
    Open(Box<dyn Stream>),
    Over,
}

/// One piece's way from its opener to its ring.
pub struct Feeder {
    about: About,
    source: Source,
    ring: Producer<f32>,
    progress: Arc<Progress>,
    news: Sender<(About, News)>,
    decoded: u64,
    /// What is owed at least, true to the frame count; a stream that ends sooner has broken off.
    length: Option<u64>,
    told_loaded: bool,
}

/// A feeder, and the deck it feeds.
pub fn pair(about: About, open: Opener, length: Option<Frames>, news: Sender<(About, News)>) -> (Feeder, Box<Deck>) {
    let (ring, samples) = RingBuffer::new(2 * LEAD);
    let progress = Arc::new(Progress::default());
    let deck = Box::new(Deck::new(about, samples, progress.clone(), length));
    let source = Source::Closed(open);
    let length = length.map(|length| length.0);
    (Feeder { about, source, ring, progress, news, decoded: 0, length, told_loaded: false }, deck)
}

/// A deck on which nothing will ever be, for an order about a piece that does not exist.
pub fn empty_deck(about: About) -> Box<Deck> {
    let progress = Arc::new(Progress::default());
    progress.ended.store(true, Release);
    let (_, samples) = RingBuffer::new(0);
    Box::new(Deck::new(about, samples, progress, None))
}

impl Feeder {
    /// Feeds on a thread of its own, which ends with the piece or when its deck is gone.
    pub fn run(mut self) {
        let work = move || {
            loop {
                match self.step() {
                    Next::Continue => {}
                    Next::Rest => std::thread::sleep(REST),
                    Next::End => break,
                }
            }
        };
        if let Err(refused) = std::thread::Builder::new().name("feeder".into()).spawn(work) {
            // The feeder is gone with its closure; its `Drop` has told the deck and the control half.
            tracing::error!(%refused, "no thread for a feeder");
        }
    }

    /// One step: opens, or decodes a little.
    pub fn step(&mut self) -> Next {
        if self.ring.is_abandoned() {
            return self.end();
        }
        match std::mem::replace(&mut self.source, Source::Over) {
            Source::Closed(open) => self.open(open),
            Source::Open(stream) if self.ring.slots() < 2 * CHUNK => {
                self.source = Source::Open(stream);
                Next::Rest
            }
            Source::Open(stream) => self.decode(stream),
            Source::Over => Next::End,
        }
    }

    /// Opens without decoding (offline, when nothing will be heard).
    pub fn open_only(&mut self) {
        match std::mem::replace(&mut self.source, Source::Over) {
            Source::Closed(open) => {
                self.open(open);
                self.tell_loaded();
            }
            other => self.source = other,
        }
    }

    /// Decodes and throws away (offline, when frames were skipped).
    pub fn throw_away(&mut self, frames: u64) {
        let Source::Open(mut stream) = std::mem::replace(&mut self.source, Source::Over) else { return };
        self.decoded += frames;
        let last = usize::try_from(2 * frames).unwrap_or(usize::MAX).saturating_sub(1);
        let thrown = catch_unwind(AssertUnwindSafe(|| stream.nth(last)));
        if thrown.is_err() {
            self.panicked(stream);
        } else {
            // An end is met again by the next step.
            self.source = Source::Open(stream);
        }
    }

    /// Whether its piece has yet to be opened.
    pub fn is_closed(&self) -> bool {
        matches!(self.source, Source::Closed(_))
    }

    /// Whether more may come from it.
    pub fn is_live(&self) -> bool {
        !matches!(self.source, Source::Over) && !self.ring.is_abandoned()
    }

    /// The progress it shares with its deck, by which the two know each other.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    fn open(&mut self, open: Opener) -> Next {
        match catch_unwind(AssertUnwindSafe(open)) {
            Ok(Ok(stream)) => {
                self.progress.opened.store(true, Release);
                self.source = Source::Open(stream);
                Next::Continue
            }
            Ok(Err(why)) => self.fail(&why.to_string()),
            Err(_) => {
                self.fail("the decoder failed inside when it opened this piece; convert it to FLAC, or replace it")
            }
        }
    }

    fn decode(&mut self, mut stream: Box<dyn Stream>) -> Next {
        let mut chunk = [0.0f32; 2 * CHUNK];
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let filled = chunk.iter_mut().map_while(|place| stream.next().map(|sample| *place = sample)).count();
            (filled, stream.fault().map(MediaError::to_string))
        }));
        let Ok((filled, fault)) = outcome else {
            return self.panicked(stream);
        };
        let frames = filled.div_ceil(2);
        // There is room for a chunk (see `step`), and nobody else fills this ring.
        _ = self.ring.push_partial_slice(&chunk[..2 * frames]);
        self.decoded += frames as u64;
        if self.decoded >= ENOUGH {
            self.tell_loaded();
        }
        if frames == CHUNK {
            self.source = Source::Open(stream);
            return Next::Continue;
        }
        discard(stream);
        match fault {
            Some(why) => self.fail(&why),
            // Told now, while what was decoded ahead still sounds, and not when it is used up.
            None if self.length.is_some_and(|length| self.decoded + ROUNDING < length) => {
                self.fail("this piece breaks off before its end: its file has changed; copy it again, or replace it")
            }
            None => {
                self.tell_loaded();
                self.end()
            }
        }
    }

    fn panicked(&mut self, stream: Box<dyn Stream>) -> Next {
        discard(stream);
        self.fail("the decoder failed inside while playing this piece; convert it to FLAC, or replace it")
    }

    fn fail(&mut self, why: &str) -> Next {
        // Nobody listens any more when the engine is gone; then nothing is owed either.
        _ = self.news.send((self.about, News::Failed(SafeText::new(why))));
        self.end()
    }

    fn tell_loaded(&mut self) {
        if !self.told_loaded && self.progress.opened.load(Relaxed) {
            self.told_loaded = true;
            _ = self.news.send((self.about, News::Loaded));
        }
    }

    fn end(&mut self) -> Next {
        self.source = Source::Over;
        self.progress.ended.store(true, Release);
        Next::End
    }
}

/// Drops a stream that may panic even in that.
fn discard(stream: Box<dyn Stream>) {
    _ = catch_unwind(AssertUnwindSafe(|| drop(stream)));
}

impl Drop for Feeder {
    fn drop(&mut self) {
        if !self.progress.ended.load(Relaxed) && !self.ring.is_abandoned() {
            self.fail("the machine refused a thread to decode this piece; close other programs");
        }
    }
}
