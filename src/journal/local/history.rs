//! Reading a local journal, and its snapshots, beside the writer.
//!
//! A reader sees the records that were durable when it began. It takes nothing that an append
//! waits for, except while it trims.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use redb::{ReadableDatabase, ReadableTable};

use super::guard::Sorted;
use super::{RECORDS, Records, Shared, decode};
use crate::journal::fault::JournalFault;
use crate::journal::snapshot::{SNAPSHOTS_KEPT, Snapshot};
use crate::journal::{Head, History, Record, TRIMMED_AT_ONCE_MAX};

impl Shared {
    fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    fn records(&self) -> Result<Records, JournalFault> {
        let transaction = self.database.load().begin_read().sorted(&self.guard)?;
        transaction.open_table(RECORDS).sorted(&self.guard)
    }
}

impl History for Shared {
    fn read_from(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        let newest = self.newest();
        let records = self.records()?;
        let mut next = sequence.max(1);
        for entry in records.range(next..).sorted(&self.guard)? {
            let (key, bytes) = entry.sorted(&self.guard)?;
            if key.value() != next {
                return Err(missing(next, key.value() - 1));
            }
            if each(decode(next, bytes.value())?).is_break() {
                return Ok(());
            }
            next += 1;
        }
        if next <= newest { Err(missing(next, newest)) } else { Ok(()) }
    }

    fn oldest(&self) -> Result<u64, JournalFault> {
        let records = self.records()?;
        let oldest = records.first().sorted(&self.guard)?.map_or(0, |(key, _)| key.value());
        Ok(oldest)
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, JournalFault> {
        self.snapshots.newest()
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>, JournalFault> {
        self.snapshots.readable()
    }

    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), JournalFault> {
        let newest = self.snapshots.sequences()?.first().copied().unwrap_or(0);
        snapshot.fits(newest, Head { sequence: self.newest(), epoch: snapshot.epoch })?;
        self.snapshots.put(snapshot)
    }

    fn trim(&self) -> Result<u64, JournalFault> {
        let kept = self.snapshots.sequences()?;
        let Some(older) = kept.get(SNAPSHOTS_KEPT - 1) else { return Ok(0) };
        let oldest = self.oldest()?;
        let covered = (*older).min(self.newest().saturating_sub(1));
        let until = covered.min(oldest + TRIMMED_AT_ONCE_MAX - 1);
        if oldest == 0 || until < oldest {
            return Ok(0);
        }
        let transaction = self.database.load().begin_write().sorted(&self.guard)?;
        {
            let mut table = transaction.open_table(RECORDS).sorted(&self.guard)?;
            table.retain_in(oldest..=until, |_, _| false).sorted(&self.guard)?;
        }
        transaction.commit().sorted(&self.guard)?;
        Ok(until - oldest + 1)
    }
}

fn missing(from: u64, until: u64) -> JournalFault {
    JournalFault::corrupt(format!("records {from} to {until}"), "they are missing")
}
