//! A machine whose outputs are opened, served and broken in virtual time.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU8;
use std::sync::{Mutex, MutexGuard};
use std::thread::sleep;

use super::super::*;
use super::ear::Ear;
use crate::audio::output::{Faults, Output, OutputError, Outputs};
use crate::audio::slot::EngineSource;
use crate::units::{SafeText, Span};

/// What its devices are called; each has another name that begins with "the".
pub const DEVICES: [&str; 3] = ["headphones", "speakers", "ceiling"];
/// A device asks for so many blocks 50 times a second.
const BLOCKS: usize = 15;

/// What a device does when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Plays,
    /// It plays, takes one stream at a time, and no buffer of more than 512 frames.
    Narrow,
    Away,
    /// It never comes back from opening.
    Hangs,
    /// It opens, and never asks for sound.
    Sleeps,
    /// It plays for half a second.
    Dies,
    /// It plays, and never comes back from closing.
    ClosesNever,
}

/// How far a stream is closed.
const CLOSING: u8 = 1;
const CLOSED: u8 = 2;

struct Stream {
    device: usize,
    manner: Manner,
    source: EngineSource,
    faults: Arc<Faults>,
    closed: Arc<AtomicU8>,
    /// Ticks in which it asked for sound.
    served: usize,
    rests_until: Instant,
    ear: Ear,
}

/// The machine.
pub struct Machine {
    manners: Mutex<[Manner; DEVICES.len()]>,
    streams: Mutex<Vec<Stream>>,
    opened: AtomicUsize,
    over: Arc<AtomicU8>,
    now: Instant,
}

/// A stream as the supervisor has it.
struct Fake {
    name: SafeText,
    closes_never: bool,
    closed: Arc<AtomicU8>,
    over: Arc<AtomicU8>,
}

impl Output for Fake {
    fn id(&self) -> &str {
        self.name.as_str()
    }
    fn name(&self) -> &SafeText {
        &self.name
    }
    fn latency(&self) -> Option<Span> {
        None
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        while self.closes_never && self.over.load(Relaxed) == 0 {
            self.closed.store(CLOSING, Relaxed);
            sleep(Duration::from_millis(1));
        }
        self.closed.store(CLOSED, Relaxed);
    }
}

impl Outputs for Machine {
    fn open(
        &self,
        target: &Target,
        buffer: u32,
        source: EngineSource,
        faults: Arc<Faults>,
    ) -> Result<Box<dyn Output>, OutputError> {
        self.opened.fetch_add(1, Relaxed);
        let device = device_of(target);
        let name = SafeText::new(DEVICES[device]);
        let manner = self.manner(device);
        while self.manner(device) == Manner::Hangs && self.over.load(Relaxed) == 0 {
            sleep(Duration::from_millis(1));
        }
        let is_open = |stream: &Stream| stream.device == device && stream.closed.load(Relaxed) == 0;
        match manner {
            Manner::Away => return Err(OutputError::NotThere(name)),
            Manner::Hangs => return Err(OutputError::NoAnswer),
            Manner::Narrow if buffer > 512 || self.streams().iter().any(is_open) => {
                return Err(OutputError::Refused { name, reason: "it is narrow".into() });
            }
            _ => {}
        }
        let closed = Arc::<AtomicU8>::default();
        let fake =
            Fake { name, closes_never: manner == Manner::ClosesNever, closed: closed.clone(), over: self.over.clone() };
        let (served, rests_until, ear) = (0, self.now, Ear::default());
        self.streams().push(Stream { device, manner, source, faults, closed, served, rests_until, ear });
        Ok(Box::new(fake))
    }

    fn watch(&self, _: &str) -> Box<dyn FnMut() -> Option<bool> + Send> {
        Box::new(|| None)
    }
}

impl Machine {
    pub fn new(now: Instant) -> Arc<Self> {
        let manners = Mutex::new([Manner::Plays; DEVICES.len()]);
        Arc::new(Self { manners, streams: Mutex::default(), opened: AtomicUsize::new(0), over: Arc::default(), now })
    }

    fn streams(&self) -> MutexGuard<'_, Vec<Stream>> {
        self.streams.lock().expect("nobody panics with it")
    }

    pub fn manner(&self, device: usize) -> Manner {
        self.manners.lock().expect("nobody panics with it")[device]
    }

    pub fn behaves(&self, device: usize, manner: Manner) {
        self.manners.lock().expect("nobody panics with it")[device] = manner;
    }

    /// From now on every device plays, and every stream is served; those that are only narrow stay so.
    pub fn mend(&self) {
        for device in 0..DEVICES.len() {
            if self.manner(device) != Manner::Narrow {
                self.behaves(device, Manner::Plays);
            }
        }
        self.streams().iter_mut().for_each(|stream| stream.rests_until = self.now);
    }

    /// How often a device was to be opened since this was last asked.
    pub fn opened(&self) -> usize {
        self.opened.swap(0, Relaxed)
    }

    /// How many streams nobody has begun to close.
    pub fn open(&self) -> usize {
        self.streams().iter().filter(|stream| stream.closed.load(Relaxed) == 0).count()
    }

    pub fn break_stream(&self, nth: usize) {
        if let Some(stream) = self.streams().get(nth) {
            stream.faults.fatal.store(true, Relaxed);
        }
    }

    pub fn run_dry(&self, nth: usize) {
        if let Some(stream) = self.streams().get(nth) {
            stream.faults.xruns.fetch_add(1, Relaxed);
        }
    }

    pub fn rest(&self, nth: usize, until: Instant) {
        if let Some(stream) = self.streams().get_mut(nth) {
            stream.rests_until = until;
        }
    }

    /// Every stream asks for the sound of a tick, as bursts do. Says what nobody should hear.
    pub fn serve(&self, now: Instant) -> Result<(), String> {
        let mut streams = self.streams();
        streams.retain(|stream| stream.closed.load(Relaxed) != CLOSED);
        for stream in streams.iter_mut().filter(|stream| stream.manner != Manner::Sleeps && stream.rests_until <= now) {
            let mut energy = 0.0;
            for _ in 0..BLOCKS {
                let block = stream.source.block(now);
                energy += block.as_flattened().iter().map(|sample| sample * sample).sum::<f32>() / block.len() as f32;
            }
            stream.served += 1;
            if stream.manner == Manner::Dies && stream.served > 25 {
                stream.faults.fatal.store(true, Relaxed);
            }
            stream.ear.hear(energy / BLOCKS as f32, now).map_err(|why| format!("{}: {why}", DEVICES[stream.device]))?;
        }
        let heard = streams.iter().filter(|stream| stream.ear.hears_something(now)).map(|stream| stream.device);
        let mut heard: Vec<usize> = heard.collect();
        heard.sort_unstable();
        if heard.len() > 2 || heard.windows(2).any(|two| two[0] == two[1]) {
            return Err(format!("so many sound at once: {heard:?}"));
        }
        Ok(())
    }

    /// The devices that are heard well.
    pub fn heard(&self, now: Instant) -> BTreeSet<usize> {
        self.streams().iter().filter(|stream| stream.ear.hears_well(now)).map(|stream| stream.device).collect()
    }

    /// The end of everything that hangs.
    pub fn end(&self) {
        self.over.store(1, Relaxed);
    }
}

/// Which device is meant.
pub fn device_of(target: &Target) -> usize {
    let name = target.device();
    let name = name.as_deref().map_or(DEVICES[0], |name| name.trim_start_matches("the "));
    DEVICES.iter().position(|device| *device == name).expect("one of these devices")
}
