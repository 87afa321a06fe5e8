//! Counts what a sale does, for the metrics and the pages of operators.

use std::sync::Arc;
use std::time::Duration;

use stanchion_domain::board::picture::Head;
use stanchion_domain::change::Change;

use super::published::Published;
use super::tally::Tally;
use crate::metrics::sale::SaleMetrics;

/// The handles of one sale, used by its commit thread.
pub(super) struct Meter {
    metrics: SaleMetrics,
    tally: Arc<Tally>,
}

impl Meter {
    pub(super) fn new(metrics: SaleMetrics, tally: Arc<Tally>) -> Self {
        metrics.writer.healthy.set(1);
        Self { metrics, tally }
    }

    /// A durable write of so many records took so long.
    pub(super) fn appended(&self, records: usize, took: Duration) {
        self.metrics.writer.batch.record(records as f64);
        self.metrics.writer.append.record(took);
    }

    /// A change is durable.
    pub(super) fn changed(&self, change: &Change) {
        self.tally.changed(change);
        let sale = &self.metrics.sale;
        match change {
            Change::Claimed { .. } => sale.claims.increment(1),
            Change::ClaimsMissed { numbers } => sale.missed.increment(numbers.len() as u64),
            Change::Confirmed { .. } => sale.orders.increment(1),
            Change::BasketExpired { .. } => sale.expired.increment(1),
            Change::Resumed => sale.outages.increment(1),
            _ => {}
        }
    }

    /// The journal can be written, or not.
    pub(super) fn healthy(&self, healthy: bool) {
        self.metrics.writer.healthy.set(if healthy { 1 } else { 0 });
        self.metrics.sale.time_running.set(if healthy { 1 } else { 0 });
    }

    /// The board shows this.
    pub(super) fn pictured(&self, head: &Head, published: &Published) {
        let sale = &self.metrics.sale;
        sale.waiting.set(head.queue.waiting);
        sale.called.set(head.queue.called);
        sale.active.set(head.queue.active);
        sale.cap.set(head.queue.cap);
        sale.pace.set(head.queue.pace_per_minute);
        let for_what_is_left = published.desk().operations.call_for_what_is_left;
        sale.for_what_is_left.set(if for_what_is_left { 1 } else { 0 });
        sale.available.set(head.counts.available as f64);
        sale.held.set(head.counts.held as f64);
        sale.paying.set(head.counts.paying as f64);
        sale.sold.set(head.counts.sold as f64);
        sale.withheld.set(head.counts.withheld as f64);
        let fact = head.known.is_none_or(|known| known.fact);
        sale.left_known.set(if fact { 1 } else { 0 });
        let running = published.health.well() && !head.frozen;
        sale.time_running.set(if running { 1 } else { 0 });
    }
}
