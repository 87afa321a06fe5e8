//! Requests over HTTP/1 that are well formed, and those that are not.

use super::*;

#[tokio::test]
async fn an_answer_has_a_date_a_length_and_the_security_headers() {
    let server = Server::start(patient());
    let head = "GET / HTTP/1.1\r\nHost: arena.test\r\nConnection: close\r\n\r\n";
    let answer = server.ask(head).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for header in [
        "date: ",
        "content-length: 5",
        "x-content-type-options: nosniff",
        "x-frame-options: DENY",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'",
    ] {
        assert!(answer.contains(&format!("\r\n{header}")), "{header} is missing from {answer}");
    }
    assert!(!answer.contains("strict-transport-security"), "{answer}");
    let refused = server.ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(refused.contains("\r\ncontent-type: application/problem+json"), "{refused}");
    assert!(refused.contains("\r\nx-content-type-options: nosniff"), "{refused}");
    assert!(!refused.contains("content-security-policy"), "JSON is no page: {refused}");
    server.metric_becomes(r#"stanchion_requests_total{route="other",status="2xx"}"#, 1).await;
}

#[tokio::test]
async fn requests_follow_one_another_on_one_connection() {
    let server = Server::start(patient());
    let mut raw = server.connect().await;
    for text in ["one", "two", "three"] {
        let length = text.len();
        let head = "POST /echo HTTP/1.1\r\nHost: arena.test\r\nContent-Length";
        raw.send(format!("{head}: {length}\r\n\r\n{text}")).await;
        raw.until(text).await;
    }
    assert_eq!(server.metric("stanchion_connections_total"), 1);
}

#[tokio::test]
async fn requests_that_two_readers_could_understand_differently_are_refused() {
    let server = Server::start(patient());
    for (head, code) in [
        ("GET / HTTP/1.1\r\n\r\n", Some("host_missing")),
        ("GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n", Some("host_missing")),
        ("GET / HTTP/1.0\r\nHost: a.test\r\nHost: b.test\r\n\r\n", Some("host_missing")),
        ("GET / HTTP/1.1\r\nHost: a test\r\n\r\n", Some("host_invalid")),
        ("GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", Some("host_differs")),
        ("GET http://a.test/ HTTP/1.1\r\n\r\n", Some("host_missing")),
        ("POST /echo HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: gzip\r\n\r\n", None),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", None),
        ("POST /echo HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n", None),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            None,
        ),
        ("POST /echo HTTP/1.1\r\nHost: a.test\r\nContent-Length: +3\r\n\r\nabc", None),
        ("GET / HTTP/1.1\r\nHost : a.test\r\n\r\n", None),
        ("GET / HTTP/1.1\r\nHost: a.test\r\nX: a\r\n b\r\n\r\n", None),
        ("GET / HTTP/1.1\r\nHost: a.test\r\nX: \0\r\n\r\n", None),
        ("GET  / HTTP/1.1\r\nHost: a.test\r\n\r\n", None),
        ("\x16\x03\x01\x02", None),
    ] {
        let answer = server.ask(head).await;
        assert_eq!(answer.get(8..13), Some(" 400 "), "{head:?}: {answer}");
        if let Some(code) = code {
            assert!(answer.contains(&format!(r#""code":"{code}""#)), "{head:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_length_beside_chunks_is_refused_and_nothing_after_it_is_read() {
    let server = Server::start(patient());
    let head = "POST /echo HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\
                Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let answer = server.ask(format!("{head}GET /panic HTTP/1.1\r\nHost: a.test\r\n\r\n")).await;
    assert_problem(&answer, 400, "framing_ambiguous");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert_eq!(server.metric(r#"stanchion_refused_total{limit="framing"}"#), 1);
}

#[tokio::test]
async fn tunnels_are_not_offered() {
    let server = Server::start(patient());
    let answer = server.ask("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n").await;
    assert_problem(&answer, 405, "method_not_allowed");
}

#[tokio::test]
async fn a_handler_that_panics_costs_one_request_and_nothing_else() {
    let server = Server::start(patient());
    let mut other = server.connect().await;
    other.send("GET /held HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    let answer = server.ask("GET /panic HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    assert_problem(&answer, 500, "internal");
    assert!(!answer.contains("a bug"), "{answer}");
    server.handler.held.add_permits(1);
    other.until("\r\n\r\nheld").await;
    assert_eq!(server.metric("stanchion_handler_panics_total"), 1);
}
