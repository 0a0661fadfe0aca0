//! Stand-ins for recordings: files that say in words what a decoder would have found in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use undertone::media::{Facts, MediaError, Rise};
use undertone::units::{Contour, DbTp, Lufs, SafeText, Span, TrackTime};

/// Reads what each stand-in says of itself; nothing is decoded.
pub fn examine(paths: &[PathBuf]) -> BTreeMap<PathBuf, Result<Facts, MediaError>> {
    paths.iter().map(|path| (path.clone(), facts(path))).collect()
}

/// What one stand-in says.
fn facts(path: &Path) -> Result<Facts, MediaError> {
    let text = fs::read_to_string(path).unwrap();
    let says: BTreeMap<&str, &str> = text.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
    let name = SafeText::new(&path.file_name().unwrap().to_string_lossy());
    if let Some(what) = says.get("unsupported") {
        return Err(MediaError::Unsupported { name, what: SafeText::new(what) });
    }
    if says.contains_key("empty") {
        return Err(MediaError::Empty { name });
    }
    let number = |key: &str| says.get(key).map(|number| number.parse::<f64>().unwrap());
    let span = |key: &str| says.get(key).map(|span| span.parse::<Span>().unwrap());
    let length = span("length").unwrap();
    let rate_hz = number("rate").map_or(48_000, |rate| rate as u32);
    Ok(Facts {
        length,
        frames: length.millis() as u64 * u64::from(rate_hz) / 1000,
        claimed: span("claimed"),
        rate_hz,
        channels: 2,
        codec: "flac".into(),
        loudness: number("loudness").map(Lufs),
        range_lu: number("range").unwrap_or(5.0),
        short_term_max: number("loudest").or(number("loudness").map(|loudness| loudness + 4.0)).map(Lufs),
        true_peak: DbTp(number("peak").unwrap()),
        contour: contour(&says, length),
        brightness: brightness(&says, length),
        rises: span("leap").map(|at| Rise { at: TrackTime::at(at), by_lu: 17.0 }).into_iter().collect(),
        lead_in: span("lead").unwrap_or_default(),
        tail: span("tail").unwrap_or_default(),
        title: says.get("title").map(|title| SafeText::new(title)),
        artist: says.get("artist").map(|artist| SafeText::new(artist)),
    })
}

type Says<'a> = BTreeMap<&'a str, &'a str>;

/// `edges -30 -12`: so loud are the first and the last half minute. `hush 3m20s`: from there on it is silent for a while.
/// Without either nothing is known from second to second.
fn contour(says: &Says, length: Span) -> Contour {
    let (edges, hush) = (says.get("edges"), says.get("hush").map(|hush| second(hush.parse().unwrap())));
    if edges.is_none() && hush.is_none() {
        return Contour::default();
    }
    let loudness: f64 = says["loudness"].parse().unwrap();
    let edges: Vec<f64> = edges.map_or(vec![loudness; 2], |edges| numbers(edges));
    let last = second(length);
    (0..last)
        .map(|at| match at {
            at if hush.is_some_and(|hush| (hush..hush + 15).contains(&at)) => (Lufs(-120.0), DbTp(-120.0)),
            ..30 => (Lufs(edges[0]), DbTp(-6.0)),
            at if at >= last - 30 => (Lufs(edges[1]), DbTp(-6.0)),
            _ => (Lufs(loudness), DbTp(-6.0)),
        })
        .collect()
}

/// `bright 400 3000`: so bright are its first and its last half, in Hz.
fn brightness(says: &Says, length: Span) -> Vec<u16> {
    let Some(halves) = says.get("bright") else { return Vec::new() };
    let (halves, readings) = (numbers(halves), second(length) / 5);
    (0..readings).map(|at| halves[usize::from(at >= readings / 2)] as u16).collect()
}

fn second(span: Span) -> i64 {
    span.millis() / 1000
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ').map(|number| number.parse().unwrap()).collect()
}
