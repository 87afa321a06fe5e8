//! What the server acknowledged to the crowd, and whether it still stands at the end.
//!
//! Independent of everything the server checks itself. Invariant looked for: a seat is in one order
//! at most, every acknowledged order exists as it was acknowledged, and no two visitors were given
//! the same number.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::Settings;
use crate::command_line::demo::web::{Ask, Patience, Web};
use crate::command_line::demo::wire::basket::Basket;

/// How long the questions at the end may take together.
const AUDIT_SPAN: Duration = Duration::from_secs(20);
/// Questions at the end that are named one by one.
const NAMED_MAX: usize = 10;

/// Everything acknowledged.
#[derive(Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    orders: BTreeMap<String, Basket>,
    /// The order of each seat, by performance and seat.
    seats: BTreeMap<(String, String), String>,
    doubled: Vec<String>,
    /// The visitor to whom each queue number was given.
    numbers: BTreeMap<u64, u32>,
    numbers_doubled: Vec<String>,
}

/// What became of the crowd's orders.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Orders acknowledged.
    pub orders: usize,
    /// Of these, found as they were acknowledged.
    pub found: usize,
    /// Seats in them.
    pub seats: usize,
    /// Orders that are not as they were acknowledged.
    pub lost: Vec<String>,
    /// Seats in two orders.
    pub doubled: Vec<String>,
    /// Places given.
    pub places: usize,
    /// Numbers given to two visitors.
    pub numbers_doubled: Vec<String>,
}

impl Ledger {
    /// Writes down an order as the server acknowledged it.
    pub fn acknowledge(&self, order: Basket) {
        let mut entries = self.entries();
        for line in order.holds.iter().flat_map(|hold| &hold.lines) {
            let Some(seat) = &line.seat else { continue };
            let seat = (line.performance.clone(), seat.id.clone());
            let doubled = match entries.seats.get(&seat) {
                Some(other) if *other != order.id => {
                    Some(format!("seat {} of {} in {other} and {}", seat.1, seat.0, order.id))
                }
                _ => None,
            };
            entries.doubled.extend(doubled);
            entries.seats.insert(seat, order.id.clone());
        }
        entries.orders.insert(order.id.clone(), order);
    }

    /// Writes down a queue number as the server gave it to a visitor.
    pub fn given(&self, number: u64, visitor: u32) {
        let mut entries = self.entries();
        let owner = *entries.numbers.entry(number).or_insert(visitor);
        if owner != visitor {
            entries.numbers_doubled.push(format!("number {number} of {owner} and {visitor}"));
        }
    }

    /// Asks for every order once more, for a while.
    pub async fn verdict(&self, web: &Web, settings: &Settings) -> Verdict {
        let (orders, mut verdict) = {
            let entries = self.entries();
            (entries.orders.clone(), entries.verdict())
        };
        let until = Instant::now() + AUDIT_SPAN;
        for order in orders.into_values() {
            let path = format!("/v1/sales/{}/baskets/{}", settings.sale, order.id);
            let ask = Ask::get(path).bearer(&settings.api_key);
            let answer = web.insist(&ask, Patience { tries: 3, seed: 0 });
            let Ok(answer) = tokio::time::timeout_at(until, answer).await else { break };
            // A server that has stopped with the crowd says nothing about its orders.
            let Ok(reply) = answer else { break };
            match (reply.status, reply.read::<Basket>()) {
                (StatusCode::OK, Ok(now)) if same(&order, &now) => verdict.found += 1,
                (StatusCode::OK | StatusCode::NOT_FOUND, _) => {
                    verdict.lost.push(format!("order {} is not as acknowledged", order.id));
                }
                _ => {}
            }
        }
        verdict
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// As far as it can be told without asking.
    fn verdict(&self) -> Verdict {
        Verdict {
            orders: self.orders.len(),
            seats: self.seats.len(),
            doubled: self.doubled.clone(),
            places: self.numbers.len(),
            numbers_doubled: self.numbers_doubled.clone(),
            ..Verdict::default()
        }
    }
}

fn same(acknowledged: &Basket, now: &Basket) -> bool {
    now.state == "confirmed"
        && now.total_minor == acknowledged.total_minor
        && now.units == acknowledged.units
        && seats(now) == seats(acknowledged)
}

fn seats(basket: &Basket) -> Vec<&str> {
    let lines = basket.holds.iter().flat_map(|hold| &hold.lines);
    let mut seats: Vec<_> =
        lines.filter_map(|line| Some(line.seat.as_ref()?.id.as_str())).collect();
    seats.sort_unstable();
    seats
}

impl Verdict {
    /// Whether nothing that was acknowledged turned out otherwise.
    pub fn kept(&self) -> bool {
        self.broken().next().is_none()
    }

    /// What is wrong: promises broken.
    pub fn broken(&self) -> impl Iterator<Item = &String> {
        self.doubled.iter().chain(&self.lost).chain(&self.numbers_doubled)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, found, seats, .. } = self;
        write!(out, "{orders} orders of {seats} seats were acknowledged to the crowd, ")?;
        match orders - found {
            0 => write!(out, "all were found again")?,
            unasked if self.kept() => write!(out, "{unasked} could not be asked for at the end")?,
            _ => write!(out, "{found} were found again")?,
        }
        if self.kept() {
            return write!(out, "; no seat was sold twice");
        }
        write!(out, "; BROKEN PROMISES: {}", self.broken().count())?;
        self.broken().take(NAMED_MAX).try_for_each(|what| write!(out, "\n  {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_given_to_two_visitors_is_a_broken_promise() {
        let ledger = Ledger::default();
        for (number, visitor) in [(1, 7), (2, 8), (1, 7)] {
            ledger.given(number, visitor);
        }
        assert!(ledger.entries().verdict().kept(), "who comes back has the same number");
        ledger.given(2, 9);
        let verdict = ledger.entries().verdict();
        assert_eq!((verdict.places, verdict.numbers_doubled.len()), (2, 1), "{verdict}");
        assert!(!verdict.kept());
    }
}
