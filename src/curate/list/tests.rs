//! Lists read from anybody, and back as they were.

use super::*;
use proptest::prelude::*;

fn read(kind: Kind, text: &str) -> List {
    kind.read(text.as_bytes()).unwrap()
}

fn entry(file: &str) -> Entry {
    Entry { file: file.to_owned(), ..Entry::default() }
}

#[test]
fn an_m3u_of_another_program_is_read() {
    let text = "\u{feff}#EXTM3U\r\n# a note\r\n#EXTINF:123 tvg-id=\"a,b\",Arvo Pärt - Für Alina\r\nmusic/a b.mp3\r\n\r\n\
                #EXTINF:-1,Only a title\nb%20.flac\n c.ogg \n#EXTGRP:Rock\nd.ogg";
    let first = Entry {
        title: Some("Für Alina".into()),
        artist: Some("Arvo Pärt".into()),
        length: Some(Span::from_secs(123)),
        ..entry("music/a b.mp3")
    };
    let second = Entry { title: Some("Only a title".into()), ..entry("b%20.flac") };
    let expected = List { title: None, entries: vec![first, second, entry(" c.ogg "), entry("d.ogg")] };
    assert_eq!(read(Kind::M3u, text), expected);
}

#[test]
fn an_xspf_of_another_program_is_read() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE playlist>
<playlist xmlns="http://xspf.org/ns/0/" xmlns:vlc="http://www.videolan.org/vlc/playlist/ns/0/" version="1">
  <title>Evening &amp; night</title><creator>VLC</creator>
  <trackList>
    <track>
      <location>file:///home/a/M%C3%BCsic/a%20b.mp3</location><title><![CDATA[A <b>]]></title><creator>C &#8212; D</creator>
      <album>x</album><duration>61500</duration>
      <extension application="http://www.videolan.org/vlc/playlist/0"><vlc:id>0</vlc:id><vlc:option>start-time=12.5</vlc:option></extension>
      <image>http://example.org/x.png</image><meta rel="urn:other">1</meta>
    </track>
    <track><title>nothing to play</title></track>
    <track><location>m%C3%BCsic/b.ogg</location></track>
  </trackList>
</playlist>"#;
    let first = Entry {
        title: Some("A <b>".into()),
        artist: Some("C — D".into()),
        length: Some(Span::from_millis(61_500)),
        start: Some(TrackTime::at(Span::from_millis(12_500))),
        ..entry("file:///home/a/M%C3%BCsic/a%20b.mp3")
    };
    let expected = List { title: Some("Evening & night".into()), entries: vec![first, entry("müsic/b.ogg")] };
    assert_eq!(read(Kind::Xspf, text), expected);
}

#[test]
fn what_is_no_list_is_refused_in_a_sentence() {
    let check = |kind: Kind, bytes: &[u8], expected: &str| {
        let told = kind.read(bytes).unwrap_err().to_string();
        assert!(told.starts_with(expected) && told.len() < 400, "{told}");
    };
    check(Kind::M3u, b"", "names no files");
    check(Kind::M3u, b"a\xff.mp3", "is not UTF-8");
    check(Kind::M3u, b"#EXTM3U\n#EXT-X-VERSION:3\na.ts", "is the index of a network stream");
    check(Kind::M3u, "a.mp3\n".repeat(2001).as_bytes(), "names more than 2,000");
    check(Kind::M3u, &vec![b'a'; (4 << 20) + 1], "is larger than 4 MiB");
    check(Kind::Xspf, b"", "is not an XSPF list");
    check(Kind::Xspf, b"<playlist><trackList><track></playlist>", "is not an XSPF list");
    check(Kind::Xspf, b"<html><body>no</body></html>", "is not an XSPF list");
    check(Kind::Xspf, b"<playlist><trackList></trackList></playlist>", "names no files");
    let bomb = "<!DOCTYPE p [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><playlist><title>&b;</title><trackList/></playlist>";
    check(Kind::Xspf, bomb.as_bytes(), "is not an XSPF list");
    let deep = format!("<playlist><trackList><track>{}", "<a>".repeat(300_000));
    check(Kind::Xspf, deep.as_bytes(), "is not an XSPF list");
    assert_eq!(Kind::of(Path::new("a.pls")), Err(ListError::Kind));
    assert_eq!(Kind::of(Path::new("a.M3U8")), Ok(Kind::M3u));
}

#[test]
fn a_path_leads_from_the_playlist_to_the_file() {
    let check = |file: &str, playlist: &str, expected: Result<&str, &str>| {
        let found = entry(file).path_from(Path::new(playlist), Path::new("/m/lists"));
        assert_eq!(found, expected.map(str::to_owned), "{file}");
    };
    check("a/b.mp3", "/m/lists", Ok("a/b.mp3"));
    check("../b.mp3", "/m/lists", Ok("../b.mp3"));
    check("../b.mp3", "/m", Ok("b.mp3"));
    check("a/b.mp3", "/m/other", Ok("../lists/a/b.mp3"));
    check("/m/lists/b.mp3", "/m/lists", Ok("b.mp3"));
    check("file:///m/a%20b.mp3", "/m", Ok("a b.mp3"));
    check("FILE://localhost/m/b.mp3", "/m", Ok("b.mp3"));
    check("https://example.org/a.mp3", "/m", Err("is an address on a network; sessions play without one"));
    check("file:///m/%ff.mp3", "/m", Err("is not UTF-8"));
}

/// Any text that a tag or a name may hold; more often what means something to one of the formats.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "\\PC{0,8}",
        Just(" - ".to_owned()),
        Just("#".to_owned()),
        Just("&<>\"'%]]>".to_owned()),
        "[ :,=./]{1,3}"
    ];
    proptest::collection::vec(pieces, 1..4).prop_map(|pieces| pieces.concat())
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let safe = || {
        proptest::option::of(text().prop_map(|text| SafeText::new(&text)).prop_filter("shown", |text| !text.is_empty()))
    };
    let parts: Vec<Option<Part>> =
        [None, Part::named("peak"), Part::named("ground"), Part::named("integration")].to_vec();
    let place = || {
        proptest::option::of(
            (0i64..90_000_000).prop_map(|millis| TrackTime::at(Span::from_millis(millis.min(86_400_000)))),
        )
    };
    let file = text().prop_filter("a path that a playlist can hold", |file| {
        !file.trim().is_empty() && !file.contains("://") && !file.starts_with('#')
    });
    (file, safe(), safe(), proptest::option::of(1i64..50_000), proptest::sample::select(parts), place(), place())
        .prop_map(|(file, title, artist, seconds, part, start, end)| Entry {
            file,
            title,
            artist,
            length: seconds.map(Span::from_secs),
            part,
            start,
            end,
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_the_same(
        entries in proptest::collection::vec(any_entry(), 1..12), title in text(), xspf in any::<bool>()
    ) {
        let kind = if xspf { Kind::Xspf } else { Kind::M3u };
        let title = Some(SafeText::new(&title)).filter(|title| !title.is_empty());
        let list = List { title, entries };
        let (text, left_out) = kind.write(&list);
        prop_assert!(left_out.is_empty());
        let again = kind.read(text.as_bytes()).unwrap();
        prop_assert_eq!(&again, &list, "{}", text);
        prop_assert_eq!(kind.write(&again).0, text);
    }

    #[test]
    fn no_bytes_bring_the_readers_down(bytes in proptest::collection::vec(any::<u8>(), 0..400), xspf in any::<bool>()) {
        let _ = if xspf { Kind::Xspf.read(&bytes) } else { Kind::M3u.read(&bytes) };
    }

    #[test]
    fn no_damage_to_an_xspf_brings_its_reader_down(
        entries in proptest::collection::vec(any_entry(), 1..4), from in any::<usize>(), length in 0usize..40, piece in "[<>&;!/a-z\\[\\]\"]{0,6}"
    ) {
        let mut text = Kind::Xspf.write(&List { title: None, entries }).0.into_bytes();
        let from = from % text.len();
        let to = (from + length).min(text.len());
        text.splice(from..to, piece.into_bytes());
        let _ = Kind::Xspf.read(&text);
    }
}

#[test]
fn a_name_with_a_line_in_it_is_told_and_left_out_of_m3u() {
    let list = List { title: None, entries: vec![entry("a\nb.flac"), entry("#1.flac"), entry("c.flac")] };
    let (text, left_out) = Kind::M3u.write(&list);
    assert_eq!(left_out, ["a\nb.flac"]);
    assert_eq!(read(Kind::M3u, &text).entries, [entry("./#1.flac"), entry("c.flac")]);
    assert_eq!(read(Kind::Xspf, &Kind::Xspf.write(&list).0).entries, list.entries);
}
