//! The screens of few words: waiting for the host, and after the end.

use super::page::Page;
use crate::panel::action::Action;
use crate::panel::model::{Contact, Model};
use crate::panel::strings;

/// No session is known yet, or none any more.
pub fn waiting(model: &Model, page: &mut Page<'_>) {
    let middle = page.height() / 2;
    let (first, second) = match &model.contact {
        Contact::Lost { why: Some(why) } => (strings::LOST, why.as_str()),
        Contact::Lost { why: None } => (strings::LOST, strings::WAITING_MORE),
        Contact::Waiting | Contact::Live => (strings::WAITING, strings::WAITING_MORE),
    };
    page.write_centred(middle.saturating_sub(1), &[(first, page.theme.figure)]);
    page.write_centred(middle, &[(second, page.theme.faint)]);
    foot(model, page, &[(Action::Help, "keys"), (Action::Quit, "leave")]);
}

/// Nothing plays any more; the report, and on to the next client.
pub fn ended(model: &Model, page: &mut Page<'_>) {
    let (figure, plain, faint) = (page.theme.figure, page.theme.plain, page.theme.faint);
    let width = page.width().saturating_sub(4);
    page.write(2, 0, width, &[(strings::ENDED, figure)]);
    page.write(2, 1, width, &[(strings::ENDED_MORE, faint)]);
    let rows = usize::from(page.height().saturating_sub(5));
    if model.report.is_empty() {
        page.write(2, 3, width, &[(strings::REPORT_COMING, faint)]);
    }
    // The last page is a full one.
    let first = model.report_from.min(model.report.len().saturating_sub(rows));
    for (y, line) in (3..).zip(model.report.iter().skip(first).take(rows)) {
        page.write(2, y, width, &[(line.as_str(), plain)]);
    }
    let mut keys = vec![(Action::Go, "next client"), (Action::Quit, "leave"), (Action::Help, "keys")];
    if model.report.len() > rows {
        keys.extend([(Action::Softer, "further"), (Action::Louder, "back")]);
    }
    foot(model, page, &keys);
}

/// The last sentence, if any, else the keys that matter here, on the bottom row.
pub fn foot(model: &Model, page: &mut Page<'_>, keys: &[(Action, &str)]) {
    let (y, width) = (page.height().saturating_sub(1), page.width().saturating_sub(4));
    if let Some(word) = super::words::answer(model).filter(|word| word.weight != super::words::Weight::Quiet) {
        page.write(2, y, width, &word.pieces(&page.theme));
        return;
    }
    self::keys(model, page, keys);
}

/// Keys and what they do here, on the bottom row.
pub fn keys(model: &Model, page: &mut Page<'_>, keys: &[(Action, &str)]) {
    let (y, width) = (page.height().saturating_sub(1), page.width().saturating_sub(4));
    let hints: Vec<String> =
        keys.iter().map(|(action, word)| format!("{} {word}", super::words::key(model, *action))).collect();
    page.write(2, y, width, &[(&hints.join("  "), page.theme.faint)]);
}
