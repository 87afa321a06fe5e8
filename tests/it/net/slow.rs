//! Peers that are slow, or silent, on purpose.

use stanchion::net::reply::StreamFault;

use super::*;

const REFUSED: &str = "stanchion_refused_total";

async fn check_closed(server: &Server, sent: &str, limit: &str) {
    let answer = server.ask(sent).await;
    assert_eq!(answer, "", "after {sent:?}");
    server.metric_becomes(&format!("{REFUSED}{{limit=\"{limit}\"}}"), 1).await;
    server.metric_becomes("stanchion_connections_open", 0).await;
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    check_closed(&Server::start(settings(brief())), "", "first_byte").await;
}

#[tokio::test]
async fn a_lone_first_letter_of_either_protocol_is_closed() {
    check_closed(&Server::start(settings(brief())), "P", "first_byte").await;
}

#[tokio::test]
async fn half_a_preface_is_closed() {
    check_closed(&Server::start(settings(brief())), "PRI * HTTP/2.0\r\n", "first_byte").await;
}

#[tokio::test]
async fn half_a_head_is_closed() {
    check_closed(&Server::start(settings(brief())), "GET / HTTP/1.1\r\nHost: a", "head").await;
}

#[tokio::test]
async fn a_preface_without_a_request_is_closed() {
    let server = Server::start(settings(brief()));
    let mut raw = server.connect().await;
    raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    raw.rest().await;
    server.metric_becomes("stanchion_connections_open", 0).await;
}

#[tokio::test]
async fn a_head_that_drips_is_closed_though_bytes_keep_coming() {
    let server = Server::start(settings(brief()));
    let (mut read, mut write) = server.connect().await.0.into_split();
    let drip = tokio::spawn(async move {
        write.write_all(b"GET / HTTP/1.1\r\nHost: arena.test\r\n").await?;
        loop {
            write.write_all(b"x: y\r\n").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        #[expect(unreachable_code, reason = "names the type of the fault")]
        std::io::Result::Ok(())
    });
    let mut bytes = Vec::new();
    let _ = timeout(BOUND, read.read_to_end(&mut bytes)).await.expect("it is closed");
    assert!(bytes.is_empty());
    assert!(timeout(BOUND, drip).await.expect("the peer notices").expect("no panic").is_err());
    server.metric_becomes(&format!("{REFUSED}{{limit=\"head\"}}"), 1).await;
}

#[tokio::test]
async fn a_second_head_that_does_not_end_is_closed_too() {
    let server = Server::start(settings(Deadlines { idle_ms: 60_000, ..brief() }));
    let mut raw = server.connect().await;
    raw.send("GET / HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    raw.until("hello").await;
    raw.send("GET /").await;
    assert_eq!(raw.rest().await, "");
    server.metric_becomes(&format!("{REFUSED}{{limit=\"head\"}}"), 1).await;
}

#[tokio::test]
async fn a_kept_connection_is_closed_after_its_rest_and_not_counted_as_refused() {
    let server = Server::start(settings(Deadlines { head_ms: 60_000, ..brief() }));
    let mut raw = server.connect().await;
    raw.send("GET / HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    assert!(raw.rest().await.ends_with("hello"));
    for limit in ["first_byte", "head", "write_stall"] {
        assert_eq!(server.metric(&format!("{REFUSED}{{limit=\"{limit}\"}}")), 0, "{limit}");
    }
}

#[tokio::test]
async fn a_connection_that_has_lived_long_enough_ends_with_its_answer() {
    let lived = Deadlines { life_ms: Some(200), ..patient().deadlines };
    let server = Server::start(settings(lived));
    let mut raw = server.connect().await;
    raw.send("GET / HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    assert!(raw.rest().await.ends_with("hello"));
}

#[tokio::test]
async fn a_body_that_stops_or_drips_is_answered_with_408() {
    let server = Server::start(settings(brief()));
    for body in ["", "half"] {
        let head = "POST /echo HTTP/1.1\r\nHost: arena.test\r\nContent-Length: 100\r\n\r\n";
        let answer = server.ask(format!("{head}{body}")).await;
        assert_problem(&answer, 408, "body_too_slow");
    }
    server.metric_becomes(&format!("{REFUSED}{{limit=\"body_rate\"}}"), 2).await;
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut() {
    let server = Server::start(settings(brief()));
    let mut raw = server.connect().await;
    raw.send("GET /large HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    server.metric_becomes(&format!("{REFUSED}{{limit=\"write_stall\"}}"), 1).await;
    server.metric_becomes("stanchion_connections_open", 0).await;
    assert!(raw.rest().await.len() < LARGE);
}

#[tokio::test]
async fn a_stream_whose_reader_takes_nothing_is_cut_and_its_producer_never_waits() {
    let mut server = Server::start(settings(brief()));
    let mut raw = server.connect().await;
    raw.send("GET /stream HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    let stream = server.streams.recv().await.expect("it is asked for");
    let frame = Bytes::from(vec![b'x'; 64 * 1_024]);
    let filled = async {
        while stream.try_send(frame.clone()) != Err(StreamFault::Ended) {
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, filled).await.expect("the stream ends");
    server.metric_becomes(&format!("{REFUSED}{{limit=\"write_stall\"}}"), 1).await;
    server.metric_becomes("stanchion_streams_open", 0).await;
}

#[tokio::test]
async fn a_stream_that_has_nothing_to_say_stays_open() {
    let mut server = Server::start(settings(brief()));
    let mut raw = server.connect().await;
    raw.send("GET /stream HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    let stream = server.streams.recv().await.expect("it is asked for");
    raw.until("\r\n\r\n").await;
    // Meanwhile a silent connection comes and is closed: longer than every deadline.
    server.ask("").await;
    server.ask("").await;
    stream.try_send(Bytes::from_static(b"still here")).expect("open");
    raw.until("still here").await;
    server.metric_becomes("stanchion_streams_open", 1).await;
}
