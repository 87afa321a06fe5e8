//! A cache in front, which keeps for everybody whatever it may: nothing of one visitor reaches
//! another.

use std::process::Command;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use http::header::ACCEPT;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::browser::{Browser, Page};
use super::neighbour::{Neighbour, free};
use super::shop::Shop;
use super::{BOUND, SALE, Venue};

/// It asks nobody whose cookies an answer sets, and takes every method for one that reads.
const CACHE: &str = "daemon off; pid PREFIX/pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http { access_log off; client_body_temp_path PREFIX/body; proxy_temp_path PREFIX/proxy;
fastcgi_temp_path PREFIX/fastcgi; uwsgi_temp_path PREFIX/uwsgi; scgi_temp_path PREFIX/scgi;
proxy_cache_path PREFIX/kept keys_zone=kept:1m;
server { listen ADDRESS; location / {
proxy_pass http://STANCHION; proxy_http_version 1.1;
proxy_set_header Host $http_host; proxy_set_header Connection \"\";
proxy_cache kept; proxy_cache_key $request_uri; proxy_cache_methods POST;
proxy_ignore_headers Set-Cookie; KEEPS
add_header x-kept $upstream_cache_status always;
} } }
";
/// Keeps what says nothing about it as well, whatever its status.
const ALL: &str = "proxy_cache_valid any 1m;";

const PAGES: &str = "text/html,*/*;q=0.8";
const JSON: &str = "application/json";
/// SHA-256 of what a shop has left in a browser.
const BOUND_TO: &str = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

fn gate(shop: &Shop) -> String {
    format!(
        "[origin]\nurl = \"http://{}\"\n[pass]\nissuer = \"https://queue.test\"\n\
         [targets]\norigins = [\"https://shop.test\"]\n\
         [[rules]]\npath = \"/assets/*\"\nthen = \"open\"\n",
        shop.address
    )
}

fn cache(venue: &Venue, keeps: &str) -> Neighbour {
    let address = free();
    let text = CACHE.replace("ADDRESS", &address.to_string()).replace("KEEPS", keeps);
    let text = text.replace("STANCHION", &venue.address());
    Neighbour::start(address, "", |file, folder| {
        let prefix = folder.display().to_string();
        std::fs::write(file, text.replace("PREFIX", &prefix)).expect("a file");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(file);
        command
    })
}

/// Four visitors: two with a pass, one with a place, and a stranger.
struct Crowd {
    visitors: [(&'static str, Browser); 4],
    _cache: Neighbour,
    _venue: Venue,
    _shop: Shop,
}

impl Crowd {
    async fn before(keeps: &str) -> Self {
        let shop = Shop::open().await;
        let venue = Venue::new(2, &gate(&shop));
        let cache = cache(&venue, keeps);
        let visitors = ["of-anna", "of-bert", "of-carl", "of-dora"].map(|name| {
            let browser = Browser::new(cache.address.to_string());
            browser.keep(&format!("visitor={name}; Path=/"));
            (name, browser)
        });
        let [(_, anna), (_, bert), (_, carl), _] = &visitors;
        for inside in [anna, bert] {
            assert_eq!(inside.wait_and_claim(&format!("/{SALE}?to=/mine")).await, "/mine");
        }
        carl.post(&format!("/{SALE}"), "").await.location();
        Self { visitors, _cache: cache, _venue: venue, _shop: shop }
    }

    /// All ask in turn, and then once more the other way round: what each was told last.
    async fn told(&self, path: &str, accept: &str) -> [Page; 4] {
        let mut told = [const { None }; 4];
        for at in [0, 1, 2, 3, 3, 2, 1, 0] {
            let page = self.ask(at, path, accept).await;
            assert_ne!(page.header("x-kept"), Some("HIT"), "{path} was kept: {page:?}");
            for other in (0..4).filter(|other| *other != at) {
                let whole = format!("{:?} {}", page.headers, page.text);
                let found = self.visitors[other].1.kept().into_iter().find(|of| whole.contains(of));
                let names = (self.visitors[at].0, self.visitors[other].0);
                assert_eq!(found, None, "{path} told what is another's: {names:?} {page:?}");
            }
            told[at] = Some(page);
        }
        told.map(|page| page.expect("all asked"))
    }

    async fn ask(&self, at: usize, path: &str, accept: &str) -> Page {
        let fields = [(ACCEPT.as_str(), accept)];
        self.visitors[at].1.ask(Method::GET, path, &fields, "").await
    }

    /// Asks until the cache answers by itself: so it does keep what it may.
    async fn is_kept(&self, path: &str) {
        let kept = timeout(BOUND, async {
            while self.ask(3, path, PAGES).await.header("x-kept") != Some("HIT") {
                sleep(Duration::from_millis(5)).await;
            }
        });
        kept.await.unwrap_or_else(|_| panic!("{path} is never kept"));
    }
}

#[track_caller]
fn are(told: &[Page; 4], statuses: [u16; 4]) {
    assert_eq!(told.each_ref().map(|page| page.status.as_u16()), statuses, "{told:?}");
}

/// The number in a token that a shop checks by itself.
fn number_in(page: &Page) -> Value {
    let (_, token) = page.location().split_once("stanchion=").expect("a token");
    let claims = token.split('.').nth(1).expect("three parts").as_bytes();
    let claims = BASE64URL_NOPAD.decode(claims).expect("base64url");
    serde_json::from_slice::<Value>(&claims).expect("claims")["pass"].clone()
}

/// Everything that is about one visitor.
async fn each_is_told_their_own(crowd: &Crowd) {
    let page = format!("/{SALE}");
    let told = crowd.told(&page, PAGES).await;
    are(&told, [200; 4]);
    are(&crowd.told(&format!("{page}?part=both"), PAGES).await, [200; 4]);
    let places = format!("/v1/sales/{SALE}/places/me");
    let told = crowd.told(&places, JSON).await;
    are(&told, [200, 200, 200, 401]);
    for (number, page) in (1..).zip(&told[..3]) {
        let place: Value = serde_json::from_str(&page.text).expect("JSON");
        assert_eq!(place["number"], number, "{place}");
    }
    let passes = format!("/v1/sales/{SALE}/passes/me");
    are(&crowd.told(&passes, JSON).await, [200, 200, 401, 401]);

    for (path, status) in [("/mine", 200), ("/mine/moved", 301), ("/mine/lost", 404)] {
        let told = crowd.told(path, PAGES).await;
        are(&told, [status, status, 303, 303]);
        for (page, (name, _)) in told[..2].iter().zip(&crowd.visitors) {
            assert!(page.text.ends_with(&format!("{path} for {name}")), "{page:?}");
        }
    }
    let go = format!("{page}/go?to=https%3A%2F%2Fshop.test%2Fmine&bound={BOUND_TO}");
    let told = crowd.told(&go, PAGES).await;
    are(&told, [303; 4]);
    assert_eq!([&told[0], &told[1]].map(number_in), [1, 2]);
    assert!(told[2].location().starts_with(&format!("{page}?to=")), "{told:?}");
    // An app that asks for a shop's page has a place from then on: the stranger is none any more.
    let told = crowd.told("/mine", JSON).await;
    are(&told, [200; 4]);
    for (page, waits) in told.iter().zip([false, false, true, true]) {
        assert_eq!(page.text.contains("cfWaitingRoom"), waits, "{page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_does_as_it_is_told_keeps_the_board_and_nothing_of_a_visitor() {
    let crowd = Crowd::before("").await;
    each_is_told_their_own(&crowd).await;
    crowd.is_kept(&format!("/v1/sales/{SALE}/board")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_keeps_whatever_is_not_said_keeps_nothing_of_a_visitor_either() {
    let crowd = Crowd::before(ALL).await;
    each_is_told_their_own(&crowd).await;
    crowd.is_kept("/assets/a.css").await;
    // What was wrong with one request is nobody else's: a cache would turn everybody away.
    let names: Vec<_> = (0..500).map(|at| format!("x-field-{at}")).collect();
    let (small, large) = ("1", "1".repeat(7_000));
    for (names, value, status) in [
        (&names[..80], small, 431),
        (&names[..], small, 431),
        (&names[..3], &*large, 431),
        (&[][..], small, 200),
    ] {
        let fields: Vec<_> = names.iter().map(|name| (&**name, value)).collect();
        let (_, dora) = &crowd.visitors[3];
        let page = dora.ask(Method::GET, "/assets/b.css", &fields, "").await;
        assert_eq!(page.status, status, "{page:?}");
    }
}
