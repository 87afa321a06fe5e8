//! Clients of a retired waiting room, as its own sample was written: they get a number, watch the
//! counter, and ask for tokens once it has come as far. They keep no cookie and say nothing else.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::browser::{Browser, Page};
use super::{BOUND, LONG, Plan, SALE, Site, Venue};

const ISSUER: &str = "https://queue.example.org/v1/counter";
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// Longer than a visitor counts as here who does not say so.
const AWAY: Duration = Duration::from_millis(1_600);

/// A venue that answers such clients, for this many of them at once, and the key of its shop.
fn venue(cap: u32, more: &str) -> (Venue, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (gate, key) = (folder.path().join("gate.toml"), folder.path().join("counter.pem"));
    std::fs::write(&gate, format!("[counter]\nissuer = \"{ISSUER}\"\n{more}")).expect("a file");
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
    std::fs::write(&key, pair.serialize_pem()).expect("a file");
    let opens_at = Some("2020-01-01T00:00:00Z".to_owned());
    // What comes first is of the section of secrets, with which the settings end.
    let (key, gate) = (key.display(), gate.display());
    let more = format!("counter_key_file = \"{key}\"\n[gate]\nfile = \"{gate}\"\n");
    let site = Site::with(&Plan { cap, policy: LONG, opens_at }, &more);
    let shop = site.shop.clone();
    (Venue { server: site.start(), site, _folder: folder }, shop)
}

/// One such client.
struct Client {
    http: Browser,
    request_id: String,
    number: u64,
}

impl Client {
    /// Gets a number.
    async fn join(address: &str) -> Self {
        let http = Browser::new(address);
        let given = send(&http, "assign_queue_num", &json!({ "event_id": SALE })).await;
        assert_eq!((given.status, given.header("set-cookie")), (StatusCode::OK, None), "{given:?}");
        let request_id = text(&body(&given)["api_request_id"]);
        let lengths: Vec<_> = request_id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        let told = read(&http, &format!("queue_num?event_id={SALE}&request_id={request_id}")).await;
        let told = body(&told);
        assert_eq!((&told["event_id"], &told["status"]), (&json!(SALE), &json!(1)));
        assert!(told["entry_time"].as_u64().is_some_and(|at| at > 1_700_000_000), "{told}");
        let number = told["queue_number"].as_u64().expect("a number");
        Self { http, request_id, number }
    }

    async fn counter(&self) -> u64 {
        let told = read(&self.http, &format!("serving_num?event_id={SALE}")).await;
        text(&body(&told)["serving_counter"]).parse().expect("digits in a text")
    }

    async fn expiry(&self) -> Page {
        let id = &self.request_id;
        read(&self.http, &format!("queue_pos_expiry?event_id={SALE}&request_id={id}")).await
    }

    async fn ask(&self) -> Page {
        let body = json!({ "event_id": SALE, "request_id": self.request_id });
        send(&self.http, "generate_token", &body).await
    }

    /// Watches the counter until it is served.
    async fn watch(&self) {
        let served = timeout(BOUND, async {
            while self.counter().await < self.number {
                sleep(PAUSE).await;
            }
        });
        served.await.expect("it is served");
    }

    /// The same, and takes the tokens.
    async fn enter(&self) -> Value {
        self.watch().await;
        let given = self.ask().await;
        assert_eq!(given.status, StatusCode::OK, "served and called are the same: {given:?}");
        body(&given)
    }

    /// The shop says that they are done.
    async fn end(&self, shop: &str) {
        let (bearer, number) = (format!("Bearer {shop}"), self.number.to_string());
        let headers = [("authorization", &*bearer), ("stanchion-pass", &*number)];
        let path = format!("/v1/sales/{SALE}/passes/me");
        assert_eq!(self.http.ask(Method::DELETE, &path, &headers, "").await.status, 204);
    }
}

async fn read(http: &Browser, call: &str) -> Page {
    let page = http.ask(Method::GET, &format!("/v1/counter/{call}"), &[], "").await;
    assert_eq!(page.header("access-control-allow-origin"), Some("*"), "{call}");
    page
}

async fn send(http: &Browser, call: &str, body: &Value) -> Page {
    let json = [("content-type", "application/json")];
    let path = format!("/v1/counter/{call}");
    let page = http.ask(Method::POST, &path, &json, &body.to_string()).await;
    assert_eq!(page.header("access-control-allow-origin"), Some("*"), "{call}");
    page
}

fn body(page: &Page) -> Value {
    serde_json::from_str(&page.text).unwrap_or_else(|_| panic!("no JSON: {page:?}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// What a token says to a shop that checks it by the public key.
async fn checked(http: &Browser, token: &Value) -> Value {
    let key = read(http, &format!("public_key?event_id={SALE}")).await;
    let jwk: Jwk = serde_json::from_value(body(&key)).expect("a JSON Web Key");
    let mut wanted = Validation::new(Algorithm::RS256);
    wanted.set_audience(&[SALE]);
    wanted.set_issuer(&[ISSUER]);
    wanted.validate_nbf = true;
    let key = DecodingKey::from_jwk(&jwk).expect("a public key");
    let read = decode::<Value>(&text(token), &key, &wanted).expect("it is genuine");
    assert_eq!(read.header.kid, jwk.common.key_id);
    read.claims
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_only_watch_the_counter_are_served_in_their_order() {
    let (venue, shop) = venue(1, "");
    let address = venue.address();
    let first = Client::join(&address).await;
    let given = first.enter().await;
    let (second, third) = (Client::join(&address).await, Client::join(&address).await);
    assert!(first.number < second.number && second.number < third.number);
    assert_eq!((&given["token_type"], &given["expires_in"]), (&json!("Bearer"), &json!(7_200)));
    for token_use in ["access", "refresh", "id"] {
        let says = checked(&first.http, &given[format!("{token_use}_token")]).await;
        let (sub, position) = (json!(first.request_id), json!(first.number));
        assert_eq!((&says["sub"], &says["queue_position"]), (&sub, &position));
        assert_eq!(says["token_use"], token_use);
        let (iat, exp) = (says["iat"].as_u64(), says["exp"].as_u64());
        assert_eq!(exp, iat.map(|iat| iat + 7_200), "as long as the pass, if it is silent");
    }
    assert_eq!(first.ask().await.status, 200, "the same pass again");
    assert_eq!(first.http.slots().await, 1);
    // The one slot is taken. Nobody says that they are here, and nobody loses their turn by that.
    let begun = Instant::now();
    while begun.elapsed() < AWAY {
        assert!(third.counter().await < second.number);
        sleep(PAUSE).await;
    }
    let waiting = read(&third.http, &format!("waiting_num?event_id={SALE}")).await;
    assert_eq!(body(&waiting), json!({ "waiting_num": 2 }));
    assert_eq!(
        (second.ask().await.status, second.expiry().await.status.as_u16()),
        (StatusCode::ACCEPTED, 202)
    );
    first.end(&shop).await;
    assert_eq!(
        (first.ask().await.status, first.expiry().await.status.as_u16()),
        (StatusCode::GONE, 410)
    );
    second.watch().await;
    assert!(second.counter().await < third.number, "one slot, one more number");
    let left = body(&second.expiry().await)["expires_in"].as_u64();
    assert!(left.is_some_and(|seconds| seconds <= 2), "the claim span: {left:?}");
    // They let it go by: the next one is served, and they are once a slot is free again.
    third.enter().await;
    assert_eq!(second.ask().await.status, 202);
    third.end(&shop).await;
    second.enter().await;
    let left = body(&second.expiry().await)["expires_in"].as_u64();
    assert!(left.is_some_and(|seconds| (7_000..=7_200).contains(&seconds)), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_given_is_answered_as_clients_expect_and_gives_nothing() {
    let (venue, _) = venue(1, "");
    let client = Client::join(&venue.address()).await;
    let mut altered = client.request_id.clone();
    let other = if altered.ends_with('0') { "1" } else { "0" };
    altered.replace_range(35.., other);
    let none = "00000000-0000-0000-0000-000000000000";
    for id in [&*altered, none, "", "x"] {
        let place = format!("event_id={SALE}&request_id={id}");
        let number = read(&client.http, &format!("queue_num?{place}")).await;
        assert_eq!(
            (number.status.as_u16(), body(&number)),
            (202, json!({ "error": "Request ID not found" }))
        );
        let expiry = read(&client.http, &format!("queue_pos_expiry?{place}")).await;
        assert_eq!(expiry.status, 404);
        let asked = json!({ "event_id": SALE, "request_id": id });
        assert_eq!(send(&client.http, "generate_token", &asked).await.status, 400);
    }
    let id = &client.request_id;
    for call in ["queue_num", "serving_num", "waiting_num", "queue_pos_expiry", "public_key"] {
        for event in ["", "event_id=other", &format!("event_id={}", SALE.to_uppercase())] {
            let told = read(&client.http, &format!("{call}?{event}&request_id={id}")).await;
            assert_eq!(told.status, 400, "{call} {event}");
            assert_eq!(body(&told)["error"], "Invalid event ID");
        }
    }
    for asked in [json!({ "event_id": "other", "request_id": id }), json!({}), json!([])] {
        assert_eq!(send(&client.http, "generate_token", &asked).await.status, 400, "{asked}");
        assert_eq!(send(&client.http, "assign_queue_num", &asked).await.status, 400, "{asked}");
    }
    let preflight = client.http.ask(Method::OPTIONS, "/v1/counter/generate_token", &[], "").await;
    assert_eq!(preflight.header("access-control-allow-methods"), Some("POST"));
    let headers = preflight.header("access-control-allow-headers");
    assert_eq!(headers, Some("content-type, x-api-key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_off_unless_it_is_wanted_and_may_need_a_key() {
    let off = Venue::new(1, "");
    let call = format!("serving_num?event_id={SALE}");
    assert_eq!(read(&Browser::new(off.address()), &call).await.status, 404);
    let (venue, shop) = venue(1, "api_key = true\n");
    let http = Browser::new(venue.address());
    for (key, status) in [(None, 403), (Some("sk_no_key"), 403), (Some(&*shop), 200)] {
        let headers: Vec<_> = key.into_iter().map(|key| ("x-api-key", key)).collect();
        let path = format!("/v1/counter/{call}");
        assert_eq!(http.ask(Method::GET, &path, &headers, "").await.status, status, "{key:?}");
    }
}
