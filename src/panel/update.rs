//! One message in, a new model and a few commands out. Reads no clock.

use super::link::{LinkEvent, Order};
use super::message::{Command, Message};
use super::model::Model;
use super::run::Exit;
use crate::wire::{Request, Update};
use crossterm::event::KeyCode;

/// Takes in one message.
pub fn update(model: &mut Model, message: Message) -> Vec<Command> {
    match message {
        Message::Key { key, at } => {
            model.now = at;
            let quit = key.code == KeyCode::Char('q') && model.status.is_none();
            if quit { vec![Command::Order(Order::Send(Request::Leave)), Command::Exit(Exit::Quit)] } else { Vec::new() }
        }
        Message::Link { event, at } => {
            model.now = at;
            told(model, event)
        }
        Message::Resize => {
            model.ask_repaint();
            Vec::new()
        }
        Message::Tick { at } => {
            model.now = at;
            Vec::new()
        }
    }
}

/// Takes in what the panel's owner said.
fn told(model: &mut Model, event: LinkEvent) -> Vec<Command> {
    match event {
        LinkEvent::Connected => return vec![Command::Order(Order::Send(Request::Watch))],
        LinkEvent::Update(update) => {
            if let Update::Status(status) = *update {
                model.status = Some(*status);
            }
        }
        LinkEvent::Repaint => model.ask_repaint(),
        LinkEvent::Hangup => return vec![Command::Exit(Exit::TerminalLost)],
        LinkEvent::Terminate => return vec![Command::Exit(Exit::Terminated)],
        LinkEvent::Playlists(_) | LinkEvent::Preflight(_) | LinkEvent::Lost { .. } | LinkEvent::Report(_) => {}
    }
    Vec::new()
}
