//! No seat is sold twice, no pool beyond its capacity.
//!
//! Sees: two acknowledged orders of one seat, and a price zone of a performance of which more units
//! were surely held or sold at one instant than its capacity. Cannot see: two holds of one seat
//! (see `seat-history`), pools of which no capacity was ever read, sales to others than this crowd.
//! Once staff has taken an order back, a seat may rightly be sold again, and is not judged.

use std::collections::HashMap;

use super::baskets::{Basket, Baskets};
use super::report::{Report, at, name};
use super::staff::Staff;
use super::units::{count, seat_of};
use super::{Evidence, Finding};
use crate::history::{Told, Unit, What, Who};

/// Looks for seats in two orders, and for zones over their capacity.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new(
        "seat-twice",
        "No seat is in two orders, and no pool or zone is sold beyond its capacity.",
    );
    let Evidence { staff, baskets, .. } = evidence;
    orders(&mut report, baskets, staff);
    capacities(&mut report, evidence.history, baskets, staff);
    report.done()
}

/// Who was told that a seat is theirs.
struct Sold<'a> {
    basket: &'a str,
    who: Option<Who>,
    told_us: u64,
}

fn orders(report: &mut Report, baskets: &Baskets<'_>, staff: &Staff) {
    let mut sold: HashMap<(&str, &str), Sold> = HashMap::new();
    let mut all: Vec<_> = baskets.all.iter().flat_map(|(id, basket)| sold_by(id, basket)).collect();
    all.sort_by_key(|(told_us, ..)| *told_us);
    report.looked(all.len() as u64);
    for (told_us, id, basket, units) in all {
        for unit in units {
            let Some(seat) = seat_of(unit) else { continue };
            let now = Sold { basket: id, who: basket.who, told_us };
            let before = sold.entry((&unit.performance, seat)).or_insert(now);
            if before.basket != id && staff.undo_us > told_us {
                let (first, second) = (said(before.who), said(basket.who));
                let (first_at, second_at) = (at(before.told_us), at(told_us));
                report.broke(told_us, || {
                    format!(
                        "{second_at}: seat {}/{seat} was sold to {second} in {id}, and at \
                         {first_at} to {first} in {}",
                        unit.performance, before.basket,
                    )
                });
            }
        }
    }
}

fn said(who: Option<Who>) -> String {
    who.map_or_else(|| "somebody".to_owned(), name)
}

type Sale<'a> = (u64, &'a str, &'a Basket<'a>, &'a [Unit]);

/// What a basket was told to have bought, once.
fn sold_by<'a>(id: &'a str, basket: &'a Basket<'a>) -> Option<Sale<'a>> {
    let orders = basket.orders.iter().map(|order| (order.told_us, order.what.units.as_slice()));
    let confirmed = basket.seen.iter().filter(|seen| seen.what.state == "confirmed");
    let seen = confirmed.map(|seen| (seen.told_us, seen.what.units));
    let first = orders.chain(seen).min_by_key(|(told_us, _)| *told_us)?;
    Some((first.0, id, basket, first.1))
}

/// What is known of the units of one zone of one performance.
#[derive(Default)]
struct Zone {
    capacity: u64,
    /// More or fewer units, from an instant on.
    steps: Vec<(u64, i64)>,
}

fn capacities(report: &mut Report, history: &[Told], baskets: &Baskets<'_>, staff: &Staff) {
    if staff.anything_us < u64::MAX {
        return;
    }
    let mut zones: HashMap<(&str, &str), Zone> = HashMap::new();
    for told in history {
        let What::Performances { performances, .. } = &told.what else { continue };
        for performance in performances {
            for (zone, counts) in &performance.zones {
                let zone = zones.entry((&performance.id, zone)).or_default();
                zone.capacity = zone.capacity.max(counts.capacity);
            }
        }
    }
    for (_, basket) in &baskets.all {
        for (unit, from_us, until_us) in sure(basket, staff) {
            let Some(zone) = zones.get_mut(&(unit.performance.as_str(), unit.zone.as_str())) else {
                continue;
            };
            let units = i64::try_from(count(unit)).unwrap_or(i64::MAX);
            zone.steps.extend([(from_us, units), (until_us, -units)]);
        }
    }
    for ((performance, id), zone) in zones {
        over(report, &format!("{performance}/{id}"), zone);
    }
}

/// Units that a basket surely had, from when until when.
fn sure<'a>(basket: &'a Basket<'a>, staff: &Staff) -> Vec<(&'a Unit, u64, u64)> {
    let ends_us = basket.sure_until_us();
    let mut sure = Vec::new();
    for hold in basket.holds.iter().filter(|hold| hold.told_us < ends_us) {
        sure.extend(hold.units.iter().map(|unit| (unit, hold.told_us, ends_us)));
    }
    if let Some(order) = basket.orders.iter().min_by_key(|order| order.told_us) {
        let from_us = order.told_us.max(ends_us);
        if from_us < staff.undo_us {
            sure.extend(order.what.units.iter().map(|unit| (unit, from_us, staff.undo_us)));
        }
    }
    sure
}

fn over(report: &mut Report, zone: &str, mut found: Zone) {
    // Of one instant, what ends comes first.
    found.steps.sort_unstable();
    report.looked(1);
    let (mut taken, mut full) = (0_i64, false);
    let capacity = i64::try_from(found.capacity).unwrap_or(i64::MAX);
    for (at_us, step) in found.steps {
        taken = taken.saturating_add(step);
        if taken > capacity && !full {
            report.broke(at_us, || {
                format!("{}: {taken} units of {zone} were taken, of {capacity}", at(at_us))
            });
        }
        full = taken > capacity;
    }
}
