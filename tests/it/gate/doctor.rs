//! `stanchion doctor` asks real shops that are connected well, badly and not at all.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::super::origin::secure::{made, shop as secure};
use super::neighbour::{Neighbour, free};
use super::shop::Shop;
use super::{SALE, Venue};

/// What it said, and its exit code.
fn doctor(arguments: &[&str]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanchion"));
    let output = command.arg("doctor").args(arguments).output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let fault = String::from_utf8(output.stderr).expect("text");
    (said + &fault, output.status.code().expect("it ends by itself"))
}

#[track_caller]
pub(super) fn finds_nothing_wrong(arguments: &[&str]) -> String {
    let (said, code) = doctor(arguments);
    assert!(code == 0 && said.contains("\n0 open, 0 wrong, "), "{code}: {said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_behind_the_gate_is_well_and_its_own_server_is_found_open() {
    let shop = Shop::open().await;
    let gate = format!(
        "[origin]\nurl = \"http://{}\"\n\
         [[rules]]\npath = \"/assets/*\"\nmethods = [\"GET\"]\nthen = \"open\"\n",
        shop.address
    );
    let venue = Venue::new(10, &gate);
    let host = format!("http://{}", venue.address());
    let (page, asset) = (format!("{host}/shows/1?seat=2"), format!("{host}/assets/a.css"));
    let said = finds_nothing_wrong(&[&page, "--open", &asset]);
    assert!(said.contains(&format!("a shop behind the gate: visitors wait at {host}/{SALE}")));
    let reached = shop.take();
    assert!(reached.iter().all(|one| one.target == "/assets/a.css"), "{reached:?}");

    let behind = format!("http://{}", shop.address);
    let (said, code) = doctor(&[&page, "--behind", &behind, "--open", &page]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("OPEN     the shop's server shows the page"), "{said}");
    assert!(said.contains("needs a pass and should not"), "{said}");
    assert!(said.contains("\n1 open, 1 wrong, "), "{said}");

    let (said, code) = doctor(&[&format!("{behind}/shows/1")]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("OPEN     the page is shown to whoever asks"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_checks_passes_by_itself_is_well() {
    let (at_queue, at_shop) = (free(), free());
    let (queue, shop) = (format!("http://{at_queue}"), format!("http://{at_shop}"));
    let gate = format!("[pass]\nissuer = \"{queue}\"\n[targets]\norigins = [\"{shop}\"]\n");
    let _venue = Venue::at(at_queue, 10, &gate);
    let _shop = Neighbour::start(at_shop, "", |_, _| {
        let mut node = Command::new("node");
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/connect/node/shop.mjs");
        node.args([program, &queue, SALE, &shop]);
        node
    });
    let said = finds_nothing_wrong(&[&format!("{shop}/shows/1?seat=2")]);
    assert!(said.contains("shops find the keys of passes"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_guards_one_writing_of_a_page_is_told_of_the_others() {
    let venue = Venue::new(10, "[targets]\norigins = []\n");
    let careless = careless(format!("http://{}/{SALE}", venue.address()));
    let (said, code) = doctor(&[&format!("http://{careless}/shows/1")]);
    assert_eq!(code, 1, "{said}");
    for found in [
        "OPEN     it is shown without a pass by //shows/1",
        "OPEN     it is shown without a pass by /SHOWS/1",
        "OPEN     it is shown without a pass by POST instead of GET",
        "OPEN     it is shown without a pass by the header field x-original-url: /favicon.ico",
        "OPEN     it is shown without a pass by the made-up cookie stanchion_pass",
        "WRONG    the redirect to the queue has no `cache-control: no-store`",
    ] {
        assert!(said.contains(found), "{found}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_is_well_only_if_it_turns_away_who_names_the_shop() {
    let shop = Shop::open().await;
    let venue = Venue::new(10, &format!("[origin]\nurl = \"http://{}\"\n", shop.address));
    let page = format!("http://{}/shows/1", venue.address());
    let host = format!("host: {}", venue.address());
    let there = format!("http://{}/", venue.address());
    let named = move |rest: &[String]| rest.contains(&host);
    let known = named.clone();
    let by_name = scripted(move |_, rest| match known(rest) {
        true => told("200 OK", "shows"),
        false => told("404 Not Found", ""),
    });
    let moved = scripted(move |_, rest| match named(rest) {
        true => told("200 OK", "shows"),
        false => leading(&there),
    });
    let always =
        |status: &'static str, body: &'static str| scripted(move |_, _| told(status, body));
    let (own, ours) = (made(), made());
    let (secure, mutual) = (secure(&own, None).await, secure(&own, Some(&ours)).await);
    let http = |address: SocketAddr| format!("http://{address}");
    let https = |address: SocketAddr| format!("https://{address}");
    let nginx = "400 No required SSL certificate was sent";
    for (behind, wanted) in [
        (http(by_name), "OPEN     the shop's server shows the page"),
        (http(moved), "OPEN     the shop's server shows the page"),
        (https(secure.address), "OPEN     the shop's server shows the page"),
        (http(always("401 Unauthorized", "")), "good     the shop's server answers 401"),
        (http(always("403 Forbidden", "")), "good     the shop's server answers 403"),
        (http(always("400 Bad Request", nginx)), "good     the shop's server answers 400"),
        (https(mutual.address), "good     the shop's server wants a client certificate"),
        (http(free()), "good     the shop's server is out of reach"),
        (http(always("400 Bad Request", "what?")), "look     the shop's server answers 400"),
        (http(always("404 Not Found", "")), "look     the shop's server answers 404"),
        (http(always("301 Moved Permanently", "")), "look     the shop's server answers 301"),
        (http(scripted(|_, _| None)), "look     the shop's server can be reached"),
        (https(by_name), "look     the shop's server can be reached"),
        ("http://nowhere.invalid".to_owned(), "look     the shop's server: nobody knows"),
    ] {
        let (said, code) = doctor(&[&page, "--behind", &behind]);
        assert!(said.contains(wanted), "{behind}, {wanted}: {said}");
        assert_eq!(code, i32::from(wanted.starts_with("OPEN")), "{said}");
    }
}

#[test]
fn no_answer_is_not_taken_for_a_good_one() {
    let answers = AtomicUsize::new(3);
    let shop = scripted(move |first, _| {
        answers.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).ok()?;
        match first {
            "GET /v1/sales/night HTTP/1.1" => told("200 OK", "{\"id\":\"night\"}"),
            _ => leading("/night"),
        }
    });
    let (said, code) = doctor(&[&format!("http://{shop}/shows/1")]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("a shop behind the gate"), "{said}");
    for asked in [11, 3, 8, 7, 2, 3] {
        let silent = format!("as far as is known: {asked} of {asked} got no answer");
        assert!(said.contains(&silent), "{asked}: {said}");
    }
    assert_eq!(said.matches("  good  ").count(), 1, "that nobody keeps the redirect: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_log_in_is_no_queue() {
    let shop = scripted(|first, _| match first {
        "GET /login HTTP/1.1" => told("200 OK\r\ncontent-type: text/html", "who are you?"),
        _ => leading("/login"),
    });
    let page = format!("http://{shop}/shows/1");
    let (said, code) = doctor(&[&page]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("leads to http://{shop}/login, which is no queue")), "{said}");
    assert!(!said.contains("good") && !said.contains("this is"), "{said}");

    let behind = Shop::open().await;
    let venue = Venue::new(10, &format!("[origin]\nurl = \"http://{}\"\n", behind.address));
    let well = format!("http://{}/shows/1", venue.address());
    let said = finds_nothing_wrong(&[&well, "--open", &page]);
    assert!(said.contains(&format!("{page} needs no pass (302 Found)")), "{said}");
}

#[test]
fn what_makes_no_sense_is_said_in_words() {
    let nobody = format!("http://{}/", free());
    for (arguments, code, wanted) in [
        (&["shop.example.org/shows/1"][..], 2, "begin it with https:// and a host"),
        (&["ftp://shop.example.org/"], 2, "begin it with https:// and a host"),
        (&[&nobody], 1, "no connection to 127.0.0.1"),
        (&[&nobody, "--authority", "/nowhere"], 1, "cannot read /nowhere"),
    ] {
        let (said, ended) = doctor(arguments);
        assert!(ended == code && said.contains(wanted), "{ended}: {said}");
    }
}

/// A shop whose answers are these, to the first line and all others of a request's head. Where it
/// has no answer it closes the connection.
fn scripted(answer: impl Fn(&str, &[String]) -> Option<String> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Who asked may be gone.
            let _ = stream.and_then(|stream| answered(stream, &answer));
        }
    });
    address
}

fn answered(
    mut stream: TcpStream,
    answer: impl Fn(&str, &[String]) -> Option<String>,
) -> std::io::Result<()> {
    let lines = BufReader::new(&stream).lines();
    let head: Vec<String> =
        lines.take_while(|line| !matches!(line.as_deref(), Ok(""))).collect::<Result<_, _>>()?;
    let told = head.split_first().and_then(|(first, rest)| answer(first, rest));
    told.map_or(Ok(()), |told| stream.write_all(told.as_bytes()))
}

fn told(status: &str, body: &str) -> Option<String> {
    let length = body.len();
    Some(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}"))
}

fn leading(to: &str) -> Option<String> {
    told(&format!("302 Found\r\ncache-control: no-store\r\nlocation: {to}"), "")
}

/// A shop that sends strangers away from exactly one page, asked for in exactly one way.
fn careless(to: String) -> SocketAddr {
    let believed = |line: &String| line.starts_with("x-original-url") || line.starts_with("cookie");
    scripted(move |first, rest| {
        if first == "GET /shows/1 HTTP/1.1" && !rest.iter().any(believed) {
            told(&format!("302 Found\r\nlocation: {to}"), "")
        } else {
            told("200 OK", "shows")
        }
    })
}
