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
    /// Batches as they were appended: nothing is moved to make room for more.
    batches: VecDeque<Arc<[Record]>>,
    /// Records that are gone, but for those whose batch has others.
    trimmed: u64,
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
        if !records.is_empty() {
            store.batches.push_back(records.into());
        }
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
        let mut next = sequence;
        while next <= newest {
            let Some(batch) = self.store().holding(next) else { break };
            for record in batch.iter().filter(|record| record.sequence >= sequence) {
                if record.sequence > newest || each(record.clone()).is_break() {
                    return Ok(());
                }
                next = record.sequence + 1;
            }
        }
        Ok(())
    }

    fn oldest(&self) -> Result<u64, JournalFault> {
        Ok(self.store().oldest())
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
        let gone = until.saturating_sub(store.trimmed).min(TRIMMED_AT_ONCE_MAX);
        store.trimmed += gone;
        let trimmed = store.trimmed;
        let whole = store.batches.partition_point(|batch| newest(batch) <= trimmed);
        store.batches.drain(..whole);
        Ok(gone)
    }
}

impl Store {
    /// The oldest record that is kept; 0 if there is none.
    fn oldest(&self) -> u64 {
        if self.batches.is_empty() { 0 } else { self.trimmed + 1 }
    }

    /// Forgets all records after this one.
    fn truncate(&mut self, sequence: u64) {
        let all = std::mem::take(&mut self.batches);
        self.batches = all
            .iter()
            .map(|batch| &batch[..batch.partition_point(|record| record.sequence <= sequence)])
            .filter(|kept| !kept.is_empty())
            .map(Arc::from)
            .collect();
        let last = self.batches.back().and_then(|batch| batch.last());
        self.head = last.map_or(Head::default(), |record| Head {
            sequence: record.sequence,
            epoch: record.epoch,
        });
        self.snapshots.retain(|snapshot| snapshot.sequence <= sequence);
    }

    /// The batch that a record came with.
    fn holding(&self, sequence: u64) -> Option<Arc<[Record]>> {
        let at = self.batches.partition_point(|batch| newest(batch) < sequence);
        self.batches.get(at).cloned()
    }
}

/// The newest record of a batch.
fn newest(batch: &[Record]) -> u64 {
    batch.last().map_or(0, |record| record.sequence)
}
