//! From an action to the verb that it means in the state the session is in: one key does and undoes.

use super::action::Action;
use super::prompt::{Choice, Minutes, Prompt};
use crate::session::{Quiet, Snapshot, Steer, Transport, Verb};
use crate::units::Span;

/// The verb to send at once; `None` if the action asks something first or is not about the session.
#[must_use]
pub fn for_action(action: Action, session: &Snapshot) -> Option<Verb> {
    let steered = session.phase.as_ref().and_then(|phase| phase.steer);
    let steer = |pool| if steered == Some(pool) { Verb::Home } else { Verb::Steer(pool) };
    Some(match action {
        Action::Duck if session.ducked => Verb::Unduck,
        Action::Duck => Verb::Duck,
        Action::Next | Action::MoveOn => Verb::Next,
        Action::Hold if session.transport == Transport::Held => Verb::Release,
        Action::Hold => Verb::Hold,
        Action::Ground => steer(Steer::Ground),
        Action::Warmer => steer(Steer::Warmer),
        Action::Deeper => steer(Steer::Deeper),
        Action::Return => Verb::Return,
        Action::End => Verb::End,
        Action::Mute => Verb::Mute,
        Action::Silence => match session.quiet {
            None => Verb::Silence,
            Some(Quiet::Break) => Verb::Back,
            Some(Quiet::Silence | Quiet::Mute) => Verb::Resume,
        },
        Action::Break if session.quiet == Some(Quiet::Break) => Verb::Back,
        Action::Break => Verb::Break,
        Action::Dose => Verb::Dose { ago: Span::ZERO, confirmed: false },
        Action::Device => Verb::Device,
        Action::Extend => Verb::Extend { by: Span::from_mins(5) },
        Action::Different => Verb::Different,
        Action::Softer => Verb::Softer,
        Action::Louder => Verb::Louder,
        Action::Comfort => Verb::Comfort,
        Action::Undo => Verb::Undo,
        Action::Booster
        | Action::Shift
        | Action::Goto
        | Action::Output
        | Action::Mark
        | Action::Go
        | Action::CheckAgain
        | Action::Dim
        | Action::EarCheck
        | Action::Sample
        | Action::Theme
        | Action::Learn
        | Action::Help
        | Action::Quit => return None,
    })
}

/// The question that an action asks before its verb.
#[must_use]
pub fn question(action: Action) -> Option<Prompt> {
    match action {
        Action::Booster => Some(Prompt::minutes(Minutes::Booster)),
        Action::Shift => Some(Prompt::minutes(Minutes::Shift)),
        Action::Goto => Some(Prompt::Choice(Choice::Phase)),
        Action::Output => Some(Prompt::Choice(Choice::Output)),
        Action::Mark => Some(Prompt::Choice(Choice::Mark)),
        _ => None,
    }
}
