//! Which basket or order has a seat.

use std::collections::HashMap;

use serde::Serialize;
use stanchion_domain::change::Taken;
use stanchion_domain::id::{BasketId, PerformanceIndex, SeatIndex};
use stanchion_domain::inventory::baskets::Basket;
use utoipa::ToSchema;

use crate::api::state::OpenSale;
use crate::api::wire::basket::Id;

/// The owners of the seats of a performance.
///
/// Seats do not say who has them outside the writer, so every basket is looked through: some
/// milliseconds for a hundred thousand. It is asked when somebody looks at a seat, not by itself.
pub(super) struct Owners(HashMap<SeatIndex, BasketId>);

/// Who has a seat.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnerBody {
    /// The basket or order; absent if none has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<String>,
}

impl Owners {
    pub(super) fn of(sale: &OpenSale, performance: PerformanceIndex) -> Self {
        let has = |basket: &Basket| {
            basket.owns() && basket.lines().any(|line| line.performance == performance)
        };
        let baskets = sale.engine.published().baskets(has);
        let seats = baskets.iter().flat_map(|basket| {
            let lines = basket.lines().filter(|line| line.performance == performance);
            lines.filter_map(|line| match line.what {
                Taken::Seat(seat) => Some((seat, basket.id)),
                Taken::Pool(..) => None,
            })
        });
        Self(seats.collect())
    }

    /// The id of the basket or order that has a seat.
    pub(super) fn of_seat(&self, seat: SeatIndex) -> Option<String> {
        self.0.get(&seat).map(|id| Id::from(*id).to_string())
    }
}
