//! Scenario scripts: one event a line, at times on the session clock.

use std::fmt;

use super::expect::Expectation;
use crate::session::Verb;
use crate::units::{SessionTime, Span};

/// A script, in the order of its times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// Its lines; equal times keep the order in which they were written.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where in the file, from 1.
    pub number: usize,
    /// When.
    pub at: SessionTime,
    /// What.
    pub step: Step,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The therapist asks for something.
    Verb(Verb),
    /// Something breaks.
    Fault(Fault),
    /// The state must be as stated.
    Expect(Expectation),
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The output goes, for a time or until `device-back`.
    DeviceLost(Option<Span>),
    /// The output comes back.
    DeviceBack,
    /// The next piece's file is not there.
    FileMissing,
    /// The next piece's file cannot be decoded.
    FileCorrupt,
    /// The next piece's decoder panics in the midst of it.
    DecoderPanic,
    /// The next piece's decoder yields NaN, infinity, 40 dB too much and a constant.
    DecoderNoise,
    /// The disk is slow for a time.
    SlowDisk(Span),
    /// The host dies and is started again.
    EngineCrash,
    /// The wall clock jumps.
    ClockStep(Span),
    /// The machine sleeps.
    Suspend(Span),
}

/// Everything that is wrong with a script: line number and sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptErrors(pub Vec<(usize, String)>);

impl std::error::Error for ScriptErrors {}

impl fmt::Display for ScriptErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (line, what)) in self.0.iter().enumerate() {
            write!(f, "{}line {line}: {what}", if index > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl Script {
    /// Reads a script; all that is wrong with it comes at once.
    ///
    /// # Errors
    /// [`ScriptErrors`]: unknown verbs, faults and expectations, times that are none, a `start` that is not at 0:00.
    pub fn read(text: &str) -> Result<Self, ScriptErrors> {
        let mut lines = Vec::new();
        let mut wrong = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let content = line.split('#').next().unwrap_or_default().trim();
            if content.is_empty() {
                continue;
            }
            match read_line(content) {
                Ok((at, step)) => lines.push(Line { number: index + 1, at, step }),
                Err(what) => wrong.push((index + 1, what)),
            }
        }
        lines.sort_by_key(|line| line.at);
        if wrong.is_empty() { Ok(Self { lines }) } else { Err(ScriptErrors(wrong)) }
    }

    /// A script that starts the session and has one verb more, at `at`.
    #[must_use]
    pub fn of_one(at: SessionTime, verb: Verb) -> Self {
        let line = |number, at, verb| Line { number, at, step: Step::Verb(verb) };
        Self { lines: vec![line(1, SessionTime::ZERO, Verb::Start), line(2, at, verb)] }
    }
}

fn read_line(content: &str) -> Result<(SessionTime, Step), String> {
    let (time, rest) = content
        .split_once(char::is_whitespace)
        .ok_or_else(|| "write a time and what happens then, such as \"15:00 dose\"".to_owned())?;
    let at: SessionTime = time.parse().map_err(|error| format!("{error}"))?;
    let (word, argument) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    let step = match word {
        "fault" => Step::Fault(read_fault(argument.trim())?),
        "expect" => Step::Expect(argument.trim().parse()?),
        _ => Step::Verb(rest.trim().parse().map_err(|error| format!("{error}"))?),
    };
    if step == Step::Verb(Verb::Start) && at != SessionTime::ZERO {
        return Err("the session clock begins at `start`: write it at 0:00".to_owned());
    }
    Ok((at, step))
}

const FAULTS: &str = "the faults are device-lost [T], device-back, file-missing [next], file-corrupt [next], \
                      decoder-panic [next], decoder-noise [next], slow-disk T, engine-crash, clock-step T, suspend T";

fn read_fault(text: &str) -> Result<Fault, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let span = |text: &str| text.parse::<Span>().map_err(|error| error.to_string());
    match words[..] {
        ["device-lost"] => Ok(Fault::DeviceLost(None)),
        ["device-lost", time] => Ok(Fault::DeviceLost(Some(span(time)?))),
        ["device-back"] => Ok(Fault::DeviceBack),
        ["file-missing"] | ["file-missing", "next"] => Ok(Fault::FileMissing),
        ["file-corrupt"] | ["file-corrupt", "next"] => Ok(Fault::FileCorrupt),
        ["decoder-panic"] | ["decoder-panic", "next"] => Ok(Fault::DecoderPanic),
        ["decoder-noise"] | ["decoder-noise", "next"] => Ok(Fault::DecoderNoise),
        ["slow-disk", time] => Ok(Fault::SlowDisk(span(time)?)),
        ["engine-crash"] => Ok(Fault::EngineCrash),
        ["clock-step", time] => Ok(Fault::ClockStep(span(time)?)),
        ["suspend", time] => Ok(Fault::Suspend(span(time)?)),
        _ => Err(format!("\"{text}\" is no fault that a script knows; {FAULTS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example_is_read() {
        let text = "0:00    start\n4:00    comfort\n15:00   dose\n39:30   booster --ago 30s\n\
                    41:00   fault file-missing next      # faults\n42:00   fault device-lost 8s\n\
                    60:00   expect phase peak\n101:00  end\n";
        let script = Script::read(text).expect("reads");
        assert_eq!(script.lines.len(), 8);
        assert_eq!(script.lines[5].step, Step::Fault(Fault::DeviceLost(Some(Span::from_secs(8)))));
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        let text = "0:00 start\nsoon dose\n5:00 jump\n6:00 fault meteor\n7:00 expect sunshine\n8:00\n9:00 start\n";
        let errors = Script::read(text).expect_err("is wrong");
        let lines: Vec<usize> = errors.0.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
    }
}
