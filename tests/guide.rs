//! The curator's guide says what is so: its commands are run in its order, in the folder of its example; its playlists load.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

#[path = "guide/music.rs"]
mod music;
#[path = "curating/room.rs"]
mod room;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use room::Room;
use undertone::media::examine;
use undertone::playlist::{self, Options};

const GUIDE: &str = include_str!("../assets/guide.md");

/// The examples in this language, in order.
fn examples(language: &str) -> Vec<&'static str> {
    let begins = format!("```{language}\n");
    GUIDE.split(begins.as_str()).skip(1).map(|block| block.split_once("```").unwrap().0).collect()
}

#[test]
fn its_commands_do_what_it_says_in_its_order() {
    let room = Room::new();
    let count = music::sixty_files(&room);
    let commands: Vec<&str> = examples("sh").into_iter().flat_map(str::lines).collect();
    assert!(commands.len() >= 12, "the guide's commands were not understood");
    for command in commands {
        let answer = room.shell(command);
        assert_eq!(answer.code, 0, "{command}: {answer:?}");
        println!("$ {command}\n{}{}", answer.err, answer.out);
    }
    let named = playlist::named(&room.path("music/music.toml"), &Options::default()).unwrap();
    assert_eq!(named.files.len(), count, "every file that can be used is in it");
    assert!(named.files.iter().all(|file| file.found.is_ok()));
    let session = examine(&room.path("session.flac")).unwrap();
    assert!(session.length.secs_f64() > 100.0 * 60.0 && session.loudness.is_some(), "{session:?}");
}

#[test]
fn its_playlists_load_without_a_word() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let options = Options { library_roots: vec![assets], ..Options::default() };
    let examples = examples("toml");
    assert!(examples.len() >= 6, "the guide's playlists were not understood");
    for example in examples {
        // A part of a playlist stands after a phase that never runs dry.
        let whole =
            "format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n[[phase.track]]\ngenerator = 'drone'\n";
        let text = if example.contains("format = 1") { example.to_owned() } else { format!("{whole}{example}") };
        let mut facts =
            |files: &[PathBuf]| -> BTreeMap<_, _> { files.iter().map(|file| (file.clone(), examine(file))).collect() };
        let (loaded, findings) = playlist::load_text(Path::new("guide.toml"), text, &options, &mut facts);
        assert!(findings.is_empty() && loaded.is_some(), "{example}\n{}", playlist::draw(&findings));
    }
}

#[test]
fn the_command_prints_it_and_its_commands_are_the_programs() {
    let room = Room::new();
    assert_eq!(room.run(&["guide"]).out, GUIDE);
    // What is named in its sentences, too.
    let named = GUIDE.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.strip_prefix("undertone "));
    for command in named.filter(|words| words.starts_with(char::is_lowercase)) {
        let word = command.split(' ').next().unwrap();
        assert_eq!(room.run(&[word, "--help"]).code, 0, "{command}");
    }
}
