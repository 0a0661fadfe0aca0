//! The small screens: one readable line, more where there is room; and the dark screen, which is the same line alone.

use super::page::Page;
use super::words::{self, Weight, Word};
use crate::panel::model::Model;
use crate::panel::strings;
use crate::session::{Snapshot, Transport};

/// Draws as many lines as there are rows, the most important first.
pub fn draw(model: &Model, page: &mut Page<'_>) {
    let Some(session) = model.session() else { return };
    let (theme, width) = (page.theme, page.width());
    let (sound, states, glance) = (words::sound(model), words::states(model, session), glance(model, session));
    if page.height() == 1 {
        let urgent = states.first().map(Word::text).unwrap_or_default();
        let short = (short_sound(model), sound.weight.style(&theme));
        page.write(
            0,
            0,
            width,
            &[(&glance, theme.figure), ("  ", theme.faint), short, ("  ", theme.faint), (&urgent, theme.figure)],
        );
        return;
    }
    let word = |weight, head: String| Word { weight, head, rest: String::new() };
    let (pressing, offered): (Vec<_>, Vec<_>) =
        words::answer(model).into_iter().partition(|word| word.weight != Weight::Quiet);
    let mut rows = vec![word(Weight::State, glance)];
    rows.extend(pressing);
    rows.push(sound);
    rows.extend(states);
    rows.extend(words::notice(model, session).map(|notice| word(Weight::State, notice)));
    rows.push(word(Weight::Quiet, level(session)));
    rows.extend(session.now.as_ref().map(|now| word(Weight::Quiet, format!("now {}", now.title))));
    rows.extend(session.next.as_ref().map(|next| word(Weight::Quiet, format!("next {}", next.title))));
    rows.extend(offered);
    for (y, row) in (0..page.height()).zip(&rows) {
        page.write(0, y, width, &row.pieces(&theme));
    }
}

/// One faint line at the bottom, all else black. What is wrong is said, not lit: a session is dark most of the time.
pub fn dark(model: &Model, page: &mut Page<'_>) {
    let Some(session) = model.session() else { return };
    let states = words::states(model, session).iter().map(Word::text).collect::<Vec<_>>().join("  ");
    let notice = words::notice(model, session).map(|notice| format!("{notice}  ")).unwrap_or_default();
    let line = format!("{}  {}  {notice}{states}", glance(model, session), words::sound(model).head);
    let margin = if page.width() > 60 { 2 } else { 0 };
    let bottom = page.height().saturating_sub(1);
    page.write(margin, bottom, page.width().saturating_sub(2 * margin), &[(line.trim_end(), page.theme.faint)]);
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
        None if session.transport == Transport::Ready => format!("{}  {}", session.title, session.route),
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
