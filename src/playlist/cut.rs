//! Recordings that were cut into several files, which a playlist joins again: `fade_in = "0s"`.
//!
//! A track joined to the one before it is no piece of its own. The two are one, for the planner and for whoever listens.

use super::diagnostic::Code;
use super::findings::{Findings, quoted};
use super::library::Library;
use super::reader::Written;
use super::track_schema::{File, Source, Track};
use crate::media::{Facts, Material, Slice};
use crate::units::{Span, TrackTime};

/// The tracks of a pool as pieces: each with those that are joined to it.
pub(super) fn pieces(tracks: &[Track]) -> impl Iterator<Item = &[Track]> {
    tracks.chunk_by(|_, next| next.joined)
}

/// One recording: what is written of it as if it were one file, and what that is if all of it is known.
pub(super) struct Recording {
    pub file: File,
    pub known: Option<(Material, Facts)>,
}

impl Recording {
    /// A file by itself.
    pub fn whole(file: &File, library: &Library) -> Self {
        let known = library.get(&file.path.value);
        let known = known.map(|(path, facts)| (Material::File(path.to_owned()), facts.clone()));
        Self { file: file.clone(), known }
    }

    /// The files of a piece's tracks, one after the other. `None` when they cannot be joined: that has been said.
    pub fn joined(piece: &[Track], library: &Library, findings: &mut Findings) -> Option<Self> {
        let files: Vec<&File> = piece.iter().map(|track| file_of(track, findings)).collect::<Option<_>>()?;
        if !refuse_inner(piece, &files, findings) {
            return None;
        }
        let mut file = File { exits: Vec::new(), ..files[0].clone() };
        let known: Option<Vec<_>> = files.iter().map(|file| library.get(&file.path.value)).collect();
        let Some(known) = known else { return Some(Self { file, known: None }) };
        let mut slices: Vec<Slice> = Vec::new();
        let mut whole: Option<Facts> = None;
        for (part, (path, facts)) in files.iter().zip(known) {
            let before = whole.as_ref().map_or(Span::ZERO, |whole| whole.length);
            let later = |place: &Written<TrackTime>| Written { value: place.value + before, at: place.at.clone() };
            file.exits.extend(part.exits.iter().map(later));
            file.end = part.end.as_ref().map(later);
            if let Some(region) = &part.loop_region {
                let value = region.value.iter().map(later).collect();
                file.loop_region = Some(Written { value, at: region.at.clone() });
            }
            if let Some(whole) = whole.as_ref().filter(|whole| whole.rate_hz != facts.rate_hz) {
                let name = quoted(&part.path.value);
                let message =
                    format!("{name} is at {} Hz, but what it is joined to is at {}", facts.rate_hz, whole.rate_hz);
                findings
                    .error(Code::Cut, part.path.at.clone(), message)
                    .advise("these were not cut from one recording: remove `fade_in`, or convert them to one rate");
                return None;
            }
            slices.push(Slice { path: path.to_owned(), frames: facts.frames });
            whole = Some(whole.map_or_else(|| facts.clone(), |whole| whole.followed_by(facts)));
        }
        Some(Self { file, known: whole.map(|whole| (Material::Cut(slices), whole)) })
    }
}

/// Says that the first track of a pool has nothing to be joined to.
pub(super) fn refuse_first(track: &Track, findings: &mut Findings) {
    if track.joined {
        findings
            .error(Code::Cut, track.at.clone(), "the first track of a pool has none before it to be joined to")
            .advise("remove `fade_in`, or give a length from 2s to 1m");
    }
}

fn file_of<'a>(track: &'a Track, findings: &mut Findings) -> Option<&'a File> {
    match track.source.as_ref()? {
        Source::File(file) => Some(file),
        Source::Generator(..) | Source::Silence(_) => {
            findings
                .error(Code::Cut, track.at.clone(), "only a file can be joined to a file, with `fade_in = \"0s\"`")
                .advise("give `fade_in` a length from 2s to 1m");
            None
        }
    }
}

/// Says what cannot be at a cut; whether there is nothing of the kind.
fn refuse_inner(piece: &[Track], files: &[&File], findings: &mut Findings) -> bool {
    let before = findings.count();
    let cuts = || (1..files.len()).map(|next| (files[next - 1].end.as_ref(), files[next].start.as_ref()));
    for (at, key) in cuts().flat_map(|(end, start)| [(end, "end"), (start, "start")]) {
        if let Some(at) = at {
            findings
                .error(
                    Code::Cut,
                    at.at.clone(),
                    format!("`{key}` stands where two files are joined without a crossfade"),
                )
                .advise("remove it: at a cut both files are heard to their edges");
        }
    }
    for track in &piece[1..] {
        let own = [
            ("title", track.title.is_some()),
            ("artist", track.artist.is_some()),
            ("intensity", track.intensity.is_some()),
            ("gain", track.gain.is_some()),
        ];
        for (key, _) in own.into_iter().filter(|(_, given)| *given) {
            findings
                .error(
                    Code::Cut,
                    track.at.clone(),
                    format!("a track joined to the one before it has no `{key}` of its own"),
                )
                .advise(format!("write `{key}` with the first of the joined tracks: they are one piece"));
        }
    }
    for region in files.iter().filter_map(|file| file.loop_region.as_ref()).skip(1) {
        findings
            .error(Code::Cut, region.at.clone(), "joined tracks are one piece, and a piece has one loop")
            .advise("keep the longer one, and remove the other");
    }
    findings.count() == before
}
