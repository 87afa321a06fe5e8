//! The whole state of a sale as plain data: what a snapshot holds, and what two sales are compared
//! by.

use super::answers::{Answer, Answers};
use super::definition::Definition;
use super::operations::Operations;
use super::{Layouts, Sale};
use crate::change::Taken;
use crate::id::Number;
use crate::inventory::baskets::{Basket, BasketState, Baskets, Slot};
use crate::inventory::reports::{Newest, Reports};
use crate::inventory::seats::SeatState;
use crate::inventory::stock::{Stock, WithheldUnits, owner};
use crate::queue::line::{Line, LineImage};
use crate::queue::pace::Pace;
use crate::queue::passes::{Pass, PassState, Passes};
use crate::time::SaleTime;
use std::sync::Arc;

/// A sale at rest. Sorted, so that equal states have equal images.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    /// The definition, as the newest ops change left it.
    pub definition: Arc<Definition>,
    /// What operators set.
    pub operations: Operations,
    /// The queue.
    pub line: LineImage,
    /// How far calling is ahead of an even pace.
    pub pace: Pace,
    /// Passes, ascending by number.
    pub passes: Vec<PassImage>,
    /// Live and remembered baskets, and orders; ascending by id, and after them those closed
    /// ones for which no payment can come, in the order in which they will be forgotten.
    pub baskets: Vec<Basket>,
    /// What is withheld.
    pub withheld: Vec<WithheldUnits>,
    /// The newest report of each zone of a mirrored sale, by performance and zone.
    pub reports: Vec<Newest>,
    /// Accepted requests, oldest first.
    pub answers: Vec<(u128, Answer)>,
    /// Sale time of the newest change.
    pub now: SaleTime,
    /// When sale time was last journaled as such.
    pub marked_at: SaleTime,
    /// Nobody is passed over or idles out before this.
    pub grace_until: SaleTime,
    /// When the last outage ended.
    pub resumed_at: SaleTime,
}

/// A pass without its basket, which names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PassImage {
    /// Whose it is.
    pub number: Number,
    /// Called or active.
    pub state: PassState,
    /// When the visitor was called, claimed, or last gave a basket back or paid for it.
    pub since: SaleTime,
}

impl Sale {
    /// The state as plain data.
    pub fn image(&self) -> Image {
        let passes = self.passes.sorted().into_iter().map(|(number, pass)| PassImage {
            number,
            state: pass.state,
            since: pass.since,
        });
        Image {
            definition: self.definition.clone(),
            operations: self.operations.clone(),
            line: self.line.image(),
            pace: self.pace,
            passes: passes.collect(),
            baskets: self.baskets.at_rest(),
            withheld: self.stock.withheld(),
            reports: self.reports.iter().copied().collect(),
            answers: self.answers.iter().map(|(key, answer)| (key, answer.clone())).collect(),
            now: self.now,
            marked_at: self.marked_at,
            grace_until: self.grace_until,
            resumed_at: self.resumed_at,
        }
    }

    /// The sale whose image this is.
    ///
    /// # Panics
    /// If the image contradicts itself: its reader has checked its sum.
    pub fn from_image(image: Image) -> Self {
        image.definition.check();
        let mut passes = Passes::default();
        for pass in &image.passes {
            let PassImage { number, state, since } = *pass;
            passes.keep(number, Pass { state, since, basket: None });
        }
        let mut stock = Stock::rebuild(&image.definition, &image.withheld);
        let mut baskets = Baskets::default();
        for basket in image.baskets {
            let (pass, live) = (basket.pass, basket.live());
            let slot = baskets.keep(basket);
            let basket = baskets.get(slot);
            if matches!(basket.state, BasketState::Confirmed { .. }) {
                passes.bought(pass, basket.units());
            }
            if let Some(state) = state_of(basket, slot) {
                for line in basket.lines() {
                    stock.shift(line, SeatState::Available, state);
                }
            }
            if live {
                passes.set_basket(pass, slot);
            }
        }
        let mut reports = Reports::new(&image.definition);
        for newest in image.reports {
            stock.report(newest.report.of(), newest.report.counts());
            reports.keep(newest);
        }
        let mut answers = Answers::default();
        for (key, answer) in image.answers {
            let request = crate::id::RequestKey { key, body: answer.body };
            answers.remember(request, answer.at, answer.change);
        }
        Self {
            layouts: Layouts::new(&image.definition),
            definition: image.definition,
            operations: image.operations,
            line: Line::from_image(image.line),
            pace: image.pace,
            passes,
            stock,
            reports,
            baskets,
            answers,
            now: image.now,
            marked_at: image.marked_at,
            grace_until: image.grace_until,
            resumed_at: image.resumed_at,
        }
    }
}

/// The state that a basket gives its units, if it owns any.
fn state_of(basket: &Basket, slot: Slot) -> Option<SeatState> {
    match basket.state {
        BasketState::Open => Some(SeatState::Held(slot)),
        BasketState::Paying => Some(SeatState::Paying(slot)),
        BasketState::Confirmed { .. } => Some(SeatState::Sold(slot)),
        BasketState::Closed { .. } | BasketState::Lost { .. } => None,
    }
}

/// Asserts, from the baskets down, that every owned unit has exactly the owner that claims it.
pub(super) fn check_owners(sale: &Sale) {
    let mut owned_seats = 0_usize;
    let mut owned_units = 0_u64;
    for (slot, basket) in sale.baskets.iter() {
        let Some(state) = state_of(basket, slot) else { continue };
        for line in basket.lines() {
            owned_units += u64::from(line.units());
            if let Taken::Seat(seat) = line.what {
                let map = sale.stock.performance(line.performance).seats.as_ref();
                assert_eq!(map.and_then(|map| map.get(seat)), Some(state), "a seat has one owner");
                owned_seats += 1;
            }
        }
        if basket.live() {
            let pass = sale.passes.get(basket.pass).expect("a live basket has a pass");
            assert_eq!(pass.basket, Some(slot), "pass and basket know each other");
        }
    }
    let maps = sale.stock.performances().iter().filter_map(|stock| stock.seats.as_ref());
    let states = maps.flat_map(|map| map.states());
    let owned = states.filter(|state| owner(**state).is_some()).count();
    assert_eq!(owned, owned_seats, "no seat is owned without a basket");
    let total = sale.stock.total();
    if sale.definition.mirrored() {
        assert_eq!(owned_units, 0, "the venue's own system keeps what is owned");
    } else {
        let taken = total.held + total.paying + total.sold;
        assert_eq!(taken, owned_units, "no unit without an owner");
    }
    let with_basket = sale.passes.sorted().iter().filter(|(_, pass)| pass.basket.is_some()).count();
    assert_eq!(with_basket, sale.baskets.live().count(), "no pass without its basket");
}
