//! The file under redb, and the guard in front of it.
//!
//! The guard knows which failure it was, since redb passes on only that there was one. After a
//! failed sync nothing more reaches the file, ever: what the kernel still holds of it is unknown.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redb::StorageBackend;
use rustix::fs::{Access, Advice, SeekFrom, seek};
use rustix::io::Errno;

use super::Medium;
use crate::journal::fault::JournalFault;

/// So far ahead of what is written, at least, the file is filled with zeros, and twice as far when
/// it is done: 4 MiB are 30,000 records of 128 bytes, and take a few milliseconds.
///
/// A commit then writes where the file system has nothing left to decide. A full disk shows ahead
/// of the records that need it; and a sync depends on no journal but ours: where a commit made
/// ext4 allocate, one sync in six that fell together with a forced shutdown reported success, and
/// its data was not there (measured; none when filled).
const FILLED_AHEAD: u64 = 4 << 20;
/// What is written at once to fill.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
/// The file format of redb 3 and 4.
const STORE_FORMAT: u32 = 3;

/// The journal's file, locked against other processes for as long as this lives.
#[derive(Debug)]
pub(super) struct LockedFile {
    file: File,
    path: PathBuf,
    /// No holes up to here, as far as this process knows.
    filled: AtomicU64,
    /// Filling up to here failed: as long as it does, there is no use in writing.
    lacking: AtomicU64,
}

impl LockedFile {
    /// Locks an open file.
    pub(super) fn new(file: File, path: PathBuf) -> Result<Self, JournalFault> {
        match file.try_lock() {
            Ok(()) => {
                let (filled, lacking) = (AtomicU64::new(0), AtomicU64::new(0));
                Ok(Self { file, path, filled, lacking })
            }
            Err(std::fs::TryLockError::WouldBlock) => Err(JournalFault::Locked { path }),
            Err(std::fs::TryLockError::Error(fault)) => Err(JournalFault::io("lock", fault)),
        }
    }

    /// Makes sure that what is read comes from the disk. After a sync that failed, perhaps in the
    /// process before this one, memory holds bytes that look right and are nowhere else.
    pub(super) fn forget_what_memory_holds(&self) -> Result<(), JournalFault> {
        self.file.sync_data().map_err(JournalFault::Poisoned)?;
        rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed)
            .map_err(|errno| JournalFault::io("read the file anew", errno.into()))
    }

    /// Fills what lies ahead of this offset, unless enough of it is filled.
    fn fill_ahead(&self, of: u64) -> io::Result<()> {
        let filled = self.filled.load(Ordering::Relaxed);
        if of + FILLED_AHEAD <= filled {
            return Ok(());
        }
        let until = self.len()?.min(of + 2 * FILLED_AHEAD);
        if until <= filled {
            return Ok(());
        }
        let done = self.fill(filled, until);
        match done {
            Ok(()) => self.filled.store(until, Ordering::Relaxed),
            Err(_) => self.lacking.store(until, Ordering::Relaxed),
        }
        done
    }

    /// Writes zeros into the holes between two offsets, which therefore reads as before.
    fn fill(&self, from: u64, until: u64) -> io::Result<()> {
        let mut at = from;
        while at < until {
            let hole = match seek(&self.file, SeekFrom::Hole(at)) {
                // It does not tell, or there is nothing more.
                Err(Errno::INVAL | Errno::NXIO) => return Ok(()),
                hole => hole?,
            };
            let data = match seek(&self.file, SeekFrom::Data(hole)) {
                Err(Errno::NXIO) => until,
                data => data?.min(until),
            };
            at = hole;
            while at < data {
                let count = usize::try_from(data - at).map_or(ZEROS.len(), |n| n.min(ZEROS.len()));
                self.file.write_all_at(&ZEROS[..count], at)?;
                at += count as u64;
            }
        }
        Ok(())
    }
}

impl Medium for LockedFile {
    fn health(&self) -> Result<(), JournalFault> {
        let gone = || JournalFault::Gone { path: self.path.clone() };
        let fault = |fault| JournalFault::io("look at the file", fault);
        let ours = self.file.metadata().map_err(fault)?;
        let named = match std::fs::metadata(&self.path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Err(gone()),
            named => named.map_err(fault)?,
        };
        if ours.nlink() == 0 || (ours.dev(), ours.ino()) != (named.dev(), named.ino()) {
            return Err(gone());
        }
        rustix::fs::access(&self.path, Access::WRITE_OK).map_err(|errno| fault(errno.into()))?;
        let lacking = self.lacking.load(Ordering::Relaxed).min(ours.len());
        self.fill(self.filled.load(Ordering::Relaxed), lacking).map_err(fault)?;
        self.lacking.store(0, Ordering::Relaxed);
        Ok(())
    }
}

impl StorageBackend for LockedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let before = self.len()?;
        self.file.set_len(len)?;
        self.filled.fetch_min(len, Ordering::Relaxed);
        // The store syncs what has grown before it writes there: the zeros are then on the disk.
        if len > before { self.fill_ahead(before) } else { Ok(()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.fill_ahead(offset + bytes.len() as u64)?;
        self.file.write_all_at(bytes, offset)
    }
}

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
