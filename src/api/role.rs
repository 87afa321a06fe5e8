//! What a process is to its sales, as handlers see it, and the asking for a hand-over.
//!
//! Owns no journal and no engine: whoever joins the parts of the process does what is asked here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

use crate::engine::vigil::Vigil;

/// What a process is to its sales.
#[derive(Clone, Default)]
pub struct Role {
    /// How it stands by, or stood by, for each; empty if nobody else could write them.
    pub vigils: Vec<Arc<Vigil>>,
    /// Asked for by an operator, and done by whoever runs the process.
    pub hand_over: HandOver,
}

/// A hand-over on its way. Clones are the same one.
#[derive(Clone, Default)]
pub struct HandOver {
    asked: CancellationToken,
    done: CancellationToken,
    /// The same as `done`, for every request to look at: a token is locked to be read.
    over: Arc<AtomicBool>,
    turned_away: Arc<AtomicU64>,
}

impl Role {
    /// Whether another process can write the sales.
    pub fn shared(&self) -> bool {
        !self.vigils.is_empty()
    }

    /// Counts how far each sale is followed, at this monotonic time.
    pub(super) fn count(&self, at_ms: u64) {
        self.vigils.iter().for_each(|vigil| vigil.count(at_ms));
    }
}

impl HandOver {
    /// Asks for it, and returns once nothing is written here any more and the leases are given up.
    pub async fn ask(&self) {
        self.asked.cancel();
        self.done.cancelled().await;
    }

    /// Whether it was asked for, or began by itself.
    pub fn begun(&self) -> bool {
        self.asked.is_cancelled()
    }

    /// Returns once somebody asks for it.
    pub async fn asked(&self) {
        self.asked.cancelled().await;
    }

    /// It begins, asked for or not.
    pub fn begin(&self) {
        self.asked.cancel();
    }

    /// Whether it is done: somebody else serves now.
    pub fn over(&self) -> bool {
        // Relaxed: a request that misses it is answered as one that came a moment before.
        self.over.load(Ordering::Relaxed)
    }

    /// Somebody came after it was done.
    pub(super) fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// How often somebody came after it was done.
    pub fn turned_away(&self) -> u64 {
        // Relaxed: a count, ordering nothing.
        self.turned_away.load(Ordering::Relaxed)
    }

    /// It is done.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.done.cancel();
    }
}
