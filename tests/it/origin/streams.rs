//! What is not over at once: event streams, WebSockets.

use super::*;

#[tokio::test]
async fn the_first_part_of_an_event_stream_comes_before_its_end() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = gate.connect().await;
    raw.send(format!("GET /stream HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")).await;
    let head = raw.until("data: 1\n\n").await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    shop.held.add_permits(1);
    assert!(raw.rest().await.contains("data: 2\n\n"));
}

#[tokio::test]
async fn an_event_stream_ends_politely_when_the_server_drains() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = gate.connect().await;
    raw.send(format!("GET /stream HTTP/1.1\r\n{HOST}\r\n")).await;
    raw.until("data: 1\n\n").await;
    gate.shutdown.cancel();
    assert!(raw.rest().await.ends_with("0\r\n\r\n"), "whole to its end");
    assert_eq!(gate.ended.await.expect("it ends"), Report { cut: 0 });
}

const HANDSHAKE: &str = "GET /chat HTTP/1.1\r\nHost: shop.test\r\n\
                         Connection: keep-alive, Upgrade\r\n\
                         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

async fn chat(gate: &Gate) -> Raw {
    let mut raw = gate.connect().await;
    raw.send(HANDSHAKE).await;
    let head = raw.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(head.contains("\r\nconnection: upgrade\r\nupgrade: websocket\r\n"), "{head}");
    assert!(head.contains("\r\nsec-websocket-accept: x\r\n"), "{head}");
    raw
}

#[tokio::test]
async fn a_websocket_passes_unread_in_both_directions_and_is_counted_to_its_end() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = chat(&gate).await;
    gate.metric_becomes("stanchion_origin_tunnels_open", 1).await;
    gate.metric_becomes("stanchion_connections_open", 1).await;
    for frame in ["\n\0no HTTP\r\n\r\n", "GET / HTTP/1.1\n\n", "end"] {
        raw.send(frame).await;
        raw.until(frame).await;
    }
    drop(raw);
    gate.metric_becomes("stanchion_origin_tunnels_open", 0).await;
    gate.metric_becomes("stanchion_connections_open", 0).await;
    gate.metric_becomes("stanchion_origin_connections_open", 0).await;
}

#[tokio::test]
async fn a_tunnel_ends_when_nothing_moves_and_when_the_server_drains() {
    let shop = Shop::open().await;
    let brief = OriginSettings { stream_idle_ms: 200, ..patient(shop.address) };
    let gate = Gate::start(brief, Settings::default());
    assert_eq!(chat(&gate).await.rest().await, "");
    gate.metric_becomes("stanchion_origin_tunnels_open", 0).await;
    let gate = Gate::before(&shop);
    let mut raw = chat(&gate).await;
    gate.metric_becomes("stanchion_origin_tunnels_open", 1).await;
    gate.shutdown.cancel();
    assert_eq!(raw.rest().await, "");
    gate.metric_becomes("stanchion_connections_open", 0).await;
}

#[tokio::test]
async fn only_an_answer_of_101_opens_a_tunnel_and_only_a_websocket_is_asked_for() {
    let shop = Shop::open().await;
    let gate = Gate::before(&shop);
    let mut raw = gate.connect().await;
    raw.send(HANDSHAKE.replace("/chat", "/foretold")).await;
    raw.until("\r\n\r\ntold").await;
    // What follows is a request like any other, for the same connection.
    let other = HANDSHAKE.replace("/chat", "/other").replace("websocket", "h2c");
    raw.send(other.replace("keep-alive", "close")).await;
    let seen = raw.rest().await;
    assert!(seen.contains("x-stanchion-proof"), "{seen}");
    assert!(!seen.contains("upgrade") && !seen.contains("h2c"), "{seen}");
}
