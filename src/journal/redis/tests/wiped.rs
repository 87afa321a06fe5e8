//! A Redis that went back in time: emptied, or an older copy of itself.

use super::*;
use crate::journal::tests::servers::Reply;

const KEY: &str = "stanchion:{s}:journal";

fn stream(elsewhere: &Elsewhere) -> Vec<u8> {
    match elsewhere.redis.must(&["DUMP", KEY]) {
        Reply::Bytes(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

/// Puts an older copy in the place of the stream.
fn wind_back(elsewhere: &Elsewhere, copy: &[u8]) {
    let parts: [&[u8]; 5] = [b"RESTORE", KEY.as_bytes(), b"0", copy, b"REPLACE"];
    assert_eq!(elsewhere.redis.command(&parts).unwrap().text().as_deref(), Some("OK"));
}

#[test]
fn an_emptied_redis_gets_everything_back_from_a_writer_that_has_it_all() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    let mut all = append(&mut *journal, 1, 40);
    elsewhere.redis.must(&["FLUSHALL"]);
    let fault = journal.append(&batch(40, 1, 2, &mut Dice::new(5))).unwrap_err();
    assert!(fault.resumes(), "{fault}");
    assert_eq!(journal.reopen().unwrap(), Head { sequence: 40, epoch: 1 });
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
    all.extend(append(&mut *journal, 1, 3));
    assert_eq!(read_all(&*elsewhere.process("s").sale.history(), 1).unwrap(), all);
}

#[test]
fn an_emptied_redis_is_noticed_without_an_append() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    append(&mut *journal, 1, 2);
    elsewhere.redis.must(&["FLUSHALL"]);
    let fault = journal.health().unwrap_err();
    assert!(fault.resumes(), "{fault}");
}

#[test]
fn an_older_copy_gets_the_tail_back_under_the_same_ids() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 20);
    // A new process has only its own records in memory.
    drop(journal);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    append(&mut *journal, 2, 10);
    let copy = stream(&elsewhere);
    append(&mut *journal, 2, 10);
    let whole = stream(&elsewhere);
    wind_back(&elsewhere, &copy);
    let fault = journal.append(&batch(40, 2, 1, &mut Dice::new(5))).unwrap_err();
    assert!(matches!(fault, JournalFault::Behind { newest: 30, acknowledged: 40 }), "{fault}");
    assert_eq!(journal.reopen().unwrap(), Head { sequence: 40, epoch: 2 });
    let records = read_all(&*journal.history(), 1).unwrap();
    wind_back(&elsewhere, &whole);
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), records);
    append(&mut *journal, 2, 1);
}

#[test]
fn nothing_is_appended_behind_a_gap_until_the_redis_that_has_everything_is_back() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 10);
    let copy = stream(&elsewhere);
    append(&mut *journal, 1, 10);
    drop(journal);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    append(&mut *journal, 2, 5);
    let whole = stream(&elsewhere);
    for wiped in [true, false] {
        if wiped {
            elsewhere.redis.must(&["FLUSHALL"]);
        } else {
            wind_back(&elsewhere, &copy);
        }
        for _ in 0..3 {
            let fault = journal.append(&batch(25, 2, 1, &mut Dice::new(5))).unwrap_err();
            assert!(fault.resumes(), "{fault}");
            let fault = journal.reopen().unwrap_err();
            let behind = matches!(fault, JournalFault::Behind { acknowledged: 25, .. });
            assert!(behind && fault.resumes(), "{fault}");
        }
        wind_back(&elsewhere, &whole);
        assert_eq!(journal.reopen().unwrap(), Head { sequence: 25, epoch: 2 });
    }
    append(&mut *journal, 2, 1);
    assert_eq!(read_all(&*journal.history(), 1).unwrap().len(), 26);
}

#[test]
fn a_start_refuses_a_stream_that_ends_before_what_was_acknowledged_here() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let dir = tempfile::tempdir().unwrap();
    let mut journal = elsewhere.process_in("s", dir.path()).must_take();
    append(&mut *journal, 1, 10);
    let copy = stream(&elsewhere);
    append(&mut *journal, 1, 10);
    drop(journal);
    elsewhere.process_in("s", dir.path());
    for wiped in [true, false] {
        if wiped {
            elsewhere.redis.must(&["FLUSHALL"]);
        } else {
            wind_back(&elsewhere, &copy);
        }
        let fault = fault_of(&elsewhere.settings(), dir.path());
        assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
        assert!(fault.to_string().contains("to 20") && fault.to_string().contains(MARK), "{fault}");
    }
    std::fs::remove_file(dir.path().join(MARK)).unwrap();
    assert_eq!(elsewhere.process_in("s", dir.path()).must_take().head().sequence, 10);
}

#[test]
fn deleted_entries_are_named_wherever_they_are_missing() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 10);
    elsewhere.redis.must(&["XDEL", KEY, "1-4"]);
    let fault = read_all(&*journal.history(), 1).unwrap_err();
    assert!(fault.to_string().contains("record 4"), "{fault}");
    let fault = read_all(&*journal.history(), 4).unwrap_err();
    assert!(fault.to_string().contains("record 4"), "{fault}");
    assert_eq!(read_all(&*journal.history(), 5).unwrap().len(), 6);
    elsewhere.redis.must(&["XDEL", KEY, "1-10"]);
    let fault = journal.append(&batch(10, 1, 1, &mut Dice::new(5))).unwrap_err();
    assert!(matches!(fault, JournalFault::Behind { .. }), "{fault}");
    let fault = journal.reopen().unwrap_err();
    assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
}

#[test]
fn who_read_a_record_that_was_replaced_is_told_when_it_comes_back() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 3);
    let follower = elsewhere.process("s").sale.history();
    read_all(&*follower, 1).unwrap();
    drop(journal);
    elsewhere.redis.must(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert!(read_all(&*follower, 4).unwrap_err().resumes());
    assert_eq!(read_all(&*follower, 4).unwrap(), [], "it is as it was");
    elsewhere.redis.must(&["FLUSHALL"]);
    let mut journal = elsewhere.process("s").must_take();
    let others = batch(0, 1, 4, &mut Dice::new(77));
    journal.append(&others).unwrap();
    elsewhere.redis.must(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert!(read_all(&*follower, 4).unwrap_err().resumes());
    let fault = read_all(&*follower, 4).unwrap_err();
    assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
}

#[test]
fn a_foreign_entry_is_refused_by_its_id() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 3);
    elsewhere.redis.must(&["XADD", KEY, "1-4", "r", "nonsense"]);
    let fault = journal.append(&batch(3, 1, 1, &mut Dice::new(5))).unwrap_err();
    assert!(matches!(fault, JournalFault::Corrupt { .. }), "{fault}");
    let reader = elsewhere.process("s");
    let fault = read_all(&*reader.sale.history(), 1).unwrap_err();
    assert!(fault.to_string().contains("record 4"), "{fault}");
}
