//! The tests' own Redis does what stories rely on.

use super::redis_server::{ALWAYS, Redis, Reply};

#[test]
fn what_a_redis_acknowledged_is_there_after_it_was_killed() {
    let mut redis = Redis::start(ALWAYS);
    redis.must(&["XADD", "stream", "1-1", "r", "\0\r\n"]);
    redis.kill();
    assert!(redis.command(&["PING"]).is_err());
    redis.restart();
    let entries = redis.must(&["XRANGE", "stream", "-", "+"]);
    let fields = entries.list()[0].list()[1].list();
    assert_eq!(fields[1], Reply::Bytes(b"\0\r\n".to_vec()));
    assert_eq!(redis.info("role").as_deref(), Some("master"));
}

#[test]
fn a_replica_follows_and_can_be_promoted() {
    let mut redis = Redis::start(ALWAYS);
    let replica = Redis::start_replica(redis.address(), ALWAYS);
    redis.must(&["SET", "word", "one"]);
    replica
        .until("it has the word", |it| it.must(&["GET", "word"]).text().as_deref() == Some("one"));
    redis.kill();
    replica.must(&["REPLICAOF", "NO", "ONE"]);
    replica.must(&["SET", "word", "two"]);
}

#[test]
fn an_account_may_do_what_its_rules_say_and_no_more() {
    let mut redis = Redis::start("requirepass secret");
    let refused = |redis: &Redis| matches!(redis.command(&["GET", "word"]), Ok(Reply::Refused(_)));
    assert!(refused(&redis));
    redis.log_in("default", "secret");
    redis.must(&["ACL", "SETUSER", "reader", "on", ">word", "~*", "+set", "-get"]);
    redis.log_in("reader", "word");
    redis.must(&["SET", "word", "one"]);
    assert!(refused(&redis));
}
