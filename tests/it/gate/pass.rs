//! Shops that check passes by themselves, in the three languages of `connect`: each a process of
//! its own, on a host of its own as far as cookies are concerned.

use std::fs::{self, File, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use stanchion::token::jwt::{Claims, PassSigner};
use stanchion::token::key_file;
use stanchion::token::keys::KeyRing;

use super::browser::Browser;
use super::neighbour::{Neighbour, free};
use super::{SALE, Venue};

/// Where a visitor wants to be.
const WANTED: &str = "/shows/1?seat=A%2012&q=what?&x=1";
/// What the shop's own pages and their helpers leave in a browser.
const FOREIGN: [&str; 5] =
    ["consent={\"ads\":false};", "path=1;", "name=Zo\u{eb};", "n=a b;", "empty=\"a=b\";"];
/// A seed in a browser, and its hash.
const SEED: &str = "stanchion_seed=test;";
const HASH: &str = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";
const HOUR_S: i64 = 3_600;
/// Who is not root, and nobody's.
const STRANGER: u32 = 65_534;

/// A shop on this address, for this queue, with this folder for its files.
type Shop = fn(SocketAddr, &str, &Path) -> Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_on_node_lets_in_who_has_a_pass() {
    lets_in(node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_python_lets_in_who_has_a_pass() {
    lets_in(python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_php_lets_in_who_has_a_pass() {
    lets_in(php).await;
}

fn node(shop: SocketAddr, queue: &str, _: &Path) -> Command {
    ours("node", "node/shop.mjs", shop, queue)
}

fn python(shop: SocketAddr, queue: &str, _: &Path) -> Command {
    ours("/usr/bin/python3", "python/shop.py", shop, queue)
}

fn php(shop: SocketAddr, queue: &str, folder: &Path) -> Command {
    let mut command = Command::new("php");
    command.args(["-S", &shop.to_string(), &file("php/shop.php")]);
    command.env("QUEUE", queue).env("SALE", SALE).env("SHOP", format!("http://{shop}"));
    command.env("KEYS", folder.join("keys"));
    command
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

/// A queue, and a shop that checks passes by itself.
struct Street {
    at_queue: SocketAddr,
    at_shop: SocketAddr,
    venue: Venue,
    _shop: Neighbour,
}

impl Street {
    fn open(shop: impl FnOnce(SocketAddr, &str, &Path) -> Command) -> Self {
        let (at_queue, at_shop) = (free(), free());
        let queue = format!("http://{at_queue}");
        let gate =
            format!("[pass]\nissuer = \"{queue}\"\n[targets]\norigins = [\"http://{at_shop}\"]\n");
        let venue = Venue::at(at_queue, 10, &gate);
        let shop = Neighbour::start(at_shop, "", |_, folder| shop(at_shop, &queue, folder));
        Self { at_queue, at_shop, venue, _shop: shop }
    }

    /// The queue's own signer.
    fn signer(&self) -> PassSigner {
        let file = self.venue.site().data().join("token.keys");
        PassSigner::new(&key_file::load(&file).expect("the queue's keys"))
    }

    /// A browser in the shop with a token that is to be renewed, and ends, so long from now.
    fn holder(&self, signer: &PassSigner, renew_s: i64, exp_s: i64) -> Browser {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let now = i64::try_from(since.as_secs()).expect("not yet");
        let token = signer.sign(&Claims {
            iss: format!("http://{}", self.at_queue),
            aud: format!("http://{}", self.at_shop),
            sale: SALE.to_owned(),
            pass: 1,
            bound: HASH.to_owned(),
            iat: now,
            renew: now + renew_s,
            exp: now + exp_s,
        });
        let browser = Browser::new(self.at_shop.to_string());
        browser.keep(SEED);
        browser.keep(&format!("stanchion_pass={token};"));
        browser
    }
}

async fn lets_in(shop: Shop) {
    let street = Street::open(shop);
    let Street { at_queue, at_shop, .. } = street;
    let waiting = Browser::new(street.venue.address());
    let buying = Browser::new(at_shop.to_string());
    for cookie in FOREIGN {
        buying.keep(cookie);
    }
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
async fn scripts_are_let_in_or_refused_and_only_pages_are_sent_to_the_queue() {
    const READS_PAGES: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
    const READS_ALL: (&str, &str) = ("accept", "*/*");
    const GOES: (&str, &str) = ("sec-fetch-mode", "navigate");
    const FETCHES: (&str, &str) = ("sec-fetch-mode", "cors");
    for shop in [node, python, php] as [Shop; 3] {
        let street = Street::open(shop);
        let signer = street.signer();
        let queue = format!("http://{}/{SALE}/go?", street.at_queue);
        let new = street.holder(&signer, HOUR_S, 2 * HOUR_S);
        let due = street.holder(&signer, -HOUR_S, HOUR_S);
        let over = street.holder(&signer, -2 * HOUR_S, -HOUR_S);
        let stranger = Browser::new(street.at_shop.to_string());
        for (who, browser, page, script) in [
            ("new", new, 200, 200),
            ("due", due, 303, 200),
            ("over", over, 303, 403),
            ("stranger", stranger, 303, 403),
        ] {
            for (method, headers, wanted) in [
                (Method::GET, &[GOES, READS_PAGES][..], page),
                (Method::GET, &[GOES, READS_ALL], page),
                (Method::GET, &[READS_PAGES], page),
                (Method::GET, &[FETCHES, READS_ALL], script),
                (Method::GET, &[FETCHES, READS_PAGES], script),
                (Method::GET, &[READS_ALL], script),
                (Method::GET, &[], script),
                (Method::POST, &[GOES, READS_PAGES], script),
            ] {
                let answer = browser.ask(method, "/shows/1", headers, "").await;
                assert_eq!(answer.status, wanted, "{who} {headers:?}: {answer:?}");
                let kept = answer.header("cache-control") == Some("no-store");
                assert!(kept || wanted == 200, "{who} {headers:?}: {answer:?}");
                assert!(wanted != 303 || answer.location().starts_with(&queue), "{answer:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn php_believes_no_keys_that_somebody_else_may_have_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let street = Street::open(|shop, queue, _| php(shop, queue, folder.path()));
    let good = street.holder(&street.signer(), HOUR_S, 2 * HOUR_S);
    let strange = PassSigner::new(&KeyRing::new());
    let forged = street.holder(&strange, HOUR_S, 2 * HOUR_S);
    assert_eq!(good.get("/shows/1").await.status, 200);

    let keys = folder.path().join("keys");
    let mut files = fs::read_dir(&keys).expect("the shop made it");
    let file = files.next().expect("one file").expect("a file").path();
    assert!(files.next().is_none(), "one file, and nothing left over");
    let key = &serde_json::to_value(strange.key_set()).expect("JSON")["keys"][0];
    let planted = json!({ key["kid"].as_str().expect("text"): key["x"] }).to_string();
    let ahead = SystemTime::now() + Duration::from_secs(3_600);
    fs::write(&file, &planted).expect("a file");
    File::open(&file).and_then(|file| file.set_modified(ahead)).expect("a date");
    forged.get("/shows/1").await.location();
    assert_eq!(good.get("/shows/1").await.status, 200, "it asked the queue again");

    fs::write(&file, &planted).expect("a file");
    // Only root can give a file away.
    if chown(&file, Some(STRANGER), None).is_ok() {
        forged.get("/shows/1").await.location();
        assert_eq!(good.get("/shows/1").await.status, 200, "it asked the queue again");
    }
    for mode in [0o777, 0o1777, 0o770] {
        fs::set_permissions(&keys, Permissions::from_mode(mode)).expect("ours");
        let answer = good.get("/shows/1").await;
        assert!(!answer.text.contains("with pass"), "{mode:o}: {answer:?}");
    }
    fs::set_permissions(&keys, Permissions::from_mode(0o755)).expect("ours");
    assert_eq!(good.get("/shows/1").await.status, 200);
}

#[test]
fn a_python_shop_below_a_path_is_come_back_to() {
    const ASKS: &str = r#"
import sys
sys.path.insert(0, sys.argv[1])
from stanchion import Door
door = Door("https://queue.test", "gala", "https://shop.test").guard(None)
asked = {"REQUEST_METHOD": "GET", "HTTP_ACCEPT": "text/html", "QUERY_STRING": "x=1",
         "SCRIPT_NAME": "/tickets", "PATH_INFO": "/shows/1"}
door(asked, lambda status, headers: print(dict(headers)["Location"]))
"#;
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-B", "-c", ASKS, &file("python")]);
    let output = command.output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let to = "https://queue.test/gala/go?to=https%3A%2F%2Fshop.test%2Ftickets%2Fshows%2F1%3Fx%3D1&";
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with(to), "{said}{fault}");
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
