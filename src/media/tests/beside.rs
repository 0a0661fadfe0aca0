//! What lies beside the sound costs no more memory than an honest file's tags do, wherever it lies.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::hostile::id3;
use super::*;
use crate::media::{MediaError, examine};

/// The body of a comment packet or block: the encoder's name, and so many comments.
fn comments(count: u32, comment: &[u8]) -> Vec<u8> {
    let comment = [&(comment.len() as u32).to_le_bytes(), comment].concat();
    [&[0; 4], &count.to_le_bytes()[..], &comment.repeat(count as usize)].concat()
}

/// A FLAC file's start with these blocks behind its first.
fn flac(blocks: &[(u8, &[u8])]) -> Vec<u8> {
    let blocks =
        blocks.iter().flat_map(|(kind, body)| [&[*kind], &(body.len() as u32).to_be_bytes()[1..], body].concat());
    [b"fLaC\0\0\0\x22".as_slice(), &fs::read(fixture("note-1.flac")).unwrap()[8..42], &blocks.collect::<Vec<u8>>()]
        .concat()
}

/// A RIFF or AIFF chunk.
fn chunk(id: &[u8], number: fn(u32) -> [u8; 4], body: &[u8]) -> Vec<u8> {
    [id, &number(body.len() as u32), body, &[0][..body.len() % 2]].concat()
}

fn atom(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes(), kind, body].concat()
}

/// An Ogg page with its checksum made right.
fn checked(mut page: Vec<u8>) -> Vec<u8> {
    page[22..26].fill(0);
    let sum = page.iter().fold(0_u32, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 24, |sum, _| sum << 1 ^ if sum >> 31 == 1 { 0x04c1_1db7 } else { 0 })
    });
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

/// The pages of one packet.
fn pages(serial: u32, packet: &[u8]) -> Vec<u8> {
    let laces = [vec![255; packet.len() / 255], vec![(packet.len() % 255) as u8]].concat();
    let page = |(index, laces): (usize, &[u8])| {
        let from = index * 255 * 255;
        let body = &packet[from..(from + 255 * 255).min(packet.len())];
        let start = [&b"OggS\0"[..], &[u8::from(index > 0)], &[0; 8], &serial.to_le_bytes()];
        let rest = [&(index as u32 + 1).to_le_bytes()[..], &[0; 4], &[laces.len() as u8], laces, body];
        checked([start.concat(), rest.concat()].concat())
    };
    laces.chunks(255).enumerate().flat_map(page).collect()
}

/// One recording of an Opus file, a second long, with these comments; `decoy` is added to its head.
fn opus(serial: u32, comments: &[u8], decoy: &[u8]) -> Vec<u8> {
    let whole = fs::read(fixture("sweep.opus")).unwrap();
    let starts: Vec<usize> = (0..whole.len()).filter(|&at| whole[at..].starts_with(b"OggS")).collect();
    let page = |index: usize| {
        let mut page = whole[starts[index]..starts[index + 1]].to_vec();
        page[14..18].copy_from_slice(&serial.to_le_bytes());
        page
    };
    let mut head = [&page(0)[..], decoy].concat();
    head[27] += decoy.len() as u8;
    let mut sound = page(2);
    sound[5] |= 4;
    [checked(head), pages(serial, &[b"OpusTags", comments].concat()), checked(sound)].concat()
}

/// A file of the fixtures' with ID3 before it.
fn tagged(name: &str, tag: &[u8]) -> Vec<u8> {
    [id3(b"ID3", tag.len(), tag), fs::read(fixture(name)).unwrap()].concat()
}

/// The fixture's AIFF with these chunks at its end.
fn aiff(chunks: &[u8]) -> Vec<u8> {
    let mut whole = [&fs::read(fixture("sweep.aiff")).unwrap(), chunks].concat();
    let size = (whole.len() as u32 - 8).to_be_bytes();
    whole[4..8].copy_from_slice(&size);
    whole
}

/// The fixture's M4A, whose header is at its end, with these tags instead of its own.
fn m4a(ilst: &[u8]) -> Vec<u8> {
    let mut whole = fs::read(fixture("sweep.m4a")).unwrap();
    let moov = whole.windows(4).rposition(|window| window == b"moov").unwrap() - 4;
    let meta = atom(b"meta", &[&[0; 4], &atom(b"hdlr", &[0; 25])[..], &atom(b"ilst", ilst)].concat());
    let udta = whole.windows(4).rposition(|window| window == b"udta").unwrap() - 4;
    whole.truncate(udta);
    whole.extend(atom(b"udta", &meta));
    let size = (whole.len() as u32 - moov as u32).to_be_bytes();
    whole[moov..moov + 4].copy_from_slice(&size);
    whole
}

fn wav(info: &[u8]) -> Vec<u8> {
    let whole = fs::read(fixture("note-7.wav")).unwrap();
    let list = chunk(b"LIST", u32::to_le_bytes, &[b"INFO", info].concat());
    chunk(b"RIFF", u32::to_le_bytes, &[b"WAVE", &list[..], &whole[12..]].concat())
}

fn written(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Resident memory of this process; 0 where the system does not tell.
fn resident_mb() -> i64 {
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1).and_then(|word| word.parse::<i64>().ok()));
    (pages.unwrap_or(0) * 4096) >> 20
}

/// Pictures and texts without end, promised or present: refused in time and without the memory.
#[test]
fn a_bomb_of_tags_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = id3(b"TXXX", 6, b"\x03a\0bcd");
    let (huge, large) = ((256 << 20) - 1, 15 << 20);
    let texts = id3(b"ID3", large, &text.repeat(large / 16));
    let stuffed = [&b"ID3\x03\0\x80"[..], &texts[6..10], &b"TXXX\0\0\0\x06\0\0\x03a\0bcd".repeat(large / 16)].concat();
    let many = comments(700_000, b"a=b");
    let (none, full) = (comments(0, b""), comments(150_000, b"a=b"));
    let notes = |id: &[u8]| chunk(id, u32::to_be_bytes, b"").repeat(150_000);
    let decoy = [b"\x03vorbis", &[0; 9][..]].concat();
    let link = |count| [opus(1, &none, b""), opus(2, &comments(count, b"a=b"), b"")].concat();
    let values = atom(b"data", &[0, 0, 0, 1, 0, 0, 0, 0]).repeat(150_000);
    let bombs = [
        ("picture.mp3", huge, id3(b"ID3", huge, &id3(b"APIC", huge - 20, b""))),
        ("promise.mp3", huge, id3(b"ID3", huge, b"")),
        ("texts.mp3", large, texts.clone()),
        ("values.mp3", 0, tagged("sweep.mp3", &id3(b"TPE1", large, &[&[3], &vec![0; large - 1][..]].concat()))),
        ("stuffed.mp3", large, stuffed),
        ("junk.mp3", large, [b"\0", &texts[..]].concat()),
        ("twice.mp3", large, [&id3(b"ID3", 0, b""), &b"\xff\xfb"[..], &texts].concat()),
        ("texts.flac", 0, flac(&[(0x84, &many)])),
        ("second.flac", 0, flac(&[(4, &none), (0x84, &full)])),
        ("texts.opus", 0, opus(1, &many, b"")),
        ("some.opus", 0, opus(1, &comments(50_000, b"a=b"), b"")),
        ("decoy.opus", 0, opus(1, &many, &decoy)),
        ("link.opus", 0, link(50_000)),
        ("long-link.opus", 0, link(700_000)),
        ("info.wav", 0, wav(&chunk(b"ICMT", u32::to_le_bytes, b"").repeat(150_000))),
        ("notes.aiff", 0, aiff(&notes(b"ANNO"))),
        ("texts.aiff", 0, aiff(&chunk(b"ID3 ", u32::to_be_bytes, &texts))),
        ("values.m4a", 0, m4a(&atom(b"\xa9ART", &values))),
    ];
    for (name, size, content) in bombs {
        let path = written(&folder, name, &content);
        drop(content);
        let file = fs::File::options().append(true).open(&path).unwrap();
        file.set_len(file.metadata().unwrap().len().max(size as u64 + 10)).unwrap();
        let (start, before) = (Instant::now(), resident_mb());
        let result = examine(&path);
        let grown = resident_mb() - before;
        println!("{name}: {:?}, {grown} MB", start.elapsed());
        assert!(matches!(result, Err(MediaError::TooMuchBeside { .. })), "{name}: {result:?}");
        assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
        assert!(grown <= 32, "{name}: {grown} MB");
    }
}

/// A chain as long as it likes: the tags of its recordings are let go of, and those of APE are not read at all.
#[test]
fn tags_do_not_pile_up() {
    let folder = tempfile::tempdir().unwrap();
    let tags = comments(2000, b"a=b");
    let chain: Vec<u8> = (0..200).flat_map(|serial| opus(serial, &tags, b"")).collect();
    let foot =
        [b"APETAGEX\xd0\x07\0\0", &(150_000 * 11 + 32_u32).to_le_bytes()[..], &150_000_u32.to_le_bytes(), &[0; 12]];
    let ape =
        [&fs::read(fixture("sweep.mp3")).unwrap(), &b"\x01\0\0\0\0\0\0\0a\0b".repeat(150_000)[..], &foot.concat()];
    for (name, content, least_s) in [("chain.opus", chain, 150), ("ape.mp3", ape.concat(), 1)] {
        let path = written(&folder, name, &content);
        drop(content);
        let before = resident_mb();
        let mut stream = open(&Material::File(path), TrackTime::ZERO).unwrap();
        let count = stream.by_ref().count();
        let grown = resident_mb() - before;
        println!("{name}: {} s, {grown} MB", count / 96_000);
        assert_eq!(stream.fault(), None, "{name}");
        assert!(count / 96_000 >= least_s, "{name}: {count}");
        assert!(grown <= 32, "{name}: {grown} MB");
    }
}

#[test]
fn a_cover_of_honest_size_is_no_bomb() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |length: usize| [&b"\0image/png\0\x03\0"[..], &vec![7; length]].concat();
    let cover = id3(b"APIC", (3 << 20) + 13, &picture(3 << 20));
    let title = id3(b"TIT2", 2, b"\x03T");
    let id3_chunk = chunk(b"ID3 ", u32::to_be_bytes, &tagged_only(&[cover.clone(), title.clone()].concat()));
    let block = [&[0; 28][..], &(3_u32 << 20).to_be_bytes(), &vec![7; 3 << 20]].concat();
    let mut whole_flac = fs::read(fixture("note-1.flac")).unwrap();
    whole_flac.splice(42..42, [&[6, 0x30, 0, 28 + 4][..], &block].concat());
    let base64 = [&b"METADATA_BLOCK_PICTURE="[..], &vec![b'A'; 3 << 20]].concat();
    let covr = atom(b"covr", &atom(b"data", &[&[0, 0, 0, 14, 0, 0, 0, 0][..], &vec![7; 3 << 20]].concat()));
    for (name, content) in [
        ("cover.mp3", tagged("sweep.mp3", &[title.clone(), cover.clone()].concat())),
        ("twice.mp3", [tagged_only(&title), tagged("sweep.mp3", &cover)].concat()),
        ("cover.aiff", aiff(&id3_chunk)),
        ("cover.flac", whole_flac),
        ("cover.opus", opus(1, &comments(1, &base64), b"")),
        ("cover.m4a", m4a(&covr)),
        ("info.wav", wav(&chunk(b"INAM", u32::to_le_bytes, b"T\0"))),
        (
            "marks.aiff",
            aiff(&[chunk(b"MARK", u32::to_be_bytes, b"\0\x01\0\x01\0\0\0\0\x02ab\0"), id3_chunk.clone()].concat()),
        ),
    ] {
        let result = examine(&written(&folder, name, &content));
        assert!(result.is_ok(), "{name}: {result:?}");
        println!("{name}: {:?}", result.unwrap().title);
    }
    assert_eq!(examine(&folder.path().join("cover.mp3")).unwrap().frames, 88_200);
}

/// An ID3 tag without anything behind it.
fn tagged_only(tag: &[u8]) -> Vec<u8> {
    id3(b"ID3", tag.len(), tag)
}
