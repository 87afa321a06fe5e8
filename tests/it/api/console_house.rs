//! Performances and seat maps in the console: what is seen, and what is kept off sale.

use http::Method;
use serde_json::json;
use stanchion::token::role::Role;
use stanchion_domain::id::{PlanIndex, RowIndex, SectionIndex, ZoneIndex};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::definition::{Definition, Performance, Pool, Seating};
use stanchion_domain::time::WallTime;

use super::console::{Browser, between};
use super::sample::gala;
use super::{Answer, House, SALE, seat, standing, until};

const TABLE: &str = "/console/sales/gala/performances";
const FRIDAY: &str = "/console/sales/gala/performances/fri";
const EVIL: &str = "</script><img src=x onerror=alert(1)>\"'";

/// The first moment of 2027.
const NEW_YEAR_MS: i64 = 1_798_761_600_000;
const QUARTER_MS: i64 = 15 * 60 * 1_000;

fn slots(count: u32) -> Definition {
    let slot = |at: u32| Performance {
        id: format!("slot-{at}"),
        name: format!("Slot {at}"),
        starts_at: Some(WallTime(NEW_YEAR_MS + i64::from(at) * QUARTER_MS)),
        pools: vec![Pool {
            id: "all".to_owned(),
            name: "All".to_owned(),
            zone: ZoneIndex(1),
            capacity: 10 + at,
            withheld: 0,
        }],
        ..Performance::default()
    };
    Definition { performances: (0..count).map(slot).collect(), ..gala() }
}

/// One performance in a house of so many rows of 100.
fn large(rows: u32) -> Definition {
    let row = |at: u32| Row {
        label: at.to_string(),
        section: SectionIndex(0),
        seats: at * 100..at * 100 + 100,
        breaks: Vec::new(),
    };
    let point = |at: u32| i32::try_from(at * 100).expect("small");
    let one = |at: u32| Seat {
        id: format!("R{}-{}", at / 100, at % 100),
        label: (at % 100).to_string(),
        row: RowIndex(at / 100),
        category: 0,
        at: Point { x: point(at % 100), y: point(at / 100) },
        flags: SeatFlags::default(),
    };
    let plan = SeatPlan {
        id: "arena".to_owned(),
        name: "Arena".to_owned(),
        categories: vec!["all".to_owned()],
        sections: vec![Section { name: "Field".to_owned(), rows: 0..rows, focal_point: None }],
        rows: (0..rows).map(row).collect(),
        seats: (0..rows * 100).map(one).collect(),
        focal_point: None,
    };
    let seating =
        Seating { plan: PlanIndex(0), zone_of_category: vec![ZoneIndex(0)], withheld: vec![] };
    let mut definition = Definition { plans: vec![plan], ..gala() };
    definition.performances[0].seating = Some(seating);
    definition
}

/// The ids of the rows that a page of the table shows, in order.
fn rows(page: &Answer) -> Vec<&str> {
    assert_eq!(page.status, 200, "{page:?}");
    let rows = page.text.split("<tr data-row=").skip(1);
    rows.map(|row| between(row, "<small>", "</small>").expect("an id")).collect()
}

/// Sends a form of a performance with the newest revision.
async fn ask(browser: &Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(FRIDAY).await;
    let revision =
        between(&page.text, "name=\"revision\" value=\"", "\"").expect("a form").to_owned();
    let all = [&[("revision", revision.as_str())][..], fields].concat();
    browser.send(FRIDAY, &all).await
}

/// Takes the second step as the page of the first says, and looks at where that leads to.
async fn confirm(browser: &Browser<'_>, sure: &Answer) -> Answer {
    let form = between(&sure.text, "Is this what you mean?", "</form>").expect("a first step");
    let hidden = form.split("<input type=\"hidden\" name=\"").skip(1).map(|input| {
        let (name, rest) = input.split_once("\" value=\"").expect("a field");
        (name, rest.split_once('"').expect("its value").0)
    });
    let hidden = hidden.filter(|(name, _)| *name != "form_token");
    let reason = between(form, "name=\"reason\" value=\"", "\"").expect("a reason, if empty");
    let fields: Vec<_> = hidden.chain([("reason", reason), ("step", "do")]).collect();
    let done = browser.send(FRIDAY, &fields).await;
    match done.header("location") {
        Some(to) => browser.get(to).await,
        None => done,
    }
}

async fn letters(browser: &Browser<'_>) -> String {
    let seats = browser.get(&format!("{FRIDAY}/live")).await.ok(200);
    seats["seats"].as_str().expect("letters").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_thirteen_thousand_is_filtered_sorted_and_turned_page_by_page() {
    let house = House::open(slots(13_000)).await;
    let ana = house.ana().await;
    let page = async |query: &str| ana.get(&format!("{TABLE}{query}")).await;
    let first = page("").await;
    assert_eq!((rows(&first).len(), rows(&first)[0]), (200, "slot-0"));
    assert!(first.text.contains("1 to 200 of 13,000."), "{}", first.text);
    let third = page("?page=3").await;
    assert_eq!(rows(&third)[0], "slot-400");
    assert!(third.text.contains("401 to 600 of 13,000.") && third.text.contains("Page 3 of 65"));
    assert_eq!(rows(&page("?page=9999").await)[0], "slot-12800");
    assert_eq!(rows(&page("?sort=-start").await)[0], "slot-12999");
    assert_eq!(rows(&page("?sort=available").await)[..2], ["slot-0", "slot-1"]);
    assert_eq!(rows(&page("?sort=-available").await)[0], "slot-12999");
    assert_eq!(rows(&page("?sort=nonsense&page=x").await)[0], "slot-0");
    let some = page("?text=SLOT-1299").await;
    assert_eq!(rows(&some).len(), 11);
    assert!(some.text.contains("1 to 11 of 11 that are like that, of 13,000 in all."));
    // A day of quarters of an hour.
    let day = page("?from=2027-01-02&to=2027-01-02").await;
    assert_eq!((rows(&day).len(), rows(&day)[0]), (96, "slot-96"));
    assert_eq!(rows(&page("?status=sold_out").await).len(), 0);
    let wrong = page("?from=tomorrow&status=none").await;
    assert!(wrong.text.contains("A day is written like 2026-11-21."));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_that_are_shown_are_told_when_they_change_and_no_others() {
    let house = House::open(slots(300)).await;
    let ana = house.ana().await;
    let version = async || {
        let page = ana.get(TABLE).await.text;
        between(&page, "data-version=\"", "\"").expect("a version").to_owned()
    };
    let before = version().await;
    let part = async |of: &str, since: &str| {
        ana.get(&format!("{TABLE}?part=rows&of={of}&since={since}")).await
    };
    assert_eq!(rows(&part("0-199", "0").await).len(), 200);
    assert_eq!(rows(&part("0-199", &before).await).len(), 0);
    let pass = house.enter().await;
    let items = json!([{ "performance": "slot-7", "pool": "all", "units": 3 }]);
    house.hold(&pass, items).await.ok(201);
    house.board_says("slot-7", |counts| counts["held"] == 3).await;
    let news = part("0-6,7,9-20", &before).await;
    assert_eq!(rows(&news), ["slot-7"]);
    assert!(news.text.contains("<td class=\"n\">14</td>"), "{}", news.text);
    assert_eq!(rows(&part("0-6", &before).await).len(), 0);
    assert_eq!(rows(&ana.get(&format!("{TABLE}?sort=baskets")).await)[0], "slot-7");
    part("0-200", "0").await.is(400, "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_the_house_and_only_who_steers_keeps_seats_off_sale() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let fields = [("to", "house"), ("seat", "0"), ("revision", "1"), ("step", "do")];
    for role in [Role::Viewer, Role::BoxOffice] {
        let browser = ana.invite(role.name(), role).await;
        for path in [TABLE, FRIDAY, &format!("{FRIDAY}?rows=0")] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            for control in ["<button class=\"quiet\" name=\"to\"", "type=\"checkbox\""] {
                assert!(!page.text.contains(control), "{role:?} {path}");
            }
        }
        assert_eq!(letters(&browser).await, "aaaaaaaawk");
        assert_eq!(browser.send(FRIDAY, &fields).await.status, 403, "{role:?}");
    }
    assert_eq!(letters(&ana).await, "aaaaaaaawk");
    let operator = ana.invite("operator", Role::Operator).await;
    assert_eq!(operator.send(FRIDAY, &fields).await.status, 303);
    assert_eq!(letters(&ana).await, "waaaaaaawk");
    let gone = ana.get(&format!("{TABLE}/none")).await;
    assert!(gone.status == 404 && gone.text.contains("No such performance"));
    ana.get(&format!("{TABLE}/none/live")).await.is(404, "not_found");
    ana.get(&format!("{TABLE}/matinee/plan")).await.is(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_says_its_state_and_its_basket() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let since = ana.get(&format!("{FRIDAY}/live")).await.ok(200)["version"].clone();
    let pass = house.enter().await;
    let basket = house.hold(&pass, json!([seat("A2"), standing(3)])).await.ok(201)["id"].clone();
    let id = basket.as_str().expect("an id");
    let news = ana.get(&format!("{FRIDAY}/live?since={since}")).await.ok(200);
    assert_eq!(news["changes"], json!([[1, "h"]]));
    let owner = ana.get(&format!("{FRIDAY}/owner?seat=1")).await.ok(200);
    assert_eq!(owner["basket"], id);
    assert_eq!(ana.get(&format!("{FRIDAY}/owner?seat=0")).await.ok(200), json!({}));
    ana.get(&format!("{FRIDAY}/owner")).await.is(404, "not_found");
    house.board_says("fri", |counts| counts["held"] == 4).await;
    let page = ana.get(&format!("{FRIDAY}?rows=0")).await.text;
    assert!(page.contains("Row A: 4 available, 1 in a basket"), "{page}");
    assert!(page.contains("Row B: 3 available, 1 withheld for the house, 1 killed"), "{page}");
    assert!(page.contains(&format!("/console/sales/gala/find?what={id}")), "{page}");
    let part = ana.get(&format!("{FRIDAY}?part=counts")).await.text;
    let pool = between(&part, "<th scope=\"row\">standing</th>", "</tr>").expect("the pool");
    let cells: Vec<_> = pool.split("<td class=\"n\">").skip(1).map(|cell| &cell[..2]).collect();
    assert_eq!(cells, ["20", "17", "3<", "0<", "0<", "0<"]);
    assert!(part.starts_with("<p><span") && !part.contains("<html"));
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_are_kept_off_sale_as_was_said_and_taken_back() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let pass = house.enter().await;
    house.hold(&pass, json!([seat("A2")])).await.ok(201);
    // A row, a range and a seat by itself; one is in a basket, two are withheld.
    let chosen = [("to", "killed"), ("row", "0"), ("seats", "7-9"), ("seat", "3")];
    let sure = ask(&ana, &chosen).await;
    assert_eq!(sure.status, 202);
    for told in [
        "Keep 5 seats off sale for everybody: they are killed: \
         Stalls, row A: 1, 3 to 5; Stalls, row B: 3.",
        "Of the 8 chosen, the others stay as they are: 1 in a basket, 1 withheld for the house, \
         1 killed.",
        "data-chosen=\"0,2-4,7\"",
    ] {
        assert!(sure.text.contains(told), "{told}: {}", sure.text);
    }
    assert_eq!(letters(&ana).await, "ahaaaaaawk", "nothing is done yet");
    let done = confirm(&ana, &sure).await;
    assert!(done.text.contains("Done: 5 seats are killed."), "{}", done.text);
    assert!(done.text.contains("Ana killed 5 seats"));
    assert_eq!(letters(&ana).await, "khkkkaakwk");
    let undo = between(&done.text, "name=\"undo\" value=\"", "\"").expect("it can be taken back");
    let sure = ask(&ana, &[("undo", undo)]).await;
    assert!(sure.text.contains("Put 5 seats back on sale: Stalls, row A"), "{}", sure.text);
    let done = confirm(&ana, &sure).await;
    assert!(done.text.contains("Done: 5 seats are on sale again."), "{}", done.text);
    assert!(!done.text.contains("name=\"undo\""), "nothing is left to take back");
    assert_eq!(letters(&ana).await, "ahaaaaaawk");
    for (fields, told) in [
        (
            &[("to", "house"), ("seat", "1")][..],
            "Nothing can be done with the seats chosen: 1 in a",
        ),
        (&[("to", "sale"), ("seat", "0")], "1 available."),
        (&[("to", "house")], "Choose seats first."),
        (&[("to", "house"), ("seat", "10")], "There is no such seat."),
        (&[("to", "house"), ("row", "2")], "There is no such row."),
        (&[("to", "nowhere"), ("seat", "0")], "Say what shall become of them."),
        (&[("undo", "99")], "There is nothing to take back."),
    ] {
        let wrong = ask(&ana, fields).await.text;
        assert!(wrong.contains(told) && !wrong.contains("Is this what you mean?"), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_at_an_older_revision_is_told_and_a_faster_shopper_keeps_the_seat() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let sure = ask(&ana, &[("to", "house"), ("seats", "0-2")]).await;
    let bo = ana.invite("Bo", Role::Operator).await;
    let by_bo = ask(&bo, &[("to", "killed"), ("seat", "2")]).await;
    assert!(confirm(&bo, &by_bo).await.text.contains("Done: 1 seat is killed."));
    let told = confirm(&ana, &sure).await;
    assert!(told.text.contains("Meanwhile: Bo killed 1 seat. Apply yours to that?"), "{told:?}");
    assert!(told.text.contains("Keep 2 seats off sale for the house"), "{}", told.text);
    let pass = house.enter().await;
    house.hold(&pass, json!([seat("A1")])).await.ok(201);
    let done = confirm(&ana, &told).await;
    let honest = "Done: 1 seat is kept for the house. 1 of the 2 asked for had changed meanwhile.";
    assert!(done.text.contains(honest), "{}", done.text);
    assert_eq!(letters(&ana).await, "hwkaaaaawk");
}

#[tokio::test(flavor = "multi_thread")]
async fn units_of_a_pool_are_kept_off_sale_and_put_back() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    for (to, units) in [("house", "4"), ("killed", "3")] {
        let sure = ask(&ana, &[("pool", "standing"), ("units", units), ("to", to)]).await;
        let done = confirm(&ana, &sure).await;
        assert!(done.text.contains(&format!("Done: {units} units are")), "{}", done.text);
        let wanted = if to == "house" { 6 } else { 9 };
        house.board_says("fri", |counts| counts["withheld"] == wanted).await;
    }
    let back = [("pool", "standing"), ("units", "5"), ("to", "sale")];
    let sure = until(async || {
        let sure = ask(&ana, &back).await;
        sure.text.contains("of 7 withheld in standing").then_some(sure)
    });
    let sure = sure.await;
    assert!(sure.text.contains("Put 5 units back on sale, of 7 withheld in standing. Killed ones"));
    confirm(&ana, &sure).await;
    let left = house.board_says("fri", |counts| counts["withheld"] == 4).await;
    assert_eq!(left["counts"]["available"], 26);
    for (units, told) in [("99", "Only 18 of standing are available."), ("x", "a whole number")] {
        let fields = [("pool", "standing"), ("units", units), ("to", "house")];
        let wrong = ask(&ana, &fields).await.text;
        assert!(wrong.contains(told), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_of_thousands_goes_off_sale_in_one_change() {
    let house = House::open(large(90)).await;
    let ana = house.ana().await;
    let sure = ask(&ana, &[("to", "house"), ("seats", "100-2099,3001")]).await;
    assert!(sure.text.contains("Keep 2,001 seats off sale for the house: Field, row 1: 0 to 99;"));
    assert!(sure.text.contains("and 15 more rows."), "{}", sure.text);
    assert!(confirm(&ana, &sure).await.text.contains("Done: 2,001 seats are kept"));
    // No neighbours: the longest text that so many seats can have.
    let every_other: Vec<_> = (2..4_500).map(|at| (at * 2).to_string()).collect();
    let sure = ask(&ana, &[("to", "killed"), ("seats", &every_other.join(","))]).await;
    assert!(confirm(&ana, &sure).await.text.contains("seats are killed."));
    let listed = ana.get(&format!("{FRIDAY}?rows=2")).await.text;
    assert!(listed.contains("Field, rows 20 to 29") && listed.contains("Row 25"), "{listed}");
    assert_eq!(listed.matches("name=\"seat\"").count(), 1_000);
    let too_large = "1".repeat(1 << 20);
    let answer = ask(&ana, &[("to", "house"), ("seats", &too_large)]).await;
    answer.is(413, "body_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_a_sale_are_text_and_never_a_part_of_a_page() {
    let mut evil = gala();
    let text = EVIL.to_owned();
    evil.plans[0].name.clone_from(&text);
    evil.plans[0].sections[0].name.clone_from(&text);
    evil.plans[0].rows[0].label.clone_from(&text);
    evil.plans[0].seats[0].label.clone_from(&text);
    evil.zones.iter_mut().for_each(|zone| zone.name.clone_from(&text));
    evil.performances[0].name.clone_from(&text);
    evil.performances[0].pools[0].name.clone_from(&text);
    evil.performances[1].id = "a/b\"><img".to_owned();
    let house = House::open(evil).await;
    let ana = house.ana().await;
    let other = format!("{TABLE}/a%2Fb%22%3E%3Cimg");
    let sure = ask(&ana, &[("to", "house"), ("row", "0"), ("reason", EVIL)]).await;
    let done = confirm(&ana, &sure).await;
    let search = ana.get(&format!("{TABLE}?text=%22%3E%3Cimg%20src%3Dx")).await;
    let listed = ana.get(&format!("{FRIDAY}?rows=0")).await;
    for page in [ana.get(TABLE).await, search, listed, ana.get(&other).await, sure, done] {
        assert!(page.status.is_success(), "{page:?}");
        assert!(!page.text.contains("<img"), "{}", page.text);
        assert!(!page.text.contains("style="), "{}", page.text);
    }
    assert!(ana.get(TABLE).await.text.contains(&format!("href=\"{other}\"")));
    // What scripts read as data cannot end an element either.
    let plan = ana.get(&format!("{FRIDAY}/plan")).await;
    assert!(!plan.text.contains('<') && plan.json()["sections"][0]["name"] == EVIL);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keys_of_machines_did_is_told_and_taken_back_as_well() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let what = json!({ "performance": "fri", "seats": ["A1", "A2"] });
    house.change(json!({ "type": "withhold", "what": what, "kind": "house" })).await.ok(200);
    let page = ana.get(FRIDAY).await.text;
    assert!(page.contains("Ada kept 2 seats for the house"), "{page}");
    let sure = ask(&ana, &[("undo", "2"), ("reason", "they are needed")]).await;
    confirm(&ana, &sure).await;
    let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    assert_eq!(audit["entries"][2]["actor"], "Ana");
    assert_eq!(audit["entries"][2]["reason"], "they are needed");
    assert_eq!(letters(&ana).await, "aaaaaaaawk");
}
