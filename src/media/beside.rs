//! Counts what a file carries beside its sound, where that is long: every tag costs a few hundred bytes of memory, so that
//! a million tiny ones in a few megabytes would fill the machine, while a picture costs no more than its length.
//!
//! What is followed here must be what symphonia 0.6.1 reads, at the same places. Where that is uncertain nothing is
//! counted as harmless, and [`super::access::Allowance`] ends the reading soon.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// More tags than any honest file has; iTunes writes some dozens.
const MOST_TAGS: usize = 4096;
/// The longest tag in bytes: a picture of print quality fits.
const LONGEST: u32 = 16 << 20;
/// The longest name of an encoder.
const LONGEST_VENDOR: u32 = 4096;
/// What one value more of a text costs in memory, in bytes.
const VALUE: u64 = 32;

/// What was found.
#[derive(Default)]
struct Tally {
    tags: usize,
    /// How much of it symphonia will read, and may.
    bytes: u64,
}

/// How many bytes of it are harmless, having been counted; `None`: it is too much. Leaves the file's position anywhere.
pub(super) fn counted(file: &mut File) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(0))?;
    let mut tally = Tally::default();
    match walk(&mut BufReader::new(file), &mut tally) {
        // Shorter than it says: symphonia will find the same, and say so.
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(Some(tally.bytes).filter(|_| !too_many(tally.tags))),
    }
}

/// Whether a number of tags is too much; also for those that are counted where they are read.
pub(super) fn too_many(tags: usize) -> bool {
    tags > MOST_TAGS
}

/// Follows the file to its sound, or to where it cannot be followed: nothing from there on is counted as harmless.
fn walk(file: &mut BufReader<&mut File>, tally: &mut Tally) -> io::Result<()> {
    let mut mark = bytes::<4>(file)?;
    while mark.starts_with(b"ID3") && !too_many(tally.tags) {
        id3(file, mark[3], tally)?;
        mark = bytes(file)?;
    }
    match &mark {
        b"fLaC" => flac(file, tally),
        b"OggS" => {
            file.seek_relative(-4)?;
            ogg(file, tally)
        }
        b"FORM" => aiff(file, tally),
        // An MP3 has nothing more, and a WAV nothing long before its sound.
        _ => Ok(()),
    }
}

/// Walks an ID3v2 tag (id3.org, versions 2.2 to 2.4), from behind its mark and version to behind its end.
fn id3(file: &mut BufReader<&mut File>, version: u8, tally: &mut Tally) -> io::Result<()> {
    let [_, flags, size @ ..] = bytes::<6>(file)?;
    let size = synchsafe(size);
    let end = file.stream_position()? + u64::from(size);
    if size > LONGEST {
        tally.tags = usize::MAX;
    } else if flags & 0x40 == 0 {
        let body = file.by_ref().take(size.into()).bytes().map_while(Result::ok);
        // "Unsynchronisation" puts a zero behind each 0xff; lengths are those before it.
        let (stuffed, mut last) = (flags & 0x80 != 0 && version < 4, 0);
        let mut body = body.filter(|&byte| !(stuffed && std::mem::replace(&mut last, byte) == 0xff && byte == 0));
        frames(&mut body, version, tally);
    }
    file.seek(SeekFrom::Start(end))?;
    Ok(())
}

/// Counts the frames of an ID3v2 tag up to its end, or to the first that symphonia would not read either.
fn frames(body: &mut impl Iterator<Item = u8>, version: u8, tally: &mut Tally) -> Option<()> {
    while !too_many(tally.tags) {
        let (id, length, flags) = if version == 2 {
            let [a, b, c, size @ ..] = next::<6>(body)?;
            ([a, b, c, b'0'], u32::from_be_bytes([0, size[0], size[1], size[2]]), 0)
        } else {
            let [a, b, c, d, size @ .., high, low] = next::<10>(body)?;
            let length = if version == 3 { u32::from_be_bytes(size) } else { synchsafe(size) };
            ([a, b, c, d], length, u16::from_be_bytes([high, low]))
        };
        let strange = if version == 3 { 0x1fff } else { 0x8ffc };
        let named = id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !named || flags & strange != 0 || (flags & 1 != 0 && length < 4) {
            break;
        }
        tally.tags += 1;
        let (there, zeros) = body
            .by_ref()
            .take(length as usize)
            .fold((0, 0), |(there, zeros), byte| (there + 1, zeros + u64::from(byte == 0)));
        if there < length {
            break;
        }
        // Others are lists of values, with a zero between one and the next.
        let one = matches!(&id[..3], b"API" | b"PIC" | b"GEO" | b"PRI" | b"COM" | b"USL" | b"ULT");
        tally.bytes += u64::from(length).saturating_sub(if one { 0 } else { zeros * VALUE });
    }
    None
}

/// Walks the metadata blocks of a FLAC file (RFC 9639).
fn flac(file: &mut BufReader<&mut File>, tally: &mut Tally) -> io::Result<()> {
    while !too_many(tally.tags) {
        let [kind, a, b, c] = bytes::<4>(file)?;
        let length = u32::from_be_bytes([0, a, b, c]);
        let end = file.stream_position()? + u64::from(length);
        tally.tags = tally.tags.saturating_add(match kind & 0x7f {
            // A place to seek to is of 18 bytes, and costs little; an index of a cue sheet is of 12.
            3 => length as usize / 18 / 4,
            4 => comments(file)?,
            5 => length as usize / 12,
            _ => 1,
        });
        tally.bytes += u64::from(length);
        if kind & 0x80 != 0 {
            break;
        }
        file.seek(SeekFrom::Start(end))?;
    }
    Ok(())
}

/// Looks at each packet in the first pages of an Ogg file: comments may be in any, and of several streams.
fn ogg(file: &mut BufReader<&mut File>, tally: &mut Tally) -> io::Result<()> {
    let (mut is_flac, mut page) = (false, Vec::new());
    while !too_many(tally.tags) && tally.bytes < u64::from(LONGEST) {
        let header = bytes::<27>(file)?;
        if !header.starts_with(b"OggS") {
            break;
        }
        let mut laces = vec![0; header[26].into()];
        file.read_exact(&mut laces)?;
        page.resize(laces.iter().map(|&lace| usize::from(lace)).sum(), 0);
        file.read_exact(&mut page)?;
        tally.tags += usize::from(header[5] & 2 != 0);
        tally.bytes += (27 + laces.len() + page.len()) as u64;
        let (mut at, mut begins) = (0, header[5] & 1 == 0);
        for lace in laces {
            let packet = page.get(at..).filter(|_| begins).unwrap_or_default();
            is_flac |= packet.starts_with(b"\x7fFLAC");
            let of_flac = || packet.get(4..).filter(|_| is_flac && packet[0] & 0x7f == 4);
            let found = packet.strip_prefix(b"\x03vorbis").or(packet.strip_prefix(b"OpusTags")).or_else(of_flac);
            // Where a page ends within the encoder's name somebody is hiding what follows.
            let count = found.map_or(0, |mut found| comments(&mut found).unwrap_or(usize::MAX));
            tally.tags = tally.tags.saturating_add(count);
            (at, begins) = (at + usize::from(lace), lace < 255);
        }
    }
    Ok(())
}

/// Walks the chunks of an AIFF file to its end, or to one after which symphonia would go on at another place than this.
fn aiff(file: &mut BufReader<&mut File>, tally: &mut Tally) -> io::Result<()> {
    file.seek_relative(4)?;
    let compressed = bytes(file)? == *b"AIFC";
    while !too_many(tally.tags) {
        let (id, length) = (bytes::<4>(file)?, u64::from(u32::from_be_bytes(bytes(file)?)));
        let end = file.stream_position()? + length;
        tally.tags += 1;
        let exact = match &id {
            b"COMM" if compressed => {
                file.seek_relative(22)?;
                length == 23 + u64::from(bytes::<1>(file)?[0] | 1)
            }
            b"COMM" => length == 18,
            b"MARK" | b"COMT" => {
                tally.tags += notes(file, id == *b"MARK")?;
                let at = file.stream_position()?;
                at == end || at < end && id == *b"COMT"
            }
            b"ID3 " => {
                let [_, _, _, version] = bytes::<4>(file)?;
                id3(file, version, tally)?;
                file.stream_position()? <= end
            }
            _ => true,
        };
        if !exact {
            break;
        }
        file.seek(SeekFrom::Start(end + length % 2))?;
    }
    Ok(())
}

/// Walks the markers or comments of an AIFF file, and tells how many there are.
fn notes(file: &mut BufReader<&mut File>, are_markers: bool) -> io::Result<usize> {
    let count = u16::from_be_bytes(bytes(file)?).into();
    for _ in 0..count {
        file.seek_relative(6)?;
        // A marker's text is filled up to an even length together with that length's byte.
        let text = if are_markers { u16::from(bytes::<1>(file)?[0] | 1) } else { u16::from_be_bytes(bytes(file)?) };
        file.seek_relative(text.into())?;
    }
    Ok(count)
}

/// Reads how many comments follow: vendor's name, then their number.
fn comments(from: &mut impl Read) -> io::Result<usize> {
    let vendor = u32::from_le_bytes(bytes(from)?);
    if vendor > LONGEST_VENDOR {
        return Ok(usize::MAX);
    }
    io::copy(&mut from.by_ref().take(vendor.into()), &mut io::sink())?;
    Ok(u32::from_le_bytes(bytes(from)?) as usize)
}

/// Seven bits of each byte.
fn synchsafe(size: [u8; 4]) -> u32 {
    size.iter().fold(0, |sum, &byte| sum << 7 | u32::from(byte & 0x7f))
}

fn bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn next<const N: usize>(from: &mut impl Iterator<Item = u8>) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    bytes.iter_mut().try_for_each(|byte| from.next().map(|next| *byte = next))?;
    Some(bytes)
}
