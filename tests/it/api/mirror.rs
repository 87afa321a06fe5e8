//! A sale whose seats the venue's own system keeps: what it reports is what everybody sees, and
//! what it does not confirm is nobody's fact.

use http::Method;
use serde_json::{Value, json};
use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Deed, Scope, Trigger};
use stanchion_domain::id::ZoneIndex;
use stanchion_domain::sale::definition::{Definition, Mirror, Performance, Pool};
use stanchion_domain::time::Span;

use super::sample::gala;
use super::{Answer, House, SALE, until};

pub(super) const HOUR: Span = Span::from_seconds(3_600);

/// The gala at a house of its own: Friday in two price zones, and a matinee in one.
pub(super) fn mirrored(stale_span: Span) -> Definition {
    let pool = |zone: u16, id: &str, capacity| {
        let (id, name, zone) = (id.to_owned(), id.to_owned(), ZoneIndex(zone));
        Pool { id, name, zone, capacity, withheld: 0 }
    };
    let performance = |id: &str, pools| {
        let (id, name) = (id.to_owned(), id.to_owned());
        Performance { id, name, pools, ..Performance::default() }
    };
    Definition {
        plans: Vec::new(),
        performances: vec![
            performance("fri", vec![pool(0, "a", 500), pool(1, "standing", 100)]),
            performance("matinee", vec![pool(1, "standing", 50)]),
        ],
        mirror: Some(Mirror { stale_span }),
        ..gala()
    }
}

/// A report: what is available, held, sold, withheld.
pub(super) fn left(performance: &str, zone: &str, version: u64, counts: [u32; 4]) -> Value {
    let [available, held, sold, withheld] = counts;
    json!({
        "performance": performance, "zone": zone, "version": version,
        "available": available, "held": held, "sold": sold, "withheld": withheld,
    })
}

/// All that the sale has.
fn everything(version: u64, friday: [u32; 4]) -> Value {
    json!([
        left("fri", "a", version, friday),
        left("fri", "standing", version, [100, 0, 0, 0]),
        left("matinee", "standing", version, [50, 0, 0, 0]),
    ])
}

impl House {
    pub(super) async fn report(&self, reports: Value) -> Answer {
        let body = json!({ "reports": reports });
        self.post("/mirror").bearer(&self.shop).json(&body).send().await
    }

    /// A part of the public interface, once it says what is wanted.
    async fn says(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        until(async || {
            let shown = self.get(path).send().await.ok(200);
            wanted(&shown).then_some(shown)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_shows_what_was_reported_and_nothing_that_was_not() {
    let house = House::new(mirrored(HOUR));
    let before = house.get("/board").send().await.ok(200);
    assert_eq!(before["status"], "unknown");
    assert!(before.get("counts").is_none(), "no invented zero: {before}");
    let friday = house.get("/performances/fri").send().await.ok(200);
    assert!(friday.get("pools").is_none(), "nothing can be held: {friday}");
    assert_eq!(friday["zones"][0], json!({ "zone": "a", "status": "unknown" }));
    assert_eq!(house.get("").send().await.ok(200)["mirrored"], true);

    let told = house.report(json!([left("fri", "a", 17, [120, 4, 300, 0])])).await.ok(200);
    assert_eq!(told, json!({ "taken": 1, "older": 0, "reports": ["taken"] }));
    let friday = house.says("/performances/fri", |one| one["zones"][0]["counts"].is_object()).await;
    let counts = json!({
        "capacity": 424, "available": 120, "held": 4, "paying": 0, "sold": 300, "withheld": 0,
    });
    assert_eq!(friday["zones"][0]["counts"], counts);
    assert_eq!((&friday["status"], friday.get("counts")), (&json!("unknown"), None));

    house.report(everything(18, [5, 1, 494, 0])).await.ok(200);
    let head = house.says("/board", |head| head["counts"].is_object()).await;
    assert_eq!((&head["counts"]["capacity"], &head["status"]), (&json!(650), &json!("on_sale")));
    assert!(head.get("stale").is_none(), "{head}");
    let friday = house.get("/performances/fri").send().await.ok(200);
    assert_eq!(
        (&friday["zones"][0]["status"], &friday["zones"][0]["left"]),
        (&json!("low"), &json!(5))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_report_never_overwrites_a_newer_one_and_the_same_once_more_is_no_news() {
    let house = House::new(mirrored(HOUR));
    house.report(everything(20, [120, 0, 0, 0])).await.ok(200);
    let head = house.says("/board", |head| head["counts"].is_object()).await;
    let late = json!([
        left("fri", "a", 19, [400, 0, 0, 0]),
        left("fri", "standing", 20, [100, 0, 0, 0]),
        left("matinee", "standing", 20, [3, 0, 0, 0]),
    ]);
    let told = house.report(late).await.ok(200);
    assert_eq!(told, json!({ "taken": 1, "older": 2, "reports": ["older", "taken", "older"] }));
    let sequence = async || house.ops(Method::GET, SALE).send().await.ok(200)["sequence"].clone();
    let before = sequence().await;
    let told = house.report(json!([left("fri", "a", 1, [400, 0, 0, 0])])).await.ok(200);
    assert_eq!(told, json!({ "taken": 0, "older": 1, "reports": ["older"] }));
    // A newer one is shown, and so is everything that was taken before it.
    house.report(json!([left("matinee", "standing", 21, [49, 0, 1, 0])])).await.ok(200);
    let later = house.says("/board", |later| later["counts"] != head["counts"]).await;
    assert_eq!((&later["counts"]["available"], &later["counts"]["sold"]), (&json!(269), &json!(1)));
    assert!(sequence().await.as_u64() > before.as_u64(), "what was taken is recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_report_that_cannot_be_refuses_all_of_a_request_and_is_named() {
    let house = House::new(mirrored(HOUR));
    let good = left("fri", "a", 1, [1, 0, 0, 0]);
    for (bad, status, code) in [
        (left("sun", "a", 1, [0; 4]), 404, "not_found"),
        (left("fri", "gallery", 1, [0; 4]), 404, "not_found"),
        (left("matinee", "a", 1, [0; 4]), 404, "not_found"),
        (left("fri", "standing", 1, [60, 0, 40, 1]), 409, "limit_reached"),
        (left("fri", "a", 2, [0; 4]), 422, "invalid"),
    ] {
        let refused = house.report(json!([good, bad])).await.is(status, code);
        assert_eq!(refused["item"], 1, "{bad}: {refused}");
    }
    house.report(json!([])).await.is(422, "invalid");
    let mut broken = good.clone();
    for wrong in [json!(-1), json!(1.5), json!("many"), Value::Null] {
        broken["sold"] = wrong;
        let refused = house.report(json!([good, broken])).await.is(400, "malformed");
        assert!(refused["at"].as_str().expect("where").contains("reports[1].sold"), "{refused}");
    }
    let body = json!({ "reports": [good] });
    house.post("/mirror").json(&body).send().await.is(401, "token_missing");
    house.post("/mirror").bearer("no key").json(&body).send().await.is(401, "token_invalid");
    let friday = house.get("/performances/fri").send().await.ok(200);
    assert_eq!(friday["zones"][0]["status"], "unknown", "nothing is half done");
    let own = House::new(gala());
    own.report(json!([good])).await.is(409, "wrong_state");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_venues_own_system_keeps_is_not_held_or_withheld_here() {
    let house = House::open(mirrored(HOUR)).await;
    house.report(everything(1, [100, 0, 0, 0])).await.ok(200);
    let pass = house.enter().await;
    let item = json!({ "performance": "fri", "pool": "standing", "units": 1 });
    house.hold(&pass, json!([item])).await.is(409, "mirrored");
    house.hold(&pass, json!([{ "performance": "fri", "seat": "A1" }])).await.is(409, "mirrored");
    let basket = format!("/baskets/{:032x}", 7);
    let checkout = house.post(&format!("{basket}/checkout"));
    checkout.bearer(&pass).key().send().await.is(409, "mirrored");
    let confirm = house.post(&format!("{basket}/confirm")).bearer(&house.shop).key();
    confirm.json(&json!({ "payment": "p" })).send().await.is(409, "mirrored");
    let what = json!({ "performance": "fri", "pool": "standing", "units": 1 });
    let withhold = json!({ "type": "withhold", "what": what, "kind": "house" });
    house.change(withhold).await.is(409, "mirrored");
    house.change(json!({ "type": "restore", "what": what })).await.is(409, "mirrored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_report_is_shown_as_stale_and_nothing_acts_on_it() {
    let mut definition = mirrored(HOUR);
    definition.triggers.push(Trigger {
        id: "gone".to_owned(),
        scope: Scope::Sale,
        condition: Condition::StatusIs(StatusKind::SoldOut),
        deeds: vec![Deed::StopCalling],
    });
    let house = House::open(definition).await;
    house.report(everything(1, [0, 0, 500, 0])).await.ok(200);
    house.says("/board", |head| head["status"] == "on_sale").await;
    // While time stands still nobody can say how old a report is.
    house.change(json!({ "type": "freeze_time" })).await.ok(200);
    let head = house.says("/board", |head| head["status"] == "unknown").await;
    assert!(head["stale"]["as_of"].is_string(), "{head}");
    assert_eq!(head["counts"]["sold"], 500, "what was said last");
    assert!(head.get("price_range_minor").is_none(), "{head}");
    let friday = house.get("/performances/fri").send().await.ok(200);
    assert_eq!(friday["zones"][0]["status"], "unknown");
    assert!(friday["zones"][0]["stale"]["as_of"].is_string(), "{friday}");

    for (language, as_of) in [
        ("en", "none were available"),
        ("de", "keine verfügbar"),
        ("fr", "n’était disponible"),
        ("es", "había"),
    ] {
        let page = house.ask(Method::GET, "/gala").header("accept-language", language);
        let page = page.header("accept", "text/html").send().await.text;
        assert!(page.contains("class=\"as-of\""), "{language}: {page}");
        assert!(page.contains(as_of), "{language}: {page}");
        for present in ["class=\"sold-out\"", "class=\"available\"", "class=\"available-low\""] {
            assert!(!page.contains(present), "{language} {present}: {page}");
        }
    }

    // Sold out as reported while that cannot be a fact: the trigger waits.
    let gone = |version| {
        json!([
            left("fri", "a", version, [0, 0, 500, 0]),
            left("fri", "standing", version, [0, 0, 100, 0]),
            left("matinee", "standing", version, [0, 0, 50, 0]),
        ])
    };
    house.report(gone(2)).await.ok(200);
    house.says("/board", |head| head["counts"]["available"] == 0).await;
    let head = house.get("/board").send().await.ok(200);
    assert_eq!(head["status"], "unknown", "reported while time stood still");
    house.change(json!({ "type": "resume_time" })).await.ok(200);
    let desk = house.ops(Method::GET, SALE).send().await.ok(200);
    assert_eq!(
        (&desk["calling_paused"], &desk["triggers"][0]["fired"]),
        (&json!(false), &json!(false))
    );
    house.report(gone(2)).await.ok(200);
    house.says("/board", |head| head["status"] == "sold_out").await;
    until(async || {
        let desk = house.ops(Method::GET, SALE).send().await.ok(200);
        (desk["calling_paused"] == true).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_nobody_renews_goes_stale_by_itself() {
    let house = House::new(mirrored(Span(200)));
    house.report(everything(1, [100, 0, 0, 0])).await.ok(200);
    let head = house.says("/board", |head| head["stale"].is_object()).await;
    assert_eq!(head["status"], "unknown");
    let matinee = house.says("/performances/matinee", |one| one["stale"].is_object()).await;
    assert_eq!(matinee["counts"]["available"], 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_called_for_what_may_be_gone() {
    let mut definition = mirrored(HOUR);
    definition.policy.call_for_what_is_left = true;
    let house = House::open(definition).await;
    let place = house.join().await;
    // Only nothing is left that anybody knows of.
    house.says("/board", |head| head["queue"]["calling"] == true).await;
    assert_eq!(house.place(&place).await["state"], "waiting");
    house.report(json!([left("matinee", "standing", 1, [1, 0, 0, 0])])).await.ok(200);
    house.stands(&place, "called").await;
    // The only unit is spoken for, however many wait.
    let second = house.join().await;
    house.report(json!([left("matinee", "standing", 2, [2, 0, 0, 0])])).await.ok(200);
    house.stands(&second, "called").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirteen_thousand_performances_are_reported_at_once() {
    let mut definition = mirrored(HOUR);
    let matinee = definition.performances[1].clone();
    definition.performances = (0..13_000)
        .map(|at| Performance { id: format!("2027-02-05-slot-{at}"), ..matinee.clone() })
        .collect();
    let house = House::new(definition);
    let all = |version| -> Value {
        let report =
            |at| left(&format!("2027-02-05-slot-{at}"), "standing", version, [30, 0, 20, 0]);
        (0..13_000).map(report).collect()
    };
    let told = house.report(all(1)).await.ok(200);
    assert_eq!((&told["taken"], &told["older"]), (&json!(13_000), &json!(0)));
    let head = house.says("/board", |head| head["counts"].is_object()).await;
    assert_eq!(head["counts"]["available"], 390_000);
    let version = house.get("/performances").send().await.ok(200)["version"].clone();
    // Said once more, nothing is rendered anew, and nobody has to read it again.
    assert_eq!(house.report(all(1)).await.ok(200)["taken"], 13_000);
    assert_eq!(house.report(all(2)).await.ok(200)["taken"], 13_000);
    house.report(json!([left("2027-02-05-slot-7", "standing", 3, [29, 0, 21, 0])])).await.ok(200);
    let head = house.says("/board", |head| head["counts"]["available"] == 389_999).await;
    assert_eq!(head["status"], "on_sale");
    let since = house.get(&format!("/performances?since={version}")).send().await.ok(200);
    let newer = since["performances"].as_array().expect("a list");
    assert_eq!((newer.len(), &newer[0]["id"]), (1, &json!("2027-02-05-slot-7")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_says_how_old_what_it_shows_is_and_offers_no_control_that_is_dead() {
    let house = House::open(mirrored(HOUR)).await;
    let ana = house.ana().await;
    let now = ana.get("/console/sales/gala").await.text;
    assert!(now.contains("Not every price zone was reported"), "{now}");
    assert!(now.contains("What is left is not known"), "{now}");
    house.report(everything(1, [100, 0, 400, 0])).await.ok(200);
    house.says("/board", |head| head["counts"].is_object()).await;
    let now = ana.get("/console/sales/gala").await.text;
    assert!(now.contains("Reported at 20"), "{now}");
    let list = ana.get("/console/sales/gala/performances").await.text;
    assert!(list.contains("<small>reported "), "{list}");
    let friday = ana.get("/console/sales/gala/performances/fri").await.text;
    assert!(friday.contains("Reported by the venue"), "{friday}");
    for dead in ["Units of a pool", "Seat map", "Keep ", "kept off sale"] {
        assert!(!friday.contains(dead), "{dead}");
    }
    house.change(json!({ "type": "freeze_time" })).await.ok(200);
    house.says("/board", |head| head["stale"].is_object()).await;
    let friday = ana.get("/console/sales/gala/performances/fri").await.text;
    assert!(friday.contains("Stale"), "{friday}");
    let now = ana.get("/console/sales/gala").await.text;
    assert!(now.contains("which is stale"), "{now}");
}
