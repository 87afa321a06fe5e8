//! A real Envoy asks with `ext_authz`, with the configuration that operators copy.

use http::Method;
use http::header::ACCEPT;

use super::browser::Browser;
use super::doctor::finds_nothing_wrong;
use super::neighbour::{Neighbour, configured, free};
use super::shop::Shop;
use super::{SALE, Venue};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/deploy/envoy/_bin/envoy");
const GATE: &str = "[[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\"]\nthen = \"open\"\n\
                    [[rules]]\npath = \"/office/*\"\nthen = \"refused\"\n";

fn envoy(venue: &Venue, shop: &Shop) -> Neighbour {
    let address = free();
    let port = |port: u16| format!("port_value: {port} }}");
    let ours = configured(
        "envoy/ask-me.yaml",
        &[
            (&port(8080), &port(venue.server.public.port())),
            (&port(9000), &port(shop.address.port())),
            (&format!("0.0.0.0, {}", port(80)), &format!("127.0.0.1, {}", port(address.port()))),
        ],
    );
    Neighbour::start(address, "", |_, folder| {
        // It tells the language by the name.
        let file = folder.join("ask-me.yaml");
        std::fs::write(&file, ours).expect("a file");
        let mut command = std::process::Command::new(PROGRAM);
        command.args(["--disable-hot-restart", "--concurrency", "1", "-c"]).arg(file);
        command
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_pass_waits_on_the_same_host_and_goes_on_from_there() {
    let shop = Shop::open().await;
    let venue = Venue::new(1, GATE);
    let envoy = envoy(&venue, &shop);
    let browser = Browser::new(envoy.address.to_string());
    let page = browser.get("/shows/1?x=1").await.location().to_owned();
    assert_eq!(page, format!("/{SALE}?to=/shows/1%3Fx%3D1"));
    assert_eq!(browser.get("/assets/a.css").await.status, 200);
    assert_eq!(browser.get("/office/x").await.status, 403);
    assert_eq!(browser.post("/assets/a.css", "x=1").await.status, 303, "the method counts");
    let program = browser.ask(Method::GET, "/shows/1?as=status", &[], "").await;
    assert_eq!(program.status, 403);
    assert!(program.text.contains("no_pass"), "{program:?}");
    for (name, value) in [
        ("x-original-uri", "/assets/a.css"),
        ("x-forwarded-uri", "/assets/a.css"),
        ("x-forwarded-method", "GET"),
        ("x-envoy-original-path", "/assets/a.css"),
    ] {
        let html = [(ACCEPT.as_str(), "text/html"), (name, value)];
        assert_eq!(browser.ask(Method::GET, "/shows/1", &html, "").await.status, 303, "{name}");
    }
    for path in ["/assets/%2e%2e/shows/1", "/assets/..;/shows/1", "/assets/..%2fshows/1", "/v1/ask"]
    {
        let status = browser.get(path).await.status.as_u16();
        assert!(matches!(status, 303 | 400 | 403 | 404), "{path}: {status}");
    }
    assert_eq!(shop.take().len(), 1, "nothing but the style sheet reached the shop");
    let on = browser.wait_and_claim(&page).await;
    assert_eq!(browser.get(&on).await.text, "the shop at /shows/1?x=1");
    assert_eq!(browser.post("/pay", "card=none").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_passes_while_nobody_answers() {
    let shop = Shop::open().await;
    let mut venue = Venue::new(1, GATE);
    let envoy = envoy(&venue, &shop);
    let browser = Browser::new(envoy.address.to_string());
    assert_eq!(browser.get("/assets/a.css").await.status, 200);
    venue.server.kill();
    assert_eq!(browser.get("/assets/a.css").await.status, 503);
    assert_eq!(shop.take().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_nothing_wrong() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, GATE);
    let envoy = envoy(&venue, &shop);
    let host = format!("http://{}", envoy.address);
    let (page, asset) = (format!("{host}/shows/1"), format!("{host}/assets/a.css"));
    finds_nothing_wrong(&[&page, "--open", &asset]);
}
