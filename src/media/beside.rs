//! Counts what a file carries beside its sound, before symphonia reads it: every tag costs a few hundred bytes of memory,
//! so that a million tiny ones in a few megabytes would fill the machine.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// More tags than any honest file has; iTunes writes some dozens.
const MOST_TAGS: usize = 4096;
/// The longest tag in bytes: a picture of print quality fits.
const LONGEST: u32 = 16 << 20;
/// The same where the tag's inner lengths cannot be followed.
const LONGEST_UNCOUNTED: u32 = 2 << 20;
/// Where the comments of an Ogg file begin, at the latest: they are its second packet.
const OGG_START: u64 = 16 << 10;

/// Whether it is too much. Leaves the file's position anywhere.
pub(super) fn too_much(file: &mut File) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    match inner(&mut BufReader::new(file)) {
        // Shorter than it says: symphonia will find the same, and say so.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        result => result,
    }
}

/// Whether a number of tags is too much; also for those of an MP4, which are counted where its header is read.
pub(super) fn too_many(tags: usize) -> bool {
    tags > MOST_TAGS
}

fn inner(file: &mut BufReader<&mut File>) -> io::Result<bool> {
    let mut mark = bytes::<4>(file)?;
    while mark.starts_with(b"ID3") {
        if id3(file, mark[3])? || file.stream_position()? > u64::from(LONGEST) {
            return Ok(true);
        }
        mark = bytes(file)?;
    }
    match &mark {
        b"fLaC" => flac(file),
        b"OggS" => ogg(file),
        _ => Ok(false),
    }
}

/// Walks an ID3v2 tag (id3.org, versions 2.2 to 2.4), from behind its mark to behind its end.
fn id3(file: &mut BufReader<&mut File>, version: u8) -> io::Result<bool> {
    let [_, flags, size @ ..] = bytes::<6>(file)?;
    let size = synchsafe(size);
    let start = file.stream_position()?;
    let end = start + u64::from(size);
    // With "unsynchronisation" lengths are those before it, and cannot be followed without undoing it.
    if size > if flags & 0x80 == 0 { LONGEST } else { LONGEST_UNCOUNTED } {
        return Ok(true);
    }
    let mut count = 0;
    while file.stream_position()? + 10 <= end {
        let length = if version == 2 {
            let [id, _, _, a, b, c] = bytes::<6>(file)?;
            (id != 0).then_some(u32::from_be_bytes([0, a, b, c]))
        } else {
            let [id, _, _, _, size @ .., _, _] = bytes::<10>(file)?;
            (id != 0).then_some(if version == 3 { u32::from_be_bytes(size) } else { synchsafe(size) })
        };
        count += 1;
        let Some(length) = length else { break };
        if too_many(count) {
            return Ok(true);
        }
        file.seek_relative(i64::from(length))?;
    }
    file.seek(SeekFrom::Start(end))?;
    Ok(false)
}

/// Walks the metadata blocks of a FLAC file (RFC 9639) to its comments.
fn flac(file: &mut BufReader<&mut File>) -> io::Result<bool> {
    for _ in 0..MOST_TAGS {
        let [kind, length @ ..] = bytes::<4>(file)?;
        if kind & 0x7f == 4 {
            return comments(file);
        }
        if kind & 0x80 != 0 {
            return Ok(false);
        }
        file.seek_relative(i64::from(u32::from_be_bytes([0, length[0], length[1], length[2]])))?;
    }
    Ok(true)
}

/// Finds the comments of a Vorbis or Opus stream in Ogg.
fn ogg(file: &mut BufReader<&mut File>) -> io::Result<bool> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(OGG_START).read_to_end(&mut start)?;
    let marks: [&[u8]; 2] = [b"\x03vorbis", b"OpusTags"];
    let found = marks.iter().find_map(|mark| Some(start.windows(mark.len()).position(|at| at == *mark)? + mark.len()));
    match found {
        Some(at) => {
            file.seek(SeekFrom::Start(at as u64))?;
            comments(file)
        }
        None => Ok(false),
    }
}

/// Reads how many comments follow: vendor's name, then their number.
fn comments(file: &mut BufReader<&mut File>) -> io::Result<bool> {
    let vendor = u32::from_le_bytes(bytes(file)?);
    if vendor > 4096 {
        return Ok(true);
    }
    file.seek_relative(i64::from(vendor))?;
    Ok(too_many(u32::from_le_bytes(bytes(file)?) as usize))
}

/// Seven bits of each byte.
fn synchsafe(size: [u8; 4]) -> u32 {
    size.iter().fold(0, |sum, &byte| sum << 7 | u32::from(byte & 0x7f))
}

fn bytes<const N: usize>(file: &mut BufReader<&mut File>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
