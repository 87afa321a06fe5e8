//! A visit to the shop in front of a scripted server, as a browser makes it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, ORIGIN};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Settings, Shop};
use crate::command_line::demo::fake::{API_KEY, Fake, Script};

struct Browser {
    shop: SocketAddr,
    cookie: String,
}

struct Page {
    status: StatusCode,
    location: String,
    text: String,
}

async fn open(seats: usize, script: Script) -> (Arc<Fake>, SocketAddr, Browser) {
    let (fake, public) = Fake::start(seats, script).await;
    let shop = Shop::bind((Ipv4Addr::LOCALHOST, 0).into()).await.expect("a free port");
    let browser = Browser {
        shop: shop.address().expect("an address"),
        cookie: format!("place-demo=x; pass-demo={}", fake.pass(1)),
    };
    let settings = Settings { public, sale: "demo".to_owned(), api_key: API_KEY.to_owned() };
    tokio::spawn(shop.run(settings, CancellationToken::new()));
    (fake, public, browser)
}

impl Browser {
    async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[], None).await
    }

    async fn json(&self, path: &str) -> Value {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        serde_json::from_str(&page.text).expect("JSON")
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let origin = format!("http://{}", self.shop);
        self.send(Method::POST, path, fields, Some(&origin)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        origin: Option<&str>,
    ) -> Page {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::builder().method(method).header(COOKIE, &self.cookie);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let request = request.uri(format!("http://{}{path}", self.shop)).body(Full::from(body));
        let reply = client.request(request.expect("a request")).await.expect("an answer");
        assert!(reply.headers().contains_key(CONTENT_SECURITY_POLICY), "{path}");
        let location =
            reply.headers().get(LOCATION).map(|to| to.to_str().expect("text").to_owned());
        let status = reply.status();
        let bytes = reply.into_body().collect().await.expect("a body").to_bytes();
        // Slashes are escaped too; a browser reads them back.
        let text = String::from_utf8(bytes.to_vec()).expect("text").replace("&#x2f;", "/");
        let foreign = text.replace("<script src=\"/", "");
        assert!(!foreign.contains("<script") && !text.contains("<b>"), "{path}: {text}");
        Page { status, location: location.unwrap_or_default(), text }
    }
}

impl Page {
    /// The value of the first hidden field of this name in the form that goes to `action`.
    fn field(&self, action: &str, name: &str) -> String {
        let form = self.text.split_once(&format!("action=\"{action}\"")).expect("a form").1;
        let value = form.split_once(&format!("name=\"{name}\" value=\"")).expect("a field").1;
        value.split('"').next().expect("a value").to_owned()
    }
}

#[tokio::test]
async fn who_has_no_pass_is_shown_the_way_to_the_queue() {
    let (_, public, mut browser) = open(10, Script::default()).await;
    browser.cookie = "other=1".to_owned();
    let page = browser.get("/").await;
    assert!(page.text.contains(&format!("href=\"http://{public}/demo\"")), "{}", page.text);
    browser.cookie = "pass-demo=pass-99".to_owned();
    let page = browser.get("/").await;
    assert!(page.text.contains("Your visit to the shop has ended"), "{}", page.text);
    assert!(page.text.contains("To the queue"), "{}", page.text);
}

#[tokio::test]
async fn a_page_says_when_the_visit_ends_and_has_a_way_to_look_and_one_to_stay() {
    let (_, _, browser) = open(10, Script::default()).await;
    for path in ["/", "/performances/tonight", "/performances/tonight/sections/0", "/basket"] {
        let page = browser.get(path).await;
        let told = "data-left-ms=\"300000\" data-soon-ms=\"60000\" data-runs=\"yes\"";
        assert!(page.text.contains(told), "{path}: {}", page.text);
    }
    let visit = json!({"left_ms": 300_000, "soon_ms": 60_000, "runs": true});
    assert_eq!(browser.json("/visit").await, visit);
    let stayed = browser.post("/visit", &[]).await;
    assert_eq!(stayed.status, StatusCode::OK);
    assert_eq!(serde_json::from_str::<Value>(&stayed.text).expect("JSON"), visit);
}

#[tokio::test]
async fn a_visitor_walks_from_the_door_to_an_order_and_double_clicks_buy_once() {
    let (fake, _, browser) = open(10, Script::default()).await;
    let page = browser.get("/").await;
    assert!(page.text.contains("your turn, welcome"), "{}", page.text);
    assert!(page.text.contains("Tonight &lt;b&gt;only"), "{}", page.text);
    assert!(page.text.contains("10 left"), "{}", page.text);

    let page = browser.get("/performances/tonight").await;
    let key = page.field("/holds", "key");
    let fields = [
        ("key", &*key),
        ("basket", ""),
        ("performance", "tonight"),
        ("units", "2"),
        ("price", "A/full"),
    ];
    for _ in 0..2 {
        let page = browser.post("/holds", &fields).await;
        assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/basket"));
    }
    assert_eq!(fake.seats(b'h'), 2);

    let page = browser.get("/performances/tonight/sections/0").await;
    let (key, basket) = (page.field("/holds", "key"), page.field("/holds", "basket"));
    let fields = [
        ("key", &*key),
        ("basket", &*basket),
        ("performance", "tonight"),
        ("seat", "A-7"),
        ("seat", "A-8"),
    ];
    assert_eq!(browser.post("/holds", &fields).await.location, "/basket");
    assert_eq!(fake.seats(b'h'), 4);

    let page = browser.get("/basket").await;
    let told = "Held for you for another <span id=\"left\">1 min 30 s</span>";
    assert!(page.text.contains("180.00 GBP") && page.text.contains(told), "{}", page.text);
    let (key, hold) = (page.field("/release", "key"), page.field("/release", "hold"));
    let fields = [("key", &*key), ("basket", &*basket), ("hold", &*hold)];
    assert_eq!(browser.post("/release", &fields).await.location, "/basket");
    assert_eq!(fake.seats(b'h'), 2);

    let page = browser.get("/basket").await;
    let key = page.field("/checkout", "key");
    let page = browser.post("/checkout", &[("key", &key), ("basket", &basket)]).await;
    let card = page.location;
    assert_eq!(card, format!("/baskets/{basket}/card"));
    let page = browser.get(&card).await;
    let key = page.field("/pay", "key");
    for _ in 0..2 {
        let page = browser.post("/pay", &[("key", &key), ("basket", &basket)]).await;
        assert_eq!(page.location, format!("/orders/{basket}"), "{}", page.text);
    }
    assert_eq!((fake.orders(), fake.seats(b's')), (1, 2));
    // Whoever never saw that answer goes back to where they paid.
    let became = browser.get(&card).await.location;
    assert_eq!(browser.get(&became).await.location, format!("/orders/{basket}"));
    let page = browser.get(&format!("/orders/{basket}")).await;
    assert!(page.text.contains("Thank you") && page.text.contains("90.00 GBP"), "{}", page.text);
    assert!(page.text.contains("Order <code>7K3M-2QXV</code>"), "{}", page.text);
    let key = page.field("/leave", "key");
    assert_eq!(browser.post("/leave", &[("key", &key)]).await.location, "/goodbye");
    let page = browser.get(&format!("/orders/{basket}")).await;
    assert!(page.text.contains("Thank you") && !page.text.contains("/leave"), "{}", page.text);
}

#[tokio::test]
async fn who_comes_second_to_a_seat_is_told_so_and_can_choose_again() {
    let (_, _, browser) = open(10, Script::default()).await;
    for (key, seat, told) in [("k1", "A-3", ""), ("k2", "A-3", "Somebody was faster")] {
        let fields = [("key", key), ("performance", "tonight"), ("seat", seat)];
        let page = browser.post("/holds", &fields).await;
        assert!(page.text.contains(told), "{}", page.text);
        assert_eq!(page.status.is_redirection(), told.is_empty());
    }
}

#[tokio::test]
async fn what_could_not_be_done_can_be_asked_again_with_the_same_key() {
    let (_, _, browser) = open(10, Script { busy_every: Some(1), ..Script::default() }).await;
    let fields = [("key", "k1"), ("performance", "tonight"), ("units", "2")];
    let page = browser.post("/holds", &fields).await;
    assert!(page.text.contains("One moment"), "{}", page.text);
    assert_eq!(page.field("/holds", "key"), "k1");
    assert_eq!(page.field("/holds", "units"), "2");
}

#[tokio::test]
async fn a_visitor_can_leave_the_card_page_and_the_shop() {
    let (fake, _, browser) = open(10, Script::default()).await;
    let fields = [("key", "k1"), ("performance", "tonight"), ("units", "3")];
    browser.post("/holds", &fields).await;
    let page = browser.get("/basket").await;
    let basket = page.field("/checkout", "basket");
    browser.post("/checkout", &[("key", "k2"), ("basket", &basket)]).await;
    assert_eq!(fake.seats(b'p'), 3);
    browser.post("/cancel", &[("key", "k3"), ("basket", &basket)]).await;
    assert_eq!(fake.seats(b'a'), 10);
    assert_eq!(browser.post("/leave", &[("key", "k4")]).await.location, "/goodbye");
    assert!(browser.get("/goodbye").await.text.contains("You have left the shop"));
}

#[tokio::test]
async fn a_form_of_another_page_and_an_unknown_address_are_turned_away() {
    let (fake, _, browser) = open(10, Script::default()).await;
    let fields = [("key", "k1"), ("performance", "tonight"), ("units", "2")];
    let page = browser.send(Method::POST, "/holds", &fields, Some("http://elsewhere")).await;
    assert_eq!((page.status, fake.seats(b'h')), (StatusCode::BAD_REQUEST, 0));
    assert_eq!(browser.get("/performances/..%2f..").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/holds").await.status, StatusCode::NOT_FOUND);
    for asset in ["/style.css", "/map.css", "/map.js", "/house.js", "/countdown.js"] {
        assert_eq!(browser.get(asset).await.status, StatusCode::OK, "{asset}");
    }
}

#[tokio::test]
async fn a_script_is_given_the_map_its_states_and_the_time_of_the_basket() {
    let (_, _, browser) = open(4, Script::default()).await;
    let fields = [("key", "k1"), ("performance", "tonight"), ("seat", "A-2")];
    browser.post("/holds", &fields).await;
    let map = browser.json("/performances/tonight/map").await;
    assert_eq!(map["seats"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        (&map["seats"][2]["yours"], &map["seats"][3]["yours"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(map["zones"][0]["price"], "45.00 GBP");
    let seats = browser.json("/performances/tonight/seats").await;
    assert_eq!(seats, json!({"version": 1, "seats": "aaha"}));
    let since = browser.json("/performances/tonight/seats?since=1").await;
    assert_eq!(since, json!({"version": 1, "changes": []}));
    let basket = browser.get("/basket").await.field("/checkout", "basket");
    let time = browser.json(&format!("/baskets/{basket}/time")).await;
    assert_eq!(time, json!({"live": true, "left_ms": 90_000, "runs": true}));
}

#[tokio::test]
async fn a_basket_that_is_over_says_what_became_of_it() {
    let (fake, _, browser) = open(4, Script::default()).await;
    let fields = [("key", "k1"), ("performance", "tonight"), ("units", "2")];
    browser.post("/holds", &fields).await;
    let basket = browser.get("/basket").await.field("/checkout", "basket");
    let path = format!("/baskets/{basket}");
    for (state, location, told) in [
        ("paying", "/basket", ""),
        ("expired", "", "Your time ran out"),
        ("payment_lost", "", "Your payment came too late"),
        ("confirmed", &*format!("/orders/{basket}"), ""),
        ("released", "/basket", ""),
    ] {
        fake.turn_basket(&basket, state);
        let page = browser.get(&path).await;
        assert_eq!(page.location, location, "{state}");
        assert!(page.text.contains(told), "{state}: {}", page.text);
        let time = browser.json(&format!("{path}/time")).await;
        assert_eq!(time["live"], state == "paying", "{state}");
    }
}
