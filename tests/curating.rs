//! From a folder of music to a playlist that can be trusted, by the commands alone: whatever the files are called, whoever made
//! the list, wherever the music went.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

#[path = "curating/room.rs"]
mod room;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use room::Room;
use undertone::playlist::{self, Options};

/// Exit codes, as the README has them.
const DONE: i32 = 0;
const WRONG: i32 = 1;
const COULD_NOT: i32 = 2;

/// Names that files really have, below `music/`.
fn odd_names() -> Vec<PathBuf> {
    let long = format!("{}.wav", "é".repeat(125));
    let names = [
        "plain.wav",
        "two words.wav",
        "it's \"quoted\".wav",
        "emoji 🌊🎻.wav",
        "مقام صبا.wav",
        "שיר \u{202e}ערש.wav",
        "line\nbreak.wav",
        "tab\tand\u{7}bell.wav",
        "back\\slash.wav",
        "-rf.wav",
        "~home.wav",
        "c:drive.wav",
        "#1.wav",
        "100% [live] (2).wav",
        " begins with a space.wav",
        "ends with a space .wav",
        "e\u{301} decomposed.wav",
        "$(reboot);&.wav",
        "CON.wav",
        "UPPER.WAV",
        "a...wav.wav",
        "a = 1 # comment.wav",
        "<b>&amp;</b>.wav",
        "deep/er/and \"deeper\"/夜想曲.wav",
        "deep/er/same.wav",
        "deep/same.wav",
        "zero\u{200b}width.wav",
        "private\u{e000}use.wav",
        "'''.wav",
        long.as_str(),
    ];
    let mut names: Vec<PathBuf> = names.iter().map(|name| Path::new("music").join(name)).collect();
    names.extend((0..30).map(|number| PathBuf::from(format!("music/more/{number:02}.wav"))));
    names
}

/// A room with those files, each of three minutes and a half, and the playlist that is proposed of them.
fn proposed() -> Room {
    let room = Room::new();
    room.shelf(&odd_names(), 210);
    room.says(&["new", "music"], DONE, &["music/music.toml", "60 pieces in 6 phases"]);
    room
}

/// The files that a playlist names, and whether each is there.
fn files(room: &Room, list: &str) -> Vec<(String, bool)> {
    let named = playlist::named(&room.path(list), &Options::default()).unwrap();
    named.files.into_iter().map(|file| (file.written, file.found.is_ok())).collect()
}

#[test]
fn a_folder_of_odd_names_becomes_a_playlist_without_errors() {
    let room = proposed();
    room.says(&["check", "music/music.toml"], DONE, &[]);
    let mut named = files(&room, "music/music.toml");
    assert!(named.iter().all(|(_, there)| *there), "{named:?}");
    let mut expected: Vec<PathBuf> =
        odd_names().iter().map(|name| name.strip_prefix("music").unwrap().to_owned()).collect();
    named.sort();
    expected.sort();
    let mut found: Vec<PathBuf> = named.iter().map(|(file, _)| Path::new(file).components().collect()).collect();
    found.iter_mut().for_each(|file| *file = file.strip_prefix(".").unwrap_or(file).to_owned());
    found.sort();
    assert_eq!(found, expected, "every file, once");
    let text = room.read("music/music.toml");
    assert!(
        !text.contains(|c: char| c == '\u{202e}' || (c.is_control() && c != '\n')),
        "nothing in it acts on an editor"
    );
    assert!(text.lines().filter(|line| line.starts_with("# ")).count() > 40, "it explains itself");
    room.says(&["new", "music"], COULD_NOT, &["already", "--force"]);
    assert_eq!(room.read("music/music.toml"), text);
    room.says(&["new", "music", "--force"], DONE, &[]);
    assert_eq!(room.read("music/music.toml"), text, "the same music, the same proposal");
}

#[test]
fn what_cannot_be_played_is_left_out_by_name_and_the_rest_makes_a_playlist() {
    let room = Room::new();
    room.shelf(&odd_names(), 210);
    let latin = OsStr::from_bytes(b"music/caf\xe9.wav");
    fs::hard_link(room.path("music/plain.wav"), room.path(latin)).unwrap();
    room.write("music/letter.mp3", "Dear reader, this is a letter and no music.\n".repeat(400));
    room.write("music/empty.ogg", "");
    room.write("music/notes.txt", "not looked at");
    room.tone("music/bell.wav", 20, 1);
    room.tone("outside.wav", 60, 1);
    room.write("music/silent.wav", silent());
    std::os::unix::fs::symlink(room.path("outside.wav"), room.path("music/link.wav")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(room.path("music/pipe.flac")).status().unwrap().success());
    let left_out = [
        "caf\u{fffd}.wav\" has a name that is not UTF-8",
        "rename it",
        "letter.mp3",
        "empty.ogg",
        "bell.wav\" lasts only 0:20",
        "silent.wav\" has no sound",
        "link.wav\" leads out",
        "pipe.flac",
    ];
    let answer = room.says(&["new", "music"], DONE, &left_out);
    assert!(answer.out.contains("60 pieces") && answer.out.contains("Left out: 7"), "{answer:?}");
    room.says(&["check", "music/music.toml"], DONE, &[]);
}

/// Three minutes of nothing.
fn silent() -> Vec<u8> {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut file = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..8000 * 180).for_each(|_| file.write_sample(0i16).unwrap());
    file.finalize().unwrap();
    bytes.into_inner()
}

#[test]
fn too_little_music_is_said_with_its_minutes_and_writes_nothing() {
    let room = Room::new();
    room.shelf(&odd_names()[..23], 210);
    let says = ["too little music for the route im", "plays 90 minutes", "last 73", "Add 1", "im-low"];
    room.says(&["new", "music", "--route", "sl-swallow"], WRONG, &["plays 140 minutes", "nothing was written"]);
    room.says(&["new", "music"], WRONG, &says[..3]);
    assert!(!room.path("music/music.toml").exists());
    fs::create_dir(room.path("none")).unwrap();
    room.says(&["new", "none"], COULD_NOT, &["holds no music"]);
    room.says(&["new", "nowhere"], COULD_NOT, &["is not a folder"]);
    room.says(&["new", "music", "--route", "iv"], COULD_NOT, &["iv40"]);
    room.says(&["new", "music", "-o", "none/list.toml"], COULD_NOT, &["does not lie above the music"]);
    room.says(&["new", "music", "-o", "no/such/list.toml"], COULD_NOT, &["make that folder first"]);
}

#[test]
fn a_list_that_went_out_and_came_back_goes_out_the_same() {
    let room = proposed();
    for (ending, left_out) in [("m3u8", 1), ("xspf", 0)] {
        let name = |number: u32| format!("music/{number}.{ending}");
        let code = if left_out == 0 { DONE } else { WRONG };
        room.says(
            &["export", "music/music.toml", "-o", &name(1)],
            code,
            if left_out == 0 { &[] } else { &["line break in its name"] },
        );
        let first = room.read(&name(1));
        let back = format!("music/back-{ending}.toml");
        room.says(&["import", &name(1), "-o", &back], DONE, &["It can be played"]);
        room.says(&["export", &back, "-o", &name(2)], DONE, &[]);
        assert_eq!(room.read(&name(2)), first, "{ending}");
        let kept = files(&room, &back);
        assert!(kept.iter().all(|(_, there)| *there) && kept.len() == 60 - left_out, "{kept:?}");
        room.says(&["export", &back, "-o", &name(2)], COULD_NOT, &["already"]);
    }
    // From another folder, paths lead back.
    fs::create_dir(room.path("lists")).unwrap();
    room.says(&["export", "music/music.toml", "-o", "lists/out.xspf"], DONE, &[]);
    assert!(room.read("lists/out.xspf").contains("<location>../music/"));
    room.says(&["import", "lists/out.xspf", "-o", "music/from-there.toml"], DONE, &[]);
    assert!(files(&room, "music/from-there.toml").iter().all(|(_, there)| *there));
}

#[test]
fn a_built_in_playlist_goes_out_and_its_generators_stay_behind() {
    let room = Room::new();
    room.says(&["export", "low-tide"], DONE, &["low-tide.m3u8", "generated pieces"]);
    let text = room.read("low-tide.m3u8");
    for line in [
        "#EXTM3U",
        "#PLAYLIST:Low tide",
        "#EXTGRP:preparation",
        "#EXTGRP:ground",
        "#EXTVLCOPT:start-time=4",
        "#EXTVLCOPT:stop-time=268",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
    }
    assert!(text.contains("Undertone - ") && text.contains("recordings/tide-in.ogg\n"));
}

#[test]
fn a_foreign_list_keeps_its_order_and_what_is_wrong_with_it_is_said() {
    let room = Room::new();
    let names: Vec<PathBuf> = (0..40).map(|number| PathBuf::from(format!("music/{number:02}.wav"))).collect();
    room.shelf(&names, 210);
    let lines: Vec<String> =
        names.iter().rev().map(|name| format!("#EXTINF:210,Us - {}\n{}\n", name.display(), name.display())).collect();
    room.write("list.m3u8", format!("#EXTM3U\n{}", lines.concat()));
    room.says(&["import", "list.m3u8"], DONE, &["40 of 40 files, in 6 phases", "It can be played"]);
    let kept: Vec<String> = files(&room, "list.toml").into_iter().map(|(file, _)| file).collect();
    let expected: Vec<String> = names.iter().rev().map(|name| name.to_str().unwrap().to_owned()).collect();
    assert_eq!(kept, expected);
    assert!(room.read("list.toml").contains("artist = \"Us\""));

    room.write("some.m3u8", "music/00.wav\nhttps://example.org/a.mp3\nmusic\\01.wav\ngone.flac\n");
    room.says(
        &["import", "some.m3u8"],
        WRONG,
        &["3 of 4", "left out: \"https://example.org/a.mp3\" is an address on a network", "to mend"],
    );
    assert_eq!(
        files(&room, "some.toml"),
        [("music/00.wav".into(), true), ("music/01.wav".into(), true), ("gone.flac".into(), false)]
    );
    for (name, bytes, says) in [
        ("latin.m3u8", b"caf\xe9.mp3\n".to_vec(), "is not UTF-8"),
        ("empty.m3u8", Vec::new(), "names no files"),
        ("stream.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:5\na.ts".to_vec(), "network stream"),
        ("torn.xspf", b"<playlist><trackList><track>".to_vec(), "is not an XSPF list"),
        ("bomb.xspf", bomb(), "is not an XSPF list"),
        ("list.pls", b"[playlist]".to_vec(), "ends in neither"),
        ("large.xspf", vec![b' '; (4 << 20) + 1], "larger than 4 MiB"),
        ("\u{1b}[2J\u{202e}.m3u8", Vec::new(), "names no files"),
    ] {
        room.write(name, bytes);
        room.says(&["import", name], COULD_NOT, &[says]);
    }
    room.says(&["import", "nowhere.m3u8"], COULD_NOT, &["cannot be read"]);
    room.says(&["import", "music"], COULD_NOT, &["is not a regular file"]);
}

/// A billion laughs.
fn bomb() -> Vec<u8> {
    let entities: String =
        (1..10).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    format!("<?xml version=\"1.0\"?><!DOCTYPE p [<!ENTITY l0 \"ha\">{entities}]><playlist><title>&l9;</title><trackList/></playlist>").into_bytes()
}

/// A playlist's text without the values of its files.
fn around_files(room: &Room, list: &str) -> Vec<String> {
    let named = playlist::named(&room.path(list), &Options::default()).unwrap();
    let mut pieces = vec![0];
    pieces.extend(named.files.iter().flat_map(|file| [file.at.start, file.at.end]));
    pieces.push(named.text.len());
    pieces.chunks(2).map(|piece| named.text[piece[0]..piece[1]].to_owned()).collect()
}

#[test]
fn music_that_moved_is_found_by_its_checksum_and_nothing_else_changes() {
    let room = proposed();
    room.says(&["relink", "music/music.toml"], DONE, &["0 still missing"]);
    let before = room.read("music/music.toml");
    room.says(&["relink", "music/music.toml", "--checksums"], DONE, &["60 checksums written"]);
    let marked = room.read("music/music.toml");
    let without: String =
        marked.lines().filter(|line| !line.starts_with("checksum = ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(without, before);
    room.says(&["check", "music/music.toml"], DONE, &[]);

    fs::rename(room.path("music/deep"), room.path("music/elsewhere")).unwrap();
    fs::rename(room.path("music/plain.wav"), room.path("music/elsewhere/renamed.wav")).unwrap();
    room.says(&["check", "music/music.toml"], WRONG, &["is not there"]);
    let around = around_files(&room, "music/music.toml");
    room.says(&["relink", "music/music.toml"], DONE, &["4 found again", "0 still missing", "same checksum"]);
    assert_eq!(around_files(&room, "music/music.toml"), around);
    room.says(&["check", "music/music.toml"], DONE, &[]);
}

#[test]
fn without_a_checksum_the_memory_helps_and_a_name_is_only_a_guess() {
    let room = Room::new();
    room.tone("music/a.wav", 90, 1);
    room.tone("music/b.wav", 90, 2);
    let track = |name: &str| format!("[[phase.track]]\nfile = 'music/{name}.wav' # {name}\nend = '1:20'\n");
    let text = format!(
        "format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n[[phase.track]]\ngenerator = 'drone'\n{}{}",
        track("a"),
        track("b")
    );
    room.write("list.toml", &text);
    room.says(&["check", "list.toml"], DONE, &[]);
    fs::rename(room.path("music"), room.path("moved")).unwrap();
    fs::rename(room.path("moved/a.wav"), room.path("moved/was a.wav")).unwrap();
    room.says(
        &["relink", "list.toml"],
        DONE,
        &["is \"moved/was a.wav\" (same content as when it was last measured)", "2 found again"],
    );
    assert_eq!(
        room.read("list.toml"),
        text.replace("'music/a.wav'", "\"moved/was a.wav\"").replace("'music/b.wav'", "\"moved/b.wav\"")
    );

    // Where nothing is remembered.
    room.write("list.toml", text.replace("music/", "never/"));
    let untouched = room.read("list.toml");
    room.says(
        &["relink", "list.toml"],
        WRONG,
        &["\"never/b.wav\" may be \"moved/b.wav\"", "--by-name", "\"never/a.wav\" was not found", "2 still missing"],
    );
    assert_eq!(room.read("list.toml"), untouched);
    room.says(&["relink", "list.toml", "--by-name"], WRONG, &["is taken to be \"moved/b.wav\"", "1 still missing"]);
    assert_eq!(room.read("list.toml"), untouched.replace("'never/b.wav'", "\"moved/b.wav\""));
    fs::create_dir(room.path("inner")).unwrap();
    fs::copy(room.path("list.toml"), room.path("inner/list.toml")).unwrap();
    room.says(&["relink", "inner/list.toml", "moved"], COULD_NOT, &["does not lie in the playlist's folder"]);
    room.says(&["relink", "inner/list.toml", "nowhere"], COULD_NOT, &["is not a folder"]);
    room.says(&["relink", "nowhere.toml"], WRONG, &["cannot be read"]);
}

#[test]
fn a_packed_playlist_plays_elsewhere_and_a_damaged_one_leaves_nothing() {
    let room = proposed();
    room.write("music/LICENSE", "CC0");
    room.says(&["pack", "music/music.toml", "-o", "tide.tar"], DONE, &["60 pieces of music, 1 texts about licences"]);
    room.says(&["pack", "music/music.toml", "-o", "tide.tar"], COULD_NOT, &["already"]);
    let other = Room::new();
    other.write("tide.tar", fs::read(room.path("tide.tar")).unwrap());
    other.says(&["unpack", "tide.tar", "lists"], DONE, &["lists/music/music.toml", "every checksum is right"]);
    other.says(&["check", "lists/music/music.toml"], DONE, &[]);
    // Only control characters in names had to be rewritten.
    let rewritten = [("line\\u000Abreak", "line-break"), ("tab\\u0009and\\u0007bell", "tab-and-bell")];
    let expected = rewritten.iter().fold(room.read("music/music.toml"), |text, (from, to)| text.replace(from, to));
    assert!(other.read("lists/music/music.toml") == expected);
    assert_eq!(other.read("lists/music/LICENSE"), "CC0");
    other.says(&["unpack", "tide.tar", "lists"], COULD_NOT, &["already"]);

    let mut bytes = fs::read(room.path("tide.tar")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    other.write("damaged.tar", bytes);
    other.says(&["unpack", "damaged.tar", "new"], COULD_NOT, &["missing or damaged", "nothing was unpacked"]);
    assert_eq!(fs::read_dir(other.path("new")).unwrap().count(), 0);
    fs::remove_file(room.path("music/plain.wav")).unwrap();
    room.says(&["pack", "music/music.toml", "-o", "again.tar"], WRONG, &["plain.wav", "Nothing was packed"]);
    room.says(&["unpack", "music/music.toml"], COULD_NOT, &["music.toml"]);
}

#[test]
fn a_built_in_playlist_packs_with_its_recordings_and_their_licence() {
    let room = Room::new();
    room.says(&["pack", "low-tide", "-o", "tide.tar"], DONE, &["pieces of music"]);
    room.says(&["unpack", "tide.tar"], DONE, &["low-tide/low-tide.toml"]);
    let named = playlist::named(&room.path("low-tide/low-tide.toml"), &Options::default()).unwrap();
    assert!(named.files.iter().all(|file| file.found.is_ok()), "needs no library");
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("playlists/low-tide.toml")).unwrap();
    assert_eq!(named.text, shipped);
    assert!(room.read("low-tide/README.md").contains("CC0"));
}
