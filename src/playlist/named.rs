//! The files that a playlist names, and where in its text: for what moves, packs or marks them without touching the rest.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::findings::{Findings, quoted};
use super::paths::Roots;
use super::reader::Written;
use super::schema::{Bed, Schema};
use super::source::Source;
use super::track_schema::{self, Track};
use super::{Diagnostic, Options, plan, syntax};
use crate::session::{PhaseKind, Steer};
use crate::units::{SafeText, TrackTime};

/// A playlist's text and the files in it.
#[derive(Debug)]
pub struct Named {
    /// The playlist's title, if it has one.
    pub title: Option<SafeText>,
    /// As it was read.
    pub text: String,
    /// In the order of the text; a file named twice is here twice.
    pub files: Vec<NamedFile>,
}

/// One `file = "..."` of a track or a bed.
#[derive(Debug)]
pub struct NamedFile {
    /// The path as written.
    pub written: String,
    /// The bytes of its value, quotes included.
    pub at: Range<usize>,
    /// Where it really lies; or the end of a sentence that says why it cannot be used.
    pub found: Result<PathBuf, String>,
    /// Where it would lie, by each folder that files may lie in.
    pub expected: Vec<PathBuf>,
    /// What else is written of it; `None` for a bed, which takes no more.
    pub track: Option<NamedTrack>,
}

/// Where in a playlist a piece belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A phase.
    Phase(PhaseKind),
    /// A steering pool.
    Pool(Steer),
}

/// What a track says of its file.
#[derive(Debug)]
pub struct NamedTrack {
    /// Where it belongs; `None` in a phase without a kind.
    pub part: Option<Part>,
    /// Whether the playlist's own `[exclude]` keeps it out of the session.
    pub excluded: bool,
    /// Whether it is written `{ ... }` on a line, and not below a heading.
    pub inline: bool,
    /// Its title, if it is not to come from the file's tags.
    pub title: Option<SafeText>,
    /// Likewise.
    pub artist: Option<SafeText>,
    /// Where in the file it begins, if that is written.
    pub start: Option<TrackTime>,
    /// Where it ends, likewise.
    pub end: Option<TrackTime>,
    /// The last place in the file that it mentions.
    pub reaches: TrackTime,
    /// The checksum as written, good or bad.
    pub checksum: Option<String>,
}

impl Part {
    /// That of the phase or of the pool.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phase(kind) => kind.name(),
            Self::Pool(Steer::Ground) => "ground",
            Self::Pool(Steer::Warmer) => "warmer",
            Self::Pool(Steer::Deeper) => "deeper",
        }
    }

    /// The part of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let pools = [Steer::Ground, Steer::Warmer, Steer::Deeper].map(Self::Pool);
        PhaseKind::ALL.map(Self::Phase).into_iter().chain(pools).find(|part| part.name() == name)
    }
}

/// Reads which files a playlist names. Nothing is opened but the playlist.
///
/// # Errors
/// What keeps its text from being understood; other mistakes are of no concern here.
pub fn named(path: &Path, options: &Options) -> Result<Named, Vec<Diagnostic>> {
    let source = Arc::new(Source::open(path).map_err(|finding| vec![*finding])?);
    let mut findings = Findings::about(Arc::clone(&source));
    let (document, _) = syntax::parse(&source, &mut findings);
    if findings.failed() {
        return Err(findings.into_list());
    }
    let schema = Schema::read(&document, &mut findings);
    let roots = Roots::of(path, &options.library_roots);
    let excluded = plan::excluded(&schema, options, &mut findings);
    let of_phases = schema.phases.iter().flat_map(|phase| {
        let part = phase.kind.as_ref().map(|kind| Part::Phase(kind.value));
        phase.tracks.iter().map(move |track| (part, track))
    });
    let of_pools = schema.pools.iter().flat_map(|pool| {
        let part = Some(Part::Pool(pool.steer));
        pool.tracks.iter().map(move |track| (part, track))
    });
    let tracks = of_phases.chain(of_pools).filter_map(|(part, track)| match &track.source {
        Some(track_schema::Source::File(file)) => {
            let about = NamedTrack { part, excluded: !excluded.lets(track), ..of_track(track, file) };
            Some(look(&file.path, Some(about), &roots))
        }
        _ => None,
    });
    let beds = schema.phases.iter().filter_map(|phase| match &phase.bed {
        Some(Bed::File(file, _)) => Some(look(file, None, &roots)),
        _ => None,
    });
    let mut files: Vec<NamedFile> = tracks.chain(beds).collect();
    files.sort_by_key(|file| file.at.start);
    Ok(Named { title: schema.title.clone(), text: source.text.clone(), files })
}

fn look(file: &Written<String>, track: Option<NamedTrack>, roots: &Roots) -> NamedFile {
    NamedFile {
        written: file.value.clone(),
        at: file.at.clone(),
        found: roots.look(&file.value).map_err(|why| format!("{} {why}", quoted(&file.value))),
        expected: roots.expected(&file.value),
        track,
    }
}

fn of_track(track: &Track, file: &track_schema::File) -> NamedTrack {
    let region = file.loop_region.iter().flat_map(|region| &region.value);
    let places = file.start.iter().chain(&file.end).chain(&file.exits).chain(region);
    NamedTrack {
        part: None,
        excluded: false,
        inline: track.at.start <= file.path.at.start && file.path.at.end <= track.at.end,
        title: track.title.clone(),
        artist: track.artist.clone(),
        start: file.start.as_ref().map(|start| start.value),
        end: file.end.as_ref().map(|end| end.value),
        reaches: places.map(|place| place.value).max().unwrap_or_default(),
        checksum: file.checksum.as_ref().map(|checksum| checksum.value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_with_their_places_and_what_is_said_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list.toml");
        std::fs::write(folder.path().join("a.flac"), "x").unwrap();
        let text = "[[phase]]\nkind = 'peak'\nbed = { file = 'bed.ogg' }\n[[phase.track]]\nfile = 'a.flac'\nend = '2:00'\n\
                    exits = ['1:00']\nchecksum = 'blake3:0'\n[pool.ground]\ntrack = [{ file = 'b.flac' }]\n";
        std::fs::write(&list, text).unwrap();
        let Named { files, .. } = named(&list, &Options::default()).unwrap();
        let told: Vec<_> = files
            .iter()
            .map(|file| {
                let track = file.track.as_ref();
                (
                    &text[file.at.clone()],
                    file.found.is_ok(),
                    track.map(|track| (track.inline, track.checksum.as_deref(), track.reaches.to_string())),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("'bed.ogg'", false, None),
                ("'a.flac'", true, Some((false, Some("blake3:0"), "2:00".to_owned()))),
                ("'b.flac'", false, Some((true, None, "0:00".to_owned()))),
            ]
        );
        assert_eq!(files[2].found.as_ref().unwrap_err(), "\"b.flac\" is not there");
        assert_eq!(files[2].expected, [std::fs::canonicalize(folder.path()).unwrap().join("b.flac")]);
    }

    #[test]
    fn a_broken_text_names_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list.toml");
        std::fs::write(&list, "[[phase]\nfile = 'a'").unwrap();
        assert!(!named(&list, &Options::default()).unwrap_err().is_empty());
    }
}
