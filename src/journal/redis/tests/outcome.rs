//! Appends of which nobody was told how they ended.

use super::*;
use crate::journal::redis::stream::{Appended, Frame, Opening};
use crate::journal::tests::servers::Reply;

#[test]
fn an_append_to_a_redis_that_stopped_is_in_whole_or_not_and_stays_so() {
    let elsewhere = Elsewhere::start(ALWAYS);
    // Short, for the pauses; long enough for a disk that others keep busy.
    let settings = Settings { response_ms: 1_000, connect_ms: 1_000, ..elsewhere.settings() };
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::open(&settings, "s", dir.path()).unwrap();
    let mut journal = process.must_take();
    let mut all = append(&mut *journal, 1, 3);
    for round in 0..2 {
        let unknown = batch(journal.head().sequence, 1, 7, &mut Dice::new(round));
        elsewhere.redis.pause();
        let fault = journal.append(&unknown).unwrap_err();
        assert!(matches!(fault, JournalFault::Unreachable { .. }), "{fault}");
        assert!(journal.append(&unknown).unwrap_err().resumes(), "not before it is opened anew");
        assert!(journal.reopen().unwrap_err().resumes());
        elsewhere.redis.resume();
        elsewhere.redis.until("it answers", |redis| redis.command(&["PING"]).is_ok());
        let head = loop {
            match journal.reopen() {
                Ok(head) => break head.sequence,
                Err(fault) => assert!(fault.resumes(), "{fault}"),
            }
        };
        if head > all.len() as u64 {
            all.extend(unknown);
        }
        assert_eq!(head, all.len() as u64, "whole or not");
        assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
    }
}

#[test]
fn a_batch_that_was_sent_twice_or_comes_late_is_refused_and_changes_nothing() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    let all = append(&mut *journal, 1, 3);
    let mut link = Link::new(process.sale.settings.clone(), RESPONSE_MS);
    link.connect().unwrap();
    let keys = process.sale.keys.clone();
    let owner = look(&mut link, &keys).unwrap().owner;
    let frames = Frame::batch(&all[1..]).unwrap();
    let mut send = |opening, after| {
        let by = Opening { owner: &owner, opening };
        stream::append(&mut link, &keys, (by, after), &frames).unwrap()
    };
    let newest = journal.head();
    assert_eq!(send(1, Head { sequence: 1, epoch: 1 }), Appended::Newest(newest));
    journal.reopen().unwrap();
    assert_eq!(send(1, newest), Appended::Lease(owner.clone(), 1), "an earlier opening");
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
}

#[test]
fn an_append_whose_answer_was_lost_is_found_to_be_in() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    let mut all = append(&mut *journal, 1, 3);
    // Redis does what it is told and answers nobody any more.
    let unknown = batch(3, 1, 5, &mut Dice::new(4));
    let frames = Frame::batch(&unknown).unwrap();
    elsewhere.redis.must(&["CLIENT", "KILL", "TYPE", "normal"]);
    let fault = journal.append(&unknown).unwrap_err();
    assert!(matches!(fault, JournalFault::Unreachable { .. }), "{fault}");
    for frame in &frames {
        let id = id(frame.head);
        let parts: [&[u8]; 5] =
            [b"XADD", b"stanchion:{s}:journal", id.as_bytes(), b"r", &frame.bytes];
        assert!(matches!(elsewhere.redis.command(&parts).unwrap(), Reply::Bytes(_)));
    }
    assert_eq!(journal.reopen().unwrap(), Head { sequence: 8, epoch: 1 });
    all.extend(unknown);
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
    append(&mut *journal, 1, 1);
}

#[test]
fn an_append_that_too_few_replicas_confirmed_is_not_acknowledged_until_they_did() {
    let elsewhere = Elsewhere::start(ALWAYS);
    // It confirms what it received, and never waits for a disk that others keep busy.
    let replica = Redis::start_replica(elsewhere.redis.address(), "appendonly no");
    let durability = Durability::Replicas { count: 1, wait_ms: 2_000 };
    let settings = Settings { durability, ..elsewhere.settings() };
    let dir = tempfile::tempdir().unwrap();
    elsewhere.redis.until("the replica is online", |redis| {
        redis.info("slave0").is_some_and(|line| line.contains("state=online"))
    });
    let mut process = Process::open(&settings, "s", dir.path()).unwrap();
    let mut journal = process.must_take();
    let mut all = append(&mut *journal, 1, 3);
    replica.pause();
    let unknown = batch(3, 1, 2, &mut Dice::new(4));
    let fault = journal.append(&unknown).unwrap_err();
    assert!(fault.to_string().contains("0 of 1 replicas confirmed"), "{fault}");
    let fault = journal.reopen().unwrap_err();
    assert!(fault.resumes() && journal.head().sequence == 3, "{fault}");
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all, "readers see what is confirmed");
    replica.resume();
    let head = loop {
        match journal.reopen() {
            Ok(head) => break head,
            Err(fault) => assert!(fault.resumes(), "{fault}"),
        }
    };
    assert_eq!(head, Head { sequence: 5, epoch: 1 });
    all.extend(unknown);
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
}
