//! What changes by ops changes alone: the definition, and what operators set.

use std::sync::Arc;

use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::operations::Operations;

/// The operators' side of a sale, as readers see it.
pub struct Desk {
    /// The definition.
    pub definition: Arc<Definition>,
    /// What operators set.
    pub operations: Operations,
}

impl Desk {
    pub(super) fn of(sale: &Sale) -> Self {
        Self { definition: sale.definition().clone(), operations: sale.operations().clone() }
    }
}
