//! The disk fails while we write, and comes back or does not.

use std::thread;

use super::*;
use crate::journal::faulty::disk::Disobedience;

#[test]
fn after_a_failed_sync_nothing_more_reaches_the_disk() {
    let mut written = Written::new(1, 6);
    let acknowledged = written.head();
    written.disk.disobey(Some(Disobedience::FailSync));
    let records = batch(acknowledged.sequence, 1, 3, &mut Dice::new(1));
    let fault = written.journal.append(&records).unwrap_err();
    assert!(matches!(fault, JournalFault::Poisoned(_)) && !fault.resumes(), "{fault}");
    written.disk.disobey(None);
    let tried = written.disk.tried();
    for fault in [
        written.journal.append(&records).unwrap_err(),
        written.journal.health().unwrap_err(),
        written.journal.reopen().unwrap_err(),
    ] {
        assert!(matches!(fault, JournalFault::Poisoned(_)), "{fault}");
    }
    let Written { dir, disk, journal, mut all } = written;
    drop(journal);
    let mark = Mark::open(&dir.path().join(ACKNOWLEDGED)).unwrap().1;
    assert_eq!(mark, Some(acknowledged), "what failed was never acknowledged");
    assert_eq!(disk.tried(), tried, "neither a write nor a sync after the failed one");
    let found = served(dir.path(), disk.durable(), Some(acknowledged)).unwrap();
    assert_eq!(found, all);
    all.extend(records);
    let (live, dir) = (disk.live(), tempfile::tempdir().unwrap());
    let found = served(dir.path(), live, Some(acknowledged)).unwrap();
    assert!(found == all || found == all[..all.len() - 3], "{} records", found.len());
}

#[test]
fn a_full_or_read_only_disk_is_waited_for() {
    for (disobedience, seed) in [(Disobedience::Full, 2), (Disobedience::ReadOnly, 3)] {
        let mut written = Written::new(seed, 6);
        let history = written.journal.history();
        written.disk.disobey(Some(disobedience));
        let records = batch(written.head().sequence, 1, 3, &mut Dice::new(seed));
        let fault = written.journal.append(&records).unwrap_err();
        assert!(fault.resumes(), "{fault}");
        assert_eq!(written.journal.head().sequence, written.all.len() as u64);
        assert!(written.journal.append(&records).is_err(), "not before it is opened again");
        assert!(written.journal.reopen().unwrap_err().resumes(), "still {disobedience:?}");
        written.disk.disobey(None);
        let head = written.journal.reopen().unwrap();
        if head == written.head() && head.sequence == written.all.len() as u64 {
            written.journal.append(&records).unwrap();
        }
        written.all.extend(records);
        assert_eq!(read_all(&*history, 1).unwrap(), written.all);
        written.append(2, &mut Dice::new(9));
        let found = served(written.dir.path(), written.disk.durable(), None).unwrap();
        assert_eq!(found, written.all);
    }
}

#[test]
fn a_record_that_is_too_large_does_not_break_the_journal() {
    let mut written = Written::new(4, 2);
    let mut records = batch(written.head().sequence, 1, 2, &mut Dice::new(4));
    let payment = "x".repeat(record::RECORD_BYTES_MAX);
    let basket = stanchion_domain::id::BasketId(1);
    records[1].decided.change = stanchion_domain::change::Change::PaymentLost { basket, payment };
    let fault = written.journal.append(&records).unwrap_err();
    assert!(matches!(fault, JournalFault::TooLarge { .. }), "{fault}");
    written.append(2, &mut Dice::new(5));
    assert_eq!(read_all(&*written.journal.history(), 1).unwrap(), written.all);
}

#[test]
fn a_second_process_is_told_who_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let first = LocalJournal::open(dir.path()).unwrap();
    let Err(fault) = LocalJournal::open(dir.path()) else { panic!("both have it") };
    assert!(matches!(fault, JournalFault::Locked { .. }), "{fault}");
    assert!(fault.to_string().contains("journal.redb"), "{fault}");
    drop(first);
    LocalJournal::open(dir.path()).unwrap();
}

#[test]
fn a_file_that_is_removed_or_replaced_is_noticed() {
    for replaced in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = LocalJournal::open(dir.path()).unwrap();
        journal.health().unwrap();
        let file = dir.path().join(FILE_NAME);
        fs::rename(&file, dir.path().join("elsewhere")).unwrap();
        if replaced {
            fs::write(&file, "something else").unwrap();
        }
        for fault in [journal.health().unwrap_err(), journal.reopen().unwrap_err()] {
            assert!(matches!(fault, JournalFault::Gone { .. }) && !fault.resumes(), "{fault}");
        }
    }
}

#[test]
fn a_journal_that_vanished_does_not_begin_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = LocalJournal::open(dir.path()).unwrap();
    journal.append(&batch(0, 1, 3, &mut Dice::new(6))).unwrap();
    drop(journal);
    let file = dir.path().join(FILE_NAME);
    fs::write(&file, "").unwrap();
    let Err(fault) = LocalJournal::open(dir.path()) else { panic!("an empty file was taken") };
    assert!(fault.to_string().contains("empty"), "{fault}");
    for _ in 0..2 {
        fs::remove_file(&file).unwrap();
        let Err(fault) = LocalJournal::open(dir.path()) else { panic!("it began anew") };
        assert!(fault.to_string().contains("records 1 to 3"), "{fault}");
    }
}

#[test]
fn a_beginning_that_was_interrupted_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(UNFINISHED), b"half of a journal").unwrap();
    fs::write(dir.path().join("snapshot.part"), b"half of a snapshot").unwrap();
    let journal = LocalJournal::open(dir.path()).unwrap();
    assert_eq!(journal.head(), Head::default());
    assert!(!dir.path().join(UNFINISHED).exists() && !dir.path().join("snapshot.part").exists());
}

#[test]
fn readers_see_whole_batches_while_the_writer_appends_and_the_tail_is_trimmed() {
    let mut written = Written::new(7, 1);
    let history = written.journal.history();
    let first = written.all.len();
    let mut dice = Dice::new(7);
    let batches: Vec<_> = (0..60).map(|n| batch(first as u64 + n * 5, 1, 5, &mut dice)).collect();
    let expected: Vec<_> = batches.iter().flatten().cloned().collect();
    let last = expected.last().expect("there are some").sequence;
    thread::scope(|scope| {
        scope.spawn(|| {
            batches.iter().for_each(|records| written.journal.append(records).unwrap());
        });
        let mut snapshotted = 0;
        while history.oldest().unwrap() < last - 20 {
            let from = history.oldest().unwrap().max(first as u64 + 1);
            let seen = read_all(&*history, from).unwrap();
            assert_eq!((from as usize - first - 1 + seen.len()) % 5, 0, "part of a batch");
            assert!(expected[from as usize - first - 1..].starts_with(&seen));
            let Some(newest) = seen.last() else { continue };
            if newest.sequence >= snapshotted + 10 || newest.sequence == last {
                let (sequence, epoch) = (newest.sequence.min(snapshotted + 10), 1);
                let image = sequence.to_le_bytes().to_vec();
                let snapshot =
                    crate::journal::snapshot::Snapshot { sequence, epoch, format: 1, image };
                if sequence > snapshotted {
                    history.put_snapshot(&snapshot).unwrap();
                }
                snapshotted = sequence;
                history.trim().unwrap();
            }
        }
    });
    assert_eq!(written.head().sequence, last);
}

#[test]
fn a_commit_finds_the_space_it_writes_to_already_filled() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    let mut dice = Dice::new(10);
    for _ in 0..3 {
        let mut journal = LocalJournal::open(dir.path()).unwrap();
        for _ in 0..20 {
            let records = batch(journal.head().sequence, 1, 200, &mut dice);
            journal.append(&records).unwrap();
            let file = File::open(&path).unwrap();
            let hole = rustix::fs::seek(&file, rustix::fs::SeekFrom::Hole(0)).unwrap();
            let len = file.metadata().unwrap().len();
            assert!(hole >= len.min(4 << 20), "a hole at {hole} of {len} bytes");
        }
    }
}

#[test]
fn a_journal_that_can_only_be_read_is_read_and_written_once_that_is_over() {
    for (disobedience, seed) in [(Disobedience::Full, 7), (Disobedience::ReadOnly, 8)] {
        let Written { dir, disk, journal, all } = Written::new(seed, 6);
        drop(journal);
        disk.disobey(Some(disobedience));
        let before = disk.live();
        let mut journal = LocalJournal::open_on(dir.path(), Box::new(disk.clone())).unwrap();
        assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
        let records = batch(all.len() as u64, 2, 3, &mut Dice::new(seed));
        let fault = journal.append(&records).unwrap_err();
        assert!(fault.resumes(), "{fault}");
        assert!(journal.reopen().unwrap_err().resumes(), "still {disobedience:?}");
        assert!(disk.live() == before, "nothing was written");
        disk.disobey(None);
        assert_eq!(journal.reopen().unwrap().sequence, all.len() as u64);
        journal.append(&records).unwrap();
        let found = read_all(&*journal.history(), 1).unwrap();
        assert!(found.len() == all.len() + 3 && found.starts_with(&all));
    }
}
