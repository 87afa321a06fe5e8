//! A shop that is hostile, slow or gone.

use stanchion::gate::health::OriginHealth;

use super::*;

/// A gate whose deadlines are short, before a shop.
fn hasty(shop: &Shop) -> Gate {
    let to = OriginSettings {
        connect_ms: 300,
        answer_ms: 300,
        idle_ms: 300,
        stream_idle_ms: 300,
        ..patient(shop.address)
    };
    Gate::start(to, Settings::default())
}

#[tokio::test]
async fn what_a_broken_shop_says_is_no_answer() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    for path in ["/leave", "/flood", "/heavy", "/many", "/garbage", "/both", "/switch"] {
        let answer = gate.get(path, "").await;
        assert_problem(&answer, 502, "broken");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{path}: {answer}");
    }
    gate.metric_becomes(r#"stanchion_origin_requests_total{outcome="broken"}"#, 7).await;
    assert!(matches!(gate.origin.health(), OriginHealth::Down { .. }));
    assert!(gate.get("/foretold", "").await.ends_with("told"), "a foreword is no answer");
    assert_eq!(gate.origin.health(), OriginHealth::Well);
}

#[tokio::test]
async fn a_shop_that_says_nothing_is_waited_for_only_so_long() {
    let shop = Shop::open().await;
    let gate = hasty(&shop);
    assert_problem(&gate.get("/hang", "").await, 504, "silent");
    // A body that the shop does not read: all buffers between are full before it is sent.
    let mut raw = gate.connect().await;
    let unread = "POST /hang HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 99999999\r\n\r\n";
    raw.send(unread).await;
    raw.send(vec![b'x'; 99_999_999]).await;
    gate.metric_becomes(r#"stanchion_origin_requests_total{outcome="silent"}"#, 2).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_passed_off_as_whole() {
    let shop = Shop::open().await;
    let gate = hasty(&shop);
    for (nth, path) in [(1, "/cut"), (2, "/stall")] {
        let answer = gate.get(path, "").await;
        assert!(answer.contains("\r\ncontent-length: 10\r\n"), "{path}: {answer}");
        assert!(answer.ends_with("\r\n\r\nhello"), "{path}: {answer}");
        gate.metric_becomes("stanchion_origin_cut_total", nth).await;
    }
}

#[tokio::test]
async fn an_early_answer_comes_through_before_the_body_was_read() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = gate.connect().await;
    let head = "POST /early HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5000000\r\n\r\nsome";
    raw.send(head).await;
    let answer = raw.until("too much").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_visitor_that_leaves_in_the_middle_of_a_body_makes_no_request_of_it() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = gate.connect().await;
    let head = "POST /count HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 50\r\n\r\nhello";
    raw.send(head).await;
    shop.reached.acquire().await.expect("open").forget();
    drop(raw);
    gate.metric_becomes("stanchion_origin_connections_open", 0).await;
    let wrong =
        "POST /count HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello";
    let mut raw = gate.connect().await;
    raw.send(wrong).await;
    shop.reached.acquire().await.expect("open").forget();
    raw.send("x\r\n0\r\n\r\n").await;
    assert_problem(&raw.rest().await, 400, "body_broken");
    gate.metric_becomes("stanchion_origin_connections_open", 0).await;
}

#[tokio::test]
async fn a_shop_that_is_gone_is_unreachable_and_then_down() {
    let address = Shop::open().await.address;
    let gate = Gate::start(patient(address), Settings::default());
    assert_eq!(gate.origin.health(), OriginHealth::Well, "nothing is known against it");
    assert_problem(&gate.get("/", "").await, 502, "unreachable");
    assert!(matches!(gate.origin.health(), OriginHealth::Down { .. }));
}

#[tokio::test]
async fn requests_beyond_the_connections_wait_and_then_are_turned_away() {
    let shop = Shop::open().await;
    let to = OriginSettings { connections_max: 2, connect_ms: 300, ..patient(shop.address) };
    let gate = Gate::start(to, Settings::default());
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut raw = gate.connect().await;
        raw.send("GET /held HTTP/1.1\r\nHost: shop.test\r\n\r\n").await;
        shop.reached.acquire().await.expect("open").forget();
        held.push(raw);
    }
    assert_problem(&gate.get("/", "").await, 503, "crowded");
    assert_eq!(gate.origin.health(), OriginHealth::Crowded);
    gate.metric_becomes("stanchion_origin_waiting", 0).await;
    shop.held.add_permits(2);
    for raw in &mut held {
        raw.until("\r\n\r\nheld").await;
    }
    assert!(gate.get("/", "").await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn who_stops_sending_is_told_so_and_the_shop_is_not_blamed() {
    let shop = Shop::open().await;
    let gate = hasty(&shop);
    gate.get("/", "").await;
    let mut raw = gate.connect().await;
    let head = "POST /count HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 200000\r\n\r\n";
    raw.send(format!("{head}{}", "x".repeat(100_000))).await;
    assert_problem(&raw.rest().await, 408, "body_too_slow");
    gate.metric_becomes(r#"stanchion_origin_requests_total{outcome="body"}"#, 1).await;
    assert_eq!(gate.origin.health(), OriginHealth::Well);
}

#[tokio::test]
async fn one_source_does_not_take_all_connections_and_is_no_crowd() {
    let shop = Shop::open().await;
    let gate = Gate::start(
        OriginSettings { connect_ms: 300, ..patient(shop.address) },
        Settings::default(),
    );
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut raw = gate.connect().await;
        raw.send("GET /held HTTP/1.1\r\nHost: shop.test\r\n\r\n").await;
        shop.reached.acquire().await.expect("open").forget();
        held.push(raw);
    }
    assert_problem(&gate.get("/", "").await, 503, "share");
    assert_eq!(gate.origin.health(), OriginHealth::Well);
    assert!(gate.forward("192.0.2.1").await.is_ok(), "another source finds room");
}

#[tokio::test]
async fn a_small_answer_leaves_the_shop_however_slowly_it_is_read() {
    let shop = Shop::open().await;
    let to = OriginSettings { connections_max: 1, connect_ms: 300, ..patient(shop.address) };
    let gate = Gate::start(to, Settings::default());
    let unread = gate.forward("192.0.2.1").await.expect("the only connection");
    let other = gate.forward("192.0.2.2").await.expect("it is free again");
    for answer in [unread, other] {
        let text = answer.into_body().gathered().await.expect("all of it");
        assert!(text.starts_with(b"GET /small "), "{text:?}");
    }
}

#[tokio::test]
async fn answers_that_nobody_reads_count_for_their_source() {
    let shop = Shop::open().await;
    let to = OriginSettings { connect_ms: 300, ..patient(shop.address) };
    let gate = Gate::start(to, Settings::default());
    let mut unread = Vec::new();
    for _ in 0..8 {
        unread.push(gate.forward("192.0.2.1").await.expect("its share"));
    }
    assert!(matches!(gate.forward("192.0.2.1").await, Err(OriginFault::Share)));
    assert!(gate.forward("192.0.2.2").await.is_ok(), "another source");
    unread.pop();
    assert!(gate.forward("192.0.2.1").await.is_ok(), "one was dropped");
}
