use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode};
use stanchion_domain::id::Number;

use super::*;
use crate::net::Peer;
use crate::net::source::Source;

fn asks(pass: Option<u32>) -> Asks {
    let asker: IpAddr = "203.0.113.5".parse().expect("an address");
    let address = SocketAddr::from(([10, 0, 0, 1], 4_000));
    let source = Source::of(asker);
    Asks {
        peer: Peer { address, asker, source, proxied: false, secure: true },
        secure: true,
        path: PathAndQuery::from_static("/shop"),
        pass: pass.map(Number),
        own_cookies: Arc::from(["place-gala", "pass-gala", "__Host-pass-gala"].map(str::to_owned)),
    }
}

/// The fields that the origin sees of these, one a line, in order of their names.
fn seen(fields: &[(&str, &str)], tunnels: bool) -> Vec<String> {
    let mut request = Request::builder().uri("/shop").header("host", "shop.test");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (mut head, ()) = request.body(()).expect("a request").into_parts();
    towards(&mut head, Added { asks: &asks(Some(7)), host: None, tunnels });
    lines(&head.headers)
}

fn lines(headers: &HeaderMap) -> Vec<String> {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}", value.to_str().expect("text"))
    };
    let mut lines: Vec<_> = headers.iter().map(line).collect();
    lines.sort();
    lines
}

/// What is added to every request.
const OURS: [&str; 4] = [
    "host: shop.test",
    "x-forwarded-for: 203.0.113.5",
    "x-forwarded-host: shop.test",
    "x-forwarded-proto: https",
];

#[test]
fn what_a_visitor_pretends_and_what_is_of_one_connection_never_reaches_the_origin() {
    for field in [
        ("connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("trailer", "x-late"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        ("proxy-authorization", "Basic eDp5"),
        ("proxy-connection", "keep-alive"),
        ("proxy", "http://evil.test"),
        ("expect", "100-continue"),
        ("content-length", "5"),
        ("content_length", "5"),
        ("transfer_encoding", "chunked"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-port", "1"),
        ("x_forwarded_for", "10.0.0.1"),
        ("x-forwarded_for", "10.0.0.1"),
        ("x-real-ip", "10.0.0.1"),
        ("forwarded", "for=10.0.0.1"),
        ("x-stanchion-proof", "v1;t=1"),
        ("x_stanchion_proof", "v1;t=1"),
        ("x-stanchion-pass", "1"),
        ("x-original-url", "/console"),
        ("x-rewrite-url", "/console"),
        ("true-client-ip", "10.0.0.1"),
    ] {
        assert_eq!(seen(&[field], false), OURS, "{field:?}");
    }
}

#[test]
fn who_asks_and_for_what_is_told_by_nobody_but_us() {
    for (before, after) in TOLD.iter().zip(&TOLD[1..]) {
        assert!(before < after && !after.starts_with(&format!("{before}-")), "{before}, {after}");
    }
    let documents = include_str!("../../../docs/gate.md");
    for name in TOLD {
        assert!(documents.contains(&format!("`{name}`")), "docs/gate.md does not name {name}");
        let more = format!("{name}-more");
        for name in [name, &more, &name.replace('-', "_"), &name.to_uppercase()] {
            assert_eq!(seen(&[(name, "6.6.6.6")], false), OURS, "{name}");
        }
    }
    for name in
        ["x-forwarded", "forwarded-for", "x-original-host", "remote-groups", "x-remote-addr"]
    {
        assert_eq!(seen(&[(name, "6.6.6.6")], false), OURS, "{name}");
    }
    for name in ["x-requested-with", "x-csrf-token", "authorization", "x-realm", "a", "zz"] {
        assert_eq!(seen(&[(name, "1")], false).len(), OURS.len() + 1, "{name} is passed on");
    }
}

#[test]
fn what_connection_names_is_dropped_but_nothing_of_ours() {
    let fields = [
        ("connection", "close, X-Secret, X-Forwarded-For"),
        ("connection", "x-stanchion-proof,,host, content-length"),
        ("x-secret", "1"),
        ("x-kept", "2"),
    ];
    let mut wanted: Vec<_> = OURS.to_vec();
    wanted.push("x-kept: 2");
    wanted.sort_unstable();
    assert_eq!(seen(&fields, false), wanted);
}

#[test]
fn our_cookies_are_not_shown_to_the_origin_and_its_own_are() {
    for (cookies, wanted) in [
        (&["a=1; pass-gala=t; b=2"][..], Some("cookie: a=1; b=2")),
        (&["place-gala=t"], None),
        (&["PASS-gala = t ;x"], Some("cookie: x")),
        (&["=pass-gala=t; __Host-pass-gala=u;pass-galas=3"], Some("cookie: pass-galas=3")),
        (&["a=1", "place-gala=t", "b=2"], Some("cookie: a=1; b=2")),
        (&["; ;"], None),
    ] {
        let fields: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
        let seen = seen(&fields, false);
        let cookie = seen.iter().find(|line| line.starts_with("cookie"));
        assert_eq!(cookie.map(String::as_str), wanted, "{cookies:?}");
    }
}

#[test]
fn only_a_websocket_is_asked_for_and_named_anew() {
    for (connection, upgrade, tunnels) in [
        ("Upgrade", "websocket", true),
        ("keep-alive, upgrade", "WebSocket", true),
        ("Upgrade, HTTP2-Settings", "h2c", false),
        ("upgrade", "websocket, h2c", false),
        ("keep-alive", "websocket", false),
    ] {
        let request = Request::builder().header("connection", connection);
        let request = request.header("upgrade", upgrade).body(()).expect("a request");
        assert_eq!(asks_for_tunnel(&request), tunnels, "{connection} {upgrade}");
    }
    let lines = seen(&[("connection", "Upgrade"), ("upgrade", "WebSocket")], true);
    assert!(lines.contains(&"connection: upgrade".to_owned()), "{lines:?}");
    assert!(lines.contains(&"upgrade: websocket".to_owned()), "{lines:?}");
}

#[test]
fn an_answer_sets_no_cookie_of_ours_and_is_private_only_if_it_says_nothing_itself() {
    for (pass, fields, wanted) in [
        (
            None,
            &[("set-cookie", "a=1; Path=/"), ("set-cookie", "pass-gala=x"), ("x-a", "1")][..],
            &["set-cookie: a=1; Path=/", "x-a: 1"][..],
        ),
        (None, &[("set-cookie", "=place-gala=x")], &[]),
        (Some(1), &[("set-cookie", "b=2")], &["cache-control: private", "set-cookie: b=2"]),
        (Some(1), &[("cache-control", "public")], &["cache-control: public"]),
        (None, &[("connection", "close, x-b"), ("x-b", "1"), ("keep-alive", "timeout=1")], &[]),
        (None, &[("content-length", "5"), ("x-stanchion-proof", "v1")], &["content-length: 5"]),
    ] {
        let mut answer = Response::builder();
        for (name, value) in fields {
            answer = answer.header(*name, *value);
        }
        let (mut head, ()) = answer.body(()).expect("an answer").into_parts();
        back(&mut head, &asks(pass));
        assert_eq!(lines(&head.headers), wanted, "{fields:?}");
    }
}

#[test]
fn a_switch_is_named_anew_and_an_answer_has_one_framing() {
    let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    let answer = answer.header("connection", "Upgrade, x-b").header("x-b", "1");
    let (mut head, ()) = answer.body(()).expect("an answer").into_parts();
    back(&mut head, &asks(None));
    assert_eq!(lines(&head.headers), ["connection: upgrade", "upgrade: websocket"]);
    for (fields, once) in [
        (&[][..], true),
        (&[("content-length", "5")], true),
        (&[("transfer-encoding", "Chunked")], true),
        (&[("transfer-encoding", "chunked"), ("content-length", "5")], false),
        (&[("transfer-encoding", "gzip, chunked")], false),
        (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], false),
    ] {
        let mut answer = Response::builder();
        for (name, value) in fields {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(()).expect("an answer");
        assert_eq!(framed_once(&answer), once, "{fields:?}");
    }
}
