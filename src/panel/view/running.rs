//! The running screen: one glance gives the phase and its time left, the medicine clock, the arc, now, next, the level and
//! what is known of the sound.

use super::arc::{Arc, Frame};
use super::big::{self, Scale};
use super::page::Page;
use super::words::{self, Weight};
use crate::panel::action::Action;
use crate::panel::model::Model;
use crate::panel::strings;
use crate::session::Snapshot;
use crate::units::{SessionTime, TrackTime};

/// Columns left free at both sides.
const MARGIN: u16 = 2;
/// Columns of the labels before now, next, level and sound.
const LABEL: u16 = 8;

/// Draws it; the page is at least 60 by 16.
pub fn draw(model: &Model, page: &mut Page<'_>) {
    let Some(session) = model.session() else { return };
    let tall = page.height() >= 22;
    header(model, session, page);
    let figures = 1 + u16::from(tall);
    let below = clocks(model, session, page, figures);
    state_row(model, session, page, below);
    let info = page.height().saturating_sub(if tall { 8 } else { 6 });
    let arc_from = below + 1 + u16::from(tall);
    let room = info.saturating_sub(arc_from + u16::from(tall));
    let frame = Frame { x: MARGIN, y: arc_from, width: page.width() - 2 * MARGIN, height: room.min(18) };
    let dose = session.medicine.map(|medicine| session.at - medicine.since_start());
    Arc { phases: &session.arc, first: &model.first_arc, now: Some(model.at()), dose }.draw(page, frame);
    now_row(model, session, page, info);
    next_row(model, session, page, info + 1);
    level_row(model, session, page, info + 2);
    sound_row(model, page, info + 3);
    foot(model, session, page, info + 4, tall);
}

fn header(model: &Model, session: &Snapshot, page: &mut Page<'_>) {
    let (faint, figure) = (page.theme.faint, page.theme.figure);
    let clock = format!("session {}", model.at());
    let rehearsal = model.status.as_ref().and_then(|status| status.rehearsal);
    let marked = rehearsal.map(|speed| format!("[{} x{speed}]  ", strings::REHEARSAL)).unwrap_or_default();
    let right = page.write_right(0, MARGIN, &[(&marked, figure), (&clock, faint)]);
    let title = [(session.title.as_str(), faint), ("  ", faint), (session.route.as_str(), faint)];
    page.write(MARGIN, 0, right.saturating_sub(MARGIN + 2), &title);
}

/// The two clocks in large figures with their labels above; returns the row under them.
fn clocks(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) -> u16 {
    let (phase_figures, phase_label, title) = match &session.phase {
        Some(phase) => {
            let (figures, label) = words::phase_time(model, phase);
            (figures, label, phase.title.to_string())
        }
        None => ("--:--".to_owned(), "", String::new()),
    };
    let (dose_figures, dose_label) = words::medicine(model.medicine());
    let inner = page.width() - 2 * MARGIN;
    let (large, small) = scales(page, inner, &phase_figures, &dose_figures);
    let (figure, plain, faint) = (page.theme.figure, page.theme.plain, page.theme.faint);
    let dose_width = small.columns(&dose_figures).max(dose_label.len() as u16);
    let dose_x = page.width() - MARGIN - dose_width;
    page.write(MARGIN, y, dose_x - MARGIN - 2, &[(&title, figure), ("  ", faint), (phase_label, faint)]);
    page.write(dose_x, y, dose_width, &[(dose_label, faint)]);
    big::draw(page, MARGIN, y + 1, large, &phase_figures, figure);
    let drop = large.rows() - small.rows();
    big::draw(page, dose_x, y + 1 + drop, small, &dose_figures, plain);
    y + 1 + large.rows()
}

/// The largest figures for which both clocks fit side by side; the phase's may be a size larger.
fn scales(page: &Page<'_>, inner: u16, phase: &str, dose: &str) -> (Scale, Scale) {
    let most = match page.height() {
        0..22 => 1,
        22..40 => 2,
        _ => 3,
    };
    let sizes = [(3, 3), (3, 2), (2, 2), (2, 1), (1, 1)];
    sizes
        .into_iter()
        .filter(|(large, _)| *large <= most)
        .map(|(large, small)| (Scale(large), Scale(small)))
        .find(|(large, small)| large.columns(phase) + 6 + small.columns(dose) <= inner)
        .unwrap_or((Scale(1), Scale(1)))
}

fn state_row(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) {
    let states = words::states(model, session);
    let theme = page.theme;
    if states.is_empty() {
        page.write(MARGIN, y, page.width() - 2 * MARGIN, &[(strings::FOLLOWING, theme.faint)]);
        return;
    }
    let mut pieces = Vec::new();
    for word in &states {
        pieces.push((word.text.as_str(), word.weight.style(&theme)));
        pieces.push(("   ", theme.faint));
    }
    page.write(MARGIN, y, page.width() - 2 * MARGIN, &pieces);
}

/// A labelled row: text at the left, figures at the right, the text giving way.
fn row(page: &mut Page<'_>, y: u16, label: &str, text: &[super::page::Piece<'_>], right: &str) {
    let (faint, plain) = (page.theme.faint, page.theme.plain);
    page.write(MARGIN, y, LABEL, &[(label, faint)]);
    let edge = page.write_right(y, MARGIN, &[(right, plain)]);
    page.write(MARGIN + LABEL, y, edge.saturating_sub(MARGIN + LABEL + 2), text);
}

fn now_row(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) {
    let (plain, faint) = (page.theme.plain, page.theme.faint);
    let Some(now) = &session.now else {
        return row(page, y, "now", &[(strings::NOTHING_NOW, faint)], "");
    };
    let artist = now.artist.as_ref().map(|artist| format!("  {artist}")).unwrap_or_default();
    let crossing = if now.crossing { "  (crossing)" } else { "" };
    let carried = if model.playing() { words::carried(model, session) } else { crate::units::Span::ZERO };
    let position = (now.position + carried).min(now.until.max(now.position));
    let right = format!("{} of {}", position, TrackTime::at(now.until.since_start()));
    row(page, y, "now", &[(now.title.as_str(), plain), (&artist, faint), (crossing, faint)], &right);
}

fn next_row(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) {
    let (plain, faint) = (page.theme.plain, page.theme.faint);
    let Some(next) = &session.next else {
        return row(page, y, "next", &[(strings::NOTHING_NOW, faint)], "");
    };
    let elsewhere = session.phase.as_ref().is_none_or(|phase| phase.kind != next.phase);
    let into = if elsewhere { format!("  {}", strings::phase(next.phase)) } else { String::new() };
    let right = next.at.map(|at| format!("in {}", SessionTime::at((at - model.at()).or_zero()))).unwrap_or_default();
    row(page, y, "next", &[(next.title.as_str(), plain), (&into, faint)], &right);
}

/// Level and cap: the bar spans 24 dB and ends at the cap, or at 0 dB while there is none.
fn level_row(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) {
    const SPAN_DB: f32 = 24.0;
    let (plain, faint, trace) = (page.theme.plain, page.theme.faint, page.theme.trace);
    let top = session.cap.map_or(0.0, |cap| cap.0);
    let share = (session.level.0 - (top - SPAN_DB)) / SPAN_DB;
    let (full, rest) = words::bar(page.glyphs, share, (page.width() / 4).min(40));
    let level = format!("{:<9}", session.level.to_string());
    let cap = match session.cap {
        Some(cap) => format!("  cap {cap}"),
        None => format!("  {}", strings::no_comfort(&words::key(model, Action::Comfort))),
    };
    row(page, y, "level", &[(&level, plain), (&full, faint), (&rest, trace), (&cap, faint)], "");
}

fn sound_row(model: &Model, page: &mut Page<'_>, y: u16) {
    let Some(status) = &model.status else { return };
    let sound = words::sound(model);
    let faint = page.theme.faint;
    let style = sound.weight.style(&page.theme);
    let (left, right) = (status.output.meter.0, status.output.meter.1);
    let loudness = left.max(right);
    let meter = if model.playing() { format!("{:.0} dBFS", loudness.0) } else { String::new() };
    let mut pieces = vec![(sound.text.as_str(), style)];
    if !model.stale() && sound.weight != Weight::Now {
        pieces.extend([("  ", faint), (status.output.name.as_str(), faint)]);
    }
    row(page, y, "sound", &pieces, &meter);
}

/// Answer or offer, the latest notice, and the six keys.
fn foot(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16, tall: bool) {
    let width = page.width() - 2 * MARGIN;
    let answer = words::answer(model);
    let notice = words::notice(model, session);
    let faint = page.theme.faint;
    let notice_row = if tall { y + 1 } else { y };
    if let (Some(notice), true) = (&notice, tall || answer.is_none()) {
        page.write(MARGIN, notice_row, width, &[(notice, page.theme.plain)]);
    }
    if let Some(word) = &answer {
        page.write(MARGIN, y, width, &[(&word.text, word.weight.style(&page.theme))]);
    }
    let keys = keys(model);
    page.write(MARGIN, page.height() - 1, width, &[(&keys, faint)]);
}

/// The six, mute, dose and help, with the keys they are bound to.
fn keys(model: &Model) -> String {
    let named = [
        (Action::Duck, "duck"),
        (Action::Next, "next"),
        (Action::Hold, "hold"),
        (Action::Ground, "ground"),
        (Action::Return, "return"),
        (Action::End, "end"),
        (Action::Mute, "mute"),
        (Action::Help, "keys"),
    ];
    let twice = |action: Action| if action.takes_two() { 2 } else { 1 };
    named
        .map(|(action, word)| {
            let key = words::key(model, action);
            format!("{} {word}", vec![key; twice(action)].join(" "))
        })
        .join("  ")
}
