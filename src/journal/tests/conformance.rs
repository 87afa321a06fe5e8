//! What every backend has to do, asked of each in the same words.

use std::ops::ControlFlow;
use std::path::Path;

use super::samples::{batch, read_all};
use super::servers;
use crate::journal::fault::JournalFault;
use crate::journal::faulty::dice::Dice;
use crate::journal::faulty::{FaultyJournal, scripted};
use crate::journal::local::LocalJournal;
use crate::journal::memory::MemoryJournal;
use crate::journal::redis::tests::Elsewhere;
use crate::journal::snapshot::Snapshot;
use crate::journal::{Head, Journal, TRIMMED_AT_ONCE_MAX};

/// Runs the suite on empty journals that `open` makes.
fn check(open: &mut dyn FnMut() -> Box<dyn Journal>) {
    appends_without_gaps_and_reads_back(&mut *open());
    refuses_what_does_not_follow(&mut *open());
    stops_reading_where_it_is_told(&mut *open());
    keeps_two_snapshots(&mut *open());
    trims_only_what_the_older_snapshot_covers(&mut *open());
    reopens_where_it_was(&mut *open());
}

fn appends_without_gaps_and_reads_back(journal: &mut dyn Journal) {
    assert_eq!(journal.head(), Head::default());
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), []);
    assert_eq!(journal.history().oldest().unwrap(), 0);
    let mut dice = Dice::new(1);
    let history = journal.history();
    let mut all = Vec::new();
    for size in [1, 1, 7, 64, 1] {
        let records = batch(journal.head().sequence, 2, size, &mut dice);
        journal.append(&records).unwrap();
        all.extend(records);
        assert_eq!(journal.head(), Head { sequence: all.len() as u64, epoch: 2 });
        assert_eq!(read_all(&*history, 1).unwrap(), all);
    }
    assert_eq!(read_all(&*history, 0).unwrap(), all);
    assert_eq!(read_all(&*history, 70).unwrap(), all[69..]);
    assert_eq!(read_all(&*history, 75).unwrap(), []);
    assert_eq!(history.oldest().unwrap(), 1);
    journal.append(&[]).unwrap();
    assert_eq!(journal.head().sequence, 74);
    journal.health().unwrap();
}

fn refuses_what_does_not_follow(journal: &mut dyn Journal) {
    let mut dice = Dice::new(2);
    journal.append(&batch(0, 5, 3, &mut dice)).unwrap();
    for (after, epoch) in [(2, 5), (4, 5), (0, 9)] {
        let refused = journal.append(&batch(after, epoch, 2, &mut dice)).unwrap_err();
        assert!(matches!(refused, JournalFault::OutOfSequence { expected: 4, .. }), "{refused}");
    }
    let refused = journal.append(&batch(3, 4, 1, &mut dice)).unwrap_err();
    assert!(matches!(refused, JournalFault::Deposed { ours: 4, newest: 5 }), "{refused}");
    let mut gap = batch(3, 5, 3, &mut dice);
    gap.remove(1);
    let refused = journal.append(&gap).unwrap_err();
    assert!(matches!(refused, JournalFault::OutOfSequence { expected: 5, got: 6 }), "{refused}");
    assert_eq!(journal.head(), Head { sequence: 3, epoch: 5 });
    assert_eq!(read_all(&*journal.history(), 1).unwrap().len(), 3);
    journal.append(&batch(3, 6, 1, &mut dice)).unwrap();
    assert_eq!(journal.head(), Head { sequence: 4, epoch: 6 });
}

fn stops_reading_where_it_is_told(journal: &mut dyn Journal) {
    journal.append(&batch(0, 1, 10, &mut Dice::new(3))).unwrap();
    let mut seen = Vec::new();
    let each = &mut |record: crate::journal::Record| {
        seen.push(record.sequence);
        if record.sequence == 6 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    journal.history().read_from(4, each).unwrap();
    assert_eq!(seen, [4, 5, 6]);
}

fn snapshot(sequence: u64) -> Snapshot {
    Snapshot { sequence, epoch: 1, format: 7, image: format!("after {sequence}").into_bytes() }
}

fn keeps_two_snapshots(journal: &mut dyn Journal) {
    let history = journal.history();
    assert_eq!(history.snapshot().unwrap(), None);
    journal.append(&batch(0, 1, 30, &mut Dice::new(4))).unwrap();
    for sequence in [10, 20, 30] {
        history.put_snapshot(&snapshot(sequence)).unwrap();
        assert_eq!(history.snapshot().unwrap(), Some(snapshot(sequence)));
    }
    for refused in [30, 5, 31] {
        let fault = history.put_snapshot(&snapshot(refused)).unwrap_err();
        assert!(matches!(fault, JournalFault::OutOfSequence { got, .. } if got == refused));
    }
    assert_eq!(history.snapshot().unwrap(), Some(snapshot(30)));
}

fn trims_only_what_the_older_snapshot_covers(journal: &mut dyn Journal) {
    let (mut dice, history) = (Dice::new(5), journal.history());
    let all = TRIMMED_AT_ONCE_MAX + 100;
    let records = batch(0, 1, all, &mut dice);
    journal.append(&records).unwrap();
    history.put_snapshot(&snapshot(all - 10)).unwrap();
    assert_eq!(history.trim().unwrap(), 0, "there is no older one yet");
    history.put_snapshot(&snapshot(all)).unwrap();
    assert_eq!(history.trim().unwrap(), TRIMMED_AT_ONCE_MAX);
    assert_eq!(history.trim().unwrap(), 90);
    assert_eq!(history.trim().unwrap(), 0);
    assert_eq!(history.oldest().unwrap(), all - 9);
    assert_eq!(read_all(&*history, all - 9).unwrap(), records[records.len() - 10..]);
    let missing = read_all(&*history, all - 10).unwrap_err();
    assert!(matches!(missing, JournalFault::Corrupt { .. }), "{missing}");
    journal.append(&batch(all, 1, 1, &mut dice)).unwrap();
    assert_eq!(journal.reopen().unwrap().sequence, all + 1);
    assert_eq!(history.oldest().unwrap(), all - 9);
}

fn reopens_where_it_was(journal: &mut dyn Journal) {
    let mut dice = Dice::new(6);
    let history = journal.history();
    let records = batch(0, 1, 5, &mut dice);
    journal.append(&records).unwrap();
    assert_eq!(journal.reopen().unwrap(), Head { sequence: 5, epoch: 1 });
    assert_eq!(read_all(&*history, 1).unwrap(), records);
    journal.append(&batch(5, 1, 5, &mut dice)).unwrap();
    assert_eq!(read_all(&*history, 1).unwrap().len(), 10);
}

fn survives_its_process(open: &dyn Fn(&Path) -> Box<dyn Journal>) {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(7);
    let mut all = Vec::new();
    for round in 0..4 {
        let mut journal = open(dir.path());
        assert_eq!(journal.head().sequence, all.len() as u64);
        assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
        let before = all.len() as u64;
        all.extend(batch(before, round, 10, &mut dice));
        journal.append(&all[all.len() - 10..]).unwrap();
        journal.history().put_snapshot(&snapshot(all.len() as u64)).unwrap();
    }
    assert_eq!(open(dir.path()).history().snapshot().unwrap(), Some(snapshot(40)));
}

#[test]
fn the_memory_journal_conforms() {
    check(&mut || Box::new(MemoryJournal::default()));
}

#[test]
fn the_faulty_journal_conforms_while_nothing_goes_wrong() {
    check(&mut || Box::new(FaultyJournal::new(scripted([]))));
}

#[test]
fn the_local_journal_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let mut fresh = 0;
    let mut open = || -> Box<dyn Journal> {
        fresh += 1;
        Box::new(LocalJournal::open(&dir.path().join(fresh.to_string())).unwrap())
    };
    check(&mut open);
    survives_its_process(&|dir| Box::new(LocalJournal::open(dir).unwrap()));
}

#[test]
fn the_journal_in_redis_conforms() {
    for options in [servers::ALWAYS, servers::EVERYSEC] {
        let elsewhere = Elsewhere::start(options);
        let mut fresh = 0;
        let mut open = || -> Box<dyn Journal> {
            fresh += 1;
            elsewhere.process(&fresh.to_string()).must_take()
        };
        check(&mut open);
        survives_its_process(&|dir| {
            let mut sale = elsewhere.process_in("kept", dir);
            sale.must_take()
        });
    }
}
