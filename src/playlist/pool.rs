//! The tracks of a pool, from what is written and what is known of the files.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use super::SoundRules;
use super::cut::{self, Recording};
use super::diagnostic::Code;
use super::findings::{Findings, nearest, quoted};
use super::fitness;
use super::library::Library;
use super::outlook::Note;
use super::reader::Written;
use super::track_schema::{self, File, Maker, Source};
use crate::media::{Facts, Material};
use crate::session::{self, PhaseKind, Track, TrackId};
use crate::units::{Contour, Decibels, SafeText, Span, TrackTime};

/// More different tags than this nobody reads through; comparing all of a hostile file's would take minutes.
const MOST_COMPARED: usize = 500;

/// What the tracks of one pool have in common.
pub(super) struct Setting {
    /// Between its pieces, unless a piece has its own.
    pub crossfade: Span,
    /// As long as a generator plays that has no `minutes`.
    pub planned: Span,
    /// Of a piece that has none.
    pub intensity: u8,
    /// What its tracks must not have.
    pub ban: Ban,
    /// Whether its music must stay at one level: nobody may be startled, or left alone, at the peak.
    pub even: bool,
}

/// The tags that have no place in a pool.
pub(super) enum Ban {
    /// Every tag is welcome.
    None,
    /// The pool that never plays lyrics or percussion.
    Ground,
    /// Lyrics, which are better left out of this kind of phase.
    Lyrics(PhaseKind),
    /// What the phase itself forbids, in lower case.
    Written(PhaseKind, BTreeSet<String>),
}

/// The tags that keep tracks out of the session, in lower case.
pub(super) struct Excluded(pub BTreeSet<String>);

impl Excluded {
    /// Whether a track has none of them.
    pub fn lets(&self, track: &track_schema::Track) -> bool {
        !track.tags.iter().any(|tag| self.0.contains(&tag.value.to_lowercase()))
    }
}

/// Tracks and their material, filled pool by pool, side by side.
pub(super) struct Pools<'a> {
    pub library: &'a Library,
    pub rules: SoundRules,
    pub excluded: &'a Excluded,
    pub tracks: Vec<Track>,
    pub materials: Vec<Material>,
    pub notes: Vec<Note>,
    /// Where each track is written.
    pub places: Vec<Range<usize>>,
}

impl Pools<'_> {
    /// Adds a pool's tracks. `None` for one that could not be made whole: that has been said.
    pub fn fill(
        &mut self,
        written: &[track_schema::Track],
        setting: &Setting,
        findings: &mut Findings,
    ) -> Option<Vec<TrackId>> {
        if let Some(first) = written.first() {
            cut::refuse_first(first, findings);
        }
        let playing: Vec<_> =
            cut::pieces(written).filter(|tracks| tracks.iter().all(|track| self.excluded.lets(track))).collect();
        let ids: Vec<_> = playing.iter().map(|tracks| self.add(tracks, setting, findings)).collect();
        ids.into_iter().collect()
    }

    /// Adds a piece: a track, with those that are joined to it.
    fn add(&mut self, tracks: &[track_schema::Track], setting: &Setting, findings: &mut Findings) -> Option<TrackId> {
        let written = tracks.first()?;
        tracks.iter().for_each(|track| refuse_banned(track, &setting.ban, findings));
        let gain = written.gain.unwrap_or(Decibels::ZERO);
        let mut note = Note { at: written.at.clone(), facts: None };
        let (material, track) = match written.source.as_ref()? {
            _ if tracks.len() > 1 => {
                let recording = Recording::joined(tracks, self.library, findings)?;
                self.recording(recording, gain, setting.even, &mut note, findings)?
            }
            Source::File(file) => {
                let recording = Recording::whole(file, self.library);
                self.recording(recording, gain, setting.even, &mut note, findings)?
            }
            Source::Generator(maker, minutes) => self.generator(maker, minutes.unwrap_or(setting.planned), gain),
            Source::Silence(length) => {
                (Material::Silence, piece("Silence".into(), session::Material::Silence, length.value))
            }
        };
        let tags = tracks.iter().flat_map(|track| &track.tags);
        let track = Track {
            title: written.title.clone().unwrap_or(track.title),
            artist: written.artist.clone().or(track.artist),
            tags: tags.map(|tag| SafeText::new(&tag.value.to_lowercase()).into()).collect(),
            intensity: written.intensity.unwrap_or(setting.intensity),
            fade_in: written.fade_in,
            ..track
        };
        let crossfade = track.fade_in.unwrap_or(setting.crossfade);
        if track.length() < crossfade + crossfade {
            let message =
                format!("\"{}\" lasts {}, shorter than its two crossfades of {crossfade}", track.title, track.length());
            findings
                .warning(Code::ShortPiece, written.at.clone(), message)
                .advise("take a longer piece, or give it a shorter `fade_in` or its phase a shorter `crossfade`");
        }
        let id = TrackId(u32::try_from(self.tracks.len()).ok()?);
        self.tracks.push(track);
        self.materials.push(material);
        self.notes.push(note);
        self.places.push(written.at.clone());
        Some(id)
    }

    fn generator(&self, maker: &Maker, length: Span, gain: Decibels) -> (Material, Track) {
        // A seed of its own for each, so that two alike do not sound alike.
        let recipe = maker.recipe(self.tracks.len() as u64 + 1);
        let trim = Decibels((self.rules.target.0 - recipe.loudness().0) as f32);
        let track = piece(name_of(&maker.name), session::Material::Generator, length);
        let contour = Contour::steady(recipe.loudness(), recipe.peak());
        (Material::Generator(recipe), Track { gain: trim + gain, contour, ..track })
    }

    fn recording(
        &self,
        Recording { file, known }: Recording,
        gain: Decibels,
        even: bool,
        note: &mut Note,
        findings: &mut Findings,
    ) -> Option<(Material, Track)> {
        let bounds = bounds(&file, known.as_ref().map(|(_, facts)| facts), findings);
        let ((material, facts), (start, end)) = (known?, bounds?);
        let (exits, loop_region) = inner_places(&file, (start, end), findings);
        fitness::judge(&file.path, &facts, (start, end), (gain, &self.rules), findings);
        if even {
            fitness::judge_range(&file.path, &facts, (start, end), findings);
        }
        let stem = Path::new(&file.path.value).file_stem().map(|stem| SafeText::new(&stem.to_string_lossy()));
        let track = piece(
            facts.title.clone().or(stem).filter(|title| !title.is_empty()).unwrap_or_else(|| "Untitled".into()),
            session::Material::File,
            Span::ZERO,
        );
        let trim = fitness::trim(&facts, (start, end), gain, &self.rules)?;
        let (artist, contour) = (facts.artist.clone(), facts.contour.clone());
        *note = Note { at: file.path.at, facts: Some(facts) };
        Some((material, Track { artist, gain: trim, contour, start, end, exits, loop_region, ..track }))
    }
}

/// A piece with nothing set that may be left out.
pub(super) fn piece(title: SafeText, material: session::Material, length: Span) -> Track {
    Track {
        title,
        artist: None,
        tags: Vec::new(),
        intensity: 1,
        gain: Decibels::ZERO,
        contour: Contour::default(),
        material,
        start: TrackTime::ZERO,
        end: TrackTime::at(length),
        exits: Vec::new(),
        loop_region: None,
        fade_in: None,
        same_as: TrackId(0),
    }
}

/// `brown-noise` as a title.
pub(super) fn name_of(generator: &str) -> SafeText {
    let words = generator.replace('-', " ");
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    SafeText::new(&(first + letters.as_str()))
}

fn refuse_banned(written: &track_schema::Track, ban: &Ban, findings: &mut Findings) {
    for tag in &written.tags {
        let (name, at) = (tag.value.to_lowercase(), tag.at.clone());
        match ban {
            Ban::Ground if ["lyrics", "percussion"].contains(&name.as_str()) => {
                findings
                    .error(Code::Grounding, at, format!("the `ground` pool never plays {name}"))
                    .advise("move this track to another pool, or correct its tags");
            }
            Ban::Written(kind, tags) if tags.contains(&name) => {
                let message = format!("this track is tagged {}, which the {} forbids", quoted(&name), kind.name());
                findings
                    .error(Code::Forbidden, at, message)
                    .advise("move it to another phase, correct its tags, or take the tag out of `forbid`");
            }
            Ban::Lyrics(kind) if name == "lyrics" => {
                let message = format!("words hold on to a client whom the {} wants to let go", kind.name());
                findings
                    .warning(Code::Forbidden, at, message)
                    .advise("take a piece without lyrics; if they are meant here, write forbid = [] in this phase");
            }
            _ => {}
        }
    }
}

/// Where the piece begins and ends, inside the file as far as that is known.
fn bounds(file: &File, facts: Option<&Facts>, findings: &mut Findings) -> Option<(TrackTime, TrackTime)> {
    let length = facts.map(|facts| TrackTime::at(facts.length));
    let mut sound = true;
    for (key, written) in [("start", &file.start), ("end", &file.end)] {
        if let (Some(written), Some(length)) = (written, length)
            && written.value > length
        {
            let message = format!("`{key}` is {}, but the file ends at {length}", written.value);
            findings
                .error(Code::StartEnd, written.at.clone(), message)
                .advise(format!("give a place before {length}, or leave `{key}` out"));
            sound = false;
        }
    }
    // Silence at the edges is left out, so that crossfades overlap sound with sound.
    let heard = facts.map(Facts::sound);
    let start = file.start.as_ref().map(|start| start.value).or(heard.map(|heard| heard.0)).unwrap_or_default();
    let end = file.end.as_ref().map(|end| end.value).or(heard.map(|heard| heard.1));
    if let (Some(end), Some(written)) = (end, file.end.as_ref().or(file.start.as_ref()))
        && start >= end
        && sound
    {
        findings
            .error(Code::StartEnd, written.at.clone(), format!("the piece starts at {start}, but ends at {end}"))
            .advise("let `end` come after `start`");
        sound = false;
    }
    end.filter(|_| sound).map(|end| (start, end))
}

type Region = (TrackTime, TrackTime);

/// Exits in order and strictly inside; the loop inside.
fn inner_places(file: &File, (start, end): Region, findings: &mut Findings) -> (Vec<TrackTime>, Option<Region>) {
    let mut before = start;
    for exit in &file.exits {
        let advice = "list the exits in order, each between `start` and `end`";
        if exit.value <= start || exit.value >= end {
            let message = format!("the exit {} is not between {start} and {end}", exit.value);
            findings.error(Code::Exits, exit.at.clone(), message).advise(advice);
        } else if exit.value <= before {
            let message = format!("the exit {} does not come after {before}", exit.value);
            findings.error(Code::Exits, exit.at.clone(), message).advise(advice);
        }
        before = before.max(exit.value);
    }
    let exits = file.exits.iter().map(|exit| exit.value).collect();
    (exits, file.loop_region.as_ref().and_then(|written| loop_region(written, (start, end), findings)))
}

fn loop_region(
    written: &Written<Vec<Written<TrackTime>>>,
    (start, end): Region,
    findings: &mut Findings,
) -> Option<Region> {
    let mut wrong = |why: String| {
        findings
            .error(Code::Loop, written.at.clone(), why)
            .advise(format!("write where it begins and ends, between {start} and {end}: loop = [\"2:00\", \"4:00\"]"));
        None
    };
    match written.value[..] {
        [Written { value: from, .. }, Written { value: to, .. }] => {
            if from >= to {
                return wrong(format!("the loop begins at {from}, but ends at {to}"));
            }
            if from < start || to > end {
                return wrong(format!("the loop from {from} to {to} is not inside the piece"));
            }
            Some((from, to))
        }
        _ => wrong(format!("a loop is two places, not {}", written.value.len())),
    }
}

/// Says which excluded tags are probably misspelt: they are on no track, and another tag is nearly the same.
pub(super) fn unused_tags<'a>(
    tags: impl Iterator<Item = (&'a str, Option<std::ops::Range<usize>>)>,
    used: &BTreeSet<String>,
    findings: &mut Findings,
) {
    for (tag, at) in tags.filter(|(tag, _)| !used.contains(&tag.to_lowercase())).take(MOST_COMPARED) {
        let candidates = used.iter().map(String::as_str).take(MOST_COMPARED);
        let Some(meant) = nearest(tag, candidates) else { continue };
        let message = format!("no track has the tag {}, so it excludes nothing", quoted(tag));
        let meant = quoted(meant).trim_matches('"').to_owned();
        let finding = match at {
            Some(at) => findings.warning(Code::UnusedTag, at, message),
            None => findings.general(super::Severity::Warning, Code::UnusedTag, message),
        };
        finding.advise(format!("write \"{meant}\" if that is what must not be heard")).suggest(Some(meant));
    }
}
