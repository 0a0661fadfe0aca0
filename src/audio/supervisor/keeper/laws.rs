//! The supervisor in virtual time: whatever its outputs do, it holds to its laws. Only threads that open and close are real,
//! and they are waited for.

mod ear;
mod machine;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, channel};

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};

use super::*;
use crate::audio::render::traffic::Gauges;
use crate::audio::supervisor::{Ask, Supervisor};
use machine::{DEVICES, Machine, Manner, device_of};

const TICK: Duration = Duration::from_millis(20);
/// However much may be broken: once it is mended, it is heard after this as it was chosen.
const MENDED: Duration = Duration::from_secs(15);
/// What is chosen while nothing is broken is heard after this.
const CHOSEN: Duration = Duration::from_secs(10);
/// Openings in 10 s that are not asked for, for both outputs together.
const OPENINGS: usize = 30;
/// How long a thread may take, on the busiest machine.
const REAL: Duration = Duration::from_secs(60);

/// What may happen.
#[derive(Clone, Debug)]
enum Happening {
    Behaves(usize, Manner),
    /// The nth stream reports that it stopped.
    Breaks(usize),
    /// The nth stream asks for nothing for so many ms.
    Rests(usize, u64),
    RunsDry(usize),
    /// The process stands still for so many ms.
    Stands(u64),
    Choose(Vec<usize>),
    Trim(usize, f32),
    /// The sound server plays it elsewhere.
    Astray(usize),
    /// Everything is mended, for long enough.
    Calm,
}

fn happenings() -> impl Strategy<Value = Vec<(u32, Happening)>> {
    let device = || 0..DEVICES.len();
    let manner = prop::sample::select(vec![
        Manner::Plays,
        Manner::Plays,
        Manner::Narrow,
        Manner::Away,
        Manner::Away,
        Manner::Hangs,
        Manner::Sleeps,
        Manner::Dies,
        Manner::ClosesNever,
    ]);
    let one = prop_oneof![
        4 => (device(), manner).prop_map(|(device, manner)| Happening::Behaves(device, manner)),
        3 => (0..3_usize).prop_map(Happening::Breaks),
        2 => (0..3_usize, 100..2_000_u64).prop_map(|(nth, ms)| Happening::Rests(nth, ms)),
        2 => (0..3_usize).prop_map(Happening::RunsDry),
        1 => (20..5_000_u64).prop_map(Happening::Stands),
        4 => prop::collection::vec(0..6_usize, 0..3).prop_map(Happening::Choose),
        1 => (0..6_usize, -30.0..0.0_f32).prop_map(|(target, by)| Happening::Trim(target, by)),
        1 => (0..6_usize).prop_map(Happening::Astray),
        1 => Just(Happening::Calm),
    ];
    prop::collection::vec((1..150_u32, one), 1..25)
}

impl Attempt {
    fn is_opening(&self) -> bool {
        matches!(self, Self::Opening { .. })
    }
}

fn wait(what: &str, done: impl Fn() -> bool) -> Result<(), String> {
    let since = Instant::now();
    while !done() {
        if since.elapsed() > REAL {
            return Err(what.to_owned());
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    Ok(())
}

/// One of six names for three devices.
fn target(nth: usize) -> Target {
    match nth {
        5 => Target::Default,
        3.. => Target::Device(format!("the {}", DEVICES[nth - 3])),
        _ => Target::Device(DEVICES[nth].to_owned()),
    }
}

struct Room {
    supervisor: Supervisor,
    machine: Arc<Machine>,
    told: Receiver<Event>,
    /// Outputs whose last news is that they are lost.
    lost: BTreeMap<String, bool>,
    now: Instant,
    /// When devices were opened, and when something was asked that may open one.
    opened: Vec<Instant>,
    asked: Vec<Instant>,
}

impl Room {
    fn new() -> Self {
        let now = Instant::now();
        let machine = Machine::new(now);
        let gauges = Arc::new(Gauges::default());
        let (tell, told) = channel();
        let first = vec![Selection::of(target(0))];
        let core = ear::core(gauges.clone());
        let supervisor = Supervisor::new(core, gauges, 512, first, machine.clone(), tell, Arc::default());
        Self { supervisor, machine, told, lost: BTreeMap::new(), now, opened: Vec::new(), asked: Vec::new() }
    }

    fn run(&mut self, happenings: &[(u32, Happening)], last: &[usize]) -> Result<(), String> {
        for (ticks, happening) in happenings {
            self.pass(TICK * *ticks)?;
            self.happens(happening)?;
        }
        self.calm()?;
        // A device that takes one stream refuses a second under another name; what was there stays.
        if last.iter().any(|nth| target(*nth).device().is_none_or(|name| !DEVICES.contains(&name.as_str()))) {
            (0..DEVICES.len()).for_each(|device| self.machine.behaves(device, Manner::Plays));
        }
        self.ask(Ask::Select(selection(last)));
        self.pass(CHOSEN)?;
        self.is_as_chosen()?;
        if self.chosen() != last.iter().map(|nth| device_of(&target(*nth))).collect() {
            return Err(format!("{last:?} was chosen, and it is {:?}", self.supervisor.chosen));
        }
        Ok(())
    }

    fn happens(&mut self, happening: &Happening) -> Result<(), String> {
        match happening {
            Happening::Behaves(device, manner) => self.machine.behaves(*device, *manner),
            Happening::Breaks(nth) => self.machine.break_stream(*nth),
            Happening::Rests(nth, ms) => self.machine.rest(*nth, self.now + Duration::from_millis(*ms)),
            Happening::RunsDry(nth) => self.machine.run_dry(*nth),
            Happening::Stands(ms) => self.now += Duration::from_millis(*ms),
            Happening::Choose(targets) => self.ask(Ask::Select(selection(targets))),
            Happening::Trim(nth, by) => self.ask(Ask::Trim(target(*nth), Decibels(*by))),
            Happening::Astray(nth) => self.ask(Ask::Reopen(target(*nth))),
            Happening::Calm => self.calm()?,
        }
        Ok(())
    }

    fn ask(&mut self, ask: Ask) {
        self.asked.push(self.now);
        self.supervisor.take(ask, self.now);
    }

    fn chosen(&self) -> BTreeSet<usize> {
        self.supervisor.chosen.iter().map(|chosen| device_of(&chosen.target)).collect()
    }

    fn calm(&mut self) -> Result<(), String> {
        self.machine.mend();
        for nth in 0..6 {
            self.ask(Ask::Trim(target(nth), Decibels::ZERO));
        }
        self.pass(MENDED)?;
        self.is_as_chosen()
    }

    fn pass(&mut self, time: Duration) -> Result<(), String> {
        let until = self.now + time;
        while self.now < until {
            self.now += TICK;
            self.supervisor.tick(self.now);
            self.settle()?;
            self.machine.serve(self.now)?;
            self.count_openings()?;
        }
        Ok(())
    }

    /// Waits until every thread that does not hang is done: what was asked for is open, and what was let go is closed.
    fn settle(&mut self) -> Result<(), String> {
        let mut held = 0;
        for keeper in &mut self.supervisor.keepers {
            held += usize::from(keeper.live.is_some());
            let Some(wanted) = &keeper.wanted else { continue };
            let hangs = self.machine.manner(device_of(&wanted.target)) == Manner::Hangs;
            let hanging = keeper.hanging.clone();
            wait("an opening hangs", || hangs || hanging.load(Relaxed) == 0)?;
            let Some(Attempt::Opening { opened, since }) = keeper.attempt.take_if(|it| !hangs && it.is_opening())
            else {
                held += usize::from(keeper.attempt.as_ref().is_some_and(|attempt| !attempt.is_opening()));
                continue;
            };
            // Looked at, and put back.
            let outcome = opened.recv_timeout(REAL).map_err(|_| "an opening has no outcome")?;
            held += usize::from(outcome.is_ok());
            let (again, opened) = channel();
            _ = again.send(outcome);
            keeper.attempt = Some(Attempt::Opening { opened, since });
        }
        wait("streams are open that nobody has", || self.machine.open() == held)
    }

    fn count_openings(&mut self) -> Result<(), String> {
        let now = self.now;
        self.opened.extend(std::iter::repeat_n(now, self.machine.opened()));
        let is_recent = |at: &Instant| now - *at < Duration::from_secs(10);
        self.opened.retain(is_recent);
        self.asked.retain(is_recent);
        if self.opened.len() > OPENINGS + 4 * self.asked.len() {
            return Err(format!("{} openings in 10 s, with {} asked for", self.opened.len(), self.asked.len()));
        }
        Ok(())
    }

    /// Everything that is chosen is heard, nothing else is, and that is what was told.
    fn is_as_chosen(&mut self) -> Result<(), String> {
        for event in self.told.try_iter() {
            match event {
                Event::OutputLost { output, .. } => drop(self.lost.insert(format!("{output:?}"), true)),
                Event::OutputBack { output, .. } | Event::OutputOn { output } => {
                    self.lost.insert(format!("{output:?}"), false);
                }
                _ => {}
            }
        }
        let chosen = self.chosen();
        let heard = self.machine.heard(self.now);
        let states = self.supervisor.status.lock().expect("whole").clone();
        if heard != chosen {
            return Err(format!("{chosen:?} is chosen, and {heard:?} is heard: {states:?}"));
        }
        let running = states.iter().filter(|state| state.health == Health::Running).count();
        if running != heard.len() {
            return Err(format!("{heard:?} is heard, and that is shown: {states:?}"));
        }
        match states.iter().find(|state| self.lost.get(&format!("{:?}", state.asked)) == Some(&true)) {
            Some(state) => Err(format!("{state:?} was told to be lost, and not to be back")),
            None => Ok(()),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.machine.end();
    }
}

fn selection(targets: &[usize]) -> Vec<Selection> {
    targets.iter().map(|nth| Selection::of(target(*nth))).collect()
}

/// Each of these lost a choice once.
#[test]
fn no_choice_is_lost_to_what_was_there_before() {
    use Happening::{Behaves, Breaks, Choose, RunsDry};
    // The last happening breaks a stream that is not there: it only lets time pass.
    let another_name_beside_a_new_one = vec![(100, Choose(vec![3, 1]))];
    let two_while_two_play = vec![(100, Choose(vec![0, 1])), (400, Breaks(9))];
    let after_a_part_was_refused =
        vec![(1, Choose(vec![])), (1, Behaves(0, Manner::Hangs)), (1, Choose(vec![0, 1])), (300, Breaks(9))];
    let a_small_one_after_one_that_needed_more =
        vec![(1, Behaves(1, Manner::Narrow)), (200, RunsDry(0)), (20, RunsDry(0)), (20, RunsDry(0)), (200, Breaks(9))];
    let stories = [
        ("another name beside a new one", another_name_beside_a_new_one, vec![5]),
        ("two while two play", two_while_two_play, vec![2, 3]),
        ("after a part was refused", after_a_part_was_refused, vec![5]),
        ("a small one after one that needed more", a_small_one_after_one_that_needed_more, vec![2, 1]),
    ];
    let broken = stories.iter().filter_map(|(story, happenings, last)| {
        Room::new().run(happenings, last).err().map(|why| format!("{story}: {why}"))
    });
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<String>::new());
}

/// The same stories in every run, so that a change is judged by what it changed; others, or more, with `UNDERTONE_SEED=N` and
/// `UNDERTONE_SEEDS=N`. One that breaks a law is shortened and shown, and its seed is kept in `proptest-regressions/`.
#[test]
fn whatever_outputs_do_what_is_chosen_is_heard_again_softly_once_and_nothing_else_is() {
    let told = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let kept = FileFailurePersistence::SourceParallel("proptest-regressions");
    let config = ProptestConfig {
        cases: told("UNDERTONE_SEEDS").unwrap_or(40),
        failure_persistence: Some(Box::new(kept)),
        source_file: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/src/audio/supervisor/keeper/laws.rs")),
        ..ProptestConfig::default()
    };
    let seed = u64::from(told("UNDERTONE_SEED").unwrap_or(1));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let stories = (happenings(), prop::collection::vec(0..6_usize, 1..3));
    let holds = |(happenings, last): (Vec<(u32, Happening)>, Vec<usize>)| {
        Room::new().run(&happenings, &last).map_err(TestCaseError::fail)
    };
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(&stories, holds) {
        panic!("{error}");
    }
}
