//! What the controls are judged against: a sale as it is published at one moment.

use std::sync::Arc;

use stanchion_domain::board::status::Counts;
use stanchion_domain::board::trigger::Scope;
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::sale::operations::Operations;
use stanchion_domain::time::WallTime;

use crate::api::names::Names;
use crate::api::ops::figures::Figures;
use crate::api::state::OpenSale;
use crate::board::store::Board;
use crate::engine::desk::Desk;

/// One moment of a sale.
pub(super) struct Ground<'s> {
    pub(super) sale: &'s OpenSale,
    pub(super) figures: Figures,
    /// Wall time.
    pub(super) now: WallTime,
    desk: Arc<Desk>,
    board: Arc<Board>,
}

impl<'s> Ground<'s> {
    /// A sale as it is now.
    pub(super) fn of(sale: &'s OpenSale) -> Self {
        let published = sale.engine.published();
        Self {
            sale,
            figures: Figures::of(sale),
            now: published.now().wall,
            desk: Arc::clone(&sale.desk()),
            board: published.board.current(),
        }
    }

    /// What operators set.
    pub(super) fn operations(&self) -> &Operations {
        &self.desk.operations
    }

    /// What is fixed.
    pub(super) fn definition(&self) -> &Definition {
        &self.desk.definition
    }

    /// What people call the parts of the sale.
    pub(super) fn names(&self) -> Arc<Names> {
        self.sale.names(&self.desk)
    }

    /// The counts of a part of the sale.
    pub(super) fn counts(&self, scope: Scope) -> Counts {
        self.board.counts_of(scope)
    }

    /// Whether they are known: what the venue's own system keeps may be stale.
    pub(super) fn is_fact(&self, scope: Scope) -> bool {
        self.board.is_fact(scope)
    }

    /// Visitors called or in the shop.
    pub(super) fn inside(&self) -> u32 {
        self.figures.point.active + self.figures.point.called
    }

    /// Those of them without a live basket, who may still want something.
    pub(super) fn wanting(&self) -> u32 {
        let with_basket = self.sale.engine.published().baskets(Basket::live).len();
        self.inside().saturating_sub(u32::try_from(with_basket).unwrap_or(u32::MAX))
    }
}
