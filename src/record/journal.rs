//! The journal's writing side: append only, one `write` a record, and what a disk refuses is offered to it again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::RecordError;
use super::alive::{Alive, Beat};
use super::code::is_code;
use super::line::Record;
use super::past::{journal_path, part_path, parts, reserve_path};
use super::story::{Story, read};
use crate::session::Event;
use crate::units::{MedicineTime, SessionTime};

/// The journal of one session, being written.
///
/// A verb is acknowledged only after [`Self::append`] of its records and [`Self::sync`]. An error of either is news for the
/// therapist, told once: the records are kept whatever happens, and the session goes on.
#[derive(Debug)]
pub struct Journal {
    /// Everything so far, exactly as it should stand in the file; some hundred kilobytes for the longest session.
    written: Vec<u8>,
    /// How much of it the present file has taken.
    taken: usize,
    /// The number of the next record.
    next: u64,
    place: Place,
    /// The trouble has been told.
    told: bool,
    /// Room that was taken beforehand, so that a full disk still takes the record that says so.
    reserve: Option<PathBuf>,
    /// Where signs of life go. A session is none the worse without them.
    alive: Option<Alive>,
    /// Why the present file's syncs are not believed any more, since no other file could be written yet.
    doubted: Option<io::Error>,
    /// For the fault matrix: so many more syncs, and then one that fails.
    fails_after: Option<u32>,
}

/// Bytes of the reserve.
const RESERVE: usize = 4096;

/// Where the bytes go.
#[derive(Debug)]
enum Place {
    /// Nowhere: a simulation.
    Memory,
    /// A file, and its path for finding another one beside it.
    File(File, PathBuf),
}

impl Journal {
    /// Begins the journal `CODE.jsonl` in this folder, which is made if need be; both are for this user only.
    ///
    /// # Errors
    /// [`RecordError::Create`], also when there is a journal of that code already.
    pub fn create(folder: &Path, code: &str) -> Result<Self, RecordError> {
        let path = journal_path(folder, code);
        let opened = if is_code(code) {
            private_folder(folder).and_then(|()| open_new(&path))
        } else {
            Err(io::Error::other("a session code has only letters and digits"))
        };
        opened.map(|file| Self::in_file(file, path).living(folder, code)).map_err(|source| cannot(folder, source))
    }

    /// Goes on with a journal after its writer died, and reads what it holds. A torn last line stays where it is, as a line
    /// of its own.
    ///
    /// # Errors
    /// [`RecordError::Read`] or [`RecordError::Create`] when it cannot be read, or not be written to.
    pub fn resume(folder: &Path, code: &str) -> Result<(Self, Story), RecordError> {
        let story = read(&journal_path(folder, code))?;
        let reopen = || -> io::Result<Self> {
            // One that the disk cannot read any more is as good as gone.
            let readable = parts(folder, code).into_iter().rev().find_map(|part| Some((fs::read(&part).ok()?, part)));
            let (mut written, newest) = readable.ok_or(io::ErrorKind::NotFound)?;
            let file = OpenOptions::new().append(true).open(&newest)?;
            let taken = written.len();
            if written.last().is_some_and(|last| *last != b'\n') {
                written.push(b'\n');
            }
            let next = story.records.last().map_or(1, |last| last.seq.saturating_add(1));
            let mut journal = Self::in_file(file, newest).living(folder, code);
            (journal.written, journal.taken, journal.next) = (written, taken, next);
            Ok(journal)
        };
        reopen().map(|journal| (journal, story)).map_err(|source| cannot(folder, source))
    }

    /// Kept in memory only, for a simulation.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::at(Place::Memory)
    }

    /// Into exactly this file, which is replaced if it is there.
    ///
    /// # Errors
    /// [`RecordError::Create`].
    pub fn to_file(path: &Path) -> Result<Self, RecordError> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path);
        file.map(|file| Self::at(Place::File(file, path.into())))
            .map_err(|source| cannot(path.parent().unwrap_or(path), source))
    }

    /// With a place for signs of life.
    fn living(mut self, folder: &Path, code: &str) -> Self {
        self.alive = Alive::open(folder, code).inspect_err(|why| tracing::warn!(%why, "no signs of life")).ok();
        self
    }

    fn in_file(file: File, path: PathBuf) -> Self {
        let reserve = reserve(&path);
        let mut journal = Self::at(Place::File(file, path));
        journal.reserve = reserve;
        journal
    }

    fn at(place: Place) -> Self {
        Self {
            written: Vec::new(),
            taken: 0,
            next: 1,
            place,
            told: false,
            reserve: None,
            alive: None,
            doubted: None,
            fails_after: None,
        }
    }

    /// Takes one record down and hands it to the system, so that it survives this process; not yet a power cut.
    ///
    /// # Errors
    /// [`RecordError::InMemory`] or [`RecordError::Moved`], once; the record is kept all the same.
    pub fn append(&mut self, t: SessionTime, m: Option<MedicineTime>, event: Event) -> Result<(), RecordError> {
        let record = Record { seq: self.next, t, m, event };
        self.written.extend_from_slice(record.line()?.as_bytes());
        self.next += 1;
        self.hand_over()
    }

    /// Waits until the disk holds everything (`fdatasync`), so that it survives a power cut.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn sync(&mut self) -> Result<(), RecordError> {
        self.hand_over()?;
        if let Some(source) = self.doubted.take() {
            return self.move_on(source);
        }
        let Place::File(file, _) = &self.place else { return Ok(()) };
        let left = self.fails_after.take();
        self.fails_after = left.and_then(|left| left.checked_sub(1));
        let synced = if left == Some(0) { Err(io::Error::other("on purpose")) } else { file.sync_data() };
        match synced {
            Err(source) if !is_a_pipe(file) => self.move_on(source),
            _ => Ok(()),
        }
    }

    /// Leaves a sign of life; it survives this process, not yet a power cut.
    pub fn beat(&mut self, beat: Beat) {
        // One that the disk refuses is made good by the next.
        let _ = self.alive.as_mut().map(|alive| alive.beat(beat));
    }

    /// As [`Self::sync`], and the signs of life too.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn sync_all(&mut self) -> Result<(), RecordError> {
        let _ = self.alive.as_ref().map(Alive::sync);
        self.sync()
    }

    /// Everything so far, as it stands or should stand in the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.written
    }

    /// Whether the file has taken everything so far.
    #[must_use]
    pub fn is_written(&self) -> bool {
        matches!(self.place, Place::Memory) || self.doubted.is_none() && self.taken == self.written.len()
    }

    /// The file it is in now.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        if let Place::File(_, path) = &self.place { Some(path) } else { None }
    }

    /// One sync, after so many more, ends as on a disk that fails; for the fault matrix.
    pub fn fail_a_sync(&mut self, after: u32) {
        self.fails_after = Some(after);
    }

    /// Puts another file in the place of the present one, as a failing disk would.
    #[cfg(test)]
    pub(super) fn exchange(&mut self, other: File) {
        if let Place::File(file, _) = &mut self.place {
            *file = other;
        }
    }

    /// Offers the file whatever it has not taken yet: one `write`, unless the system takes less. What it took of a record
    /// before the disk was full is not written again, so that the file is always a beginning of `written`.
    fn hand_over(&mut self) -> Result<(), RecordError> {
        let Place::File(file, path) = &mut self.place else { return Ok(()) };
        let mut full = None;
        while self.taken < self.written.len() {
            match file.write(&self.written[self.taken..]) {
                Ok(0) => return self.stay(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.taken += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_full(&error) => match self.reserve.take().map(fs::remove_file) {
                    // Once: what is freed takes this record and the next ones, among them the one that tells of it.
                    Some(Ok(())) => full = Some(error),
                    _ => return self.stay(error),
                },
                Err(error) => return self.move_on(error),
            }
        }
        if let Some(error) = full {
            return self.stay(error);
        }
        if self.doubted.is_some() {
            // What it has taken outlives this process, and perhaps nothing more.
            return Ok(());
        }
        if self.reserve.is_none() && self.told {
            self.reserve = reserve(path);
        }
        // Without a reserve the disk is as full as before, and that has been told.
        self.told &= self.reserve.is_none();
        Ok(())
    }

    /// Keeps what was not taken in memory, until the next record.
    fn stay(&mut self, error: io::Error) -> Result<(), RecordError> {
        if std::mem::replace(&mut self.told, true) { Ok(()) } else { Err(RecordError::InMemory(error)) }
    }

    /// Writes everything to a new file beside this one. A disk that failed to sync may have dropped what it had taken, and
    /// a second sync of the same file would then claim success; so it is not asked again, and this is tried with each sync.
    fn move_on(&mut self, source: io::Error) -> Result<(), RecordError> {
        let Place::File(_, path) = &self.place else { return Ok(()) };
        if let Some(reserve) = self.reserve.take() {
            // If it cannot be removed there is no more room than before.
            let _ = fs::remove_file(reserve);
        }
        let fresh = (2..100).map(|part| part_path(path, part)).find(|path| !path.exists());
        let moved = fresh.ok_or_else(|| io::Error::other("too many files")).and_then(|path| {
            let copied = open_new(&path).and_then(|mut file| {
                file.write_all(&self.written)?;
                file.sync_data()?;
                Ok(file)
            });
            if copied.is_err() {
                // Half a copy is of no use; the old file holds as much. If it cannot be removed, the reader copes.
                let _ = fs::remove_file(&path);
            }
            Ok((copied?, path))
        });
        let Ok((file, path)) = moved else {
            self.doubted = Some(io::Error::new(source.kind(), source.to_string()));
            return self.stay(source);
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (self.taken, self.told, self.reserve) = (self.written.len(), false, reserve(&path));
        self.place = Place::File(file, path);
        Err(RecordError::Moved { name, source })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(reserve) = self.reserve.take() {
            // If it stays, it is 4 kB that go with the session's other files.
            let _ = fs::remove_file(reserve);
        }
    }
}

/// Takes room on the disk beside this journal; none where there is none.
fn reserve(journal: &Path) -> Option<PathBuf> {
    let path = reserve_path(journal);
    // Left by a process that died; its room is taken over.
    let _ = fs::remove_file(&path);
    let taken = open_new(&path).and_then(|mut file| file.write_all(&[b'\n'; RESERVE]));
    if taken.is_err() {
        let _ = fs::remove_file(&path);
    }
    taken.is_ok().then_some(path)
}

fn cannot(folder: &Path, source: io::Error) -> RecordError {
    RecordError::Create { folder: folder.display().to_string(), source }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Pipes and terminals cannot be synced, and need not be.
fn is_a_pipe(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| !metadata.is_file())
}

/// Makes a folder for this user only, and those above it.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a new file for this user only, and its name durable.
pub(super) fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok(file)
}

/// A new or renamed file survives a power cut only once its folder is synced too. Windows does this by itself.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
