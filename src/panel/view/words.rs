//! What the model means, in words: shared by the large screen, the small one and the dark one.

use ratatui::style::Style;

use super::page::Piece;

use crate::panel::action::Action;
use crate::panel::before::ItemState;
use crate::panel::lock::Lock;
use crate::panel::model::{Contact, Model};
use crate::panel::prompt::{Choice, Prompt};
use crate::panel::strings;
use crate::panel::theme::{Glyphs, Theme};
use crate::panel::trial::Ears;
use crate::session::{ArcPhase, PhaseView, Quiet, Snapshot, Transport};
use crate::units::Span;
use crate::wire::OutputHealth;

/// How much a word matters now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Must be seen now.
    Now,
    /// A state to know of.
    State,
    /// Background.
    Quiet,
}

impl Weight {
    /// The style of that weight.
    #[must_use]
    pub const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Now => theme.bright,
            Self::State => theme.figure,
            Self::Quiet => theme.faint,
        }
    }
}

/// A word of state: a head with its shape, which carries the weight, and what there is to add.
pub struct Word {
    /// The weight of its head.
    pub weight: Weight,
    /// Shape and word.
    pub head: String,
    /// More, in plain style.
    pub rest: String,
}

impl Word {
    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.head, self.rest)
    }

    /// All of it, each part in its style.
    #[must_use]
    pub fn pieces(&self, theme: &Theme) -> [Piece<'_>; 2] {
        let rest = if self.weight == Weight::Quiet { theme.faint } else { theme.plain };
        [(&self.head, self.weight.style(theme)), (&self.rest, rest)]
    }
}

/// The key of an action, as a hint names it.
#[must_use]
pub fn key(model: &Model, action: Action) -> String {
    model.setup.keymap.first(action)
}

/// The keys to press for an action: twice the same where one press is not enough.
#[must_use]
pub fn keys_to_press(model: &Model, action: Action) -> String {
    let key = key(model, action);
    match (action.takes_two(), key.chars().count()) {
        (false, _) => key,
        (true, 1) => key.repeat(2),
        (true, _) => format!("{key} {key}"),
    }
}

/// What deviates from simply following the plan, the most pressing first.
#[must_use]
pub fn states(model: &Model, session: &Snapshot) -> Vec<Word> {
    let mut words = Vec::new();
    let mut add = |weight, (word, block, ascii): (&str, &'static str, &'static str), rest: String| {
        words.push(Word { weight, head: format!("{} {word}", model.glyphs.pick(block, ascii)), rest });
    };
    if let Some(quiet) = session.quiet {
        let back = if quiet == Quiet::Break { Action::Break } else { Action::Silence };
        add(Weight::Now, strings::quiet(quiet), strings::lift(quiet, &key(model, back)));
    }
    if let Some(phase) = &session.phase {
        if let Some(left) = phase.countdown {
            let left = format!("{} s", strings::seconds(left - carried(model, session)));
            add(Weight::Now, (&left, "→", "[>]"), strings::countdown(&key(model, Action::Hold)));
        } else if phase.overdue {
            add(Weight::State, (strings::OVERDUE, "▹", "[>]"), strings::overdue(&key(model, Action::Next)));
        }
    }
    if let Some(cue) = &session.cue {
        add(Weight::Now, (cue.as_str(), "◆", "<*>"), String::new());
    }
    if let Some(word) = strings::transport(session.transport) {
        let begin =
            if session.transport == Transport::Ready { strings::ready(&key(model, Action::Go)) } else { String::new() };
        add(Weight::State, word, begin);
    }
    if let Some(steer) = session.phase.as_ref().and_then(|phase| phase.steer) {
        add(Weight::State, strings::steer(steer), String::new());
    }
    if model.shut() {
        add(Weight::State, strings::LOCKED, strings::LOCKED_HINT.to_owned());
    }
    if session.ducked {
        add(Weight::State, strings::DUCKED, String::new());
    }
    words
}

/// Session time since the last word from the host.
#[must_use]
pub fn carried(model: &Model, session: &Snapshot) -> Span {
    model.at() - session.at
}

/// What is known of the sound.
#[must_use]
pub fn sound(model: &Model) -> Word {
    let word = |weight, head: String, rest: String| Word { weight, head, rest };
    let shape = |block, ascii| model.glyphs.pick(block, ascii);
    let Some(status) = &model.status else { return word(Weight::Quiet, String::new(), String::new()) };
    if let Contact::Lost { why } = &model.contact {
        let rest = why.as_ref().map_or_else(|| strings::COMING_BACK.to_owned(), |why| format!(": {why}"));
        return word(Weight::Now, format!("! {}", strings::HOST_GONE), rest);
    }
    if model.stale() {
        let silent = model.now.saturating_sub(model.heard).as_secs();
        return word(Weight::Now, format!("? {}", strings::NOT_KNOWN), strings::no_word(silent));
    }
    if status.output.playing {
        return word(
            Weight::State,
            format!("{} {}", shape("▸", ">"), strings::PLAYING),
            format!("  {}{}", status.output.name, strings::but(&status.output.state)),
        );
    }
    match (status.session.quiet, status.session.transport) {
        (Some(quiet), _) => {
            word(Weight::State, format!("{} {}", shape("○", "( )"), strings::on_purpose(quiet)), String::new())
        }
        // A sound that comes up or goes out softly is quiet for a while, and rightly so.
        (None, Transport::Ready | Transport::Ending | Transport::Ended) => {
            word(Weight::Quiet, status.output.state.to_string(), String::new())
        }
        _ if status.output.health == OutputHealth::Running
            && status.session.now.as_ref().is_some_and(|now| now.crossing) =>
        {
            word(Weight::Quiet, status.output.state.to_string(), String::new())
        }
        _ => word(Weight::Now, format!("! {}", strings::CHECK), strings::not_shown(&status.output.state)),
    }
}

/// The time to show large for the phase, and what it is: left, over, or spent.
#[must_use]
pub fn phase_time(model: &Model, phase: &PhaseView) -> (String, &'static str) {
    let now = model.at();
    match phase.ends {
        Some(ends) if ends >= now => (figures(round_up(ends - now)), strings::LEFT_HERE),
        Some(ends) => (figures(now - ends), strings::OVER_TIME),
        None => (figures((now - phase.entered).or_zero()), strings::TIME_HERE),
    }
}

/// The time to show large while nothing has begun: how long the session is planned to be.
#[must_use]
pub fn planned(session: &Snapshot) -> (String, &'static str) {
    let ends = session.arc.iter().rev().find_map(|phase| phase.ends);
    (ends.map_or_else(|| "--:--".to_owned(), |ends| figures(ends.since_start())), strings::PLANNED)
}

/// What is left, shown so that it reaches zero when the time is up and not a second before.
fn round_up(left: Span) -> Span {
    Span::from_millis((left.millis() + 999) / 1000 * 1000)
}

/// Minutes and seconds; minutes pass 59, because routes are written in minutes.
#[must_use]
pub fn figures(span: Span) -> String {
    let secs = span.millis() / 1000;
    let sign = if secs < 0 { "-" } else { "" };
    let secs = secs.unsigned_abs();
    format!("{sign}{}:{:02}", secs / 60, secs % 60)
}

/// The medicine clock large, and what it is; dashes before the dose.
#[must_use]
pub fn medicine(model: &Model) -> (String, String) {
    match model.medicine() {
        Some(since) => (figures(since.since_start()), strings::SINCE_DOSE.to_owned()),
        None => ("--:--".to_owned(), strings::no_dose(&key(model, Action::Dose))),
    }
}

/// The one sentence that answers the last key, or asks, or offers.
#[must_use]
pub fn answer(model: &Model) -> Option<Word> {
    let word = |weight, head: String| Some(Word { weight, head, rest: String::new() });
    if let Some(typed) = model.lock.as_ref().and_then(Lock::typed) {
        return word(Weight::State, strings::ask_pin(typed));
    }
    if let Some((prompt, opener, _)) = &model.prompt {
        return word(Weight::State, question(model, prompt, &key(model, *opener)));
    }
    if let Some((action, held)) = model.two_presses.waiting() {
        let text = match action {
            _ if held => strings::NOT_AGAIN_SO_SOON.to_owned(),
            Action::Quit => strings::LEAVE_TWICE.to_owned(),
            Action::Go if model.shut() => strings::UNLOCK_TWICE.to_owned(),
            Action::Go if model.count(ItemState::Bad) > 0 => strings::PRESS_AGAIN_BAD.to_owned(),
            Action::Go => strings::STILL_LOOKING.to_owned(),
            action => strings::press_again(&key(model, action), action),
        };
        return word(Weight::State, text);
    }
    if let Ears::Asking(side) = model.ears {
        return word(Weight::State, strings::ask_ear(side, &key(model, Action::EarCheck)));
    }
    if let Some(said) = model.said() {
        return word(Weight::State, said.to_owned());
    }
    if model.sampling.is_some() {
        let [softer, louder, comfort, end] =
            [Action::Softer, Action::Louder, Action::Comfort, Action::Sample].map(|action| key(model, action));
        return word(Weight::State, strings::sampling(&softer, &louder, &comfort, &end));
    }
    let session = model.session()?;
    let offer = session.undo.as_ref()?;
    let left = offer.left - carried(model, session);
    if left <= Span::ZERO {
        return None;
    }
    word(Weight::Quiet, strings::undo(&key(model, Action::Undo), &offer.verb.to_string(), left))
}

fn question(model: &Model, prompt: &Prompt, opener: &str) -> String {
    match prompt {
        Prompt::Minutes { what, digits } => strings::ask_minutes(*what, digits, opener),
        Prompt::ConfirmDose { ago } => strings::confirm_dose(*ago),
        Prompt::Choice(choice) => {
            let entries: Vec<String> = match choice {
                Choice::Mark => model.setup.marks.iter().map(ToString::to_string).collect(),
                Choice::Output => model.setup.outputs.iter().map(ToString::to_string).collect(),
                Choice::Phase => model.phases().into_iter().map(|kind| strings::phase(kind).to_owned()).collect(),
            };
            strings::ask_choice(*choice, &entries)
        }
    }
}

/// The latest thing worth knowing, for two minutes.
#[must_use]
pub fn notice(model: &Model, session: &Snapshot) -> Option<String> {
    // A reason says what there is to do; without one it is a matter of a moment.
    if let Contact::Lost { why } = &model.contact {
        return Some(why.as_ref().map_or_else(|| strings::LOST_PLACE.to_owned(), ToString::to_string));
    }
    if session.transport == Transport::Ready {
        let [ears, sample, comfort] =
            [Action::EarCheck, Action::Sample, Action::Comfort].map(|action| key(model, action));
        return Some(strings::tries(&ears, &sample, &comfort));
    }
    let notice = session.notices.last()?;
    let age = model.at() - notice.at;
    (age <= Span::from_mins(2)).then(|| notice.text.to_string())
}

/// By how much the end has moved since the medicine clock began, if it has for the eye.
#[must_use]
pub fn moved(model: &Model, session: &Snapshot) -> Option<String> {
    let last = |arc: &[ArcPhase]| arc.iter().rev().find_map(|phase| phase.ends);
    let by = last(&session.arc)? - last(&model.first_arc)?;
    (by.abs() >= Span::from_mins(1)).then(|| strings::moved(by))
}

/// A bar of `width` cells, `share` of it full.
#[must_use]
pub fn bar(glyphs: Glyphs, share: f32, width: u16) -> (String, String) {
    let full = (share.clamp(0.0, 1.0) * f32::from(width)).round() as usize;
    (glyphs.pick("━", "=").repeat(full), glyphs.pick("─", "-").repeat(usize::from(width) - full))
}
