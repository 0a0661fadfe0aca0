//! A playlist from another program's list: its files in its order, shared out among the phases.

use std::collections::BTreeMap;
use std::path::Path;

use super::cut::cut;
use super::draft::{Draft, Piece, Section};
use super::list::{Entry, List};
use super::propose::{SELECTIONS, planned};
use crate::playlist::{Part, Preset};
use crate::session::PhaseKind;
use crate::units::{SafeText, Span};

/// Where things are, as absolute paths.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The list's folder.
    pub list: &'a Path,
    /// The folder of the playlist to be.
    pub playlist: &'a Path,
    /// How long each file plays that is there and can be played, by the path that the playlist writes.
    pub lengths: &'a BTreeMap<String, Span>,
}

/// A list made a playlist.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// The playlist.
    pub draft: Draft,
    /// A sentence for each file that cannot be in it.
    pub left_out: Vec<String>,
}

/// How long a piece is taken to be of which nothing is known.
const UNKNOWN: Span = Span::from_mins(4);

impl List {
    /// The path of each entry's file as a playlist in that folder writes it, or the end of a sentence that says why there is none.
    #[must_use]
    pub fn paths(&self, list: &Path, playlist: &Path) -> Vec<Result<String, &'static str>> {
        self.entries.iter().map(|entry| mended(entry, list).path_from(playlist, list)).collect()
    }
}

/// With `/` between folders, where a list from another system has `\`.
fn mended(entry: &Entry, list: &Path) -> Entry {
    let foreign = entry.file.contains('\\') && entry.local().is_ok_and(|file| !list.join(file).exists());
    let file = if foreign { entry.file.replace('\\', "/") } else { entry.file.clone() };
    Entry { file, ..entry.clone() }
}

/// Makes a playlist of a list. Entries that name a phase or a pool go there; a list without any is cut along the route, in its order.
#[must_use]
pub fn adopt(list: &List, title: SafeText, preset: &Preset, found: Found) -> Adopted {
    let (mut pieces, mut left_out) = (Vec::new(), Vec::new());
    for (entry, path) in list.entries.iter().zip(list.paths(found.list, found.playlist)) {
        match path {
            Ok(file) => pieces.push((entry, piece(entry, file))),
            Err(why) => left_out.push(format!("\"{}\" {why}", SafeText::new(&entry.file))),
        }
    }
    let marked = pieces.iter().any(|(entry, _)| entry.part.is_some());
    let sections = if marked { as_marked(pieces) } else { along_the_route(pieces, preset, found.lengths) };
    let head = vec![
        format!("Imported by `undertone import`: {} files.", sections.iter().map(|section| section.pieces.len()).sum::<usize>()),
        match marked {
            true => "The list said which phase each piece belongs to.".to_owned(),
            false => "The list knew no phases: it was cut where the route's phases end, and keeps its order (order = \"listed\"). Move pieces \
                      to other phases, or take that line out and let the planner choose."
                .to_owned(),
        },
        "`undertone check` says whether it all fits; `low-tide`, which comes with the program, explains every key.".to_owned(),
    ];
    let title = list.title.clone().unwrap_or(title);
    Adopted { draft: Draft { head, title, route: preset.name.clone(), sections, tail: "" }, left_out }
}

fn piece(entry: &Entry, file: String) -> Piece {
    Piece {
        file,
        title: entry.title.clone(),
        artist: entry.artist.clone(),
        start: entry.start,
        end: entry.end,
        ..Piece::default()
    }
}

fn section(part: Part, listed: bool, pieces: Vec<Piece>) -> Section {
    Section { part, note: format!("{} {}", "-".repeat(20), part.name()), listed, intensity: None, pieces }
}

/// An entry that says nothing stays with the one before it.
fn as_marked(pieces: Vec<(&Entry, Piece)>) -> Vec<Section> {
    let mut parts: BTreeMap<Part, Vec<Piece>> = BTreeMap::new();
    let mut latest = Part::Phase(PhaseKind::Peak);
    for (entry, piece) in pieces {
        latest = entry.part.unwrap_or(latest);
        parts.entry(latest).or_default().push(piece);
    }
    parts.into_iter().map(|(part, pieces)| section(part, false, pieces)).collect()
}

/// As many phases as the list can fill; with too little for any, all of it is the peak.
fn along_the_route(pieces: Vec<(&Entry, Piece)>, preset: &Preset, known: &BTreeMap<String, Span>) -> Vec<Section> {
    let length = |(entry, piece): &(&Entry, Piece)| known.get(&piece.file).copied().or(entry.length).unwrap_or(UNKNOWN);
    let lengths: Vec<Span> = pieces.iter().map(length).collect();
    let share = |kinds: &&[PhaseKind]| {
        let planned = planned(kinds, preset);
        let wanted: Option<Vec<Span>> = kinds.iter().map(|kind| planned.get(kind).copied()).collect();
        Some(kinds.iter().copied().zip(cut(&lengths, &wanted?)?).collect::<Vec<_>>())
    };
    let shared = SELECTIONS.iter().find_map(share);
    let shared = shared.unwrap_or_else(|| vec![(PhaseKind::Peak, 0..pieces.len())]);
    let of = |range: std::ops::Range<usize>| pieces[range].iter().map(|(_, piece)| piece.clone()).collect();
    shared.into_iter().map(|(kind, range)| section(Part::Phase(kind), true, of(range))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(file: &str, part: Option<&str>) -> Entry {
        let length = Some(Span::from_mins(5));
        Entry { file: file.to_owned(), length, part: part.and_then(Part::named), ..Entry::default() }
    }

    fn adopted(entries: Vec<Entry>) -> Vec<(&'static str, usize, bool)> {
        let im =
            crate::playlist::presets(None).unwrap().into_iter().find(|preset| preset.name.as_str() == "im").unwrap();
        let here = Path::new("/m");
        let list = List { title: None, entries };
        let adopted = adopt(&list, "T".into(), &im, Found { list: here, playlist: here, lengths: &BTreeMap::new() });
        let told = |section: &Section| (section.part.name(), section.pieces.len(), section.listed);
        adopted.draft.sections.iter().map(told).collect()
    }

    #[test]
    fn a_marked_list_goes_where_it_says_in_the_order_of_a_session() {
        let marks = [Some("ground"), Some("peak"), None, Some("onset"), Some("peak")];
        let entries = marks.map(|part| entry("a.mp3", part)).to_vec();
        assert_eq!(adopted(entries), [("onset", 1, false), ("peak", 3, false), ("ground", 1, false)]);
    }

    #[test]
    fn a_list_without_marks_is_cut_along_the_route() {
        let parts = adopted(vec![entry("a.mp3", None); 48]);
        let names: Vec<&str> = parts.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["preparation", "onset", "ascent", "peak", "return", "integration"]);
        assert!(parts.iter().all(|(_, count, listed)| *count > 0 && *listed), "{parts:?}");
        assert_eq!(adopted(vec![entry("a.mp3", None); 3]), [("peak", 3, true)]);
    }

    #[test]
    fn what_is_not_on_this_machine_is_told() {
        let im = crate::playlist::presets(None).unwrap().remove(0);
        let here = Path::new("/m");
        let list = List { title: None, entries: vec![entry("https://x/a.mp3", None), entry("b\\c.mp3", None)] };
        let adopted = adopt(&list, "T".into(), &im, Found { list: here, playlist: here, lengths: &BTreeMap::new() });
        assert_eq!(adopted.left_out, ["\"https://x/a.mp3\" is an address on a network; sessions play without one"]);
        assert_eq!(adopted.draft.sections[0].pieces[0].file, "b/c.mp3");
    }
}
