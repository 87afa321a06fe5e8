//! Joining, waiting, being called, claiming, leaving.

use serde_json::json;
use stanchion_domain::sale::definition::{Policy, Shown};

use super::sample::gala;
use super::{House, SALE};

#[tokio::test(flavor = "multi_thread")]
async fn joining_again_with_the_token_or_the_cookie_gives_the_same_place() {
    let house = House::new(gala());
    let token = house.join().await;
    let place = house.place(&token).await;
    let again = house.post("/places").bearer(&token).send().await.ok(200);
    assert_eq!(again["number"], place["number"]);
    assert!(again.get("token").is_none(), "a token is given once");
    let cookie = format!("other=1; __Host-place-gala={token}");
    let by_cookie = house.post("/places").header("cookie", &cookie).send().await.ok(200);
    assert_eq!(by_cookie["number"], place["number"]);
    let other = house.post("/places").send().await;
    assert_ne!(other.ok(201)["number"], place["number"]);
    let set = other.header("set-cookie").expect("a cookie");
    assert!(set.starts_with("__Host-place-gala="), "{set}");
    assert!(set.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{set}");
    assert_eq!(other.header("cache-control"), Some("no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_opening_a_place_waits_and_its_turn_cannot_be_claimed() {
    let house = House::new(gala());
    let (first, second) = (house.join().await, house.join().await);
    let place = house.place(&second).await;
    assert_eq!((&place["state"], &place["phase"]), (&json!("waiting"), &json!("before")));
    assert_eq!((&place["number"], &place["position"]), (&json!(2), &json!(1)));
    let front = house.place(&first).await;
    assert_eq!((&front["number"], &front["position"]), (&json!(1), &json!(0)), "the first is 1");
    assert!(place["poll_after_ms"].as_u64().expect("a span") <= 30_000);
    assert!(place.get("wait").is_none(), "unknown is absent");
    let refused = house.post("/passes").bearer(&first).send().await.is(409, "not_called");
    assert_eq!(refused["place"]["position"], 0);
    house.change(json!({ "type": "open" })).await.ok(200);
    house.stands(&second, "called").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_called_visitor_claims_once_and_again_and_has_one_pass() {
    let house = House::open(gala()).await;
    let place = house.join().await;
    let called = house.stands(&place, "called").await;
    assert!(called["claim_in_ms"].as_u64().expect("a span") <= 120_000);
    assert!(called["claim_until_at"].as_str().expect("an instant").ends_with('Z'));
    let claimed = house.post("/passes").bearer(&place).key().send().await;
    let pass = claimed.ok(200);
    assert!(claimed.header("set-cookie").expect("a cookie").starts_with("__Host-pass-gala="));
    let again = house.post("/passes").bearer(&place).send().await.ok(200);
    assert_eq!(again["pass"], pass["pass"]);
    let token = pass["token"].as_str().expect("a token");
    let read = house.get("/passes/me").bearer(token).send().await.ok(200);
    assert_eq!(read["shop_url"], "https://shop.test/gala");
    assert_eq!(house.place(&place).await["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_or_leaves_is_gone_and_may_say_so_again() {
    let house = House::new(gala());
    let place = house.join().await;
    for _ in 0..2 {
        house.delete("/places/me").bearer(&place).send().await.ok(204);
    }
    let ended = house.place(&place).await;
    assert_eq!(ended["state"], "ended");
    assert!(ended.get("poll_after_ms").is_none(), "there is nothing to wait for");
    house.post("/passes").bearer(&place).send().await.is(410, "gone");
    house.post("/places").bearer(&place).send().await.ok(201);
    house.change(json!({ "type": "open" })).await.ok(200);
    let pass = house.enter().await;
    for _ in 0..2 {
        house.delete("/passes/me").bearer(&pass).send().await.ok(204);
    }
    house.get("/passes/me").bearer(&pass).send().await.is(403, "no_pass");
    house.change(json!({ "type": "close" })).await.ok(200);
    house.post("/places").send().await.is(403, "not_open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_needed_and_must_be_of_this_kind() {
    let house = House::open(gala()).await;
    let place = house.join().await;
    house.stands(&place, "called").await;
    for path in ["/places/me", "/passes/me", "/baskets/00", "/performances/fri/seats"] {
        house.get(path).send().await.is(401, "token_missing");
        house.get(path).bearer("nonsense").send().await.is(401, "token_invalid");
        house.get(path).bearer("sk_aaaaaaaa_wrong").send().await.is(401, "token_invalid");
    }
    house.get("/passes/me").bearer(&place).send().await.is(401, "token_invalid");
    house
        .post("/baskets/00/confirm")
        .key()
        .json(&json!({ "payment": "p" }))
        .bearer(&place)
        .send()
        .await
        .is(401, "token_invalid");
    let other = house.ask(http::Method::GET, "/v1/sales/other/places/me").bearer(&place);
    other.send().await.is(404, "no_sale");
    let shop = house.get("/passes/me").bearer(&house.shop);
    shop.send().await.is(400, "malformed");
    let shop = house.get("/passes/me").bearer(&house.shop).header("stanchion-pass", "99");
    shop.send().await.is(403, "no_pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_too_often_waits() {
    let house = House::with_guesses(gala(), 3);
    for _ in 0..3 {
        house.get("/places/me").bearer("guess").send().await.is(401, "token_invalid");
    }
    let refused = house.get("/places/me").bearer("guess").send().await;
    refused.is(429, "rate_limited");
    assert!(refused.header("retry-after").expect("a span").parse::<u64>().expect("seconds") >= 1);
    let token = house.join().await;
    house.place(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_sees_of_the_position_is_policy() {
    for (shown, seen) in [
        (Shown::Number, "position"),
        (Shown::Band, "band"),
        (Shown::Progress, "progress_permille"),
        (Shown::Nothing, ""),
    ] {
        let sale = gala();
        let house = House::new(stanchion_domain::sale::definition::Definition {
            policy: Policy { shown, ..sale.policy },
            ..sale
        });
        let token = house.join().await;
        let place = house.place(&token).await;
        for field in ["position", "band", "progress_permille"] {
            assert_eq!(place.get(field).is_some(), field == seen, "{shown:?}: {place}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_and_a_redirect_reach_everybody_who_waits() {
    let house = House::new(gala());
    let token = house.join().await;
    let texts = json!([{ "language": "en", "text": "Soon" }, { "language": "de", "text": "Bald" }]);
    house.change(json!({ "type": "post_notice", "texts": texts })).await.ok(200);
    house.change(json!({ "type": "redirect", "url": "https://else.test/" })).await.ok(200);
    let place = house.place(&token).await;
    assert_eq!(place["notice"], texts);
    assert_eq!(place["redirect"], "https://else.test/");
    assert!(house.ask(http::Method::GET, SALE).send().await.ok(200)["phase"] == "before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_moves_to_another_device_and_the_old_one_is_told() {
    let house = House::open(gala()).await;
    let old = house.join().await;
    house.stands(&old, "called").await;
    let offered = house.post("/places/me/moves").bearer(&old).send().await.ok(201);
    let code = offered["code"].as_str().expect("a code").to_owned();
    assert_eq!(code.len(), 9, "eight letters and a dash: {code}");
    let typed = json!({ "code": code.to_lowercase().replace('-', " ") });
    let arrival = || house.post("/moves").header("idempotency-key", "mine").json(&typed);
    let arrived = arrival().send().await;
    assert!(arrived.header("set-cookie").expect("a cookie").starts_with("__Host-place-gala="));
    let place = arrived.ok(200);
    let new = place["token"].as_str().expect("a token");
    assert_eq!((&place["number"], &place["state"]), (&json!(1), &json!("called")));
    assert_eq!(arrival().send().await.ok(200)["token"], new, "a lost answer comes again");
    let somebody = house.post("/moves").header("idempotency-key", "other").json(&typed);
    somebody.send().await.is(410, "code_invalid");
    house.get("/places/me").bearer(&old).send().await.is(410, "moved");
    house.post("/passes").bearer(&old).send().await.is(410, "moved");
    house.post("/places/me/moves").bearer(&old).send().await.is(410, "moved");
    let pass = house.post("/passes").bearer(new).send().await.ok(200);
    let pass = pass["token"].as_str().expect("a token").to_owned();
    house.get("/passes/me").bearer(&pass).send().await.ok(200);
    // And on to a third one: the pass of the second is believed no more.
    let offered = house.post("/places/me/moves").bearer(new).send().await.ok(201);
    house.post("/moves").key().json(&json!({ "code": offered["code"] })).send().await.ok(200);
    house.get("/passes/me").bearer(&pass).send().await.is(410, "moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_wrong_used_or_of_a_place_that_ended_moves_nothing() {
    let house = House::new(gala());
    let place = house.join().await;
    let typed = |code: &str| house.post("/moves").key().json(&json!({ "code": code }));
    typed("ABCD-EFGH").send().await.is(410, "code_invalid");
    typed("no code").send().await.is(410, "code_invalid");
    house.post("/moves").json(&json!({ "code": "ABCD-EFGH" })).send().await.is(400, "key_missing");
    let offered = house.post("/places/me/moves").bearer(&place).send().await.ok(201);
    let late = house.post("/places/me/moves").bearer(&place).send().await.ok(201);
    typed(offered["code"].as_str().expect("a code")).send().await.ok(200);
    typed(late["code"].as_str().expect("a code")).send().await.is(410, "code_invalid");
    let other = house.join().await;
    let offered = house.post("/places/me/moves").bearer(&other).send().await.ok(201);
    house.delete("/places/me").bearer(&other).send().await.ok(204);
    typed(offered["code"].as_str().expect("a code")).send().await.is(410, "gone");
    house.post("/places/me/moves").bearer(&other).send().await.is(410, "gone");
}
