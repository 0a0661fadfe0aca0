//! The keys and what they do, made from the keymap.

use super::page::Page;
use crate::panel::action::Action;
use crate::panel::model::Model;
use crate::panel::strings;

/// The widest help line: keys, gap and sentence.
const COLUMN: u16 = 60;
const KEYS: u16 = 16;

/// Draws page `number` of the list; pages wrap round.
pub fn draw(model: &Model, number: usize, page: &mut Page<'_>) {
    let lines: Vec<(String, &str)> =
        Action::all().map(|action| (keys(model, action), action.help())).filter(|(keys, _)| !keys.is_empty()).collect();
    let rows = usize::from(page.height().saturating_sub(3)).max(1);
    let columns = usize::from((page.width() / COLUMN).max(1));
    let pages = lines.len().div_ceil(rows * columns).max(1);
    let shown = number % pages;
    let (faint, plain, figure) = (page.theme.faint, page.theme.plain, page.theme.figure);
    let title = format!("{} {} of {pages}", strings::HELP, shown + 1);
    page.write(2, 0, page.width().saturating_sub(2), &[(&title, figure)]);
    for (index, (keys, sentence)) in lines.iter().skip(shown * rows * columns).take(rows * columns).enumerate() {
        let x = 2 + (index / rows) as u16 * COLUMN;
        let y = 2 + (index % rows) as u16;
        page.write(x, y, KEYS - 1, &[(keys, figure)]);
        page.write(x + KEYS, y, page.width().saturating_sub(x + KEYS), &[(sentence, plain)]);
    }
    let hint = strings::help_hint(&model.setup.keymap.first(Action::Help));
    page.write_right(0, 2, &[(&hint, faint)]);
}

/// The keys of an action.
fn keys(model: &Model, action: Action) -> String {
    model.setup.keymap.keys(action).map(|key| key.to_string()).collect::<Vec<_>>().join(" ")
}
