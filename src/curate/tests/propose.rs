//! Whatever a folder holds, what is proposed is accepted by the playlist's own check, or there really is too little.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::playlist::{self, Options, Severity};
use crate::units::{DbTp, Lufs};
use proptest::prelude::*;

fn facts((seconds, loudness, peak, wobble): (i64, i16, i16, i16)) -> Facts {
    let contour: Vec<(i16, i16)> =
        (0..seconds.min(60)).map(|second| (loudness * 10 + wobble * (second % 2) as i16, peak)).collect();
    Facts {
        length: Span::from_secs(seconds),
        frames: seconds as u64 * 8000,
        claimed: None,
        rate_hz: 8000,
        channels: 1,
        codec: "flac".into(),
        loudness: Some(Lufs(f64::from(loudness))),
        range_lu: 5.0,
        short_term_max: Some(Lufs(f64::from(loudness) + 4.0)),
        true_peak: DbTp(f64::from(peak)),
        contour: contour.into(),
        brightness: Vec::new(),
        rises: Vec::new(),
        lead_in: Span::ZERO,
        tail: Span::ZERO,
        title: None,
        artist: None,
    }
}

/// A folder with so many files that hold nothing; what would be heard in them is given.
struct Shelf(tempfile::TempDir);

impl Shelf {
    fn new(count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for index in 0..count {
            std::fs::write(folder.path().join(name(index)), "").unwrap();
        }
        Self(folder)
    }

    /// The errors in a text as a playlist in that folder.
    fn errors(&self, text: &Text, files: &[Heard]) -> Vec<String> {
        let folder = std::fs::canonicalize(self.0.path()).unwrap();
        let mut known: BTreeMap<PathBuf, _> = BTreeMap::new();
        for heard in files {
            known.insert(folder.join(&heard.file), Ok(heard.facts.clone()));
        }
        let path = self.0.path().join("list.toml");
        let (_, found) =
            playlist::load_text(&path, text.toml.clone(), &Options::default(), &mut |_: &[PathBuf]| known.clone());
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| format!("{finding}\n{}", text.toml)).collect()
    }
}

fn name(index: usize) -> String {
    format!("{index} \"x\".flac")
}

fn im() -> Preset {
    playlist::presets(None).unwrap().into_iter().find(|preset| preset.name.as_str() == "im").unwrap()
}

fn files(heard: &[(i64, i16, i16, i16)]) -> Vec<Heard> {
    heard.iter().enumerate().map(|(index, heard)| Heard { file: name(index), facts: facts(*heard) }).collect()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 120, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_proposed_is_accepted_and_holds_every_file_once(
        heard in proptest::collection::vec((40i64..1200, -30i16..-14, -12i16..0, 0i16..40), 0..70)
    ) {
        let files = files(&heard);
        match propose("T".into(), &im(), &files) {
            Ok(draft) => {
                let shelf = Shelf::new(files.len());
                let errors = shelf.errors(&draft.text(), &files);
                prop_assert!(errors.is_empty(), "{}", errors.join("\n"));
                let mut named: Vec<String> =
                    draft.sections.iter().flat_map(|section| &section.pieces).map(|piece| piece.file.clone()).collect();
                named.sort();
                let mut all: Vec<String> = files.iter().map(|heard| heard.file.clone()).collect();
                all.sort();
                prop_assert_eq!(named, all);
            }
            Err(Shortage { needed, lasts }) => prop_assert!(lasts < needed, "{lasts} are enough for {needed}"),
        }
    }
}

#[test]
fn the_most_intense_music_is_the_peak_and_the_stillest_the_preparation() {
    let heard: Vec<_> = (0..60).map(|index| (240, -30 + index / 4, -3, 5)).collect();
    let draft = propose("T".into(), &im(), &files(&heard)).unwrap();
    assert_eq!(draft.sections.len(), 6);
    let loudest = |kind: PhaseKind| {
        let section = draft.sections.iter().find(|section| section.part == Part::Phase(kind)).unwrap();
        section.pieces.iter().filter_map(|piece| piece.intensity).max().unwrap()
    };
    assert_eq!((loudest(Preparation), loudest(Peak)), (1, 5));
    let minutes = |kind: PhaseKind| {
        draft.sections.iter().find(|section| section.part == Part::Phase(kind)).unwrap().pieces.len() * 4
    };
    assert!(minutes(Peak) > minutes(Onset) * 4, "by as much of the music as of the time");
}

#[test]
fn little_music_in_long_pieces_makes_fewer_phases() {
    let draft =
        propose("T".into(), &im(), &files(&[(4200, -20, -6, 5), (4200, -22, -6, 5), (4200, -18, -6, 5)])).unwrap();
    let kinds: Vec<&str> = draft.sections.iter().map(|section| section.part.name()).collect();
    assert_eq!(kinds, ["preparation", "peak", "integration"]);
    assert!(draft.head.iter().any(|paragraph| paragraph.contains("onset, ascent, return")));
}

#[test]
fn a_trial_asks_of_each_file_whether_it_can_be_played() {
    let mut all = files(&[(240, -20, -6, 5), (240, -20, -6, 5)]);
    all[1].facts.short_term_max = Some(Lufs(0.0));
    let text = trial(&all);
    let values: Vec<&str> = text.values.iter().map(|at| &text.toml[at.clone()]).collect();
    assert_eq!(values, [r#""0 \"x\".flac""#, r#""1 \"x\".flac""#]);
    let errors = Shelf::new(2).errors(&text, &all);
    assert!(errors.len() == 1 && errors[0].contains("louder than the piece"), "{errors:?}");
}
