//! The lists of the picker: routes, and what is left out.

use super::page::Page;
use super::{list, message};
use crate::panel::action::Action;
use crate::panel::chooser::{Chooser, Entry, List, entries};
use crate::panel::model::Model;
use crate::panel::strings;

/// Draws the open list.
pub fn draw(model: &Model, chooser: Chooser, page: &mut Page<'_>) {
    let (figure, faint) = (page.theme.figure, page.theme.faint);
    let (title, does, close) = match chooser.what {
        List::Route => (strings::ROUTE, "take it", Action::Return),
        List::Exclude => (strings::EXCLUDE, "leave out or keep", Action::Silence),
    };
    let card = model.cards.get(model.chosen).map(|card| card.title.to_string()).unwrap_or_default();
    let width = page.width().saturating_sub(4);
    page.write(2, 0, width, &[(title, figure), ("  ", faint), (&card, faint)]);
    let shape = |taken: bool| match (chooser.what, taken) {
        (_, false) => page.glyphs.pick("○ ", "( ) "),
        (List::Route, true) => page.glyphs.pick("● ", "(o) "),
        (List::Exclude, true) => page.glyphs.pick("× ", "(x) "),
    };
    let line = |Entry { taken, name, text }: Entry| (format!("{}{name}", shape(taken)), text);
    let lines: Vec<_> = entries(model, chooser.what).into_iter().map(line).collect();
    list::draw(page, 2, &lines, chooser.index);
    let keys = [(Action::Softer, "down"), (Action::Louder, "up"), (Action::Go, does), (close, "closes")];
    message::foot(model, page, &keys);
}
