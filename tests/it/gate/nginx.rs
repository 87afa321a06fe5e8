//! A real nginx asks with `auth_request`, with the configuration that operators copy.

use http::Method;
use http::header::ACCEPT;

use super::browser::Browser;
use super::doctor::finds_nothing_wrong;
use super::neighbour::{Neighbour, configured, free};
use super::shop::Shop;
use super::{SALE, Venue};

/// What Debian's configuration has around the one of `deploy/`, in a folder of its own.
const AROUND: &str = "daemon off; pid PREFIX/pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http { access_log off; client_body_temp_path PREFIX/body; proxy_temp_path PREFIX/proxy;
fastcgi_temp_path PREFIX/fastcgi; uwsgi_temp_path PREFIX/uwsgi; scgi_temp_path PREFIX/scgi;
include PREFIX/shop.conf; }
";

const GATE: &str = "[[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\"]\nthen = \"open\"\n\
                    [[rules]]\npath = \"/office/*\"\nthen = \"refused\"\n";

/// With these changes, besides the addresses.
pub(super) fn nginx(venue: &Venue, shop: &Shop, changes: &[(&str, &str)]) -> Neighbour {
    let address = free();
    let listen = format!("listen {address};");
    let (stanchion, shop) = (venue.address(), shop.address.to_string());
    let addresses =
        [("127.0.0.1:8080", &*stanchion), ("127.0.0.1:9000", &*shop), ("listen 80;", &*listen)];
    let ours = configured("nginx/ask-me.conf", &[&addresses, changes].concat());
    Neighbour::start(address, AROUND, |file, folder| {
        std::fs::write(folder.join("shop.conf"), ours).expect("a file");
        let prefix = folder.display().to_string();
        std::fs::write(file, AROUND.replace("PREFIX", &prefix)).expect("a file");
        let mut command = std::process::Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(file);
        command
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_pass_waits_on_the_same_host_and_reaches_the_page_they_wanted() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, GATE);
    let nginx = nginx(&venue, &shop, &[]);
    let browser = Browser::new(nginx.address.to_string());
    let away = browser.get("/shows/1?seat=A%2012").await;
    let page = away.location().to_owned();
    assert_eq!(page, format!("/{SALE}?to=/shows/1%3Fseat%3DA%252012"));
    assert_eq!(away.header("cache-control"), Some("no-store"));
    let on = browser.wait_and_claim(&page).await;
    assert_eq!(on, "/shows/1?seat=A%2012");
    assert_eq!(shop.take().len(), 0, "nobody reached the shop without a pass");
    assert_eq!(browser.get(&on).await.text, "the shop at /shows/1?seat=A%2012");
    assert_eq!(browser.post("/pay", "card=none").await.status, 200);
    let copied = browser.copy("pass-");
    assert_eq!(copied.get("/shows/2").await.status, 200);
    assert_eq!(browser.slots().await, 1, "a copied pass takes no second slot");
    let stranger = Browser::new(nginx.address.to_string());
    stranger.get("/shows/2").await.location();
    assert_eq!(shop.take().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_nothing_wrong() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, GATE);
    let nginx = nginx(&venue, &shop, &[]);
    let host = format!("http://{}", nginx.address);
    let (page, asset) = (format!("{host}/shows/1"), format!("{host}/assets/a.css"));
    finds_nothing_wrong(&[&page, "--open", &asset]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_visitor_sends_makes_something_open_of_what_is_protected() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, GATE);
    let nginx = nginx(&venue, &shop, &[]);
    let browser = Browser::new(nginx.address.to_string());
    assert_eq!(browser.get("/assets/a.css").await.status, 200);
    assert_eq!(browser.get("/office/x").await.status, 403);
    assert_eq!(shop.take().len(), 1);
    for (name, value) in [
        ("x-original-uri", "/assets/a.css"),
        ("x-forwarded-uri", "/assets/a.css"),
        ("x-original-url", "/assets/a.css"),
        ("x-rewrite-url", "/assets/a.css"),
        ("x-forwarded-method", "GET"),
        ("x-original-method", "GET"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-stanchion-pass", "1"),
        ("cookie", "pass-night=1"),
    ] {
        let html = [(ACCEPT.as_str(), "text/html"), (name, value)];
        let page = browser.ask(Method::GET, "/shows/1", &html, "").await;
        assert_eq!(page.status, 303, "{name}");
        let posted = browser.ask(Method::POST, "/assets/a.css", &[(name, value)], "x=1").await;
        assert_eq!(posted.status, 403, "{name}");
    }
    for path in [
        "/assets/../shows/1",
        "/assets/%2e%2e/shows/1",
        "/assets/..;/shows/1",
        "/assets/..%2fshows/1",
        "/assets//shows",
        "/stanchion-ask",
        "/v1/ask",
        "/v1/ask/assets/a.css",
    ] {
        let status = browser.get(path).await.status.as_u16();
        assert!(matches!(status, 303 | 400 | 403 | 404), "{path}: {status}");
    }
    assert_eq!(shop.take().len(), 0, "none of it reached the shop");
}
