//! Passes: the right to be in the shop. Each one, called or active, fills one slot of the cap.
//!
//! A pass is named by the queue number of its visitor, who has at most one.

use crate::id::Number;
use crate::inventory::baskets::Slot;
use crate::map::Map;
use crate::time::{SaleTime, Span};

/// All passes that are called or active.
#[derive(Clone, Debug, Default)]
pub struct Passes {
    by_number: Map<Number, Pass>,
    called: u32,
}

/// One pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pass {
    /// Called or active.
    pub state: PassState,
    /// When the visitor was called, claimed, or last gave a basket back or paid for it, whichever
    /// was last: silence counts from here at the earliest.
    pub since: SaleTime,
    /// The live basket, if any.
    pub basket: Option<Slot>,
    /// Units in orders of this pass.
    pub units_bought: u32,
}

/// How far a pass has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassState {
    /// It is the visitor's turn until then.
    Called { claim_until: SaleTime },
    /// The visitor is in the shop.
    Active,
}

impl Passes {
    /// Passes that are called or active: the slots of the cap in use.
    pub fn len(&self) -> u32 {
        self.by_number.len() as u32
    }

    /// Whether nobody is called or active.
    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }

    /// Passes whose visitor has not claimed yet.
    pub fn called(&self) -> u32 {
        self.called
    }

    /// Passes whose visitor is in the shop.
    pub fn active(&self) -> u32 {
        self.len() - self.called
    }

    /// The pass of a number.
    pub fn get(&self, number: Number) -> Option<&Pass> {
        self.by_number.get(&number)
    }

    /// All passes, in order of their numbers.
    pub fn sorted(&self) -> Vec<(Number, Pass)> {
        let mut all: Vec<_> =
            self.by_number.iter().map(|(number, pass)| (*number, *pass)).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all
    }

    /// The numbers of the passes for which `wanted` holds, ascending, at most `most`.
    pub fn select(&self, most: usize, wanted: impl Fn(Number, &Pass) -> bool) -> Vec<Number> {
        let mut numbers: Vec<_> = (self.by_number.iter())
            .filter(|(number, pass)| wanted(**number, pass))
            .map(|(number, _)| *number)
            .collect();
        numbers.sort_unstable();
        numbers.truncate(most);
        numbers
    }

    /// Passes without a live basket: visitors who may still want something.
    pub fn without_basket(&self) -> u32 {
        self.by_number.values().filter(|pass| pass.basket.is_none()).count() as u32
    }

    /// Calls a visitor.
    pub fn call(&mut self, number: Number, now: SaleTime, claim_until: SaleTime) {
        assert!(claim_until >= now, "a claim window lies ahead");
        let state = PassState::Called { claim_until };
        let pass = Pass { state, since: now, basket: None, units_bought: 0 };
        assert!(self.by_number.insert(number, pass).is_none(), "one place has one pass");
        self.called += 1;
    }

    /// Lets a called visitor in.
    pub fn claim(&mut self, number: Number, now: SaleTime) {
        let pass = self.by_number.get_mut(&number).expect("only a called visitor claims");
        assert_ne!(pass.state, PassState::Active, "a turn is taken once");
        pass.state = PassState::Active;
        pass.since = now;
        self.called -= 1;
    }

    /// Ends a pass. Its basket must have been closed.
    pub fn end(&mut self, number: Number) -> Pass {
        let pass = self.by_number.remove(&number).expect("only an existing pass ends");
        assert!(pass.basket.is_none(), "a pass with a live basket is never evicted");
        if pass.state != PassState::Active {
            self.called -= 1;
        }
        pass
    }

    /// Ties a pass to its live basket.
    pub fn set_basket(&mut self, number: Number, basket: Slot) {
        let pass = self.by_number.get_mut(&number).expect("a live basket has a pass");
        assert_eq!(pass.basket, None, "a pass has at most one live basket");
        assert_eq!(pass.state, PassState::Active, "only shoppers have baskets");
        pass.basket = Some(basket);
    }

    /// Unties a pass from a basket that is live no more. `acted_at`: when somebody ended it, unless
    /// its time did; idleness begins then at the earliest.
    pub fn clear_basket(&mut self, number: Number, acted_at: Option<SaleTime>) {
        let pass = self.by_number.get_mut(&number).expect("a live basket has a pass");
        assert!(pass.basket.is_some(), "a live basket belongs to its pass");
        pass.basket = None;
        pass.since = acted_at.unwrap_or(pass.since);
    }

    /// Counts units that became an order of this pass; it may have ended since.
    pub fn bought(&mut self, number: Number, units: u32) {
        if let Some(pass) = self.by_number.get_mut(&number) {
            pass.units_bought += units;
        }
    }

    /// Counts no longer the units of an order that was taken back; the pass may have ended since.
    pub fn gave_back(&mut self, number: Number, units: u32) {
        if let Some(pass) = self.by_number.get_mut(&number) {
            assert!(pass.units_bought >= units, "what is given back was bought");
            pass.units_bought -= units;
        }
    }

    /// Puts every claim window off: adds `span`, and at least to `floor`.
    pub fn extend(&mut self, span: Span, floor: SaleTime) {
        for pass in self.by_number.values_mut() {
            if let PassState::Called { claim_until } = &mut pass.state {
                *claim_until = claim_until.after(span).max(floor);
            }
        }
    }

    /// Keeps a pass as it was, when a sale is rebuilt from an image.
    pub fn keep(&mut self, number: Number, pass: Pass) {
        assert!(self.by_number.insert(number, pass).is_none(), "one place has one pass");
        self.called += u32::from(pass.state != PassState::Active);
    }

    /// Asserts that the count of called passes is right.
    pub fn check_invariants(&self) {
        let called = self.by_number.values().filter(|pass| pass.state != PassState::Active).count();
        assert_eq!(called as u32, self.called);
        for pass in self.by_number.values() {
            assert!(pass.basket.is_none() || pass.state == PassState::Active);
        }
    }
}
