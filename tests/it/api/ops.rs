//! What operators do and see.

use http::Method;
use serde_json::json;

use super::sample::gala;
use super::{Ask, House, SALE, seat};

fn without_key(house: &House) -> Ask<'_> {
    Ask { api: &house.ops, ..house.ask(Method::GET, SALE) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_names_the_newest_revision_and_lands_in_the_audit_log() {
    let house = House::new(gala());
    let changes = format!("{SALE}/changes");
    let body =
        json!({ "revision": 0, "reason": "slow shop", "action": { "type": "set_cap", "cap": 7 } });
    let ask = |key: &str| house.ops(Method::POST, &changes).header("idempotency-key", key);
    let made = ask("one").json(&body).send().await.ok(200);
    assert_eq!((&made["revision"], &made["applied"]), (&json!(1), &json!(true)));
    let again = ask("one").json(&body).send().await;
    assert_eq!(again.ok(200)["revision"], 1);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let stale = ask("two").json(&body).send().await.is(409, "stale_revision");
    assert_eq!(stale["newest_revision"], 1);
    house.ops(Method::POST, &changes).json(&body).send().await.is(400, "key_missing");
    let desk = house.ops(Method::GET, SALE).send().await.ok(200);
    assert_eq!((&desk["cap"], &desk["revision"]), (&json!(7), &json!(1)));
    let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    assert_eq!(audit["entries"][0]["actor"], "Ada");
    assert_eq!(audit["entries"][0]["reason"], "slow shop");
    assert_eq!(audit["entries"][0]["action"], body["action"]);
    let after = house.ops(Method::GET, &format!("{SALE}/audit?after=1&limit=5")).send().await;
    assert_eq!(after.ok(200)["entries"], json!([]));
}

/// Reads a list in parts of so many entries, and says what `name` is in each entry.
async fn in_parts(house: &House, list: &str, limit: usize, name: [&str; 2]) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("{SALE}/{list}?limit={limit}{after}");
        let part = house.ops(Method::GET, &path).send().await.ok(200);
        let entries = part[name[0]].as_array().expect("a list");
        names.extend(entries.iter().map(|entry| entry[name[1]].to_string()));
        let Some(next) = part["next"].as_str() else { return names };
        assert!(names.len() < 100, "{list} ends");
        assert_eq!(entries.len(), limit, "a part that has a next one is full");
        after = format!("&after={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_in_parts_that_leave_out_nothing_and_repeat_nothing() {
    let house = House::open(gala()).await;
    let mut bought = Vec::new();
    for seat_of in ["A1", "A2", "A3", "A4", "A5"] {
        let pass = house.enter().await;
        let basket = house.hold(&pass, json!([seat(seat_of)])).await.ok(201);
        let id = basket["id"].as_str().expect("an id").to_owned();
        house.post(&format!("/baskets/{id}/checkout")).bearer(&pass).key().send().await.ok(200);
        let confirm = house.post(&format!("/baskets/{id}/confirm")).bearer(&house.shop).key();
        confirm.json(&json!({ "payment": "p" })).send().await.ok(200);
        bought.push(format!("\"{id}\""));
    }
    for cap in 20..25 {
        house.change(json!({ "type": "set_cap", "cap": cap })).await.ok(200);
    }
    for (list, name, count) in [
        ("orders", ["baskets", "id"], 5),
        ("baskets", ["baskets", "id"], 5),
        ("passes", ["passes", "pass"], 5),
        ("audit", ["entries", "revision"], 6),
    ] {
        let whole = in_parts(&house, list, 1_000, name).await;
        assert_eq!(whole.len(), count, "{list}: {whole:?}");
        for limit in 1..=count + 1 {
            assert_eq!(in_parts(&house, list, limit, name).await, whole, "{list} by {limit}");
        }
        let get = async |query: &str| {
            house.ops(Method::GET, &format!("{SALE}/{list}?{query}")).send().await
        };
        for limit in ["0", "1001"] {
            get(&format!("limit={limit}")).await.is(422, "invalid");
        }
        for wrong in ["limit=many", "limit=-1", "after=", "after=nobody", "after=12-xyz"] {
            get(wrong).await.is(400, "malformed");
        }
    }
    let mut orders = in_parts(&house, "orders", 2, ["baskets", "id"]).await;
    orders.sort();
    bought.sort();
    assert_eq!(orders, bought);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_can_be_asked_for_and_reads_the_same_in_the_audit_log() {
    let house = House::new(gala());
    let seats = json!({ "performance": "fri", "seats": ["A1", "A2"] });
    let units = json!({ "performance": "fri", "pool": "standing", "units": 3 });
    let texts = json!([{ "language": "en", "text": "Hello" }]);
    let trigger = json!({ "id": "few", "zone": "a", "when": { "available_at_most": 2 },
        "deeds": [{ "post_notice": texts }, "stop_calling", { "redirect": "https://else.test" }] });
    let actions = [
        json!({ "type": "open" }),
        json!({ "type": "pause_calling" }),
        json!({ "type": "resume_calling" }),
        json!({ "type": "set_cap", "cap": 40 }),
        json!({ "type": "set_pace", "per_minute": 60 }),
        json!({ "type": "post_notice", "texts": texts }),
        json!({ "type": "withdraw_notice" }),
        json!({ "type": "redirect", "url": "https://else.test/" }),
        json!({ "type": "end_redirect" }),
        json!({ "type": "freeze_time" }),
        json!({ "type": "resume_time" }),
        json!({ "type": "add_time", "add_ms": 60_000 }),
        json!({ "type": "withhold", "what": seats, "kind": "house" }),
        json!({ "type": "withhold", "what": units, "kind": "killed" }),
        json!({ "type": "restore", "what": seats }),
        json!({ "type": "restore", "what": units }),
        json!({ "type": "set_trigger", "trigger": trigger }),
        json!({ "type": "remove_trigger", "id": "few" }),
        json!({ "type": "close" }),
    ];
    for action in &actions {
        let made = house.change(action.clone()).await;
        assert_eq!(made.status, 200, "{action}: {made:?}");
    }
    let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    let entries = audit["entries"].as_array().expect("entries");
    let read: Vec<_> = entries.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(read, actions);
    house.change(json!({ "type": "open" })).await.is(409, "wrong_state");
    house.change(json!({ "type": "set_cap", "cap": 1_000_000 })).await.is(409, "limit_reached");
    house.change(json!({ "type": "end_pass", "pass": 3 })).await.is(404, "not_found");
    house.change(json!({ "type": "cancel_order", "basket": "00" })).await.is(404, "not_found");
    house.change(json!({ "type": "dance" })).await.is(400, "malformed");
    house.change(json!({ "type": "redefine" })).await.is(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_baskets_and_orders_can_be_looked_up_and_taken_back() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let basket = house.hold(&pass, json!([seat("A1")])).await.ok(201);
    let id = basket["id"].as_str().expect("an id");
    let passes = house.ops(Method::GET, &format!("{SALE}/passes")).send().await.ok(200);
    assert_eq!(passes["passes"][0]["basket"], id);
    let get =
        async |path: &str| house.ops(Method::GET, &format!("{SALE}{path}")).send().await.ok(200);
    assert_eq!(get("/baskets?state=open").await["baskets"][0]["id"], id);
    assert_eq!(get("/baskets?state=paying").await["baskets"], json!([]));
    house.post(&format!("/baskets/{id}/checkout")).bearer(&pass).key().send().await.ok(200);
    let confirm = house.post(&format!("/baskets/{id}/confirm")).bearer(&house.shop).key();
    confirm.json(&json!({ "payment": "p" })).send().await.ok(200);
    assert_eq!(get("/orders").await["baskets"][0]["id"], id);
    assert_eq!(get(&format!("/baskets/{id}")).await["state"], "confirmed");
    house.change(json!({ "type": "cancel_order", "basket": id })).await.ok(200);
    assert_eq!(get(&format!("/baskets/{id}")).await["state"], "cancelled");
    assert_eq!(get("/performances").await["performances"].as_array().expect("both").len(), 2);
    house.board_says("fri", |counts| counts["sold"] == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_need_their_key_and_machines_need_none_for_their_health() {
    let house = House::new(gala());
    without_key(&house).send().await.is(401, "token_missing");
    without_key(&house).bearer(&house.shop).send().await.is(401, "token_invalid");
    let list = house.ops(Method::GET, "/v1/sales").send().await.ok(200);
    assert_eq!((&list["rehearsal"], &list["sales"][0]["id"]), (&json!(true), &json!("gala")));
    for path in ["/livez", "/writerz", "/readyz", "/openapi.json"] {
        let ask = Ask { api: &house.ops, ..house.ask(Method::GET, path) };
        assert_eq!(ask.send().await.status, 200, "{path}");
    }
    let metrics = house.ops(Method::GET, "/metrics").send().await;
    assert!(metrics.text.contains("stanchion_requests_total"), "{}", metrics.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_sale_file_is_refused_with_all_its_mistakes() {
    let house = House::new(gala());
    let body = json!({ "revision": 0, "reason": "r", "file": "id = 3\nname = \"\"" });
    let ask = house.ops(Method::POST, &format!("{SALE}/definition?dry_run=true"));
    let refused = ask.json(&body).send().await.is(422, "invalid");
    assert!(refused["problems"].as_array().expect("a list").len() >= 2, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_ended_is_brought_back_and_given_back() {
    let house = House::new(gala());
    let (lost, waiting) = (house.join().await, house.join().await);
    house.delete("/places/me").bearer(&lost).send().await.ok(204);
    let place = |number: u32| house.ops(Method::GET, &format!("{SALE}/places/{number}"));
    let code = |number: u32| house.ops(Method::POST, &format!("{SALE}/places/{number}/moves"));
    assert_eq!(place(1).send().await.ok(200)["state"], "ended");
    let seen = house.people.book.newest(1).expect("it can be read").swap_remove(0);
    assert_eq!((&*seen.did, &*seen.about), ("look_up", "place 1 of gala"), "{seen:?}");
    code(1).send().await.is(410, "gone");
    house.change(json!({ "type": "restore_place", "number": 2 })).await.is(409, "wrong_state");
    house
        .change(json!({ "type": "restore_place", "number": 99_999_999 }))
        .await
        .is(404, "not_found");
    house.change(json!({ "type": "restore_place", "number": 1 })).await.ok(200);
    let back = place(1).send().await.ok(200);
    assert_eq!((&back["state"], &back["position"]), (&json!("returning"), &json!(0)));
    assert_eq!(house.place(&lost).await["state"], "returning", "the old token is good again");
    // The visitor has a new telephone and reads the number of the old place out.
    let offered = code(1).send().await.ok(201);
    let typed = json!({ "code": offered["code"] });
    let arrived = house.post("/moves").key().json(&typed).send().await.ok(200);
    let token = arrived["token"].as_str().expect("a token");
    assert_eq!(house.place(token).await["number"], 1);
    house.get("/places/me").bearer(&lost).send().await.is(410, "moved");
    assert_eq!(place(1).send().await.ok(200)["moved"], true);
    house.change(json!({ "type": "open" })).await.ok(200);
    house.stands(token, "called").await;
    house.stands(&waiting, "called").await;
    place(3).send().await.is(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_basket_gets_more_time() {
    let house = House::open(gala()).await;
    let pass = house.enter().await;
    let basket = house.hold(&pass, json!([seat("A1")])).await.ok(201);
    let id = basket["id"].as_str().expect("an id");
    let more =
        |id: &str, add_ms: u64| json!({ "type": "extend_basket", "basket": id, "add_ms": add_ms });
    house.change(more(id, 0)).await.is(409, "limit_reached");
    house.change(more("00", 60_000)).await.is(404, "not_found");
    house.change(more(id, 3_600_000)).await.ok(200);
    let read = house.get(&format!("/baskets/{id}")).bearer(&pass).send().await.ok(200);
    let left = |body: &serde_json::Value| body["expires_in_ms"].as_u64().expect("a span");
    assert!(left(&read) > left(&basket) + 3_000_000, "{read}");
    // Whoever looks it up by a key is in the book.
    house.ops(Method::GET, &format!("{SALE}/baskets/{id}")).send().await.ok(200);
    let book = house.people.book.newest(10).expect("it can be read");
    let seen = format!("basket {id} of gala");
    assert!(book.iter().any(|one| one.did == "look_up" && one.about == seen), "{book:?}");
}
