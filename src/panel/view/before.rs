//! Before a session: which playlist, and whether everything is as it should be.

use super::arc::{Arc, Frame};
use super::message::foot;
use super::page::Page;
use crate::panel::action::Action;
use crate::panel::before::{ItemState, PlaylistCard, PreflightItem};
use crate::panel::model::Model;
use crate::panel::strings;
use crate::units::Span;

/// The list of playlists, and the arc of the chosen one where there is room.
pub fn picker(model: &Model, page: &mut Page<'_>) {
    let width = page.width().saturating_sub(4);
    page.write(2, 0, width, &[(strings::PICK, page.theme.figure)]);
    if model.cards.is_empty() {
        page.write(2, 2, width, &[(strings::NO_PLAYLISTS, page.theme.plain)]);
        return foot(model, page, &[(Action::Quit, "leave"), (Action::Help, "keys")]);
    }
    let with_arc = page.height() >= 16 && page.width() >= 60;
    let arc_rows = if with_arc { (page.height() / 3).min(12) } else { 0 };
    let rows = usize::from(page.height().saturating_sub(4 + arc_rows)).max(1);
    let first = model.chosen.saturating_sub(rows - 1);
    for (index, card) in model.cards.iter().enumerate().skip(first).take(rows) {
        card_row(page, 2 + (index - first) as u16, card, index == model.chosen);
    }
    if let Some(card) = model.cards.get(model.chosen) {
        let y = page.height().saturating_sub(arc_rows + 2);
        if with_arc {
            let frame = Frame { x: 2, y, width, height: arc_rows };
            Arc { phases: &card.arc, first: &[], now: None, dose: None }.draw(page, frame);
        }
        // An error is why it cannot be opened; it matters more than what was chosen.
        let chosen = strings::chosen(card.choices.route.as_ref().map(|_| card.route.as_str()), &card.choices.exclude);
        let said =
            card.finding.as_ref().filter(|_| card.errors > 0 || chosen.is_empty()).map(|finding| finding.as_str());
        page.write(2, page.height().saturating_sub(2), width, &[(said.unwrap_or(&chosen), page.theme.plain)]);
    }
    let keys = [
        (Action::Go, "open"),
        (Action::Return, "route"),
        (Action::Silence, "leave out"),
        (Action::Learn, "teach a clicker"),
        (Action::Help, "keys"),
        (Action::Quit, "leave"),
    ];
    foot(model, page, &keys);
}

fn card_row(page: &mut Page<'_>, y: u16, card: &PlaylistCard, chosen: bool) {
    let (faint, plain, figure) = (page.theme.faint, page.theme.plain, page.theme.figure);
    let style = if chosen { figure } else { plain };
    let state =
        if card.looking { strings::LOOKING_SHORT.to_owned() } else { strings::findings(card.errors, card.warnings) };
    let length = if card.length == Span::ZERO { String::new() } else { strings::minutes(card.length) };
    let mark = if chosen { page.glyphs.pick("▸ ", "> ") } else { "  " };
    let facts = match page.width() {
        // No room for more than its length, or what is the matter with it.
        0..60 if card.looking || card.errors > 0 => state,
        0..60 => length,
        _ => {
            let route: String = card.route.as_str().chars().take(10).collect();
            format!("{length:>8}  {route:<10}  {state:<11}")
        }
    };
    let edge = page.write_right(y, 2, &[(&facts, if chosen { plain } else { faint })]);
    page.write(2, y, edge.saturating_sub(4), &[(mark, style), (card.title.as_str(), style)]);
}

/// The preflight list: what is wrong first, each with its fix.
pub fn preflight(model: &Model, page: &mut Page<'_>) {
    let width = page.width().saturating_sub(4);
    let (figure, faint) = (page.theme.figure, page.theme.faint);
    let title = model.cards.get(model.chosen).map(|card| card.title.to_string()).unwrap_or_default();
    page.write(2, 0, width, &[(strings::PREFLIGHT, figure), ("  ", faint), (&title, faint)]);
    let mut items = model.items();
    items.sort_by_key(|item| rank(item.state));
    if items.is_empty() {
        page.write(2, 2, width, &[(strings::LOOKING, faint)]);
    }
    let last = page.height().saturating_sub(3);
    let mut y = 2;
    let all = items.len();
    for (index, item) in items.into_iter().enumerate() {
        let fix = item.fix.as_ref().filter(|_| item.state != ItemState::Good);
        if y + u16::from(fix.is_some()) > last {
            page.write(2, page.height().saturating_sub(2), width, &[(&strings::more(all - index), faint)]);
            break;
        }
        y += item_rows(page, y, &item, fix.map(|fix| fix.as_str()));
    }
    let mut keys = vec![(Action::Go, "go on"), (Action::EarCheck, "ears"), (Action::CheckAgain, "look again")];
    if !model.cards.is_empty() {
        keys.push((Action::Undo, "another playlist"));
    }
    foot(model, page, &keys);
}

/// Writes one item and its fix; returns the rows it took.
fn item_rows(page: &mut Page<'_>, y: u16, item: &PreflightItem, fix: Option<&str>) -> u16 {
    let theme = page.theme;
    let (shape, word, style) = match item.state {
        ItemState::Good => (page.glyphs.pick("●", "[+]"), "good   ", theme.faint),
        ItemState::Caution => (page.glyphs.pick("▲", "[!]"), "caution", theme.plain),
        ItemState::Bad => (page.glyphs.pick("■", "[X]"), "fix it ", theme.bright),
        ItemState::Checking => (page.glyphs.pick("○", "[ ]"), "looking", theme.faint),
    };
    let width = page.width().saturating_sub(4);
    let text = [(shape, style), (" ", style), (word, style), ("  ", style), (item.name.as_str(), theme.plain)];
    let column = page.write(2, y, width, &text).max(24.min(page.width() / 2));
    page.write(column + 2, y, (width + 2).saturating_sub(column + 2), &[(item.text.as_str(), theme.faint)]);
    let Some(fix) = fix else { return 1 };
    page.write(14, y + 1, width.saturating_sub(12), &[(fix, theme.plain)]);
    2
}

const fn rank(state: ItemState) -> u8 {
    match state {
        ItemState::Bad => 0,
        ItemState::Caution => 1,
        ItemState::Checking => 2,
        ItemState::Good => 3,
    }
}
