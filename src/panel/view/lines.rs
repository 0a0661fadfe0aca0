//! The small screens: one readable line, more where there is room; and the dark screen, which is the same line alone.

use super::page::Page;
use super::words::{self, Weight};
use crate::panel::model::Model;
use crate::panel::strings;
use crate::session::Snapshot;

/// Draws as many lines as there are rows, the most important first.
pub fn draw(model: &Model, page: &mut Page<'_>) {
    let Some(session) = model.session() else { return };
    let theme = page.theme;
    let sound = words::sound(model);
    let states = words::states(model, session);
    let urgent = states.first().map(|word| word.text.as_str()).unwrap_or_default();
    let glance = format!("{}  ", glance(model, session));
    let width = page.width();
    if page.height() == 1 {
        let pieces = [
            (glance.as_str(), theme.figure),
            (short_sound(model), sound.weight.style(&theme)),
            ("  ", theme.faint),
            (urgent, theme.figure),
        ];
        page.write(0, 0, width, &pieces);
        return;
    }
    let mut rows: Vec<(String, Weight)> = vec![(glance, Weight::State)];
    rows.extend(words::answer(model).filter(|word| word.weight != Weight::Quiet).map(|word| (word.text, word.weight)));
    rows.push((sound.text, sound.weight));
    let joined = states.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("  ");
    if !joined.is_empty() {
        rows.push((
            joined,
            states.iter().map(|word| word.weight).min_by_key(|weight| *weight as u8).unwrap_or(Weight::State),
        ));
    }
    rows.push((level(session), Weight::Quiet));
    rows.extend(session.now.as_ref().map(|now| (format!("now {}", now.title), Weight::Quiet)));
    rows.extend(session.next.as_ref().map(|next| (format!("next {}", next.title), Weight::Quiet)));
    rows.extend(words::answer(model).filter(|word| word.weight == Weight::Quiet).map(|word| (word.text, word.weight)));
    for (y, (text, weight)) in rows.iter().enumerate().take(usize::from(page.height())) {
        page.write(0, y as u16, width, &[(text, weight.style(&theme))]);
    }
}

/// One faint line at the bottom, all else black. What is wrong is said, not lit.
pub fn dark(model: &Model, page: &mut Page<'_>) {
    let Some(session) = model.session() else { return };
    let faint = page.theme.faint;
    let states = words::states(model, session).into_iter().map(|word| word.text).collect::<Vec<_>>().join("  ");
    let line = format!("{}  {}  {states}", glance(model, session), words::sound(model).text);
    let bottom = page.height().saturating_sub(1);
    let margin = if page.width() > 60 { 2 } else { 0 };
    page.write(margin, bottom, page.width().saturating_sub(2 * margin), &[(line.trim_end(), faint)]);
}

/// Phase, time left and medicine clock in few columns.
fn glance(model: &Model, session: &Snapshot) -> String {
    let dose = model
        .medicine()
        .map_or(strings::NO_DOSE.to_owned(), |medicine| format!("dose {}", words::figures(medicine.since_start())));
    match &session.phase {
        Some(phase) => {
            let (figures, label) = words::phase_time(model, phase);
            let name = strings::phase(phase.kind);
            let label = if label == strings::LEFT_HERE {
                " left"
            } else if label == strings::OVER_TIME {
                " over"
            } else {
                ""
            };
            format!("{name} {figures}{label}  {dose}")
        }
        None => dose,
    }
}

/// The sound in one word.
fn short_sound(model: &Model) -> &'static str {
    match &model.status {
        _ if model.stale() => "? sound",
        Some(status) if status.output.playing => "playing",
        Some(status) if status.session.quiet.is_some() => "silent",
        _ => "! no sound",
    }
}

fn level(session: &Snapshot) -> String {
    session.cap.map_or_else(|| format!("level {}", session.level), |cap| format!("level {}, cap {cap}", session.level))
}
