//! People who get no answer, or are put off, against a small fake of a sale.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::Full;
use serde_json::json;
use stanchion_loadtest::crowd::fate::Fate;
use stanchion_loadtest::crowd::{self, Ground, Over, Share};
use stanchion_loadtest::history::{Attempt, Told, What};
use stanchion_loadtest::scenario::person::{Person, Shopping};
use stanchion_loadtest::scenario::{Http, Wires};
use tokio_util::sync::CancellationToken;

use super::fake::{Answers, Asked, BOUND, Fake, Manner, answer, later, told};

/// Somebody who joins, looks as told, takes the best two seats and pays at once.
pub(crate) fn person(who: u32) -> Person {
    let shopping = Shopping {
        wants: 2,
        thinks: (Duration::ZERO, Duration::from_millis(20)),
        tries: 20,
        pays_within: Duration::from_millis(10),
        ..Shopping::plain()
    };
    Person { shopping, ..Person::plain(who, 0) }
}

/// What a server that keeps its promises answers; the sale is called `s`.
fn promised(asked: &Asked) -> Option<Response<Full<Bytes>>> {
    let place =
        |state: &str| json!({"number": 7, "state": state, "poll_after_ms": 1, "token": "t"});
    let basket = |state: &str| {
        let line = json!({"performance": "p", "seat": {"id": "A-1"}, "zone": "z", "units": 1});
        let holds = json!([{"id": 0, "lines": [line]}]);
        json!({"id": "b", "state": state, "holds": holds, "expires_in_ms": 60_000, "late": false})
    };
    let counts = json!({"capacity": 9, "available": 9, "held": 0, "paying": 0, "sold": 0,
        "withheld": 0});
    let performance = json!({"id": "p", "seating": {"plan": "h"}, "status": "on_sale",
        "counts": counts});
    let path = asked.path.strip_prefix("/v1/sales/s").unwrap_or_default();
    let (status, body) = match (&asked.method, path) {
        (&Method::GET, "") => (200, json!({"limits": {"basket_units_max": 8}})),
        (&Method::POST, "/places") => (201, place("waiting")),
        (&Method::GET, "/places/me") => (200, place("called")),
        (&Method::POST, "/passes") => (200, json!({"pass": 7, "token": "t"})),
        (&Method::GET, "/performances") => {
            (200, json!({"version": 1, "performances": [performance]}))
        }
        (&Method::POST, "/baskets") => (201, basket("open")),
        (&Method::GET, "/baskets/b") => (200, basket("open")),
        (&Method::POST, "/baskets/b/checkout") => (200, basket("paying")),
        (&Method::POST, "/baskets/b/confirm") => (200, basket("confirmed")),
        (&Method::DELETE, "/passes/me") => return answer(204, ""),
        _ => (404, json!({"code": "no_route"})),
    };
    answer(status, body.to_string())
}

/// One person's evening with a server that answers like this.
async fn evening(answers: Arc<Answers>, stop: &CancellationToken) -> (Fate, Vec<Asked>, Vec<Told>) {
    let fake = Fake::start(Manner::plain(Http::One), answers).await;
    let answer_span = Duration::from_millis(200);
    let wires = Wires { http: Http::One, sources: Vec::new(), answer_span };
    let (web, notebook) = fake.web_with(&wires, None);
    let api_key = Some("sk_key".to_owned());
    let ground = Ground { web, gate: None, sale: "s".to_owned(), api_key };
    let share = Share { people: vec![person(0)], ground, tally: Arc::default() };
    let over = tokio::time::timeout(BOUND, crowd::run(share, &notebook, stop)).await;
    let Over { fates, .. } = over.expect("an evening ends");
    (fates[0].1, fake.asked(), told(&notebook))
}

#[tokio::test]
async fn a_payment_is_asked_for_under_one_key_until_somebody_says_what_came_of_it() {
    let confirms = AtomicUsize::new(0);
    let answers = move |_, asked: &Asked| {
        if !asked.path.ends_with("/confirm") {
            return promised(asked);
        }
        match confirms.fetch_add(1, Ordering::SeqCst) {
            0 => None,
            1 => later(503, "1"),
            2 => answer(500, "{}"),
            _ => promised(asked),
        }
    };
    let (fate, asked, told) = evening(Arc::new(answers), &CancellationToken::new()).await;
    assert_eq!(fate, Fate::Ordered);
    let confirms: Vec<_> = asked.iter().filter(|asked| asked.path.ends_with("/confirm")).collect();
    assert_eq!(confirms.len(), 4, "{confirms:?}");
    for confirm in &confirms {
        assert_eq!(confirm.headers["idempotency-key"], confirms[0].headers["idempotency-key"]);
        assert_eq!(confirm.headers["authorization"], "Bearer sk_key");
        assert_eq!(confirm.body, confirms[0].body);
    }
    let ordered: Vec<_> =
        told.iter().filter(|told| matches!(told.what, What::Ordered(_))).collect();
    let [ordered] = &ordered[..] else { panic!("{told:?}") };
    let took_us = ordered.told_us.expect("it was answered") - ordered.asked_us;
    assert!(took_us >= 1_200_000, "it may have happened when it was asked first: {took_us}");
    assert!(!told.iter().any(|told| matches!(told.what, What::Tried(_))), "{told:?}");
}

#[tokio::test]
async fn who_is_sent_home_while_they_ask_may_have_got_what_they_asked_for() {
    let stop = CancellationToken::new();
    let home = stop.clone();
    let answers = move |_, asked: &Asked| {
        if asked.path.ends_with("/baskets") {
            home.cancel();
            return None;
        }
        promised(asked)
    };
    let (fate, _, told) = evening(Arc::new(answers), &stop).await;
    assert_eq!(fate, Fate::Stopped);
    let tried: Vec<_> = told.iter().filter(|told| matches!(told.what, What::Tried(_))).collect();
    let [Told { told_us: None, what: What::Tried(Attempt::Hold { performance, seats }), .. }] =
        &tried[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((performance.as_str(), seats.len()), ("p", 0));
}

#[tokio::test]
async fn everything_that_was_promised_is_written_down_in_order() {
    let answers = |_, asked: &Asked| promised(asked);
    let (fate, _, told) = evening(Arc::new(answers), &CancellationToken::new()).await;
    assert_eq!(fate, Fate::Ordered);
    let said = told.iter().map(|told| {
        let what = serde_json::to_value(&told.what).expect("plain data");
        what.as_object().and_then(|what| what.keys().next().cloned()).expect("a variant")
    });
    let expected = [
        "joined",
        "saw",
        "saw",
        "claimed",
        "held",
        "basket_seen",
        "checked_out",
        "ordered",
        "left",
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
}
