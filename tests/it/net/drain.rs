//! The end of serving.

use super::*;

#[tokio::test]
async fn a_request_under_way_is_finished_and_then_nothing_is_left() {
    let server = Server::start(patient());
    let mut idle = server.connect().await;
    idle.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    idle.until("hello").await;
    let _silent = server.connect().await;
    let mut raw = server.connect().await;
    raw.send("GET /held HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    server.handler.reached.acquire().await.expect("open").forget();

    server.shutdown.cancel();
    assert_eq!(idle.rest().await, "");
    assert!(TcpStream::connect(server.address).await.is_err(), "no new connection");
    server.handler.held.add_permits(1);
    let answer = raw.rest().await;
    assert!(answer.contains("connection: close") && answer.ends_with("held"), "{answer}");
    let report = timeout(BOUND, server.ended).await.expect("it ends").expect("no panic");
    assert_eq!(report, Report { cut: 0 });
}

#[tokio::test]
async fn an_event_stream_says_farewell_after_what_it_had_to_say() {
    let mut server = Server::start(patient());
    let mut raw = server.connect().await;
    raw.send("GET /stream HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    let stream = server.streams.recv().await.expect("it is asked for");
    raw.until("\r\n\r\n").await;
    stream.try_send(Bytes::from_static(b"news\n")).expect("open");
    server.shutdown.cancel();
    let rest = raw.rest().await;
    assert!(rest.contains("news\n") && rest.contains("farewell\n"), "{rest}");
    assert!(rest.find("news") < rest.find("farewell"), "{rest}");
    timeout(BOUND, stream.ended()).await.expect("the producer is told");
    let report = timeout(BOUND, server.ended).await.expect("it ends").expect("no panic");
    assert_eq!(report, Report { cut: 0 });
}

#[tokio::test]
async fn what_does_not_end_is_cut_at_the_drain_deadline() {
    let server = Server::start(settings(Deadlines { drain_ms: 200, ..patient().deadlines }));
    let mut raw = server.connect().await;
    raw.send("GET /held HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    server.handler.reached.acquire().await.expect("open").forget();
    server.shutdown.cancel();
    assert_eq!(raw.rest().await, "");
    let report = timeout(BOUND, server.ended).await.expect("it ends").expect("no panic");
    assert_eq!(report, Report { cut: 1 });
}
