//! The night of a sale, as it is kept, shown and taken away.

use std::sync::Arc;

use http::Method;
use http::header::CONTENT_SECURITY_POLICY;
use serde_json::json;
use stanchion::api::ops::night::milestone::{Milestone, What};
use stanchion::api::ops::night::{Night, Parts};
use stanchion::api::state::OpenSale;
use stanchion::clock::Clock;
use stanchion::token::role::Role;

use super::console::between;
use super::sample::gala;
use super::{Answer, House, SALE, seat};

const NOW: &str = "/console/sales/gala";
const AFTER: &str = "/console/sales/gala/after";

impl House {
    pub(super) fn sale(&self) -> Arc<OpenSale> {
        self.state.sale("gala").expect("it is served").clone()
    }

    /// So much time passes, with a look each five seconds.
    fn watched(&self, seconds: u32) {
        let (sale, clock) = (self.sale(), Clock::by_hand(self.hand.clone()));
        for _ in 0..seconds.div_ceil(5) {
            self.hand.pass_ms(5_000);
            sale.night.look(&sale, &clock);
        }
    }

    /// Buys, and pays with this reference; the order's id.
    async fn buy(&self, items: serde_json::Value, payment: &str) -> String {
        let pass = self.enter().await;
        let basket = self.hold(&pass, items).await.ok(201)["id"].clone();
        let at = format!("/baskets/{}", basket.as_str().expect("an id"));
        self.post(&format!("{at}/checkout")).bearer(&pass).key().send().await.ok(200);
        let paid = json!({ "payment": payment });
        let confirm = self.post(&format!("{at}/confirm")).bearer(&self.shop).key().json(&paid);
        confirm.send().await.ok(200);
        at.rsplit('/').next().expect("an id").to_owned()
    }

    /// How often the book says this.
    fn noted(&self, did: &str, about: &str) -> usize {
        let entries = self.people.book.newest(1_000).expect("it can be read");
        entries.iter().filter(|entry| entry.did == did && entry.about == about).count()
    }
}

fn whats(milestones: &[Milestone]) -> Vec<&What> {
    milestones.iter().map(|milestone| &milestone.what).collect()
}

fn heading(table: &Answer) -> &str {
    table.text.lines().next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_goes_on_after_a_restart_with_a_gap_between() {
    let house = House::open(gala()).await;
    let (sale, clock) = (house.sale(), Clock::by_hand(house.hand.clone()));
    let folder = tempfile::tempdir().expect("a folder");
    let night = || {
        let metrics = stanchion::metrics::Metrics::new();
        Night::open(Parts { folder: Some(folder.path().to_owned()), metrics, shared: false })
    };
    let first = night();
    let pass = house.enter().await;
    house.hold(&pass, json!([seat("A1")])).await.ok(201);
    for _ in 0..3 {
        house.hand.pass_ms(5_000);
        first.look(&sale, &clock);
    }
    first.write();
    let kept = first.points();
    assert_eq!((kept.len(), kept[2].totals.holds, kept[2].totals.claims), (3, 1, 1));
    drop(first);
    house.hand.pass_ms(60_000);
    let second = night();
    assert_eq!(second.points(), kept);
    second.look(&sale, &clock);
    house.hand.pass_ms(5_000);
    second.look(&sale, &clock);
    let points = second.points();
    let gaps: Vec<_> = points.iter().map(|point| point.after_gap).collect();
    assert_eq!(gaps, [true, false, false, true, false]);
    // Here both processes are one, and it counts on: what it counts is added to what was kept.
    assert_eq!(points[4].totals.holds, 2);
    let unserved = What::Unserved { for_ms: 60_000 };
    let (milestones, _) = second.milestones();
    assert_eq!(whats(&milestones), [&What::Started, &unserved, &What::Started]);
    assert_eq!(milestones[1].at_s, kept[2].at_s);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_once() {
    let house = House::new(gala());
    house.watched(10);
    house.change(json!({ "type": "open" })).await.ok(200);
    house.watched(5);
    let last = json!([{ "performance": "matinee", "pool": "last", "units": 1 }]);
    let order = house.buy(last, "pi_1").await;
    house.board_says("matinee", |counts| counts["sold"] == 1).await;
    house.watched(10);
    // What changes elsewhere is no news of it.
    let pass = house.enter().await;
    house.hold(&pass, json!([seat("A1")])).await.ok(201);
    house.board_says("fri", |counts| counts["held"] == 1).await;
    house.watched(5);
    house.change(json!({ "type": "cancel_order", "basket": order })).await.ok(200);
    house.board_says("matinee", |counts| counts["available"] == 1).await;
    house.watched(10);
    let (milestones, left_out) = house.sale().night.milestones();
    let performance = Some("matinee".to_owned());
    let wanted = [
        &What::Started,
        &What::Opened,
        &What::SoldOut { performance: performance.clone() },
        &What::BackOnSale { performance },
    ];
    assert_eq!((whats(&milestones), left_out), (wanted.to_vec(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_too_late_is_counted_and_shown_as_a_share() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    house.buy(json!([seat("A4")]), "pi_1").await;
    house.watched(5);
    let before = ana.get(NOW).await.text;
    assert!(before.contains("Nothing is known of a whole minute yet."), "{before}");
    let (one, other) = (house.enter().await, house.enter().await);
    house.hold(&one, json!([seat("A1")])).await.ok(201);
    house.hold(&other, json!([seat("A1")])).await.is(409, "in_baskets");
    house.hold(&other, json!([seat("A4")])).await.is(409, "unavailable");
    // Nobody was faster for this one: it is killed.
    house.hold(&other, json!([seat("B5")])).await.is(409, "unavailable");
    house.hold(&other, json!([seat("A2")])).await.ok(201);
    // A mistake of the shop is no crowd.
    house.hold(&other, json!([seat("A3")])).await.is(409, "basket_open");
    house.watched(60);
    let page = ana.get(NOW).await.text;
    for told in [
        "In the last minute somebody else was faster for 2 of 4 holds: 50 %.",
        "In the last minute 2 claims, 2 holds, 0 orders.",
        "Journal: 99 of 100 writes within",
        "data-figure=\"crowded_per_minute\">2</span>",
        "<th scope=\"col\">Crowding, %</th>",
        "<td>50</td>",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    let curves = between(&page, "id=\"points\"", "</script>").and_then(|text| text.split_once('>'));
    let curves: serde_json::Value =
        serde_json::from_str(curves.expect("a script of data").1).expect("JSON");
    assert_eq!(
        curves["crowding_percent"].as_array().and_then(|all| all.last()),
        Some(&json!(50.0))
    );
    assert_eq!(curves["at_s"].as_array().map(Vec::len), Some(13));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_is_sold_out_is_called_so_whatever_is_paused() {
    let mut definition = gala();
    definition.performances.remove(0);
    let house = House::open(definition).await;
    let ana = house.ana().await;
    house.buy(json!([{ "performance": "matinee", "pool": "last", "units": 1 }]), "pi_1").await;
    house.board_says("matinee", |counts| counts["sold"] == 1).await;
    house.change(json!({ "type": "pause_calling" })).await.ok(200);
    let page = ana.get(NOW).await.text;
    assert_eq!(between(&page, "role=\"status\">", "</p>"), Some("Sold out"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_says_what_the_night_was_and_can_be_kept_as_a_file() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let vi = ana.invite("Vi", Role::Viewer).await;
    house.watched(5);
    house.buy(json!([seat("A1"), seat("A2")]), "pi_1").await;
    house.board_says("fri", |counts| counts["sold"] == 2).await;
    house.watched(60);
    let evil = "</section><img src=x onerror=alert(1)>";
    let body = json!({ "revision": 1, "reason": evil, "action": { "type": "set_cap", "cap": 7 } });
    let changes = format!("{SALE}/changes");
    house.ops(Method::POST, &changes).key().json(&body).send().await.ok(200);
    let page = vi.get(AFTER).await;
    assert_eq!(page.status, 200);
    let saved = vi.get(&format!("{AFTER}?save")).await;
    for text in [&page.text, &saved.text] {
        for told in [
            "<dt>Orders</dt><dd>1</dd>",
            "<dt>Seats and places sold</dt><dd>2 of 31</dd>",
            "<th scope=\"row\">Zone a</th><td>full</td><td>50.00</td><td>2</td><td>100.00</td>",
            "Amounts in EUR",
            "<polyline class=\"line line-1\"",
            ">visitors</text>",
            "set the cap to 7",
            "opened the sale",
            "The server started",
            "&lt;img src=x",
        ] {
            assert!(text.contains(told), "{told} is not in {text}");
        }
        assert!(!text.contains("<img") && !text.contains(" style="), "{text}");
    }
    for link in [format!("{AFTER}?save"), format!("{AFTER}/curves.csv")] {
        assert!(page.text.contains(&format!("href=\"{link}\"")), "{link} is not in {}", page.text);
    }
    // The page keeps to its policy; the file needs nothing.
    assert!(!page.text.contains("<style"));
    let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe")
    );
    assert!(!page.text.contains("orders.csv") && page.text.contains("curves.csv"));
    for link in ["<script", "<link", "href=", "src=\"", "url("] {
        assert!(!saved.text.contains(link), "{link} in {}", saved.text);
    }
    assert!(saved.text.contains("<style>") && saved.text.contains("@media print"));
    let kept_as = saved.header("content-disposition").expect("a file").to_owned();
    assert!(kept_as.starts_with("attachment; filename=\"gala-20"), "{kept_as}");
    assert!(kept_as.ends_with("-report.html\""), "{kept_as}");
    assert_eq!((house.noted("save_report", "gala"), page.header("content-disposition")), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_for_who_may_see_them_are_noted_and_hold_no_formula() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let (vi, bo) = (ana.invite("Vi", Role::Viewer).await, ana.invite("Bo", Role::BoxOffice).await);
    house.watched(5);
    let id = house.buy(json!([seat("A1")]), "=cmd|'/c calc'!A1,\"x\"").await;
    house.watched(5);
    let of = |table: &str| format!("{AFTER}/{table}.csv");
    let refused = vi.get(&of("orders")).await;
    assert_eq!((refused.status.as_u16(), house.noted("export", "orders.csv of gala")), (403, 0));
    assert!(refused.text.contains("This is for: box office, operator, manager."), "{refused:?}");
    let orders = bo.get(&of("orders")).await;
    assert_eq!((orders.status.as_u16(), house.noted("export", "orders.csv of gala")), (200, 1));
    assert_eq!(orders.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(orders.headers["cache-control"], "no-store");
    let kept_as = orders.header("content-disposition").expect("a file");
    assert!(kept_as.ends_with("-orders.csv\""), "{kept_as}");
    let lines: Vec<_> = orders.text.split("\r\n").collect();
    let heading = "id,number,basket_opened_at,units,amount_minor,currency,payment,late";
    assert_eq!((lines.len(), lines[0], lines[2]), (3, heading, ""));
    let (start, end) = (format!("{id},1,"), ",1,5000,EUR,\"'=cmd|'/c calc'!A1,\"\"x\"\"\",false");
    assert!(lines[1].starts_with(&start) && lines[1].ends_with(end), "{}", lines[1]);
    house.board_says("fri", |counts| counts["sold"] == 1).await;
    let performances = vi.get(&of("performances")).await;
    assert!(
        performances.text.contains("\r\nfri,Friday,,30,27,0,0,1,2,on_sale\r\n"),
        "{performances:?}"
    );
    let curves = vi.get(&of("curves")).await;
    assert_eq!(curves.text.lines().count(), 3, "{curves:?}");
    assert_eq!(heading_cells(&curves), heading_cells_of(curves.text.lines().nth(2)));
    let changes = vi.get(&of("changes")).await;
    assert!(changes.text.contains(",Ada,opened the sale,a test,\"{\"\"type\"\":\"\"open\"\"}\""));
    let milestones = vi.get(&of("milestones")).await;
    assert!(milestones.text.contains(",The server started,\r\n"), "{milestones:?}");
    assert_eq!(house.noted("export", "milestones.csv of gala"), 1);
    assert_eq!(ana.get(&of("secrets")).await.status, 404);
}

fn heading_cells(table: &Answer) -> usize {
    heading_cells_of(Some(heading(table)))
}

fn heading_cells_of(line: Option<&str>) -> usize {
    line.unwrap_or_default().split(',').count()
}
