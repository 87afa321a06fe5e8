//! Two servers on one journal, as operators and a load balancer see them: real sockets, in one
//! process, over a store in memory that both share.

mod house;
mod page;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use house::{Line, Server, Two};

const SALE: &str = "/v1/sales/gala";

/// Waits until a server writes its sales.
async fn serving(server: &Server) {
    let mut ops = server.ops().await;
    let mut last = Value::Null;
    for _ in 0..house::TRIES {
        let (status, _, body) = ops.get("/readyz").await;
        if status == StatusCode::OK {
            return;
        }
        last = body;
        tokio::task::yield_now().await;
    }
    panic!("it never serves: {last}");
}

async fn hand_over(ops: &mut Line) -> (StatusCode, Value) {
    let (status, _, body) = ops.post("/v1/handover", &json!({ "reason": "a new kernel" })).await;
    (status, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_by_says_so_to_everybody_and_serves_on_the_same_connections_afterwards() {
    let two = Two::start();
    serving(&two.one).await;
    let other = two.start_other();
    let (mut public, mut ops) = (other.public().await, other.ops().await);

    for path in [SALE, "/v1/sales/gala/board", "/v1/sales/other/performances"] {
        let (status, headers, body) = public.get(path).await;
        assert_eq!((status.as_u16(), &body["code"]), (503, &json!("standby")), "{path}: {body}");
        assert_eq!(headers["retry-after"], "1");
    }
    let (status, _, body) = public.post(&format!("{SALE}/places"), &Value::Null).await;
    assert_eq!((status.as_u16(), &body["code"]), (503, &json!("standby")), "{body}");
    assert_eq!(ops.get("/livez").await.0, StatusCode::OK);
    assert_eq!(two.one.ops().await.get("/writerz").await.0, StatusCode::OK);
    let (status, _, body) = ops.get("/writerz").await;
    assert_eq!((status.as_u16(), &body["code"]), (503, &json!("standby")), "{body}");
    let followed = house::until(async || {
        let (status, headers, body) = ops.get("/readyz").await;
        assert_eq!((status.as_u16(), &body["code"]), (503, &json!("standby")), "{body}");
        assert_eq!(headers["retry-after"], "1");
        let one = body["standbys"][0].clone();
        (one["waits_for"] == "holder").then_some(one)
    });
    let followed = followed.await;
    assert_eq!((&followed["id"], &followed["epoch"]), (&json!("gala"), &json!(1)), "{followed}");
    assert_eq!(followed["why"], "one holds the lease");
    assert!(followed["lag_ms"].is_u64() && followed["sequence"].as_u64() > Some(0), "{followed}");
    let measured = ops.text("/metrics").await;
    for line in [r#"stanchion_writer{sale="gala"} 0"#, r#"stanchion_epoch{sale="gala"} 1"#] {
        assert!(measured.contains(line), "{line} is missing from\n{measured}");
    }

    let (status, body) = hand_over(&mut two.one.ops().await).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    serving(&other).await;
    assert_eq!(ops.get("/writerz").await.0, StatusCode::OK);
    let (status, _, body) = public.get(SALE).await;
    assert_eq!((status, &body["id"]), (StatusCode::OK, &json!("gala")), "{body}");
    let measured = ops.text("/metrics").await;
    for line in [r#"stanchion_writer{sale="gala"} 1"#, r#"stanchion_epoch{sale="gala"} 2"#] {
        assert!(measured.contains(line), "{line} is missing from\n{measured}");
    }
    two.one.ended().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_over_by_request_keeps_places_and_ends_the_process_as_a_signal_does() {
    let two = Two::start();
    serving(&two.one).await;
    let mut public = two.one.public().await;
    let (status, _, place) = public.post(&format!("{SALE}/places"), &Value::Null).await;
    assert_eq!(status, StatusCode::CREATED, "{place}");
    let token = place["token"].as_str().expect("a token").to_owned();
    let other = two.start_other();

    let (status, body) = hand_over(&mut two.one.ops().await).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body["sales"][0]["sequence"].as_u64() > Some(3), "{body}");
    two.one.ended().await;
    serving(&other).await;
    let mut public = other.public().await.bearing(&token);
    let (status, _, same) = public.get(&format!("{SALE}/places/me")).await;
    assert_eq!((status, &same["number"]), (StatusCode::OK, &place["number"]), "{same}");
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_stop_hands_over_as_well() {
    let two = Two::start();
    serving(&two.one).await;
    let other = two.start_other();
    two.one.stop().await;
    serving(&other).await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_by_can_be_stopped_and_changes_nothing() {
    let two = Two::start();
    serving(&two.one).await;
    two.start_other().stop().await;
    serving(&two.one).await;
    two.one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_say_who_they_are_and_why_and_only_what_makes_sense() {
    let two = Two::start();
    serving(&two.one).await;
    let other = two.start_other();
    let (mut writer, mut standby) = (two.one.ops().await, other.ops().await);
    let loss = json!({ "reason": "the store was lost", "accept_loss": true });
    let cases = [
        (&mut writer, "/v1/takeover", loss.clone(), 409, "wrong_state"),
        (&mut standby, "/v1/takeover", loss, 409, "wrong_state"),
    ];
    for (ops, path, body, status, code) in cases {
        let (found, _, problem) = ops.post(path, &body).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{body}: {problem}");
    }
    for (path, body, status, code) in [
        ("/v1/handover", json!({ "reason": "r" }), 409, "wrong_state"),
        ("/v1/handover", json!({ "reason": " " }), 422, "invalid"),
        ("/v1/handover", json!({}), 400, "malformed"),
        ("/v1/handover", json!({ "reason": "r", "now": true }), 400, "malformed"),
        ("/v1/takeover", json!({ "reason": "r", "accept_loss": false }), 422, "invalid"),
        ("/v1/takeover", json!({ "reason": "r" }), 400, "malformed"),
    ] {
        let (found, _, problem) = standby.post(path, &body).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{body}: {problem}");
    }
    let mut nobody = two.one.ops().await.bearing("");
    let (status, body) = hand_over(&mut nobody).await;
    assert_eq!((status.as_u16(), &body["code"]), (401, &json!("token_missing")), "{body}");
    let (status, _, _) = writer.ask(Method::GET, "/v1/handover", &Value::Null).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    serving(&two.one).await;
    other.stop().await;
    two.one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_is_short_of_records_serves_once_an_operator_accepts_that() {
    let two = Two::start();
    serving(&two.one).await;
    let other = two.start_other();
    let mut ops = other.ops().await;
    let mut waits_for = async |what: &str| {
        let seen = house::until(async || {
            let (_, _, body) = ops.get("/readyz").await;
            let one = body["standbys"][0].clone();
            (one["waits_for"] == what).then_some(one)
        });
        seen.await
    };
    let followed = waits_for("holder").await["sequence"].as_u64().expect("a number");
    two.go_back(followed - 1);
    two.one.stop().await;
    let short = waits_for("operator").await;
    assert!(short["why"].as_str().is_some_and(|why| why.contains("/v1/takeover")), "{short}");
    let loss = json!({ "reason": "the store was restored", "accept_loss": true });
    let (status, _, body) = ops.post("/v1/takeover", &loss).await;
    assert_eq!((status, &body["sales"]), (StatusCode::OK, &json!(["gala"])), "{body}");
    serving(&other).await;
    other.stop().await;
}
