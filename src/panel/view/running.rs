//! The running screen: one glance gives the phase and its time left, the medicine clock, the arc, now, next, the level and
//! what is known of the sound.

use super::arc::{Arc, Frame};
use super::big::{self, Scale};
use super::page::Page;
use super::{message, words};
use crate::panel::action::Action;
use crate::panel::model::Model;
use crate::panel::strings;
use crate::session::{Snapshot, Transport};
use crate::units::{SessionTime, TrackTime};

/// The keys of a session that is ready.
const READY_KEYS: [(Action, &str); 6] = [
    (Action::Go, "begin"),
    (Action::EarCheck, "ears"),
    (Action::Sample, "peak's loudness"),
    (Action::Comfort, "comfort"),
    (Action::Help, "keys"),
    (Action::Quit, "leave"),
];
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
    let airy = page.height() >= 28;
    let info = page.height().saturating_sub(if airy {
        9
    } else if tall {
        7
    } else {
        6
    });
    let arc_from = below + 1 + u16::from(tall);
    let room = info.saturating_sub(arc_from + u16::from(tall));
    let frame = Frame { x: MARGIN, y: arc_from, width: page.width() - 2 * MARGIN, height: room.min(24) };
    let dose = session.medicine.map(|medicine| session.at - medicine.since_start());
    Arc { phases: &session.arc, first: &model.first_arc, now: Some(model.at()), dose }.draw(page, frame);
    now_row(model, session, page, info);
    next_row(model, session, page, info + 1);
    level_row(model, session, page, info + 2);
    sound_row(model, page, info + 3);
    foot(model, session, page, info + 4 + u16::from(airy), tall);
}

fn header(model: &Model, session: &Snapshot, page: &mut Page<'_>) {
    let (faint, figure) = (page.theme.faint, page.theme.figure);
    let of = session.ends.map(|ends| format!(" of {ends}")).unwrap_or_default();
    let clock = format!("session {}{of}", model.at());
    let rehearsal = model.status.as_ref().and_then(|status| status.rehearsal);
    let marked = rehearsal.map(|speed| format!("[{} x{speed}]  ", strings::REHEARSAL)).unwrap_or_default();
    let observation = session.observation.map(|left| {
        let left = SessionTime::at((left - words::carried(model, session)).or_zero());
        format!("{} {left}  ", strings::OBSERVE)
    });
    let observation = observation.unwrap_or_default();
    let right = page.write_right(0, MARGIN, &[(&marked, figure), (&observation, page.theme.plain), (&clock, faint)]);
    let title = [(session.title.as_str(), faint), ("  ", faint), (session.route.as_str(), faint)];
    page.write(MARGIN, 0, right.saturating_sub(MARGIN + 2), &title);
}

/// The two clocks in large figures under their names; returns the row under them.
fn clocks(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) -> u16 {
    let (figure, plain, faint) = (page.theme.figure, page.theme.plain, page.theme.faint);
    let (phase_figures, phase_label) = match &session.phase {
        Some(phase) => words::phase_time(model, phase),
        None => words::planned(session),
    };
    let (dose_figures, dose_label) = words::medicine(model);
    let (large, small) = scales(page, &phase_figures, &dose_figures);
    let dose_width = small.columns(&dose_figures).max(page.measure(&[(&dose_label, faint)]));
    let dose_x = page.width().saturating_sub(MARGIN + dose_width);
    let bottom = y + large.rows();
    if let Some(phase) = &session.phase {
        let (kind, title) = (strings::phase(phase.kind), phase.title.as_str());
        let title = if title == kind { "" } else { title };
        page.write(MARGIN, y, dose_x.saturating_sub(MARGIN + 2), &[(kind, figure), ("  ", faint), (title, plain)]);
    }
    big::draw(page, MARGIN, y + 1, large, &phase_figures, figure);
    page.write(MARGIN + large.columns(&phase_figures) + 2, bottom, 16, &[(phase_label, faint)]);
    let dose_y = bottom + 1 - small.rows();
    page.write_right(dose_y - 1, MARGIN, &[(&dose_label, faint)]);
    big::draw(page, page.width() - MARGIN - small.columns(&dose_figures), dose_y, small, &dose_figures, plain);
    bottom + 1
}

/// The largest figures for which both clocks fit side by side; the phase's are a size larger where there is room.
fn scales(page: &Page<'_>, phase: &str, dose: &str) -> (Scale, Scale) {
    let most = match page.height() {
        0..22 => 1,
        22..40 => 2,
        _ => 3,
    };
    let label = strings::TIME_HERE.len() as u16 + 6;
    let inner = page.width() - 2 * MARGIN;
    [(3, 2), (2, 1), (1, 1)]
        .map(|(large, small)| (Scale(large), Scale(small)))
        .into_iter()
        .find(|(large, small)| large.0 <= most && large.columns(phase) + label + small.columns(dose) <= inner)
        .unwrap_or((Scale(1), Scale(1)))
}

fn state_row(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16) {
    let states = words::states(model, session);
    let theme = page.theme;
    let mut pieces = Vec::new();
    for word in &states {
        pieces.extend(word.pieces(&theme));
        pieces.push(("   ", theme.faint));
    }
    let following = pieces.is_empty() && !model.stale();
    let moved = words::moved(model, session).filter(|_| following).unwrap_or_default();
    if following {
        pieces.extend([(strings::FOLLOWING, theme.faint), (&moved, theme.faint)]);
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
    let (full, rest) = words::bar(page.glyphs, share, (page.width() / 5).min(40));
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
    let loudness = status.output.meter.0.max(status.output.meter.1);
    let meter = if model.playing() { format!("{:.0} dBFS", loudness.0) } else { String::new() };
    let pieces = sound.pieces(&page.theme);
    row(page, y, "sound", &pieces, &meter);
}

/// Answer or offer, the latest notice, and the six keys.
fn foot(model: &Model, session: &Snapshot, page: &mut Page<'_>, y: u16, tall: bool) {
    let width = page.width() - 2 * MARGIN;
    let theme = page.theme;
    let answer = words::answer(model);
    if let Some(notice) = words::notice(model, session).filter(|_| tall || answer.is_none()) {
        page.write(MARGIN, if tall { y + 1 } else { y }, width, &[(&notice, theme.plain)]);
    }
    if let Some(word) = &answer {
        page.write(MARGIN, y, width, &word.pieces(&theme));
    }
    if session.transport == Transport::Ready {
        return message::keys(model, page, &READY_KEYS);
    }
    keys_row(model, page);
}

/// The keys of a running session: the six, mute and help.
const RUNNING_KEYS: [(Action, &str); 8] = [
    (Action::Duck, " duck"),
    (Action::Next, " next"),
    (Action::Hold, " hold"),
    (Action::Ground, " ground"),
    (Action::Return, " return"),
    (Action::End, " end"),
    (Action::Mute, " mute"),
    (Action::Help, " keys"),
];
/// What a shut kiosk still obeys.
const SHUT_KEYS: [(Action, &str); 3] = [(Action::Duck, " duck"), (Action::Softer, " softer"), (Action::Mute, " mute")];

/// Those that are obeyed now, with the keys they are bound to; a narrow screen leaves out help and the second space.
fn keys_row(model: &Model, page: &mut Page<'_>) {
    let wide = page.width() >= 76;
    let gap = if wide { "  " } else { " " };
    let shown = match &model.lock {
        Some(lock) if lock.is_shut() => &SHUT_KEYS[..],
        _ if wide => &RUNNING_KEYS[..],
        _ => &RUNNING_KEYS[..7],
    };
    let keys: Vec<String> = shown.iter().map(|(action, _)| words::keys_to_press(model, *action)).collect();
    let (plain, faint) = (page.theme.plain, page.theme.faint);
    let mut pieces = Vec::new();
    for (key, (_, word)) in keys.iter().zip(shown) {
        pieces.extend([(key.as_str(), plain), (*word, faint), (gap, faint)]);
    }
    pieces.pop();
    let margin = if wide { MARGIN } else { 1 };
    page.write(margin, page.height() - 1, page.width() - 2 * margin, &pieces);
}
