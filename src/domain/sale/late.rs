//! A payment that comes after its basket was closed: whether all of it can be had again, and from
//! where; or that comes once more.
//!
//! What was the house's is taken from the house while it has it, and else from public sale, where
//! an operator may have put it since; what was on public sale is taken from there alone.
//!
//! The record of a late payment says that it bought all of its basket, and not from where: whoever
//! replays it works that out from the basket and the stock as the records before it made them,
//! which are those it was decided on. Hence [`Sale::taken_again`] may never answer otherwise than
//! it does in format 1, holds by their ids, lines in their order, the house's units first: another
//! answer needs a record of its own.

use super::Sale;
use crate::change::{Change, Line, Taken, add_line};
use crate::id::BasketId;
use crate::inventory::baskets::{Basket, BasketState, KeptHold};

impl Sale {
    /// What was decided when the payment of a basket came, if it has come.
    pub(super) fn paid(&self, basket: BasketId) -> Option<Change> {
        match self.baskets.by_id(basket)?.state.clone() {
            BasketState::Confirmed { payment, late } => {
                Some(Change::Confirmed { basket, payment, late })
            }
            BasketState::Lost { payment } => Some(Change::PaymentLost { basket, payment }),
            _ => None,
        }
    }

    /// All of a closed basket is sold, or nothing of it and the payment is flagged for refund.
    pub(super) fn decide_late(&self, basket: &Basket, payment: String) -> Change {
        match self.taken_again(basket) {
            Some(_) => Change::Confirmed { basket: basket.id, payment, late: true },
            None => Change::PaymentLost { basket: basket.id, payment },
        }
    }

    /// The holds of a closed basket as they can be taken again; `None` if any unit is gone. Each
    /// line says anew whether it is the house's, so that it goes back to where it came from.
    pub(super) fn taken_again(&self, basket: &Basket) -> Option<Vec<KeptHold>> {
        let mut wanted = Vec::new();
        let mut again = |line: &Line| {
            let parts = self.parts(line, &wanted);
            parts.iter().for_each(|part| add_line(&mut wanted, *part));
            parts
        };
        let holds = basket.holds.iter().map(|hold| KeptHold {
            id: hold.id,
            lines: hold.lines.iter().flat_map(&mut again).collect(),
        });
        let holds = holds.collect();
        wanted.iter().all(|line| self.stock.can_take(line)).then_some(holds)
    }

    /// A line split by where its units would come from, beside what is `wanted` before it.
    fn parts(&self, line: &Line, wanted: &[Line]) -> Vec<Line> {
        let of_house = match line.what {
            _ if !line.house => 0,
            Taken::Seat(_) => u32::from(self.stock.can_take(line)),
            Taken::Pool(pool, units) => {
                let same = |other: &&Line| {
                    other.house
                        && other.performance == line.performance
                        && matches!(other.what, Taken::Pool(other, _) if other == pool)
                };
                let same = wanted.iter().filter(same);
                let before: u64 = same.map(|line| u64::from(line.units())).sum();
                let house = self.stock.performance(line.performance).pools[pool.at()].house;
                u32::try_from(house.saturating_sub(before)).unwrap_or(units).min(units)
            }
        };
        let part = |house, units| {
            let what = match line.what {
                Taken::Seat(seat) => Taken::Seat(seat),
                Taken::Pool(pool, _) => Taken::Pool(pool, units),
            };
            Line { what, house, ..*line }
        };
        let parts = [(true, of_house), (false, line.units() - of_house)];
        parts
            .into_iter()
            .filter(|(_, units)| *units > 0)
            .map(|(at, units)| part(at, units))
            .collect()
    }
}
