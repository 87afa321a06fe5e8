//! Whether the sale can be written, for readers and operators.

use std::sync::Arc;

use arc_swap::ArcSwap;

/// The state of a sale's journal, swapped whole.
pub struct Health(ArcSwap<HealthState>);

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
        Self(ArcSwap::from_pointee(HealthState::Well))
    }
}

impl Health {
    /// The state now.
    pub fn get(&self) -> Arc<HealthState> {
        self.0.load_full()
    }

    /// Whether the journal can be written.
    pub fn well(&self) -> bool {
        matches!(**self.0.load(), HealthState::Well)
    }

    pub(super) fn set(&self, state: HealthState) {
        self.0.store(Arc::new(state));
    }
}
