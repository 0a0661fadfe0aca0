//! Playlists good and bad: the good load without a word, the bad say what their golden drawings show.
//!
//! After a change of wording, `INSTA_UPDATE=always cargo test --test playlists` writes the drawings anew; read the diff.
#![allow(clippy::unwrap_used)] // a fixture that cannot be read is a failed test

#[path = "playlists/stand_in.rs"]
mod stand_in;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use stand_in::examine;
use undertone::media::Material;
use undertone::playlist::{self, Code, Diagnostic, Loaded, Options, Severity};
use undertone::session::{Advance, BedId, Order, PhaseKind};
use undertone::units::{DbTp, Decibels, Lufs, Span, TrackTime};

const FIXTURES: &str = "tests/fixtures/playlists";

fn options() -> Options {
    Options { library_roots: vec![format!("{FIXTURES}/music").into()], ..Options::default() }
}

fn load(path: &Path, options: &Options) -> (Option<Loaded>, Vec<Diagnostic>) {
    playlist::load(path, options, &mut examine)
}

fn good(name: &str, options: &Options) -> Loaded {
    let (loaded, found) = load(Path::new(&format!("{FIXTURES}/good/{name}.toml")), options);
    assert!(found.is_empty(), "{name}:\n{}", playlist::draw(&found));
    loaded.unwrap()
}

fn playlists(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("{FIXTURES}/{folder}")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
}

#[test]
fn good_playlists_load_without_a_word() {
    for path in playlists("good") {
        good(path.file_stem().unwrap().to_str().unwrap(), &options());
    }
}

#[test]
fn bad_playlists_say_what_is_wrong_and_what_to_do() {
    insta::with_settings!({
        snapshot_path => "fixtures/playlists/bad", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        for path in playlists("bad") {
            let (loaded, found) = load(&path, &options());
            assert!(!found.is_empty(), "{}", path.display());
            assert_eq!(loaded.is_some(), playlist::gravest(&found) == Some(Severity::Warning), "{}", path.display());
            let drawn = playlist::draw(&found);
            let hidden = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!drawn.contains(hidden), "{}", path.display());
            assert!(drawn.lines().all(|line| line.chars().count() <= 100), "{}", path.display());
            for finding in &found {
                assert!(!finding.message.ends_with('.') && !finding.advice.is_empty(), "{finding}");
                assert!(finding.code.grade().allows(finding.severity), "the table of codes denies {finding}");
            }
            insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), drawn);
        }
    });
}

#[test]
fn every_kind_of_diagnostic_is_shown_by_a_bad_playlist() {
    let found: BTreeSet<Code> =
        playlists("bad").iter().flat_map(|path| load(path, &options()).1).map(|finding| finding.code).collect();
    // These are about the file as a whole, or need one that no repository holds; the unit tests cause them.
    let elsewhere =
        [Code::Unreadable, Code::NotAFile, Code::TooLarge, Code::NotUtf8, Code::TooManyTracks, Code::TooMany];
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !found.contains(code) && !elsewhere.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let texts: BTreeSet<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    assert_eq!(texts.len(), Code::ALL.len(), "no code stands for two things");
}

#[test]
fn twelve_mistakes_are_twelve_diagnostics_in_the_order_of_the_text() {
    let (_, found) = load(Path::new(&format!("{FIXTURES}/bad/twelve-mistakes.toml")), &options());
    let lines: Vec<usize> = found.iter().map(|finding| finding.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [2, 3, 6, 9, 10, 11, 14, 15, 19, 20, 22, 28]);
}

#[test]
fn twelve_things_that_only_listening_tells_are_twelve_diagnostics() {
    let (loaded, found) = load(Path::new(&format!("{FIXTURES}/bad/twelve-heard.toml")), &options());
    let told: Vec<(usize, Code)> =
        found.iter().map(|finding| (finding.place.as_ref().unwrap().line, finding.code)).collect();
    let expected = [
        (8, Code::NoSpare),
        (14, Code::SuddenRise),
        (16, Code::Truncated),
        (18, Code::LoudnessClash),
        (20, Code::BrightnessClash),
        (23, Code::ThinPool),
        (29, Code::Forbidden),
        (31, Code::WideRange),
        (33, Code::LongSilence),
        (35, Code::SuddenlyLoud),
        (37, Code::SilentEdge),
        (40, Code::Quiet),
    ];
    assert_eq!(told, expected);
    assert!(loaded.is_some(), "it plays, but not as well as it could");
}

#[test]
fn a_plan_holds_what_the_playlist_says() {
    let Loaded { plan, shelf, rules, sha, .. } = good("everything", &options());
    assert_eq!((plan.title.as_str(), plan.route.name.as_str(), sha.len()), ("Low tide", "im", 64));
    assert_eq!((rules.target, rules.ceiling), (Lufs(-20.0), DbTp(-3.0)));
    let phases: Vec<_> = plan.phases.iter().map(|phase| (phase.kind, phase.planned.millis() / 60_000)).collect();
    use PhaseKind::{Integration, Onset, Peak, Preparation};
    assert_eq!(phases, [(Preparation, 12), (Onset, 12), (Peak, 50), (Integration, 28)]);
    assert_eq!(shelf.tracks.len(), plan.tracks.len());

    let arriving = &plan.phases[0];
    assert_eq!(arriving.title.as_ref().unwrap().as_str(), "Arriving");
    assert_eq!((arriving.advance, arriving.order), (Advance::Manual, Order::Listed));
    assert_eq!((arriving.level, arriving.crossfade), (Decibels(-5.0), Span::from_secs(12)));
    assert_eq!(arriving.pool.len(), 3, "the water is excluded");
    assert_eq!((arriving.bed, plan.phases[1].bed, plan.phases[2].bed), (Some(BedId(0)), Some(BedId(0)), None));
    assert_eq!((plan.phases[1].crossfade, plan.phases[1].advance), (Span::from_secs(20), Advance::Auto));
    assert_eq!((plan.phases[2].intensity, plan.phases[2].advance), ((3, 5), Advance::Ask));

    let opening = plan.track(arriving.pool[0]);
    assert_eq!(opening.title.as_str(), "The opening");
    assert_eq!(opening.tags, ["strings", "no-lyrics"]);
    assert!((opening.gain.0 - -3.7).abs() < 1e-4, "-20 - -18.3 - 2, not {}", opening.gain);
    assert_eq!(opening.length(), Span::from_secs(448));
    assert_eq!(opening.exits.len(), 2);
    let at = |text: &str| text.parse::<TrackTime>().unwrap();
    assert_eq!(opening.loop_region, Some((at("2:00"), at("4:00"))));
    assert_eq!(opening.fade_in, Some(Span::from_secs(6)));
    assert_eq!(plan.track(plan.phases[1].pool[0]).length(), Span::from_mins(10));
    assert_eq!(plan.track(plan.phases[2].pool[0]).length(), Span::from_mins(50), "as long as its phase");

    assert_eq!(plan.steering.len(), 2);
    assert!(matches!(shelf.tracks[plan.steering[0].pool[0].0 as usize], Material::File(_)));
    assert_eq!(shelf.beds.len(), 1);
    assert!(shelf.safe_bed.gain.0 < 0.0, "{:?}", shelf.safe_bed);
}

#[test]
fn files_cut_from_one_recording_are_one_piece() {
    let Loaded { plan, shelf, .. } = good("concert", &options());
    let pool = &plan.phases[0].pool;
    assert_eq!((pool.len(), plan.tracks.len()), (2, 2));
    let concert = plan.track(pool[0]);
    let at = |text: &str| text.parse::<TrackTime>().unwrap();
    assert_eq!((concert.title.as_str(), concert.start, concert.end), ("Concert", at("0:20"), at("45:00")));
    assert_eq!(concert.exits, [at("15:00"), at("21:00")]);
    assert_eq!((concert.loop_region, concert.fade_in), (Some((at("22:00"), at("24:00"))), None));
    assert_eq!(concert.tags, ["strings", "live"]);
    assert!(concert.gain.0.abs() < 0.1, "as loud as each of them: {}", concert.gain);
    let Material::Cut(slices) = &shelf.tracks[0] else { panic!("{:?}", shelf.tracks[0]) };
    let frames: Vec<u64> = slices.iter().map(|slice| slice.frames).collect();
    assert_eq!(frames, [20 * 60 * 48_000, 25 * 60 * 48_000 + 24_000]);
    assert_eq!(shelf.written, [0, 2], "the second track is no piece of its own");
    let live = Options { exclude: vec!["live".into()], ..options() };
    let (without, _) = load(Path::new(&format!("{FIXTURES}/good/concert.toml")), &live);
    assert_eq!(without.unwrap().plan.phases[0].pool.len(), 1, "half a piece is no piece");
}

#[test]
fn options_take_the_place_of_what_the_playlist_says() {
    let with = |change: fn(&mut Options)| {
        let mut options = options();
        change(&mut options);
        options
    };
    let peak_minutes = |options: &Options| good("minimal", options).plan.phases[0].planned.millis() / 60_000;
    assert_eq!(peak_minutes(&options()), 90, "the only phase has them all");
    assert_eq!(peak_minutes(&with(|options| options.route = Some("oral".into()))), 165);
    let infusion = with(|options| (options.route, options.infusion) = (Some("iv".into()), Some(Span::from_mins(40))));
    assert_eq!(peak_minutes(&infusion), 90);

    let codes = |name: &str, options: &Options| -> Vec<Code> {
        let path = format!("{FIXTURES}/good/{name}.toml");
        load(Path::new(&path), options).1.iter().map(|finding| finding.code).collect()
    };
    assert_eq!(codes("minimal", &with(|options| options.route = Some("imm".into()))), [Code::UnknownRoute]);
    assert_eq!(codes("minimal", &with(|options| options.route = Some("iv".into()))), [Code::Infusion]);
    assert_eq!(codes("minimal", &with(|options| options.infusion = Some(Span::from_mins(40)))), [Code::Infusion]);
    assert_eq!(codes("everything", &with(|options| options.exclude = vec!["strngs".into()])), [Code::UnusedTag]);
    let strings = with(|options| options.exclude = vec!["STRINGS".into()]);
    assert_eq!(good("everything", &strings).plan.phases[0].pool.len(), 2);
}

#[test]
fn a_diagnostic_is_plain_data_for_scripts() {
    let (_, found) = load(Path::new(&format!("{FIXTURES}/bad/unknown-route.toml")), &options());
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json[0]["code"], "P021");
    assert_eq!(json[0]["severity"], "error");
    assert_eq!(json[0]["nearest"], "sl-swallow");
    assert_eq!((&json[0]["place"]["line"], &json[0]["place"]["column"]), (&3.into(), &9.into()));
}

fn load_text(text: &str) -> (Option<Loaded>, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.toml");
    fs::write(&path, text).unwrap();
    load(&path, &options())
}

#[test]
fn two_thousand_tracks_are_a_playlist_and_one_more_is_not() {
    let head = "format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n";
    let (loaded, found) = load_text(&(head.to_owned() + &"[[phase.track]]\ngenerator = 'drone'\n".repeat(2000)));
    assert_eq!((loaded.unwrap().plan.tracks.len(), found.len()), (2000, 0));
    let (loaded, found) = load_text(&(head.to_owned() + &"[[phase.track]]\ngenerator = 'drone'\n".repeat(2001)));
    assert!(loaded.is_none());
    assert_eq!(found[0].code, Code::TooManyTracks);
    assert_eq!(found[0].place.as_ref().unwrap().line, 5 + 2 * 2000 + 1);
}

#[test]
fn a_hostile_megabyte_is_refused_with_a_readable_answer() {
    let keys: String = (0..90_000).map(|key| format!("k{key}=1,")).collect();
    let tags: String = (0..40_000).map(|tag| format!("'t{tag}',")).collect();
    let track = "[[phase]]\nkind='peak'\n[[phase.track]]\ngenerator='rain'\n";
    for text in [
        format!("format = 1\nsound = {{ {keys} }}"),
        format!("[exclude]\ntags = [{tags}]\n{track}tags = [{tags}]"),
        "\"\n".repeat(500_000),
        "[".repeat(1 << 20),
        format!("a = [{}", ",]=".repeat(300_000)),
        "[[phase]]\n".repeat(100_000),
        format!("title = \"{}\"\n", "\u{202e}".repeat(300_000)),
    ] {
        let (loaded, found) = load_text(&text);
        assert!(loaded.is_none() && found.len() <= 1001, "{}", found.len());
        let drawn = playlist::draw(&found);
        assert!(drawn.len() < 1 << 20 && drawn.lines().all(|line| line.chars().count() <= 100));
    }
}

/// What to do to a text: replace a stretch of it by a piece of another or by something that means much to TOML.
fn mutate(text: &mut Vec<u8>, (from, length, what): (usize, usize, usize), other: &[u8]) {
    const PIECES: [&[u8]; 16] = [
        b"\"",
        b"[[",
        b"]",
        b"=",
        b"\n",
        b"{",
        b"}",
        b"\x1b[2J",
        "\u{202e}".as_bytes(),
        b"\xff",
        b".",
        b"9999999999999999999",
        b"inf",
        b"-",
        b"[[phase]]\n",
        b"\"\"\"",
    ];
    let from = from % (text.len() + 1);
    let to = (from + length % 40).min(text.len());
    let piece = match what % 20 {
        known @ 0..16 => PIECES[known].to_vec(),
        16 => Vec::new(),
        _ => other[from.min(other.len())..(from + 30).min(other.len())].to_vec(),
    };
    text.splice(from..to, piece);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_brings_the_reader_down_or_reaches_the_terminal(
        seed in 0usize..1000, other in 0usize..1000, changes in proptest::collection::vec(proptest::prelude::any::<(usize, usize, usize)>(), 1..12)
    ) {
        let all: Vec<PathBuf> = ["good", "bad"].into_iter().flat_map(playlists).collect();
        let mut text = fs::read(&all[seed % all.len()]).unwrap();
        let other = fs::read(&all[other % all.len()]).unwrap();
        for change in changes {
            mutate(&mut text, change, &other);
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.toml");
        fs::write(&path, text).unwrap();
        let (loaded, found) = load(&path, &options());
        assert_eq!(loaded.is_some(), playlist::gravest(&found) != Some(Severity::Error));
        let drawn = playlist::draw(&found);
        assert!(!drawn.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{drawn}");
    }
}
