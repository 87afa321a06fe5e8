//! The same request under the same key has one outcome.
//!
//! Sees: one key with two different orders; one basket paid under two references; an order that was
//! acknowledged and later refused as if it were none, and the other way round; an order that was
//! refused for good, and a basket that is confirmed all the same. Cannot see keys of
//! holds and releases, which the history does not keep.

use std::collections::HashMap;

use super::report::{Report, at, name};
use super::units::{say, sum};
use super::{Evidence, Finding};
use crate::history::{Order, Told, What};

/// Codes that say for good that a basket is no order and becomes none.
const NO_ORDER: [&str; 3] = ["seat_lost", "expired", "not_found"];

/// Looks for keys with two outcomes.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new("retry", "A request that is asked again has the same outcome.");
    let mut keys: HashMap<&str, (&Told, &Order)> = HashMap::new();
    let mut orders: HashMap<&str, Vec<(&Told, &Order)>> = HashMap::new();
    for told in evidence.history {
        let What::Ordered(order) = &told.what else { continue };
        report.looked(1);
        let (first_told, first) = *keys.entry(&order.key).or_insert((told, order));
        if !same(first, order) {
            two(&mut report, (first_told, first), (told, order));
        }
        let others = orders.entry(&order.basket).or_default();
        let other = others.first().copied();
        if let Some((other_told, other)) = other.filter(|(_, other)| other.key != order.key)
            && other.payment != order.payment
        {
            two(&mut report, (other_told, other), (told, order));
        }
        others.push((told, order));
    }
    let confirmed = confirmed(evidence);
    for told in evidence.history {
        let What::OrderRefused { basket, code } = &told.what else { continue };
        let known = orders.get(basket.as_str()).filter(|_| NO_ORDER.contains(&code.as_str()));
        for (ordered, _) in known.into_iter().flatten() {
            contradicts(&mut report, told, ordered, (basket, code));
        }
        let seen_us = confirmed.get(basket.as_str()).filter(|_| NO_ORDER.contains(&code.as_str()));
        if let Some(seen_us) = seen_us {
            taken_and_refused(&mut report, told, *seen_us, (basket, code));
        }
    }
    report.done()
}

/// When each basket was first seen confirmed.
fn confirmed<'a>(evidence: &Evidence<'a>) -> HashMap<&'a str, u64> {
    let seen = evidence.baskets.all.iter().filter_map(|(id, basket)| {
        let confirmed = basket.seen.iter().filter(|seen| seen.what.state == "confirmed");
        Some((*id, confirmed.map(|seen| seen.told_us).min()?))
    });
    seen.collect()
}

fn same(one: &Order, other: &Order) -> bool {
    one.basket == other.basket
        && one.payment == other.payment
        && sum(&one.units) == sum(&other.units)
}

fn two(report: &mut Report, first: (&Told, &Order), second: (&Told, &Order)) {
    let when = second.0.told_us.unwrap_or(second.0.asked_us);
    report.broke(when, || {
        let one = |(told, order): (&Told, &Order)| {
            let Order { basket, payment, key, units, .. } = order;
            let (who, units) = (name(told.who), say(&sum(units)));
            format!("key {key} of {who} bought {units} in {basket}, paid by {payment}")
        };
        format!("{}: {}; before, {}", at(when), one(second), one(first))
    });
}

fn contradicts(report: &mut Report, refused: &Told, ordered: &Told, (basket, code): (&str, &str)) {
    let when = refused.told_us.unwrap_or(refused.asked_us);
    report.broke(when, || {
        let (who, ordered_at) =
            (name(ordered.who), at(ordered.told_us.unwrap_or(ordered.asked_us)));
        format!(
            "{}: {basket} of {who} was refused as {code}, and an order at {ordered_at}",
            at(when)
        )
    });
}

fn taken_and_refused(
    report: &mut Report,
    refused: &Told,
    seen_us: u64,
    (basket, code): (&str, &str),
) {
    let when = refused.told_us.unwrap_or(refused.asked_us);
    report.broke(when, || {
        let (who, seen_at) = (name(refused.who), at(seen_us));
        format!("{}: {who} was refused {basket} as {code}; it was confirmed at {seen_at}", at(when))
    });
}
