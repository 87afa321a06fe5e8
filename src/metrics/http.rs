//! What is counted at the sockets: connections, requests by route and status, refusals by limit.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, HistogramFn, Label};

use super::histogram::Buckets;
use super::spread::Spread;
use super::{Named, Registry, handles, labelled};

labelled! {
    /// What a request was about. The answer carries it as an extension; without one, it is
    /// [`Route::Other`].
    Route {
        /// The waiting page and its parts.
        Page = "page",
        /// A visitor joins a queue.
        Join = "join",
        /// A visitor asks for their position, or gives it up.
        Place = "place",
        /// The board.
        Board = "board",
        /// The board as an event stream.
        Stream = "stream",
        /// Performances and seat maps.
        Seats = "seats",
        /// Baskets, holds, checkout, confirmation, passes.
        Basket = "basket",
        /// Passed on to the shop behind.
        Gate = "gate",
        /// The operators' pages and calls.
        Console = "console",
        /// Health, metrics, the API's description.
        Machine = "machine",
        /// Everything else: unknown addresses and what never reached a handler.
        Other = "other",
    }
}

labelled! {
    /// Which limit ended or refused something.
    Limit {
        /// Connections of the listener.
        Connections = "connections",
        /// Connections of one source.
        Source = "source",
        /// Event streams of the server.
        Streams = "streams",
        /// Event streams of one source.
        SourceStreams = "source_streams",
        /// No first byte, or no TLS handshake, in time.
        FirstByte = "first_byte",
        /// A head that did not end in time.
        Head = "head",
        /// A body that came too slowly.
        BodyRate = "body_rate",
        /// A body that was too large.
        BodyBytes = "body_bytes",
        /// Too many or too large header fields, or too long a target.
        HeadBytes = "head_bytes",
        /// An answer that was not taken in time.
        WriteStall = "write_stall",
        /// Asked too often.
        Rate = "rate",
        /// A request that could be read in two ways.
        Framing = "framing",
        /// No file descriptor or memory for another connection.
        Descriptors = "descriptors",
    }
}

handles! {
    /// Handles without labels.
    SocketMetrics {
        connections: gauge "stanchion_connections_open", "Connections open now.";
        accepted: counter "stanchion_connections_total", "Connections accepted.";
        streams: gauge "stanchion_streams_open", "Event streams open now.";
        received: counter "stanchion_received_bytes_total", "Bytes read from sockets.";
        sent: counter "stanchion_sent_bytes_total", "Bytes written to sockets.";
        panics: counter "stanchion_handler_panics_total", "Requests that met a bug of ours.";
    }
}

const STATUS_CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Everything counted at the sockets.
pub struct HttpMetrics {
    /// Handles without labels.
    pub sockets: SocketMetrics,
    requests: Vec<[Counter; 5]>,
    seconds: Vec<Arc<Buckets>>,
    refused: Vec<Counter>,
}

impl fmt::Debug for HttpMetrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("HttpMetrics")
    }
}

impl HttpMetrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let routes = || Route::ALL.iter().copied();
        Self {
            sockets: SocketMetrics::register(registry, &[]),
            requests: routes().map(|route| requests_of(registry, route)).collect(),
            seconds: routes().map(|route| seconds_of(registry, route)).collect(),
            refused: Limit::ALL.iter().map(|limit| refused_by(registry, *limit)).collect(),
        }
    }

    /// Counts a request that was answered with `status` after `took`.
    pub fn answered(&self, route: Route, status: http::StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.requests[route as usize][class].increment(1);
        self.seconds[route as usize].record(took.as_secs_f64());
    }

    /// How long visitors and shops waited for their answers; not operators, and nobody whom another
    /// server answered.
    pub fn of_visitors(&self) -> Spread {
        use Route::{Basket, Board, Join, Page, Place, Seats};
        let routes = [Page, Join, Place, Board, Seats, Basket];
        routes.iter().map(|route| self.seconds[*route as usize].spread()).sum()
    }

    /// Counts something that a limit ended or refused.
    pub fn refused(&self, limit: Limit) {
        self.refused[limit as usize].increment(1);
    }
}

fn requests_of(registry: &Registry, route: Route) -> [Counter; 5] {
    STATUS_CLASSES.map(|class| {
        registry.counter(&Named {
            name: "stanchion_requests_total",
            help: "Requests answered, by what they were about and class of status.",
            labels: vec![Label::new("route", route.label()), Label::new("status", class)],
        })
    })
}

fn seconds_of(registry: &Registry, route: Route) -> Arc<Buckets> {
    registry.buckets(&Named {
        name: "stanchion_request_seconds",
        help: "From the end of a request's head to the head of its answer.",
        labels: vec![Label::new("route", route.label())],
    })
}

fn refused_by(registry: &Registry, limit: Limit) -> Counter {
    registry.counter(&Named {
        name: "stanchion_refused_total",
        help: "Connections and requests that a limit refused or ended.",
        labels: vec![Label::new("limit", limit.label())],
    })
}
