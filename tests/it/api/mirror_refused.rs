//! What a venue's own system may send, and how it is told what is wrong with it.

use http::Method;
use serde_json::{Value, json};
use stanchion::token::api_key::NewApiKey;

use super::mirror::{HOUR, left, mirrored};
use super::{Answer, House, until};

/// The largest body, as the document says.
const BODY_BYTES_MAX: usize = 4 << 20;

impl House {
    /// A body as it is, with the shop's key.
    async fn report_text(&self, body: impl Into<String>) -> Answer {
        let ask = self.post("/mirror").bearer(&self.shop);
        ask.header("content-type", "application/json").text(body).send().await
    }

    async fn zone_a(&self) -> Value {
        self.get("/performances/fri").send().await.ok(200)["zones"][0].clone()
    }

    /// The same, once so many are available.
    async fn zone_a_with(&self, available: u32) -> Value {
        let shown = async || Some(self.zone_a().await);
        until(async || shown().await.filter(|zone| zone["counts"]["available"] == available)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_list_of_reports_is_refused_and_says_where() {
    let house = House::new(mirrored(HOUR));
    let good = left("fri", "a", 1, [1, 2, 3, 4]);
    let text = json!({ "reports": [good] }).to_string();
    house.report_text(text.clone()).await.ok(200);
    for (old, new, at) in [
        ("\"version\":1", "\"version\":-1", "reports[0].version"),
        ("\"version\":1", "\"version\":1.5", "reports[0].version"),
        ("\"version\":1", "\"version\":\"17\"", "reports[0].version"),
        ("\"version\":1", "\"version\":18446744073709551616", "reports[0].version"),
        ("\"available\":1", "\"available\":4294967296", "reports[0].available"),
        ("\"held\":2", "\"held\":-1", "reports[0].held"),
        ("\"withheld\":4", "\"kept\":4", "reports[0].kept"),
        ("\"zone\":\"a\"", "\"zone\":7", "reports[0].zone"),
        ("\"version\":1", "\"held\":1", "reports[0]"),
        ("\"sold\":3,", "", "reports[0]"),
        ("{\"reports\"", "{\"sale\":\"gala\",\"reports\"", "sale"),
        ("{\"reports\":", "", ""),
        ("}]}", "}]", ""),
        ("}]}", "}]}]", ""),
    ] {
        assert!(text.contains(old), "{old}");
        let body = text.replacen(old, new, 1);
        let refused = house.report_text(&body).await.is(400, "malformed");
        let place = refused["at"].as_str().unwrap_or_else(|| panic!("no place: {refused}"));
        assert!(place.contains(at) && place.contains(':'), "{body}: {refused}");
    }
    for none in ["", "{}", "[]", "null", "{\"reports\":{}}"] {
        house.report_text(none).await.is(400, "malformed");
    }
    let untyped = house.post("/mirror").bearer(&house.shop).text(text);
    untyped.send().await.is(415, "media_type");
    assert_eq!(house.report(json!([good])).await.ok(200)["taken"], 1, "what was said first stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_with_what_and_how_much() {
    let house = House::new(mirrored(HOUR));
    let none = [0; 4];
    let most = [u32::MAX; 4];
    for (bad, status, wanted) in [
        (left("sun", "a", 1, none), 404, json!({ "code": "not_found", "what": "performance" })),
        (left("fri", "gallery", 1, none), 404, json!({ "code": "not_found", "what": "zone" })),
        (left("matinee", "a", 1, none), 404, json!({ "code": "not_found", "what": "zone" })),
        (
            left("fri", "standing", 1, [101, 0, 0, 0]),
            409,
            json!({ "code": "limit_reached", "limit": "capacity", "most": 100 }),
        ),
        // No sum runs over.
        (
            left("fri", "a", 1, most),
            409,
            json!({ "code": "limit_reached", "limit": "capacity", "most": 500 }),
        ),
    ] {
        let good = left("matinee", "standing", 1, [50, 0, 0, 0]);
        let refused = house.report(json!([good, bad])).await;
        let code = wanted["code"].as_str().expect("a code");
        let refused = refused.is(status, code);
        for (name, value) in wanted.as_object().expect("an object") {
            assert_eq!(&refused[name], value, "{bad}: {refused}");
        }
        assert_eq!(refused["item"], 1, "{refused}");
        assert!(!refused["detail"].as_str().expect("what to do").is_empty(), "{refused}");
    }
    let reports = vec![left("fri", "a", 1, none); 16_385];
    let refused = house.report(json!(reports)).await.is(409, "limit_reached");
    assert_eq!(refused["most"], 16_384);
    assert_eq!(refused["limit"], "reports_per_request");
    assert_eq!(house.zone_a().await, json!({ "zone": "a", "status": "unknown" }), "none is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_a_shop_is_listened_to_however_much_they_send() {
    let house = House::open(mirrored(HOUR)).await;
    let pass = house.enter().await;
    let elsewhere = NewApiKey::make("elsewhere").expect("a name").text;
    let large = " ".repeat(BODY_BYTES_MAX + 1);
    for body in [json!({ "reports": [] }).to_string(), "{".to_owned(), large.clone()] {
        let send = || {
            let ask = house.post("/mirror").header("content-type", "application/json");
            ask.text(body.clone())
        };
        send().send().await.is(401, "token_missing");
        for stranger in [&pass, &house.staff, &elsewhere, &house.shop[..house.shop.len() - 1]] {
            send().bearer(stranger).send().await.is(401, "token_invalid");
        }
    }
    house.report_text(large.clone()).await.is(413, "body_too_large");
    let fits = json!({ "reports": [left("fri", "a", 1, [1, 0, 0, 0])] }).to_string();
    let padding = &large[..BODY_BYTES_MAX - fits.len()];
    house.report_text(format!("{padding}{fits}")).await.ok(200);

    let read = house.get("/mirror").bearer(&house.shop).send().await;
    read.is(405, "method_not_allowed");
    assert_eq!(read.header("allow"), Some("OPTIONS, POST"));
    let other = house.ask(Method::POST, "/v1/sales/other/mirror").bearer(&house.shop);
    other.json(&json!({ "reports": [] })).send().await.is(404, "no_sale");
    let twice = House::with_guesses(mirrored(HOUR), 2);
    let guess = || twice.post("/mirror").bearer(&elsewhere).json(&Value::Null);
    guess().send().await.is(401, "token_invalid");
    guess().send().await.is(401, "token_invalid");
    let waits = guess().send().await.is(429, "rate_limited");
    assert!(waits["retry_after_ms"].is_u64(), "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_alone_decides_and_no_idempotency_key_is_asked_for() {
    let house = House::new(mirrored(HOUR));
    for (version, available, outcome, shown) in [
        (0, 9, "taken", 9),
        (0, 9, "taken", 9),
        (0, 8, "older", 9),
        (7, 6, "taken", 6),
        (6, 5, "older", 6),
        (u64::MAX, 0, "taken", 0),
        (8, 4, "older", 0),
    ] {
        // The same key with another body would be refused where a key means anything.
        let body = json!({ "reports": [left("fri", "a", version, [available, 0, 1, 0])] });
        let ask = house.post("/mirror").bearer(&house.shop).header("idempotency-key", "report");
        let told = ask.json(&body).send().await;
        assert_eq!(told.header("idempotency-replayed"), None);
        assert_eq!(told.ok(200)["reports"], json!([outcome]), "{version}");
        let zone = house.zone_a_with(shown).await;
        assert_eq!(zone["counts"]["capacity"], shown + 1, "{zone}");
    }
    // Every zone of every performance has numbers of its own.
    let others = json!([
        left("fri", "standing", 1, [3, 0, 0, 0]),
        left("matinee", "standing", 2, [2, 0, 0, 0]),
    ]);
    assert_eq!(house.report(others).await.ok(200)["taken"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_is_told_what_is_left_before_it_opens_and_when_it_has_closed() {
    let house = House::new(mirrored(HOUR));
    house.report(json!([left("fri", "a", 1, [4, 0, 0, 0])])).await.ok(200);
    house.zone_a_with(4).await;
    house.change(json!({ "type": "open" })).await.ok(200);
    house.change(json!({ "type": "close" })).await.ok(200);
    house.report(json!([left("fri", "a", 2, [3, 0, 1, 0])])).await.ok(200);
    house.zone_a_with(3).await;
    assert_eq!(house.get("/board").send().await.ok(200)["phase"], "closed");
}
