//! Attempts that end otherwise than by returning.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;

use super::attempt::HANGING;
use super::*;
use crate::audio::Settings;
use crate::audio::output::{Faults, Null, Output, OutputError, Outputs};
use crate::audio::render::traffic::{Gauges, connect};
use crate::audio::slot::EngineSource;
use crate::audio::supervisor::stream::Hanging;
use crate::media::generator::SafeBed;
use crate::units::{SafeText, Span};

/// Outputs whose opening panics until they are mended.
#[derive(Default)]
struct Panicking {
    opened: AtomicUsize,
    mended: AtomicBool,
}

struct Fake {
    name: SafeText,
    _pull: Null,
}

impl Output for Fake {
    fn id(&self) -> &'static str {
        "headphones"
    }
    fn name(&self) -> &SafeText {
        &self.name
    }
    fn latency(&self) -> Option<Span> {
        None
    }
}

impl Outputs for Panicking {
    fn open(&self, _: &Target, _: u32, source: EngineSource, _: Arc<Faults>) -> Result<Box<dyn Output>, OutputError> {
        self.opened.fetch_add(1, Relaxed);
        assert!(self.mended.load(Relaxed), "as planned");
        Ok(Box::new(Fake { name: "headphones".into(), _pull: Null::start(source) }))
    }

    fn watch(&self, _: &str) -> Box<dyn FnMut() -> Option<bool> + Send> {
        Box::new(|| Some(true))
    }
}

#[test]
fn openings_that_panic_are_failures_and_never_the_last_ones() {
    let outputs = Arc::new(Panicking::default());
    let (mut keeper, world, told, _) = keeper(outputs.clone());
    let mut until = |what: &str, done: &dyn Fn(&Step) -> bool| {
        let since = Instant::now();
        while !done(&keeper.step(&world, Instant::now())) {
            // By the longest pause between attempts, and far from the 3 s after which one counts as hanging.
            assert!(since.elapsed() < Duration::from_secs(15), "{what}");
            std::thread::sleep(Duration::from_millis(5));
        }
        since.elapsed()
    };
    let attempts = HANGING + 2;
    let took = until("as many are tried as may hang, and more", &|_| outputs.opened.load(Relaxed) >= attempts);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(matches!(told.try_recv(), Ok(Event::OutputLost { .. })));
    outputs.mended.store(true, Relaxed);
    until("then it plays", &|step| matches!(step, Step::Arrived(_)));
    assert_eq!(keeper.hanging.load(Relaxed), 0);
}

#[test]
fn an_attempt_without_a_thread_does_not_count() {
    let all = Arc::default();
    let hanging = Hanging::count(&all);
    assert_eq!(all.load(Relaxed), 1);
    // What becomes of the work for which no thread is to be had.
    drop(move || drop(hanging));
    assert_eq!(all.load(Relaxed), 0);
}

/// Devices that hang in opening, or that take no buffer larger than this.
struct Stubborn {
    hangs: &'static str,
    largest: u32,
}

impl Outputs for Stubborn {
    fn open(
        &self,
        target: &Target,
        buffer: u32,
        source: EngineSource,
        _: Arc<Faults>,
    ) -> Result<Box<dyn Output>, OutputError> {
        let name = SafeText::new(&target.device().unwrap_or_default());
        while name.as_str() == self.hangs {
            std::thread::sleep(Duration::from_secs(3600));
        }
        if buffer > self.largest {
            return Err(OutputError::Refused { name, reason: "the buffer is too large".into() });
        }
        Ok(Box::new(Fake { name: "headphones".into(), _pull: Null::start(source) }))
    }

    fn watch(&self, _: &str) -> Box<dyn FnMut() -> Option<bool> + Send> {
        Box::new(|| Some(true))
    }
}

/// A keeper of these headphones, its world, and what is told.
fn keeper(outputs: Arc<dyn Outputs>) -> (Keeper, World, std::sync::mpsc::Receiver<Event>, Instant) {
    let now = Instant::now();
    let gauges = Arc::new(Gauges::default());
    let (_desk, post) = connect();
    let mut core = Core::new(Settings::default().ceiling, SafeBed::new(), post, gauges.clone());
    let (tell, told) = channel();
    let world = World { outputs, gauges, tell, epoch: now };
    let wanted = Some(Selection::of(Target::Device("headphones".into())));
    (Keeper::new(0, wanted, Box::new(core.connect(0)), 512, now), world, told, now)
}

/// Looks after it, a tenth of a second at a time, until a stream has arrived.
fn arrival(keeper: &mut Keeper, world: &World, now: &mut Instant) -> Option<Box<Live>> {
    for _ in 0..400 {
        *now += Duration::from_millis(100);
        if let Step::Arrived(live) = keeper.step(world, *now) {
            return Some(live);
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    None
}

#[test]
fn another_output_is_tried_however_many_attempts_hang_in_the_one_before() {
    let (mut keeper, world, _told, mut now) = keeper(Arc::new(Stubborn { hangs: "headphones", largest: 4096 }));
    assert!(arrival(&mut keeper, &world, &mut now).is_none());
    assert_eq!(keeper.hanging.load(Relaxed), HANGING);
    keeper.withdraw();
    keeper.try_out(Selection::of(Target::Device("speakers".into())), now);
    assert!(arrival(&mut keeper, &world, &mut now).is_some());
}

#[test]
fn a_device_that_refuses_the_larger_buffer_plays_with_the_one_it_played_with() {
    let (mut keeper, world, told, mut now) = keeper(Arc::new(Stubborn { hangs: "", largest: 512 }));
    let live = arrival(&mut keeper, &world, &mut now).expect("it plays");
    keeper.welcome(*live, now, &world);
    for _ in 0..2 {
        let why = OutputError::Refused { name: "headphones".into(), reason: "the buffer is too large".into() };
        assert!(matches!(keeper.not_grown(&why, &world, now), Step::Stopped));
        keeper.part(&world);
        let live = arrival(&mut keeper, &world, &mut now).expect("it plays again");
        assert_eq!(live.buffer, 512);
        keeper.welcome(*live, now, &world);
        assert_eq!(keeper.largest, 512, "and no larger one is tried again");
        keeper.largest = growth::LARGEST;
    }
    let sizes: Vec<u32> = told
        .try_iter()
        .filter_map(|event| if let Event::BufferGrown { frames } = event { Some(frames) } else { None })
        .collect();
    assert_eq!(sizes, [1024, 512, 1024, 512]);
}

#[test]
fn a_stream_that_dies_as_it_comes_is_not_opened_again_at_once() {
    let (mut keeper, world, _told, mut now) = keeper(Arc::new(Stubborn { hangs: "", largest: 4096 }));
    for nth in 0..4 {
        let live = arrival(&mut keeper, &world, &mut now).expect("it plays");
        live.faults.fatal.store(true, Relaxed);
        keeper.welcome(*live, now, &world);
        assert!(matches!(keeper.step(&world, now), Step::Stopped));
        assert_eq!(keeper.retry_at, now + back_off(nth));
        keeper.part(&world);
    }
}
