//! Snapshots in parts: whole, or passed over.

use super::*;
use crate::journal::redis::snapshots::PART_BYTES;
use crate::journal::snapshot::Snapshot;

/// One of three parts.
fn snapshot(sequence: u64) -> Snapshot {
    let image = (0..2 * PART_BYTES + 1_000).map(|at| (at % 251) as u8 ^ sequence as u8).collect();
    Snapshot { sequence, epoch: 1, format: 7, image }
}

fn keys(elsewhere: &Elsewhere, pattern: &str) -> usize {
    elsewhere.redis.must(&["KEYS", pattern]).list().len()
}

#[test]
fn a_snapshot_in_parts_is_read_back_and_the_third_newest_goes() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 30);
    let history = journal.history();
    for sequence in [10, 20, 30] {
        history.put_snapshot(&snapshot(sequence)).unwrap();
        assert_eq!(history.snapshot().unwrap(), Some(snapshot(sequence)));
    }
    assert_eq!(keys(&elsewhere, "stanchion:{s}:snapshot:*"), 2 * 3);
    assert_eq!(history.snapshots().unwrap(), [snapshot(30), snapshot(20)]);
}

#[test]
fn a_snapshot_with_a_missing_or_damaged_part_is_passed_over_for_the_one_before() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 30);
    let history = journal.history();
    history.put_snapshot(&snapshot(10)).unwrap();
    for command in ["DEL", "SETRANGE", "APPEND"] {
        history.put_snapshot(&snapshot(20)).unwrap();
        let part = "stanchion:{s}:snapshot:20:1";
        match command {
            "DEL" => elsewhere.redis.must(&["DEL", part]),
            "SETRANGE" => elsewhere.redis.must(&["SETRANGE", part, "100", "rot"]),
            _ => elsewhere.redis.must(&["APPEND", part, "more"]),
        };
        assert_eq!(history.snapshot().unwrap(), Some(snapshot(10)), "{command}");
        elsewhere.redis.must(&["HDEL", "stanchion:{s}:snapshots", "20"]);
    }
}

#[test]
fn what_an_interrupted_snapshot_left_is_no_snapshot_and_goes_with_the_next() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 30);
    let index = "stanchion:{s}:snapshots";
    elsewhere.redis.must(&["HSET", index, "unfinished", "15 3"]);
    elsewhere.redis.must(&["SET", "stanchion:{s}:snapshot:15:0", "half"]);
    assert_eq!(journal.history().snapshot().unwrap(), None);
    journal.history().put_snapshot(&snapshot(20)).unwrap();
    assert_eq!(keys(&elsewhere, "stanchion:{s}:snapshot:15:*"), 0);
    assert_eq!(
        elsewhere.redis.must(&["HLEN", index]),
        crate::journal::tests::servers::Reply::Number(1)
    );
}

#[test]
fn a_stream_that_ends_before_its_snapshot_is_refused() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut journal = elsewhere.process("s").must_take();
    append(&mut *journal, 1, 30);
    journal.history().put_snapshot(&snapshot(20)).unwrap();
    drop(journal);
    elsewhere.redis.must(&["DEL", "stanchion:{s}:journal"]);
    let dir = tempfile::tempdir().unwrap();
    let fault = fault_of(&elsewhere.settings(), dir.path());
    assert!(fault.to_string().contains("records 1 to 20"), "{fault}");
}
