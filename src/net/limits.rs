//! Every bound of the server's edge, in one place, with its arithmetic.
//!
//! These are defaults: the configuration may change most of them within the ranges given there.
//! Limits of the sale itself are in the domain. Relations are asserted at compile time, at the end.

/// From accept to the first byte, or to the end of the TLS handshake: a slow mobile link needs 2 s.
pub const FIRST_BYTE_MS: u64 = 5_000;
/// From the first byte of a head to its end: 16 KiB at 3.2 KiB/s.
pub const HEAD_MS: u64 = 5_000;
/// Grace for a body, before the rate counts.
pub const BODY_MS: u64 = 10_000;
/// Slowest body: with its grace, 64 KiB may take 74 s and no longer.
pub const BODY_BYTES_PER_S_MIN: u64 = 1_024;
/// Between two requests: polls come every 2 to 30 s, and reconnecting costs us less than holding.
pub const IDLE_MS: u64 = 15_000;
/// Without any progress while we have something to send: a phone passing through a tunnel.
pub const WRITE_STALL_MS: u64 = 30_000;
/// From the order to stop until what is still open is cut: an orchestrator kills after 10 s.
pub const DRAIN_MS: u64 = 8_000;
/// Then, for who has connected and said nothing yet: what they are about to ask is on its way for
/// as long as a round trip of a telephone, and a TLS handshake for two.
pub const DRAIN_FIRST_BYTE_MS: u64 = 1_000;
/// HTTP/2 only: a ping after so much silence, and the time for its answer. A peer that vanished is
/// noticed within 45 s even under an event stream.
pub const PING_MS: u64 = 30_000;
/// Time for the answer to a ping.
pub const PONG_MS: u64 = 15_000;
/// After accept failed for want of descriptors or memory: ten tries a second, no busy loop.
pub const ACCEPT_BACKOFF_MS: u64 = 100;

/// Connections of one listener. 23 KiB each when idle (measured): 450 MiB.
pub const CONNECTIONS_MAX: usize = 20_000;
/// Connections of one IPv4 address or IPv6 /64. Offices and mobile carriers share addresses: ten
/// browsers of six connections.
pub const CONNECTIONS_PER_SOURCE_MAX: usize = 64;
/// From so many eighths of the total on, HTTP/1 connections close after their answer, so that their
/// places turn over.
pub const CROWDED_EIGHTHS: usize = 7;
/// Connections being told that there is no room, at once; more are dropped without a word.
pub const TURNED_AWAY_MAX: usize = 256;
/// How long such a connection may take to read that.
pub const TURNED_AWAY_MS: u64 = 1_000;
/// Connections the kernel may complete before we accept them.
pub const ACCEPT_BACKLOG: u32 = 4_096;

/// Header fields of a request: browsers send about 20, proxies add 10.
pub const HEADERS_MAX: usize = 64;
/// What the HTTP/1 parser takes on its stack; more would cost an allocation a request.
pub const HEADERS_PARSED_MAX: usize = 100;
/// Bytes of a request's head.
pub const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// HTTP/2 only: bytes beyond that of a head which is taken in all the same, to be refused in our
/// own words and not by a bare status. It counts 32 more for each field than we do. 64 KiB together
/// are more than proxies pass on as they are delivered (nginx 32 KiB, Envoy 60 KiB); 100 streams
/// that come at once: 6.4 MB a connection at the very worst. HTTP/1 needs none of it: a head that
/// grows too large is ended as it comes.
pub const HEAD_REFUSED_BYTES: usize = 48 * 1_024;
/// Bytes of a request's target.
pub const TARGET_BYTES_MAX: usize = 8 * 1_024;
/// Bytes of a body: 32 items of about 200 bytes are 6 KiB.
pub const BODY_BYTES_MAX: u64 = 64 * 1_024;
/// Bytes of the buffers that HTTP/1 reads into and writes from, each.
pub const BUFFER_BYTES_MAX: usize = 32 * 1_024;

/// HTTP/2 streams open at once on one connection.
pub const STREAMS_MAX: u32 = 100;
/// Streams reset by the peer before we looked at them, until we close: rapid reset.
pub const RESETS_PENDING_MAX: usize = 20;
/// Streams we reset because of what the peer sent, until we close.
pub const RESETS_PROVOKED_MAX: usize = 100;
/// Requests of one connection inside handlers: open streams, and reset ones on their way out.
pub const REQUESTS_INSIDE_MAX: usize = STREAMS_MAX as usize + 2 * RESETS_PENDING_MAX;
/// Bytes buffered to send on one stream. 100 streams: 6.4 MB a connection at the very worst.
pub const SEND_BYTES_MAX: usize = 64 * 1_024;
/// Bytes a peer may send on one stream before we read: one body.
pub const WINDOW_BYTES: u32 = 64 * 1_024;
/// Bytes a peer may send on one connection before we read: four bodies.
pub const WINDOW_CONNECTION_BYTES: u32 = 256 * 1_024;

/// Frames waiting for the reader of one event stream. A head of the board is under 2 KB: 32 KiB.
pub const FRAMES_MAX: usize = 16;

/// What a rate limit tells apart. Sources are spread over them by a seeded hash, so that no flood
/// of addresses makes it grow: 24 bytes each, 6 MiB.
pub const RATE_BUCKETS: u64 = 1 << 18;
/// How often it forgets those that are fresh again.
pub const RATE_SWEEP_MS: u64 = 10_000;
/// Joins of one source in a burst: a school's computer room.
pub const JOIN_BURST: u32 = 100;
/// Joins of one source in a minute after that.
pub const JOIN_PER_MINUTE: u32 = 120;
/// Wrong tokens and keys of one source in a burst.
pub const GUESS_BURST: u32 = 20;
/// Wrong tokens and keys of one source in a minute after that.
pub const GUESS_PER_MINUTE: u32 = 10;

const _: () = {
    assert!(HEADERS_MAX < HEADERS_PARSED_MAX, "ours is reached before the parser's");
    assert!(HEADERS_MAX * 32 < HEAD_REFUSED_BYTES, "whatever fits us fits HTTP/2");
    assert!(TARGET_BYTES_MAX < HEAD_BYTES_MAX);
    assert!(HEAD_BYTES_MAX < BUFFER_BYTES_MAX);
    assert!(STREAMS_MAX as usize * (HEAD_BYTES_MAX + HEAD_REFUSED_BYTES) <= 6_400 << 10);
    assert!(BODY_BYTES_MAX <= WINDOW_BYTES as u64);
    assert!(WINDOW_BYTES <= WINDOW_CONNECTION_BYTES);
    assert!(CONNECTIONS_PER_SOURCE_MAX < CONNECTIONS_MAX);
    assert!(CROWDED_EIGHTHS < 8);
    assert!(FIRST_BYTE_MS <= IDLE_MS && HEAD_MS <= IDLE_MS);
    assert!(DRAIN_MS < 10_000, "an orchestrator kills after ten seconds");
    assert!(DRAIN_FIRST_BYTE_MS < DRAIN_MS);
};
