//! A server that is started before its Redis: it listens, says what it waits for, and sells by
//! itself once that is there; unless what comes must not be served.

use std::fs;

use http::Method;
use tokio::task::block_in_place;

use super::pair::{ready, waits_for, writes};
use super::redis_server::{ALWAYS, Redis, free_port};
use super::story::{Journal, SOME, site};
use super::stream;
use crate::night::server::{SALE, Server, Site};
use crate::night::web::{Ask, Web};
use crate::night::{Night, alone, seed, until};

/// What Sentinels call the primary.
const SERVICE: &str = "shop";

/// Waits until a server says that it waits for its journal because of this.
async fn waits_because(server: &Server, part: &str) {
    until(&format!("it waits: {part}"), async || {
        let why = waits_for(server, "journal").await;
        why.contains(part).then_some(())
    })
    .await;
}

/// A server that waits is alive, and tells visitors to come again.
async fn require_patience(server: &Server) {
    let web = Web::new();
    web.reach(server);
    let refused = web.ask(&Ask::get("board", "/board")).await.expect("it listens");
    assert_eq!((refused.status, refused.code()), (503, "standby"), "{refused:?}");
    assert!(refused.retry_after().is_some(), "{refused:?}");
    let live = Ask::of_process("live", Method::GET, "/livez").of_ops();
    assert_eq!(web.ask(&live).await.expect("it listens").status, 200);
    assert_eq!(ready(server).await.expect("it listens").status, 503);
}

/// Sells some, and compares everything with everything.
async fn require_a_night(site: Site, server: Server, redis: &Redis, seed: u64) {
    let night = Night::begin(site, server, SOME, seed).await;
    until("people buy", async || (night.orders() > 3).then_some(())).await;
    night.reckon().await;
    stream::require_one_line(redis);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_started_before_its_redis_sells_when_that_is_there() {
    let _turn = alone().await;
    let seed = seed("Redis comes later");
    let mut redis = Redis::start(ALWAYS);
    redis.kill();
    let site = site(&Journal::at(redis.address()));
    let server = block_in_place(|| site.start());
    waits_because(&server, "nothing listens").await;
    require_patience(&server).await;
    block_in_place(|| redis.restart());
    writes(&server).await;
    let log = fs::read_to_string(site.file("log")).expect("a log");
    assert_eq!(log.matches("nothing listens").count(), 1, "said once for each cause:\n{log}");
    require_a_night(site, server, &redis, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_waits_for_the_replica_that_has_to_confirm() {
    let _turn = alone().await;
    let seed = seed("replica comes later");
    let redis = Redis::start(ALWAYS);
    let more = "replicas = 1\nreplica_wait_ms = 2000".to_owned();
    let journal = Journal { durability: "replicas", more, ..Journal::at(redis.address()) };
    let site = site(&journal);
    let server = block_in_place(|| site.start());
    waits_because(&server, "0 replicas follow, and 1 have to confirm").await;
    require_patience(&server).await;
    let _replica = block_in_place(|| Redis::start_replica(redis.address(), "appendonly no"));
    writes(&server).await;
    require_a_night(site, server, &redis, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_waits_for_a_sentinel_that_is_down_or_knows_no_primary_yet() {
    let _turn = alone().await;
    let seed = seed("Sentinel comes later");
    let redis = Redis::start(ALWAYS);
    let mut sentinel = Redis::start_sentinel("another", redis.address(), 1);
    sentinel.kill();
    let sentinels =
        format!("sentinels = [\"redis://{}\"]\nservice = \"{SERVICE}\"", sentinel.address());
    let journal = Journal { url: String::new(), more: sentinels, ..Journal::at(redis.address()) };
    let site = site(&journal);
    let server = block_in_place(|| site.start());
    waits_because(&server, "nothing listens").await;
    block_in_place(|| sentinel.restart());
    waits_because(&server, "knows no service").await;
    require_patience(&server).await;
    let port = redis.address().port().to_string();
    sentinel.must(&["SENTINEL", "MONITOR", SERVICE, "127.0.0.1", &port, "1"]);
    writes(&server).await;
    require_a_night(site, server, &redis, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_served_ends_a_server_that_waited_for_it() {
    let _turn = alone().await;
    let mut redis = Redis::start(ALWAYS);
    let site = site(&Journal::at(redis.address()));
    let mut server = block_in_place(|| site.start());
    writes(&server).await;
    server.signal("TERM");
    block_in_place(|| server.ended());
    let stranger = site.beside(&Journal::at(redis.address()).lines());
    fs::remove_file(stranger.data().join("token.keys")).expect("it was copied");
    let primary = free_port().to_string();
    let evicts: &[&str] = &["--maxmemory-policy", "allkeys-lru"];
    let follows: &[&str] = &["--replicaof", "127.0.0.1", &primary];
    for (site, options, wiped, said) in [
        (&site, evicts, false, "maxmemory-policy is allkeys-lru"),
        (&site, follows, false, "it is a replica"),
        (&stranger, &[], false, "signed with other keys"),
        (&site, &[], true, "were acknowledged from here"),
    ] {
        redis.kill();
        let mut server = block_in_place(|| site.start());
        waits_because(&server, "nothing listens").await;
        if wiped {
            fs::remove_dir_all(redis.data().join("appendonlydir")).expect("it is there");
        }
        redis.restart_without_waiting(options);
        let status = block_in_place(|| server.ended());
        let log = site.log();
        assert_eq!(status.code(), Some(1), "{said}: {log}");
        let last = log.lines().last().unwrap_or_default();
        assert!(last.contains(said) && last.contains(SALE), "{said}: {log}");
    }
}
