//! What a process that stands by knows of a sale, for operators.
//!
//! Written by the one thread that follows the sale, read by everybody; and the one thing that an
//! operator can tell that thread. Decides nothing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;

use crate::journal::Head;
use crate::metrics::sale::Role;

/// One sale that is stood by for.
pub struct Vigil {
    /// Which sale.
    pub sale: String,
    seen: ArcSwap<Seen>,
    accepts_loss: AtomicBool,
    metrics: Role,
}

/// How far a sale is followed, and why it is not taken over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The newest record that was applied.
    pub followed: Head,
    /// Monotonic time at which all records that there are had been applied; `None` before the first
    /// time.
    pub current_at_ms: Option<u64>,
    /// What it waits for.
    pub waits: Waits,
}

/// What a standby waits for before it writes a sale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waits {
    /// To have read the journal for the first time.
    ForRecords,
    /// For the lease of another sale, whose turn is before.
    ForTurn,
    /// For the holder of the lease to give it up, or to fall silent.
    ForHolder {
        /// As it calls itself.
        holder: String,
    },
    /// For an operator: the journal ends before a record that somebody has seen.
    ForOperator {
        /// Where it ends.
        newest: Head,
        /// What was seen.
        seen: Head,
    },
    /// For a journal that cannot be read or taken.
    ForJournal {
        /// What happened.
        cause: String,
    },
    /// For the leases of the other sales; the one of this sale is held.
    ForOthers,
    /// For nothing: this process writes the sale.
    ForNothing,
}

impl Waits {
    /// The stable word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ForRecords => "records",
            Self::ForTurn => "turn",
            Self::ForHolder { .. } => "holder",
            Self::ForOperator { .. } => "operator",
            Self::ForJournal { .. } => "journal",
            Self::ForOthers => "others",
            Self::ForNothing => "nothing",
        }
    }
}

/// The sentence for operators: why this process does not write the sale.
impl fmt::Display for Waits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForRecords => write!(out, "the journal is being read"),
            Self::ForTurn => write!(out, "the lease of another sale comes first"),
            Self::ForHolder { holder } => write!(out, "{holder} holds the lease"),
            Self::ForOperator { newest, seen } => write!(
                out,
                "the journal ends at record {}, and record {} was seen: restore it, or accept the \
                 loss with POST /v1/takeover",
                newest.sequence, seen.sequence
            ),
            Self::ForJournal { cause } => write!(out, "{cause}"),
            Self::ForOthers => write!(out, "it holds this lease, and waits for the others"),
            Self::ForNothing => write!(out, "it writes the sale"),
        }
    }
}

impl Vigil {
    pub(super) fn new(sale: String, metrics: Role) -> Arc<Self> {
        let (followed, current_at_ms, waits) = (Head::default(), None, Waits::ForRecords);
        let seen = ArcSwap::from_pointee(Seen { followed, current_at_ms, waits });
        metrics.writer.set(0.0);
        Arc::new(Self { sale, seen, accepts_loss: AtomicBool::new(false), metrics })
    }

    /// How far it is, and why it goes no further.
    pub fn seen(&self) -> Arc<Seen> {
        self.seen.load_full()
    }

    /// How long it may be behind at this monotonic time; `None` before it was current.
    pub fn lag_ms(&self, at_ms: u64) -> Option<u64> {
        self.seen.load().current_at_ms.map(|current_at_ms| at_ms.saturating_sub(current_at_ms))
    }

    /// Counts how far it is, at this monotonic time.
    pub fn count(&self, at_ms: u64) {
        let seen = self.seen.load();
        self.metrics.epoch.set(f64::from(seen.followed.epoch));
        self.metrics.followed.set(seen.followed.sequence as f64);
        self.metrics.lag.set(self.lag_ms(at_ms).unwrap_or_default() as f64 / 1_000.0);
    }

    /// An operator accepts that acknowledged records are lost; false if that is not what is waited
    /// for.
    pub fn accept_loss(&self) -> bool {
        let short = matches!(self.seen.load().waits, Waits::ForOperator { .. });
        // Relaxed: nothing is published with it.
        self.accepts_loss.fetch_or(short, Ordering::Relaxed);
        short
    }

    /// Whether an operator accepted the loss since this was last asked.
    pub(super) fn take_acceptance(&self) -> bool {
        self.accepts_loss.swap(false, Ordering::Relaxed)
    }

    /// Notes how far it is. Says in the log what it waits for, when that changes.
    pub(super) fn note(&self, seen: Seen) {
        let Seen { waits, .. } = &seen;
        if self.seen.load().waits != *waits {
            match waits {
                Waits::ForJournal { .. } => {
                    tracing::warn!(sale = self.sale, %waits, "the journal is waited for");
                }
                _ => tracing::info!(sale = self.sale, %waits, "standing by"),
            }
        }
        self.seen.store(Arc::new(seen));
    }
}
