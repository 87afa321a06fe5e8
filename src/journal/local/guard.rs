//! What stands between redb and the medium, and remembers what failed.
//!
//! redb passes on only that something failed; the guard knows what it was. After a failed sync
//! nothing more reaches the medium, ever: what the kernel still holds of it is unknown.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redb::StorageBackend;

use super::Medium;
use crate::journal::fault::JournalFault;

/// The file format of redb 3 and 4.
const STORE_FORMAT: u32 = 3;

/// A medium for one database after the other, with what is known of its failures.
#[derive(Debug)]
pub(super) struct Guard {
    medium: Box<dyn Medium>,
    poisoned: AtomicBool,
    /// The kind of the last failure, as the operating system numbers it; 0 for none.
    last_os_error: AtomicI32,
    /// Counts the databases opened on it; only the last one may touch it, and the next is let in
    /// only when nothing of the one before is under way.
    opening: RwLock<u64>,
}

/// Results of redb, with their failures sorted.
pub(super) trait Sorted<T> {
    /// Turns a failure into the fault that it is.
    fn sorted(self, guard: &Guard) -> Result<T, JournalFault>;
}

impl<T, E: Into<redb::Error>> Sorted<T> for Result<T, E> {
    fn sorted(self, guard: &Guard) -> Result<T, JournalFault> {
        self.map_err(|error| guard.fault(error))
    }
}

/// What one database sees of the medium.
#[derive(Debug)]
struct Opening {
    guard: Arc<Guard>,
    opening: u64,
}

impl Guard {
    pub(super) fn new(medium: Box<dyn Medium>) -> Arc<Self> {
        Arc::new(Self {
            medium,
            poisoned: AtomicBool::new(false),
            last_os_error: AtomicI32::new(0),
            opening: RwLock::new(0),
        })
    }

    /// A backend for the next database. The one before can do nothing more, not even on closing.
    pub(super) fn open(self: &Arc<Self>) -> impl StorageBackend + use<> {
        let mut opening = self.opening.write().unwrap_or_else(PoisonError::into_inner);
        *opening += 1;
        Opening { guard: self.clone(), opening: *opening }
    }

    /// Whether the medium is there, can be written to, and never failed a sync.
    pub(super) fn health(&self) -> Result<(), JournalFault> {
        if self.poisoned.load(Ordering::SeqCst) {
            return Err(JournalFault::Poisoned(self.last_error()));
        }
        self.medium.health()
    }

    /// Sorts a failure of redb on this medium.
    pub(super) fn fault(&self, error: impl Into<redb::Error>) -> JournalFault {
        let at = "journal.redb";
        match error.into() {
            _ if self.poisoned.load(Ordering::SeqCst) => JournalFault::Poisoned(self.last_error()),
            redb::Error::Io(source) => match source.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                    JournalFault::corrupt(at, source.to_string())
                }
                _ => JournalFault::io("the store failed", source),
            },
            redb::Error::PreviousIo => JournalFault::io("the store failed", self.last_error()),
            redb::Error::Corrupted(what) => JournalFault::corrupt(at, what),
            redb::Error::UpgradeRequired(found) => {
                let (at, found) = (at.to_owned(), u32::from(found));
                JournalFault::Format { at, found, known: STORE_FORMAT }
            }
            other => JournalFault::io("the store failed", io::Error::other(other)),
        }
    }

    fn last_error(&self) -> io::Error {
        match self.last_os_error.load(Ordering::SeqCst) {
            0 => io::Error::other("no more is known"),
            code => io::Error::from_raw_os_error(code),
        }
    }
}

impl Opening {
    fn on_medium<T>(&self, act: impl FnOnce(&dyn Medium) -> io::Result<T>) -> io::Result<T> {
        let guard = &self.guard;
        let opening = guard.opening.read().unwrap_or_else(PoisonError::into_inner);
        if *opening != self.opening || guard.poisoned.load(Ordering::SeqCst) {
            return Err(io::Error::other("closed after a fault"));
        }
        act(&*guard.medium).inspect_err(|fault| {
            let code = fault.raw_os_error().unwrap_or_default();
            guard.last_os_error.store(code, Ordering::SeqCst);
        })
    }
}

impl StorageBackend for Opening {
    fn len(&self) -> io::Result<u64> {
        self.on_medium(|medium| medium.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.on_medium(|medium| medium.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.on_medium(|medium| medium.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let poison = |_: &io::Error| self.guard.poisoned.store(true, Ordering::SeqCst);
        self.on_medium(|medium| medium.sync_data().inspect_err(poison))
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.on_medium(|medium| medium.write(offset, bytes))
    }
}
