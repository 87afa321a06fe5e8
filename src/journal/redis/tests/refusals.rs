//! A Redis that is unsafe, or refuses: each is named, and passes.

use super::*;
use crate::journal::redis::faults::sort;
use crate::journal::tests::servers::EVERYSEC;
use settings::Password;

/// Opening fails with this, which a start does not wait for, and works again after it was undone.
#[track_caller]
fn check_refused(settings: &Settings, said: &str) {
    let dir = tempfile::tempdir().unwrap();
    let fault = fault_of(settings, dir.path());
    assert!(fault.to_string().contains(said), "{said}: {fault}");
    assert!(fault.resumes() && !fault.passes(), "{fault}");
}

#[test]
fn an_unsafe_redis_is_refused_at_the_start_and_freezes_a_writer_until_it_is_safe_again() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let settings = elsewhere.settings();
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    append(&mut *journal, 1, 3);
    for (key, value, safe, said) in [
        ("maxmemory-policy", "allkeys-lru", "noeviction", "maxmemory-policy is allkeys-lru"),
        ("appendonly", "no", "yes", "set appendonly yes"),
        ("appendfsync", "everysec", "always", "appendfsync is everysec"),
        ("appendfsync", "no", "always", "appendfsync is no"),
        ("no-appendfsync-on-rewrite", "yes", "no", "no-appendfsync-on-rewrite is yes"),
    ] {
        elsewhere.redis.must(&["CONFIG", "SET", key, value]);
        check_refused(&settings, said);
        for fault in [journal.health().unwrap_err(), journal.reopen().unwrap_err()] {
            assert!(matches!(fault, JournalFault::Unsafe { .. }), "{fault}");
            assert!(fault.to_string().contains(said), "{fault}");
        }
        elsewhere.redis.must(&["CONFIG", "SET", key, safe]);
        journal.reopen().unwrap();
        journal.health().unwrap();
    }
    append(&mut *journal, 1, 3);
}

#[test]
fn a_redis_that_refuses_is_named_and_served_again_by_itself() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    append(&mut *journal, 1, 3);
    let refusals: &[(&[&str], &[&str], &str)] = &[
        (&["REPLICAOF", "127.0.0.1", "1"], &["REPLICAOF", "NO", "ONE"], "READONLY"),
        (&["CONFIG", "SET", "maxmemory", "1"], &["CONFIG", "SET", "maxmemory", "0"], "OOM"),
        (
            &["CONFIG", "SET", "min-replicas-to-write", "1"],
            &["CONFIG", "SET", "min-replicas-to-write", "0"],
            "NOREPLICAS",
        ),
        (
            &["ACL", "SETUSER", "default", "-evalsha"],
            &["ACL", "SETUSER", "default", "+evalsha"],
            "rules (ACL)",
        ),
        // The script may run, and what it does is forbidden.
        (
            &["ACL", "SETUSER", "default", "-xadd"],
            &["ACL", "SETUSER", "default", "+xadd"],
            "rules (ACL)",
        ),
    ];
    for (worse, better, said) in refusals {
        elsewhere.redis.must(worse);
        let sequence = journal.head().sequence;
        let fault = journal.append(&batch(sequence, 1, 2, &mut Dice::new(3))).unwrap_err();
        assert!(fault.to_string().contains(said) && fault.resumes(), "{said}: {fault}");
        assert_eq!(fault.passes(), !said.contains("ACL"), "{fault}");
        if let Err(fault) = journal.reopen() {
            assert!(fault.resumes(), "{fault}");
        }
        elsewhere.redis.must(better);
        assert_eq!(journal.reopen().unwrap().sequence, sequence, "{said}");
        append(&mut *journal, 1, 2);
    }
}

#[test]
fn a_redis_that_is_gone_comes_back_with_everything() {
    let mut elsewhere = Elsewhere::start(ALWAYS);
    let mut process = elsewhere.process("s");
    let mut journal = process.must_take();
    let mut all = append(&mut *journal, 1, 30);
    for _ in 0..3 {
        elsewhere.redis.kill();
        let unknown = batch(all.len() as u64, 1, 2, &mut Dice::new(3));
        let fault = journal.append(&unknown).unwrap_err();
        assert!(matches!(fault, JournalFault::Unreachable { .. }), "{fault}");
        let fault = journal.reopen().unwrap_err();
        assert!(fault.to_string().contains("nothing listens there"), "{fault}");
        elsewhere.redis.restart();
        assert_eq!(journal.reopen().unwrap().sequence, all.len() as u64);
        all.extend(append(&mut *journal, 1, 5));
    }
    assert_eq!(read_all(&*journal.history(), 1).unwrap(), all);
}

#[test]
fn rights_are_needed_and_a_redis_that_hides_its_settings_is_believed_only_as_far_as_it_tells() {
    let elsewhere = Elsewhere::start(ALWAYS);
    let redis = &elsewhere.redis;
    redis.must(&[
        "ACL",
        "SETUSER",
        "tills",
        "on",
        ">opensesame",
        "~stanchion:*",
        "+@all",
        "-config",
    ]);
    redis.must(&["ACL", "SETUSER", "default", "off"]);
    let (username, password) = (Some("tills".to_owned()), Some(Password("opensesame".to_owned())));
    let right = Settings { username, password, ..elsewhere.settings_for(Durability::Always) };
    check_refused(&right, "permit CONFIG GET");
    let wrong = Settings { password: Some(Password("abracadabra".to_owned())), ..right.clone() };
    check_refused(&wrong, "does not know this name with this password");
    assert!(!format!("{wrong:?}").contains("abracadabra"));
    let nobody = Settings { username: None, password: None, ..right.clone() };
    check_refused(&nobody, "wants a password");
    let replicas = Durability::Replicas { count: 1, wait_ms: 100 };
    let few = Settings { durability: replicas, ..right };
    let dir = tempfile::tempdir().unwrap();
    let fault = fault_of(&few, dir.path());
    assert!(fault.to_string().contains("0 replicas follow, and 1 have to confirm"), "{fault}");
    assert!(fault.passes(), "they may come: {fault}");
}

#[test]
fn a_replica_is_refused_and_its_primary_named() {
    let primary = Redis::start(EVERYSEC);
    let redis = Redis::start_replica(primary.address(), ALWAYS);
    let elsewhere = Elsewhere { redis, dir: tempfile::tempdir().unwrap() };
    check_refused(&elsewhere.settings(), "it is a replica (slave) and follows 127.0.0.1");
}

#[test]
fn every_refusal_of_redis_is_a_fault_that_says_what_to_do() {
    for (code, details, said) in [
        (
            "READONLY",
            "You can't write against a read only replica.",
            "refuses to write: this Redis",
        ),
        ("OOM", "command not allowed", "refuses to write: Redis is out of memory"),
        (
            "MISCONF",
            "Errors writing to the AOF file",
            "refuses to write: Redis cannot write to its",
        ),
        ("NOAUTH", "Authentication required.", "is denied: Redis wants a password"),
        ("NOPERM", "no permissions to run 'evalsha'", "is denied: the rules (ACL) of Redis"),
        ("ERR", "The user executing the script can't run this command", "the rules (ACL) of Redis"),
        ("ERR", "ACL failure in script: No permissions", "the rules (ACL) of Redis"),
        ("NOREPLICAS", "Not enough good replicas to write.", "fewer good replicas"),
        ("CLUSTERDOWN", "The cluster is down", "the Redis Cluster is down"),
        ("BUSY", "Redis is busy running a script.", "busy with a script of somebody else"),
        ("LOADING", "Redis is loading", "cannot be reached: Redis is loading its data"),
        ("MASTERDOWN", "Link with MASTER is down", "a replica without its primary"),
        ("MOVED", "3999 127.0.0.1:6381", "not safe: this node of a Redis Cluster"),
        ("ERR", "unknown command 'EVALSHA'", "not safe: Redis lacks a command"),
        ("WRONGTYPE", "Operation against a key", "damaged at testing: the key holds something"),
        ("ERR", "who knows", "refuses to write: testing: ERR who knows"),
    ] {
        let error = redis::make_extension_error(code.to_owned(), Some(details.to_owned()));
        let fault = sort("testing", error);
        assert!(fault.to_string().contains(said), "{code}: {fault}");
        assert_eq!(fault.resumes(), code != "WRONGTYPE", "{code}");
    }
}
