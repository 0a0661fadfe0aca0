//! The supervisor against outputs that fail by script. Real threads, so waits are by deadline, never by a fixed sleep.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::audio::output::{Faults, Null, Output, OutputError, Outputs};
use crate::audio::slot::EngineSource;
use crate::audio::{Engine, Event, Health, Selection, Settings, Target};
use crate::units::{Decibels, SafeText, Span};

/// How one attempt to open goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Plays,
    /// Opens, and never asks for sound.
    Sleeps,
    Fails,
    /// Never comes back from opening.
    Hangs,
    /// Plays, and never comes back from closing.
    ClosesNever,
}

/// A machine whose outputs follow a script; when it is over, they play.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    /// What was opened, with the buffer asked for.
    opened: Mutex<Vec<(Target, u32)>>,
    faults: Mutex<Vec<Arc<Faults>>>,
    /// Devices that are not there.
    away: Mutex<Vec<&'static str>>,
    unplugged: AtomicBool,
    playing: Arc<AtomicU32>,
}

struct Fake {
    id: String,
    name: SafeText,
    _pull: Option<Null>,
    closes_never: bool,
    playing: Arc<AtomicU32>,
}

impl Output for Fake {
    fn id(&self) -> &str {
        &self.id
    }
    fn name(&self) -> &SafeText {
        &self.name
    }
    fn latency(&self) -> Option<Span> {
        Some(Span::from_millis(20))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.playing.fetch_sub(1, Relaxed);
        if self.closes_never {
            hang();
        }
    }
}

fn hang() {
    sleep(Duration::from_secs(3600));
}

impl Outputs for Script {
    fn open(
        &self,
        target: &Target,
        buffer: u32,
        source: EngineSource,
        faults: Arc<Faults>,
    ) -> Result<Box<dyn Output>, OutputError> {
        self.opened.lock().unwrap().push((target.clone(), buffer));
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::Plays);
        let id = match target {
            // "the speakers" is another name of "speakers".
            Target::Device(id) => id.trim_start_matches("the ").to_owned(),
            _ => "headphones".into(),
        };
        let name = SafeText::new(&id);
        match answer {
            _ if self.away.lock().unwrap().contains(&name.as_str()) => return Err(OutputError::NotThere(name)),
            Answer::Fails => return Err(OutputError::NotThere(name)),
            Answer::Hangs => hang(),
            _ => {}
        }
        self.faults.lock().unwrap().push(faults);
        self.playing.fetch_add(1, Relaxed);
        let pull = (answer != Answer::Sleeps).then(|| Null::start(source));
        let closes_never = answer == Answer::ClosesNever;
        Ok(Box::new(Fake { id, name, _pull: pull, closes_never, playing: self.playing.clone() }))
    }

    fn watch(&self, _: &str) -> Box<dyn FnMut() -> Option<bool> + Send> {
        let unplugged = self.unplugged.load(Relaxed);
        Box::new(move || Some(!unplugged))
    }
}

struct Room {
    script: Arc<Script>,
    engine: Engine,
    events: Vec<Event>,
}

impl Room {
    fn new(answers: &[Answer]) -> Self {
        let script = Arc::new(Script::default());
        script.answers.lock().unwrap().extend(answers);
        let engine = Engine::on(Settings::default(), vec![Selection::of(Target::Default)], script.clone());
        Self { script, engine, events: Vec::new() }
    }

    /// A room where it plays.
    fn playing(answers: &[Answer]) -> Self {
        let mut room = Self::new(answers);
        room.wait("it plays", |room| room.engine.view().main.health == Health::Running);
        room
    }

    fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) -> Duration {
        let since = Instant::now();
        while !done(self) {
            assert!(since.elapsed() < Duration::from_secs(15), "{what}: {:?}, {:?}", self.engine.view(), self.events);
            while let Some(event) = self.engine.poll() {
                self.events.push(event);
            }
            sleep(Duration::from_millis(5));
        }
        since.elapsed()
    }

    fn wait_for(&mut self, what: &str, is_it: fn(&Event) -> bool) -> Duration {
        self.wait(what, |room| room.events.iter().any(is_it))
    }

    fn break_stream(&self) {
        self.script.faults.lock().unwrap().last().expect("one was opened").fatal.store(true, Relaxed);
    }
}

fn is_lost(event: &Event) -> bool {
    matches!(event, Event::OutputLost { .. })
}

fn is_back(event: &Event) -> bool {
    matches!(event, Event::OutputBack { .. })
}

#[test]
fn without_any_device_time_goes_on_in_silence_until_there_is_one() {
    let mut room = Room::new(&[Answer::Fails, Answer::Fails, Answer::Fails]);
    room.wait_for("the loss is told", is_lost);
    assert_eq!(room.engine.view().main.health, Health::Silent);
    let before = room.engine.view().rendered;
    room.wait("the audio clock goes on", |room| room.engine.view().rendered.0 > before.0 + 4_800);
    room.wait_for("it comes by itself", is_back);
    assert_eq!(room.engine.view().main.health, Health::Running);
    assert_eq!(room.events.iter().filter(|event| is_lost(event)).count(), 1, "told once, not at every attempt");
}

#[test]
fn a_broken_stream_is_opened_again_on_the_same_device_and_the_clock_goes_on() {
    let mut room = Room::playing(&[]);
    let before = room.engine.view().rendered;
    room.break_stream();
    room.wait_for("back", is_back);
    assert!(room.engine.view().rendered > before);
    let opened = room.script.opened.lock().unwrap().clone();
    assert_eq!(opened[0].0, Target::Default);
    assert_eq!(opened[1].0, Target::Device("headphones".into()), "never whatever is the default now");
}

#[test]
fn a_stream_that_never_closes_is_left_behind() {
    let mut room = Room::playing(&[Answer::ClosesNever]);
    room.break_stream();
    let took = room.wait_for("back", is_back);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn an_opening_that_hangs_is_abandoned() {
    let mut room = Room::playing(&[Answer::Plays, Answer::Hangs]);
    room.break_stream();
    let took = room.wait_for("back", is_back);
    assert!(took < Duration::from_secs(8), "{took:?}");
    let before = room.engine.view().rendered;
    room.wait("it renders", |room| room.engine.view().rendered > before);
}

#[test]
fn a_stream_that_stops_asking_is_noticed() {
    let mut room = Room::new(&[Answer::Sleeps]);
    // It never gets the core, so nothing stands still for it.
    let before = room.engine.view().rendered;
    room.wait("the audio clock goes on", |room| room.engine.view().rendered.0 > before.0 + 4_800);
    assert_ne!(room.engine.view().main.health, Health::Running);
    room.wait("the next attempt plays", |room| room.engine.view().main.health == Health::Running);
}

#[test]
fn an_unplugged_device_is_noticed_without_any_error() {
    let mut room = Room::new(&[]);
    room.script.unplugged.store(true, Relaxed);
    room.wait("it plays", |room| room.engine.view().main.health == Health::Running);
    let took = room.wait_for("the loss is told", is_lost);
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn another_output_takes_over_and_the_first_is_closed() {
    let mut room = Room::playing(&[]);
    let output = Selection { target: Target::Device("speakers".into()), gain: Decibels(-12.0) };
    room.engine.order(crate::audio::Command::Select { outputs: vec![output] });
    room.wait("the speakers play", |room| room.engine.view().main.name.as_str() == "speakers");
    room.wait("the headphones are closed", |room| room.script.playing.load(Relaxed) == 1);
    // A busy machine may add xruns of its own.
    let is_expected = |event: &Event| matches!(event, Event::OutputOn { .. } | Event::Xruns { .. });
    assert!(room.events.iter().all(is_expected), "{:?}", room.events);
}

#[test]
fn an_output_that_cannot_be_opened_leaves_the_old_one() {
    let mut room = Room::playing(&[Answer::Plays, Answer::Fails]);
    let output = Selection::of(Target::Device("speakers".into()));
    room.engine.order(crate::audio::Command::Select { outputs: vec![output] });
    room.wait_for("refused", |event| matches!(event, Event::OutputRefused { .. }));
    assert_eq!(room.engine.view().main.name.as_str(), "headphones");
    room.break_stream();
    room.wait_for("back", is_back);
    assert_eq!(room.engine.view().main.name.as_str(), "headphones");
}

#[test]
fn repeated_xruns_grow_the_buffer() {
    let mut room = Room::playing(&[]);
    three_xruns(&room);
    room.wait("it is said", |room| room.events.contains(&Event::BufferGrown { frames: 1024 }));
    room.wait("it plays", |room| room.engine.view().main.health == Health::Running);
    assert_eq!(room.script.opened.lock().unwrap().last().map(|opened| opened.1), Some(1024));
    assert_eq!(room.engine.view().main.xruns, 3);
}

/// Three xruns, one after another, of the stream that plays.
fn three_xruns(room: &Room) {
    for _ in 0..3 {
        room.script.faults.lock().unwrap().last().expect("one was opened").xruns.fetch_add(1, Relaxed);
        sleep(Duration::from_millis(60));
    }
}

#[test]
fn the_stream_with_the_small_buffer_plays_until_the_large_one_asks_for_sound() {
    // The larger one sleeps for ever, or cannot be had at all; three xruns later it comes.
    for answer in [Answer::Sleeps, Answer::Hangs] {
        let mut room = Room::playing(&[Answer::Plays, answer]);
        let opened = |room: &Room| room.script.opened.lock().unwrap().len();
        three_xruns(&room);
        room.wait("a larger one is opened", |room| opened(room) == 2);
        let since = Instant::now();
        room.wait("the other one is given up", |room| {
            assert_eq!(room.engine.view().main.health, Health::Running, "{answer:?}");
            since.elapsed() > Duration::from_secs(6)
        });
        assert!(room.events.iter().all(|event| matches!(event, Event::OutputOn { .. } | Event::Xruns { .. })));
        room.script.faults.lock().unwrap().truncate(1);
        three_xruns(&room);
        room.wait("it is said", |room| room.events.contains(&Event::BufferGrown { frames: 1024 }));
        assert_eq!(room.script.opened.lock().unwrap().last().map(|opened| opened.1), Some(1024));
    }
}

#[test]
fn a_stream_is_relieved_without_being_stopped_and_only_one_is_left() {
    let mut room = Room::playing(&[]);
    three_xruns(&room);
    let stopped = |room: &Room| room.engine.view().main.health != Health::Running;
    room.wait("it is said", |room| room.events.contains(&Event::BufferGrown { frames: 1024 }));
    let since = Instant::now();
    let relieved = |room: &Room| room.script.opened.lock().unwrap().len() == 2;
    room.wait("the old one is closed", |room| {
        assert!(!stopped(room));
        relieved(room) && room.script.playing.load(Relaxed) == 1 && since.elapsed() > Duration::from_millis(300)
    });
    assert!(!room.events.iter().any(|event| matches!(event, Event::OutputLost { .. })), "{:?}", room.events);
}

#[test]
fn a_device_that_can_be_opened_only_once_is_closed_first() {
    let mut room = Room::playing(&[Answer::Plays, Answer::Fails]);
    three_xruns(&room);
    room.wait("it is said", |room| room.events.contains(&Event::BufferGrown { frames: 1024 }));
    room.wait("it is opened again", |room| room.script.opened.lock().unwrap().len() == 3);
    room.wait("it plays", |room| room.engine.view().main.health == Health::Running);
    assert_eq!(room.script.opened.lock().unwrap().last().map(|opened| opened.1), Some(1024));
}

#[test]
fn dropping_the_engine_closes_the_output_and_never_waits_for_it() {
    for answer in [Answer::Plays, Answer::ClosesNever] {
        let room = Room::playing(&[answer]);
        let (script, since) = (room.script.clone(), Instant::now());
        drop(room);
        assert!(since.elapsed() < Duration::from_millis(500), "{answer:?}: {:?}", since.elapsed());
        let closed = || script.playing.load(Relaxed) == 0;
        while !closed() {
            assert!(since.elapsed() < Duration::from_secs(5), "{answer:?}: not closed");
            sleep(Duration::from_millis(5));
        }
    }
}

/// Both outputs of a room.
fn both() -> Vec<Selection> {
    ["headphones", "speakers"].map(|name| Selection::of(Target::Device(name.into()))).to_vec()
}

fn select(outputs: Vec<Selection>) -> crate::audio::Command {
    crate::audio::Command::Select { outputs }
}

fn names(room: &Room) -> Vec<String> {
    room.engine.view().outputs().map(|output| output.name.to_string()).collect()
}

#[test]
fn two_outputs_play_at_once_and_either_may_be_lost_and_comes_back_alone() {
    let mut room = Room::playing(&[]);
    room.engine.order(select(both()));
    room.wait("both play", |room| names(room) == ["headphones", "speakers"]);
    assert_eq!(room.script.opened.lock().unwrap().len(), 2, "the first one is left alone");
    let lose = |room: &mut Room, which: usize| {
        room.events.clear();
        room.script.faults.lock().unwrap()[which].fatal.store(true, Relaxed);
        let before = room.engine.view().rendered;
        room.wait_for("one is lost", is_lost);
        room.wait("the clock goes on", |room| room.engine.view().rendered.0 > before.0 + 4_800);
        room.wait_for("it is back", is_back);
        room.wait("both play", |room| room.engine.view().outputs().all(|output| output.health == Health::Running));
    };
    // First the one that sets the pace, then the one that then does.
    lose(&mut room, 0);
    lose(&mut room, 1);
    assert_eq!(room.engine.view().beside.map(|output| output.health), Some(Health::Running));
}

#[test]
fn one_output_gives_way_to_another_only_when_that_one_plays() {
    let mut room = Room::playing(&[Answer::Plays, Answer::Sleeps]);
    room.engine.order(select(vec![both().remove(1)]));
    sleep(Duration::from_secs(1));
    assert_eq!(room.engine.view().main.name.as_str(), "headphones");
    // The one that sleeps is given up after 5 s, and the old one stays.
    room.wait_for("refused", |event| matches!(event, Event::OutputRefused { .. }));
    assert_eq!(names(&room), ["headphones"]);
}

#[test]
fn two_names_of_one_device_are_one_output_with_the_newer_gain() {
    let mut room = Room::playing(&[]);
    let quieter = Selection { target: Target::Device("headphones".into()), gain: Decibels(-9.0) };
    room.engine.order(select(vec![quieter]));
    room.wait("it is softer", |room| (room.engine.view().main.gain.0 + 9.0).abs() < 0.1);
    assert_eq!(room.script.opened.lock().unwrap().len(), 1);
    room.engine.order(select(Vec::new()));
    room.wait("nothing plays", |room| room.engine.view().main.health == Health::Silent);
    room.wait("it is closed", |room| room.script.playing.load(Relaxed) == 0);
}

#[test]
fn an_output_that_is_too_loud_outside_is_made_softer_and_one_that_went_astray_is_opened_anew() {
    let mut room = Room::playing(&[]);
    room.engine.order(crate::audio::Command::Trim { output: Target::Default, by: Decibels(-6.0) });
    room.wait("it is softer", |room| room.engine.view().main.gain.0 <= -5.9);
    room.engine.order(crate::audio::Command::Reopen { output: Target::Default });
    room.wait_for("lost", is_lost);
    room.wait_for("back", is_back);
    room.wait("softer still", |room| room.engine.view().main.gain.0 <= -5.9);
    assert_eq!(room.script.opened.lock().unwrap().len(), 2);
}

#[test]
fn a_third_output_waits_for_the_one_that_is_leaving_and_the_second_plays_until_then() {
    let mut room = Room::playing(&[]);
    room.engine.order(select(vec![both().remove(1)]));
    room.wait("the speakers play", |room| names(room) == ["speakers"]);
    room.engine.order(select(vec![Selection::of(Target::Device("headset".into()))]));
    let mut never_silent = true;
    room.wait("the headset plays alone", |room| {
        never_silent &= room.engine.view().outputs().any(|output| output.health == Health::Running);
        names(room) == ["headset"]
    });
    assert!(never_silent);
    room.wait("the others are closed", |room| room.script.playing.load(Relaxed) == 1);
}

const NAMES: [&str; 2] = ["headphones", "speakers"];

/// Both outputs were chosen, and the one at this place is gone and stays away.
fn one_of_both_is_lost(lost: usize) -> Room {
    let mut room = Room::playing(&[]);
    room.engine.order(select(both()));
    room.wait("both play", |room| names(room) == NAMES);
    room.script.away.lock().unwrap().push(NAMES[lost]);
    room.script.faults.lock().unwrap()[lost].fatal.store(true, Relaxed);
    room.wait_for("one is lost", is_lost);
    room.events.clear();
    room
}

impl Room {
    /// Waits for something; whether an output played all the time.
    fn never_silent_until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) -> bool {
        let mut never_silent = true;
        self.wait(what, |room| {
            never_silent &= room.engine.view().outputs().any(|output| output.health == Health::Running);
            done(room)
        });
        never_silent
    }

    fn is_heard_for_a_while(&mut self) -> bool {
        let since = Instant::now();
        self.never_silent_until("it is waited for", |_| since.elapsed() > Duration::from_millis(500))
    }
}

#[test]
fn the_output_that_is_lost_is_chosen_and_the_other_plays_until_it_is_back() {
    for lost in [0, 1] {
        let mut room = one_of_both_is_lost(lost);
        room.engine.order(select(vec![both().remove(lost)]));
        assert!(room.is_heard_for_a_while(), "{}", NAMES[lost]);
        // Even if that one breaks off in between, and is not chosen at all.
        room.script.faults.lock().unwrap()[1 - lost].fatal.store(true, Relaxed);
        room.wait_for("the other one is back", is_back);
        assert!(room.is_heard_for_a_while(), "{}", NAMES[lost]);
        room.script.away.lock().unwrap().clear();
        assert!(room.never_silent_until("it plays alone", |room| names(room) == [NAMES[lost]]));
        room.wait("the other one is closed", |room| room.script.playing.load(Relaxed) == 1);
    }
}

#[test]
fn a_lost_output_is_not_given_up_for_a_choice_that_is_refused_nor_is_the_one_that_plays() {
    for lost in [0, 1] {
        let mut room = one_of_both_is_lost(lost);
        room.script.away.lock().unwrap().push("headset");
        room.engine.order(select(vec![Selection::of(Target::Device("headset".into()))]));
        let refused = |room: &mut Room| room.events.iter().any(|event| matches!(event, Event::OutputRefused { .. }));
        assert!(room.never_silent_until("refused", refused), "{}", NAMES[lost]);
        room.script.away.lock().unwrap().clear();
        let it = Target::Device(NAMES[lost].into());
        let is_back = |event: &Event| matches!(event, Event::OutputBack { output, .. } if *output == it);
        assert!(room.never_silent_until("it is back", |room| room.events.iter().any(is_back)));
        room.wait("both play", |room| room.engine.view().outputs().all(|output| output.health == Health::Running));
    }
}

#[test]
fn a_stand_in_that_cannot_be_opened_at_once_is_tried_for_ever() {
    let mut room = Room::playing(&[]);
    room.script.away.lock().unwrap().extend(NAMES);
    room.break_stream();
    room.wait_for("lost", is_lost);
    room.engine.order(select(both()));
    room.wait_for("refused", |event| matches!(event, Event::OutputRefused { .. }));
    room.script.away.lock().unwrap().pop();
    room.wait("the speakers play", |room| room.engine.view().beside.is_some_and(|it| it.health == Health::Running));
}

#[test]
fn an_output_is_told_of_by_the_name_it_was_last_chosen_by() {
    for name in ["headphones", "the headphones"] {
        let target = Target::Device(name.into());
        let mut room = Room::playing(&[]);
        room.events.clear();
        room.engine.order(select(vec![Selection { target: target.clone(), gain: Decibels(-9.0) }]));
        room.wait("it is softer", |room| (room.engine.view().main.gain.0 + 9.0).abs() < 0.1);
        let output = target.clone();
        room.wait("it is answered", |room| room.events.contains(&Event::OutputOn { output: output.clone() }));
        room.script.faults.lock().unwrap()[0].fatal.store(true, Relaxed);
        room.wait_for("lost", is_lost);
        let told = |event: &Event| matches!(event, Event::OutputLost { output, .. } if *output == target);
        assert!(room.events.iter().any(told), "{:?}", room.events);
        room.wait_for("back", is_back);
        assert_eq!(room.script.opened.lock().unwrap().last().map(|opened| &opened.0), Some(&both()[0].target));
    }
}
