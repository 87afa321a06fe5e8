//! Whether the sale can be written, for readers and operators.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use super::limits::WRITE_STALL_MS;

/// The state of a sale's journal, swapped whole, and the write under way.
pub struct Health {
    state: ArcSwap<HealthState>,
    /// The write under way.
    pub writing: Writing,
}

/// Watches over the length of a write. Shared by who writes and who looks.
#[derive(Clone, Debug, Default)]
pub struct Writing(Arc<AtomicU64>);

/// Whether the journal can be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HealthState {
    /// It can.
    Well,
    /// It cannot: selling stops, sale time stops, the queue and the board stay up.
    Down {
        /// What happened, for operators.
        cause: String,
        /// What it means, for everybody.
        outward: &'static str,
    },
}

impl Default for Health {
    fn default() -> Self {
        Self { state: ArcSwap::from_pointee(HealthState::Well), writing: Writing::default() }
    }
}

impl Health {
    /// The state now.
    pub fn get(&self) -> Arc<HealthState> {
        self.state.load_full()
    }

    /// Whether the journal can be written.
    pub fn well(&self) -> bool {
        matches!(**self.state.load(), HealthState::Well)
    }

    pub(super) fn set(&self, state: HealthState) {
        self.state.store(Arc::new(state));
    }

    /// Whether anything can be written at this monotonic time.
    pub fn serves(&self, at_ms: u64) -> bool {
        self.well() && self.writing.stuck_ms(at_ms).is_none()
    }

    /// Why nothing can be written at this monotonic time, for operators; `None` if all is well. A
    /// write that hangs is no fault yet, and lets nobody be answered.
    pub fn cause(&self, at_ms: u64) -> Option<String> {
        match &*self.get() {
            HealthState::Down { cause, .. } => Some(cause.clone()),
            HealthState::Well => {
                let stuck_ms = self.writing.stuck_ms(at_ms)?;
                Some(format!("a write has been under way for {} s", stuck_ms / 1_000))
            }
        }
    }
}

// Relaxed throughout: a watch over the length of a write, ordering nothing.
impl Writing {
    /// A write begins at this monotonic time.
    pub(super) fn begin(&self, at_ms: u64) {
        // 0 stands for none.
        self.0.store(at_ms.max(1), Ordering::Relaxed);
    }

    /// It has ended; says when it began.
    pub(super) fn end(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// For how long the write under way has taken; 0 while there is none.
    pub fn for_ms(&self, at_ms: u64) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            0 => 0,
            began_ms => at_ms.saturating_sub(began_ms),
        }
    }

    /// The same, if that is too long to call it serving.
    pub fn stuck_ms(&self, at_ms: u64) -> Option<u64> {
        Some(self.for_ms(at_ms)).filter(|for_ms| *for_ms > WRITE_STALL_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_hangs_is_named_with_its_length_and_forgotten_when_it_ends() {
        let health = Health::default();
        assert_eq!(health.cause(9_000), None);
        health.writing.begin(1_000);
        assert_eq!(health.cause(1_000 + WRITE_STALL_MS), None);
        let cause = health.cause(8_500).expect("it hangs");
        assert_eq!(cause, "a write has been under way for 7 s");
        assert!(health.serves(1_000 + WRITE_STALL_MS) && !health.serves(8_500));
        assert!(health.well(), "no fault: what is decided is still believed");
        assert_eq!(health.writing.end(), 1_000);
        assert_eq!((health.cause(9_000), health.writing.for_ms(9_000)), (None, 0));
    }
}
