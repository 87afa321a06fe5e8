//! Makes snapshots beside the writer: a follower that reads the journal, never the writer's state.
//!
//! It rebuilds the sale from the last snapshot and the records since, by the same code as a start,
//! so recovery is exercised all the time and the writer never stops for it.

use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError};

use super::limits::{SNAPSHOT_LOOK_MS, SNAPSHOT_RECORDS};
use super::published::Published;
use super::recovery::recover;
use crate::journal::fault::JournalFault;
use crate::journal::{History, image};

/// Runs until the engine stops.
pub(super) fn run(history: &dyn History, published: &Arc<Published>, stop: &Receiver<()>) {
    let mut covered = covered(history);
    loop {
        match stop.recv_timeout(Duration::from_millis(SNAPSHOT_LOOK_MS)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        if published.sequence() < covered + SNAPSHOT_RECORDS || !published.health.well() {
            continue;
        }
        match make(history) {
            Ok(sequence) => covered = sequence,
            Err(fault) => {
                tracing::warn!(%fault, "no snapshot was made; the journal alone still holds all");
                covered = published.sequence();
            }
        }
    }
}

fn covered(history: &dyn History) -> u64 {
    let newest = history.snapshot().ok().flatten();
    newest.map_or(0, |snapshot| snapshot.sequence)
}

/// Makes one snapshot and removes the records that two snapshots cover.
pub(super) fn make(history: &dyn History) -> Result<u64, JournalFault> {
    let Some((sale, head)) = recover(history)? else { return Ok(0) };
    let snapshot = image::encode(&sale.image(), head);
    drop(sale);
    history.put_snapshot(&snapshot)?;
    tracing::info!(sequence = head.sequence, bytes = snapshot.image.len(), "snapshot made");
    while history.trim()? > 0 {
        // A pause between the steps lets appends through.
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(head.sequence)
}
