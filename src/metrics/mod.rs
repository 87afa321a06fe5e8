//! Every metric's name, in one place, and handles made once.
//!
//! Owns a recorder of its own (not the process-wide one, so that two servers in one test do not
//! mix), and renders it for `/metrics`. Nobody looks a metric up by name while serving. No label
//! carries anything a request brought in.

mod histogram;
pub mod http;
pub mod origin;
pub mod sale;
pub mod spread;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use histogram::Buckets;
use http::HttpMetrics;
use origin::OriginMetrics;
use sale::SaleMetrics;

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
pub struct Registry {
    recorder: PrometheusRecorder,
    /// In the order they were asked for; only rendering and registering lock it.
    histograms: Mutex<Vec<Arc<Buckets>>>,
}

impl Metrics {
    /// An empty set, every series of [`HttpMetrics`] at zero.
    pub fn new() -> Arc<Self> {
        let recorder = PrometheusBuilder::new().build_recorder();
        let registry = Registry { recorder, histograms: Mutex::default() };
        let http = HttpMetrics::new(&registry);
        Arc::new(Self { registry, http })
    }

    /// The handles of one sale, labelled with its id. Made once, when the sale is opened.
    pub fn sale(&self, id: &str) -> SaleMetrics {
        SaleMetrics::new(&self.registry, id)
    }

    /// The handles of the shop's server behind the gate. Made once, if there is one.
    pub fn origin(&self) -> OriginMetrics {
        OriginMetrics::new(&self.registry)
    }

    /// The text of `/metrics`.
    pub fn render(&self) -> String {
        let mut text = self.registry.recorder.handle().render();
        let mut series = self.registry.histograms().clone();
        // The lines of one metric stand together.
        series.sort_by_key(|buckets| buckets.name());
        for of_one in series.chunk_by(|one, other| one.name() == other.name()) {
            of_one.iter().take(1).for_each(|buckets| buckets.write_head(&mut text));
            of_one.iter().for_each(|buckets| buckets.write(&mut text));
        }
        text
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
        self.recorder.describe_counter(named.key_name(), None, Cow::Borrowed(named.help).into());
        self.recorder.register_counter(&named.key(), &METADATA)
    }

    /// A number that goes up and down.
    pub fn gauge(&self, named: &Named) -> Gauge {
        self.recorder.describe_gauge(named.key_name(), None, Cow::Borrowed(named.help).into());
        self.recorder.register_gauge(&named.key(), &METADATA)
    }

    /// A distribution.
    pub fn histogram(&self, named: &Named) -> Histogram {
        self.buckets(named).handle()
    }

    /// A distribution that can be read back.
    fn buckets(&self, named: &Named) -> Arc<Buckets> {
        let mut histograms = self.histograms();
        if let Some(known) = histograms.iter().find(|buckets| buckets.is(named)) {
            return known.clone();
        }
        let seconds = named.name.ends_with("_seconds");
        let bounds = if seconds { SECONDS_BUCKETS } else { COUNT_BUCKETS };
        let buckets = Buckets::new(named.clone(), bounds);
        histograms.push(buckets.clone());
        buckets
    }

    fn histograms(&self) -> MutexGuard<'_, Vec<Arc<Buckets>>> {
        self.histograms.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Declares an enum of which each variant is the value of a label.
macro_rules! labelled {
    (
        $(#[$doc:meta])* $owner:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $label:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $owner { $($(#[$variant_doc])* $variant,)* }

        impl $owner {
            /// All of them, in order of their discriminants.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The label's value.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

use {handle_type, handles, labelled};

#[cfg(test)]
mod tests;
