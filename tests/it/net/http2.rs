//! HTTP/2 with prior knowledge, by a client that can misbehave.

use h2::client::{self, SendRequest};
use h2::{Reason, RecvStream};
use http::Version;

use super::*;

/// A client, and the task that drives it, which ends with the connection.
struct Client {
    send: SendRequest<Bytes>,
    ended: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    async fn of(server: &Server) -> Self {
        Self::with(server, &client::Builder::new()).await
    }

    async fn with(server: &Server, builder: &client::Builder) -> Self {
        let stream = TcpStream::connect(server.address).await.expect("it listens");
        let (send, connection) = builder.handshake(stream).await.expect("it speaks HTTP/2");
        Self { send, ended: tokio::spawn(connection) }
    }

    async fn ask(&mut self, path: &str) -> Response<RecvStream> {
        self.try_ask(path).await.expect("an answer")
    }

    async fn try_ask(&mut self, path: &str) -> Result<Response<RecvStream>, h2::Error> {
        let mut send = self.send.clone().ready().await?;
        let (response, _) = send.send_request(request(path), true)?;
        timeout(BOUND, response).await.expect("in time")
    }
}

fn request(path: &str) -> Request<()> {
    let uri = format!("http://a.test{path}");
    Request::builder().version(Version::HTTP_2).uri(uri).body(()).expect("a request")
}

async fn text(response: Response<RecvStream>) -> String {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(some) = timeout(BOUND, body.data()).await.expect("in time") {
        let some = some.expect("no reset");
        let _ = body.flow_control().release_capacity(some.len());
        bytes.extend_from_slice(&some);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn many_requests_share_a_connection_and_a_panic_costs_one_of_them() {
    let server = Server::start(patient());
    let mut client = Client::of(&server).await;
    let response = client.ask("/").await;
    assert!(response.headers().contains_key("date"));
    assert!(response.headers().contains_key("x-content-type-options"));
    assert_eq!(text(response).await, "hello");
    let response = client.ask("/panic").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!response.headers().contains_key("connection"));
    assert_eq!(text(client.ask("/").await).await, "hello");
    assert_eq!(server.metric("stanchion_connections_total"), 1);
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("small").to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

#[tokio::test]
async fn rapid_reset_ends_the_connection() {
    let server = Server::start(patient());
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    for stream in (1..200).step_by(2) {
        // GET http://a/ from the static table, at its end; then CANCEL.
        bytes.extend(frame(1, 5, stream, &[0x82, 0x86, 0x84, 0x41, 1, b'a']));
        bytes.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    let answer = server.ask(bytes).await;
    assert!(answer.contains("too_many_resets"), "{answer:?}");
    server.metric_becomes("stanchion_connections_open", 0).await;
}

#[tokio::test]
async fn no_more_streams_are_open_at_once_than_allowed() {
    let server = Server::start(Settings { streams_max: 2, ..patient() });
    let mut builder = client::Builder::new();
    // Ignorant of the server's limit until its settings arrive.
    builder.initial_max_send_streams(10);
    let stream = TcpStream::connect(server.address).await.expect("it listens");
    let (mut send, connection) = builder.handshake::<_, Bytes>(stream).await.expect("HTTP/2");
    let answers: Vec<_> = (0..4)
        .map(|_| send.send_request(request("/held"), true).expect("not told yet").0)
        .collect();
    let driven = tokio::spawn(connection);
    server.handler.held.add_permits(2);
    let mut refused = 0;
    for answer in answers {
        match timeout(BOUND, answer).await.expect("in time") {
            Ok(response) => assert_eq!(response.status(), StatusCode::OK),
            Err(fault) => {
                assert_eq!(fault.reason(), Some(Reason::REFUSED_STREAM), "{fault}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 2);
    driven.abort();
}

/// With so many fields of so many bytes, as they count in HTTP/1.
fn large(fields: usize, bytes: usize) -> Request<()> {
    let mut large = request("/");
    let value = "x".repeat(bytes - 5).parse::<http::HeaderValue>().expect("a value");
    for _ in 0..fields {
        large.headers_mut().append("x", value.clone());
    }
    large
}

#[tokio::test]
async fn header_fields_that_are_too_large_together_are_refused_in_our_words() {
    let server = Server::start(patient());
    let mut client = Client::of(&server).await;
    let refused = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    // 16 KiB are taken, with the target; 64 KiB, as HTTP/2 counts, are answered by us.
    for (fields, bytes, status) in [
        (64, 255, StatusCode::OK),
        (64, 256, refused),
        (65, 10, refused),
        (20, 1_000, refused),
        (60, 1_024, refused),
        (1_500, 10, refused),
    ] {
        let mut send = client.send.clone().ready().await.expect("open");
        let (response, _) = send.send_request(large(fields, bytes), true).expect("sent");
        let response = timeout(BOUND, response).await.expect("in time").expect("an answer");
        assert_eq!(response.status(), status, "{fields} of {bytes}");
        if status == refused {
            let keeps = response.headers().get("cache-control").cloned();
            assert_eq!(keeps.as_ref().and_then(|told| told.to_str().ok()), Some("no-store"));
            assert!(text(response).await.contains("headers_too_large"));
        }
    }
    // Beyond that nobody reads it, and there is no more than a status.
    let mut send = client.send.clone().ready().await.expect("open");
    let (response, _) = send.send_request(large(70, 1_024), true).expect("sent");
    let response = timeout(BOUND, response).await.expect("in time").expect("an answer");
    assert_eq!(response.status(), refused);
    assert_eq!(text(response).await, "");
    assert_eq!(text(client.ask("/").await).await, "hello");
}

#[tokio::test]
async fn a_host_that_differs_from_the_authority_is_refused() {
    let server = Server::start(patient());
    let mut client = Client::of(&server).await;
    let mut request = request("/");
    request.headers_mut().insert("host", http::HeaderValue::from_static("b.test"));
    let mut send = client.send.clone().ready().await.expect("open");
    let (response, _) = send.send_request(request, true).expect("sent");
    let response = timeout(BOUND, response).await.expect("in time").expect("an answer");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(text(response).await.contains("host_differs"));
    assert_eq!(text(client.ask("/").await).await, "hello");
}

#[tokio::test]
async fn a_peer_that_opens_no_window_is_cut() {
    let server = Server::start(settings(brief()));
    let mut builder = client::Builder::new();
    builder.initial_window_size(0);
    let mut client = Client::with(&server, &builder).await;
    let _response = client.ask("/").await;
    let _ = timeout(BOUND, client.ended).await.expect("it is closed");
    server.metric_becomes(r#"stanchion_refused_total{limit="write_stall"}"#, 1).await;
    server.metric_becomes("stanchion_connections_open", 0).await;
}

#[tokio::test]
async fn a_connection_at_rest_is_told_to_go() {
    let server = Server::start(settings(brief()));
    let mut client = Client::of(&server).await;
    assert_eq!(text(client.ask("/").await).await, "hello");
    let ended = timeout(BOUND, client.ended).await.expect("it is closed").expect("no panic");
    assert!(ended.is_ok(), "{ended:?}");
    server.metric_becomes("stanchion_connections_open", 0).await;
}

#[tokio::test]
async fn a_drain_finishes_what_is_under_way_and_takes_no_more() {
    let server = Server::start(patient());
    let mut client = Client::of(&server).await;
    let mut send = client.send.clone().ready().await.expect("open");
    let (held, _) = send.send_request(request("/held"), true).expect("sent");
    server.handler.reached.acquire().await.expect("open").forget();
    server.shutdown.cancel();
    let refused = async { while client.try_ask("/").await.is_ok() {} };
    timeout(BOUND, refused).await.expect("no more requests");
    server.handler.held.add_permits(1);
    let answer = timeout(BOUND, held).await.expect("in time").expect("an answer");
    assert_eq!(text(answer).await, "held");
    let report = timeout(BOUND, server.ended).await.expect("it ends").expect("no panic");
    assert_eq!(report, Report { cut: 0 });
}

#[tokio::test]
async fn a_body_that_is_too_slow_or_too_large_is_refused() {
    let server = Server::start(settings(Deadlines { idle_ms: 60_000, ..brief() }));
    let client = Client::of(&server).await;
    for (length, status) in [(10, 408), (100_000, 413)] {
        let mut send = client.send.clone().ready().await.expect("open");
        let (response, mut body) = send.send_request(request("/echo"), false).expect("sent");
        let bytes = Bytes::from(vec![b'x'; length]);
        body.send_data(bytes, false).expect("buffered");
        let response = timeout(BOUND, response).await.expect("in time").expect("an answer");
        assert_eq!(response.status().as_u16(), status);
    }
}
