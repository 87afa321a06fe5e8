//! A journal in memory: nothing survives. For tests and rehearsal, and for nothing else.

pub mod lease;

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fault::JournalFault;
use super::snapshot::{SNAPSHOTS_KEPT, Snapshot};
use super::{Head, History, Journal, Record, TRIMMED_AT_ONCE_MAX};

/// Records and snapshots in memory. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryJournal {
    store: Arc<Mutex<Store>>,
}

#[derive(Default)]
struct Store {
    head: Head,
    records: VecDeque<Record>,
    /// Newest first.
    snapshots: Vec<Snapshot>,
}

impl MemoryJournal {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn head(&self) -> Head {
        self.store().head
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let mut store = self.store();
        store.head = store.head.after(records)?;
        store.records.extend(records.iter().cloned());
        Ok(())
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        Ok(self.head())
    }

    fn health(&self) -> Result<(), JournalFault> {
        Ok(())
    }

    fn history(&self) -> Arc<dyn History> {
        Arc::new(self.clone())
    }
}

impl History for MemoryJournal {
    fn read_from(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        let (oldest, newest) = (self.oldest()?, self.head().sequence);
        let sequence = sequence.max(1);
        if sequence < oldest {
            let what = format!("the oldest record kept is {oldest}");
            return Err(JournalFault::corrupt(format!("record {sequence}"), what));
        }
        for at in sequence..=newest {
            let record = self.store().at(at).cloned();
            let Some(record) = record else { break };
            if each(record).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn oldest(&self) -> Result<u64, JournalFault> {
        Ok(self.store().records.front().map_or(0, |record| record.sequence))
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, JournalFault> {
        Ok(self.store().snapshots.first().cloned())
    }

    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), JournalFault> {
        let mut store = self.store();
        let newest = store.snapshots.first().map_or(0, |newest| newest.sequence);
        snapshot.fits(newest, store.head)?;
        store.snapshots.insert(0, snapshot.clone());
        store.snapshots.truncate(SNAPSHOTS_KEPT);
        Ok(())
    }

    fn trim(&self) -> Result<u64, JournalFault> {
        let mut store = self.store();
        let Some(older) = store.snapshots.get(SNAPSHOTS_KEPT - 1) else { return Ok(0) };
        let until = older.sequence.min(store.head.sequence - 1);
        let covered = store.records.partition_point(|record| record.sequence <= until);
        let gone = covered.min(usize::try_from(TRIMMED_AT_ONCE_MAX).unwrap_or(usize::MAX));
        store.records.drain(..gone);
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }
}

impl Store {
    fn at(&self, sequence: u64) -> Option<&Record> {
        let first = self.records.front()?.sequence;
        self.records.get(usize::try_from(sequence.checked_sub(first)?).ok()?)
    }
}
