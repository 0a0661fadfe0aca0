//! Files found again, and the bytes around them.

use super::*;
use crate::playlist::{Options, named};
use proptest::prelude::*;

const HASHES: [&str; 3] = [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
];

/// A playlist as its text, in a folder where none of its files are.
fn read(text: &str) -> (tempfile::TempDir, Named) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.toml");
    std::fs::write(&path, text).unwrap();
    let named = named(&path, &Options::default()).unwrap();
    (folder, named)
}

fn seen(written: &str, content: Option<&str>, seconds: i64) -> Seen {
    Seen {
        path: PathBuf::from(written),
        written: written.to_owned(),
        content: content.map(str::to_owned),
        length: Some(Span::from_secs(seconds)),
    }
}

fn links(text: &str, seen: &[Seen], remembered: Option<&str>) -> Vec<(String, Proof)> {
    let (_folder, named) = read(text);
    let remembered = |path: &Path| remembered.filter(|_| path.ends_with("old/a.flac")).map(str::to_owned);
    relink(&named, seen, &remembered).into_iter().map(|link| (link.to, link.proof)).collect()
}

#[test]
fn a_checksum_finds_a_file_whatever_it_is_called_now() {
    let text =
        format!("[[phase]]\n[[phase.track]]\nfile = 'old/a.flac'\nchecksum = 'blake3:{}'\n", HASHES[0].to_uppercase());
    let found = [seen("a.flac", Some(HASHES[1]), 600), seen("new/b.flac", Some(HASHES[0]), 600)];
    assert_eq!(links(&text, &found, None), [("new/b.flac".to_owned(), Proof::Checksum)]);
    assert_eq!(links(&text, &found[..1], None), [], "the same name is not the same file");
    let copies = [seen("x/b.flac", Some(HASHES[0]), 600), seen("y/A.FLAC", Some(HASHES[0]), 600)];
    assert_eq!(links(&text, &copies, None)[0].0, "y/A.FLAC");
}

#[test]
fn without_a_checksum_what_is_remembered_finds_it() {
    let text = "[[phase]]\n[[phase.track]]\nfile = 'old/a.flac'\n";
    let found = [seen("a.flac", Some(HASHES[1]), 600), seen("b.flac", Some(HASHES[2]), 600)];
    assert_eq!(links(text, &found, Some(HASHES[2])), [("b.flac".to_owned(), Proof::Remembered)]);
}

#[test]
fn a_name_alone_is_a_guess_and_only_if_it_can_be() {
    let text = "[[phase]]\n[[phase.track]]\nfile = 'old/a.flac'\nend = '5:00'\n";
    let guess = [("new/A.flac".to_owned(), Proof::Name)];
    assert_eq!(links(text, &[seen("new/A.flac", None, 300), seen("b.flac", None, 900)], None), guess);
    assert_eq!(links(text, &[seen("new/a.flac", None, 299)], None), [], "too short for its end");
    let two = [seen("new/A.flac", None, 300), seen("other/a.flac", None, 400)];
    assert_eq!(links(text, &two, None), [], "two that could be meant");
    let copies = [seen("new/A.flac", Some(HASHES[0]), 300), seen("other/a.flac", Some(HASHES[0]), 300)];
    assert_eq!(links(text, &copies, None), guess, "two copies of one");
}

#[test]
fn a_checksum_goes_below_its_file_and_nothing_else_changes() {
    let check = |text: &str, expected: &str| {
        let (_folder, named) = read(text);
        let changes = (0..named.files.len()).filter_map(|index| named.with_checksum(index, "x")).collect();
        assert_eq!(edited(text, changes), expected);
    };
    check(
        "[[phase]]\n  [[phase.track]]\n  file = 'a' # the first\n  gain = '-1 dB'\n",
        "[[phase]]\n  [[phase.track]]\n  file = 'a' # the first\n  checksum = \"blake3:x\"\n  gain = '-1 dB'\n",
    );
    check(
        "[[phase]]\r\n[[phase.track]]\r\nfile = 'a'\r\n",
        "[[phase]]\r\n[[phase.track]]\r\nfile = 'a'\r\nchecksum = \"blake3:x\"\r\n",
    );
    check("[[phase]]\n[[phase.track]]\nfile = 'a'", "[[phase]]\n[[phase.track]]\nfile = 'a'\nchecksum = \"blake3:x\"");
    check(
        "[[phase]]\ntrack = [{ file = 'a' }, { generator = 'rain' }]\nbed = { file = 'b' }\n",
        "[[phase]]\ntrack = [{ file = 'a', checksum = \"blake3:x\" }, { generator = 'rain' }]\nbed = { file = 'b' }\n",
    );
    check(
        "[[phase]]\n[[phase.track]]\nfile = 'a'\nchecksum = 'blake3:0'\n",
        "[[phase]]\n[[phase.track]]\nfile = 'a'\nchecksum = 'blake3:0'\n",
    );
}

fn layout() -> impl Strategy<Value = (String, Vec<String>)> {
    let comment = prop_oneof![Just(""), Just(" # why not"), Just("\t#[[x]]")];
    let space = prop_oneof![Just(""), Just("\n"), Just("# a line\n"), Just("\t\n")];
    let track = ("[a-zé \"\\\\]{1,6}", comment, space, any::<bool>()).prop_map(|(name, comment, space, literal)| {
        let literal = literal && !name.contains('\'');
        let value = if literal { format!("'{name}'") } else { quote(&name) };
        (format!("{space}[[phase.track]]\n  file={value}{comment}\nend = '1:00'\n"), name)
    });
    (proptest::collection::vec(track, 1..6), any::<bool>()).prop_map(|(tracks, crlf)| {
        let (texts, names): (Vec<String>, Vec<String>) = tracks.into_iter().unzip();
        let text = format!("# a list\n[[phase]]\nkind = 'peak'\n{}", texts.concat());
        (if crlf { text.replace('\n', "\r\n") } else { text }, names)
    })
}

proptest! {
    #[test]
    fn a_new_path_changes_only_its_value_and_the_old_one_brings_the_text_back((text, names) in layout()) {
        let (_folder, before) = read(&text);
        prop_assert_eq!(before.files.iter().map(|file| file.written.clone()).collect::<Vec<_>>(), names.clone());
        let moved = |named: &Named, path: &dyn Fn(&NamedFile) -> Change| {
            edited(&named.text, named.files.iter().map(path).collect())
        };
        let after = moved(&before, &|file| Change { at: file.at.clone(), text: quote(&format!("new/{}", file.written)) });
        let (_folder, again) = read(&after);
        let renewed = again.files.iter().map(|file| file.written.strip_prefix("new/").map(str::to_owned));
        prop_assert!(renewed.eq(names.into_iter().map(Some)));
        // The old values back in the new places: every other byte must be as it was.
        let mut old = before.files.iter().map(|file| text[file.at.clone()].to_owned()).collect::<Vec<_>>().into_iter();
        let changes = again.files.iter().map(|file| Change { at: file.at.clone(), text: old.next().unwrap() }).collect();
        prop_assert_eq!(edited(&after, changes), text);
    }
}
