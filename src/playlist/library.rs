//! Every file that a playlist uses, found and examined once, whatever may be wrong with it said where it is named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Examine;
use super::diagnostic::Code;
use super::findings::{Findings, quoted};
use super::paths::Roots;
use super::reader::Written;
use super::schema::{Bed, Schema};
use super::track_schema::{Source, Track};
use crate::media::{self, Facts};
use crate::units::SafeText;

/// The most tracks of one playlist (format.md).
const MOST_TRACKS: usize = 2000;

/// The files by the paths that the playlist writes; what is missing here has been reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Library(BTreeMap<String, (PathBuf, Facts)>);

impl Library {
    /// Finds and examines all files of the tracks that `plays` lets through, and of the beds.
    pub fn gather(
        schema: &Schema,
        plays: impl Fn(&Track) -> bool,
        roots: &Roots,
        examine: &mut Examine,
        findings: &mut Findings,
    ) -> Self {
        if let Some(first) = schema.tracks().nth(MOST_TRACKS) {
            let count = schema.tracks().count();
            findings
                .error(Code::TooManyTracks, first.at.clone(), format!("{count} tracks are more than {MOST_TRACKS}"))
                .advise("split the playlist, or remove tracks from here on");
            return Self::default();
        }
        let files: Vec<&Written<String>> = used_files(schema, plays).collect();
        let found: Vec<_> = files.iter().filter_map(|file| Some((*file, roots.find(file, findings)?))).collect();
        let paths: BTreeSet<&PathBuf> = found.iter().map(|(_, path)| path).collect();
        let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
        let mut facts = if paths.is_empty() { BTreeMap::new() } else { examine(&paths) };
        let mut library = BTreeMap::new();
        for (file, path) in found {
            match facts.get_mut(&path) {
                Some(Ok(facts)) => {
                    library.insert(file.value.clone(), (path, facts.clone()));
                }
                Some(Err(error)) => undecodable(file, &error.to_string(), findings),
                None => undecodable(file, "this file was not examined; check again", findings),
            }
        }
        let library = Self(library);
        library.verify(schema, findings);
        library
    }

    /// The file at a path of the playlist.
    pub fn get(&self, written: &str) -> Option<(&Path, &Facts)> {
        self.0.get(written).map(|(path, facts)| (path.as_path(), facts))
    }

    /// Compares the files that have a checksum with it.
    fn verify(&self, schema: &Schema, findings: &mut Findings) {
        for track in schema.tracks() {
            let Some(Source::File(file)) = &track.source else { continue };
            let Some(checksum) = &file.checksum else { continue };
            let Some(expected) = checksum.value.strip_prefix("blake3:").filter(|hex| is_hash(hex)) else {
                findings
                    .error(
                        Code::Checksum,
                        checksum.at.clone(),
                        format!("{} is not a checksum", quoted(&checksum.value)),
                    )
                    .advise("write blake3: and the 64 digits that `b3sum` prints, or remove it");
                continue;
            };
            let Some((path, _)) = self.get(&file.path.value) else { continue };
            match media::content_hash(path) {
                Ok(hash) if hash.eq_ignore_ascii_case(expected) => {}
                Ok(_) => {
                    findings
                        .error(Code::Checksum, checksum.at.clone(), format!("{} has changed", quoted(&file.path.value)))
                        .advise("put the file back that was meant; or listen to this one, and write its own checksum");
                }
                Err(error) => undecodable(&file.path, &error.to_string(), findings),
            }
        }
    }
}

fn is_hash(hex: &str) -> bool {
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The files of tracks and beds, in no particular order.
fn used_files(schema: &Schema, plays: impl Fn(&Track) -> bool) -> impl Iterator<Item = &Written<String>> {
    let tracks = schema.tracks().filter(move |track| plays(track)).filter_map(|track| match &track.source {
        Some(Source::File(file)) => Some(&file.path),
        _ => None,
    });
    let beds = schema.phases.iter().filter_map(|phase| match &phase.bed {
        Some(Bed::File(file, _)) => Some(file),
        _ => None,
    });
    tracks.chain(beds)
}

/// A decoder's sentence, split into what is wrong and what to do.
fn undecodable(file: &Written<String>, sentence: &str, findings: &mut Findings) {
    let sentence = SafeText::new(sentence);
    let (what, advice) = sentence.as_str().split_once("; ").unwrap_or((sentence.as_str(), "replace the file"));
    findings.error(Code::Undecodable, file.at.clone(), what).advise(advice);
}
