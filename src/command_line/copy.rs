//! `stanchion copy`: moves a sale's journal from one backend to another, records and snapshots, and
//! proves that what arrived is what was sent.
//!
//! Writes to a journal that is empty, and to no other. What it reads is a prefix of the journal: of
//! one that is being written, up to the record that was the newest when it began.

use std::ops::ControlFlow;

use clap::Args;

use super::place::{Place, Seen, redis};
use super::verify::verify;
use super::{Configured, EXIT_WELL};
use crate::journal::fault::JournalFault;
use crate::journal::lease::{Lease, Taking};
use crate::journal::local::LocalJournal;
use crate::journal::redis::RedisSale;
use crate::journal::{Head, History, Journal, Record};

/// Records in one append.
const BATCH_RECORDS: usize = 1_024;
/// Records between two words about how far it is.
const TOLD_EVERY: u64 = 100_000;

#[derive(Args)]
pub(super) struct Asked {
    /// The journal to copy: a folder such as `data/demo`, or `redis:demo`.
    from: Place,
    /// The journal to begin, in the same form; it has to be empty.
    to: Place,
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let seen = asked.from.look(&asked.configured)?;
    let oldest = seen.history.oldest()?;
    anyhow::ensure!(oldest > 0, "{} holds no record", asked.from);
    if let Some(writer) = &seen.writer {
        println!(
            "{} is being written by {writer}: this is its journal up to record {}, whole, and \
             nothing that comes later",
            asked.from, seen.newest.sequence
        );
    }
    let mut target = begin(&asked.to, &asked.configured)?;
    if oldest > 1 {
        target.begin_after(Head { sequence: oldest - 1, epoch: 0 })?;
    }
    copy(&seen, oldest, &mut *target)?;
    let history = target.history();
    compare(&seen, oldest, &*history)?;
    let report = verify(&*history)?;
    println!("{}: the same records and snapshots, and sound; {report}", asked.to);
    Ok(EXIT_WELL)
}

/// Opens a journal that has to be empty, as its writer.
fn begin(to: &Place, configured: &Configured) -> anyhow::Result<Box<dyn Journal>> {
    let journal: Box<dyn Journal> = match to {
        Place::Folder(folder) => {
            std::fs::create_dir_all(folder)?;
            Box::new(LocalJournal::open(folder)?)
        }
        Place::Redis(sale) => {
            let settings = configured.load()?;
            let folder = settings.data.join(sale);
            std::fs::create_dir_all(&folder)?;
            let mut lease = RedisSale::new(redis(&settings)?, sale, &folder, Vec::new())?;
            lease.open()?;
            match lease.take(Head::default())? {
                Taking::Taken(journal) => journal,
                other => anyhow::bail!("{to} has a writer: {other:?}"),
            }
        }
    };
    let empty = journal.head() == Head::default() && journal.history().snapshot()?.is_none();
    anyhow::ensure!(empty, "{to} is not empty: copy to a place where no journal is");
    Ok(journal)
}

fn copy(from: &Seen, oldest: u64, to: &mut dyn Journal) -> anyhow::Result<()> {
    let newest = from.newest.sequence;
    let (mut batch, mut failed) = (Vec::with_capacity(BATCH_RECORDS), None);
    from.history.read_from(oldest, &mut |record| {
        let sequence = record.sequence;
        batch.push(record);
        if batch.len() == BATCH_RECORDS || sequence == newest {
            failed = to.append(&batch).err();
            batch.clear();
        }
        if sequence.is_multiple_of(TOLD_EVERY) {
            println!("{sequence} of {newest} records");
        }
        match failed.is_some() || sequence == newest {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    failed.map_or(Ok(()), Err)?;
    let snapshots = from.history.snapshots()?;
    for snapshot in snapshots.iter().rev().filter(|snapshot| snapshot.sequence <= newest) {
        println!("snapshot after record {}", snapshot.sequence);
        to.history().put_snapshot(snapshot)?;
    }
    Ok(())
}

/// Reads both again, side by side.
fn compare(from: &Seen, oldest: u64, to: &dyn History) -> anyhow::Result<()> {
    let newest = from.newest.sequence;
    let mut next = oldest;
    while next <= newest {
        let (sent, arrived) = (some(&*from.history, next, newest)?, some(to, next, newest)?);
        if let Some(at) = sent.iter().zip(&arrived).position(|(sent, arrived)| sent != arrived) {
            anyhow::bail!("record {} arrived as something else", sent[at].sequence);
        }
        let both = sent.len().min(arrived.len());
        anyhow::ensure!(both > 0, "record {next} did not arrive");
        next += u64::try_from(both)?;
    }
    let of = |history: &dyn History| -> Result<Vec<_>, JournalFault> {
        let mut snapshots = history.snapshots()?;
        snapshots.retain(|snapshot| snapshot.sequence <= newest);
        Ok(snapshots)
    };
    anyhow::ensure!(of(&*from.history)? == of(to)?, "a snapshot arrived as something else");
    Ok(())
}

/// Some records from one on, up to another.
fn some(history: &dyn History, from: u64, until: u64) -> Result<Vec<Record>, JournalFault> {
    let mut records = Vec::with_capacity(BATCH_RECORDS);
    history.read_from(from, &mut |record| {
        let sequence = record.sequence;
        records.push(record);
        match records.len() == BATCH_RECORDS || sequence >= until {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::TRIMMED_AT_ONCE_MAX;
    use crate::journal::faulty::dice::Dice;
    use crate::journal::redis::tests::Elsewhere;
    use crate::journal::snapshot::Snapshot;
    use crate::journal::tests::samples::batch;
    use crate::journal::tests::servers::ALWAYS;

    fn seen(journal: &dyn Journal) -> Seen {
        Seen { history: journal.history(), newest: journal.head(), writer: None }
    }

    /// A local journal whose first records were trimmed, with two snapshots.
    fn trimmed(folder: &std::path::Path) -> LocalJournal {
        let mut journal = LocalJournal::open(folder).unwrap();
        let records = TRIMMED_AT_ONCE_MAX + 3_000;
        for (epoch, some) in (1..).zip(batch(0, 1, records, &mut Dice::new(1)).chunks_mut(900)) {
            some.iter_mut().for_each(|record| record.epoch = epoch);
            journal.append(some).unwrap();
        }
        for sequence in [records - 1_500, records - 100] {
            let image = vec![7; 700_000];
            let snapshot = Snapshot { sequence, epoch: 3, format: 1, image };
            journal.history().put_snapshot(&snapshot).unwrap();
        }
        assert_eq!(journal.history().trim().unwrap(), TRIMMED_AT_ONCE_MAX);
        journal
    }

    #[test]
    fn a_journal_is_the_same_after_it_moved_to_redis_and_back() {
        let folders = tempfile::tempdir().unwrap();
        let elsewhere = Elsewhere::start(ALWAYS);
        let first = trimmed(&folders.path().join("first"));
        let oldest = first.history().oldest().unwrap();
        let covered = Head { sequence: oldest - 1, epoch: 0 };

        let mut away = elsewhere.process("s").must_take();
        away.begin_after(covered).unwrap();
        copy(&seen(&first), oldest, &mut *away).unwrap();
        compare(&seen(&first), oldest, &*away.history()).unwrap();
        assert_eq!(away.history().snapshots().unwrap().len(), 2);
        assert!(away.begin_after(covered).is_err(), "it holds records");

        let folder = folders.path().join("back");
        let mut back = LocalJournal::open(&folder).unwrap();
        back.begin_after(covered).unwrap();
        copy(&seen(&*away), oldest, &mut back).unwrap();
        compare(&seen(&first), oldest, &*back.history()).unwrap();
        drop(back);
        let back = LocalJournal::open(&folder).unwrap();
        assert_eq!(back.head(), first.head());
        compare(&seen(&first), oldest, &*back.history()).unwrap();
    }

    #[test]
    fn what_did_not_arrive_or_arrived_as_something_else_is_named() {
        let folders = tempfile::tempdir().unwrap();
        let open = |name: &str| LocalJournal::open(&folders.path().join(name)).unwrap();
        let (mut sent, mut arrived, mut short) = (open("a"), open("b"), open("c"));
        let mut records = batch(0, 1, 10, &mut Dice::new(1));
        sent.append(&records).unwrap();
        short.append(&records[..9]).unwrap();
        records[6].decided.now.sale.0 ^= 1;
        arrived.append(&records).unwrap();
        let fault = compare(&seen(&sent), 1, &*arrived.history()).unwrap_err();
        assert_eq!(fault.to_string(), "record 7 arrived as something else");
        let fault = compare(&seen(&sent), 1, &*short.history()).unwrap_err();
        assert_eq!(fault.to_string(), "record 10 did not arrive");
    }
}
