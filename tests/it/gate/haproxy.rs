//! A real HAProxy asks by a few lines of Lua, with the configuration that operators copy.

use http::Method;
use http::header::ACCEPT;

use super::browser::Browser;
use super::doctor::finds_nothing_wrong;
use super::neighbour::{Neighbour, configured, free};
use super::shop::Shop;
use super::{SALE, Venue};

const GATE: &str = "[[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\"]\nthen = \"open\"\n\
                    [[rules]]\npath = \"/news/*\"\nhost = \"news.example.org\"\nthen = \"open\"\n";

fn haproxy(venue: &Venue, shop: &Shop) -> Neighbour {
    let (address, stanchion) = (free(), venue.address());
    let script = configured("haproxy/ask-me.lua", &[("127.0.0.1:8080", &stanchion)]);
    let ours = configured(
        "haproxy/ask-me.cfg",
        &[
            ("127.0.0.1:8080", &stanchion),
            ("127.0.0.1:9000", &shop.address.to_string()),
            ("bind :80", &format!("bind {address}")),
        ],
    );
    Neighbour::start(address, "", |file, folder| {
        let lua = folder.join("ask-me.lua");
        std::fs::write(&lua, script).expect("a file");
        let ours = ours.replace("/etc/haproxy/ask-me.lua", &lua.display().to_string());
        std::fs::write(file, ours).expect("a file");
        let mut command = std::process::Command::new("haproxy");
        command.arg("-db").arg("-f").arg(file);
        command
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_pass_waits_on_the_same_host_and_goes_on_from_there() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, GATE);
    let haproxy = haproxy(&venue, &shop);
    let browser = Browser::new(haproxy.address.to_string());
    let page = browser.get("/shows/1?x=1").await.location().to_owned();
    assert_eq!(page, format!("/{SALE}?to=/shows/1%3Fx%3D1"));
    assert_eq!(browser.get("/assets/a.css").await.status, 200);
    for (name, value) in [
        ("x-original-uri", "/assets/a.css"),
        ("x-forwarded-uri", "/assets/a.css"),
        ("x-forwarded-host", "news.example.org"),
    ] {
        let html = [(ACCEPT.as_str(), "text/html"), (name, value)];
        assert_eq!(browser.ask(Method::GET, "/news/1", &html, "").await.status, 303, "{name}");
    }
    let program = browser.ask(Method::POST, "/assets/a.css", &[], "x=1").await;
    assert_eq!(program.status, 403, "the method counts");
    assert_eq!(shop.take().len(), 1);
    let on = browser.wait_and_claim(&page).await;
    assert_eq!(browser.get(&on).await.text, "the shop at /shows/1?x=1");
    assert_eq!(browser.post("/pay", "card=none").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_nothing_wrong() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, GATE);
    let haproxy = haproxy(&venue, &shop);
    let host = format!("http://{}", haproxy.address);
    let (page, asset) = (format!("{host}/shows/1"), format!("{host}/assets/a.css"));
    finds_nothing_wrong(&[&page, "--open", &asset]);
}
