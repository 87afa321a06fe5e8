//! An app that knows `cfWaitingRoom` and nothing of ours: it asks for what it wants, keeps cookies,
//! and asks again when it is told to.

use std::time::Duration;

use http::Method;
use http::header::ACCEPT;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::browser::{Browser, Page};
use super::caddy::caddy;
use super::nginx::nginx;
use super::shop::Shop;
use super::{BOUND, SALE, Venue};

/// All that an app says of itself; the token is the shop's, and no business of ours.
const APP: &[(&str, &str)] = &[
    ("accept", "application/json"),
    ("authorization", "Bearer of-the-shop"),
    ("idempotency-key", "of-the-shop"),
];
/// Every field that such an app may look for.
const FIELDS: [&str; 25] = [
    "inWaitingRoom",
    "infiniteQueue",
    "isEventActive",
    "isEventPrequeueing",
    "isFIFOQueue",
    "isPassthroughQueue",
    "isRandomQueue",
    "isRejectQueue",
    "lastUpdated",
    "queueAll",
    "queueIsFull",
    "queueingMethod",
    "refreshIntervalSeconds",
    "shuffleAtEventStart",
    "timeUntilEventEnd",
    "timeUntilEventEndFormatted",
    "timeUntilEventStart",
    "timeUntilEventStartFormatted",
    "turnstile",
    "waitTime",
    "waitTime25Percentile",
    "waitTime50Percentile",
    "waitTime75Percentile",
    "waitTimeFormatted",
    "waitTimeKnown",
];

fn gate(shop: &Shop) -> String {
    format!("[origin]\nurl = \"http://{}\"\n[apps]\nstatus = 202\n", shop.address)
}

async fn ask(app: &Browser, path: &str) -> Page {
    app.ask(Method::GET, path, APP, "").await
}

/// The object, if an answer is one.
fn room(page: &Page) -> Option<Value> {
    let body: Value = serde_json::from_str(&page.text).ok()?;
    body.get("cfWaitingRoom").cloned()
}

/// Asks until there is something else than the object, and says how often that was told.
async fn wait(app: &Browser, path: &str) -> (Page, usize) {
    let waited = timeout(BOUND, async {
        let mut told = 0;
        loop {
            let page = ask(app, path).await;
            let Some(room) = room(&page) else { return (page, told) };
            assert_eq!(page.header("cache-control"), Some("no-store"));
            told += 1;
            let seconds = room["refreshIntervalSeconds"].as_u64().expect("whole seconds");
            assert!((1..=60).contains(&seconds), "{room}");
            sleep(Duration::from_secs(seconds)).await;
        }
    });
    waited.await.expect("it is its turn")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_only_knows_the_object_waits_and_reaches_the_shop() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, &gate(&shop));
    let (first, second) = (Browser::new(venue.address()), Browser::new(venue.address()));
    let told = ask(&first, "/shows/1?x=1").await;
    assert_eq!(
        (told.status.as_u16(), told.header("content-type")),
        (202, Some("application/json"))
    );
    let object = room(&told).expect("the object");
    let mut names: Vec<_> = object.as_object().expect("an object").keys().collect();
    names.sort_unstable();
    assert_eq!(names, FIELDS);
    assert_eq!(
        (&object["inWaitingRoom"], &object["queueingMethod"]),
        (&true.into(), &"fifo".into())
    );
    assert!(shop.take().is_empty(), "nothing reached the shop");
    let (inside, told) = wait(&first, "/shows/1?x=1").await;
    assert_eq!((inside.status.as_u16(), &*inside.text), (200, "the shop at /shows/1?x=1"));
    assert_eq!(inside.header("cache-control"), Some("no-store"), "it gives a pass");
    assert!(told <= 3, "it was told {told} times to wait in an empty queue");
    let [one] = &shop.take()[..] else { panic!("one request") };
    assert_eq!(one.headers["authorization"], "Bearer of-the-shop");
    assert_eq!(ask(&first, "/shows/2").await.text, "the shop at /shows/2");
    // The one slot is taken: whoever is behind waits until it is given back.
    let behind = ask(&second, "/shows/1").await;
    assert!(room(&behind).is_some() && first.slots().await == 1);
    assert_eq!(first.post(&format!("/{SALE}/leave"), "").await.status, 303);
    assert_eq!(wait(&second, "/shows/1").await.0.text, "the shop at /shows/1");
    assert!(room(&ask(&first, "/shows/1").await).is_some(), "it waits again");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_another_proxy_an_app_is_told_once_more_and_comes_with_its_pass() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, "");
    let caddy = caddy(&venue, &shop);
    let app = Browser::new(caddy.address.to_string());
    let told = ask(&app, "/shows/1").await;
    assert_eq!(told.status, 429, "2xx would be a yes");
    assert!(room(&told).is_some() && told.header("retry-after").is_some());
    let (inside, _) = wait(&app, "/shows/1").await;
    assert_eq!((inside.status.as_u16(), &*inside.text), (200, "the shop at /shows/1"));
    assert_eq!(shop.take().len(), 1);
    let status = [(ACCEPT.as_str(), "application/json"), ("x-original-uri", "/shows/1")];
    let asked = Browser::new(venue.address());
    let told = asked.ask(Method::GET, "/v1/ask?as=status", &status, "").await;
    assert_eq!((told.status.as_u16(), told.header("set-cookie")), (403, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_sends_an_app_on_to_ask_by_itself_with_the_lines_of_the_documents() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, "");
    let page = include_str!("../../../docs/apps.md");
    let lines = page.split("```").find_map(|block| block.strip_prefix("nginx\n"));
    let (line, told) = ("error_page 401 = @wait;", "error_page 403 = @told;");
    let other = "    location @wait {";
    let changes = [
        (line, &*format!("{line} {told}")),
        (other, &*format!("{}\n{other}", lines.expect("lines for nginx"))),
    ];
    let nginx = nginx(&venue, &shop, &changes);
    let app = Browser::new(nginx.address.to_string());
    assert_eq!(ask(&app, "/shows/1?as=status").await.status, 429);
    let (inside, _) = wait(&app, "/shows/1?as=status").await;
    assert_eq!((inside.status.as_u16(), &*inside.text), (200, "the shop at /shows/1?as=status"));
    assert_eq!(shop.take().len(), 1);
}
