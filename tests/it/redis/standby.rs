//! A standby takes over, asked or not: everybody's place, basket and order are as they were, and
//! whoever wrote before writes nothing more.

use std::fs;

use tokio::task::block_in_place;

use super::pair::{Pair, ready, reason, tell, waits_for, writes};
use super::proxy::{Proxy, Way};
use super::redis_server::{ALWAYS, Redis};
use super::story::{Journal, SOME, site};
use super::stream;
use crate::night::clients::Manner;
use crate::night::server::BOUND;
use crate::night::shopper::Shopper;
use crate::night::web::Ask;
use crate::night::{alone, seed};

const RUSH: Manner = Manner { visitors: 24, ..SOME };
const NOBODY: Manner = Manner { visitors: 0, ..SOME };
/// How often the writer is killed.
const KILLS: usize = 3;
/// How a process ends that was deposed.
const DEPOSED: Option<i32> = Some(74);

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_over_from_a_writer_that_is_killed_in_the_rush() {
    let _turn = alone().await;
    let seed = seed("standby, kill -9");
    let mut pair = Pair::begin(Redis::start(ALWAYS), RUSH, seed).await;
    let mut spans = Vec::new();
    for _ in 0..KILLS {
        pair.sells().await;
        let from = pair.night.crowd.web.now();
        pair.night.server.kill();
        pair.change_roles();
        spans.push(pair.without_service(from).await);
        pair.night.require_truth();
        pair.start_other().await;
    }
    pair.sells().await;
    let (reckoning, ids) = pair.reckon().await;
    println!("standby, kill -9: without service for {spans:?}; {reckoning:?}");
    assert_eq!(stream::epochs(&ids), KILLS + 1, "one epoch for each writer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_was_stopped_past_its_lease_is_deposed_and_ends() {
    let _turn = alone().await;
    let seed = seed("standby, SIGSTOP");
    let mut pair = Pair::begin(Redis::start(ALWAYS), RUSH, seed).await;
    pair.sells().await;
    let from = pair.night.crowd.web.now();
    pair.night.server.signal("STOP");
    let span = pair.without_service(from).await;
    pair.sells().await;
    pair.night.server.signal("CONT");
    pair.change_roles();
    let status = block_in_place(|| pair.other.server.ended());
    assert_eq!(status.code(), DEPOSED, "{}", pair.other.site.log());
    pair.sells().await;
    let (reckoning, ids) = pair.reckon().await;
    println!("standby, SIGSTOP: without service for {span:?}; {reckoning:?}");
    assert_eq!(stream::epochs(&ids), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_writer_sent_before_it_was_deposed_comes_to_nothing_when_it_arrives_later() {
    let _turn = alone().await;
    let seed = seed("standby, late append");
    let mut pair = Pair::begin(Redis::start(ALWAYS), RUSH, seed).await;
    pair.sells().await;
    let from = pair.night.crowd.web.now();
    pair.way.to_server(Way::Held);
    let span = pair.without_service(from).await;
    pair.sells().await;
    pair.way.heal();
    pair.change_roles();
    let status = block_in_place(|| pair.other.server.ended());
    assert_eq!(status.code(), DEPOSED, "{}", pair.other.site.log());
    pair.sells().await;
    let (reckoning, ids) = pair.reckon().await;
    println!("standby, late append: without service for {span:?}; {reckoning:?}");
    assert_eq!(stream::epochs(&ids), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_over_under_load_loses_no_request() {
    let _turn = alone().await;
    let seed = seed("hand-over");
    let mut pair = Pair::begin(Redis::start(ALWAYS), RUSH, seed).await;
    for asked in [true, false] {
        pair.sells().await;
        let from = pair.night.crowd.web.now();
        let span = pair.hand_over(asked).await;
        let tries = pair.night.crowd.web.tries();
        let lost = |one: &&_| lost(one) && one.began >= from;
        let lost: Vec<_> = tries.iter().filter(lost).collect();
        assert!(lost.is_empty(), "{lost:?}\n{}", pair.other.site.log());
        println!("hand-over (asked: {asked}): without service for {span:?}");
        pair.start_other().await;
    }
    pair.sells().await;
    let (reckoning, ids) = pair.reckon().await;
    println!("hand-over: {reckoning:?}");
    assert_eq!(stream::epochs(&ids), 3);
}

/// Somebody was listening, and did not answer.
fn lost(one: &crate::night::web::Try) -> bool {
    one.status.is_none() && !one.unheard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_saw_more_than_redis_has_asks_an_operator() {
    let _turn = alone().await;
    let seed = seed("standby, short");
    let redis = Redis::start(ALWAYS);
    let replication = Proxy::to(redis.address());
    let replica = Redis::start_replica(replication.address(), ALWAYS);
    let mut pair = Pair::begin(redis, NOBODY, seed).await;
    Shopper::enter(&pair.night.crowd, seed, "S-A-1").await.pay().await;
    replica.until("it has followed", |it| stream::last(it) == stream::last(&pair.redis));
    replication.both(Way::Held);
    Shopper::enter(&pair.night.crowd, !seed, "S-A-2").await.pay().await;
    let newest = stream::last(&pair.redis).expect("a stream").sequence;
    crate::night::until("the standby has seen it", async || {
        let seen = ready(&pair.other.server).await?.body["standbys"][0]["sequence"].as_u64();
        (seen >= Some(newest)).then_some(())
    })
    .await;

    pair.night.server.kill();
    pair.redis.kill();
    block_in_place(|| replica.must(&["REPLICAOF", "NO", "ONE"]));
    pair.other.way.lead_to(replica.address());
    let why = waits_for(&pair.other.server, "operator").await;
    println!("standby, short: \"{why}\"");
    let refused = pair.night.crowd.web.ask(&Ask::get("board", "/board")).await;
    assert!(refused.is_none_or(|seen| seen.status == 503));

    pair.change_roles();
    let machine = (&pair.night.site, &pair.night.server);
    let refused = tell(machine, "/v1/takeover", reason()).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let mut body = reason();
    body["accept_loss"] = true.into();
    let told = tell(machine, "/v1/takeover", body).await;
    assert_eq!(told.status, 200, "{told:?}");
    writes(&pair.night.server).await;
    let seats = Ask::get("seats", "/performances/p1/seats").bearer(&pair.night.crowd.shop);
    let seats = pair.night.crowd.web.insist(&seats).await.expect("a seat map").text("seats");
    assert!(seats.starts_with('s'), "what was kept is kept: {seats}");
    let ids = stream::require_one_line(&replica);
    assert_eq!(stream::epochs(&ids), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_with_other_keys_does_not_stand_by() {
    let _turn = alone().await;
    let redis = Redis::start(ALWAYS);
    let site = site(&Journal::at(redis.address()));
    let server = site.start();
    writes(&server).await;
    let beside = site.beside(&Journal::at(redis.address()).lines());
    fs::remove_file(beside.data().join("token.keys")).expect("it was copied");
    let output = block_in_place(|| {
        std::process::Command::new("timeout")
            .arg(BOUND.as_secs().to_string())
            .arg(beside.command().get_program())
            .args(beside.arguments())
            .output()
    });
    let output = output.expect("it can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("key"), "{said}");
}
