//! M3U8: a path a line. Comments carry the rest: `#PLAYLIST`, `#EXTINF` (seconds, artist and title), `#EXTGRP` (the phase or
//! pool) and VLC's options (where to start and stop).

use std::fmt::Write as _;

use super::{Entry, List, ListError};
use crate::playlist::Part;
use crate::units::{SafeText, Span, TrackTime};

/// Between artist and title, as every program writes it.
const DASH: &str = " - ";

pub(super) fn read(text: &str) -> Result<List, ListError> {
    let mut list = List::default();
    let mut next = Entry::default();
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        if let Some(comment) = line.strip_prefix('#') {
            let (name, value) = comment.split_once(':').unwrap_or((comment, ""));
            match name {
                "PLAYLIST" => list.title = told(value),
                "EXTINF" => info(value, &mut next),
                "EXTART" => artist(value, &mut next),
                "EXTGRP" => next.part = Part::named(value.trim()),
                "EXTVLCOPT" => option(value, &mut next.start, &mut next.end),
                _ if name.starts_with("EXT-X-") => return Err(ListError::Stream),
                _ => {}
            }
        } else if !line.trim().is_empty() {
            list.entries.push(Entry { file: line.to_owned(), ..std::mem::take(&mut next) });
        }
    }
    Ok(list)
}

/// Text that shows, or none.
fn told(text: &str) -> Option<SafeText> {
    Some(SafeText::new(text)).filter(|text| !text.is_empty())
}

/// `240 key="value",Artist - Title`.
fn info(value: &str, entry: &mut Entry) {
    let mut quoted = false;
    let comma = value.find(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let (length, named) = comma.map_or((value, ""), |comma| (&value[..comma], &value[comma + 1..]));
    let seconds = length.split_whitespace().next().and_then(|seconds| seconds.parse().ok());
    entry.length = seconds.filter(|seconds| *seconds > 0.0).and_then(span);
    (entry.artist, entry.title) = match named.split_once(DASH) {
        Some((artist, title)) => (told(artist), told(title)),
        None => (None, told(named)),
    };
}

/// Says where the artist ends, where the dash does not.
fn artist(value: &str, entry: &mut Entry) {
    let whole = [entry.artist.as_ref(), entry.title.as_ref()].into_iter().flatten();
    let whole = whole.map(SafeText::as_str).collect::<Vec<_>>().join(DASH);
    let artist = SafeText::new(value);
    let title = whole.strip_prefix(artist.as_str()).map(|rest| rest.strip_prefix(DASH).unwrap_or(rest));
    entry.title = told(title.unwrap_or(&whole));
    entry.artist = Some(artist).filter(|artist| !artist.is_empty());
}

/// One of VLC's options: `start-time=12.5`.
pub(super) fn option(value: &str, start: &mut Option<TrackTime>, end: &mut Option<TrackTime>) {
    let Some((name, seconds)) = value.trim().split_once('=') else { return };
    let place = seconds.parse().ok().filter(|seconds| *seconds >= 0.0).and_then(span).map(TrackTime::at);
    match name {
        "start-time" => *start = place,
        "stop-time" => *end = place,
        _ => {}
    }
}

/// Seconds as a length, if anything lasts that long: a day at most.
fn span(seconds: f64) -> Option<Span> {
    (seconds <= 86_400.0).then(|| Span::from_millis((seconds * 1000.0).round() as i64))
}

pub(super) fn write(list: &List) -> (String, Vec<String>) {
    let (mut text, mut left_out) = (String::from("#EXTM3U\n"), Vec::new());
    if let Some(title) = &list.title {
        line(&mut text, format_args!("#PLAYLIST:{title}"));
    }
    for entry in &list.entries {
        // A line is all that a path has here.
        if entry.file.contains(['\n', '\r']) {
            left_out.push(entry.file.clone());
            continue;
        }
        if let Some(part) = entry.part {
            line(&mut text, format_args!("#EXTGRP:{}", part.name()));
        }
        write_info(&mut text, entry);
        for (name, place) in options(entry) {
            line(&mut text, format_args!("#EXTVLCOPT:{name}={place}"));
        }
        // What looks like a comment is only a name after `./`.
        let plain = !entry.file.starts_with('#') && !entry.file.trim().is_empty();
        line(&mut text, format_args!("{}{}", if plain { "" } else { "./" }, entry.file));
    }
    (text, left_out)
}

fn write_info(text: &mut String, entry: &Entry) {
    let names: Vec<&str> = [&entry.artist, &entry.title].into_iter().flatten().map(SafeText::as_str).collect();
    let seconds = entry.length.map_or(-1, |length| (length.millis() + 500) / 1000);
    line(text, format_args!("#EXTINF:{seconds},{}", names.join(DASH)));
    let artist = entry.artist.as_ref().map_or("", SafeText::as_str);
    let whole = names.join(DASH);
    // Whether whoever reads it will take the artist for the artist.
    let clear = match whole.split_once(DASH) {
        Some((before, _)) => entry.title.is_some() && before == artist,
        None => entry.artist.is_none(),
    };
    if !clear {
        line(text, format_args!("#EXTART:{artist}"));
    }
}

/// VLC's options for where to start and stop, in seconds.
pub(super) fn options(entry: &Entry) -> impl Iterator<Item = (&'static str, f64)> {
    let seconds = |place: TrackTime| place.since_start().secs_f64();
    [("start-time", entry.start.map(seconds)), ("stop-time", entry.end.map(seconds))]
        .into_iter()
        .filter_map(|(name, seconds)| Some((name, seconds?)))
}

fn line(text: &mut String, line: std::fmt::Arguments) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
