//! The gate in front of a shop.

use http::Method;
use http::header::ACCEPT;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::browser::Browser;
use super::shop::Shop;
use super::{BOUND, SALE, Venue};

/// Assets and one callback are open, and nobody reaches the back office.
fn gate(shop: &Shop) -> String {
    format!(
        "[origin]\nurl = \"http://{}\"\nconnect_ms = 500\n\
         [[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\", \"HEAD\"]\nthen = \"open\"\n\
         [[rules]]\npath = \"/callback\"\nfrom = [\"127.0.0.0/8\"]\nthen = \"open\"\n\
         [[rules]]\npath = \"/office/*\"\nthen = \"refused\"\n",
        shop.address
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_and_claims_reaches_the_page_they_wanted() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, &gate(&shop));
    let browser = Browser::new(venue.address());
    let away = browser.get("/shows/1?seat=A%2012&x=%26").await;
    let page = away.location().to_owned();
    assert_eq!(page, format!("/{SALE}?to=/shows/1%3Fseat%3DA%252012%26x%3D%2526"));
    assert_eq!(away.header("cache-control"), Some("no-store"));
    assert!(shop.take().is_empty(), "nothing reached the shop");
    let on = browser.wait_and_claim(&page).await;
    assert_eq!(on, "/shows/1?seat=A%2012&x=%26");
    let inside = browser.get(&on).await;
    assert_eq!((inside.status.as_u16(), &*inside.text), (200, &*format!("the shop at {on}")));
    let reached = shop.take();
    let [one] = &reached[..] else { panic!("one request: {reached:?}") };
    assert_eq!((&one.method, &*one.target), (&Method::GET, &*on));
    assert!(!one.headers.contains_key("cookie"), "our cookies are ours: {one:?}");
    let stranger = Browser::new(venue.address());
    assert!(stranger.get(&on).await.location().starts_with(&format!("/{SALE}?to=")));
    let posted = stranger.post("/shows/1", "seat=A").await;
    assert_eq!(posted.location(), format!("/{SALE}"), "what was sent cannot be asked for again");
    assert!(shop.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_and_rules_open_and_refuse() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, &gate(&shop));
    let browser = Browser::new(venue.address());
    let json = [(ACCEPT.as_str(), "application/problem+json")];
    let told = browser.ask(Method::GET, "/shows/1", &json, "").await;
    assert_eq!(told.status, 403);
    let problem: Value = serde_json::from_str(&told.text).expect("JSON");
    assert_eq!(problem["code"], "no_pass");
    assert_eq!(problem["waiting_page"], format!("/{SALE}?to=/shows/1"));
    for (path, status) in [
        ("/assets/a.css", 200),
        ("/callback?ok", 200),
        ("/office/x", 403),
        ("/OFFICE/x", 403),
        ("/office./x", 403),
        ("/office%20;y/x", 403),
        ("/assets/../office/x", 403),
        ("/assets/..%2foffice", 400),
        ("/assets/..;/shows", 400),
        ("/assets/%2e%2e/shows", 303),
        ("/%61ssets//a.css", 200),
        ("/openapi.json", 200),
        (&format!("/{SALE}"), 200),
        (&format!("/v1/sales/{SALE}/board"), 200),
        (&format!("/v1//sales/./{SALE}/board"), 200),
        ("/v1/sales/other/board", 303),
    ] {
        assert_eq!(browser.get(path).await.status, status, "{path}");
    }
    assert_eq!(browser.post("/assets/a.css", "").await.status, 303);
    let targets: Vec<_> = shop.take().into_iter().map(|reached| reached.target).collect();
    assert_eq!(targets, ["/assets/a.css", "/callback?ok", "/assets/a.css"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_no_host_is_answered_where_it_is_ours_and_told_so_where_it_is_the_shops() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, &gate(&shop));
    for (path, status) in [
        ("/openapi.json".to_owned(), 200),
        (format!("/{SALE}"), 200),
        (format!("/v1/sales/{SALE}/board"), 200),
        ("/assets/a.css".to_owned(), 400),
        ("/shows/1".to_owned(), 400),
        ("/office/x".to_owned(), 400),
    ] {
        let mut stream = TcpStream::connect(venue.address()).await.expect("it listens");
        let request = format!("GET {path} HTTP/1.0\r\nAccept: text/html\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut said = String::new();
        let read = timeout(BOUND, stream.read_to_string(&mut said)).await.expect("in time");
        read.expect("text");
        assert!(said.contains(&format!("HTTP/1.0 {status} ")), "{path}: {said}");
        assert_eq!(said.contains(r#""code":"host_missing""#), status == 400, "{path}: {said}");
    }
    assert!(shop.take().is_empty(), "nothing reached the shop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_pass_takes_no_second_slot_and_ends_with_the_first() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, &gate(&shop));
    let browser = Browser::new(venue.address());
    let page = browser.get("/shows/1").await.location().to_owned();
    browser.wait_and_claim(&page).await;
    let copied = browser.copy("pass-");
    assert_eq!(copied.get("/shows/2").await.status, 200);
    assert_eq!(browser.slots().await, 1);
    let renewed = browser.copy("place-");
    assert_eq!(renewed.get("/shows/2").await.status, 303, "a place is no pass");
    assert!(renewed.get(&page).await.text.contains("id=\"shop\""));
    assert_eq!(renewed.get("/shows/2").await.status, 200, "the page gave the pass again");
    assert_eq!(browser.post(&format!("/{SALE}/leave"), "").await.status, 303);
    for other in [&browser, &copied, &renewed] {
        assert_eq!(other.get("/shows/2").await.status, 303, "the pass has ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_away_is_told_as_a_page_and_costs_no_pass() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, &gate(&shop));
    let browser = Browser::new(venue.address());
    let page = browser.get("/shows/1").await.location().to_owned();
    let on = browser.wait_and_claim(&page).await;
    drop(shop);
    let away = loop {
        // A connection may have outlived the shop for a moment.
        let away = browser.get(&on).await;
        if away.status != 200 {
            break away;
        }
    };
    assert_eq!(away.status, 502, "{away:?}");
    assert!(away.header("retry-after").is_some());
    assert!(away.text.contains("The shop does not answer right now"), "{}", away.text);
    assert!(away.text.contains("The Night") && away.text.contains("http-equiv=\"refresh\""));
    let german = [(ACCEPT.as_str(), "text/html"), ("accept-language", "de")];
    let german = browser.ask(Method::POST, "/order", &german, "x=1").await;
    assert!(german.text.contains("Der Shop antwortet gerade nicht"), "{}", german.text);
    assert!(!german.text.contains("http-equiv=\"refresh\""), "what was sent is not sent again");
    assert!(german.text.contains("vielleicht nicht angekommen"), "{}", german.text);
    let json = browser.ask(Method::GET, &on, &[(ACCEPT.as_str(), "application/json")], "").await;
    let problem: Value = serde_json::from_str(&json.text).expect("JSON");
    assert_eq!(problem["code"], "origin_down");
    let place = browser.get(&page).await.text;
    assert!(place.contains("data-scene=\"inside\""), "{place}");
}
