//! What seldom changes: the definition, what operators set, and since when serving goes on.

use std::sync::Arc;

use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::operations::Operations;
use stanchion_domain::time::SaleTime;

/// The operators' side of a sale, as readers see it.
pub struct Desk {
    /// The definition.
    pub definition: Arc<Definition>,
    /// What operators set.
    pub operations: Operations,
    /// When a visitor's silence begins to count, whoever it is.
    pub silent_from: SaleTime,
}

impl Desk {
    pub(super) fn of(sale: &Sale) -> Self {
        Self {
            definition: sale.definition().clone(),
            operations: sale.operations().clone(),
            silent_from: sale.silent_from(),
        }
    }
}
