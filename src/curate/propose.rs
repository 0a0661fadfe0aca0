//! A playlist from a folder of measured music: pieces sorted by intensity, phases filled from the stillest to the most intense.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cut::{CROSSFADE, cut, lasts};
use super::draft::{Draft, Piece, Section, Text};
use super::score::{Measures, intensity, ranks};
use crate::media::Facts;
use crate::playlist::{Part, Preset};
use crate::session::PhaseKind;
use crate::units::{SafeText, Span, TrackTime};

/// A file that could be played, as a playlist writes its path.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The path.
    pub file: String,
    /// What was measured.
    pub facts: Facts,
}

/// There is less music than the route plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortage {
    /// What the shortest selection of phases plays.
    pub needed: Span,
    /// How long all of the music lasts, joined by crossfades.
    pub lasts: Span,
}

use PhaseKind::{Ascent, Integration, Onset, Peak, Preparation, Return};

/// Which phases a playlist may have, the richest first: with little or very long music some of them cannot be filled, and
/// the phase before covers their minutes.
pub(super) const SELECTIONS: [&[PhaseKind]; 6] = [
    &PhaseKind::ALL,
    &[Preparation, Ascent, Peak, Return, Integration],
    &[Preparation, Ascent, Peak, Integration],
    &[Preparation, Peak, Integration],
    &[Preparation, Peak],
    &[Peak],
];

/// The phases from the stillest to the most intense.
const STILLEST_FIRST: [PhaseKind; 6] = [Preparation, Integration, Onset, Return, Ascent, Peak];

/// A way to safe and plain music that is right whatever the folder holds.
const GROUND: &str = r#"
# What the key g crosses to: safe and plain. Whether a recording has lyrics or percussion cannot be measured, so this is a
# generator; put a piece of your own here that you know.
[pool.ground]

[[pool.ground.track]]
generator = "drone"
minutes = 10
root = "D2"
colour = "open"
"#;

/// A playlist that only asks of each file whether it can be played at all.
#[must_use]
pub fn trial(files: &[Heard]) -> Text {
    let toml = "format = 1\ntitle = \"trial\"\n[[phase]]\nkind = \"peak\"\nplanned = \"1s\"\n".to_owned();
    let mut text = Text { toml, values: Vec::new() };
    for heard in files {
        text.toml.push_str("[[phase.track]]\n");
        text.file(&heard.file);
    }
    text
}

/// Proposes a playlist of all these files, which are known to be playable.
///
/// # Errors
/// [`Shortage`] where they last less than even one phase of the route.
pub fn propose(title: SafeText, preset: &Preset, files: &[Heard]) -> Result<Draft, Shortage> {
    let measured: Vec<(&Heard, Measures)> =
        files.iter().filter_map(|heard| Some((heard, Measures::of(&heard.facts)?))).collect();
    let ranks = ranks(&measured.iter().map(|(_, measures)| *measures).collect::<Vec<_>>());
    let mut row: Vec<Ranked> = measured
        .iter()
        .zip(ranks)
        .map(|((heard, measures), rank)| Ranked { heard, measures: *measures, rank })
        .collect();
    row.sort_by(|one, other| one.rank.total_cmp(&other.rank).then_with(|| one.heard.file.cmp(&other.heard.file)));
    let lengths: Vec<Span> = row.iter().map(Ranked::length).collect();

    let Some((kinds, pools)) = SELECTIONS.iter().find_map(|kinds| Some((*kinds, share(kinds, preset, &lengths)?)))
    else {
        let needed = planned(&[Peak], preset).values().copied().sum();
        return Err(Shortage { needed, lasts: lasts(&lengths) });
    };
    let planned = planned(kinds, preset);
    let section = |kind: &PhaseKind| section(*kind, planned[kind], &row[pools[kind].clone()]);
    Ok(Draft {
        head: head(row.len(), lengths.iter().copied().sum(), kinds),
        title,
        route: preset.name.clone(),
        sections: kinds.iter().map(section).collect(),
        tail: GROUND,
    })
}

struct Ranked<'a> {
    heard: &'a Heard,
    measures: Measures,
    rank: f64,
}

impl Ranked<'_> {
    /// As a playlist plays it that says nothing else: without silence at the edges.
    fn length(&self) -> Span {
        let (from, to) = self.heard.facts.sound();
        to - from
    }
}

/// How long each of these phases is planned by the route.
pub(super) fn planned(kinds: &[PhaseKind], preset: &Preset) -> BTreeMap<PhaseKind, Span> {
    let lengths = preset.resolve(Span::ZERO).lengths(kinds);
    kinds.iter().copied().zip(lengths).filter_map(|(kind, length)| Some((kind, length?))).collect()
}

/// Which pieces of the row each phase gets; `None` where they do not last.
fn share(kinds: &[PhaseKind], preset: &Preset, lengths: &[Span]) -> Option<BTreeMap<PhaseKind, Range<usize>>> {
    let planned = planned(kinds, preset);
    let order: Vec<PhaseKind> = STILLEST_FIRST.into_iter().filter(|kind| kinds.contains(kind)).collect();
    let wanted: Option<Vec<Span>> = order.iter().map(|kind| planned.get(kind).copied()).collect();
    Some(order.into_iter().zip(cut(lengths, &wanted?)?).collect())
}

fn head(count: usize, length: Span, kinds: &[PhaseKind]) -> Vec<String> {
    let left_out: Vec<&str> =
        PhaseKind::ALL.iter().filter(|kind| !kinds.contains(kind)).map(|kind| kind.name()).collect();
    let mut head = vec![
        format!("A proposal by `undertone new`: {count} pieces, {} of music.", minutes(length)),
        "How it was made. Each piece was heard from end to end and ranked among the others by three measures: its loudness \
         as it was mastered (counts twice), its movement (how much the loudness changes from second to second) and its attack \
         (how far its peaks stand out). The stillest fifth has intensity 1, the most intense fifth 5. The phases were filled from \
         the stillest up: preparation, integration, onset, return, ascent, peak; each by as much of the music as of the time."
            .to_owned(),
        "These measures know sound, not music: listen, and change whatever is wrong. Move a [[phase.track]] with its lines to another \
         phase, correct its intensity, delete it; give pieces tags; `undertone check` says whether it all still fits. `low-tide`, which \
         comes with the program, explains every key."
            .to_owned(),
    ];
    if !left_out.is_empty() {
        head.push(format!(
            "There was not enough music, or too little in short pieces, for these phases: {}. Their minutes are covered by their neighbours.",
            left_out.join(", ")
        ));
    }
    head
}

fn section(kind: PhaseKind, planned: Span, pool: &[Ranked]) -> Section {
    let levels = || pool.iter().map(|piece| intensity(piece.rank));
    let (least, most) = (levels().min().unwrap_or(1), levels().max().unwrap_or(1));
    let lengths: Vec<Span> = pool.iter().map(Ranked::length).collect();
    let note = format!(
        "{} {}, {} planned. To choose from: {} of {}, intensity {}.",
        "-".repeat(20),
        kind.name(),
        minutes(planned),
        match pool.len() {
            1 => "1 piece".to_owned(),
            more => format!("{more} pieces"),
        },
        minutes(lasts(&lengths)),
        if least == most { least.to_string() } else { format!("{least} to {most}") }
    );
    let falls = matches!(kind, Return | Integration);
    let intensity = Some(if falls { (most, least) } else { (least, most) });
    Section { part: Part::Phase(kind), note, listed: false, intensity, pieces: pool.iter().map(piece).collect() }
}

fn piece(ranked: &Ranked) -> Piece {
    let Measures { loudness, movement, attack } = ranked.measures;
    let facts = &ranked.heard.facts;
    let tagged = [&facts.artist, &facts.title].into_iter().flatten().map(SafeText::to_string).collect::<Vec<_>>();
    let named = if tagged.is_empty() { String::new() } else { format!("{}: ", tagged.join(" - ")) };
    let length = TrackTime::at(ranked.length());
    Piece {
        file: ranked.heard.file.clone(),
        note: format!("{named}{length}; {loudness:.1} LUFS, movement {movement:.1} LU, attack {attack:.0} LU"),
        intensity: Some(intensity(ranked.rank)),
        ..Piece::default()
    }
}

/// To the minute, for reading.
fn minutes(length: Span) -> String {
    let minutes = (length.millis() + 30_000) / 60_000;
    if minutes < 120 { format!("{minutes} minutes") } else { format!("{} h {} min", minutes / 60, minutes % 60) }
}

/// The shortest piece that is proposed: anything shorter than its two crossfades is never heard by itself.
pub const SHORTEST: Span = Span::from_secs(2 * CROSSFADE.millis() / 1000);

#[cfg(test)]
#[path = "tests/propose.rs"]
mod tests;
