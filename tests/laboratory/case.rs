//! A case: pieces of some material, joints between them, verbs at any moment; drawn from a number, and rendered.

use undertone::audio::{Command, Curve, Ease, Lane};
use undertone::units::{Decibels, Frames, Gain, Ticket};

use super::dice::Dice;
use super::lanes::{Lanes, TICK, TICKS_A_SECOND};
use super::material::{Material, ORDINARY, SHELF};
use super::rig::{Rig, piece};

/// The first piece has sounded for this long when a case begins: nothing is on its way any more.
const PRELUDE: i64 = ticks(12.0);
/// Decoded beyond the end of a case, so that no piece is about to run out.
const MARGIN: u64 = 60_000;
/// As loud as the lanes get together: the comfort cap above a comfort level of 0 dB.
const CAP: f64 = 3.0;

pub const fn ticks(secs: f64) -> i64 {
    (secs * TICKS_A_SECOND) as i64
}

/// A piece, and the joint into it. Instants are in ticks from the beginning of what is looked at.
#[derive(Debug)]
pub struct Part {
    pub material: &'static Material,
    pub offset: u64,
    pub trim_db: f64,
    pub begins: i64,
    pub over: i64,
    /// It runs out by itself here.
    pub runs_out: Option<i64>,
}

impl Part {
    pub fn trim(&self) -> f64 {
        10f64.powf(self.trim_db / 20.0)
    }

    /// Its sound at a frame of the case, before any gain.
    pub fn frame(&self, frame: i64) -> [f32; 2] {
        let own = frame - self.begins * TICK as i64;
        let over = self.runs_out.is_some_and(|end| frame >= end * TICK as i64);
        if own < 0 || over { [0.0; 2] } else { self.material.frame(self.offset + own as u64) }
    }
}

/// A verb, as the lane it moves.
#[derive(Debug)]
pub struct Deed {
    name: &'static str,
    pub at: i64,
    pub lane: Lane,
    pub from: Option<f64>,
    pub to: f64,
    pub secs: f64,
}

/// Everything that happens.
#[derive(Debug)]
pub struct Case {
    pub curve: Curve,
    pub parts: Vec<Part>,
    pub deeds: Vec<Deed>,
    /// What is rendered; the time between is skipped.
    pub windows: Vec<(i64, i64)>,
}

/// What was rendered of a window. The sound is late by the limiter's block.
pub struct Segment {
    pub from: i64,
    pub sound: Vec<[f32; 2]>,
}

impl Case {
    /// The case of this number.
    pub fn drawn(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let curve = if dice.one_in(4) { Curve::EqualGain } else { Curve::EqualPower };
        let mut parts = vec![part(&mut dice, -PRELUDE, 0)];
        let mut windows = vec![(0, 50)];
        let mut last = 30;
        if !dice.one_in(6) {
            let at = 5 + (dice.share() * 25.0) as i64;
            let joint = joint(&mut dice);
            parts.push(part(&mut dice, at, joint));
            windows.push(window(&mut dice, at, joint));
            last = at + joint;
            if dice.one_in(4) {
                let again = at + 5 + (dice.share() * 30.0) as i64;
                let joint = ticks(dice.between(2.0, 4.0));
                parts.push(part(&mut dice, again, joint));
                windows.push(window(&mut dice, again, joint));
                last = again + joint;
            } else if dice.one_in(8) {
                // A piece that runs out in the middle of its own way in, or the old one in the middle of its way out.
                let short = (dice.throw() % 2) as usize;
                parts[short].runs_out = Some(at + 10 + (dice.share() * 25.0) as i64);
            }
            windows.push((last - 10, last + 25));
        }
        Self { curve, parts, deeds: deeds(&mut dice, last), windows: joined(windows) }
    }

    /// A tone alone and one verb: for the sharpest corner.
    pub fn click(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut first = part(&mut dice, -PRELUDE, 0);
        (first.material, first.trim_db) = (&SHELF[0], 0.0);
        Self { curve: Curve::EqualPower, parts: vec![first], deeds: deeds(&mut dice, 40), windows: vec![(0, 90)] }
    }

    fn end(&self) -> i64 {
        self.windows.iter().map(|window| window.1).max().unwrap_or(0)
    }

    /// What the lanes should be, in dB, by the tick from the beginning of the prelude; and when that is.
    pub fn lanes(&self) -> (i64, Vec<f64>) {
        let mut lanes = Lanes::new();
        let mut level = 0.0;
        let mut deeds = self.deeds.iter().peekable();
        let path = (-PRELUDE..self.end()).map(|tick| {
            while let Some(deed) = deeds.next_if(|deed| deed.at <= tick) {
                lanes.set(deed.lane, deed.from, deed.to, deed.secs, tick);
            }
            level = lanes.follow(level, tick + 1);
            level
        });
        (-PRELUDE, path.collect())
    }

    /// In a line: what is played and what is asked for.
    pub fn told(&self) -> String {
        let pieces: Vec<String> = self.parts.iter().map(|part| format!("{:?}", part.material)).collect();
        let verbs: Vec<&str> = self.deeds.iter().map(|deed| deed.name).collect();
        format!("{}; {}", pieces.join(" → "), verbs.join(", "))
    }

    /// Renders the windows.
    pub fn rendered(&self) -> Vec<Segment> {
        let mut rig = Rig::new();
        let mut segments: Vec<Segment> = Vec::new();
        let windows = self.windows.iter().flat_map(|(from, to)| [*from, *to]);
        let happens = self.parts.iter().map(|part| part.begins).chain(self.deeds.iter().map(|deed| deed.at));
        let mut stops: Vec<i64> = windows.chain(happens).collect();
        stops.sort_unstable();
        stops.dedup();
        for (number, part) in (1..).zip(&self.parts) {
            self.load(&mut rig, number, part);
        }
        for pair in stops.windows(2) {
            let [now, next] = [pair[0], pair[1]];
            self.order(&mut rig, now);
            let secs = (next - now) as f64 / TICKS_A_SECOND;
            if self.windows.iter().any(|(from, to)| (*from..*to).contains(&now)) {
                if segments.last().is_none_or(|segment| segment.from + segment.ticks() != now) {
                    segments.push(Segment { from: now, sound: Vec::new() });
                }
                rig.run(secs);
                if let Some(segment) = segments.last_mut() {
                    segment.sound.append(&mut rig.sound);
                }
            } else {
                rig.skip(secs);
            }
        }
        segments
    }

    fn load(&self, rig: &mut Rig, ticket: u32, part: &Part) {
        let ends = part.runs_out.map_or(self.end() * TICK as i64 + MARGIN as i64, |end| end * TICK as i64);
        let length = (ends - part.begins * TICK as i64) as u64;
        let (material, offset) = (part.material, part.offset);
        rig.load(ticket, piece(length, move |number| material.frame(offset + number)), Some(length));
    }

    fn order(&self, rig: &mut Rig, now: i64) {
        for (ticket, part) in (1..).map(Ticket).zip(&self.parts).filter(|(_, part)| part.begins == now) {
            let over = Frames(part.over as u64 * TICK);
            let gain = Gain(part.trim() as f32);
            rig.engine.order(Command::Cross { ticket, over, curve: self.curve, gain, ease: Ease::NONE });
        }
        for Deed { lane, from, to, secs, .. } in self.deeds.iter().filter(|deed| deed.at == now) {
            let from = from.map(|from| Decibels(from as f32));
            let over = Frames((secs * 48_000.0) as u64);
            rig.engine.order(Command::Ramp { lane: *lane, from, to: Decibels(*to as f32), over });
        }
    }
}

impl Segment {
    fn ticks(&self) -> i64 {
        self.sound.len() as i64 / TICK as i64
    }
}

fn part(dice: &mut Dice, begins: i64, over: i64) -> Part {
    let material = if dice.one_in(4) { dice.pick(&SHELF) } else { dice.pick(&SHELF[..ORDINARY.len()]) };
    let trim_db = if dice.one_in(3) { dice.between(-12.0, 3.0) } else { 0.0 };
    Part { material, offset: dice.throw() % 48_000, trim_db, begins, over, runs_out: None }
}

/// From 2 s to 60 s, most of them short: what is not looked at costs time too.
fn joint(dice: &mut Dice) -> i64 {
    let longest = *dice.pick(&[3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 15.0, 60.0]);
    ticks(dice.between(2.0, longest))
}

/// Somewhere inside a joint.
fn window(dice: &mut Dice, at: i64, over: i64) -> (i64, i64) {
    let from = at + (dice.share() * over as f64) as i64;
    (from, from + 25)
}

/// In order, and those that touch made one.
fn joined(mut windows: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    windows.sort_unstable();
    windows.dedup_by(|later, earlier| {
        let touch = later.0 <= earlier.1;
        if touch {
            earlier.1 = earlier.1.max(later.1);
        }
        touch
    });
    windows
}

/// What was settled before, and up to three verbs around the joint; in order.
fn deeds(dice: &mut Dice, last: i64) -> Vec<Deed> {
    let mut lanes = Lanes::new();
    let mut deeds = Vec::new();
    let mut at = 1 - PRELUDE;
    if dice.one_in(2) {
        let to = dice.between(-20.0, CAP);
        deeds.push(Deed { name: "comfort", at, lane: Lane::Comfort, from: None, to, secs: 0.3 });
    }
    if dice.one_in(4) {
        deeds.push(Deed { name: "duck before", at, lane: Lane::Duck, from: None, to: -12.0, secs: 1.5 });
    }
    if dice.one_in(8) {
        deeds.push(Deed { name: "quiet before", at, lane: Lane::Presence, from: None, to: -60.0, secs: 1.5 });
    }
    for deed in &deeds {
        lanes.set(deed.lane, deed.from, deed.to, deed.secs, deed.at);
    }
    at = if dice.one_in(3) { last - 15 } else { 2 };
    for _ in 0..dice.throw() % 4 {
        at += 1 + (dice.share() * 25.0) as i64;
        let deed = verb(dice, &lanes, at);
        lanes.set(deed.lane, deed.from, deed.to, deed.secs, at);
        deeds.push(deed);
    }
    deeds
}

/// One of the verbs that are heard, as the product's table has them, or (the last) any order at all.
fn verb(dice: &mut Dice, lanes: &Lanes, at: i64) -> Deed {
    let comfort = lanes.at(Lane::Comfort, at);
    let low = lanes.at(Lane::Presence, at) < -20.0;
    let deed = |name, lane, to, secs| Deed { name, at, lane, from: None, to, secs };
    match dice.throw() % 11 {
        0 => deed("duck", Lane::Duck, -12.0, 1.5),
        1 => deed("unduck", Lane::Duck, 0.0, 12.0),
        2 => deed("silence", Lane::Presence, -60.0, 8.0),
        3 => Deed { from: low.then_some(-20.0), ..deed("resume", Lane::Presence, 0.0, 20.0) },
        4 => deed("break", Lane::Presence, -20.0, 8.0),
        5 => deed("mute", Lane::Presence, -60.0, 1.5),
        6 => deed("mute again", Lane::Presence, -60.0, 0.2),
        7 => deed("softer", Lane::Comfort, comfort - 1.5, 0.3),
        8 => deed("louder", Lane::Comfort, (comfort + 1.5).min(CAP), 0.3),
        9 => deed("end", Lane::Presence, -60.0, 20.0),
        _ => deed("anything", Lane::Presence, dice.between(-60.0, 0.0), dice.between(0.0, 3.0)),
    }
}
