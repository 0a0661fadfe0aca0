//! The host killed, again and again, while verbs are asked for as fast as they are acknowledged.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use undertone::record::{journal_path, read};
use undertone::session::{Input, Source, Verb};
use undertone::wire::{Client, Request, Status, Update};

use super::dice::Dice;
use super::house::{House, LONG, SECOND, level, wait_for};
use super::{percentile, playlist, row};

/// Kills of one session: with the third in a minute the program would play safe.
const PER_SESSION: usize = 2;
/// The session clock of every other session is hurried so many times.
const SPEED: &str = "4";
/// The level of the music, in dBFS: a sine of -20 LUFS on both channels.
const FULL: f32 = -22.5;
/// A window of the recording: 10 ms.
const WINDOW: usize = SECOND / 100;
/// In every so manieth run the whole way in is recorded.
const WHOLE_WAY: usize = 5;

/// How it is known what is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// From the recording of a sound server's monitor.
    Recorded,
    /// From the host's own meter behind the limiter, played into nothing: no machine is too busy for that.
    Metered,
}
/// The rules: sound within 5 s (p99), the place to 1 s, and no louder than the way in of 8 s from -60 dB, by so many dB.
const BACK: u128 = 5_000;
const PLACE: i64 = 1_000;
const LOUDER: f32 = 1.5;

/// What one kill came to.
struct Round {
    /// From the kill to a host that answers, to the first sound, and to -60 dBFS.
    answers: Duration,
    sounds: Duration,
    heard: Duration,
    /// Off the medicine clock, in ms.
    place: i64,
    /// Above the way in, in dB, at the most.
    louder: f32,
}

/// Kills so many hosts, and prints and judges what came of it.
pub fn check(kills: usize, houses: usize, heard: Heard) {
    let (next, rounds) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let verbs = AtomicUsize::new(0);
    let playlist = playlist();
    std::thread::scope(|scope| {
        for _ in 0..houses {
            scope.spawn(|| {
                let Some(mut house) = House::start() else { return };
                loop {
                    let number = next.fetch_add(PER_SESSION, Relaxed);
                    if number >= kills {
                        break;
                    }
                    let done = session(&mut house, &playlist, number, PER_SESSION.min(kills - number), heard);
                    verbs.fetch_add(done.1, Relaxed);
                    rounds.lock().unwrap().extend(done.0);
                }
            });
        }
    });
    let rounds = rounds.into_inner().unwrap();
    if !rounds.is_empty() {
        judge(&rounds, verbs.into_inner());
    }
}

fn judge(rounds: &[Round], verbs: usize) {
    let times = |of: fn(&Round) -> Duration| rounds.iter().map(of).collect::<Vec<_>>();
    let off = rounds.iter().map(|round| round.place.abs()).max().unwrap_or(0);
    let louder = rounds.iter().map(|round| round.louder).fold(f32::NEG_INFINITY, f32::max);
    eprintln!("{} hosts killed; {verbs} verbs acknowledged, none lost\n| | p50 | p99 | worst |", rounds.len());
    eprintln!("|---|---|---|---|");
    row("from the kill to a host that answers", &times(|round| round.answers));
    row("to the first sound", &times(|round| round.sounds));
    row("to -60 dBFS, in a way in of 8 s", &times(|round| round.heard));
    row("off the medicine clock", &times(|round| Duration::from_millis(round.place.unsigned_abs())));
    if louder.is_finite() {
        eprintln!("loudest against the way in of 8 s from -60 dB: {louder:+.1} dB");
    }
    assert!(off <= PLACE, "{off} ms off the medicine clock");
    assert!(louder <= LOUDER, "{louder:.1} dB above the way in");
    let sounds = percentile(&times(|round| round.sounds), 0.99);
    assert!(sounds <= BACK, "sound is back after {sounds} ms (p99)");
}

/// One session whose host is killed so many times; and how many verbs it acknowledged.
fn session(house: &mut House, playlist: &str, number: usize, kills: usize, heard: Heard) -> (Vec<Round>, usize) {
    house.move_out(&format!("session-{number}"));
    let mut dice = Dice::new(number as u64);
    let hurried = number / PER_SESSION % 2 == 1;
    let speed: &[&str] = if hurried { &["--speed", SPEED] } else { &[] };
    let output: &[&str] = if heard == Heard::Metered { &["--output", "null"] } else { &[] };
    let panel = house.panel(&[&["play", playlist], speed, output].concat());
    wait_for("the session", || house.undertone(&["ctl", "status"]).0 == 0);
    match heard {
        Heard::Recorded => wait_for("music", || house.level() > -40.0),
        Heard::Metered => {
            // One connection: a host lets only so many in.
            let client = connect(house);
            wait_for("music", || status(&client).is_some_and(|status| meter(&status) > -40.0));
        }
    }
    house.ctl(&["dose"]);
    let code = house.status()["code"].as_str().unwrap().to_owned();
    let (mut rounds, mut acknowledged) = (Vec::new(), Vec::new());
    for kill in 0..kills {
        let storm = storm(house, dice.throw());
        sleep(Duration::from_millis(300 + dice.throw() % 2_000));
        let round = kill_once(house, hurried);
        rounds.push(match heard {
            Heard::Recorded => recorded(house, round, (number + kill).is_multiple_of(WHOLE_WAY)),
            Heard::Metered => metered(house, round),
        });
        acknowledged.extend(storm.join().unwrap());
    }
    // In order, each of them is in the journal; what was asked for in the last instant may be there too.
    let story = read(&journal_path(&house.home.join("state/sessions"), &code)).unwrap();
    let mut kept = story.inputs().filter_map(|(_, input)| match input {
        Input::Verb(verb, Source::Clicker) => Some(verb),
        _ => None,
    });
    for verb in &acknowledged {
        assert!(kept.any(|kept| kept == *verb), "session {number}: {verb} was acknowledged and is lost");
    }
    assert!(story.left_out.is_nothing() || story.left_out.torn, "{}", story.left_out);
    // It would bring the session back once more.
    drop(panel);
    house.kill_host();
    (rounds, acknowledged.len())
}

/// Asks for one verb after another until the host is gone; those that it acknowledged. Each comes once, by its stamp.
fn storm(house: &House, seed: u64) -> JoinHandle<Vec<Verb>> {
    let client = connect(house);
    spawn(move || {
        let (mut dice, mut acknowledged) = (Dice::new(seed), Vec::new());
        for number in 0.. {
            let text = match dice.throw() % 8 {
                0 => *dice.pick(&["hold", "release", "different", "ground", "home", "extend 5s", "shift +3s", "next"]),
                _ => &format!("mark {seed:x}-{number}"),
            };
            let verb: Verb = text.parse().unwrap();
            match client.ask(&Request::Verb { verb: verb.clone(), source: Source::Clicker }) {
                Ok(Update::Done) => acknowledged.push(verb),
                Ok(_) => {}
                Err(_) => break,
            }
            sleep(Duration::from_millis(dice.throw() % 30));
        }
        acknowledged
    })
}

fn connect(house: &House) -> Client {
    let since = Instant::now();
    loop {
        match Client::connect(&house.home.join("run/ctl")) {
            Ok(client) => return client,
            Err(why) => assert!(since.elapsed() < LONG, "no host: {why}"),
        }
        sleep(Duration::from_millis(5));
    }
}

fn status(client: &Client) -> Option<Box<Status>> {
    if let Ok(Update::Status(status)) = client.ask(&Request::Status) { Some(status) } else { None }
}

/// A kill, as far as it is known before anything is heard.
struct Kill {
    at: Instant,
    /// The recording's length then.
    from: usize,
    answers: Duration,
    place: i64,
}

/// Kills the host, and waits until another one answers.
fn kill_once(house: &House, hurried: bool) -> Kill {
    let before = status(&connect(house)).expect("the host answers");
    let (asked, from) = (Instant::now(), house.sound.lock().unwrap().len());
    house.kill_host();
    let at = Instant::now();
    let after = loop {
        if let Some(status) = status(&connect(house)) {
            break status;
        }
    };
    let (answers, passed) = (at.elapsed(), asked.elapsed().as_millis() as i64);
    let [was, is] = [&before, &after].map(|status| status.session.medicine.expect("dosed").since_start().millis());
    // A hurried clock stands while there is no host.
    let expected = if hurried { (is - was).clamp(0, passed) } else { passed };
    Kill { at, from, answers, place: is - was - expected }
}

/// Waits until the host's own meter shows it.
fn metered(house: &House, kill: Kill) -> Round {
    let client = connect(house);
    let mut sounds = None;
    loop {
        let level = status(&client).map_or(f32::NEG_INFINITY, |status| meter(&status));
        let since = kill.at.elapsed();
        if level > -119.0 {
            sounds = sounds.or(Some(since));
        }
        if level > -60.0 {
            let Kill { answers, place, .. } = kill;
            return Round { answers, sounds: sounds.unwrap_or(since), heard: since, place, louder: f32::NEG_INFINITY };
        }
        assert!(since < LONG, "nothing is heard");
        sleep(Duration::from_millis(10));
    }
}

fn meter(status: &Status) -> f32 {
    status.output.meter.0.0.max(status.output.meter.1.0)
}

/// Waits until the recording has it.
fn recorded(house: &House, kill: Kill, whole_way: bool) -> Round {
    let is_heard = |sound: &[f32]| way_in(sound).is_some_and(|begins| is_heard(&sound[begins * WINDOW..]));
    wait_for("sound", || is_heard(&house.sound.lock().unwrap()[kill.from..]));
    if whole_way {
        sleep(Duration::from_secs(6));
    }
    let sound = house.sound.lock().unwrap()[kill.from..].to_vec();
    let begins = way_in(&sound).expect("it was silent, and is heard");
    let windows = |count: usize| Duration::from_millis(10 * count as u64);
    let levels = levels(&sound[begins * WINDOW..]);
    let softly = |at: usize| FULL - 60.0 + 7.5 * ((at + 1) as f32 / 100.0).min(8.0);
    let louder = levels.iter().enumerate().map(|(at, level)| level - softly(at)).fold(f32::NEG_INFINITY, f32::max);
    let until_heard = levels.iter().position(|level| *level > -60.0).expect("it is heard");
    let Kill { answers, place, .. } = kill;
    Round { answers, sounds: windows(begins), heard: windows(begins + until_heard), place, louder }
}

fn is_heard(sound: &[f32]) -> bool {
    levels(sound).iter().any(|level| *level > -55.0)
}

fn levels(sound: &[f32]) -> Vec<f32> {
    sound.chunks_exact(WINDOW).map(level).collect()
}

/// The window in which sound begins again after the silence of the host's death.
fn way_in(sound: &[f32]) -> Option<usize> {
    let is_silent = |window: &[f32]| window.iter().all(|sample| *sample == 0.0);
    let windows = || sound.chunks_exact(WINDOW);
    let dead = windows().position(is_silent)?;
    windows().skip(dead).position(|window| !is_silent(window)).map(|after| dead + after)
}
