//! One message in, a new model and a few commands out. Reads no clock.

use std::time::Duration;

use super::action::Action;
use super::before::ItemState;
use super::chooser::{self, List};
use super::input::{AGAIN, BOUNCE, Heard, Press, REPEAT};
use super::key::Key;
use super::learn::{self, Learn};
use super::link::{LinkEvent, Order};
use super::lock::{self, PinAnswer};
use super::message::{Command, Message};
use super::model::{Contact, Model, Screen};
use super::prompt::{Answer, Context, Minutes, Prompt};
use super::run::Exit;
use super::strings;
use super::theme::Theme;
use super::trial;
use super::verbs;
use crate::session::{Source, Transport, Verb};
use crate::wire::{Request, Status, Update};

/// A host that says nothing is asked after this long.
const ASK: Duration = Duration::from_millis(1500);
/// Lines by which a key turns the report.
const REPORT_TURN: isize = 8;
/// How long a question stays.
const QUESTION: Duration = Duration::from_secs(15);

/// Takes in one message.
pub fn update(model: &mut Model, message: Message) -> Vec<Command> {
    let mut commands = Vec::new();
    match message {
        Message::Key { key, at } => {
            advance(model, at, &mut commands);
            let heard = model.ear.hear(&key, at);
            hear(model, heard, &mut commands);
        }
        Message::Link { event, at } => {
            advance(model, at, &mut commands);
            told(model, event, &mut commands);
        }
        Message::Resize => model.ask_repaint(),
        Message::Tick { at } => {
            advance(model, at, &mut commands);
            ask_a_silent_host(model, &mut commands);
        }
    }
    commands
}

/// Lets time pass: what waited for it is done or forgotten.
fn advance(model: &mut Model, at: Duration, commands: &mut Vec<Command>) {
    model.now = model.now.max(at);
    let heard = model.ear.due(at);
    hear(model, heard, commands);
    if let Some((action, source)) = model.two_presses.due(at) {
        perform(model, action, source, commands);
    }
    model.let_go();
}

/// A host that lives but has nothing to say is asked now and then, so that its silence is never taken for a promise.
fn ask_a_silent_host(model: &mut Model, commands: &mut Vec<Command>) {
    let silent = model.now.saturating_sub(model.heard.max(model.asked));
    if model.contact == Contact::Live && silent >= ASK {
        model.asked = model.now;
        commands.push(Command::Order(Order::Send(Request::Status)));
    }
}

fn hear(model: &mut Model, heard: Vec<Heard>, commands: &mut Vec<Command>) {
    for one in heard {
        model.touch();
        match one {
            Heard::Press(press) => pressed(model, press, commands),
            Heard::Control => model.say(strings::CONTROL),
        }
    }
}

/// A key went down: the open question or the help page may take it, else it does what it is bound to.
fn pressed(model: &mut Model, press: Press, commands: &mut Vec<Command>) {
    let bound = model.setup.keymap.action(press.key);
    if lock::takes(model, press, bound, commands) {
        return;
    }
    if model.help.is_some() && press.since >= REPEAT {
        let page = model.help.take();
        match bound {
            _ if press.key == Key::Esc => return,
            Some((Action::Help, _)) => {
                model.help = page.map(|page| page + 1);
                return;
            }
            Some(_) => {}
            None => return,
        }
    }
    if let Some(learn) = model.learn.take() {
        return learn::pressed(model, learn, press, commands);
    }
    if let Some(chooser) = model.chooser.take() {
        return chooser::pressed(model, chooser, press, bound.map(|(action, _)| action), commands);
    }
    if trial::pressed(model, press, bound.map(|(action, _)| action), commands) {
        return;
    }
    if ask(model, press, bound.map(|(action, _)| action), commands) {
        return;
    }
    let Some((action, source)) = bound else { return };
    if needs_two(model, action) {
        model.two_presses.press(action, source, press);
        return;
    }
    let too_soon = match action {
        Action::Mute => BOUNCE,
        quick if quick.may_be_quick() => REPEAT,
        _ => AGAIN,
    };
    if press.since >= too_soon {
        model.two_presses.forget();
        perform(model, action, source, commands);
    }
}

/// Lets the open question take the key; `false` when there is none or the key is not for it.
fn ask(model: &mut Model, press: Press, bound: Option<Action>, commands: &mut Vec<Command>) -> bool {
    let Some((prompt, opener, until)) = model.prompt.take() else { return false };
    let same = bound == Some(opener);
    if press.since < if same { AGAIN } else { BOUNCE } {
        model.prompt = Some((prompt, opener, until));
        return true;
    }
    let phases = model.phases();
    let context = Context {
        medicine: model.medicine().map(|medicine| medicine.since_start()),
        marks: &model.setup.marks,
        outputs: &model.setup.outputs,
        phases: &phases,
    };
    match prompt.answer(press.key, same, &context) {
        Answer::NotMine => {
            model.say_not_done(&prompt);
            return false;
        }
        Answer::Stay(prompt) => model.prompt = Some((prompt, opener, model.now + QUESTION)),
        Answer::Close => {}
        Answer::Do(verb) => send(model, verb, Source::Key, commands),
    }
    true
}

/// Whether the action takes a second press in this state.
fn needs_two(model: &Model, action: Action) -> bool {
    match action {
        Action::Quit => model.in_session() && model.lock.is_none(),
        Action::Go if model.shut() => true,
        Action::Go => {
            let unready = model.count(ItemState::Bad) + model.count(ItemState::Checking);
            model.screen == Screen::Preflight && (unready > 0 || model.checks.is_empty())
        }
        action => action.takes_two() && model.in_session(),
    }
}

/// Does what a key is bound to, on the screen that is shown.
fn perform(model: &mut Model, action: Action, source: Source, commands: &mut Vec<Command>) {
    match (action, model.screen) {
        (Action::Help, _) => model.help = Some(0),
        (Action::Learn, _) if model.in_session() => model.say(strings::LEARN_BEFORE),
        (Action::Learn, _) => model.learn = Some(Learn::Listening),
        (Action::Dim, _) => {
            model.darkened = !model.darkened;
            model.shown_until = model.now;
        }
        (Action::Theme, _) => next_theme(model, commands),
        (Action::Go, _) if model.shut() => open_keys(model),
        (Action::Quit, _) => match &mut model.lock {
            Some(lock) => lock.ask(model.now),
            None => quit(model, commands),
        },
        (Action::Go, Screen::Picker) => open(model, commands),
        (Action::Louder, Screen::Picker) => model.chosen = model.chosen.saturating_sub(1),
        (Action::Softer, Screen::Picker) => {
            model.chosen = (model.chosen + 1).min(model.cards.len().saturating_sub(1));
        }
        // The picker has no session to cross or to silence: it borrows their keys, as it does the arrows.
        (Action::Return, Screen::Picker) => chooser::open(model, List::Route),
        (Action::Silence, Screen::Picker) => chooser::open(model, List::Exclude),
        (Action::EarCheck, _) => trial::check_ears(model, commands),
        (Action::Sample, _) => trial::sample(model, commands),
        (Action::Mute, _) if model.sampling.is_some() => trial::stop(model, commands),
        (Action::Go, Screen::Preflight) => {
            model.preflight_passed = true;
            model.screen = Screen::Session;
        }
        (Action::CheckAgain, Screen::Preflight) => {
            model.say(strings::CHECKING_AGAIN);
            commands.push(Command::Order(Order::CheckAgain));
        }
        (Action::Undo, Screen::Preflight) if !model.cards.is_empty() => next_client(model, commands),
        (Action::Go, Screen::Session) => go(model, source, commands),
        // Nothing is left to be softer or louder: the arrows turn the report.
        (Action::Softer, Screen::Session) if model.is_over() => model.turn_report(REPORT_TURN),
        (Action::Louder, Screen::Session) if model.is_over() => model.turn_report(-REPORT_TURN),
        (Action::CheckAgain, _) => {}
        (action, _) => intend(model, action, source, commands),
    }
}

/// An action that is about the session.
fn intend(model: &mut Model, action: Action, source: Source, commands: &mut Vec<Command>) {
    let Some(session) = model.session() else {
        model.say(strings::NO_HOST);
        return;
    };
    let dosed = session.medicine.is_some();
    if let Some(verb) = verbs::for_action(action, session) {
        if matches!(verb, Verb::Start | Verb::Comfort) {
            trial::stop(model, commands);
        }
        if action == Action::Dose && dosed {
            model.prompt = Some((Prompt::minutes(Minutes::DoseAgain), action, model.now + QUESTION));
            return;
        }
        if action == Action::Dose {
            model.prompt = Some((Prompt::minutes(Minutes::DoseMarked), action, model.now + QUESTION));
        }
        send(model, verb, source, commands);
    } else if action == Action::Output && model.setup.outputs.is_empty() {
        model.say(strings::NO_OUTPUTS);
    } else if let Some(prompt) = verbs::question(action) {
        model.prompt = Some((prompt, action, model.now + QUESTION));
    }
}

fn send(model: &mut Model, verb: Verb, source: Source, commands: &mut Vec<Command>) {
    if matches!(model.contact, Contact::Lost { .. }) {
        model.say(strings::NOT_PASSED_ON);
    } else {
        commands.push(Command::Order(Order::Send(Request::Verb { verb, source })));
    }
}

/// What the session's screen offers next.
fn go(model: &mut Model, source: Source, commands: &mut Vec<Command>) {
    match model.session().map(|session| session.transport) {
        Some(Transport::Ready) => send(model, Verb::Start, source, commands),
        Some(Transport::Ended) => next_client(model, commands),
        _ => {}
    }
}

fn open(model: &mut Model, commands: &mut Vec<Command>) {
    let Some(card) = model.cards.get(model.chosen) else { return };
    if card.looking {
        model.say(strings::STILL_LOOKING_AT_IT);
    } else if card.errors > 0 {
        model.say(strings::CANNOT_OPEN);
    } else {
        commands.push(Command::Order(Order::Open { id: card.id, choices: card.choices.clone() }));
        model.screen = Screen::Preflight;
    }
}

/// The colours change at once, and the settings remember.
fn next_theme(model: &mut Model, commands: &mut Vec<Command>) {
    let name = model.setup.theme.next();
    model.setup.theme = name;
    model.theme = Theme::new(name, model.setup.depth);
    model.ask_repaint();
    model.say(strings::theme(name));
    commands.push(Command::Order(Order::Theme(name)));
}

fn next_client(model: &mut Model, commands: &mut Vec<Command>) {
    model.forget_session();
    model.ask_repaint();
    commands.push(Command::Order(Order::NextClient));
}

fn quit(model: &Model, commands: &mut Vec<Command>) {
    if model.in_session() {
        commands.push(Command::Exit(Exit::Detached));
    } else {
        // Only a host that is known to have nothing to play is told to leave.
        if model.status.is_some() {
            commands.push(Command::Order(Order::Send(Request::Leave)));
        }
        commands.push(Command::Exit(Exit::Quit));
    }
}

fn open_keys(model: &mut Model) {
    if let Some(lock) = &mut model.lock {
        lock.open();
        model.say(strings::UNLOCKED);
    }
}

fn told_of_pin(model: &mut Model, answer: PinAnswer, commands: &mut Vec<Command>) {
    if answer == PinAnswer::Right {
        quit(model, commands);
    } else {
        model.say(strings::pin(answer));
    }
}

/// Takes in what the panel's owner said.
fn told(model: &mut Model, event: LinkEvent, commands: &mut Vec<Command>) {
    match event {
        LinkEvent::Playlists(cards) => {
            model.chosen = model.chosen.min(cards.len().saturating_sub(1));
            model.cards = cards;
            if model.status.is_none() && model.screen == Screen::Session {
                model.screen = Screen::Picker;
            }
        }
        LinkEvent::Playlist(card) => {
            if let Some(known) =
                model.cards.iter_mut().find(|known| known.id == card.id && known.choices == card.choices)
            {
                *known = *card;
            }
        }
        LinkEvent::Preflight(checks) => {
            model.checks = checks;
            if !model.preflight_passed && !model.in_session() && model.screen == Screen::Session {
                model.screen = Screen::Preflight;
            }
        }
        LinkEvent::Connected => {
            model.contact = Contact::Live;
            commands.push(Command::Order(Order::Send(Request::Watch)));
        }
        LinkEvent::Update(update) => match *update {
            Update::Status(status) => show(model, *status),
            Update::Refused { why } => {
                // A dose that was not taken must not be shown as marked.
                let marked = |prompt: &Prompt| matches!(prompt, Prompt::Minutes { what: Minutes::DoseMarked, .. });
                model.prompt.take_if(|(prompt, ..)| marked(prompt));
                model.ears = model.ears.let_go();
                model.sampling = None;
                model.say(why.as_str());
            }
            Update::Hello(_) | Update::Done => {}
        },
        LinkEvent::Lost { why } => model.contact = Contact::Lost { why },
        LinkEvent::Report(lines) => (model.report, model.report_from) = (lines, 0),
        LinkEvent::Said(sentence) => model.say(sentence.as_str()),
        LinkEvent::Pin(answer) => told_of_pin(model, answer, commands),
        LinkEvent::Repaint => model.ask_repaint(),
        LinkEvent::Hangup => commands.push(Command::Exit(Exit::TerminalLost)),
        LinkEvent::Terminate => commands.push(Command::Exit(Exit::Terminated)),
    }
}

/// Takes in the state of the session.
fn show(model: &mut Model, status: Status) {
    if model.forgotten.as_ref() == Some(&status.code) {
        return; // A late word of the session before this one.
    }
    let same = model.status.as_ref().is_some_and(|before| before.code == status.code);
    let dosed_before = model.session().is_some_and(|session| session.medicine.is_some());
    if !same {
        model.first_arc.clear();
        model.report.clear();
    }
    if model.first_arc.is_empty() || (status.session.medicine.is_some() && !dosed_before) {
        model.first_arc.clone_from(&status.session.arc);
    }
    model.contact = Contact::Live;
    model.heard = model.now;
    model.status = Some(status);
    if model.in_session() {
        model.learn = None;
        model.sampling = None;
        model.ears = model.ears.let_go();
        model.screen = Screen::Session;
    } else if model.is_over() {
        model.prompt = None;
        model.two_presses.forget();
    }
}
