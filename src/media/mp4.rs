//! What an MP4 file says about itself that symphonia 0.6.1 does not pass on: which frames to play, and copy protection.
//!
//! An AAC encoder's first frames are its warm-up. The file names them in its edit list (ISO/IEC 14496-12, 8.6.6) or in
//! iTunes' `iTunSMPB` text; without trimming them two halves of a cut piece do not join.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// A header longer than this is not read; the sound is then played with its warm-up.
const LONGEST_MOVIE: u64 = 16 << 20;

/// Which part of the decoded sound counts, in ticks of the sound's own clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edit {
    /// Where it starts.
    pub(super) start: u64,
    /// How long it is; `None`: to the end.
    pub(super) length: Option<u64>,
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Movie {
    pub(super) edit: Edit,
    pub(super) protected: bool,
}

/// Reads the header of an MP4 file; anything unexpected counts as nothing said. Leaves the file's position anywhere.
pub(super) fn read(file: &mut File) -> Option<Movie> {
    let moov = movie(file)?;
    let sound = atoms(&moov)
        .filter(|(kind, _)| *kind == b"trak")
        .map(|(_, trak)| trak)
        .find(|trak| within(trak, &[b"mdia", b"hdlr"]).and_then(|hdlr| hdlr.get(8..12)) == Some(b"soun"))?;
    let entry = within(sound, &[b"mdia", b"minf", b"stbl", b"stsd"]).and_then(|stsd| stsd.get(12..16));
    let protected = matches!(entry, Some(b"drms" | b"drmi" | b"enca"));
    let edit = itunes(&moov).or_else(|| edit_list(&moov, sound)).unwrap_or_default();
    Some(Movie { edit, protected })
}

fn movie(file: &mut File) -> Option<Vec<u8>> {
    let mut at = 0;
    loop {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut header = [0; 16];
        file.read_exact(&mut header[..8]).ok()?;
        let (size, header_size) = match u32_at(&header, 0)? {
            1 => {
                file.read_exact(&mut header[8..]).ok()?;
                (u64_at(&header, 8)?, 16)
            }
            size => (u64::from(size), 8),
        };
        let body = size.checked_sub(header_size)?;
        if &header[4..8] == b"moov" {
            let mut bytes = Vec::new();
            file.take(body.min(LONGEST_MOVIE)).read_to_end(&mut bytes).ok()?;
            return Some(bytes);
        }
        at = at.checked_add(size)?;
    }
}

/// The atoms that follow one another in these bytes.
fn atoms(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32_at(bytes, 0)? as usize;
        let kind = bytes.get(4..8)?.try_into().ok()?;
        let body = bytes.get(8..size)?;
        bytes = &bytes[size..];
        Some((kind, body))
    })
}

/// The atom at the end of a path of kinds.
fn within<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, &wanted| atoms(bytes).find(|(kind, _)| *kind == wanted).map(|(_, body)| body))
}

/// Ticks per second of a `mvhd` or `mdhd` atom.
fn timescale(header: &[u8]) -> Option<u32> {
    u32_at(header, if header.first()? == &1 { 20 } else { 12 })
}

/// The one stretch of an edit list; a list that rearranges the sound counts as nothing said.
fn edit_list(moov: &[u8], trak: &[u8]) -> Option<Edit> {
    let elst = within(trak, &[b"edts", b"elst"])?;
    let wide = elst.first()? == &1;
    let entry = |index: usize| -> Option<(u64, i64)> {
        let at = 8 + index * if wide { 20 } else { 12 };
        Some(if wide {
            (u64_at(elst, at)?, u64_at(elst, at + 8)? as i64)
        } else {
            (u64::from(u32_at(elst, at)?), i64::from(u32_at(elst, at + 4)? as i32))
        })
    };
    let mut heard = (0..u32_at(elst, 4)?.min(8) as usize).filter_map(entry).filter(|(_, start)| *start >= 0);
    let (length, start) = heard.next()?;
    if heard.next().is_some() {
        return None;
    }
    // The length is in the movie's ticks: exact only if they are the sound's own. Else the last packet's length tells.
    let same_clock = timescale(within(moov, &[b"mvhd"])?)? == timescale(within(trak, &[b"mdia", b"mdhd"])?)?;
    Some(Edit { start: start as u64, length: (same_clock && length > 0).then_some(length) })
}

/// iTunes' own note: ` 00000000 00000840 000001CA 00000000003F31F6 ...`, warm-up, padding and length in hexadecimal.
fn itunes(moov: &[u8]) -> Option<Edit> {
    let meta = within(moov, &[b"udta", b"meta"])?;
    let note = atoms(within(meta.get(4..)?, &[b"ilst"])?)
        .filter(|(kind, _)| *kind == b"----")
        .find(|(_, body)| within(body, &[b"name"]).and_then(|name| name.get(4..)) == Some(b"iTunSMPB"))?
        .1;
    let text = std::str::from_utf8(within(note, &[b"data"])?.get(8..)?).ok()?;
    let mut words = text.split_whitespace().map(|word| u64::from_str_radix(word, 16));
    let (start, length) = (words.nth(1)?.ok()?, words.nth(1)?.ok()?);
    Some(Edit { start, length: (length > 0).then_some(length) })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
