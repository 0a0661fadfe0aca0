//! Attempts that end otherwise than by returning.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::audio::Settings;
use crate::audio::output::{Faults, Null, Output, Outputs};
use crate::audio::render::traffic::{Gauges, connect};
use crate::audio::slot::EngineSource;
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
    let now = Instant::now();
    let (outputs, gauges) = (Arc::new(Panicking::default()), Arc::new(Gauges::default()));
    let (_desk, post) = connect();
    let mut core = Core::new(Settings::default().ceiling, SafeBed::new(), post, gauges.clone());
    let (tell, told) = channel();
    let world = World { outputs: outputs.clone(), gauges, tell, hanging: Arc::default(), epoch: now };
    let wanted = Some(Selection::of(Target::Device("headphones".into())));
    let mut keeper = Keeper::new(0, wanted, Box::new(core.connect(0)), 512, now);
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
    assert_eq!(world.hanging.load(Relaxed), 0);
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
