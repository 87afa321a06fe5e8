//! Shops that check passes by themselves, in the three languages of `connect`: each a process of
//! its own, on a host of its own as far as cookies are concerned.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::browser::Browser;
use super::neighbour::{Neighbour, free};
use super::{SALE, Venue};

/// Where a visitor wants to be.
const WANTED: &str = "/shows/1?seat=A%2012&x=1";
/// The hash of a seed.
const HASH: &str = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

/// A shop on this address, for this queue.
type Shop = fn(SocketAddr, &str) -> Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_on_node_lets_in_who_has_a_pass() {
    lets_in(|shop, queue| ours("node", "node/shop.mjs", shop, queue)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_python_lets_in_who_has_a_pass() {
    lets_in(|shop, queue| ours("/usr/bin/python3", "python/shop.py", shop, queue)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_php_lets_in_who_has_a_pass() {
    lets_in(|shop, queue| {
        let mut command = Command::new("php");
        command.args(["-S", &shop.to_string(), &file("php/shop.php")]);
        command.env("QUEUE", queue).env("SALE", SALE).env("SHOP", format!("http://{shop}"));
        command
    })
    .await;
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("connect").join(name);
    path.display().to_string()
}

fn ours(program: &str, name: &str, shop: SocketAddr, queue: &str) -> Command {
    let mut command = Command::new(program);
    command.args([&file(name), queue, SALE, &format!("http://{shop}")]);
    command
}

async fn lets_in(shop: Shop) {
    let (at_queue, at_shop) = (free(), free());
    let queue = format!("http://{at_queue}");
    let gate =
        format!("[pass]\nissuer = \"{queue}\"\n[targets]\norigins = [\"http://{at_shop}\"]\n");
    let venue = Venue::at(at_queue, 10, &gate);
    let _shop = Neighbour::start(at_shop, "", |_, _| shop(at_shop, &queue));
    let waiting = Browser::new(venue.address());
    let buying = Browser::new(at_shop.to_string());
    let on = |address: &str, host: SocketAddr| {
        let path = address.strip_prefix(&format!("http://{host}"));
        path.unwrap_or_else(|| panic!("{address} is not of {host}")).to_owned()
    };

    let go = on(buying.get(WANTED).await.location(), at_queue);
    assert!(go.starts_with(&format!("/{SALE}/go?")), "{go}");
    let waits = waiting.get(&go).await.location().to_owned();
    assert!(waits.starts_with(&format!("/{SALE}?to=")), "{waits}");
    let back = waiting.wait_and_claim(&waits).await;
    let handed = on(waiting.get(&back).await.location(), at_shop);
    assert!(handed.starts_with(WANTED) && handed.contains("&stanchion="), "{handed}");

    let stranger = Browser::new(at_shop.to_string());
    let sent = on(stranger.get(&handed).await.location(), at_queue);
    assert!(!sent.contains("stanchion%3D"), "the token is taken out: {sent}");
    let wanted = on(buying.get(&handed).await.location(), at_shop);
    assert!(!wanted.contains("stanchion"), "{wanted}");
    let page = buying.get(&wanted).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("/shows/1") && page.text.contains("with pass "), "{page:?}");
    let paid = buying.post("/pay", "").await;
    assert!(paid.status == 200 && paid.text.starts_with("POST /pay"), "{paid:?}");
    assert_eq!(stranger.post("/pay", "").await.status, 403);
    let copied = buying.copy("stanchion_pass");
    on(copied.get("/shows/1").await.location(), at_queue);
    assert_eq!(waiting.slots().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_cannot_be_gone_back_to_leads_to_the_front_page_of_its_shop() {
    let gate =
        "[pass]\nissuer = \"https://queue.test\"\n[targets]\norigins = [\"https://shop.test\"]\n";
    let venue = Venue::new(1, gate);
    let browser = Browser::new(venue.address());
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let go = |page: &str| format!("/{SALE}/go?to={}&bound={HASH}", encoded(page));
    let twice = format!("https://shop.test/?q={}", "%20".repeat(600));
    let never = [
        "https://shop.test/a%2Fb",
        "https://shop.test//a",
        "https://shop.test/../a",
        "https://shop.test/a\\b",
        &format!("https://shop.test/{}", "a".repeat(2_100)),
    ];
    let front = browser.get(&go("https://shop.test/")).await.location().to_owned();
    let again = format!("/{SALE}/go%3Fto%3Dhttps%253A//shop.test/%26bound%3D{HASH}");
    assert_eq!(front, format!("/{SALE}?to={again}"));
    for page in never.iter().copied().chain([twice.as_str()]) {
        assert_eq!(browser.get(&go(page)).await.location(), front, "{page}");
    }
    let back = browser.wait_and_claim(&front).await;
    let token = "https://shop.test/?stanchion=";
    assert!(browser.get(&back).await.location().starts_with(token), "{back}");
    for page in never {
        let shop = browser.get(&go(page)).await.location().to_owned();
        assert!(shop.starts_with(token), "{page}: {shop}");
    }
    let shop = browser.get(&go(&twice)).await.location().to_owned();
    assert!(shop.starts_with(&format!("{twice}&stanchion=")), "{shop}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_a_shop_that_the_gate_file_does_not_name() {
    let gate =
        "[pass]\nissuer = \"https://queue.test\"\n[targets]\norigins = [\"https://shop.test\"]\n";
    let venue = Venue::new(1, gate);
    let browser = Browser::new(venue.address());
    for (to, bound) in [
        ("https%3A%2F%2Fevil.test%2F", HASH),
        ("%2F%2Fevil.test", HASH),
        ("%2Fshows", HASH),
        ("https%3A%2F%2Fshop.test%40evil.test%2F%252F", HASH),
        ("https%3A%2F%2Fshop.test.evil.test%2F%252F", HASH),
        ("https%3A%2F%2Fshop.test%3A8443%2F%252F", HASH),
        ("https%3A%2F%2Fshop.test%5C%40evil.test%2F", HASH),
        ("https%3A%2F%2Fshop.test%2F", "short"),
        ("https%3A%2F%2Fshop.test%2F", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwC%22%3E"),
        ("", HASH),
    ] {
        let answer = browser.get(&format!("/{SALE}/go?to={to}&bound={bound}")).await;
        assert_eq!(answer.status, 400, "{to} {bound}: {answer:?}");
        assert!(answer.header("location").is_none(), "{to}: {answer:?}");
    }
    let keys = browser.get("/.well-known/jwks.json").await;
    assert!(keys.status == 200 && keys.text.contains("\"Ed25519\""), "{keys:?}");
}
