//! A real Caddy asks with `forward_auth`, with the configuration that operators copy.

use http::Method;
use http::header::ACCEPT;

use super::browser::Browser;
use super::doctor::finds_nothing_wrong;
use super::neighbour::{Neighbour, configured, free};
use super::shop::Shop;
use super::{SALE, Venue};

/// Nothing of this is of use to operators.
const AROUND: &str = "{\n\tadmin off\n\tauto_https off\n}\n";
const GATE: &str = "[[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\"]\nthen = \"open\"\n";

pub(super) fn caddy(venue: &Venue, shop: &Shop) -> Neighbour {
    let address = free();
    let ours = configured(
        "caddy/ask-me.Caddyfile",
        &[
            ("127.0.0.1:8080", &venue.address()),
            ("127.0.0.1:9000", &shop.address.to_string()),
            (
                "http://shop.example.org {",
                &format!("http://:{} {{\n\tbind 127.0.0.1", address.port()),
            ),
        ],
    );
    Neighbour::start(address, &(AROUND.to_owned() + &ours), |file, folder| {
        let mut command = std::process::Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
        command
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_pass_waits_on_the_same_host_and_goes_on_from_there() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, GATE);
    let caddy = caddy(&venue, &shop);
    let browser = Browser::new(caddy.address.to_string());
    let page = browser.get("/shows/1?x=1").await.location().to_owned();
    assert_eq!(page, format!("/{SALE}?to=/shows/1%3Fx%3D1"));
    assert_eq!(browser.get("/assets/a.css").await.status, 200);
    let html = [(ACCEPT.as_str(), "text/html"), ("x-original-uri", "/assets/a.css")];
    assert_eq!(browser.ask(Method::GET, "/shows/1", &html, "").await.status, 303);
    assert_eq!(browser.post("/assets/a.css", "x=1").await.status, 303, "the method counts");
    assert_eq!(shop.take().len(), 1);
    let on = browser.wait_and_claim(&page).await;
    assert_eq!(browser.get(&on).await.text, "the shop at /shows/1?x=1");
    assert_eq!(browser.post("/pay", "card=none").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_nothing_wrong() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, GATE);
    let caddy = caddy(&venue, &shop);
    let host = format!("http://{}", caddy.address);
    let (page, asset) = (format!("{host}/shows/1"), format!("{host}/assets/a.css"));
    finds_nothing_wrong(&[&page, "--open", &asset]);
}
