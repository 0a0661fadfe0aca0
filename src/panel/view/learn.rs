//! The learn screen.

use super::list;
use super::page::Page;
use crate::panel::action::Action;
use crate::panel::learn::{Learn, choices};
use crate::panel::model::Model;
use crate::panel::strings;

/// Draws it: what to press, or what was heard and what it may do.
pub fn draw(model: &Model, learn: &Learn, page: &mut Page<'_>) {
    let (faint, plain, figure) = (page.theme.faint, page.theme.plain, page.theme.figure);
    let width = page.width().saturating_sub(4);
    page.write(2, 0, width, &[(strings::LEARN, figure)]);
    let hint = strings::learn_hint(&model.setup.keymap.first(Action::Learn));
    page.write(2, page.height().saturating_sub(1), width, &[(&hint, faint)]);
    let Learn::Choosing { key, index } = *learn else {
        page.write(2, 2, width, &[(strings::LEARN_PRESS, plain)]);
        return;
    };
    let bound = model.setup.keymap.action(key).map(|(action, _)| action.to_string());
    page.write(2, 2, width, &[(&strings::learn_heard(&key.to_string(), bound), plain)]);
    page.write(2, 3, width, &[(strings::LEARN_CHOOSE, faint)]);
    let lines: Vec<_> = choices().map(|action| (action.to_string(), action.help().to_owned())).collect();
    list::draw(page, 5, &lines, index);
}
