//! What reaches the shop of a request, and what comes back.

use std::sync::atomic::Ordering::Relaxed;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stanchion::net::proxies::Proxies;

use super::*;

/// The value of a field in a head that came back as text.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn a_request_is_written_anew_and_tells_the_shop_who_asks() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let spoofed = "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: evil.test\r\n\
                   X-Forwarded-Proto: https\r\nForwarded: for=10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n\
                   X_Forwarded_For: 10.0.0.1\r\nX-Original-URL: /evil\r\nTE: trailers\r\n\
                   X-Stanchion-Proof: v1;t=9999999999;m=GET;p=1;s=00\r\n\
                   Cookie: a=1; pass-gala=secret; b=2\r\nX-Kept: yes\r\n";
    let answer = gate.get("/pass?a=%2e&b", spoofed).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let seen = answer.split_once("\r\n\r\n").expect("a body").1;
    assert!(seen.starts_with("GET /pass?a=%2e&b HTTP/1.1\r\n"), "{seen}");
    for (name, wanted) in [
        ("host", "shop.test"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "shop.test"),
        ("x-forwarded-proto", "http"),
        ("cookie", "a=1; b=2"),
        ("x-kept", "yes"),
    ] {
        assert_eq!(field(seen, name), Some(wanted), "{name} in {seen}");
    }
    for name in ["connection", "te", "forwarded", "x-real-ip", "x_forwarded_for", "evil", "10.0"] {
        assert!(!seen.to_lowercase().contains(&format!("\n{name}")), "{name} in {seen}");
    }
    assert_eq!(seen.matches("x-stanchion-proof").count(), 1, "{seen}");
    gate.metric_becomes(r#"stanchion_origin_requests_total{outcome="answered"}"#, 1).await;
    gate.metric_becomes(r#"stanchion_requests_total{route="gate",status="2xx"}"#, 1).await;
}

#[tokio::test]
async fn the_proof_is_what_the_documents_say_it_is() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    for (path, pass) in [("/pass/seats?zone=1", "7"), ("/open", "-")] {
        let answer = gate.get(path, "").await;
        let proof = field(&answer, "x-stanchion-proof").expect("a proof");
        let (claim, signature) = proof.split_once(";s=").expect("signed");
        let parts: Vec<_> = claim.split(';').collect();
        assert_eq!(parts.len(), 4, "{claim}");
        assert_eq!([parts[0], parts[2], parts[3]], ["v1", "m=GET", &format!("p={pass}")]);
        let seconds: i64 = parts[1].strip_prefix("t=").expect("dated").parse().expect("seconds");
        let now = Clock::machine().wall().0 / 1_000;
        assert!((now - 60..=now).contains(&seconds), "{seconds} at {now}");
        let mut mac: Hmac<Sha256> = Hmac::new_from_slice(SECRET).expect("a key");
        mac.update(format!("{claim}\n{path}").as_bytes());
        assert_eq!(signature, HEXLOWER.encode(&mac.finalize().into_bytes()), "{claim}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_known_is_believed_about_who_asks_and_about_nothing_else() {
    let shop = Shop::open().await;
    let proxies = Proxies::new(vec!["127.0.0.1".parse().expect("a network")]);
    let gate = Gate::start(patient(shop.address), Settings { proxies, ..Settings::default() });
    let told = "X-Forwarded-For: 10.9.9.9, 203.0.113.5\r\nX-Forwarded-Host: evil.test\r\n";
    let answer = gate.get("/", told).await;
    assert_eq!(field(&answer, "x-forwarded-for"), Some("203.0.113.5"), "{answer}");
    assert_eq!(field(&answer, "x-forwarded-host"), Some("shop.test"), "{answer}");
}

#[tokio::test]
async fn the_shop_sees_the_host_that_is_set_and_is_told_the_visitors() {
    let shop = Shop::open().await;
    let host = Some(http::HeaderValue::from_static("inner.test"));
    let gate = Gate::start(OriginSettings { host, ..patient(shop.address) }, Settings::default());
    let answer = gate.get("/", "").await;
    assert_eq!(field(&answer, "host"), Some("inner.test"), "{answer}");
    assert_eq!(field(&answer, "x-forwarded-host"), Some("shop.test"), "{answer}");
}

#[tokio::test]
async fn requests_share_connections_and_every_body_is_framed_once() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = gate.connect().await;
    for (framing, body, wanted) in [
        ("Content-Length: 5", "hello", "5 bytes"),
        ("Transfer-Encoding: chunked", "3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Sum: 1\r\n\r\n", "7 bytes"),
        ("Content-Length: 0", "", "0 bytes"),
        ("X-None: 1", "", "0 bytes"),
    ] {
        raw.send(format!("POST /count HTTP/1.1\r\n{HOST}{framing}\r\n\r\n{body}")).await;
        let answer = raw.until(wanted).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{framing}: {answer}");
    }
    raw.send(format!(
        "GET /count HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    ))
    .await;
    raw.until("2 bytes").await;
    assert_eq!(shop.accepted.load(Relaxed), 1, "one connection, used again");
    gate.metric_becomes("stanchion_origin_connections_open", 1).await;
}

#[tokio::test]
async fn a_connection_is_used_again_after_every_whole_answer_and_not_once_the_shop_ended_it() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    for (path, wanted) in [
        ("/chunks", "chunks"),
        ("/status-204", "204"),
        ("/status-304", "304"),
        ("/large-300000", "xxx"),
        ("/foretold", "told"),
        ("/over", "over"),
    ] {
        let answer = gate.get(path, "").await;
        assert!(answer.contains(wanted), "{path}: {answer}");
    }
    assert_eq!(shop.accepted.load(Relaxed), 1, "one connection, used again");
    assert!(gate.get("/chunks", "").await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(shop.accepted.load(Relaxed), 2, "another one, and nobody noticed");
    // What has a body is as safe: not one byte of it had left.
    assert!(gate.get("/over", "").await.contains("over"));
    let post = format!("POST /count HTTP/1.1\r\n{HOST}Connection: close\r\nContent-Length: 5\r\n");
    assert!(gate.ask(format!("{post}\r\nhello")).await.contains("5 bytes"));
    assert_eq!(shop.accepted.load(Relaxed), 3);
    gate.metric_becomes("stanchion_origin_connections_open", 1).await;
}

#[tokio::test]
async fn the_shops_answer_comes_back_as_it_is_but_sets_no_cookie_of_ours() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let answer = gate.get("/cookies", "").await;
    assert!(!answer.contains("pass-gala") && !answer.contains("x-secret"), "{answer}");
    assert!(answer.contains("\r\nset-cookie: shop=1\r\n"), "{answer}");
    assert!(answer.contains("\r\nx-frame-options: SAMEORIGIN\r\n"), "{answer}");
    assert!(!answer.contains("content-security-policy"), "{answer}");
    assert!(!answer.contains("cache-control"), "open to all, says nothing: {answer}");
    let answer = gate.get("/pass", "").await;
    assert!(answer.contains("\r\ncache-control: private\r\n"), "{answer}");
    let head = "HEAD /cookies HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n";
    assert!(gate.ask(head).await.starts_with("HTTP/1.1 200 OK\r\n"));
}
