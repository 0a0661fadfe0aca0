//! Opening a file that may be anything: never blocks on a pipe, never reads without bound before the first sound.

use std::fs::{File, FileType, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use symphonia::core::io::MediaSource;

use super::MediaError;
use super::error::name_of;
use crate::units::SafeText;

/// Bytes that may be read before the first sound: a FLAC picture block can be this long, and nothing honest is longer.
/// symphonia's own limits on tags and pictures are declared but not observed by its readers (0.6.1).
const BESIDE: u64 = 16 << 20;
/// How many of them without being counted first ([`super::beside`]): in memory tags are up to thirty times as long. Of
/// AAC without container symphonia reads nearly as much, to guess its length.
const UNCOUNTED: u64 = 768 << 10;
const UNLIMITED: u64 = u64::MAX;

/// Opens a regular, non-empty file.
pub(super) fn open_file(path: &Path) -> Result<File, MediaError> {
    // Asked before opening, because opening a pipe waits for its other end, perhaps for ever.
    regular(path, &path.metadata().map_err(|error| failed(path, &error))?)?;
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    regular(path, &file.metadata().map_err(|error| failed(path, &error))?)?;
    Ok(file)
}

fn regular(path: &Path, metadata: &Metadata) -> Result<(), MediaError> {
    let name = name_of(path);
    if !metadata.is_file() {
        return Err(MediaError::NotAFile { name, what: kind(metadata.file_type()) });
    }
    if metadata.len() == 0 {
        return Err(MediaError::Empty { name });
    }
    Ok(())
}

fn kind(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return "a pipe";
        }
        if file_type.is_socket() {
            return "a socket";
        }
    }
    if file_type.is_dir() { "a folder" } else { "a device" }
}

/// What the system's refusal means to a therapist.
pub(super) fn failed(path: &Path, error: &io::Error) -> MediaError {
    let name = name_of(path);
    match error.kind() {
        ErrorKind::NotFound => MediaError::Missing { name },
        kind => MediaError::Unreadable { name, reason: SafeText::new(&kind.to_string()) },
    }
}

/// How much may still be read from a [`Metered`] file.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<Left>);

#[derive(Debug)]
struct Left {
    bytes: AtomicU64,
    /// After a seek it may be as much again.
    renewed_by_seek: AtomicBool,
}

impl Allowance {
    /// Enough for any honest file's tags, if those that are long have been counted.
    pub(super) fn for_opening(counted: u64) -> Self {
        let bytes = AtomicU64::new(BESIDE.min(counted + UNCOUNTED));
        Self(Arc::new(Left { bytes, renewed_by_seek: AtomicBool::new(false) }))
    }

    /// From now on without limit: what is read is sound.
    pub(super) fn lift(&self) {
        self.0.bytes.store(UNLIMITED, Ordering::Relaxed);
    }

    /// Enough to the next packet, unless there is no limit: an Ogg file may have tags anywhere. They are read in one go;
    /// seeking is how symphonia looks for an end.
    pub(super) fn renew(&self) {
        if self.0.bytes.load(Ordering::Relaxed) != UNLIMITED {
            self.0.bytes.store(UNCOUNTED, Ordering::Relaxed);
            self.0.renewed_by_seek.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the file asked for more than it may.
    pub(super) fn exhausted(&self) -> bool {
        self.0.bytes.load(Ordering::Relaxed) == 0
    }
}

/// A file that stops giving once its allowance is used up.
#[derive(Debug)]
pub(super) struct Metered {
    file: File,
    length: u64,
    allowance: Allowance,
}

impl Metered {
    pub(super) fn new(file: File, allowance: Allowance) -> Self {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        Self { file, length, allowance }
    }
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let left = self.allowance.0.bytes.load(Ordering::Relaxed);
        if left == UNLIMITED {
            return Ok(count);
        }
        let left = left.saturating_sub(count as u64);
        self.allowance.0.bytes.store(left, Ordering::Relaxed);
        if left == 0 { Err(io::Error::other("too much before the first sound")) } else { Ok(count) }
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.allowance.0.renewed_by_seek.load(Ordering::Relaxed) {
            self.allowance.renew();
        }
        self.file.seek(to)
    }
}

impl MediaSource for Metered {
    fn is_seekable(&self) -> bool {
        true
    }
    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}
