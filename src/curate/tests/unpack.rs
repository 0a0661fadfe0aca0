//! Archives good and hostile: the good come out as they went in, the hostile leave nothing behind.

use super::*;
use crate::curate::pack;
use crate::playlist::{Options, named};
use tar::{Builder, Header};

/// A playlist with music in its folder, in a library and out of the way, and with licences; and its library.
fn playlist(folder: &Path) -> (PathBuf, Options) {
    let files = [
        ("lists/music/a.flac", "first"),
        ("lists/music/A.FLAC", "first in capitals"),
        ("lists/music/LICENSE.txt", "free"),
        ("lists/music/notes.txt", "not a licence"),
        ("library/recordings/b.ogg", "second"),
        ("library/README.md", "CC0"),
        ("library/c \"c\"\n.ogg", "third"),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let track = |file: &str| format!("[[phase.track]]\nfile = {file} # as it was\n");
    let tracks = [
        "'music/a.flac'",
        "'music/A.FLAC'",
        "'recordings/b.ogg'",
        "\"../library/c \\\"c\\\"\\n.ogg\"",
        "'./music/a.flac'",
    ];
    let text = format!("format = 1\n[[phase]]\nbed = {{ file = 'recordings/b.ogg' }}\n{}", tracks.map(track).concat());
    let list = folder.join("lists/tide.toml");
    fs::write(&list, text).unwrap();
    (list, Options { library_roots: vec![folder.join("library")], ..Options::default() })
}

fn packed(folder: &Path) -> (PathBuf, pack::Packed) {
    let (list, options) = playlist(folder);
    let archive = folder.join("tide.tar");
    let told = pack(&named(&list, &options).unwrap(), &list, &archive, false, &|_, _| ()).unwrap();
    (archive, told)
}

#[test]
fn a_playlist_comes_out_with_its_music_and_licences_and_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, told) = packed(folder.path());
    assert_eq!((told.music, told.licences, told.rewritten), (4, 3, 2));
    let into = folder.path().join("elsewhere");
    let list = unpack(&archive, &into, &|_, _| ()).unwrap();
    assert_eq!(list, into.join("tide/tide.toml"));
    let own = named(&list, &Options::default()).unwrap();
    let texts: Vec<String> =
        own.files.iter().map(|file| fs::read_to_string(file.found.as_ref().unwrap()).unwrap()).collect();
    assert_eq!(texts, ["second", "first", "first in capitals", "second", "third", "first"]);
    // Two names that some systems cannot tell apart, and one that led out and broke a line; all else is as it was.
    let before = fs::read_to_string(folder.path().join("lists/tide.toml")).unwrap();
    let odd = "\"music/c \\\"c\\\"-.ogg\"";
    let expected =
        before.replace("'music/A.FLAC'", "\"music/A-2.FLAC\"").replace("\"../library/c \\\"c\\\"\\n.ogg\"", odd);
    assert_eq!(own.text, expected);
    assert_eq!(fs::read_to_string(into.join("tide/README.md")).unwrap(), "CC0");
    assert!(into.join("tide/music/LICENSE.txt").exists() && !into.join("tide/music/notes.txt").exists());
    assert_eq!(fs::read_dir(&into).unwrap().count(), 1, "nothing is left beside it");
    let again = unpack(&archive, &into, &|_, _| ()).unwrap_err();
    assert!(matches!(again, UnpackError::Taken(_)), "{again}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_an_unpacking_that_was_broken_off_has_left_is_gone_after_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, _) = packed(folder.path());
    let into = folder.path().join("into");
    let mut over = std::process::Command::new("true").spawn().unwrap();
    over.wait().unwrap();
    for process in [over.id(), std::process::id()] {
        let left = into.join(format!(".undertone-{process}.part/tide"));
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("half.flac"), "half").unwrap();
    }
    unpack(&archive, &into, &|_, _| ()).unwrap();
    let there: Vec<_> = fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(there, ["tide"]);
}

#[test]
fn the_same_playlist_gives_the_same_archive() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, _) = packed(folder.path());
    let (list, options) = playlist(folder.path());
    let again = folder.path().join("again.tar");
    pack(&named(&list, &options).unwrap(), &list, &again, false, &|_, _| ()).unwrap();
    assert_eq!(fs::read(archive).unwrap(), fs::read(again).unwrap());
}

/// An entry of an archive, its name put there as it is.
fn entry(tar: &mut Builder<Vec<u8>>, name: &str, kind: EntryType, data: &[u8]) {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(data.len() as u64);
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    tar.append(&header, data).unwrap();
}

fn sums(files: &[(&str, &str)]) -> String {
    files.iter().map(|(name, text)| format!("{}  {name}\n", media::hash(text.as_bytes()))).collect()
}

/// Unpacks these entries; with the list of checksums of the good ones where none is among them.
fn refusal(entries: &[(&str, EntryType, &str)]) -> String {
    let mut tar = Builder::new(Vec::new());
    let good = sums(&[("t.toml", "format = 1")]);
    entry(&mut tar, "t/t.toml", EntryType::Regular, b"format = 1");
    for (name, kind, data) in entries {
        entry(&mut tar, name, *kind, data.as_bytes());
    }
    if entries.iter().all(|(name, ..)| *name != "t/CHECKSUMS") {
        entry(&mut tar, "t/CHECKSUMS", EntryType::Regular, good.as_bytes());
    }
    refused_bytes(&tar.into_inner().unwrap())
}

/// What is said of these bytes; and that they leave nothing behind.
fn refused_bytes(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    fs::write(&archive, bytes).unwrap();
    let into = folder.path().join("in/into");
    let told = unpack(&archive, &into, &|_, _| ()).unwrap_err().to_string();
    assert!(!into.exists() || fs::read_dir(&into).unwrap().count() == 0, "{told}");
    let beside: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| name == "a.tar" || name == "in"), "{beside:?}");
    assert!(!told.contains(char::is_control), "{told:?}");
    told
}

#[test]
fn what_pack_would_not_pack_is_refused_and_leaves_nothing() {
    use EntryType::{Block, Char, Fifo, GNUSparse, Link, Regular, Symlink, XHeader};
    let check = |entries: &[(&str, EntryType, &str)], expected: &str| {
        let told = refusal(entries);
        assert!(told.contains(expected), "{entries:?}: {told}");
    };
    check(&[("../evil", Regular, "x")], "leads out of its folder");
    check(&[("t/../../evil", Regular, "x")], "leads out of its folder");
    check(&[("/tmp/evil", Regular, "x")], "leads out of its folder");
    check(&[("t//evil", Regular, "x")], "leads out of its folder");
    check(&[("t/./evil", Regular, "x")], "leads out of its folder");
    for name in ["t/ev\x1b[31mil", "t/e\nvil", "t/e\x7fvil", "t/e\u{9b}vil", "e\x07vil/evil"] {
        check(&[(name, Regular, "x")], "control characters");
    }
    check(&[("evil", Regular, "x")], "lies in no folder");
    check(&[("other/evil", Regular, "x")], "more than one folder");
    check(&[("t/link", Symlink, "")], "a link");
    check(&[("t/link", Link, "")], "a link");
    for kind in [Block, Char, Fifo, GNUSparse] {
        check(&[("t/odd", kind, "")], "not a plain file");
    }
    check(&[("t/pax", XHeader, "20 size=99999999999\n")], "not a plain file");
    check(&[("t/t.toml", Regular, "x")], "twice");
    check(&[("t/T.TOML", Regular, "x")], "twice");
    check(&[("t/stray", Regular, "x")], "\"stray\" has no checksum");
    check(&[("t/CHECKSUMS", Regular, "what is this\n")], "cannot be read");
    check(&[("t/CHECKSUMS", Regular, &sums(&[("t.toml", "something else")]))], "\"t.toml\" is missing or damaged");
    check(&[("t/CHECKSUMS", Regular, &sums(&[("t.toml", "format = 1"), ("a.flac", "x")]))], "\"a.flac\" is missing");
    check(&[("t/CHECKSUMS", Regular, &sums(&[("t.toml", "format = 1"), ("../../../etc/passwd", "x")]))], "is missing");
    let two = sums(&[("t.toml", "format = 1"), ("u.toml", "x")]);
    check(&[("t/u.toml", Regular, "x"), ("t/CHECKSUMS", Regular, &two)], "one playlist");
}

#[test]
fn what_is_no_archive_and_what_would_fill_the_disk_is_refused() {
    let text = refused_bytes(b"a letter and no archive");
    assert!(text.contains("check the archive") || text.contains("refused"), "{text}");
    refused_bytes(&[0; 1024]);
    let mut tar = Builder::new(Vec::new());
    for index in 0..=MOST {
        entry(&mut tar, &format!("t/{index}"), EntryType::Regular, b"");
    }
    assert!(refused_bytes(&tar.into_inner().unwrap()).contains("more than 5000 files"));
    // An entry that claims a terabyte.
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..6].copy_from_slice(b"t/long");
    header.set_entry_type(EntryType::Regular);
    header.set_size(1 << 40);
    header.set_cksum();
    refused_bytes(header.as_bytes());
    // A name of a megabyte.
    let mut tar = Builder::new(Vec::new());
    entry(&mut tar, "././@LongLink", EntryType::GNULongName, &[b'a'; 1 << 20]);
    assert!(refused_bytes(&tar.into_inner().unwrap()).contains("too long"));
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_damage_to_an_archive_is_let_through(at in proptest::prelude::any::<usize>(), bit in 0u8..8) {
        let folder = tempfile::tempdir().unwrap();
        let (archive, _) = packed(folder.path());
        let mut bytes = fs::read(&archive).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        fs::write(&archive, &bytes).unwrap();
        let into = folder.path().join("into");
        // Damage to padding changes nothing; all other damage is found.
        if let Ok(list) = unpack(&archive, &into, &|_, _| ()) {
            let own = named(&list, &Options::default()).unwrap();
            proptest::prop_assert!(own.files.iter().all(|file| file.found.is_ok()));
        } else {
            proptest::prop_assert!(!into.exists() || fs::read_dir(&into).unwrap().count() == 0);
        }
    }
}
