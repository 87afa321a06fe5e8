//! The journal's file under a running server: removed, made read-only, taken over by another.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::night::clients::{Crowd, Manner};
use crate::night::server::{LONG, Plan, Site, run};
use crate::night::shopper::Shopper;
use crate::night::web::{Ask, Web};
use crate::night::{Night, alone, desk, seed, until};

const SOME: Manner = Manner {
    visitors: 12,
    visits: usize::MAX,
    wanted: 8,
    paid_percent: 30,
    hurried: false,
    lingers_ms: 0,
};
const NOBODY: Manner =
    Manner { visitors: 0, visits: 0, wanted: 4, paid_percent: 0, hurried: false, lingers_ms: 0 };
/// Longer than between two looks of a server at its file.
const LOOKED: Duration = Duration::from_secs(2);

async fn selling(seed: u64, manner: Manner) -> Night {
    let site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    let server = site.start();
    let night = Night::begin(site, server, manner, seed).await;
    if manner.visitors > 0 {
        until("people buy", async || (night.orders() > 3).then_some(())).await;
    }
    night
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_removed_ends_the_process_and_is_not_begun_anew() {
    let _turn = alone().await;
    let mut night = selling(seed("unlinked"), SOME).await;
    let file = night.site.journal().join("journal.redb");
    fs::remove_file(&file).expect("it is there");
    let removed_at = Instant::now();
    let status = night.server.ended();
    let noticed = removed_at.elapsed();
    night.crowd.web.lose();
    assert_eq!(status.code(), Some(74), "{}", night.site.log());
    let log = night.site.log();
    assert!(log.contains("was removed or replaced"), "the cause is named: {log}");
    for _ in 0..2 {
        let output = night.site.command().output().expect("it can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("were acknowledged, and are missing"), "{said}");
    }
    println!("unlinked: ended after {noticed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_becomes_read_only_stops_selling_until_it_is_writable_again() {
    let _turn = alone().await;
    let night = selling(seed("read-only"), SOME).await;
    let file = night.site.journal().join("journal.redb");
    let change = |how: &str| run(Command::new("chattr").arg(how).arg(&file));
    if let Err(fault) = change("+i") {
        println!("read-only: NOT RUN, no file can be made immutable here: {fault}");
        return;
    }
    let changed_at = Instant::now();
    let cause = until("operators see the cause", async || {
        let seen = desk(&night.crowd.web, &night.site.staff).await;
        seen.body["health"]["cause"].as_str().map(str::to_owned)
    })
    .await;
    let noticed = changed_at.elapsed();
    let orders = night.orders();
    change("-i").expect("it was changed before");
    assert!(cause.contains("read-only"), "{cause}");
    until("it sells again", async || (night.orders() > orders).then_some(())).await;
    let reckoning = night.reckon().await;
    println!("read-only: \"{cause}\" after {noticed:?}; {reckoning:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_keeps_the_journal_and_goes_on_with_it() {
    let _turn = alone().await;
    let night = selling(seed("stopped holder"), SOME).await;
    night.server.signal("STOP");
    let second = night.site.command().output().expect("it can be run");
    let orders = night.orders();
    night.server.signal("CONT");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("another process has"), "{said}");
    until("the first goes on selling", async || (night.orders() > orders).then_some(())).await;
    night.reckon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_whose_journal_was_taken_by_force_acknowledges_nothing_more() {
    let _turn = alone().await;
    let seed = seed("taken by force");
    let mut night = selling(seed, NOBODY).await;
    let shopper = Shopper::enter(&night.crowd, seed, "S-A-1").await;
    night.server.signal("STOP");
    let stopped_at = Instant::now();
    // The lock is that of a file: whoever copies it away has another.
    let file = night.site.journal().join("journal.redb");
    let taken = night.site.journal().join("taken");
    fs::rename(&file, &taken).expect("it is there");
    fs::copy(&taken, &file).expect("room");
    let second = night.site.start();
    let stale = Web::new();
    stale.reach(&night.server);
    let mut first = std::mem::replace(&mut night.server, second);
    night.crowd.web.reach(&night.server);
    Shopper::enter(&night.crowd, !seed, "S-A-2").await.pay().await;
    until("a look at the file is overdue", async || (stopped_at.elapsed() > LOOKED).then_some(()))
        .await;

    let hold = json!({ "items": [{ "performance": "p1", "seat": "S-A-3" }] });
    let path = format!("/baskets/{}/holds", shopper.basket.id);
    let ask = Ask::post("hold", &path).bearer(&shopper.pass).key("stale").json(&hold);
    let asked = tokio::spawn(async move { stale.ask(&ask).await });
    first.signal("CONT");
    let status = first.ended();
    let answer = asked.await.expect("no panic");
    assert!(answer.as_ref().is_none_or(|answer| answer.status >= 500), "{answer:?}");
    assert_eq!(status.code(), Some(74), "{}", night.site.log());
    assert!(night.site.log().contains("was removed or replaced"), "{}", night.site.log());
    drop(first);
    still_there(&night.crowd, shopper).await;
    let reckoning = night.reckon().await;
    println!("taken by force: {answer:?} from the stale one; {reckoning:?}");
}

/// What was acknowledged before the takeover is the new process's.
async fn still_there(crowd: &Arc<Crowd>, shopper: Shopper) {
    let seats = Ask::get("seats", "/performances/p1/seats").bearer(&crowd.shop);
    let seats = crowd.web.insist(&seats).await.expect("a seat map").text("seats");
    assert!(seats.starts_with("hsa"), "held, sold, available: {seats}");
    shopper.pay().await;
}
