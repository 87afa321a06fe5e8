//! A shop with a connector of somebody else, as it comes from npm: a process of its own, set up
//! with our address, our prefix and a secret, and nothing else.
//!
//! The connector only ever makes addresses that begin with `https://`; the browsers of these tests
//! ask for the same in the clear, as a proxy in front that speaks TLS would.

mod cancel;
mod doctor;
mod integrations;
mod journey;
mod mutated;
mod refused;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::browser::{Browser, Page};
use super::neighbour::{Neighbour, free};
use super::{SALE, Venue};

const SECRET: &str = "a774b1e2-8da7-4d51-b1a9-7647147bb13bace77210-a488-4b6f-afc9-8ba94551a7d7";
const API_KEY: &str = "5ebbf794-1665-4d48-80d6-21ac34be7fae";
/// The waiting room, as the connector knows it.
const ROOM: &str = "hamlet2026";
/// Where a visitor wants to be.
const WANTED: &str = "/shows/1?seat=A%2012&x=1";
/// No way is longer.
const STEPS_MAX: usize = 12;

/// A queue, and a shop that sends its visitors there.
struct Street {
    queue: SocketAddr,
    shop: SocketAddr,
    venue: Venue,
    _shop: Neighbour,
}

/// What is behind and before them.
struct Plan<'a> {
    /// Most passes at once.
    cap: u32,
    /// Lines of the gate file.
    more: &'a str,
    /// Settings of the shop.
    settings: &'a Value,
}

/// A visitor: their browser keeps cookies of both hosts.
struct Visitor<'s> {
    street: &'s Street,
    queue: Browser,
    shop: Browser,
}

fn gate(shop: SocketAddr, more: &str) -> String {
    format!(
        "[targets]\norigins = [\"http://{shop}\"]\n[connector]\ncustomer = \"arena\"\n\
         prefix = \"wait\"\n{more}[connector.waiting_rooms]\n{ROOM} = \"{SALE}\"\n"
    )
}

impl Street {
    fn new(cap: u32) -> Self {
        Self::with(cap, "", &json!({}))
    }

    /// The same with more in the gate file, and other settings of the shop.
    fn with(cap: u32, more: &str, settings: &Value) -> Self {
        Self::between(free(), free(), &Plan { cap, more, settings })
    }

    /// The same at these addresses.
    fn between(queue: SocketAddr, shop: SocketAddr, plan: &Plan<'_>) -> Self {
        let Plan { cap, more, settings } = plan;
        let known = [
            ("STANCHION__SECRETS__CONNECTOR", SECRET),
            ("STANCHION__SECRETS__CONNECTOR_API_KEY", API_KEY),
        ];
        let venue = Venue::knowing(queue, *cap, &gate(shop, more), &known);
        let open = open_shop(queue, shop, settings);
        Self { queue, shop, venue, _shop: open }
    }

    fn visitor(&self) -> Visitor<'_> {
        let queue = Browser::new(self.queue.to_string());
        Visitor { street: self, queue, shop: Browser::new(self.shop.to_string()) }
    }

    /// One line of the metrics.
    async fn counted(&self, name: &str) -> u64 {
        let ops = Browser::new(self.venue.server.ops.to_string());
        let bearer = format!("Bearer {}", self.venue.site.staff);
        let get = http::Method::GET;
        let metrics = ops.ask(get, "/metrics", &[("authorization", &bearer)], "").await;
        let lines = metrics.text.lines().filter(|line| line.starts_with(name));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }
}

fn open_shop(queue: SocketAddr, shop: SocketAddr, settings: &Value) -> Neighbour {
    let mut all = json!({
        "address": shop.to_string(), "queueDomain": queue.to_string(), "queuePathPrefix": "wait",
        "secretKey": SECRET, "customerId": "arena", "eventId": ROOM,
    });
    for (key, value) in settings.as_object().expect("a table") {
        all[key] = value.clone();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/connector/shop.mjs");
    Neighbour::start(shop, "", |_, _| {
        let mut command = Command::new("node");
        command.arg(file).arg(all.to_string());
        command
    })
}

impl Visitor<'_> {
    /// Loads one address of either host.
    async fn open(&self, address: &str) -> Page {
        let on = |host: SocketAddr| {
            let rest = address.split_once("://").map(|(_, rest)| rest)?;
            rest.strip_prefix(&host.to_string()).map(str::to_owned)
        };
        match (on(self.street.queue), on(self.street.shop)) {
            (Some(path), _) => self.queue.get(&path).await,
            (_, Some(path)) => self.shop.get(&path).await,
            _ => panic!("{address} leads elsewhere"),
        }
    }

    /// Goes where an address leads, and says which addresses those were.
    async fn follow(&self, address: &str) -> (Vec<String>, Page) {
        let mut way = vec![address.to_owned()];
        for _ in 0..STEPS_MAX {
            let here = way.last().expect("it begins somewhere").clone();
            let page = self.open(&here).await;
            if !page.status.is_redirection() {
                return (way, page);
            }
            let next = page.header("location").expect("a redirect leads somewhere");
            way.push(match next.starts_with('/') {
                true => format!("http://{}{next}", here.split('/').nth(2).expect("a host")),
                false => next.to_owned(),
            });
        }
        panic!("there is no end to {way:#?}");
    }

    /// Comes from the shop, waits, and goes in.
    async fn wait_and_enter(&self) -> (Vec<String>, Page) {
        let (way, waits) = self.follow(&self.wanted()).await;
        assert_eq!(waits.status, 200, "{waits:?}");
        let last = way.last().expect("somewhere");
        let path = last.strip_prefix(&format!("http://{}", self.street.queue));
        let path = path.or_else(|| last.strip_prefix(&format!("https://{}", self.street.queue)));
        let back = self.queue.wait_and_claim(path.expect("the waiting page")).await;
        self.follow(&format!("http://{}{back}", self.street.queue)).await
    }

    fn wanted(&self) -> String {
        self.street.at_shop(WANTED)
    }
}

impl Street {
    fn at_shop(&self, path: &str) -> String {
        format!("http://{}{path}", self.shop)
    }
}

/// A token with any claim, signed as the connector wants it.
fn signed(claim: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(claim.as_bytes());
    format!("{claim}~h_{}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// The token of an address.
fn token_of(address: &str) -> &str {
    address.split("queueittoken=").nth(1).expect("a token").split('&').next().expect("a text")
}

fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}
