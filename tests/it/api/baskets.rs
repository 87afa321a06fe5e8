//! Holding, giving back, checking out, confirming, and every refusal.

use serde_json::json;
use stanchion_domain::sale::definition::{Definition, Policy};
use stanchion_domain::time::Span;

use super::sample::gala;
use super::{House, SALE, seat, standing, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_basket_goes_from_its_first_hold_to_an_order() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let held = house.hold(&pass, json!([seat("A1"), standing(2)])).await;
    let basket = held.ok(201);
    let id = basket["id"].as_str().expect("an id").to_owned();
    assert_eq!(held.header("location"), Some(format!("{SALE}/baskets/{id}").as_str()));
    assert_eq!((&basket["units"], &basket["total_minor"]), (&json!(3), &json!(9_000)));
    assert_eq!(basket["holds"][0]["lines"][0]["seat"]["row"], "A");
    assert!(basket["expires_in_ms"].as_u64().expect("a span") <= 600_000);
    let read = house.get("/passes/me").bearer(&pass).send().await.ok(200);
    assert_eq!(read["basket"], id.as_str());

    let best = json!({ "items": [{ "performance": "fri", "price": "half",
        "best_available": { "seats": 2, "zone": "a", "section": "Stalls" } }] });
    let holds = format!("/baskets/{id}/holds");
    let more = house.post(&holds).bearer(&pass).key().json(&best).send().await.ok(201);
    assert_eq!(more["holds"][1]["lines"].as_array().expect("lines").len(), 2);
    assert_eq!(more["total_minor"], 14_000);
    let back = house.delete(&format!("/baskets/{id}/holds/2")).bearer(&pass).key();
    assert_eq!(back.send().await.ok(200)["units"], 3);

    let out = house.post(&format!("/baskets/{id}/checkout")).bearer(&pass).key().send().await;
    assert_eq!(out.ok(200)["state"], "paying");
    let confirm = format!("/baskets/{id}/confirm");
    let paid = json!({ "payment": "pay-1" });
    let order = house.post(&confirm).bearer(&house.shop).key().json(&paid).send().await.ok(200);
    assert_eq!((&order["state"], &order["late"]), (&json!("confirmed"), &json!(false)));
    let by_shop = house.get(&format!("/baskets/{id}")).bearer(&house.shop).send().await.ok(200);
    assert_eq!(by_shop["payment"], "pay-1");
    house.board_says("fri", |counts| counts["sold"] == 3 && counts["held"] == 0).await;
    let seats = house.get("/performances/fri/seats").bearer(&pass).send().await.ok(200);
    assert_eq!(seats["seats"], "saaaaaaaww");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_says_which_item_and_why() {
    let house = House::open(gala()).await;
    let (one, two) = (house.enter().await, house.enter().await);
    let basket = house.hold(&one, json!([seat("A1"), seat("A2"), seat("A3")])).await.ok(201);
    house.hold(&one, json!([seat("A4")])).await.is(409, "basket_open");
    let refuse = async |items, status, code| house.hold(&two, items).await.is(status, code);

    let taken = refuse(json!([seat("B1"), seat("A1")]), 409, "in_baskets").await;
    assert_eq!(taken["item"], 1);
    assert!(taken["first_return_at"].as_str().is_some(), "{taken}");
    refuse(json!([seat("B5")]), 409, "unavailable").await;
    refuse(json!([seat("B4")]), 409, "not_entitled").await;
    let limit = refuse(json!([standing(9)]), 409, "limit_reached").await;
    assert_eq!((&limit["limit"], &limit["most"]), (&json!("basket_units"), &json!(8)));
    let best = |seats| json!([{ "performance": "fri", "best_available": { "seats": seats } }]);
    refuse(best(5), 409, "no_block").await;
    refuse(json!([seat("Z9")]), 404, "not_found").await;
    refuse(json!([{ "performance": "sat", "seat": "A1" }]), 404, "not_found").await;
    refuse(json!([{ "performance": "fri", "pool": "moon", "units": 1 }]), 404, "not_found").await;
    refuse(json!([{ "performance": "fri", "seat": "B1", "price": "free" }]), 404, "not_found")
        .await;
    refuse(json!([{ "performance": "fri", "seat": "B1", "pool": "standing" }]), 422, "invalid")
        .await;
    refuse(json!([{ "performance": "fri", "pool": "standing" }]), 422, "invalid").await;
    refuse(json!([standing(0)]), 422, "invalid").await;
    refuse(json!([]), 422, "invalid").await;

    let last = json!([{ "performance": "matinee", "pool": "last", "units": 1 }]);
    house.hold(&two, last.clone()).await.ok(201);
    let three = house.enter().await;
    house.hold(&three, last).await.is(409, "in_baskets");
    let id = basket["id"].as_str().expect("an id");
    let of_other = house.get(&format!("/baskets/{id}")).bearer(&two);
    of_other.send().await.is(404, "not_found");
    let of_other = house.post(&format!("/baskets/{id}/checkout")).bearer(&two).key();
    of_other.send().await.is(404, "not_found");
    house.change(json!({ "type": "close" })).await.ok(200);
    house.hold(&three, json!([standing(1)])).await.is(403, "not_open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basket_allows_only_what_its_state_allows() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let basket = house.hold(&pass, json!([seat("A1")])).await.ok(201);
    let at = format!("/baskets/{}", basket["id"].as_str().expect("an id"));
    let paid = json!({ "payment": "pay" });
    let confirm = || house.post(&format!("{at}/confirm")).bearer(&house.shop).key();
    confirm().json(&paid).send().await.is(409, "wrong_state");
    let unknown = house.delete(&format!("{at}/holds/7")).bearer(&pass).key();
    unknown.send().await.is(404, "not_found");
    house.post(&format!("{at}/checkout")).bearer(&pass).key().send().await.ok(200);
    house.post(&format!("{at}/checkout")).bearer(&pass).key().send().await.is(409, "wrong_state");
    confirm().json(&json!({ "payment": "" })).send().await.is(422, "invalid");
    confirm().json(&json!({})).send().await.is(400, "malformed");
    house.delete(&at).bearer(&pass).key().send().await.ok(204);
    house.board_says("fri", |counts| counts["held"] == 0 && counts["paying"] == 0).await;
    assert_eq!(house.get(&at).bearer(&pass).send().await.ok(200)["state"], "released");
    let later = house.delete(&at).bearer(&pass).key().send().await;
    later.is(409, "wrong_state");
}

#[tokio::test(flavor = "multi_thread")]
async fn house_seats_are_for_shops_that_ask_for_them() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let number = house.get("/passes/me").bearer(&pass).send().await.ok(200)["pass"].to_string();
    let body = json!({ "house": true, "items": [seat("B4")] });
    let visitor = house.post("/baskets").bearer(&pass).key().json(&body);
    visitor.send().await.is(409, "not_entitled");
    let shop = house.post("/baskets").bearer(&house.shop).header("stanchion-pass", &number);
    assert_eq!(shop.key().json(&body).send().await.ok(201)["pass"].to_string(), number);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_payment_takes_free_seats_and_is_refunded_when_they_are_gone() {
    let sale = gala();
    let short = Span(50);
    let policy = Policy { hold_span: short, checkout_span: short, ..sale.policy };
    let house = House::open(Definition { policy, ..sale }).await;
    let mut late = Vec::new();
    for at in ["A1", "A2"] {
        let pass = house.enter().await;
        let held = until(async || {
            let basket = house.hold(&pass, json!([seat(at)])).await.ok(201);
            let id = basket["id"].as_str().expect("an id").to_owned();
            let out = house.post(&format!("/baskets/{id}/checkout")).bearer(&pass).key();
            // On a slow machine the basket expires before its checkout: hold again.
            (out.send().await.status == 200).then_some(id)
        });
        let id = held.await;
        until(async || {
            let basket = house.get(&format!("/baskets/{id}")).bearer(&pass).send().await.ok(200);
            (basket["state"] == "expired").then_some(())
        })
        .await;
        late.push(id);
    }
    let confirm = async |id: &str| {
        let paid = json!({ "payment": id });
        house
            .post(&format!("/baskets/{id}/confirm"))
            .bearer(&house.shop)
            .key()
            .json(&paid)
            .send()
            .await
    };
    assert_eq!(confirm(&late[0]).await.ok(200)["late"], true);
    house
        .change(json!({ "type": "withhold", "kind": "killed",
        "what": { "performance": "fri", "seats": ["A2"] } }))
        .await
        .ok(200);
    confirm(&late[1]).await.is(409, "seat_lost");
    let lost = house.get(&format!("/baskets/{}", late[1])).bearer(&house.shop).send().await;
    assert_eq!(lost.ok(200)["state"], "payment_lost");
    house.board_says("fri", |counts| counts["sold"] == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_plans_and_performances_can_be_read_and_followed() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let plan = house.get("/plans/hall").send().await;
    assert_eq!(plan.ok(200)["seats"].as_array().expect("seats").len(), 10);
    house.get("/plans/moon").send().await.is(404, "not_found");
    house.get("/performances/sat").send().await.is(404, "not_found");
    house.get("/performances?since=x").send().await.is(400, "malformed");
    let seats = house.get("/performances/fri/seats").bearer(&pass).send().await;
    let version = seats.ok(200)["version"].clone();
    house.hold(&pass, json!([seat("A2")])).await.ok(201);
    let since = format!("/performances/fri/seats?since={version}");
    let changed = house.get(&since).bearer(&house.shop).send().await.ok(200);
    let text = changed.to_string();
    assert!(text.contains("[1,\"h\"]") || text.contains("ahaaaaaaww"), "{text}");
    house.get("/performances/matinee/seats").bearer(&pass).send().await.is(404, "not_found");
    let all = house.get("/performances").send().await;
    assert_eq!(all.ok(200)["performances"].as_array().expect("both").len(), 2);
    let etag = all.header("etag").expect("an etag").to_owned();
    until(async || {
        let again = house.get("/performances").header("if-none-match", &etag).send().await;
        // The board may not show the hold yet; then the version is known.
        assert!(again.status == 200 || again.status == 304);
        Some(())
    })
    .await;
}
