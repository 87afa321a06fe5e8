//! The life of every basket, gathered from what everybody was told about it.
//!
//! Owns the arithmetic of doubt: when a basket surely held a unit, and when it may have lost it.
//! `began_us` is never later than the first attempt at what was answered.

use std::collections::HashMap;

use super::attempts::Attempts;
use super::staff::Staff;
use super::units::seat_of;
use crate::history::{Order, Told, Unit, What, Who};

/// Units that were taken by one request.
pub(super) struct Hold<'a> {
    /// Its name in the basket.
    pub(super) hold: &'a str,
    /// What was taken.
    pub(super) units: &'a [Unit],
    /// Taken between this and the next.
    pub(super) began_us: u64,
    /// When it was surely taken.
    pub(super) told_us: u64,
}

/// Something that was asked of a basket and answered well.
#[derive(Clone, Copy)]
pub(super) struct Answered<T> {
    /// Happened between this and the next.
    pub(super) began_us: u64,
    /// When it surely had happened.
    pub(super) told_us: u64,
    /// What it was.
    pub(super) what: T,
}

/// How a basket was seen.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Its state, in the server's words.
    pub(super) state: &'a str,
    /// What was in it.
    pub(super) units: &'a [Unit],
}

impl Seen<'_> {
    /// Whether its time still ran.
    pub(super) fn live(&self) -> bool {
        matches!(self.state, "open" | "paying")
    }
}

/// One basket.
#[derive(Default)]
pub(super) struct Basket<'a> {
    /// Whose it is.
    pub(super) who: Option<Who>,
    /// The queue number of its pass.
    pub(super) number: Option<u64>,
    /// Each hold once.
    pub(super) holds: Vec<Hold<'a>>,
    /// Given back: a hold, or everything.
    pub(super) releases: Vec<Answered<Option<&'a str>>>,
    /// On the card page.
    pub(super) checkouts: Vec<Answered<()>>,
    /// Told remaining times, in microseconds.
    pub(super) remaining: Vec<Answered<u64>>,
    /// Confirmed.
    pub(super) orders: Vec<Answered<&'a Order>>,
    /// Looked at.
    pub(super) seen: Vec<Answered<Seen<'a>>>,
    /// Confirming was first tried, with an answer or without.
    pub(super) order_us: u64,
    /// Whether every hold of it is known: none was tried in vain by its visitor.
    pub(super) complete: bool,
    /// Giving back any of it was first tried, with an answer or without.
    pub(super) release_us: u64,
    /// Giving back, leaving, or whatever else may have taken units out was first asked.
    pub(super) loosened_us: u64,
}

/// All baskets of a history.
pub(super) struct Baskets<'a> {
    /// By id, in the order of ids.
    pub(super) all: Vec<(&'a str, Basket<'a>)>,
}

impl<'a> Baskets<'a> {
    /// Gathers them.
    pub(super) fn of(history: &'a [Told], attempts: &Attempts<'a>, staff: &Staff) -> Self {
        let mut by_id: HashMap<&str, Basket> = HashMap::new();
        let mut left: HashMap<u64, u64> = HashMap::new();
        for told in history {
            if let What::Left { number } = told.what {
                left.entry(number).or_insert(told.asked_us);
            }
            gather(&mut by_id, told, attempts);
        }
        for (id, basket) in &mut by_id {
            basket.settle(id, attempts, staff, &left);
        }
        let mut all: Vec<_> = by_id.into_iter().collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        Self { all }
    }
}

impl<'a> Basket<'a> {
    /// The first instant at which the basket may have held less than it was given, or been sold.
    pub(super) fn may_end_us(&self) -> u64 {
        self.loosened_us.min(self.order_us).min(self.may_expire_us())
    }

    /// The first instant at which its time may have been up. Its deadline is only ever put off, so
    /// the latest of all that was told counts, less what a busy server's clock may lag.
    pub(super) fn may_expire_us(&self) -> u64 {
        let deadlines = self.remaining.iter().map(|told| told.began_us.saturating_add(told.what));
        deadlines.max().unwrap_or(0).saturating_sub(LAG_US)
    }

    /// Up to here it surely had every unit that it was given before. A sight of it alive proves so
    /// much as nothing may have been given back singly.
    pub(super) fn sure_until_us(&self) -> u64 {
        let ended_us = self.may_end_us();
        if self.release_us < u64::MAX {
            return ended_us;
        }
        // Going to the card page proves nothing: the answer may be that of a request long before.
        let seen = self.seen.iter().filter(|seen| seen.what.live());
        let lived = seen.map(|seen| seen.began_us).max();
        ended_us.max(lived.unwrap_or(0))
    }

    fn settle(&mut self, id: &'a str, attempts: &Attempts<'a>, staff: &Staff, left: &Left) {
        let orders = self.orders.iter().map(|order| order.began_us).min();
        self.order_us = orders.unwrap_or(u64::MAX).min(attempts.order(id));
        let released = self.releases.iter().map(|release| release.began_us).min();
        self.release_us = released.unwrap_or(u64::MAX).min(attempts.release(id));
        self.loosened_us = self.release_us.min(staff.end_us);
        self.complete = self.who.is_some_and(|who| !attempts.holding(who));
        if let (Some(who), Some(number)) = (self.who, self.number) {
            let left_us = left.get(&number).copied().unwrap_or(u64::MAX);
            self.loosened_us = self.loosened_us.min(left_us).min(attempts.other(who, number));
        } else {
            self.loosened_us = 0;
        }
    }

    fn taken(&mut self, hold: Hold<'a>) {
        match self.holds.iter_mut().find(|known| known.hold == hold.hold) {
            Some(known) => {
                known.began_us = known.began_us.min(hold.began_us);
                known.told_us = known.told_us.min(hold.told_us);
            }
            None => self.holds.push(hold),
        }
    }
}

/// A server's clock may lag behind its answers by as much as it may stand still unnoticed, and by
/// the rounding to its own steps.
pub(super) const LAG_US: u64 = 2_250_000;

/// When each number first asked to leave.
type Left = HashMap<u64, u64>;

fn gather<'a>(by_id: &mut HashMap<&'a str, Basket<'a>>, told: &'a Told, attempts: &Attempts<'a>) {
    let (who, asked_us) = (told.who, told.asked_us);
    let Some(told_us) = told.told_us else { return };
    match &told.what {
        What::Held { number, basket, hold, units, expires_in_ms } => {
            let tried =
                units.iter().map(|unit| attempts.hold(who, &unit.performance, seat_of(unit)));
            let began_us = tried.min().unwrap_or(asked_us).min(asked_us);
            let basket = by_id.entry(basket).or_default();
            (basket.who, basket.number) = (Some(who), Some(*number));
            basket.taken(Hold { hold, units, began_us, told_us });
            remaining(basket, *expires_in_ms, (began_us, told_us));
        }
        What::Released { basket, hold } => {
            let began_us = asked_us.min(attempts.release(basket));
            let released = Answered { began_us, told_us, what: hold.as_deref() };
            by_id.entry(basket).or_default().releases.push(released);
        }
        What::CheckedOut { basket, expires_in_ms } => {
            let basket = by_id.entry(basket).or_default();
            let tried_us = basket.number.map_or(u64::MAX, |number| attempts.other(who, number));
            let began_us = asked_us.min(tried_us).min(attempts.nameless(who));
            basket.checkouts.push(Answered { began_us, told_us, what: () });
            remaining(basket, *expires_in_ms, (began_us, told_us));
        }
        What::Ordered(order) => {
            let began_us = asked_us.min(attempts.order(&order.basket));
            let ordered = Answered { began_us, told_us, what: order };
            by_id.entry(&order.basket).or_default().orders.push(ordered);
        }
        What::BasketSeen { basket, state, units } => {
            let seen = Answered { began_us: asked_us, told_us, what: Seen { state, units } };
            by_id.entry(basket).or_default().seen.push(seen);
        }
        _ => {}
    }
}

fn remaining(basket: &mut Basket<'_>, expires_in_ms: Option<u64>, (began_us, told_us): (u64, u64)) {
    if let Some(ms) = expires_in_ms {
        let what = ms.saturating_mul(1_000);
        basket.remaining.push(Answered { began_us, told_us, what });
    }
}
