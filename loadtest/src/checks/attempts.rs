//! What may have happened without an answer: requests that change something and were never
//! answered, or answered with a code that leaves the outcome open.
//!
//! A request that is asked again under its key is answered as if it were the first: what an answer
//! speaks of may then have happened since the first time it was asked. Checks therefore count from
//! here, not from the request that was answered.

use std::collections::{HashMap, HashSet};

use crate::history::{Attempt, Told, What, Who};

/// Codes of refusals that say for sure that nothing was changed. Any other leaves it open: a server
/// that lost its disk cannot say what became of the request.
const CERTAIN: [&str; 21] = [
    "unavailable",
    "in_baskets",
    "sold_out",
    "no_block",
    "limit_reached",
    "not_entitled",
    "basket_open",
    "wrong_state",
    "stale_revision",
    "not_called",
    "seat_lost",
    "expired",
    "gone",
    "not_found",
    "no_pass",
    "not_open",
    "invalid",
    "key_reused",
    "rate_limited",
    "malformed",
    "mirrored",
];

/// The first time that each thing was tried without a sure answer.
#[derive(Default)]
pub(super) struct Attempts<'a> {
    /// Seats by who, performance and seat; without a seat: any.
    holds: HashMap<(Who, &'a str, Option<&'a str>), u64>,
    /// Any unit by who and performance.
    performances: HashMap<(Who, &'a str), u64>,
    holders: HashSet<Who>,
    /// By basket.
    releases: HashMap<&'a str, u64>,
    /// By basket.
    orders: HashMap<&'a str, u64>,
    /// By who and number; without a number: any of theirs.
    others: HashMap<(Who, Option<u64>), u64>,
}

impl<'a> Attempts<'a> {
    /// Reads them out of a history.
    pub(super) fn of(history: &'a [Told]) -> Self {
        let mut attempts = Self::default();
        for told in history {
            attempts.add(told);
        }
        attempts
    }

    fn add(&mut self, told: &'a Told) {
        let (who, at_us) = (told.who, told.asked_us);
        match &told.what {
            What::Tried(Attempt::Hold { performance, seats }) => {
                self.holders.insert(who);
                first(&mut self.performances, (who, performance), at_us);
                if seats.is_empty() {
                    first(&mut self.holds, (who, performance, None), at_us);
                }
                for seat in seats {
                    first(&mut self.holds, (who, performance, Some(seat)), at_us);
                }
            }
            What::Tried(Attempt::Release { basket, hold: _ }) => {
                first(&mut self.releases, basket, at_us);
            }
            What::Tried(Attempt::Order { basket, key: _ }) => {
                first(&mut self.orders, basket, at_us);
            }
            What::Tried(Attempt::Other { number }) => {
                first(&mut self.others, (who, *number), at_us);
            }
            What::HoldRefused { performance, code } if !CERTAIN.contains(&code.as_str()) => {
                self.holders.insert(who);
                first(&mut self.performances, (who, performance), at_us);
                first(&mut self.holds, (who, performance, None), at_us);
            }
            What::OrderRefused { basket, code } if !CERTAIN.contains(&code.as_str()) => {
                first(&mut self.orders, basket, at_us);
            }
            _ => {}
        }
    }

    /// When somebody first tried in vain to hold this seat, or any unit of the performance.
    pub(super) fn hold(&self, who: Who, performance: &'a str, seat: Option<&'a str>) -> u64 {
        let any = time(&self.holds, (who, performance, None));
        seat.map_or(any, |seat| any.min(time(&self.holds, (who, performance, Some(seat)))))
    }

    /// When somebody first tried in vain to hold anything of a performance.
    pub(super) fn any(&self, who: Who, performance: &str) -> u64 {
        self.performances.get(&(who, performance)).copied().unwrap_or(u64::MAX)
    }

    /// Whether somebody ever tried in vain to hold anything.
    pub(super) fn holding(&self, who: Who) -> bool {
        self.holders.contains(&who)
    }

    /// When giving back anything of a basket was first tried in vain.
    pub(super) fn release(&self, basket: &'a str) -> u64 {
        time(&self.releases, basket)
    }

    /// When confirming a basket was first tried in vain.
    pub(super) fn order(&self, basket: &'a str) -> u64 {
        time(&self.orders, basket)
    }

    /// When joining, claiming, leaving or anything else was first tried in vain, of this number.
    pub(super) fn other(&self, who: Who, number: u64) -> u64 {
        self.nameless(who).min(time(&self.others, (who, Some(number))))
    }

    /// The same where the number was not known: joining, above all.
    pub(super) fn nameless(&self, who: Who) -> u64 {
        time(&self.others, (who, None))
    }
}

fn first<K: std::hash::Hash + Eq>(times: &mut HashMap<K, u64>, key: K, at_us: u64) {
    times.entry(key).and_modify(|first_us| *first_us = at_us.min(*first_us)).or_insert(at_us);
}

/// Never is the end of time.
fn time<K: std::hash::Hash + Eq>(times: &HashMap<K, u64>, key: K) -> u64 {
    times.get(&key).copied().unwrap_or(u64::MAX)
}
