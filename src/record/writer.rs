//! A journal on a thread of its own, so that a disk that hangs delays nobody.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use super::{Beat, Journal, Manifest, RecordError};
use crate::session::Event;
use crate::units::{MedicineTime, SessionTime, Span};

/// Orders that may wait: hours of an ordinary session, a few megabytes.
const MOST_WAITING: usize = 16_384;

/// What nobody waits for is synced this often: a power cut costs no more of it.
const GROUP: Span = Span::from_secs(5);

enum Order {
    Append(SessionTime, Option<MedicineTime>, Box<Event>),
    Sync(u64),
    Beat(Beat),
    Manifest(Box<Manifest>),
}

/// What the writer tells.
#[derive(Debug)]
pub enum Told {
    /// Everything that was appended before this mark has been offered to the disk and synced, or is kept in memory after
    /// a trouble that was told: what waits for it can be acknowledged.
    Synced(u64),
    /// What the therapist should know.
    Trouble(RecordError),
}

/// Writes a journal behind the back of who keeps it. Dropped, it writes what is waiting, syncs, and ends.
pub struct Writer {
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; `told` is called on it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(journal: Journal, told: impl Fn(Told) + Send + 'static) -> io::Result<Self> {
        let (orders, waiting) = sync_channel(MOST_WAITING);
        let thread = thread::Builder::new().name("journal".into()).spawn(move || write(journal, &waiting, &told))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Takes one record down; never waits.
    ///
    /// # Errors
    /// [`RecordError::Behind`] when the disk has hung for hours.
    pub fn append(&self, t: SessionTime, m: Option<MedicineTime>, event: Event) -> Result<(), RecordError> {
        self.order(Order::Append(t, m, Box::new(event)))
    }

    /// Asks for [`Told::Synced`] with this mark once everything before is safe; never waits.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn sync(&self, mark: u64) -> Result<(), RecordError> {
        self.order(Order::Sync(mark))
    }

    /// Leaves a sign of life; never waits. One that finds no room in the queue is left out: the next one tells more.
    pub fn beat(&self, beat: Beat) {
        _ = self.order(Order::Beat(beat));
    }

    /// Writes the session's manifest beside the journal; never waits. What the disk refuses is tried again.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn manifest(&self, manifest: Manifest) -> Result<(), RecordError> {
        self.order(Order::Manifest(Box::new(manifest)))
    }

    fn order(&self, order: Order) -> Result<(), RecordError> {
        match self.orders.as_ref().map(|orders| orders.try_send(order)) {
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) => Err(RecordError::Behind),
            _ => Ok(()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has nothing left to write.
            let _ = thread.join();
        }
    }
}

fn write(mut journal: Journal, orders: &Receiver<Order>, told: &dyn Fn(Told)) {
    let trouble = |done: Result<(), RecordError>| {
        if let Err(error) = done {
            told(Told::Trouble(error));
        }
    };
    let mut synced = Span::ZERO;
    // The latest manifest, if the disk has not taken it yet.
    let mut unwritten: Option<Box<Manifest>> = None;
    for order in orders {
        match order {
            Order::Beat(beat) => {
                journal.beat(beat);
                if beat.at - synced >= GROUP {
                    synced = beat.at;
                    // Its trouble has been told.
                    unwritten = unwritten.filter(|manifest| beside(&journal, manifest).is_err());
                    trouble(journal.sync_all());
                }
            }
            Order::Manifest(manifest) => {
                let written = beside(&journal, &manifest);
                unwritten = written.is_err().then_some(manifest);
                trouble(written);
            }
            Order::Append(t, m, event) => trouble(journal.append(t, m, *event)),
            Order::Sync(mark) => {
                trouble(journal.sync());
                told(Told::Synced(mark));
            }
        }
    }
    trouble(journal.sync());
}

/// Writes a manifest into the journal's folder.
fn beside(journal: &Journal, manifest: &Manifest) -> Result<(), RecordError> {
    journal.path().and_then(Path::parent).map_or(Ok(()), |folder| manifest.write(folder))
}
