//! What must never happen, tried with all that we know: the corpus of raw requests and the ways to
//! write a path, without a pass, at a real gate before a shop, a real nginx and a real HAProxy.
//!
//! Each input names a host of its own, so that what reaches the shop is known by its input, however
//! late it comes; and it is counted once all servers before the shop have ended.

#[path = "../../support/paths.rs"]
mod paths;
mod scribe;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::neighbour::{Neighbour, free};
use super::{BOUND, SALE, Venue};
use crate::origin::raw::requests::{Case, Next, requests};
use paths::{open, readings, variants};
use scribe::{Reached, Scribe};

/// Inputs at once.
const AT_ONCE: usize = 16;
/// Of the ways to write a path, one of so many; no table of theirs has as many entries.
const EVERY: usize = 9;
/// In one connection, one after the other.
const BATCH: usize = 20;
/// Rules, each a path and what follows: what is open is named.
const SOME_OPEN: &[(&str, &str)] = &[("/assets/*", "open"), ("/health", "open")];
/// The other way round: what needs a pass is.
const SHOP_PROTECTED: &[(&str, &str)] =
    &[("/shop", "protected"), ("/shop/*", "protected"), ("/*", "open")];
/// Ways to write a path besides those of the table: to another host, out of the shop, and in other
/// letters.
const MORE: [&str; 13] = [
    "//evil.test/x",
    "///evil.test/%2e%2e/x",
    "/.//evil.test",
    "/%2fevil.test",
    "/\\evil.test",
    "/shop/../assets/x",
    "/shop/%2e%2e/assets/x",
    "/shop/pay/.%2e/../health",
    "//shop//..//assets/x",
    "/Assets/x",
    "/ASSETS/x",
    "/Health",
    "/health/",
];
/// What a visitor pretends.
const PRETENDED: &str = "6.6.6.6";
/// By these fields, of which no application is to be told anything.
const FIELDS: &str = "Forwarded Forwarded-For X-Forwarded X-Forwarded-For X_Forwarded_For \
    X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Uri X-Real-IP X_Real_IP X-Client-IP Client-IP \
    True-Client-IP X-Cluster-Client-IP CF-Connecting-IP CF-Connecting-IPv6 Fastly-Client-IP \
    Fly-Client-IP X-Original-URL X-Original-Host X-Rewrite-URL X-HTTP-Host-Override X-Host \
    X-Remote-IP X-Remote-Addr Remote-Addr Remote-User Remote_User X-Originating-IP X-ProxyUser-Ip \
    DO-Connecting-IP CloudFront-Viewer-Address CF-Pseudo-IPv4 HTTP-X-Forwarded-For \
    WL-Proxy-Client-IP X-Envoy-External-Address X-Azure-ClientIP X-Scheme X-URL-Scheme \
    Front-End-Https SSL-Client-Verify Proxy X-Stanchion-Proof X-Stanchion-Pass";

/// Who stands between the gate and the shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Before {
    Nobody,
    Nginx,
    HaProxy,
}

impl Before {
    fn open(self, shop: SocketAddr) -> Option<Neighbour> {
        let address = free();
        let (program, text) = match self {
            Self::Nobody => return None,
            Self::Nginx => ("nginx", nginx(address, shop)),
            Self::HaProxy => ("haproxy", haproxy(address, shop)),
        };
        Some(Neighbour::start(address, "", |file, folder| {
            let text = text.replace("PREFIX", &folder.display().to_string());
            std::fs::write(file, text).expect("a file");
            let mut command = Command::new(program);
            match self {
                Self::Nginx => command.arg("-p").arg(folder).arg("-c").arg(file),
                _ => command.arg("-db").arg("-f").arg(file),
            };
            command
        }))
    }
}

/// Passes on whatever it takes, and says as which path it read it.
fn nginx(address: SocketAddr, shop: SocketAddr) -> String {
    format!(
        "daemon off; pid PREFIX/pid; error_log stderr; worker_processes 1;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path PREFIX/body; proxy_temp_path PREFIX/proxy;
fastcgi_temp_path PREFIX/fastcgi; uwsgi_temp_path PREFIX/uwsgi; scgi_temp_path PREFIX/scgi;
server {{ listen {address}; underscores_in_headers on; ignore_invalid_headers off;
location / {{ proxy_pass http://{shop}; proxy_http_version 1.1;
proxy_set_header Host $http_host; proxy_set_header X-Read-As $uri; }} }} }}
"
    )
}

fn haproxy(address: SocketAddr, shop: SocketAddr) -> String {
    format!(
        "defaults
    mode http
    timeout connect 60s
    timeout client 60s
    timeout server 60s
frontend before
    bind {address}
    default_backend shop
backend shop
    server shop {shop}
"
    )
}

/// A gate before a shop, and perhaps somebody between them.
struct Stand {
    scribe: Scribe,
    between: Option<Neighbour>,
    venue: Venue,
}

impl Stand {
    /// With these rules; what none of them speaks of needs a pass.
    async fn new(before: Before, rules: &[(&str, &str)]) -> Self {
        let scribe = Scribe::open().await;
        let between = before.open(scribe.address);
        let origin = between.as_ref().map_or(scribe.address, |between| between.address);
        let mut gate = format!("[origin]\nurl = \"http://{origin}\"\n");
        for (path, then) in rules {
            gate += &format!("[[rules]]\npath = \"{path}\"\nthen = \"{then}\"\n");
        }
        Self { venue: Venue::new(10, &gate), scribe, between }
    }

    /// What each of the inputs brought to the shop, once nothing more can come.
    async fn over(self) -> BTreeMap<String, Vec<Reached>> {
        drop(self.venue);
        drop(self.between);
        let mut by_input: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for reached in self.scribe.over().await {
            assert_eq!(reached.all("x-forwarded-for"), ["127.0.0.1"], "{reached:?}");
            assert_eq!(reached.all("x-forwarded-proto"), ["http"], "{reached:?}");
            assert_eq!(reached.all("x-forwarded-host"), reached.all("host"), "{reached:?}");
            assert_eq!(reached.all("host").len(), 1, "{reached:?}");
            let host = reached.all("host").join(", ");
            by_input.entry(host).or_default().push(reached);
        }
        by_input
    }
}

/// The host of one input: as long as `shop.test`, so that no length changes.
fn host(number: usize) -> String {
    format!("s{number:04}.tst")
}

/// The same input for another host.
fn marked(bytes: &[u8], host: &str) -> Vec<u8> {
    let mut marked = bytes.to_vec();
    for at in 0..bytes.len() {
        if bytes[at..].starts_with(b"shop.test") {
            marked[at..at + host.len()].copy_from_slice(host.as_bytes());
        }
    }
    marked
}

/// Final answers in what a server said.
fn answers(text: &str) -> usize {
    text.matches("HTTP/1.").count() - text.matches("HTTP/1.1 100").count()
}

/// Sends bytes on a connection of their own, and gives back what is said until the server closes
/// it, or, once there are so many answers, until it is closed for that.
async fn ask(at: String, bytes: Vec<u8>, enough: usize) -> String {
    let mut stream = TcpStream::connect(at).await.expect("it listens");
    // What the server does not take, since it has closed, is not sent.
    let _ = stream.write_all(&bytes).await;
    let mut said = String::new();
    let mut piece = vec![0; 16 * 1_024];
    loop {
        if answers(&said) >= enough {
            // Who has nothing more to say before that would break off what is still asked.
            let _ = stream.shutdown().await;
        }
        let read = timeout(BOUND, stream.read(&mut piece)).await.expect("in time");
        match read.unwrap_or_default() {
            0 => break,
            count => said += &String::from_utf8_lossy(&piece[..count]),
        }
    }
    assert_leads_nowhere_else(&said);
    said
}

/// Nobody is sent anywhere but to the waiting page, and from there to a path of this host.
fn assert_leads_nowhere_else(said: &str) {
    for line in said.lines().filter(|line| line.to_lowercase().starts_with("location:")) {
        let there = line.split_once(": ").expect("a field").1;
        let to = there.strip_prefix(&format!("/{SALE}")).unwrap_or_else(|| panic!("{line}"));
        let carried = || to.strip_prefix("?to=").unwrap_or_else(|| panic!("{line}"));
        let to = if to.is_empty() { "/" } else { carried() };
        let to = percent_decode_str(to).decode_utf8().expect("text");
        let next = to.strip_prefix('/').unwrap_or_else(|| panic!("{line}"));
        assert!(!next.starts_with(['/', '\\', '\t']), "{line}");
    }
}

/// Plays all of them, some at once.
async fn play(inputs: impl Iterator<Item = impl Future<Output = ()> + Send + 'static>) {
    let mut playing = JoinSet::new();
    for input in inputs {
        if playing.len() == AT_ONCE {
            playing.join_next().await.expect("one plays").expect("it ends");
        }
        playing.spawn(input);
    }
    while let Some(played) = playing.join_next().await {
        played.expect("it ends");
    }
}

/// How many requests of a case reach a shop through a gate: the whole server is no page, and who
/// names no host is told so.
fn reach(case: &Case) -> usize {
    let a_page = names_host(case) && !case.bytes.starts_with(b"OPTIONS *");
    if a_page { case.reach } else { 0 }
}

fn names_host(case: &Case) -> bool {
    case.bytes.windows(9).any(|bytes| bytes == b"shop.test")
}

/// The corpus: each input is as many requests at the shop as it is at the gate, and nothing but the
/// one open page is asked for.
async fn no_input_is_two_requests(before: Before) {
    let cases = Arc::new(requests());
    assert!(cases.len() >= 200, "{}", cases.len());
    let stand = Stand::new(before, &[("/shop", "open")]).await;
    let at = stand.venue.address();
    play(cases.iter().enumerate().map(|(number, case)| {
        let enough = if case.next == Next::Nothing { case.reach } else { usize::MAX };
        let bytes = marked(&case.bytes, &host(number));
        let (at, name) = (at.clone(), case.name);
        async move {
            let said = ask(at, bytes, enough).await;
            assert!(answers(&said) <= 4, "{name}: {said}");
        }
    }))
    .await;
    let mut by_input = stand.over().await;
    let mut arrived = 0;
    for (number, case) in cases.iter().enumerate() {
        let host = if names_host(case) { host(number) } else { String::new() };
        let reached = by_input.remove(&host).unwrap_or_default();
        for one in &reached {
            assert_eq!(one.target, "/shop", "{}: {one:?}", case.name);
        }
        let whole = reached.iter().filter(|one| one.whole).count();
        // A body that turned out to be none may have begun to be passed on.
        assert!(reached.len() - whole <= 1, "{}: {reached:?}", case.name);
        assert!(whole <= reach(case), "{}: {reached:?}", case.name);
        // Somebody between may refuse what is odd, if not ambiguous.
        let all = before != Before::Nobody || whole == reach(case);
        assert!(all, "{}: {} of {}: {reached:?}", case.name, whole, reach(case));
        arrived += whole;
    }
    assert!(by_input.is_empty(), "of no input: {by_input:?}");
    assert!(arrived > 30, "the table bites: {arrived} arrived");
}

/// The ways to write a path: what reaches the shop is open, however it is read there, and tells
/// nothing of what the visitor pretended.
async fn no_way_of_writing_reaches_more(before: Before) {
    only_what_is_open(before, SOME_OPEN, open).await;
    only_what_is_open(before, SHOP_PROTECTED, |path| !path.starts_with("/shop")).await;
}

async fn only_what_is_open(before: Before, rules: &[(&str, &str)], open: fn(&str) -> bool) {
    let mut paths: Vec<_> = variants().into_iter().step_by(EVERY).collect();
    paths.extend(MORE.map(str::to_owned));
    assert!(paths.len() > 500, "{}", paths.len());
    let stand = Stand::new(before, rules).await;
    // What is no target ends its connection.
    let ends = |path: &str| !path.starts_with('/') || path.contains([' ', '\\']);
    let (alone, pipelined): (Vec<_>, Vec<_>) =
        paths.iter().enumerate().partition(|(_, path)| ends(path));
    let batches = pipelined.chunks(BATCH).chain(alone.chunks(1));
    let pretended: String =
        FIELDS.split_whitespace().map(|name| format!("{name}: {PRETENDED}\r\n")).collect();
    let led = Arc::new(AtomicUsize::new(0));
    play(batches.map(|batch| {
        let mut text = String::new();
        for (number, path) in batch {
            let head = format!("Host: {}\r\nAccept: text/html\r\n{pretended}", host(*number));
            text += &format!("GET {path} HTTP/1.1\r\n{head}\r\n");
        }
        let (at, count, led) = (stand.venue.address(), batch.len(), led.clone());
        async move {
            let said = ask(at, text.into_bytes(), count).await;
            assert_eq!(answers(&said), count, "{said}");
            led.fetch_add(said.matches("\r\nlocation: ").count(), Relaxed);
        }
    }))
    .await;
    let by_input = stand.over().await;
    for (host, reached) in &by_input {
        let [one] = &reached[..] else { panic!("{host}: {reached:?}") };
        let path = one.target.split('?').next().unwrap_or_default();
        assert!(open(path), "{one:?}");
        assert!(one.all("x-read-as").iter().all(|path| open(path)), "{one:?}");
        let astray = readings(path).into_iter().find(|path| path.starts_with("/shop"));
        assert!(astray.is_none(), "{astray:?}: {one:?}");
        assert!(!one.head.contains(PRETENDED), "{}", one.head);
    }
    assert!(by_input.len() > 10, "the table bites: {} arrived", by_input.len());
    let led = led.load(Relaxed);
    assert!(led > 10, "the table bites: {led} were led to the waiting page");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_of_the_corpus_is_two_requests_at_the_shop() {
    no_input_is_two_requests(Before::Nobody).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_of_the_corpus_is_two_requests_behind_nginx() {
    no_input_is_two_requests(Before::Nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_of_the_corpus_is_two_requests_behind_haproxy() {
    no_input_is_two_requests(Before::HaProxy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_of_writing_reaches_more_of_the_shop() {
    no_way_of_writing_reaches_more(Before::Nobody).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_of_writing_reaches_more_behind_nginx() {
    no_way_of_writing_reaches_more(Before::Nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_of_writing_reaches_more_behind_haproxy() {
    no_way_of_writing_reaches_more(Before::HaProxy).await;
}
