//! Baskets and the orders they become.
//!
//! `open → paying → confirmed`, or `closed` (released or expired). A basket is live while it is
//! open or paying: then it has at least one hold, a deadline, and a pass that owns it. Closed
//! baskets that had reached the card page are kept for a while, since their payment may still come.

use crate::change::{Held, Line};
use crate::id::{BasketId, HoldId, Number};
use crate::limits::CLOSED_UNPAID_KEPT_MAX;
use crate::map::Map;
use crate::time::{SaleTime, Span};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Where a basket is kept: dense, reused, internal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Slot(pub u32);

/// All baskets of a sale.
#[derive(Clone, Debug, Default)]
pub struct Baskets {
    kept: Vec<Option<Basket>>,
    vacant: Vec<Slot>,
    by_id: Map<BasketId, Slot>,
    deadlines: BTreeSet<(SaleTime, Slot)>,
    closed: BTreeSet<(SaleTime, Slot)>,
    /// In the order in which they were closed, which is the order in which they are forgotten.
    closed_unpaid: VecDeque<Slot>,
    /// Since this was last asked.
    forgotten: Vec<BasketId>,
}

/// All holds of one pass, with one deadline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basket {
    /// Its id, and the order's.
    pub id: BasketId,
    /// Whose it is.
    pub pass: Number,
    /// How far it has come.
    pub state: BasketState,
    /// When the first hold was made.
    pub opened_at: SaleTime,
    /// When it expires, while it is live.
    pub deadline_at: SaleTime,
    /// What it holds, in the order it was taken.
    pub holds: Vec<KeptHold>,
    /// The id of the next hold.
    pub hold_next: HoldId,
}

/// How far a basket has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BasketState {
    /// Holds may be added and given back.
    Open,
    /// On the card page.
    Paying,
    /// Paid: an order. `late`: it had been closed before the payment came.
    Confirmed { payment: String, late: bool },
    /// Given back, or expired, at this time; `was_paying`: a payment may still come.
    Closed { at: SaleTime, why: Closing, was_paying: bool },
    /// A payment came after its seats were gone.
    Lost { payment: String },
}

/// Why a basket was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// By its visitor, or with its pass.
    Released,
    /// Its deadline passed.
    Expired,
    /// It was an order, and an operator took it back.
    Cancelled,
}

/// One hold in a basket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptHold {
    /// Its id in the basket.
    pub id: HoldId,
    /// What it took.
    pub lines: Arc<[Line]>,
}

impl Basket {
    /// Whether it holds units under a deadline.
    pub fn live(&self) -> bool {
        matches!(self.state, BasketState::Open | BasketState::Paying)
    }

    /// Whether its units are its own: it is live, or an order.
    pub fn owns(&self) -> bool {
        self.live() || matches!(self.state, BasketState::Confirmed { .. })
    }

    /// All lines of all holds.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.holds.iter().flat_map(|hold| &*hold.lines)
    }

    /// Units in all.
    pub fn units(&self) -> u32 {
        self.lines().map(Line::units).sum()
    }

    /// What it costs in all, in minor units.
    pub fn total_minor(&self) -> u64 {
        self.lines().map(|line| line.amount_minor * u64::from(line.units())).sum()
    }
}

impl Baskets {
    /// Where a basket is kept.
    pub fn find(&self, id: BasketId) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    /// The basket in a slot.
    pub fn get(&self, slot: Slot) -> &Basket {
        self.kept[slot.0 as usize].as_ref().expect("a known slot is kept")
    }

    /// The basket of this id.
    pub fn by_id(&self, id: BasketId) -> Option<&Basket> {
        self.find(id).map(|slot| self.get(slot))
    }

    /// All baskets that are kept, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Basket)> {
        let slots = self.kept.iter().enumerate();
        slots.filter_map(|(at, kept)| kept.as_ref().map(|basket| (Slot(at as u32), basket)))
    }

    /// All baskets, for an image of the sale: ascending by id, and after them those for which no
    /// payment can come, in the order in which they will be forgotten.
    pub fn at_rest(&self) -> Vec<Basket> {
        let turns: Map<_, _> = self.closed_unpaid.iter().copied().zip(1..).collect();
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|(slot, basket)| (turns.get(slot).unwrap_or(&0), basket.id));
        all.into_iter().map(|(_, basket)| basket.clone()).collect()
    }

    /// Live baskets by their deadline, soonest first.
    pub fn live(&self) -> impl Iterator<Item = (SaleTime, Slot)> + '_ {
        self.deadlines.iter().copied()
    }

    /// Adds a hold; begins the basket if it is the first. Returns its slot.
    pub fn hold(&mut self, held: &Held, now: SaleTime) -> Slot {
        let slot = match self.find(held.basket) {
            Some(slot) => slot,
            None => self.keep(Basket {
                id: held.basket,
                pass: held.pass,
                state: BasketState::Open,
                opened_at: now,
                deadline_at: held.deadline_at,
                // Most baskets have one.
                holds: Vec::with_capacity(1),
                hold_next: HoldId(1),
            }),
        };
        let basket = self.get_mut(slot);
        assert_eq!(basket.state, BasketState::Open, "holds are added to open baskets only");
        assert_eq!(basket.hold_next, held.hold, "holds are numbered in order");
        assert_eq!(basket.deadline_at, held.deadline_at, "all holds share one deadline");
        basket.hold_next = HoldId(held.hold.0 + 1);
        basket.holds.push(KeptHold { id: held.hold, lines: held.lines.clone() });
        slot
    }

    /// Takes one hold out of an open basket. The basket must keep at least one.
    pub fn release(&mut self, slot: Slot, hold: HoldId) -> KeptHold {
        let basket = self.get_mut(slot);
        assert_eq!(basket.state, BasketState::Open, "holds are given back by open baskets only");
        assert!(basket.holds.len() > 1, "the last hold closes the basket");
        let at = basket.holds.iter().position(|kept| kept.id == hold);
        basket.holds.remove(at.expect("the hold is in the basket"))
    }

    /// Sends an open basket to the card page under a new deadline.
    pub fn check_out(&mut self, slot: Slot, deadline_at: SaleTime) {
        assert_eq!(self.get(slot).state, BasketState::Open, "checkout happens once");
        self.set_deadline(slot, deadline_at);
        self.get_mut(slot).state = BasketState::Paying;
    }

    /// Says anew where the units of a closed basket come from, before it is confirmed after all.
    pub fn take_again(&mut self, slot: Slot, holds: Vec<KeptHold>) {
        let basket = self.get_mut(slot);
        assert!(!basket.owns(), "what is owned is not taken again");
        let units = basket.units();
        basket.holds = holds;
        assert_eq!(basket.units(), units, "all of it, and nothing else");
    }

    /// Makes an order of a paying basket, or of a closed one whose units are taken again.
    pub fn confirm(&mut self, slot: Slot, payment: &str) {
        self.unindex(slot);
        let basket = self.get_mut(slot);
        assert!(
            matches!(
                basket.state,
                BasketState::Paying | BasketState::Closed { was_paying: true, .. }
            ),
            "only what was checked out is paid"
        );
        let late = !basket.live();
        basket.state = BasketState::Confirmed { payment: payment.to_owned(), late };
    }

    /// Remembers that a payment came too late.
    pub fn lose(&mut self, slot: Slot, payment: &str) {
        self.unindex(slot);
        let basket = self.get_mut(slot);
        assert!(matches!(basket.state, BasketState::Closed { .. }), "only a closed basket is late");
        basket.state = BasketState::Lost { payment: payment.to_owned() };
    }

    /// Closes a live basket, or an order that is taken back.
    pub fn close(&mut self, slot: Slot, at: SaleTime, why: Closing) {
        self.unindex(slot);
        let basket = self.get_mut(slot);
        assert_eq!(basket.live(), why != Closing::Cancelled, "only live baskets end by themselves");
        let was_paying = basket.state == BasketState::Paying;
        basket.state = BasketState::Closed { at, why, was_paying };
        self.index_closed(slot);
    }

    /// Keeps a closed basket for as long as its payment may come; of those for which none can, the
    /// newest, to say what became of them.
    fn index_closed(&mut self, slot: Slot) {
        let basket = self.get(slot);
        let BasketState::Closed { at, why, was_paying } = basket.state else { return };
        if was_paying || why == Closing::Cancelled {
            self.closed.insert((at, slot));
            return;
        }
        self.closed_unpaid.push_back(slot);
        if self.closed_unpaid.len() > CLOSED_UNPAID_KEPT_MAX {
            let oldest = self.closed_unpaid.pop_front().expect("it is over its limit");
            self.forget(oldest);
        }
        assert!(self.closed_unpaid.len() <= CLOSED_UNPAID_KEPT_MAX);
    }

    /// Puts every live deadline off: adds `span`, and at least to `floor`.
    pub fn extend(&mut self, span: Span, floor: SaleTime) {
        let live: Vec<_> = self.deadlines.iter().copied().collect();
        for (deadline_at, slot) in live {
            self.set_deadline(slot, deadline_at.after(span).max(floor));
        }
    }

    /// Gives one live basket more.
    pub fn extend_one(&mut self, slot: Slot, span: Span) {
        assert!(self.get(slot).live(), "only a live basket has a deadline");
        self.set_deadline(slot, self.get(slot).deadline_at.after(span));
    }

    /// Forgets baskets closed before `before`, whose payment did not come in all that time.
    pub fn forget_closed(&mut self, before: SaleTime) {
        while let Some((at, slot)) = self.closed.first().copied() {
            if at >= before {
                break;
            }
            self.closed.remove(&(at, slot));
            self.forget(slot);
        }
    }

    /// The baskets that were forgotten since this was last asked, for whoever shows baskets.
    pub fn take_forgotten(&mut self) -> Vec<BasketId> {
        std::mem::take(&mut self.forgotten)
    }

    fn forget(&mut self, slot: Slot) {
        let basket = self.kept[slot.0 as usize].take().expect("a closed basket is kept");
        assert!(
            matches!(basket.state, BasketState::Closed { .. }),
            "only closed ones are forgotten"
        );
        self.by_id.remove(&basket.id);
        self.vacant.push(slot);
        self.forgotten.push(basket.id);
    }

    /// Keeps a basket as it was, when a sale is rebuilt from an image.
    pub fn keep(&mut self, basket: Basket) -> Slot {
        let slot = self.vacant.pop().unwrap_or_else(|| {
            self.kept.push(None);
            Slot(u32::try_from(self.kept.len() - 1).expect("baskets are bounded by passes"))
        });
        assert!(self.by_id.insert(basket.id, slot).is_none(), "basket ids are never reused");
        if basket.live() {
            self.deadlines.insert((basket.deadline_at, slot));
        }
        self.kept[slot.0 as usize] = Some(basket);
        self.index_closed(slot);
        slot
    }

    fn get_mut(&mut self, slot: Slot) -> &mut Basket {
        self.kept[slot.0 as usize].as_mut().expect("a known slot is kept")
    }

    fn set_deadline(&mut self, slot: Slot, deadline_at: SaleTime) {
        let old = self.get(slot).deadline_at;
        assert!(self.deadlines.remove(&(old, slot)), "only a live basket has a deadline");
        self.deadlines.insert((deadline_at, slot));
        self.get_mut(slot).deadline_at = deadline_at;
    }

    fn unindex(&mut self, slot: Slot) {
        let basket = self.get(slot);
        let (deadline_at, live) = (basket.deadline_at, basket.live());
        if let BasketState::Closed { at, .. } = basket.state {
            self.closed.remove(&(at, slot));
        }
        assert_eq!(self.deadlines.remove(&(deadline_at, slot)), live, "live means a deadline");
    }

    /// Asserts that the indices agree with the baskets.
    pub fn check_invariants(&self) {
        let live = self.iter().filter(|(_, basket)| basket.live()).count();
        assert_eq!(live, self.deadlines.len(), "every live basket has a deadline");
        for (slot, basket) in self.iter() {
            assert_eq!(self.find(basket.id), Some(slot));
            assert_eq!(self.deadlines.contains(&(basket.deadline_at, slot)), basket.live());
            assert!(!basket.holds.is_empty(), "a basket always says what it held");
        }
    }
}
