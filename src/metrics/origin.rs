//! What is counted between the gate and the shop's server behind it.

use std::fmt;
use std::time::Duration;

use metrics::{Counter, Histogram, Label};

use super::{Named, Registry, handles, labelled};

labelled! {
    /// What became of a request that was passed on.
    Outcome {
        /// The origin answered, whatever it said.
        Answered = "answered",
        /// No connection.
        Unreachable = "unreachable",
        /// No answer in time.
        Silent = "silent",
        /// An answer that is none.
        Broken = "broken",
        /// No connection was free.
        Crowded = "crowded",
        /// One source, or who has no pass, had all connections that they may have.
        Share = "share",
        /// The visitor's own body failed.
        Body = "body",
    }
}

handles! {
    /// Handles without labels.
    OriginSockets {
        connections: gauge "stanchion_origin_connections_open", "Connections to the origin.";
        waiting: gauge "stanchion_origin_waiting", "Requests that wait for a free connection.";
        tunnels: gauge "stanchion_origin_tunnels_open", "WebSockets open to the origin.";
        up: gauge "stanchion_origin_up", "1 unless the origin does not answer; then nobody is called.";
        cut: counter "stanchion_origin_cut_total", "Answers of the origin that broke off.";
    }
}

/// Everything counted between the gate and the origin.
pub struct OriginMetrics {
    /// Handles without labels.
    pub sockets: OriginSockets,
    requests: Vec<Counter>,
    seconds: Histogram,
}

impl fmt::Debug for OriginMetrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OriginMetrics")
    }
}

impl OriginMetrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let requests = Outcome::ALL.iter().map(|outcome| {
            registry.counter(&Named {
                name: "stanchion_origin_requests_total",
                help: "Requests passed on to the origin, by what became of them.",
                labels: vec![Label::new("outcome", outcome.label())],
            })
        });
        let seconds = Named {
            name: "stanchion_origin_seconds",
            help: "From a request to the head of the origin's answer.",
            labels: Vec::new(),
        };
        Self {
            sockets: OriginSockets::register(registry, &[]),
            requests: requests.collect(),
            seconds: registry.histogram(&seconds),
        }
    }

    /// Counts what became of a request after `took`.
    pub fn answered(&self, outcome: Outcome, took: Duration) {
        self.requests[outcome as usize].increment(1);
        if outcome == Outcome::Answered {
            self.seconds.record(took.as_secs_f64());
        }
    }
}
