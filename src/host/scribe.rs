//! Takes the journal down: at once in virtual time, behind the room's back in a real session, so that neither the sound
//! nor the next verb ever waits for a disk.

use crate::record::{Beat, Journal, Manifest, RecordError, Writer};
use crate::session::Event;
use crate::units::{MedicineTime, SessionTime};

/// The mark that no answer waits for.
const NOBODY: u64 = 0;

/// What must not be lost in a power cut although nobody waits for it: where the session stands, and what broke. Verbs are
/// synced with the answer to them.
const fn is_weighty(event: &Event) -> bool {
    matches!(event, Event::Phase { .. } | Event::Ended { .. } | Event::Fault { .. } | Event::Recovered { .. })
}

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
            Self::Disk(writer) => {
                let weighty = is_weighty(&event);
                let taken = writer.append(at, medicine, event);
                if weighty { taken.and_then(|()| writer.sync(NOBODY)) } else { taken }
            }
        };
        if let Err(error) = taken {
            tracing::error!(%error, "journal");
        }
    }

    /// Leaves a sign of life, where there is a disk to leave it on.
    pub(super) fn beat(&self, beat: Beat) {
        if let Self::Disk(writer) = self {
            writer.beat(beat);
        }
    }

    /// Writes the manifest beside the journal, where there is a disk to write on.
    pub(super) fn manifest(&self, manifest: &Manifest) {
        if let Self::Disk(writer) = self
            && let Err(error) = writer.manifest(manifest.clone())
        {
            tracing::error!(%error, "manifest");
        }
    }

    /// Asks to be told of this mark, from 1, once everything so far is safe; false if nobody will tell.
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
