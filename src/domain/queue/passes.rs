//! Passes: the right to be in the shop. Each one, called or active, fills one slot of the cap.
//!
//! A pass is named by the queue number of its visitor, who has at most one.

use crate::id::Number;
use crate::inventory::baskets::Slot;
use crate::map::Map;
use crate::time::{SaleTime, Span};
use std::collections::BTreeSet;
use std::ops::Bound;

/// All passes that are called or active.
#[derive(Clone, Debug, Default)]
pub struct Passes {
    by_number: Map<Number, Pass>,
    /// When each called visitor has to have claimed.
    claims: BTreeSet<(SaleTime, Number)>,
    /// When to look at a shopper without a basket again: since then at the earliest they are
    /// silent. Holds each of them, and some who are none any more: who looks finds out.
    quiet: BTreeSet<(SaleTime, Number)>,
    with_basket: u32,
    /// Units in orders of each visitor who has any, whether their pass goes on or has ended: who is
    /// let in again has bought what they bought.
    bought: Map<Number, u32>,
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
}

/// How far a pass has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassState {
    /// It is the visitor's turn until then.
    Called { claim_until: SaleTime },
    /// The visitor is in the shop.
    Active,
}

impl Pass {
    /// Whether its visitor is in the shop without a basket, and so may idle out.
    fn quiet(&self) -> bool {
        self.state == PassState::Active && self.basket.is_none()
    }
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
        self.claims.len() as u32
    }

    /// Passes whose visitor is in the shop.
    pub fn active(&self) -> u32 {
        self.len() - self.called()
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

    /// The called visitors whose claim window closed before `now`, soonest first.
    pub fn overdue(&self, now: SaleTime) -> impl Iterator<Item = Number> {
        self.claims.range(..(now, Number(0))).map(|(_, number)| *number)
    }

    /// At most `most` shoppers without a basket who were silent since before `before`, the longest
    /// first. `heard_at` says when a visitor was last heard of. Looks only at those of whom nothing
    /// was known since, and remembers what it is told: each is looked at once in a span of silence.
    pub fn silent(
        &mut self,
        before: SaleTime,
        most: usize,
        heard_at: impl Fn(Number) -> SaleTime,
    ) -> Vec<Number> {
        let mut silent = Vec::new();
        let mut next = self.quiet.first().copied();
        while let Some(at) = next.filter(|(since, _)| *since < before && silent.len() < most) {
            let (_, number) = at;
            let quiet = self.by_number.get(&number).filter(|pass| pass.quiet());
            match quiet.map(|pass| pass.since.max(heard_at(number))) {
                Some(since) if since <= at.0 => silent.push(number),
                since => {
                    self.quiet.remove(&at);
                    self.quiet.extend(since.map(|since| (since, number)));
                }
            }
            next = self.quiet.range((Bound::Excluded(at), Bound::Unbounded)).next().copied();
        }
        silent
    }

    /// Passes without a live basket: visitors who may still want something.
    pub fn without_basket(&self) -> u32 {
        self.len() - self.with_basket
    }

    /// Calls a visitor.
    pub fn call(&mut self, number: Number, now: SaleTime, claim_until: SaleTime) {
        assert!(claim_until >= now, "a claim window lies ahead");
        let state = PassState::Called { claim_until };
        let pass = Pass { state, since: now, basket: None };
        self.keep(number, pass);
    }

    /// Lets a called visitor in.
    pub fn claim(&mut self, number: Number, now: SaleTime) {
        let pass = self.by_number.get_mut(&number).expect("only a called visitor claims");
        let PassState::Called { claim_until } = pass.state else {
            panic!("a turn is taken once");
        };
        pass.state = PassState::Active;
        pass.since = now;
        assert!(self.claims.remove(&(claim_until, number)), "who is called has a claim");
        self.quiet.insert((now, number));
    }

    /// Ends a pass. Its basket must have been closed.
    pub fn end(&mut self, number: Number) -> Pass {
        let pass = self.by_number.remove(&number).expect("only an existing pass ends");
        assert!(pass.basket.is_none(), "a pass with a live basket is never evicted");
        if let PassState::Called { claim_until } = pass.state {
            assert!(self.claims.remove(&(claim_until, number)), "who is called has a claim");
        }
        pass
    }

    /// Ties a pass to its live basket.
    pub fn set_basket(&mut self, number: Number, basket: Slot) {
        let pass = self.by_number.get_mut(&number).expect("a live basket has a pass");
        assert_eq!(pass.basket, None, "a pass has at most one live basket");
        assert_eq!(pass.state, PassState::Active, "only shoppers have baskets");
        pass.basket = Some(basket);
        self.with_basket += 1;
    }

    /// Unties a pass from a basket that is live no more. `acted_at`: when somebody ended it, unless
    /// its time did; idleness begins then at the earliest.
    pub fn clear_basket(&mut self, number: Number, acted_at: Option<SaleTime>) {
        let pass = self.by_number.get_mut(&number).expect("a live basket has a pass");
        assert!(pass.basket.is_some(), "a live basket belongs to its pass");
        pass.basket = None;
        pass.since = acted_at.unwrap_or(pass.since);
        self.with_basket -= 1;
        self.quiet.insert((pass.since, number));
    }

    /// Units in orders of a visitor.
    pub fn units_bought(&self, number: Number) -> u32 {
        self.bought.get(&number).copied().unwrap_or(0)
    }

    /// Counts units that became an order of a visitor, whose pass may have ended since.
    pub fn bought(&mut self, number: Number, units: u32) {
        *self.bought.entry(number).or_default() += units;
    }

    /// Counts no longer the units of an order that was taken back.
    pub fn gave_back(&mut self, number: Number, units: u32) {
        let bought = self.bought.get_mut(&number).expect("what is given back was bought");
        assert!(*bought >= units, "what is given back was bought");
        *bought -= units;
    }

    /// Puts every claim window off: adds `span`, and at least to `floor`.
    pub fn extend(&mut self, span: Span, floor: SaleTime) {
        for (claim_until, number) in std::mem::take(&mut self.claims) {
            let claim_until = claim_until.after(span).max(floor);
            let pass = self.by_number.get_mut(&number).expect("a claim has a pass");
            pass.state = PassState::Called { claim_until };
            self.claims.insert((claim_until, number));
        }
    }

    /// Keeps a pass as it was, when a sale is rebuilt from an image.
    pub fn keep(&mut self, number: Number, pass: Pass) {
        assert!(self.by_number.insert(number, pass).is_none(), "one place has one pass");
        assert!(pass.basket.is_none(), "a basket is tied to it afterwards");
        match pass.state {
            PassState::Called { claim_until } => self.claims.insert((claim_until, number)),
            PassState::Active => self.quiet.insert((pass.since, number)),
        };
    }

    /// Asserts that the indices and counts say what the passes say.
    pub fn check_invariants(&self) {
        let (mut called, mut with_basket) = (0, 0);
        let looked_at: BTreeSet<Number> = self.quiet.iter().map(|(_, number)| *number).collect();
        for (number, pass) in &self.by_number {
            match pass.state {
                PassState::Called { claim_until } => {
                    called += 1;
                    assert!(self.claims.contains(&(claim_until, *number)));
                    assert!(pass.basket.is_none(), "only shoppers have baskets");
                }
                PassState::Active => with_basket += u32::from(pass.basket.is_some()),
            }
            assert!(!pass.quiet() || looked_at.contains(number), "nobody is quiet unnoticed");
        }
        assert_eq!((called, with_basket), (self.claims.len(), self.with_basket));
    }
}
