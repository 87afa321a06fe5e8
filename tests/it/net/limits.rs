//! Too large, too many.

use super::*;
use stanchion::net::proxies::Proxies;

#[tokio::test]
async fn a_head_a_target_or_a_field_too_many_is_refused() {
    let server = Server::start(patient());
    let fields = |count: usize| "x: y\r\n".repeat(count);
    let wide = "y".repeat(20_000);
    for (head, status, code) in [
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", fields(64)), 431, "headers_too_large"),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", fields(500)), 431, "headers_too_large"),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nx: {wide}\r\n\r\n"), 431, "headers_too_large"),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", &wide[..9_000]), 414, "target_too_long"),
        (format!("GET /{wide} HTTP/1.1\r\nHost: a\r\n\r\n"), 414, "target_too_long"),
    ] {
        let answer = server.ask(&head).await;
        assert_kept_by_nobody(&answer, status, code);
    }
    let fits = format!("GET / HTTP/1.1\r\nHost: a\r\n{}Connection: close\r\n\r\n", fields(62));
    assert!(server.ask(&fits).await.ends_with("hello"));
}

/// A problem of ours, after which the connection ends, and that no cache in front may keep.
#[track_caller]
fn assert_kept_by_nobody(answer: &str, status: u16, code: &str) {
    assert_problem(answer, status, code);
    assert!(answer.contains("cache-control: no-store\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

/// A head of so many bytes, with the empty line at its end.
fn head_of(bytes: usize) -> String {
    let head = |fill: &str| format!("GET / HTTP/1.1\r\nHost: a\r\nx: {fill}\r\n\r\n");
    head(&"y".repeat(bytes - head("").len()))
}

#[tokio::test]
async fn a_head_is_taken_up_to_its_limit_and_refused_in_our_words_beyond_it() {
    let server = Server::start(patient());
    let most = Settings::default().head_bytes_max;
    let mut fits = server.connect().await;
    for bytes in [most - 1, most] {
        fits.send(head_of(bytes)).await;
        assert!(fits.until("hello").await.starts_with("HTTP/1.1 200 "));
    }
    for bytes in [most + 2, most + 1_000, 2 * most, 4 * most] {
        assert_kept_by_nobody(&server.ask(head_of(bytes)).await, 431, "headers_too_large");
    }
    // Whoever goes on and on is told as well, and not listened to.
    let (mut reads, mut writes) = server.connect().await.0.into_split();
    let endless = tokio::spawn(async move {
        let _ = writes.write_all(head_of(most).trim_end().as_bytes()).await;
        while writes.write_all(&[b'y'; 4_096]).await.is_ok() {}
    });
    let mut answer = Vec::new();
    // The connection may be reset under a peer who never stops.
    let _ = timeout(BOUND, reads.read_to_end(&mut answer)).await.expect("it ends");
    assert_kept_by_nobody(&String::from_utf8_lossy(&answer), 431, "headers_too_large");
    timeout(BOUND, endless).await.expect("it is closed").expect("no panic");
    server.metric_becomes("stanchion_connections_open", 1).await;
}

#[tokio::test]
async fn wherever_in_a_head_the_limit_is_the_answer_is_ours() {
    let server = Server::start(Settings { head_bytes_max: 400, ..patient() });
    let head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\
                Expect: 100-continue\r\nTransfer-Encodin: chunked\r\nX: y\r\n\r\n";
    for fill in (403 - head.len())..400 {
        let grown = head.replacen("/a", &format!("/{}", "a".repeat(fill)), 1);
        assert_kept_by_nobody(&server.ask(grown).await, 431, "headers_too_large");
    }
    let coded = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nUpgrade: x\r\n\r\n";
    for fill in (403 - coded.len())..400 {
        let grown = coded.replacen("/a", &format!("/{}", "a".repeat(fill)), 1);
        assert_kept_by_nobody(&server.ask(grown).await, 431, "headers_too_large");
    }
    // What came before it is answered first.
    let answer = server.ask(format!("GET / HTTP/1.1\r\nHost: a\r\n\r\n{}", head_of(500))).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_body_announced_as_too_large_is_refused_before_it_comes() {
    let server = Server::start(patient());
    let head = "POST /echo HTTP/1.1\r\nHost: a.test\r\nContent-Length";
    let answer = server.ask(format!("{head}: 65537\r\n\r\n")).await;
    assert_problem(&answer, 413, "body_too_large");
    let answer = server.ask(format!("{head}: 99999999999999999999999\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    server.metric_becomes(r#"stanchion_refused_total{limit="body_bytes"}"#, 1).await;
}

#[tokio::test]
async fn a_chunked_body_is_refused_when_it_grows_too_large() {
    let server = Server::start(patient());
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let head = "POST /echo HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = server.ask(format!("{head}{}", chunk.repeat(5))).await;
    assert_problem(&answer, 413, "body_too_large");
    let fits = format!("{head}{}0\r\n\r\n", chunk.repeat(4));
    let mut raw = server.connect().await;
    raw.send(fits).await;
    assert!(raw.until("\r\n\r\n").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn one_source_has_a_limit_of_its_own() {
    let server = Server::start(Settings { connections_per_source_max: 2, ..patient() });
    let first = server.connect().await;
    let _second = server.connect().await;
    server.metric_becomes("stanchion_connections_open", 2).await;
    let answer = server.ask("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    assert_problem(&answer, 429, "too_many_connections");
    assert!(answer.contains("retry-after: "), "{answer}");
    drop(first);
    server.metric_becomes("stanchion_connections_open", 1).await;
    let mut third = server.connect().await;
    third.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    third.until("hello").await;
}

#[tokio::test]
async fn a_proxy_is_believed_about_who_asks_and_nobody_else_is() {
    let ours = Proxies::new(vec!["127.0.0.0/8".parse().expect("a network")]);
    let known = Settings { connections_per_source_max: 1, proxies: ours, ..patient() };
    let behind = Server::start(known);
    let _open = behind.connect().await;
    behind.metric_becomes("stanchion_connections_open", 1).await;
    let asked = |server| async move {
        let told = format!("X-Forwarded-For: 1.1.1.1, {VISITOR}\r\nConnection: close");
        Server::ask(server, &format!("GET /who HTTP/1.1\r\nHost: a.test\r\n{told}\r\n\r\n")).await
    };
    assert!(asked(&behind).await.ends_with("the visitor"), "and no limit of one source");
    let open = Server::start(patient());
    assert!(asked(&open).await.ends_with("somebody else"), "anybody can write a header");
}

#[tokio::test]
async fn a_full_house_says_so_and_a_crowded_one_closes_after_each_answer() {
    let limits = Settings { connections_max: 3, connections_per_source_max: 3, ..patient() };
    let server = Server::start(limits);
    let _one = server.connect().await;
    let two = server.connect().await;
    let mut three = server.connect().await;
    server.metric_becomes("stanchion_connections_open", 3).await;
    let answer = server.ask("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    assert_problem(&answer, 503, "busy");
    three.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    let answer = three.rest().await;
    assert!(answer.contains("connection: close"), "{answer}");

    drop(two);
    server.metric_becomes("stanchion_connections_open", 1).await;
    let mut four = server.connect().await;
    four.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    assert!(!four.until("hello").await.contains("connection: close"));
}
