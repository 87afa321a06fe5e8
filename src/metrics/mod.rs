//! Every metric's name, in one place, and handles made once.
//!
//! Owns a recorder of its own (not the process-wide one, so that two servers in one test do not
//! mix), and renders it for `/metrics`. Nobody looks a metric up by name while serving. No label
//! carries anything a request brought in.

pub mod http;
pub mod sale;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use tokio_util::sync::CancellationToken;

use http::HttpMetrics;
use sale::SaleMetrics;

/// The recorder keeps every histogram sample until it is asked to fold them: every 5 s, so that at
/// 100,000 requests a second half a million samples (8 MiB) wait at most.
pub const UPKEEP_SPAN: Duration = Duration::from_secs(5);

/// Upper bounds of every `_seconds` histogram: 100 µs to 30 s.
const SECONDS_BUCKETS: &[f64] = &[
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0, 30.0,
];
/// Upper bounds of every histogram of counts: 1 to 4,096, by powers of two.
const COUNT_BUCKETS: &[f64] =
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0, 2_048.0, 4_096.0];

/// All metrics of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Sockets, requests, event streams.
    pub http: HttpMetrics,
}

/// Makes handles. Asking twice for the same name and labels gives the same metric.
#[derive(Debug)]
pub struct Registry(PrometheusRecorder);

impl Metrics {
    /// An empty set, every series of [`HttpMetrics`] at zero.
    ///
    /// # Panics
    /// Never: the bucket lists are constants that are not empty.
    pub fn new() -> Arc<Self> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS_BUCKETS)
            .and_then(|builder| builder.set_buckets(COUNT_BUCKETS))
            .expect("the bucket lists are not empty")
            .build_recorder();
        let registry = Registry(recorder);
        let http = HttpMetrics::new(&registry);
        Arc::new(Self { registry, http })
    }

    /// The handles of one sale, labelled with its id. Made once, when the sale is opened.
    pub fn sale(&self, id: &str) -> SaleMetrics {
        SaleMetrics::new(&self.registry, id)
    }

    /// The text of `/metrics`.
    pub fn render(&self) -> String {
        self.registry.0.handle().render()
    }

    /// Folds histogram samples every [`UPKEEP_SPAN`], until told to stop.
    pub async fn keep_up(&self, stop: CancellationToken) {
        let mut turn = tokio::time::interval(UPKEEP_SPAN);
        turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(turn.tick()).await.is_some() {
            self.registry.0.handle().run_upkeep();
        }
    }
}

/// What is said of a metric besides its value.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name, by Prometheus' conventions.
    pub name: &'static str,
    /// One sentence for whoever reads `/metrics`.
    pub help: &'static str,
    /// What tells its series apart.
    pub labels: Vec<Label>,
}

impl Named {
    fn key(&self) -> Key {
        Key::from_parts(self.name, self.labels.clone())
    }

    fn key_name(&self) -> KeyName {
        KeyName::from_const_str(self.name)
    }
}

const METADATA: Metadata<'static> = Metadata::new("stanchion", Level::INFO, None);

impl Registry {
    /// A number that only grows.
    pub fn counter(&self, named: &Named) -> Counter {
        self.0.describe_counter(named.key_name(), None, Cow::Borrowed(named.help).into());
        self.0.register_counter(&named.key(), &METADATA)
    }

    /// A number that goes up and down.
    pub fn gauge(&self, named: &Named) -> Gauge {
        self.0.describe_gauge(named.key_name(), None, Cow::Borrowed(named.help).into());
        self.0.register_gauge(&named.key(), &METADATA)
    }

    /// A distribution.
    pub fn histogram(&self, named: &Named) -> Histogram {
        self.0.describe_histogram(named.key_name(), None, Cow::Borrowed(named.help).into());
        self.0.register_histogram(&named.key(), &METADATA)
    }
}

/// Declares a struct of handles: each line gives the field, the kind, the name and the help text.
macro_rules! handles {
    (
        $(#[$doc:meta])* $owner:ident {
            $($field:ident: $kind:ident $name:literal, $help:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $owner {
            $(#[doc = $help] pub $field: $crate::metrics::handle_type!($kind),)*
        }

        impl $owner {
            /// Registers every handle, all with the same labels.
            pub fn register(
                registry: &$crate::metrics::Registry,
                labels: &[metrics::Label],
            ) -> Self {
                Self {
                    $($field: registry.$kind(&$crate::metrics::Named {
                        name: $name,
                        help: $help,
                        labels: labels.to_vec(),
                    }),)*
                }
            }
        }

        impl std::fmt::Debug for $owner {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(stringify!($owner))
            }
        }
    };
}

macro_rules! handle_type {
    (counter) => {
        metrics::Counter
    };
    (gauge) => {
        metrics::Gauge
    };
    (histogram) => {
        metrics::Histogram
    };
}

use {handle_type, handles};

#[cfg(test)]
mod tests;
