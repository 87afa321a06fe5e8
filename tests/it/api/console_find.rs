//! Find: what the box office sees of one visitor, and does for them.

use http::Method;
use serde_json::{Value, json};
use stanchion::token::role::Role;

use super::console::{Browser, between};
use super::sample::gala;
use super::{Ask, House, SALE, seat, standing};

const FIND: &str = "/console/sales/gala/find";

/// The page that shows what goes by this.
fn find(what: &str) -> String {
    let what: String = form_urlencoded::byte_serialize(what.as_bytes()).collect();
    format!("{FIND}?what={what}")
}

impl House {
    /// A visitor with a basket of two units, 70.00 EUR: the pass, and the basket.
    async fn shopper(&self) -> (String, Value) {
        let pass = self.enter().await;
        let held = self.hold(&pass, json!([seat("A1"), standing(1)])).await.ok(201);
        (pass, held)
    }

    async fn pay(&self, pass: &str, basket: &Value, payment: &str) {
        let path = format!("/baskets/{}", basket["id"].as_str().expect("an id"));
        let checked_out = self.post(&format!("{path}/checkout")).bearer(pass).key().send().await;
        checked_out.ok(200);
        let confirm = self.post(&format!("{path}/confirm")).bearer(&self.shop).key();
        confirm.json(&json!({ "payment": payment })).send().await.ok(200);
    }

    async fn revision(&self) -> String {
        self.ops(Method::GET, SALE).send().await.ok(200)["revision"].to_string()
    }

    /// The newest entry of the audit.
    async fn newest(&self) -> Value {
        let audit = self.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
        audit["entries"].as_array().and_then(|all| all.last()).expect("a change").clone()
    }

    fn book(&self) -> Vec<(String, String, String, String)> {
        let newest = self.people.book.newest(100).expect("it can be read");
        let entry = |entry: stanchion::staff::book::Entry| {
            (entry.actor, entry.did, entry.about, entry.reason)
        };
        newest.into_iter().map(entry).collect()
    }
}

impl Browser<'_> {
    /// Sees what a deed will do, and does it: the words, and the answer.
    async fn does(&self, what: &str, fields: &[(&str, &str)]) -> (String, super::Answer) {
        let revision = self.house.revision().await;
        let mut all = vec![("revision", revision.as_str()), ("reason", "she called")];
        all.extend_from_slice(fields);
        let sure = self.send(&find(what), &all).await;
        assert_eq!(sure.status, 202, "{sure:?}");
        let told = between(&sure.text, "<blockquote>", "</blockquote>").expect("it is said first");
        all.push(("step", "do"));
        (told.to_owned(), self.send(&find(what), &all).await)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_found_by_its_number_and_whoever_looked_stands_in_the_book() {
    let house = House::new(gala());
    let (ana, place) = (house.ana().await, house.join().await);
    house.join().await;
    let number = house.place(&place).await["number"].to_string();
    let page = ana.get(&find(&format!(" #{number}"))).await;
    assert_eq!(page.status, 200);
    for told in [format!("Place {number}"), "waiting".to_owned(), "0 ahead".to_owned()] {
        assert!(page.text.contains(&told), "{told}: {}", page.text);
    }
    assert!(page.text.contains("Last seen") && page.text.contains(" s ago, about "));
    let seen = ("Ana".to_owned(), "look_up".to_owned(), format!("place {number} of gala"));
    let (actor, did, about, _) = house.book().swap_remove(0);
    assert_eq!((actor, did, about), seen);
    let none = ana.get(&find("999")).await.text;
    assert!(none.contains("Queue numbers go from 1 to 2 so far"), "{none}");
    assert!(!none.contains("What you can do"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basket_is_found_by_letters_id_and_payment_also_when_a_letter_is_wrong() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let (pass, basket) = house.shopper().await;
    let (id, code) = (text(&basket["id"]), text(&basket["code"]));
    let page = ana.get(&find(id)).await.text;
    for told in
        ["Stalls, row A, seat 1", "standing × 1", "70.00 EUR", "Friday, Zone a, full", "Place "]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(page.contains(&format!("Basket {code}")) && page.contains("Give more time"), "{page}");
    house.pay(&pass, &basket, "Pay_1").await;
    for what in [code, &code.to_lowercase().replace('-', " "), "pay_1"] {
        let page = ana.get(&find(what)).await.text;
        assert!(page.contains(&format!("Order {code}")), "{what}: {page}");
        assert!(page.contains("an order: paid") && page.contains("Pay_1"), "{page}");
        assert!(page.contains("Take the order back") && !page.contains("Give more time"));
    }
    let other = if code.ends_with('7') { "8" } else { "7" };
    let misheard = format!("{}{other}", &code[..code.len() - 1]);
    for what in [misheard.as_str(), &id[..6], "ay_1"] {
        let page = ana.get(&find(what)).await.text;
        assert!(page.contains("Nothing goes by exactly that. Is it this one?"), "{what}: {page}");
        assert!(page.contains(&format!("what={id}")) && !page.contains("Take the order back"));
    }
    let theirs = ana.get(&find(&basket["pass"].to_string())).await.text;
    assert!(theirs.contains("in the shop") && theirs.contains(&format!("Order {code}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_by_the_same_is_listed_all_of_it() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    for (seat_id, payment) in [("A1", "2"), ("A2", "2")] {
        let pass = house.enter().await;
        let basket = house.hold(&pass, json!([seat(seat_id)])).await.ok(201);
        house.pay(&pass, &basket, payment).await;
    }
    let page = ana.get(&find("2")).await.text;
    assert!(page.contains("3 go by that: which one is it?"), "{page}");
    assert!(page.contains("Place 2") && page.matches("payment 2, of place").count() == 2);
    assert!(!page.contains("What you can do"), "nothing is done to one of several");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_office_brings_a_place_back_and_gives_a_code_that_is_good() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let bo = ana.invite("Bo", Role::BoxOffice).await;
    let place = house.join().await;
    let number = house.stands(&place, "called").await["number"].to_string();
    house.delete("/places/me").bearer(&place).send().await.ok(204);
    house.stands(&place, "ended").await;
    house.change(json!({ "type": "pause_calling" })).await.ok(200);
    let page = bo.get(&find(&number)).await.text;
    assert!(page.contains("ended: given up") && page.contains("Let them back in"), "{page}");
    let asked = [("action", "restore_place"), ("number", number.as_str())];
    let (told, done) = bo.does(&number, &asked).await;
    assert!(told.contains("they are next as soon as"), "{told}");
    assert_eq!(done.header("location"), Some(find(&number).as_str()));
    house.stands(&place, "returning").await;
    let newest = house.newest().await;
    assert_eq!((&newest["actor"], &newest["reason"]), (&json!("Bo"), &json!("she called")));
    let page = bo.get(&find(&number)).await.text;
    assert!(page.contains(&format!("Bo let the visitor {number} back in")), "{page}");
    let asked = [("action", "give_code"), ("number", number.as_str())];
    let (told, given) = bo.does(&number, &asked).await;
    assert!(told.contains("Be sure of who asks"), "{told}");
    let code = between(&given.text, "<code class=\"code\">", "</code>").expect("a code");
    let arrival = house.post("/moves").key().json(&json!({ "code": code })).send().await;
    assert_eq!(arrival.ok(200)["number"].to_string(), number);
    house.get("/places/me").bearer(&place).send().await.is(410, "moved");
    let why = super::until(async || {
        let mut book = house.book().into_iter();
        book.find(|(_, did, ..)| did == "give_place_back")
            .map(|(actor, .., reason)| (actor, reason))
    });
    assert_eq!(why.await, ("Bo".to_owned(), "she called".to_owned()));
    assert!(bo.get(&find(&number)).await.text.contains("moved to another"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_basket_gets_more_time_and_a_pass_ends() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let (pass, basket) = house.shopper().await;
    let (id, number) = (text(&basket["id"]), basket["pass"].to_string());
    let left = async || {
        let path = format!("/baskets/{id}");
        house.get(&path).bearer(&pass).send().await.ok(200)["expires_in_ms"].as_u64()
    };
    let before = left().await.expect("it is live");
    let more = [("action", "extend_basket"), ("basket", id), ("minutes", "7")];
    let (told, done) = ana.does(id, &more).await;
    assert!(told.contains("7 minutes more. It runs out in 1"), "{told}");
    assert_eq!(done.status, 303, "{done:?}");
    assert!(left().await.expect("still") > before + 6 * 60_000);
    let none = [("action", "extend_basket"), ("basket", id), ("minutes", "0")];
    let words = [("action", "extend_basket"), ("basket", id), ("minutes", "long")];
    for wrong in [none, words] {
        let refused = ana.send(&find(id), &wrong).await;
        let told = "Minutes: a whole number from 1 to 1,440.";
        assert!(refused.text.contains(told), "{}", refused.text);
    }
    let (told, done) = ana.does(&number, &[("action", "end_pass"), ("number", &number)]).await;
    assert!(told.contains("their basket") && told.contains("70.00 EUR"), "{told}");
    assert_eq!(done.status, 303);
    house.get("/passes/me").bearer(&pass).send().await.is(403, "no_pass");
    let page = ana.get(&find(&number)).await.text;
    assert!(page.contains("Let them back in"), "it can be taken back: {page}");
    assert!(page.contains(&format!("Ana ended the pass {number}")) && page.contains("given back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_sale_time_stands_still_nothing_ends_at_an_hour() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let (_, basket) = house.shopper().await;
    let (inside, called) = (house.join().await, house.join().await);
    let number = async |place| house.stands(place, "called").await["number"].to_string();
    let pages = [text(&basket["id"]).to_owned(), number(&inside).await, number(&called).await];
    house.post("/passes").bearer(&inside).send().await.ok(200);
    let ends = async |what: &String| {
        let page = ana.get(&find(what)).await.text;
        let told = ["Ends", "Runs out"].iter().find_map(|fact| {
            between(&page, &format!("<dt>{fact}</dt><dd>"), "</dd>").map(str::to_owned)
        });
        told.unwrap_or_else(|| panic!("{what} has no end: {page}"))
    };
    for what in &pages {
        let told = ends(what).await;
        assert!(told.contains(" UTC") && !told.contains("runs again"), "{what}: {told}");
    }
    house.change(json!({ "type": "freeze_time" })).await.ok(200);
    for what in &pages {
        let told = ends(what).await;
        assert!(told.contains("runs again") && !told.contains(" UTC"), "{what}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_taken_back_only_by_who_types_its_letters() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let (pass, basket) = house.shopper().await;
    house.pay(&pass, &basket, "pay_1").await;
    let (id, code) = (text(&basket["id"]), text(&basket["code"]));
    let cancel = [("action", "cancel_order"), ("basket", id)];
    for typed in ["", "everyone", "0000-0000"] {
        let (told, refused) = ana.does(id, &[&cancel[..], &[("typed", typed)]].concat()).await;
        assert!(told.contains("No money goes back by this"), "{told}");
        assert!(refused.text.contains(&format!("type “{code}” to confirm")), "{typed}");
    }
    let typed = code.to_lowercase();
    let (_, done) = ana.does(id, &[&cancel[..], &[("typed", &typed)]].concat()).await;
    assert_eq!(done.status, 303, "{done:?}");
    let page = ana.get(&find(id)).await.text;
    assert!(page.contains("an order that was taken back") && page.contains("Ana took an order"));
    assert!(!page.contains("What you can do"), "{page}");
    house.board_says("fri", |counts| counts["sold"] == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_others_did_to_the_same_thing_stops_a_deed() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let (_, basket) = house.shopper().await;
    let id = text(&basket["id"]);
    let looked_at = house.revision().await;
    house.change(json!({ "type": "set_cap", "cap": 400 })).await.ok(200);
    let late = [
        ("action", "extend_basket"),
        ("basket", id),
        ("minutes", "1"),
        ("revision", &looked_at),
        ("step", "do"),
    ];
    assert_eq!(ana.send(&find(id), &late).await.status, 303, "the cap is another matter");
    let told = ana.send(&find(id), &late).await.text;
    assert!(told.contains("Meanwhile: ") && told.contains("Ana gave a basket 1 minute more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_it_all_and_has_no_buttons() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let vi = ana.invite("Vi", Role::Viewer).await;
    let (_, basket) = house.shopper().await;
    let id = text(&basket["id"]);
    let page = vi.get(&find(id)).await.text;
    assert!(page.contains("70.00 EUR") && !page.contains("Give more time"), "{page}");
    let more = [("action", "extend_basket"), ("basket", id), ("minutes", "7"), ("revision", "1")];
    assert_eq!(vi.send(&find(id), &more).await.status, 403);
    let ask = Ask { api: &house.ops, ..house.ask(Method::GET, &format!("{SALE}/baskets/{id}")) };
    ask.bearer(&house.viewer).send().await.ok(200);
}
