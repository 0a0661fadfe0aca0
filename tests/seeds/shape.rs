//! Any playlist: which phases, how long, on which route, from what music, with what beds and steering pools.

use std::fmt::Write as _;

use super::dice::Dice;
use super::music::{TONES, name};

const KINDS: [&str; 6] = ["preparation", "onset", "ascent", "peak", "return", "integration"];
const ROUTES: [&str; 5] = ["im", "im", "sl", "spravato", "custom"];
const GENERATORS: [&str; 4] = ["drone", "brown-noise", "choir-pad", "rain"];

/// What sessions are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Hours in virtual time; every kind of music, none of it computed.
    Course,
    /// Minutes; steady tones, every sample computed.
    Sound,
}

impl Purpose {
    fn is_course(self) -> bool {
        self == Self::Course
    }
}

/// The text of a playlist.
pub fn playlist(dice: &mut Dice, purpose: Purpose) -> String {
    let mut text = String::from("format = 1\ntitle = \"A seeded session\"\n");
    writeln!(text, "route = \"{}\"\n\n[sound]", dice.pick(&ROUTES)).unwrap();
    writeln!(text, "crossfade = \"{}s\"", crossfade(dice, purpose)).unwrap();
    if dice.one_in(3) {
        text += "bed = { generator = \"pink-noise\", level = \"-34 LUFS\" }\n";
    }
    let kinds = loop {
        let chosen: Vec<&str> = KINDS.into_iter().filter(|_| !dice.one_in(3)).collect();
        if !chosen.is_empty() {
            break chosen;
        }
    };
    for kind in kinds {
        text += &phase(dice, kind, purpose);
    }
    for pool in ["ground", "warmer", "deeper"] {
        if dice.one_in(2) {
            writeln!(text, "\n[pool.{pool}]\ncrossfade = \"{}s\"", crossfade(dice, purpose)).unwrap();
            for _ in 0..1 + dice.throw() % 2 {
                text += &track(dice, &format!("pool.{pool}"), purpose);
            }
        }
    }
    text
}

fn crossfade(dice: &mut Dice, purpose: Purpose) -> u64 {
    2 + dice.throw() % if purpose.is_course() { 40 } else { 12 }
}

fn phase(dice: &mut Dice, kind: &str, purpose: Purpose) -> String {
    let planned = if purpose.is_course() { 45 + dice.throw() % 900 } else { 35 + dice.throw() % 70 };
    let mut text = format!("\n[[phase]]\nkind = \"{kind}\"\nplanned = \"{planned}s\"\n");
    if dice.one_in(3) {
        let advance = dice.pick(&["auto", "auto", "auto", "ask", "manual"]);
        writeln!(text, "advance = \"{advance}\"").unwrap();
    }
    if dice.one_in(2) {
        writeln!(text, "crossfade = \"{}s\"", crossfade(dice, purpose)).unwrap();
    }
    if dice.one_in(2) {
        let order = dice.pick(&["planned", "listed", "shuffled"]);
        writeln!(text, "order = \"{order}\"").unwrap();
    }
    if dice.one_in(4) {
        writeln!(text, "level = \"-{} dB\"", 1 + dice.throw() % 5).unwrap();
    }
    if dice.one_in(4) && purpose.is_course() {
        text += "bed = { generator = \"rain\", level = \"-38 LUFS\" }\n";
    }
    let tracks = 1 + dice.throw() % 4;
    for _ in 0..tracks {
        text += &track(dice, "phase", purpose);
    }
    // Long enough for its time whatever the others are.
    text + &whole_tone(TONES[0].0) + &endless(dice, purpose)
}

/// A piece, with whatever a piece may have.
fn track(dice: &mut Dice, of: &str, purpose: Purpose) -> String {
    match dice.throw() % 12 {
        0 => format!("\n[[{of}.track]]\nsilence = \"{}s\"\n", 6 + dice.throw() % 20),
        1..=4 if purpose.is_course() => {
            let generator = dice.pick(&GENERATORS);
            format!("\n[[{of}.track]]\ngenerator = \"{generator}\"\nminutes = {}\n", 1 + dice.throw() % 12)
        }
        _ => tone(dice, of),
    }
}

fn tone(dice: &mut Dice, of: &str) -> String {
    let (hz, seconds) = *dice.pick(&TONES);
    let mut text = format!("\n[[{of}.track]]\nfile = \"{}\"\nintensity = {}\n", name(hz), 1 + dice.throw() % 5);
    let (start, end) = (dice.throw() % 10, u64::from(seconds) - dice.throw() % 15);
    if dice.one_in(3) {
        writeln!(text, "start = \"0:{start:02}\"\nend = \"{}:{:02}\"", end / 60, end % 60).unwrap();
    }
    if dice.one_in(4) {
        let exit = 12 + dice.throw() % (u64::from(seconds) - 30);
        writeln!(text, "exits = [\"{}:{:02}\"]", exit / 60, exit % 60).unwrap();
    }
    if dice.one_in(6) {
        writeln!(text, "loop = [\"0:12\", \"0:3{}\"]", dice.throw() % 5).unwrap();
    }
    if dice.one_in(6) {
        writeln!(text, "fade_in = \"{}s\"", 2 + dice.throw() % 8).unwrap();
    }
    text
}

fn whole_tone(hz: u32) -> String {
    format!("\n[[phase.track]]\nfile = \"{}\"\n", name(hz))
}

/// For a course, something that never ends.
fn endless(dice: &mut Dice, purpose: Purpose) -> String {
    if purpose.is_course() {
        let generator = dice.pick(&GENERATORS);
        return format!("\n[[phase.track]]\ngenerator = \"{generator}\"\nminutes = 6\n");
    }
    String::new()
}
