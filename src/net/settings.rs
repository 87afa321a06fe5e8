//! How one listener is set up. Built by the configuration, which has checked the ranges.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::limits;
use super::proxies::Proxies;

/// One listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate and key; without them HTTP is spoken in the clear.
    pub tls: Option<TlsFiles>,
    /// Seconds that browsers shall insist on TLS; 0 says nothing.
    pub strict_transport_s: u32,
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once of one IPv4 address or IPv6 /64.
    pub connections_per_source_max: usize,
    /// Who is believed about whom they ask for; their connections are counted in total alone.
    pub proxies: Proxies,
    /// Header fields of a request.
    pub headers_max: usize,
    /// Bytes of a request's head.
    pub head_bytes_max: usize,
    /// Bytes of a request's target.
    pub target_bytes_max: usize,
    /// Bytes of a request's body.
    pub body_bytes_max: u64,
    /// HTTP/2 streams of one connection.
    pub streams_max: u32,
    /// Threads that serve connections; 0: those of the runtime that it listens on.
    pub threads: usize,
    /// How long everything may take.
    pub deadlines: Deadlines,
}

/// Where the certificate chain and its key are, both PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// Deadlines around one socket, in monotonic milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadlines {
    /// To the first byte, or the end of the TLS handshake.
    pub first_byte_ms: u64,
    /// From a head's first byte to its end.
    pub head_ms: u64,
    /// Grace for a body before the rate counts.
    pub body_ms: u64,
    /// Slowest body.
    pub body_bytes_per_s_min: u64,
    /// Between two requests.
    pub idle_ms: u64,
    /// Without progress while there is something to send.
    pub write_stall_ms: u64,
    /// From the order to stop until what is still open is cut.
    pub drain_ms: u64,
    /// After this a connection ends with its last answer; `None`: no such age.
    pub life_ms: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: None,
            strict_transport_s: 0,
            connections_max: limits::CONNECTIONS_MAX,
            connections_per_source_max: limits::CONNECTIONS_PER_SOURCE_MAX,
            proxies: Proxies::default(),
            headers_max: limits::HEADERS_MAX,
            head_bytes_max: limits::HEAD_BYTES_MAX,
            target_bytes_max: limits::TARGET_BYTES_MAX,
            body_bytes_max: limits::BODY_BYTES_MAX,
            streams_max: limits::STREAMS_MAX,
            threads: 0,
            deadlines: Deadlines::default(),
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            first_byte_ms: limits::FIRST_BYTE_MS,
            head_ms: limits::HEAD_MS,
            body_ms: limits::BODY_MS,
            body_bytes_per_s_min: limits::BODY_BYTES_PER_S_MIN,
            idle_ms: limits::IDLE_MS,
            write_stall_ms: limits::WRITE_STALL_MS,
            drain_ms: limits::DRAIN_MS,
            life_ms: None,
        }
    }
}

impl Deadlines {
    /// The shortest of the deadlines that are watched by looking now and then.
    pub(super) fn shortest_ms(&self) -> u64 {
        let watched = [self.first_byte_ms, self.head_ms, self.idle_ms, self.write_stall_ms];
        watched.into_iter().chain(self.life_ms).min().unwrap_or(1).max(1)
    }
}
