//! What a connector does not accept, and what becomes of its visitor: who may be in is in again at
//! once, who waits keeps their place, and nobody goes round in circles.

use serde_json::{Value, json};

use super::{SALE, Street, Visitor, WANTED, now_s, signed, token_of};
use crate::gate::browser::Browser;

const OTHERS: &str = "3f1f6c1e-8a2b-4a55-9d0b-0a9d3f0c7b21";

/// Opens a page of the shop with a token that it refuses for this reason, and says what is told.
async fn handed(visitor: &Visitor<'_>, token: &str, reason: &str) -> (Vec<String>, super::Page) {
    let (way, page) = visitor.follow(&format!("{}&queueittoken={token}", visitor.wanted())).await;
    let error = format!("https://{}/wait/error/{reason}/?", visitor.street.queue);
    assert!(way[1].starts_with(&error), "{reason}: {way:#?}");
    (way, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_be_in_is_in_again_whatever_was_wrong() {
    let street = Street::new(1);
    let mut visitor = street.visitor();
    let (way, page) = visitor.wait_and_enter().await;
    let good = token_of(&way[1]).to_owned();
    let (altered, soon, over) = (good.replace("cv_60", "cv_61"), now_s() + 60, now_s() - 400);
    let id = OTHERS;
    for (token, reason) in [
        (altered, "hash"),
        (signed(&format!("e_hamlet2026~q_{id}~ts_{over}~ce_true~rt_queue")), "timestamp"),
        (signed(&format!("e_macbeth~q_{id}~ts_{soon}~ce_true~rt_queue")), "eventid"),
        (signed(&format!("e_hamlet2026~q_{id}~ts_{soon}~ce_true~rt_queue~hip_00")), "ip"),
    ] {
        visitor.shop = Browser::new(street.shop.to_string());
        let (way, again) = handed(&visitor, &token, reason).await;
        assert_eq!(again.text, page.text, "{reason}: {way:#?}");
        assert_eq!(way.len(), 4, "at once: {way:#?}");
    }
    assert_eq!(visitor.queue.slots().await, 1);
    assert_eq!(street.counted("stanchion_connector_refused_total").await, 0);

    // A token that was just signed is good: whoever refuses it refuses the next one as well.
    for reason in ["hash", "timestamp", "eventid", "ip", "qidlimit"] {
        let asked = format!("c=arena&e=hamlet2026&t=http%3A%2F%2F{}%2F", street.shop);
        let handed = visitor.queue.get(&format!("/wait/?{asked}")).await;
        let good = token_of(handed.location());
        let path = format!("/wait/error/{reason}/?{asked}&queueittoken={good}");
        assert_eq!(visitor.queue.get(&path).await.status, 502, "{path}");
    }
    assert_eq!(street.counted("stanchion_connector_refused_total").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_another_address_is_replaced() {
    let street = Street::new(10);
    let visitor = street.visitor();
    let (_, page) = visitor.wait_and_enter().await;
    let mac = signed("192.0.2.7");
    let hip = mac.split("~h_").nth(1).expect("a signature");
    let soon = now_s() + 60;
    let bound = signed(&format!("e_hamlet2026~q_{OTHERS}~ts_{soon}~ce_true~rt_queue~hip_{hip}"));
    let phone = Visitor { shop: Browser::new(street.shop.to_string()), ..visitor };
    let path = format!("{WANTED}&queueittoken={bound}");
    let from = [("x-forwarded-for", "192.0.2.7")];
    let taken = phone.shop.ask(http::Method::GET, &path, &from, "").await;
    assert_eq!(taken.header("location"), Some(&*phone.wanted()), "{taken:?}");
    let (way, again) = phone.follow(&phone.wanted()).await;
    assert!(way[1].contains("/wait/error/connector/sessionstate/?"), "{way:#?}");
    assert_eq!(again.text, page.text, "{way:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_keeps_their_place() {
    let street = Street::new(1);
    let first = street.visitor();
    first.wait_and_enter().await;
    let waiting = street.visitor();
    let joined = waiting.queue.post(&format!("/{SALE}"), "").await;
    assert_eq!(joined.status, 303);
    let me = format!("/v1/sales/{SALE}/places/me");
    let place = |page: super::Page| -> Value {
        let place: Value = serde_json::from_str(&page.text).expect("a place");
        place["number"].clone()
    };
    let before = place(waiting.queue.get(&me).await);
    assert!(before.is_number(), "{before}");
    for (token, reason) in [
        ("nonsense".to_owned(), "hash"),
        (signed(&format!("e_hamlet2026~q_{OTHERS}~ts_1~ce_true~rt_queue")), "timestamp"),
    ] {
        let (way, page) = handed(&waiting, &token, reason).await;
        assert_eq!(page.status, 200);
        assert!(way.last().is_some_and(|at| at.contains(&format!("/{SALE}?to="))), "{way:#?}");
        assert_eq!(place(waiting.queue.get(&me).await), before);
    }
    let stranger = street.visitor();
    let (_, page) = handed(&stranger, "nonsense", "hash").await;
    assert!(page.text.contains(&format!("action=\"/{SALE}\"")), "they may join: {}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_refuses_good_tokens_is_told_of_and_asked_again_later() {
    let other = "5ebbf794-1665-4d48-80d6-21ac34be7faedf9e10b3-551a-4682-bb77-fee59d6355d6";
    let street = Street::with(10, "", &json!({ "secretKey": other }));
    let visitor = street.visitor();
    let (way, page) = visitor.wait_and_enter().await;
    assert!(way.last().is_some_and(|at| at.contains("/wait/error/hash/?")), "{way:#?}");
    assert_eq!(page.status, 502, "{page:?}");
    assert!(page.text.contains("does not let you in right now"), "{}", page.text);
    assert!(page.text.contains("http-equiv=\"refresh\""), "{}", page.text);
    assert_eq!(street.counted("stanchion_connector_refused_total").await, 1);
    let log = street.venue.site.log();
    assert!(log.contains("refuses good tokens") && log.contains("hash"), "{log}");
    assert_eq!(visitor.queue.slots().await, 1, "they are in, as far as we are concerned");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_used_their_turn_too_often_does_not_go_round_in_circles() {
    let street = Street::new(10);
    let visitor = street.visitor();
    visitor.wait_and_enter().await;
    for _ in 0..2 {
        assert_eq!(visitor.shop.get("/limited").await.status, 200);
    }
    let (way, page) = visitor.follow(&street.at_shop("/limited")).await;
    assert!(way[1].contains("/wait/error/qidlimit/?"), "{way:#?}");
    assert_eq!(page.status, 502, "{way:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_accepts_no_altered_token() {
    let street = Street::new(10);
    let visitor = street.visitor();
    let (way, _) = visitor.wait_and_enter().await;
    let token = token_of(&way[1]);
    let stranger = Browser::new(street.shop.to_string());
    for at in 0..token.len() {
        let letter = if &token[at..=at] == "0" { "1" } else { "0" };
        let altered = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
        let answer = stranger.get(&format!("{WANTED}&queueittoken={altered}")).await;
        let to = answer.header("location").unwrap_or_default();
        assert!(to.starts_with("https://") && to.contains("/wait/error/"), "{altered}: {answer:?}");
    }
    let taken = stranger.get(&format!("{WANTED}&queueittoken={token}")).await;
    assert_eq!(taken.header("location"), Some(&*visitor.wanted()));
}
