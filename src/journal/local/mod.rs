//! The journal on a local disk: one redb file, one durable commit for each batch.
//!
//! ```text
//! <data>/<sale>/journal.redb           table `records`: sequence (u64) -> framed record
//! <data>/<sale>/acknowledged           how far it was acknowledged, see `journal::mark`
//! <data>/<sale>/snapshot-<sequence>.bin
//! ```
//!
//! redb checks its pages only when it opens, so every record proves itself again when it is read.
//! Never serves a record that was not written, and never less than was acknowledged.

mod file;
mod guard;
mod history;
mod overlay;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use redb::{Builder, Database, ReadOnlyTable, ReadableDatabase, ReadableTable};
use redb::{ReadableTableMetadata, StorageBackend, TableDefinition, TableError};

use super::fault::JournalFault;
use super::mark::Mark;
use super::record;
use super::snapshot::Shelf;
use super::{Head, History, Journal, Record};
use file::LockedFile;
use guard::{Guard, Sorted};
use overlay::Overlay;

const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");
/// The table as a reader sees it.
type Records = ReadOnlyTable<u64, &'static [u8]>;
const FILE_NAME: &str = "journal.redb";
const ACKNOWLEDGED: &str = "acknowledged";
const UNFINISHED: &str = "journal.part";
/// Memory for pages: an append touches the last few, a replay each page once.
const CACHE_BYTES: usize = 16 << 20;

/// A journal on a local disk.
pub struct LocalJournal {
    shared: Arc<Shared>,
    mark: Mark,
    head: Head,
    /// An append failed, and nobody knows yet how it ended; or none can be made yet.
    broken: bool,
    /// Why it was opened for reading alone; told to the first append.
    unwritable: Option<JournalFault>,
    /// One record, encoded; kept to be filled again.
    bytes: Vec<u8>,
}

/// What the writer and the readers share.
struct Shared {
    database: ArcSwap<Database>,
    guard: Arc<Guard>,
    snapshots: Shelf,
    /// The newest durable sequence, for readers to find at least that much. Stored by the writer
    /// (release) after the commit, loaded by readers (acquire) before they begin to read.
    newest: AtomicU64,
}

/// What the store's bytes are on: the file, or in tests something that misbehaves.
pub trait Medium: StorageBackend {
    /// Whether it is still the same and can be written to, as far as that shows without writing.
    fn health(&self) -> Result<(), JournalFault> {
        Ok(())
    }
}

impl LocalJournal {
    /// Opens the journal in a directory, or begins one there; checks every page of it. Where it can
    /// be read and not written, for want of room or permission, it is open for reading: the first
    /// append fails with the cause, and [`Journal::reopen`] finds out when that is gone.
    ///
    /// # Faults
    /// [`JournalFault::Locked`] if another process has it; [`JournalFault::Corrupt`] if it is
    /// damaged, or lacks records that were acknowledged.
    pub fn open(dir: &Path) -> Result<Self, JournalFault> {
        let path = dir.join(FILE_NAME);
        if !path.exists() {
            begin(dir, &path)?;
        }
        let file = LockedFile::open(path)?;
        if file.len().map_err(|fault| JournalFault::io("look at the file", fault))? == 0 {
            return Err(JournalFault::corrupt(FILE_NAME, "the file is empty"));
        }
        file.forget_what_memory_holds()?;
        Self::open_on(dir, Box::new(file))
    }

    /// Opens the journal on any medium, with mark and snapshots in a directory.
    ///
    /// # Faults
    /// As [`LocalJournal::open`]; nothing locks the directory.
    pub fn open_on(dir: &Path, medium: Box<dyn Medium>) -> Result<Self, JournalFault> {
        let guard = Guard::new(medium);
        let (mark, acknowledged) = Mark::open(&dir.join(ACKNOWLEDGED))?;
        let snapshots = Shelf::open(dir);
        let snapshotted = snapshots.sequences()?.first().copied().unwrap_or(0);
        let (database, head, unwritable) = load_or_read(&guard)?;
        let acknowledged = acknowledged.unwrap_or_default();
        must_reach(head, acknowledged.sequence, "were acknowledged")?;
        must_reach(head, snapshotted, "are in a snapshot")?;
        if head.sequence == acknowledged.sequence && head.epoch != acknowledged.epoch {
            let what =
                format!("acknowledged in epoch {}, found {}", acknowledged.epoch, head.epoch);
            return Err(JournalFault::corrupt(format!("record {}", head.sequence), what));
        }
        if head.sequence > acknowledged.sequence {
            let unacknowledged = head.sequence - acknowledged.sequence;
            tracing::info!(unacknowledged, "the journal is ahead of its mark");
        }
        let broken = unwritable.is_some();
        if !broken {
            mark.put(head);
        }
        let newest = AtomicU64::new(head.sequence);
        let shared = Shared { database: ArcSwap::from_pointee(database), guard, snapshots, newest };
        Ok(Self { shared: Arc::new(shared), mark, head, broken, unwritable, bytes: Vec::new() })
    }

    fn commit(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let Shared { database, guard, .. } = &*self.shared;
        let transaction = database.load().begin_write().sorted(guard)?;
        {
            let mut table = transaction.open_table(RECORDS).sorted(guard)?;
            for record in records {
                record::encode(record, &mut self.bytes)?;
                table.insert(record.sequence, self.bytes.as_slice()).sorted(guard)?;
            }
        }
        transaction.commit().sorted(guard)
    }
}

impl Journal for LocalJournal {
    fn head(&self) -> Head {
        self.head
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let next = self.head.after(records)?;
        if let Some(fault) = self.unwritable.take() {
            return Err(fault);
        }
        if self.broken {
            self.shared.guard.health()?;
            let source = io::Error::other("reopen it first");
            return Err(JournalFault::Io { doing: "append after a fault", source });
        }
        if records.is_empty() {
            return Ok(());
        }
        if let Err(fault) = self.commit(records) {
            self.broken = !matches!(fault, JournalFault::TooLarge { .. });
            return Err(fault);
        }
        self.head = next;
        self.shared.newest.store(next.sequence, Ordering::Release);
        self.mark.put(next);
        Ok(())
    }

    fn begin_after(&mut self, covered: Head) -> Result<(), JournalFault> {
        if self.head != Head::default() {
            return Err(self.head.begun(covered));
        }
        self.head = covered;
        Ok(())
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        self.shared.guard.health()?;
        self.broken = true;
        let (database, head) = load(&self.shared.guard)?;
        must_reach(head, self.head.sequence, "were acknowledged")?;
        self.shared.database.store(Arc::new(database));
        self.shared.newest.store(head.sequence, Ordering::Release);
        self.mark.put(head);
        self.head = head;
        (self.broken, self.unwritable) = (false, None);
        Ok(head)
    }

    fn health(&self) -> Result<(), JournalFault> {
        self.shared.guard.health()
    }

    fn history(&self) -> Arc<dyn History> {
        self.shared.clone()
    }
}

/// Makes a new, empty file. It gets its name when it is complete, so that a crash on the way
/// leaves nothing that looks like a journal.
fn begin(dir: &Path, path: &Path) -> Result<(), JournalFault> {
    let fault = |fault| JournalFault::io("begin a journal", fault);
    fs::create_dir_all(dir).map_err(fault)?;
    let aside = dir.join(UNFINISHED);
    let mut how = File::options();
    let opened = how.read(true).write(true).create(true).truncate(false).open(&aside);
    let file = LockedFile::new(opened.map_err(fault)?, aside.clone())?;
    if path.exists() {
        return Ok(());
    }
    file.set_len(0).map_err(fault)?;
    let guard = Guard::new(Box::new(file));
    drop(load(&guard)?);
    fs::rename(&aside, path).map_err(fault)?;
    for dir in [Some(dir), dir.parent()].into_iter().flatten() {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(fault)?;
    }
    Ok(())
}

/// Opens the database on a medium, or, with the reason, above one that can only be read.
fn load_or_read(
    guard: &Arc<Guard>,
) -> Result<(Database, Head, Option<JournalFault>), JournalFault> {
    let why = match load(guard) {
        Ok((database, head)) => return Ok((database, head, None)),
        Err(fault) if fault.resumes() => fault,
        Err(fault) => return Err(fault),
    };
    let above = Overlay::new(guard.open());
    let above = above.map_err(|fault| JournalFault::io("look at the file", fault))?;
    let (database, head) = load_from(above, guard)?;
    Ok((database, head, Some(why)))
}

/// Opens the database on a medium, checks every page, and finds the newest record.
fn load(guard: &Arc<Guard>) -> Result<(Database, Head), JournalFault> {
    load_from(guard.open(), guard)
}

fn load_from(
    backend: impl StorageBackend,
    guard: &Guard,
) -> Result<(Database, Head), JournalFault> {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    let database = builder.create_with_backend(backend).sorted(guard)?;
    match database.begin_read().sorted(guard)?.open_table(RECORDS) {
        Ok(table) => {
            let head = newest(&table, guard)?;
            drop(table);
            Ok((database, head))
        }
        Err(TableError::TableDoesNotExist(_)) => {
            let transaction = database.begin_write().sorted(guard)?;
            transaction.open_table(RECORDS).sorted(guard)?;
            transaction.commit().sorted(guard)?;
            Ok((database, Head::default()))
        }
        Err(error) => Err(guard.fault(error)),
    }
}

fn newest(table: &Records, guard: &Guard) -> Result<Head, JournalFault> {
    let first = table.first().sorted(guard)?.map(|(key, _)| key.value());
    let last = table.last().sorted(guard)?;
    let (Some(first), Some((key, bytes))) = (first, last) else { return Ok(Head::default()) };
    let last = decode(key.value(), bytes.value())?;
    if first == 0 || table.len().sorted(guard)? != last.sequence - first + 1 {
        let what = "there are gaps between the oldest record and the newest";
        return Err(JournalFault::corrupt(format!("records {first} to {}", last.sequence), what));
    }
    Ok(Head { sequence: last.sequence, epoch: last.epoch })
}

/// Reads the record that is stored under a sequence.
fn decode(key: u64, bytes: &[u8]) -> Result<Record, JournalFault> {
    let record = record::decode(bytes).map_err(|unreadable| unreadable.at(key))?;
    if record.sequence != key {
        let what = format!("says that it is record {}", record.sequence);
        return Err(JournalFault::corrupt(format!("record {key}"), what));
    }
    Ok(record)
}

/// A journal that ends before a record that is known to have been durable is not whole.
fn must_reach(head: Head, sequence: u64, known: &str) -> Result<(), JournalFault> {
    if head.sequence >= sequence {
        return Ok(());
    }
    let at = format!("records {} to {sequence}", head.sequence + 1);
    Err(JournalFault::corrupt(at, format!("they {known}, and are missing")))
}
