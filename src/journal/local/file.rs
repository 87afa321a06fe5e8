//! The journal's file: locked, filled ahead, and watched.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

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
/// The journal's file, locked against other processes for as long as this lives.
#[derive(Debug)]
pub(super) struct LockedFile {
    /// Locked, and read from.
    file: File,
    /// Written to; missing until the file lets itself be opened for writing.
    writing: OnceLock<File>,
    path: PathBuf,
    /// Held while holes are filled. A write needs it unless it goes where all is filled, so that
    /// no zeros can follow a record into what was a hole a moment before.
    filling: Mutex<Filling>,
}

#[derive(Default, Debug)]
struct Filling {
    /// No holes up to here, as far as this process knows.
    done: u64,
    /// How long the file is, once something was filled: nobody else alters it.
    len: u64,
    /// Filling up to here failed: as long as it does, there is no use in writing.
    lacking: u64,
}

/// Gives the lock up and does not leave that to the last copy of the file closing: a process that
/// is being started, between its fork and its exec, has one.
impl Drop for LockedFile {
    fn drop(&mut self) {
        if let Err(fault) = self.file.unlock() {
            tracing::warn!(%fault, "the lock of the journal could not be given up");
        }
    }
}

impl LockedFile {
    /// Opens a file that is there, for reading alone if it must be, and locks it.
    pub(super) fn open(path: PathBuf) -> Result<Self, JournalFault> {
        let opened = |write| File::options().read(true).write(write).open(&path);
        let fault = |fault| JournalFault::io("open the file", fault);
        match opened(true).map_err(fault) {
            Ok(file) => Self::new(file, path),
            Err(why) if why.resumes() => {
                Self::lock(opened(false).map_err(fault)?, OnceLock::new(), path)
            }
            Err(why) => Err(why),
        }
    }

    /// Locks a file that is open for writing.
    pub(super) fn new(file: File, path: PathBuf) -> Result<Self, JournalFault> {
        let writing = file.try_clone().map_err(|fault| JournalFault::io("open the file", fault))?;
        Self::lock(file, OnceLock::from(writing), path)
    }

    fn lock(file: File, writing: OnceLock<File>, path: PathBuf) -> Result<Self, JournalFault> {
        match file.try_lock() {
            Ok(()) => Ok(Self { file, writing, path, filling: Mutex::default() }),
            Err(TryLockError::WouldBlock) => Err(JournalFault::Locked { path }),
            Err(TryLockError::Error(fault)) => Err(JournalFault::io("lock", fault)),
        }
    }

    /// Makes sure that what is read comes from the disk. After a sync that failed, perhaps in the
    /// process before this one, memory holds bytes that look right and are nowhere else.
    pub(super) fn forget_what_memory_holds(&self) -> Result<(), JournalFault> {
        self.file.sync_data().map_err(JournalFault::Poisoned)?;
        rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed)
            .map_err(|errno| JournalFault::io("read the file anew", errno.into()))
    }

    /// The file, open for writing. The lock stays with the one that is read: both are the same
    /// file, which [`Medium::health`] looks at.
    fn writing(&self) -> io::Result<&File> {
        if let Some(file) = self.writing.get() {
            return Ok(file);
        }
        let file = File::options().read(true).write(true).open(&self.path)?;
        Ok(self.writing.get_or_init(|| file))
    }

    fn filling(&self) -> MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fills what lies ahead of this offset, unless enough of it is filled.
    fn fill_ahead(&self, of: u64) -> io::Result<()> {
        let mut filling = self.filling();
        let whole = filling.done > 0 && filling.done == filling.len;
        if whole || of + FILLED_AHEAD <= filling.done {
            return Ok(());
        }
        filling.len = self.len()?;
        let until = filling.len.min(of + 2 * FILLED_AHEAD);
        filling.lacking = until;
        self.fill(&mut filling)
    }

    /// Fills what is lacking.
    fn fill(&self, filling: &mut Filling) -> io::Result<()> {
        if filling.lacking > filling.done {
            self.fill_holes(filling.done, filling.lacking)?;
            filling.done = filling.lacking;
        }
        Ok(())
    }

    /// Writes zeros into the holes between two offsets, which therefore reads as before.
    fn fill_holes(&self, from: u64, until: u64) -> io::Result<()> {
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
                self.writing()?.write_all_at(&ZEROS[..count], at)?;
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
        let mut filling = self.filling();
        filling.lacking = filling.lacking.min(ours.len());
        self.fill(&mut filling).map_err(fault)
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
        self.writing()?.set_len(len)?;
        {
            let mut filling = self.filling();
            (filling.done, filling.len) = (filling.done.min(len), len);
        }
        // The store syncs what has grown before it writes there: the zeros are then on the disk.
        if len > before { self.fill_ahead(before) } else { Ok(()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.fill_ahead(offset + bytes.len() as u64)?;
        self.writing()?.write_all_at(bytes, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_still_has_a_copy_of_the_file_does_not_keep_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        std::fs::write(&path, "").unwrap();
        let first = LockedFile::open(path.clone()).unwrap();
        let copy = first.file.try_clone().unwrap();
        assert!(matches!(LockedFile::open(path.clone()), Err(JournalFault::Locked { .. })));
        drop(first);
        LockedFile::open(path).unwrap();
        drop(copy);
    }
}
