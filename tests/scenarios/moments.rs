//! In which kind of moment each verb was given, found by repeating the journal.

use undertone::session::{Event, Input, Output, Session, Snapshot, Transport};

use super::library::{SEED, Told};

/// A kind of moment in which a verb may do something else than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    Crossfade,
    Countdown,
    Held,
    Ducked,
    BeforeDose,
    AfterEnd,
}

impl Moment {
    pub const ALL: [Self; 6] =
        [Self::Crossfade, Self::Countdown, Self::Held, Self::Ducked, Self::BeforeDose, Self::AfterEnd];

    /// The moment of that name in a script's head.
    pub fn named(word: &str) -> Option<Self> {
        let words = ["crossfade", "countdown", "held", "ducked", "before-dose", "after-end"];
        words.iter().position(|known| *known == word).map(|index| Self::ALL[index])
    }

    /// As the end of a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Crossfade => "in a crossfade",
            Self::Countdown => "in a countdown",
            Self::Held => "while held",
            Self::Ducked => "while ducked",
            Self::BeforeDose => "before the dose",
            Self::AfterEnd => "after the end",
        }
    }

    fn is_now(self, seen: &Snapshot) -> bool {
        match self {
            Self::Crossfade => seen.now.as_ref().is_some_and(|now| now.crossing),
            Self::Countdown => seen.phase.as_ref().is_some_and(|phase| phase.countdown.is_some()),
            Self::Held => seen.transport == Transport::Held,
            Self::Ducked => seen.ducked && seen.transport != Transport::Ended,
            Self::BeforeDose => seen.medicine.is_none() && seen.transport == Transport::Running,
            Self::AfterEnd => seen.transport == Transport::Ended,
        }
    }
}

/// Each verb given, and each kind of moment it was given in.
pub fn of(told: &Told<'_>) -> Vec<(Moment, String)> {
    let mut session = Session::new(told.scenario.loaded.plan.clone(), SEED);
    let mut found = Vec::new();
    for record in &told.story.records {
        if let Some(verb) = verb_of(&record.event) {
            hand_in(&mut session, record.t, Input::Tick);
            let seen = session.snapshot(record.t);
            found.extend(
                Moment::ALL.into_iter().filter(|moment| moment.is_now(&seen)).map(|moment| (moment, verb.clone())),
            );
        }
        if let Some(input) = record.event.input() {
            hand_in(&mut session, record.t, input);
        }
    }
    found
}

/// Hands an input in and drops what comes of it.
pub fn hand_in(session: &mut Session, at: undertone::units::SessionTime, input: Input) {
    session.handle(at, input);
    while !matches!(session.poll(), Output::Deadline(_)) {}
}

/// The name of the verb that a record tells of, carried out or refused.
fn verb_of(event: &Event) -> Option<String> {
    let verb = match event {
        Event::Refused { verb, .. } => verb.clone(),
        other => match other.input() {
            Some(Input::Verb(verb, _)) => verb,
            _ => return None,
        },
    };
    verb.to_string().split_whitespace().next().map(str::to_owned)
}
