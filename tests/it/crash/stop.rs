//! Stopped: for a while, by SIGSTOP; for good, by SIGTERM.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::night::clients::{Manner, Visitor};
use crate::night::server::{LONG, Plan, Site};
use crate::night::shopper::Shopper;
use crate::night::{Night, alone, desk, seed, until};

/// Every deadline shorter than the stop.
const SHORT: &str = r#"
claim_span = "3s"
presence_span = "3s"
idle_span = "3s"
grace_span = "8s"
grace_basket_span = "8s"
hold_span = "3s"
checkout_span = "3s"
basket_span_max = "60s"
"#;
/// How long the process is stopped.
const STOP: Duration = Duration::from_secs(6);
const NOBODY: Manner =
    Manner { visitors: 0, visits: 0, wanted: 4, paid_percent: 0, hurried: false, lingers_ms: 0 };

#[tokio::test(flavor = "multi_thread")]
async fn nobody_loses_anything_while_the_process_is_stopped_for_longer_than_every_deadline() {
    let _turn = alone().await;
    let seed = seed("SIGSTOP");
    let site = Site::new(&Plan { cap: 10, policy: SHORT, opens_at: None });
    let server = site.start();
    let night = Night::begin(site, server, NOBODY, seed).await;
    let shoppers = enter(&night, seed).await;
    let visitor = Visitor::new(&night.crowd, seed);
    let called = [visitor.join().await.expect("a place"), visitor.join().await.expect("a place")];
    for place in &called {
        until("they are called", async || {
            let seen = visitor.place(place).await.expect("a place");
            (seen.text("state") == "called").then_some(())
        })
        .await;
    }
    let mut waiting = Vec::new();
    for _ in 0..30 {
        let place = visitor.join().await.expect("a place");
        let position = visitor.place(&place).await.expect("a place").body["position"].as_u64();
        waiting.push((place, position.expect("nobody is called beyond the cap")));
    }
    let (web, staff) = (&night.crowd.web, &night.site.staff);
    let time = async || desk(web, staff).await.body["time"]["sale_time_ms"].as_u64().expect("it");

    let (began, before) = (Instant::now(), time().await);
    night.server.signal("STOP");
    tokio::time::sleep(STOP).await;
    night.server.signal("CONT");
    let ran = time().await - before;
    let most = (began.elapsed() - STOP / 2).as_millis() as u64;
    assert!(ran < most, "sale time ran {ran} ms while nothing did");

    for shopper in &shoppers {
        // The end of the outage is a record like any other: shown once it is on the disk.
        until("they have a grace", async || (shopper.left_ms().await > 3_000).then_some(())).await;
        assert_eq!(shopper.stands().await, "active");
    }
    for place in &called {
        let seen = visitor.place(place).await.expect("a place");
        assert_eq!(seen.text("state"), "called", "{seen:?}");
    }
    for (place, position) in &waiting {
        let seen = visitor.place(place).await.expect("a place");
        assert_eq!(seen.text("state"), "waiting", "{seen:?}");
        assert!(seen.body["position"].as_u64() <= Some(*position), "{position}: {seen:?}");
    }
    for shopper in shoppers {
        shopper.pay().await;
    }
    println!("SIGSTOP: sale time ran {ran} ms of {} ms", STOP.as_millis());
    night.reckon().await;
}

/// Eight visitors with a basket each, of which the deadlines run.
async fn enter(night: &Night, seed: u64) -> Vec<Shopper> {
    let tasks: Vec<_> = (1..=8)
        .map(|seat| {
            let crowd = Arc::clone(&night.crowd);
            let seat_id = format!("S-A-{seat}");
            tokio::spawn(async move { Shopper::enter(&crowd, seed ^ seat, &seat_id).await })
        })
        .collect();
    let mut shoppers = Vec::new();
    for task in tasks {
        shoppers.push(task.await.expect("a basket"));
    }
    shoppers
}

/// Event streams that are open when the server is told to stop.
const STREAMS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_finishes_what_is_under_way_and_loses_nothing() {
    let _turn = alone().await;
    let seed = seed("SIGTERM");
    let site = Site::new(&Plan { cap: 16, policy: LONG, opens_at: None });
    let server = site.start();
    let manner = Manner {
        visitors: 24,
        visits: usize::MAX,
        wanted: 8,
        paid_percent: 60,
        hurried: false,
        lingers_ms: 0,
    };
    let mut night = Night::begin(site, server, manner, seed).await;
    for _ in 0..3 {
        let orders = night.orders();
        until("people buy", async || (night.orders() > orders + 3).then_some(())).await;
        let mut streams = Vec::new();
        for _ in 0..STREAMS {
            streams.push(night.crowd.web.stream("/board/stream").await.expect("a stream"));
        }
        let asked = night.crowd.web.now();
        night.server.signal("TERM");
        let status = night.server.ended();
        night.crowd.web.lose();
        let took_ms = (night.crowd.web.now() - asked) / 1_000;
        assert_eq!(status.code(), Some(0), "{}", night.site.log());
        // Sockets have 8 s to drain; the rest is for the machine.
        assert!(took_ms < 12_000, "it took {took_ms} ms to stop");
        for stream in streams {
            assert!(stream.await.expect("no panic"), "a stream ends, and does not break off");
        }
        let tries = night.crowd.web.tries();
        let under_way = tries
            .iter()
            .filter(|one| one.operation == "confirm" && one.began < asked && one.ended >= asked);
        for one in under_way.clone() {
            assert!(one.status.is_none_or(|status| status < 500), "{one:?}");
        }
        println!("SIGTERM: stopped in {took_ms} ms, {} confirms under way", under_way.count());
        night.restart();
    }
    let reckoning = night.reckon().await;
    println!("SIGTERM: {reckoning:?}");
}
