//! Makes snapshots beside the writer: a follower that reads the journal, never the writer's state.
//!
//! It rebuilds the sale from the last snapshot and the records since, by the same code as a start,
//! so recovery is exercised all the time and the writer never stops for it.

use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError};

use super::limits::{SNAPSHOT_LOOK_MS, SNAPSHOT_RECORDS, TRIM_PAUSES};
use super::published::Published;
use super::recovery::recover;
use crate::clock::Clock;
use crate::journal::fault::JournalFault;
use crate::journal::{History, image};
use crate::metrics::sale::SaleMetrics;

/// Makes snapshots, and removes what they cover.
pub(super) struct Snapshots {
    pub(super) history: Arc<dyn History>,
    pub(super) published: Arc<Published>,
    pub(super) rhythm: Rhythm,
    /// Disconnected when it is time to stop.
    pub(super) stop: Receiver<()>,
    pub(super) metrics: SaleMetrics,
    pub(super) clock: Clock,
}

/// When a snapshot is made.
#[derive(Clone, Copy)]
pub(super) struct Rhythm {
    /// After so many records.
    pub(super) records: u64,
    /// How often that is looked at.
    pub(super) look_ms: u64,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { records: SNAPSHOT_RECORDS, look_ms: SNAPSHOT_LOOK_MS }
    }
}

impl Snapshots {
    /// Runs until the engine stops.
    pub(super) fn run(&self) {
        let newest = self.history.snapshot().ok().flatten();
        let mut covered = newest.map_or(0, |snapshot| snapshot.sequence);
        let mut made_at_ms = None;
        while self.pause(self.rhythm.look_ms) {
            let began_ms = self.clock.monotonic_ms();
            if let Some(made_at_ms) = made_at_ms {
                self.metrics.writer.snapshot_age.set(seconds(made_at_ms, began_ms));
            }
            let sequence = self.published.sequence();
            if sequence < covered + self.rhythm.records || !self.published.health.well() {
                continue;
            }
            covered = match make(&*self.history).and_then(|made| self.trim().map(|()| made)) {
                Ok(made) => {
                    let ended_ms = self.clock.monotonic_ms();
                    self.metrics.writer.snapshot.record(seconds(began_ms, ended_ms));
                    made_at_ms = Some(ended_ms);
                    made
                }
                Err(fault) => {
                    tracing::warn!(%fault, "no snapshot was made; the journal still holds all");
                    sequence
                }
            };
        }
    }

    /// Removes the records that two snapshots cover, with pauses that let appends through.
    fn trim(&self) -> Result<(), JournalFault> {
        loop {
            let began_ms = self.clock.monotonic_ms();
            let gone = self.history.trim()?;
            let took_ms = self.clock.monotonic_ms().saturating_sub(began_ms);
            if gone == 0 || !self.pause(TRIM_PAUSES * (took_ms + 1)) {
                return Ok(());
            }
        }
    }

    /// False once it is time to stop.
    fn pause(&self, ms: u64) -> bool {
        let waited = self.stop.recv_timeout(Duration::from_millis(ms));
        waited == Err(RecvTimeoutError::Timeout)
    }
}

/// The seconds between two readings of the monotonic clock.
fn seconds(from_ms: u64, until_ms: u64) -> f64 {
    until_ms.saturating_sub(from_ms) as f64 / 1_000.0
}

/// Makes one snapshot of all that is durable, and says which record is its last.
pub(super) fn make(history: &dyn History) -> Result<u64, JournalFault> {
    let Some((sale, head)) = recover(history)? else { return Ok(0) };
    let snapshot = image::encode(&sale.image(), head);
    drop(sale);
    history.put_snapshot(&snapshot)?;
    tracing::info!(sequence = head.sequence, bytes = snapshot.image.len(), "snapshot made");
    Ok(head.sequence)
}
