//! What an MP4 file says about itself that symphonia 0.6.1 does not pass on: which frames to play, and copy protection.
//!
//! An AAC encoder's first frames are its warm-up. The file names them in its edit list (ISO/IEC 14496-12, 8.6.6) or in
//! iTunes' `iTunSMPB` text; without trimming them two halves of a cut piece do not join.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// A header longer than this is not read; the sound is then played with its warm-up.
const LONGEST_MOVIE: u64 = 16 << 20;

/// How many atoms are looked at for it: an honest file has less than ten beside its sound.
const MOST_ATOMS: usize = 1000;

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
    /// How many tags it has.
    pub(super) tags: usize,
    /// How much of it symphonia reads before the sound that is counted by them, in bytes.
    pub(super) counted: u64,
}

/// Reads the header of an MP4 file; anything unexpected counts as nothing said. Leaves the file's position anywhere.
pub(super) fn read(file: &mut File) -> Option<Movie> {
    let (moov, is_all) = movie(file)?;
    let sound = atoms(&moov)
        .filter(|(kind, _)| *kind == b"trak")
        .map(|(_, trak)| trak)
        .find(|trak| within(trak, &[b"mdia", b"hdlr"]).and_then(|hdlr| hdlr.get(8..12)) == Some(b"soun"))?;
    let entry = within(sound, &[b"mdia", b"minf", b"stbl", b"stsd"]).and_then(|stsd| stsd.get(12..16));
    let protected = matches!(entry, Some(b"drms" | b"drmi" | b"enca"));
    let edit = itunes(&moov).or_else(|| edit_list(&moov, sound)).unwrap_or_default();
    let metas = each(&moov, b"udta").flat_map(|udta| each(udta, b"meta")).filter_map(|meta| meta.get(4..));
    let notes = metas.flat_map(|meta| each(meta, b"ilst")).flat_map(atoms);
    let tags = notes.map(|(_, note)| each(note, b"data").count().max(1)).sum();
    Some(Movie { edit, protected, tags, counted: if is_all { LONGEST_MOVIE } else { 0 } })
}

/// The movie's header, and whether it is all that symphonia reads before the sound.
fn movie(file: &mut File) -> Option<(Vec<u8>, bool)> {
    let (mut at, mut found, mut is_all) = (0, None, true);
    for _ in 0..MOST_ATOMS {
        let Some((kind, size, body)) = atom_at(file, at) else {
            return found.map(|moov| (moov, is_all));
        };
        match &kind {
            b"moov" if found.is_none() => {
                let mut bytes = Vec::new();
                file.take(body.min(LONGEST_MOVIE)).read_to_end(&mut bytes).ok()?;
                found = Some(bytes);
            }
            b"moov" | b"meta" | b"sidx" => is_all = false,
            b"mdat" | b"moof" if found.is_some() => return found.map(|moov| (moov, is_all)),
            _ => {}
        }
        at = at.saturating_add(size);
    }
    found.map(|moov| (moov, false))
}

/// Kind, length and length of the body of the atom at a place; leaves the file's position at its body.
fn atom_at(file: &mut File, at: u64) -> Option<([u8; 4], u64, u64)> {
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
    Some((header[4..8].try_into().ok()?, size, size.checked_sub(header_size)?))
}

/// The atoms that follow one another in these bytes.
fn atoms(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (size, start) = match u32_at(bytes, 0)? {
            0 => (bytes.len(), 8),
            1 => (usize::try_from(u64_at(bytes, 8)?).ok()?, 16),
            size => (size as usize, 8),
        };
        let kind = bytes.get(4..8)?.try_into().ok()?;
        let body = bytes.get(start..size)?;
        bytes = &bytes[size..];
        Some((kind, body))
    })
}

/// Those of one kind among them.
fn each<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> impl Iterator<Item = &'a [u8]> {
    atoms(bytes).filter(move |(kind, _)| *kind == wanted).map(|(_, body)| body)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn atom(kind: &[u8; 4], body: &[&[u8]]) -> Vec<u8> {
        let body = body.concat();
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
    }

    fn header(kind: &[u8; 4], ticks: u32) -> Vec<u8> {
        atom(kind, &[&[0; 12], &ticks.to_be_bytes(), &[0; 8]])
    }

    /// Edits are (length, start); -1 starts with nothing.
    fn file(movie_ticks: u32, edits: &[(u32, i32)], itunes: &str) -> Movie {
        let entries: Vec<u8> = edits
            .iter()
            .flat_map(|(length, start)| [length.to_be_bytes(), start.to_be_bytes(), [0, 1, 0, 0]].concat())
            .collect();
        let elst = atom(b"elst", &[&[0; 4], &(edits.len() as u32).to_be_bytes(), &entries]);
        let hdlr = atom(b"hdlr", &[&[0; 8], b"soun", &[0; 12]]);
        let mdia = atom(b"mdia", &[&header(b"mdhd", 44_100), &hdlr]);
        let trak = atom(b"trak", &[&atom(b"edts", &[&elst]), &mdia]);
        let name = atom(b"name", &[&[0; 4], b"iTunSMPB"]);
        let note = atom(b"----", &[&name, &atom(b"data", &[&[0; 8], itunes.as_bytes()])]);
        let meta = atom(b"udta", &[&atom(b"meta", &[&[0; 4], &atom(b"ilst", &[&note])])]);
        let moov = atom(b"moov", &[&header(b"mvhd", movie_ticks), &trak, &meta]);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[atom(b"ftyp", &[b"M4A "]), atom(b"mdat", &[&[0; 999]]), moov].concat()).unwrap();
        read(&mut file).unwrap()
    }

    #[test]
    fn the_edit_list_tells_where_the_sound_starts_and_ends() {
        assert_eq!(file(44_100, &[(80_000, 1024)], "").edit, Edit { start: 1024, length: Some(80_000) });
        assert_eq!(file(44_100, &[(5, -1), (80_000, 2112)], "").edit, Edit { start: 2112, length: Some(80_000) });
        // In other ticks the length is not exact.
        assert_eq!(file(600, &[(1088, 1024)], "").edit, Edit { start: 1024, length: None });
        // Rearranged, or nothing said.
        assert_eq!(file(44_100, &[(10, 0), (10, 500)], "").edit, Edit::default());
        assert_eq!(file(44_100, &[], "").edit, Edit::default());
    }

    #[test]
    fn itunes_own_note_goes_first() {
        let note = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000";
        let movie = file(600, &[(1088, 1024)], note);
        assert_eq!(movie.edit, Edit { start: 0x840, length: Some(0x3f_31f6) });
        assert_eq!((movie.tags, movie.protected), (1, false));
        assert_eq!(file(600, &[(1088, 1024)], " 0000 what").edit, Edit { start: 1024, length: None });
    }
}
