//! Sales to measure on.

use std::sync::Arc;

use stanchion_domain::change::{Change, Decided};
use stanchion_domain::id::Number;
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::{Now, SaleTime};

use crate::venue::{SHOPPERS, house};

/// An arena of 20,000 seats.
pub(crate) fn arena() -> Definition {
    house(40)
}

/// An open sale with [`SHOPPERS`] active passes.
pub(crate) fn with_shoppers(definition: Definition) -> Sale {
    let mut sale = Sale::new(Arc::new(definition));
    let mut apply = |change| apply(&mut sale, change);
    apply(Change::Reserved { until: 65_536 });
    apply(Change::Opened);
    for first in (0..SHOPPERS).step_by(1_000) {
        let numbers: Vec<_> = (first..(first + 1_000).min(SHOPPERS)).map(Number).collect();
        let front = first + numbers.len() as u32;
        apply(Change::Called { numbers, front, claim_until: SaleTime(120_000) });
    }
    (0..SHOPPERS).for_each(|number| apply(Change::Claimed { number: Number(number) }));
    sale
}

/// Makes a change true at sale time zero.
pub(crate) fn apply(sale: &mut Sale, change: Change) {
    sale.apply(&Decided { now: Now::default(), request: None, change });
}
