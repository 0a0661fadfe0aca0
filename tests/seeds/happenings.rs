//! What happens in a session: any verbs and any faults, as the lines of a scenario script.

use super::dice::Dice;
use super::shape::Purpose;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Seconds on the session clock.
    pub at: u64,
    /// As a script has it.
    pub what: String,
}

impl Line {
    fn new(at: u64, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }

    /// Whether something breaks.
    pub fn is_fault(&self) -> bool {
        self.what.starts_with("fault ")
    }
}

/// The script's text.
pub fn script(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{}:{:02} {}\n", line.at / 60, line.at % 60, line.what)).collect()
}

const VERBS: [&str; 36] = [
    "hold",
    "release",
    "release",
    "next",
    "next",
    "return",
    "goto onset",
    "goto peak",
    "goto preparation",
    "goto integration",
    "ground",
    "warmer",
    "deeper",
    "home",
    "different",
    "different",
    "duck",
    "unduck",
    "silence",
    "resume",
    "resume",
    "break",
    "back",
    "softer",
    "louder",
    "mute",
    "resume",
    "mark vitals",
    "undo",
    "undo",
    "undo",
    "device",
    "comfort",
    "dose",
    "output null",
    "louder",
];

/// From `start` to past the end. Nothing is asked for while the machine sleeps: it would be asked when it wakes.
pub fn happenings(dice: &mut Dice, purpose: Purpose) -> Vec<Line> {
    let longest = if purpose == Purpose::Course { 600 + dice.throw() % 4_200 } else { 100 + dice.throw() % 200 };
    let mut lines = vec![Line::new(0, "start")];
    let mut at = 0;
    let many = 2 + dice.throw() % 28;
    let dosed = if dice.one_in(6) { many } else { dice.throw() % many.div_ceil(3) };
    for place in 0..many {
        at += pause(dice, longest / many);
        if at >= longest {
            break;
        }
        let (what, asleep) = match place {
            _ if place == dosed => ("dose".to_owned(), 0),
            _ if dice.one_in(4) => fault(dice, purpose),
            _ => (verb(dice), 0),
        };
        lines.push(Line::new(at, what));
        at += asleep;
    }
    let end = at.max(longest) + 1;
    lines.push(Line::new(end, "end"));
    // Whatever is asked afterwards, nothing plays.
    lines.push(Line::new(end + 22, verb(dice)));
    lines.push(Line::new(end + 24, "resume"));
    lines.push(Line::new(end + 40, "mark vitals"));
    lines
}

/// Often hurried, sometimes the same second, sometimes long.
fn pause(dice: &mut Dice, usual: u64) -> u64 {
    match dice.throw() % 4 {
        0 => dice.throw() % 3,
        1 => dice.throw() % 12,
        _ => dice.throw() % (2 * usual + 1),
    }
}

fn verb(dice: &mut Dice) -> String {
    let seconds = 1 + dice.throw() % 600;
    match dice.throw() % 12 {
        0 => format!("dose --ago {seconds}s"),
        1 => format!("booster --ago {}s", seconds / 4),
        2 => format!("shift {}{seconds}s", if dice.one_in(2) { "+" } else { "-" }),
        3 => format!("extend {seconds}s"),
        _ => (*dice.pick(&VERBS)).to_owned(),
    }
}

/// A fault, and for how many seconds nobody can ask anything because of it.
fn fault(dice: &mut Dice, purpose: Purpose) -> (String, u64) {
    let seconds = 1 + dice.throw() % 40;
    match dice.throw() % 9 {
        0 => ("fault file-missing next".into(), 0),
        1 => ("fault file-corrupt next".into(), 0),
        2 => (format!("fault device-lost {seconds}s"), 0),
        3 => ("fault device-lost".into(), 0),
        4 => ("fault device-back".into(), 0),
        5 => ("fault engine-crash".into(), 0),
        6 => (format!("fault slow-disk {seconds}s"), 0),
        7 => (format!("fault clock-step {seconds}m"), 0),
        // Sound that is not computed cannot be judged where a clock leaps over it.
        _ if purpose == Purpose::Sound => ("fault engine-crash".into(), 0),
        _ => (format!("fault suspend {seconds}s"), seconds + 1),
    }
}
