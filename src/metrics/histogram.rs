//! Histograms of fixed buckets: one atomic for each, and one for the sum.
//!
//! The exporter's recorder keeps every sample until it is asked to fold them, which was a twentieth
//! of what a poll cost and megabytes under load. These are counted where they stand and rendered in
//! the same text.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use metrics::{Histogram, HistogramFn, Label};

use super::Named;
use super::spread::Spread;

/// Sums are kept in billionths: nanoseconds for spans, and room for 18 billion counted things.
const SUM_SCALE: f64 = 1e9;

/// One series. All accesses are relaxed: each number stands alone, and a reading that is a sample
/// behind is as good.
#[derive(Debug)]
pub(super) struct Buckets {
    named: Named,
    bounds: &'static [f64],
    /// One for each bound, and one for what is above all of them.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Buckets {
    /// An empty series with these upper bounds, in ascending order.
    pub(super) fn new(named: Named, bounds: &'static [f64]) -> Arc<Self> {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Arc::new(Self { named, bounds, counts, sum: AtomicU64::new(0) })
    }

    /// The handle that counts into this series.
    pub(super) fn handle(self: &Arc<Self>) -> Histogram {
        Histogram::from_arc(self.clone())
    }

    /// What was counted so far.
    pub(super) fn spread(&self) -> Spread {
        let counts = self.counts.iter().map(|count| count.load(Relaxed)).collect();
        Spread { bounds: self.bounds, counts, sum_ns: self.sum.load(Relaxed) }
    }

    /// What `other` is the same series as.
    pub(super) fn is(&self, other: &Named) -> bool {
        self.named.name == other.name && self.named.labels == other.labels
    }

    /// The metric that this is a series of.
    pub(super) fn name(&self) -> &'static str {
        self.named.name
    }

    /// The lines that open a metric.
    pub(super) fn write_head(&self, out: &mut String) {
        let Named { name, help, .. } = &self.named;
        let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} histogram\n");
    }

    /// The lines of this series.
    pub(super) fn write(&self, out: &mut String) {
        let name = self.named.name;
        let labels = self.named.labels.iter().map(written).collect::<Vec<_>>().join(",");
        let comma = if labels.is_empty() { "" } else { "," };
        let bounds = self.bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        let mut count = 0;
        for (bound, inside) in bounds.zip(&self.counts) {
            count += inside.load(Relaxed);
            let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}");
        }
        let sum = self.sum.load(Relaxed) as f64 / SUM_SCALE;
        let braced = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
        let _ = write!(out, "{name}_sum{braced} {sum}\n{name}_count{braced} {count}\n");
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        self.counts[at].fetch_add(1, Relaxed);
        self.sum.fetch_add((value * SUM_SCALE) as u64, Relaxed);
    }
}

/// A label as the text format writes it.
fn written(label: &Label) -> String {
    let value = label.value().replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
    format!("{}=\"{value}\"", label.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_in_every_bucket_that_it_does_not_exceed() {
        let named = Named { name: "n", help: "h", labels: vec![Label::new("of", "a\"b")] };
        let buckets = Buckets::new(named, &[1.0, 2.5]);
        for sample in [0.5, 1.0, 2.0, 9.25] {
            buckets.handle().record(sample);
        }
        let mut text = String::new();
        buckets.write_head(&mut text);
        buckets.write(&mut text);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "# HELP n h",
                "# TYPE n histogram",
                r#"n_bucket{of="a\"b",le="1"} 2"#,
                r#"n_bucket{of="a\"b",le="2.5"} 3"#,
                r#"n_bucket{of="a\"b",le="+Inf"} 4"#,
                r#"n_sum{of="a\"b"} 12.75"#,
                r#"n_count{of="a\"b"} 4"#,
            ]
        );
    }
}
