//! Takes the journal down: at once in virtual time, behind the room's back in a real session, so that neither the sound
//! nor the next verb ever waits for a disk.

use crate::record::{Journal, RecordError, Writer};
use crate::session::Event;
use crate::units::{MedicineTime, SessionTime};

/// Where events go.
pub(super) enum Scribe {
    /// At once, into memory.
    Memory(Journal),
    /// To a thread of its own, onto a disk.
    Disk(Writer),
}

impl Scribe {
    /// Takes an event down.
    pub(super) fn append(&mut self, at: SessionTime, medicine: Option<MedicineTime>, event: Event) {
        let taken: Result<(), RecordError> = match self {
            Self::Memory(journal) => journal.append(at, medicine, event),
            Self::Disk(writer) => writer.append(at, medicine, event),
        };
        if let Err(error) = taken {
            tracing::error!(%error, "journal");
        }
    }

    /// Asks to be told of this mark once everything so far is safe; false if nobody will tell.
    pub(super) fn sync(&self, mark: u64) -> bool {
        match self {
            Self::Memory(_) => false,
            Self::Disk(writer) => writer.sync(mark).is_ok(),
        }
    }

    /// The bytes of a journal in memory; none of one on a disk.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Memory(journal) => journal.bytes(),
            Self::Disk(_) => &[],
        }
    }
}
