//! Syncs that fail or take long: nothing is acknowledged that is not on the disk, and nobody who
//! only asks has to wait for it.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::strace::Strace;
use crate::night::clients::{Manner, Visitor};
use crate::night::server::{BOUND, LONG, Plan, Site};
use crate::night::shopper::Shopper;
use crate::night::web::{Ask, Try};
use crate::night::{Night, alone, desk, seed, until};

const FEW: Manner = Manner {
    visitors: 8,
    visits: usize::MAX,
    wanted: 6,
    paid_percent: 30,
    hurried: false,
    lingers_ms: 0,
};
/// Calls that are answered only when something new is on the disk.
const LASTING: [&str; 4] = ["hold", "release", "checkout", "confirm"];
/// How long a sync is held up.
const SLOW: Duration = Duration::from_millis(200);
/// Longer than any write may take before sale time stops.
const STUCK: Duration = Duration::from_secs(3);

fn site() -> Site {
    Site::new(&Plan { cap: 16, policy: LONG, opens_at: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_sync_nothing_is_acknowledged_and_the_next_process_has_all() {
    let _turn = alone().await;
    let seed = seed("failed sync");
    let site = site();
    let server = site.start();
    let mut night = Night::begin(site, server, FEW, seed).await;
    for nth in [3, 40] {
        let how = format!("error=EIO:when={nth}+");
        let strace = Strace::inject(&night.site, &night.server, &how);
        let status = night.server.ended();
        assert_eq!(status.code(), Some(74), "it ends by itself\n{}", night.site.log());
        night.crowd.web.lose();
        let failed_at = strace.failed_at().expect("a sync failed");
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(failed_at);
        let ago = SystemTime::now().duration_since(since).expect("it was before now");
        let failed_at = night.crowd.web.now().saturating_sub(ago.as_micros() as u64);
        let tries = night.crowd.web.tries();
        let late: Vec<_> = tries
            .iter()
            .filter(|one| one.began > failed_at && one.status.is_some_and(|code| code < 300))
            .filter(|one| LASTING.contains(&one.operation) && !one.again)
            .collect();
        assert!(late.is_empty(), "acknowledged after the sync failed: {late:?}");
        drop(strace);
        night.restart();
    }
    let reckoning = night.reckon().await;
    println!("failed sync: {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_before_a_slow_sync_and_nobody_else_waits() {
    let _turn = alone().await;
    let seed = seed("slow sync");
    let site = site();
    let server = site.start();
    let mut night = Night::begin(site, server, FEW, seed).await;
    let how = format!("delay_enter={}", SLOW.as_micros());
    let strace = Strace::inject(&night.site, &night.server, &how);
    let (from, before) = (night.crowd.web.now(), night.crowd.web.tries().len());
    let lasted = |one: &&Try| {
        let done = one.status.is_some_and(|code| code < 300) && !one.again;
        done && one.began > from && LASTING.contains(&one.operation)
    };
    let looked = |one: &&Try| ["poll", "pass", "desk"].contains(&one.operation);
    let tries = until("enough is asked while syncs are slow", async || {
        let tries = night.crowd.web.tries().split_off(before);
        let count = |of: &dyn Fn(&&Try) -> bool| tries.iter().filter(of).count();
        let enough = count(&lasted) > 5 && count(&looked) > 20 && strace.calls() > 5;
        enough.then_some(tries)
    })
    .await;
    // A thread that is held up cannot be let go: with its process, it can.
    night.kill();
    drop(strace);
    night.restart();
    let lasting: Vec<_> = tries.iter().filter(lasted).collect();
    for one in &lasting {
        let took = Duration::from_micros(one.ended - one.began);
        assert!(took >= SLOW, "{one:?} was answered before its sync");
    }
    let polls: Vec<_> = tries.iter().filter(looked).collect();
    let answered = polls.iter().filter(|one| one.status == Some(200)).count();
    assert_eq!(answered, polls.len(), "polls that were answered");
    let reckoning = night.reckon().await;
    println!("slow sync: {} slow answers, {answered} polls; {reckoning:?}", lasting.len());
}

/// Baskets of ten seconds, with a grace that is longer.
const GRACE: &str = r#"
claim_span = "5s"
presence_span = "10s"
grace_basket_span = "20s"
hold_span = "10s"
checkout_span = "10s"
basket_span_max = "60s"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_sync_stops_sale_time_and_not_the_queue() {
    let _turn = alone().await;
    let seed = seed("stuck sync");
    let site = Site::new(&Plan { cap: 16, policy: GRACE, opens_at: None });
    let server = site.start();
    let night = Night::begin(site, server, Manner { visitors: 0, ..FEW }, seed).await;
    let visitor = Visitor::new(&night.crowd, seed);
    let waiting = visitor.join().await.expect("a place");
    let mut shopper = Shopper::enter(&night.crowd, !seed, "S-A-1").await;
    let (web, staff) = (&night.crowd.web, &night.site.staff);
    let time = async || desk(web, staff).await.body["time"]["sale_time_ms"].as_u64().expect("it");
    let (wall, sale) = (web.now(), time().await);
    let how = format!("delay_enter={}:when=1..2", STUCK.as_micros());
    let strace = Strace::inject(&night.site, &night.server, &how);
    let (mut polls, mut boards, mut causes) = (0, 0, 0);
    let looks = async {
        loop {
            visitor.place(&waiting).await.expect("the queue stays up");
            polls += 1;
            let board = Ask::get("board", "/board");
            let board = web.ask(&board).await.expect("the board stays up");
            assert_eq!(board.status, 200);
            boards += 1;
            let seen = desk(web, staff).await.body;
            let cause = seen["health"]["cause"].as_str().unwrap_or_default();
            causes += usize::from(cause.contains("a write has been under way for"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut second = Some(shopper.basket.clone());
    let item = [json!({ "performance": "p1", "seat": "S-A-2" })];
    let hold = async {
        let began = web.now();
        let held = shopper.visitor.hold_these(&shopper.pass, &mut second, &item);
        held.await.expect("held at last");
        web.now() - began
    };
    let took = tokio::select! {
        () = looks => unreachable!("it looks for ever"),
        took = hold => took,
        () = tokio::time::sleep(BOUND) => panic!("the sync never ends"),
    };
    let passed_by = strace.calls() + 2;
    until("syncs are fast again", async || (strace.calls() > passed_by).then_some(())).await;
    drop(strace);
    assert!(polls > 1 && boards > 1, "{polls} polls and {boards} boards in {took} us");
    assert!(causes > 0, "operators were not told that a write hangs");
    let (passed, ran) = ((web.now() - wall) / 1_000, time().await - sale);
    assert!(ran + 500 < passed, "sale time ran {ran} ms in {passed} ms");
    shopper.basket = second.expect("held");
    let left = shopper.left_ms().await;
    assert!(left > 10_000, "no grace: {left} ms are left");
    println!("stuck sync: hold took {took} us, {polls} polls; sale time {ran} of {passed} ms");
    shopper.pay().await;
    night.reckon().await;
}
