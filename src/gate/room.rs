//! How many requests may be with the origin at once, and how many may wait for that.
//!
//! They are counted here, since the pool of connections opens a new one whenever none is idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Requests that wait, at most: four a connection, as many as a healthy origin answers within a
/// second or two.
const WAITING_PER_CONNECTION: usize = 4;

/// Room at the origin.
#[derive(Debug)]
pub(super) struct Room {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
    patience: Duration,
    gauge: metrics::Gauge,
}

impl Room {
    /// Room for so many; a request waits for it at most `patience`.
    pub(super) fn new(most: usize, patience: Duration, gauge: metrics::Gauge) -> Self {
        let free = Arc::new(Semaphore::new(most));
        let waiting_max = most * WAITING_PER_CONNECTION;
        Self { free, waiting: AtomicUsize::new(0), waiting_max, patience, gauge }
    }

    /// Room for one request, once there is any; `None` if there is none in time.
    pub(super) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(permit);
        }
        // Relaxed: the count guards no data, and a few too many at once do no harm.
        if self.waiting.load(Relaxed) >= self.waiting_max {
            return None;
        }
        let _one = Waiting::new(self);
        timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await.ok()?.ok()
    }
}

/// One request that waits; it may stop at any time.
struct Waiting<'r>(&'r Room);

impl<'r> Waiting<'r> {
    fn new(room: &'r Room) -> Self {
        room.waiting.fetch_add(1, Relaxed);
        room.gauge.increment(1);
        Self(room)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
        self.0.gauge.decrement(1);
    }
}
