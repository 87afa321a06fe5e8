//! What `replicas` promises: an acknowledgement means that so many replicas have it.

use tokio::task::block_in_place;

use super::proxy::{Proxy, Way};
use super::redis_server::{ALWAYS, EVERYSEC, Redis};
use super::story::{Journal, Story};
use super::stream;
use crate::night::{alone, seed};

/// A replica here confirms what it received, and never waits for a disk that others keep busy.
const REPLICA: &str = EVERYSEC;

fn journal(redis: &Redis, replicas: u32) -> Journal<'static> {
    let more = format!("replicas = {replicas}\nreplica_wait_ms = 1000");
    Journal { durability: "replicas", more, ..Journal::at(redis.address()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_while_the_replica_is_away_or_stands_still() {
    let _turn = alone().await;
    let seed = seed("replica away");
    let redis = Redis::start(ALWAYS);
    let mut replica = Redis::start_replica(redis.address(), REPLICA);
    let journal = journal(&redis, 1);
    let story = Story::begin(redis, journal, seed).await;
    for (away, back, cause) in [
        (Redis::kill as fn(&mut Redis), Redis::restart as fn(&mut Redis), "replicas"),
        // The primary counts it still: only what is confirmed tells.
        (|it| it.pause(), |it| it.resume(), "0 of 1 replicas confirmed"),
    ] {
        story.sells().await;
        block_in_place(|| away(&mut replica));
        let cause = story.cause(cause).await;
        story.require_refusals().await;
        let orders = story.night.orders();
        block_in_place(|| back(&mut replica));
        let resumed = story.resumes().await;
        println!("replica away: \"{cause}\"; sold again after {resumed:?}");
        assert!(story.night.orders() > orders);
    }
    let reckoning = story.reckon().await;
    println!("replica away: {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_the_primary_and_the_writer_dying_together() {
    let _turn = alone().await;
    let seed = seed("primary and writer");
    let redis = Redis::start(ALWAYS);
    let replication = Proxy::to(redis.address());
    let replica = Redis::start_replica(replication.address(), REPLICA);
    let spare = Redis::start_replica(replication.address(), REPLICA);
    let journal = journal(&redis, 2);
    let mut story = Story::begin(redis, journal, seed).await;
    story.sells().await;
    // What is only in the memory of the primary from now on is lost, and must not be acknowledged.
    replication.to_client(Way::Held);
    story.cause("0 of 2 replicas confirmed").await;
    replication.cut();
    story.redis.kill();
    story.night.kill();
    let _again = block_in_place(|| {
        replica.must(&["REPLICAOF", "NO", "ONE"]);
        let port = replica.address().port().to_string();
        spare.must(&["REPLICAOF", "127.0.0.1", &port]);
        let again = Redis::start_replica(replica.address(), REPLICA);
        spare.until_it_follows(replica.address());
        story.proxy.lead_to(replica.address());
        story.redis = replica;
        story.night.restart();
        again
    });
    story.sells().await;
    let epochs = stream::epochs(&stream::require_one_line(&story.redis));
    assert_eq!(epochs, 2);
    let reckoning = story.reckon().await;
    println!("primary and writer: {reckoning:?}");
}
