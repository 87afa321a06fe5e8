//! A Redis that went back in time: it failed over to a copy that was behind, was emptied, or had an
//! older file put under it. What it misses is appended again by who still has it; who has not sells
//! nothing more.

use std::fs;
use std::process::Output;

use tokio::task::block_in_place;

use super::proxy::{Proxy, Way};
use super::redis_server::{ALWAYS, Redis};
use super::story::{Journal, SOME, Story, copy, site};
use super::stream;
use crate::night::server::SALE;
use crate::night::{Night, alone, seed, until};

/// What Sentinels call the primary.
const SERVICE: &str = "shop";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failover_lost_is_appended_again_by_the_writer_that_has_it() {
    let _turn = alone().await;
    let seed = seed("failover");
    let redis = Redis::start(ALWAYS);
    let replication = Proxy::to(redis.address());
    let replica = Redis::start_replica(replication.address(), ALWAYS);
    let mut story = Story::begin(redis, Journal::at(replica.address()), seed).await;
    story.sells().await;
    replica.until("it has followed", |it| stream::last(it).is_some());
    replication.both(Way::Held);
    story.sells().await;
    story.redis.kill();
    block_in_place(|| replica.must(&["REPLICAOF", "NO", "ONE"]));
    let behind = stream::last(&replica).expect("it had followed");
    story.proxy.lead_to(replica.address());
    story.redis = replica;
    let resumed = story.resumes().await;
    let ids = stream::require_one_line(&story.redis);
    assert!(ids.contains(&behind), "what was there is still there");
    let reckoning = story.reckon().await;
    println!("failover: {behind:?} was the last; sold again after {resumed:?}; {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_under_a_restarted_redis_is_made_whole_by_the_writer() {
    let _turn = alone().await;
    let seed = seed("older file");
    let redis = Redis::start(ALWAYS);
    let journal = Journal::at(redis.address());
    let mut story = Story::begin(redis, journal, seed).await;
    story.sells().await;
    let (old, file) = (story.night.site.file("old"), story.redis.data().join("appendonlydir"));
    copy(&file, &old);
    story.sells().await;
    story.redis.kill();
    fs::remove_dir_all(&file).expect("it is there");
    copy(&old, &file);
    block_in_place(|| story.redis.restart());
    let resumed = story.resumes().await;
    let reckoning = story.reckon().await;
    println!("older file: sold again after {resumed:?}; {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_redis_is_not_begun_anew() {
    let _turn = alone().await;
    let seed = seed("wiped");
    let redis = Redis::start(ALWAYS);
    let journal = Journal::at(redis.address());
    let mut story = Story::begin(redis, journal, seed).await;
    story.sells().await;
    let before = stream::last(&story.redis).expect("a stream");
    story.redis.must(&["FLUSHALL"]);
    let resumed = story.resumes().await;
    let ids = stream::require_one_line(&story.redis);
    assert!(ids[0].sequence == 1 && ids.contains(&before), "all of it is there again");
    println!("wiped: sold again after {resumed:?}");

    // And once more while nobody is there to notice.
    story.night.kill();
    story.redis.must(&["FLUSHALL"]);
    for _ in 0..2 {
        let output = block_in_place(|| story.night.site.command().output());
        require_refusal(&output.expect("it can be run"));
    }
    assert_eq!(
        story.redis.must(&["EXISTS", &stream::key()]),
        super::redis_server::Reply::Number(0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentinel_leads_the_writer_to_the_new_primary() {
    let _turn = alone().await;
    let seed = seed("Sentinel");
    let mut primary = Redis::start(ALWAYS);
    let replica = Redis::start_replica(primary.address(), ALWAYS);
    let sentinel = Redis::start_sentinel(SERVICE, primary.address(), 1);
    sentinel.until("it knows the replica", |it| {
        let known = it.must(&["SENTINEL", "REPLICAS", SERVICE]);
        !known.list().is_empty()
    });
    let sentinels =
        format!("sentinels = [\"redis://{}\"]\nservice = \"{SERVICE}\"", sentinel.address());
    let journal = Journal { url: String::new(), more: sentinels, ..Journal::at(primary.address()) };
    let site = site(&journal);
    let server = site.start();
    let night = Night::begin(site, server, SOME, seed).await;
    let sells = async || {
        let orders = night.orders();
        until("people buy", async || (night.orders() > orders + 2).then_some(())).await;
    };
    sells().await;
    primary.kill();
    block_in_place(|| {
        replica.until("it is promoted", |it| it.info("role").as_deref() == Some("master"));
    });
    let promoted = std::time::Instant::now();
    sells().await;
    let resumed = promoted.elapsed();
    let reckoning = night.reckon().await;
    stream::require_one_line(&replica);
    println!("Sentinel: sold again {resumed:?} after the promotion; {reckoning:?}");
}

/// It says that it will not begin, and why.
fn require_refusal(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("acknowledged"), "{said}");
    assert!(said.contains(SALE), "it names the sale: {said}");
}
