//! Names what a file is by its first bytes, for the kinds that no decoder here opens.

use super::MediaError;
use crate::units::SafeText;

/// How many first bytes are looked at.
pub(super) const HEAD: usize = 512;

enum Foreign {
    /// Sound, but of a kind without decoder.
    Sound(&'static str),
    /// Not sound at all; the end of a sentence about the file.
    Other(&'static str),
}
use Foreign::{Other, Sound};

/// First bytes of kinds that are known and cannot be played; most from the formats' own specifications.
const FOREIGN: &[(&[u8], Foreign)] = &[
    (b"RF64", Sound("a WAV file of the RF64 kind")),
    (b"BW64", Sound("a WAV file of the BW64 kind")),
    (b"riff", Sound("a Wave64 file")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Sound("Windows Media (WMA)")),
    (b"wvpk", Sound("WavPack")),
    (b"MAC ", Sound("Monkey's Audio")),
    (b"MP+", Sound("Musepack")),
    (b"MPCK", Sound("Musepack")),
    (b"TTA1", Sound("True Audio")),
    (b"DSD ", Sound("DSD (DSF)")),
    (b"FRM8", Sound("DSD (DSDIFF)")),
    (b"caff", Sound("Core Audio (CAF)")),
    (b"\x1a\x45\xdf\xa3", Sound("Matroska or WebM")),
    (b"\x0b\x77", Sound("Dolby Digital (AC-3)")),
    (b"ADIF", Sound("AAC of the ADIF kind")),
    (b"#!AMR", Sound("AMR speech")),
    (b".snd", Sound("Sun audio (AU)")),
    (b"FLV", Sound("Flash video")),
    (b".RMF", Sound("RealAudio")),
    (b"MThd", Other("is MIDI: notes, not sound")),
    (b"#EXTM3U", Other("is a list of music files, not music itself")),
    (b"[playlist]", Other("is a list of music files, not music itself")),
    (b"%PDF", Other("is a PDF document")),
    (b"PK\x03\x04", Other("is a ZIP archive; unpack it first, or")),
    (b"Rar!", Other("is an archive; unpack it first, or")),
    (b"7z\xbc\xaf", Other("is an archive; unpack it first, or")),
    (b"\xff\xd8\xff", Other("is a picture")),
    (b"\x89PNG", Other("is a picture")),
    (b"GIF8", Other("is a picture")),
    (b"\x7fELF", Other("is a program")),
    (b"MZ\x90", Other("is a program")),
];

/// Says why a file with these first bytes cannot be played, if that is clear before trying.
pub(super) fn foreign(name: &SafeText, head: &[u8]) -> Option<MediaError> {
    let name = name.clone();
    let unsupported = |name, what: &str| MediaError::Unsupported { name, what: SafeText::new(what) };
    if let Some((_, kind)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(match kind {
            Sound(what) => unsupported(name, what),
            Other(what) => MediaError::NotMusic { name, what },
        });
    }
    if head.starts_with(b"RIFF") && head.get(8..12).is_some_and(|form| form != b"WAVE") {
        return Some(unsupported(name, "a RIFF file without WAVE sound"));
    }
    if head.starts_with(b"OggS") && head.windows(8).any(|window| window == b"Speex   ") {
        return Some(unsupported(name, "Speex speech"));
    }
    if is_text(head) {
        return Some(MediaError::NotMusic { name, what: "holds text, not sound" });
    }
    if head.iter().all(|&byte| byte == 0) {
        return Some(MediaError::NotMusic { name, what: "begins with nothing but zeros, as after a failed copy" });
    }
    None
}

/// Whether it begins like a kind that is played here; if it does not open, it is damaged.
pub(super) fn is_music(head: &[u8]) -> bool {
    let starts: [&[u8]; 5] = [b"fLaC", b"OggS", b"RIFF", b"FORM", b"ID3"];
    starts.iter().any(|start| head.starts_with(start)) || head.get(4..8) == Some(b"ftyp")
}

/// No music format begins with half a kilobyte of printable text.
fn is_text(head: &[u8]) -> bool {
    let printable = |text: &str| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
    match std::str::from_utf8(head) {
        Ok(text) => printable(text),
        // A character may be cut in two where the head ends.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).is_ok_and(printable)
        }
        Err(_) => false,
    }
}
