//! Draws the model: a pure function of it, for any size from nothing to a wall.
//!
//! *Invariant:* reads no clock and no environment; every text goes through [`page::Page`], which measures and cuts it.

mod arc;
pub mod audition;
mod before;
mod big;
mod chooser;
mod help;
mod learn;
mod lines;
mod list;
mod message;
pub mod page;
pub mod plan;
mod running;
pub mod watch;
mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::page::Page;
use super::model::{Model, Screen};
use crate::session::Transport;

/// Draws one frame.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    let mut page = Page::new(buffer, area, model.theme, model.glyphs);
    if model.dark() {
        return lines::dark(model, &mut page);
    }
    if let Some(number) = model.help {
        return help::draw(model, number, &mut page);
    }
    if let Some(state) = &model.learn {
        return learn::draw(model, state, &mut page);
    }
    if let Some(open) = model.chooser {
        return chooser::draw(model, open, &mut page);
    }
    match (model.screen, model.session().map(|session| session.transport)) {
        (Screen::Picker, _) => before::picker(model, &mut page),
        (Screen::Preflight, _) => before::preflight(model, &mut page),
        (Screen::Session, None) => message::waiting(model, &mut page),
        (Screen::Session, Some(Transport::Ended)) => message::ended(model, &mut page),
        (Screen::Session, Some(_)) if area.width < 60 || area.height < 16 => lines::draw(model, &mut page),
        (Screen::Session, Some(_)) => running::draw(model, &mut page),
    }
}
