//! Hostile files: titles that would rule a terminal, tags without end, text that is no playlist.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::bench::tone;

/// What must never reach a screen, a log or an answer: it would ring, retitle, erase, reverse, or hide.
pub(super) const FORBIDDEN: [&str; 9] =
    ["\x07", "\x1b]", "\x1b[2J\x1b[3J", "\u{202e}", "\u{2067}", "\u{200b}", "\u{9b}", "\u{9d}", "\0"];

/// A title that tries everything at once, as a TOML string.
pub(super) const TITLE: &str =
    r#""Tide \u001b]52;c;aGk=\u0007\u001b[2J\u001b[3J\u202e\u2067\u200b\u009b31m\u009d0;x\u007f \U0001F30A out""#;
/// The same as bytes of a tag, with a megabyte behind it.
fn tag() -> Vec<u8> {
    let mut text = b"Tag \x1b]0;owned\x07\x1b[2J\x1b[3J\xe2\x80\xae\xc2\x9b31m\xff\xfe \x08\x08".to_vec();
    text.resize(1_000_000, b'A');
    text
}

/// A tone of forty seconds whose tag is the title above.
pub(super) fn tagged_wav() -> Vec<u8> {
    let mut wav = tone(350, 40);
    let text = tag();
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut list = b"LIST".to_vec();
    list.extend(length(4 + 8 + text.len()));
    list.extend_from_slice(b"INFOINAM");
    list.extend(length(text.len()));
    list.extend(text);
    wav.extend(list);
    let riff = length(wav.len() - 8);
    wav[4..8].copy_from_slice(&riff);
    wav
}

/// The bytes of a size as ID3 writes it: seven bits each.
fn syncsafe(size: u32) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8)
}

fn id3(size: u32) -> Vec<u8> {
    [b"ID3\x04\0\0".as_slice(), &syncsafe(size)].concat()
}

fn frame(name: &[u8; 4], size: u32) -> Vec<u8> {
    [name.as_slice(), &syncsafe(size), b"\0\0"].concat()
}

/// An ID3 tag of 256 MB, most of which a file system need not store.
pub(super) fn huge_tag(path: &Path) -> io::Result<()> {
    const SIZE: u32 = 268_000_000;
    let mut file = File::create(path)?;
    file.write_all(&[id3(SIZE), frame(b"TIT2", SIZE - 10)].concat())?;
    file.set_len(u64::from(SIZE) + 10)
}

/// A picture of 100 MB in a tag.
pub(super) fn huge_picture(path: &Path) -> io::Result<()> {
    const SIZE: u32 = 100_000_000;
    let mut file = File::create(path)?;
    file.write_all(&[id3(SIZE), frame(b"APIC", SIZE - 10), b"\0image/png\0\x03\0".to_vec()].concat())?;
    file.set_len(u64::from(SIZE) + 10)
}

/// A million frames in a tag of 20 MB.
pub(super) fn many_frames(path: &Path) -> io::Result<()> {
    const FRAMES: u32 = 1_000_000;
    let one = [frame(b"TIT2", 10), b"\x03AAAAAAAAA".to_vec()].concat();
    let mut file = io::BufWriter::new(File::create(path)?);
    file.write_all(&id3(FRAMES * 20))?;
    (0..FRAMES).try_for_each(|_| file.write_all(&one))?;
    file.flush()
}

/// Texts that are no playlists, each of its own kind, by name.
pub(super) fn toml_bombs() -> Vec<(&'static str, String)> {
    let keys = |count: u32| (0..count).map(|key| format!("k{key} = 1\n")).collect::<String>();
    vec![
        ("deep", format!("format = 1\ntitle = {}{}\n", "[".repeat(100_000), "]".repeat(100_000))),
        ("tables", format!("format = 1\n[{}a]\n", "a.".repeat(100_000))),
        ("keys", format!("format = 1\n{}", keys(80_000))),
        ("million-keys", keys(1_000_000)),
        ("string", format!("format = 1\ntitle = \"{}\"\n", "x".repeat(1_000_000))),
        ("types", "format = \"one\"\ntitle = 7\nroute = []\nphase = 3\n[sound]\ncrossfade = -1\n".to_owned()),
        ("open", "format = 1\ntitle = \"never closed".to_owned()),
        ("bytes", "\u{0}\u{1}\u{7f}\u{feff}= = =".repeat(1000)),
    ]
}
