//! What a batch of changes touched, so that readers are shown exactly that and nothing else.
//!
//! Owns no state of the sale: it notes names while changes are applied and looks the results up
//! once, at the end of the batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stanchion_domain::change::{Change, Line, Taken};
use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{BasketId, Number, PerformanceIndex, SeatIndex};
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::inventory::seats::SeatState;
use stanchion_domain::queue::passes::Pass;
use stanchion_domain::sale::Sale;

/// Names noted during a batch.
#[derive(Default)]
pub(super) struct Touched {
    /// With repetitions, as are the passes: sorting them once is cheaper than finding each.
    baskets: Vec<BasketId>,
    passes: Vec<Number>,
    seats: BTreeMap<PerformanceIndex, BTreeSet<SeatIndex>>,
    operations: bool,
    all_live: bool,
}

/// What readers are shown of a batch: the state of each touched thing at its end.
#[derive(Default)]
pub(super) struct Views {
    /// Baskets; `None` for those forgotten.
    pub(super) baskets: Vec<(BasketId, Option<Arc<Basket>>)>,
    /// Passes; `None` for those that ended.
    pub(super) passes: Vec<(Number, Option<PassView>)>,
    /// Seats with their new state.
    pub(super) seats: Vec<(PerformanceIndex, Vec<(SeatIndex, SeatState)>)>,
    /// Whether operators or triggers changed something, or serving goes on after an outage.
    pub(super) operations: bool,
}

/// A pass as readers see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PassView {
    /// The pass.
    pub pass: Pass,
    /// Its live basket.
    pub basket: Option<BasketId>,
    /// Units in orders of its visitor.
    pub units_bought: u32,
}

impl Touched {
    /// Notes what a change is about to alter. Called before it is applied, since a release forgets
    /// its lines.
    pub(super) fn note(&mut self, sale: &Sale, change: &Change) {
        match change {
            Change::Created(_)
            | Change::Marked { .. }
            | Change::Reserved { .. }
            | Change::PaymentRepeated { .. }
            | Change::Moved { .. }
            | Change::Reported { .. }
            | Change::WentStale { .. } => {}
            Change::Started | Change::Resumed => {
                self.all_live = true;
                self.operations = true;
            }
            Change::Opened => self.operations = true,
            Change::Called { numbers, .. } | Change::ClaimsMissed { numbers } => {
                self.passes.extend(numbers);
            }
            Change::Claimed { number } => {
                self.passes.push(*number);
            }
            Change::Left { number } => self.note_pass(sale, *number),
            Change::IdledOut { numbers } => {
                numbers.iter().for_each(|number| self.note_pass(sale, *number));
            }
            Change::Held(held) => {
                self.passes.push(held.pass);
                self.baskets.push(held.basket);
                self.note_lines(&held.lines);
            }
            Change::Released { basket, .. }
            | Change::BasketReleased { basket }
            | Change::BasketExpired { basket }
            | Change::CheckedOut { basket, .. }
            | Change::Confirmed { basket, .. }
            | Change::PaymentLost { basket, .. } => self.note_basket(sale, *basket),
            Change::Operated { action, .. } => self.note_action(sale, action),
            Change::TriggerFired { .. } | Change::NoticeEnded => self.operations = true,
        }
    }

    fn note_action(&mut self, sale: &Sale, action: &OpsAction) {
        self.operations = true;
        match action {
            OpsAction::AddTime(_) => self.all_live = true,
            OpsAction::EndPass(number) => self.note_pass(sale, *number),
            OpsAction::CancelOrder(basket) | OpsAction::ExtendBasket { basket, .. } => {
                self.note_basket(sale, *basket);
            }
            OpsAction::Withhold { what, .. } | OpsAction::Restore { what } => {
                if let Units::Seats { performance, seats } = what {
                    self.seats.entry(*performance).or_default().extend(seats);
                }
            }
            _ => {}
        }
    }

    fn note_pass(&mut self, sale: &Sale, number: Number) {
        self.passes.push(number);
        let basket = sale.passes().get(number).and_then(|pass| pass.basket);
        if let Some(slot) = basket {
            self.note_basket(sale, sale.baskets().get(slot).id);
        }
    }

    fn note_basket(&mut self, sale: &Sale, id: BasketId) {
        self.baskets.push(id);
        if let Some(basket) = sale.baskets().by_id(id) {
            self.passes.push(basket.pass);
            basket.holds.iter().for_each(|hold| self.note_lines(&hold.lines));
        }
    }

    fn note_lines(&mut self, lines: &[Line]) {
        for line in lines {
            if let Taken::Seat(seat) = line.what {
                self.seats.entry(line.performance).or_default().insert(seat);
            }
        }
    }

    /// Looks up what became of everything noted, and forgets the names.
    pub(super) fn take(&mut self, sale: &mut Sale) -> Views {
        let mut touched = std::mem::take(self);
        touched.baskets.extend(sale.take_forgotten());
        if touched.all_live {
            let live = sale.baskets().live().map(|(_, slot)| sale.baskets().get(slot).id);
            touched.baskets.extend(live);
            touched.passes.extend(sale.passes().sorted().iter().map(|(number, _)| *number));
        }
        touched.baskets.sort_unstable();
        touched.baskets.dedup();
        touched.passes.sort_unstable();
        touched.passes.dedup();
        let basket = |id: BasketId| (id, sale.baskets().by_id(id).cloned().map(Arc::new));
        let seats = touched.seats.into_iter().map(|(performance, seats)| {
            let map = sale.stock().performance(performance).seats.as_ref();
            let map = map.expect("a touched seat is in a map");
            let state = |seat| (seat, map.get(seat).expect("a touched seat has a state"));
            (performance, seats.into_iter().map(state).collect())
        });
        Views {
            baskets: touched.baskets.into_iter().map(basket).collect(),
            passes: touched.passes.into_iter().map(|number| (number, view(sale, number))).collect(),
            seats: seats.collect(),
            operations: touched.operations,
        }
    }
}

/// A pass as readers see it, if there is one.
pub(super) fn view(sale: &Sale, number: Number) -> Option<PassView> {
    let pass = *sale.passes().get(number)?;
    let basket = pass.basket.map(|slot| sale.baskets().get(slot).id);
    Some(PassView { pass, basket, units_bought: sale.passes().units_bought(number) })
}
