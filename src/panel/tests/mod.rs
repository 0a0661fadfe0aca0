//! The panel without a terminal: a model fed with keys and news, drawn onto a grid of cells.

mod around;
mod hands;
mod kiosk;
mod light;
mod scenes;

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::link::{LinkEvent, Order};
use super::message::{Command, Message};
use super::model::Model;
use super::setup::{Depth, Setup, Start, ThemeName};
use super::update::update;
use super::view::view;
use crate::session::{
    Advance, ArcPhase, NextView, NowView, PhaseKind, PhaseView, Snapshot, Transport, UndoOffer, Verb,
};
use crate::units::{Decibels, MedicineTime, SessionTime, Span, TrackTime};
use crate::wire::{OutputHealth, OutputView, Request, Status, Update};

/// A setup for tests: full colour, UTF-8, no dimming by itself.
pub fn setup(start: Start) -> Setup {
    let known = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")];
    let look = |name: &str| known.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Setup { dim_after: None, theme: ThemeName::Amber, depth: Depth::True, ..Setup::for_terminal(start, look) }
}

pub fn at(minutes: i64, seconds: i64) -> SessionTime {
    SessionTime::at(Span::from_mins(minutes) + Span::from_secs(seconds))
}

/// The arc of an intramuscular session that was dosed at 15:00.
pub fn arc() -> Vec<ArcPhase> {
    let edges =
        [(0, 15, (2, 2)), (15, 19, (2, 3)), (19, 27, (3, 4)), (27, 53, (5, 5)), (53, 77, (4, 2)), (77, 105, (2, 1))];
    PhaseKind::ALL
        .into_iter()
        .zip(edges)
        .map(|(kind, (begins, ends, intensity))| ArcPhase {
            kind,
            title: kind.name().into(),
            begins: Some(at(begins, 0)),
            ends: Some(at(ends, 0)),
            intensity,
        })
        .collect()
}

/// The middle of a session: 40:30 in, 25:30 after the dose, at the peak, all well.
pub fn peak() -> Status {
    Status {
        code: "K7M2QD".into(),
        rehearsal: None,
        session: Snapshot {
            title: "Low tide".into(),
            route: "im".into(),
            at: at(40, 30),
            medicine: Some(MedicineTime::at(Span::from_secs(25 * 60 + 30))),
            transport: Transport::Running,
            phase: Some(PhaseView {
                kind: PhaseKind::Peak,
                title: "Open water".into(),
                entered: at(27, 0),
                ends: Some(at(53, 0)),
                advance: Advance::Auto,
                overdue: false,
                countdown: None,
                steer: None,
            }),
            now: Some(NowView {
                title: "Slow light".into(),
                artist: Some("Anna Berg".into()),
                position: TrackTime::at(Span::from_secs(200)),
                until: TrackTime::at(Span::from_secs(460)),
                crossing: false,
            }),
            next: Some(NextView { title: "Wide river".into(), at: Some(at(44, 50)), phase: PhaseKind::Peak }),
            level: Decibels(-12.0),
            cap: Some(Decibels(-9.0)),
            ducked: false,
            quiet: None,
            arc: arc(),
            ends: Some(at(105, 0)),
            undo: None,
            cue: None,
            observation: None,
            notices: Vec::new(),
        },
        output: OutputView {
            name: "USB headphones".into(),
            health: OutputHealth::Running,
            playing: true,
            state: "playing".into(),
            meter: (Decibels(-27.4), Decibels(-26.8)),
            latency: Some(Span::from_millis(31)),
            xruns: 0,
            lead: Span::from_secs(60),
            each: Vec::new(),
        },
    }
}

/// Preparation before the dose.
pub fn preparation() -> Status {
    let mut status = peak();
    let session = &mut status.session;
    session.at = at(6, 10);
    session.medicine = None;
    session.ends = None;
    session.phase = Some(PhaseView {
        kind: PhaseKind::Preparation,
        title: "Arriving".into(),
        entered: at(0, 0),
        ends: None,
        advance: Advance::Manual,
        overdue: false,
        countdown: None,
        steer: None,
    });
    session.cap = None;
    status
}

/// A panel, and the time and the requests since it was opened.
pub struct Bench {
    pub model: Model,
    pub now: Duration,
    pub commands: Vec<Command>,
}

impl Bench {
    pub fn new(start: Start) -> Self {
        Self { model: Model::new(setup(start)), now: Duration::ZERO, commands: Vec::new() }
    }

    /// A panel that is connected and has been told this.
    pub fn with(status: Status) -> Self {
        let mut bench = Self::new(Start::Session);
        bench.told(LinkEvent::Connected);
        bench.status(status);
        bench.commands.clear();
        bench
    }

    pub fn told(&mut self, event: LinkEvent) {
        let message = Message::Link { event, at: self.now };
        self.commands.extend(update(&mut self.model, message));
    }

    pub fn status(&mut self, status: Status) {
        self.told(LinkEvent::Update(Box::new(Update::Status(Box::new(status)))));
    }

    /// Lets time pass, in steps as short as the panel asks for.
    pub fn wait(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while self.now < end {
            self.now = (self.now + self.model.until_change()).min(end);
            self.commands.extend(update(&mut self.model, Message::Tick { at: self.now }));
        }
    }

    /// One key event, without waiting.
    pub fn event(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let message = Message::Key { key: KeyEvent::new(code, modifiers), at: self.now };
        self.commands.extend(update(&mut self.model, message));
    }

    /// Keys by name, a calm second apart.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.event(code(key), KeyModifiers::NONE);
            self.wait(1000);
        }
    }

    /// The verbs asked for since the last call, as written in scripts.
    pub fn verbs(&mut self) -> Vec<String> {
        let verb = |command| match command {
            Command::Order(Order::Send(Request::Verb { verb, .. })) => Some(Verb::to_string(&verb)),
            _ => None,
        };
        self.commands.drain(..).filter_map(verb).collect()
    }

    pub fn draw(&self, width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        view(&self.model, area, &mut buffer);
        buffer
    }

    /// The screen as text, without trailing spaces.
    pub fn text(&self, width: u16, height: u16) -> String {
        let buffer = self.draw(width, height);
        let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(row).collect::<Vec<_>>().join("\n")
    }
}

/// A key's name as the terminal would send it.
pub fn code(name: &str) -> KeyCode {
    match name {
        "space" => KeyCode::Char(' '),
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "f2" => KeyCode::F(2),
        "f3" => KeyCode::F(3),
        "f5" => KeyCode::F(5),
        "page-up" => KeyCode::PageUp,
        "page-down" => KeyCode::PageDown,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        character => KeyCode::Char(character.chars().next().expect("a key has a name")),
    }
}

/// An offer to take that back.
pub fn offer(verb: Verb) -> Option<UndoOffer> {
    Some(UndoOffer { verb, left: Span::from_secs(24) })
}
