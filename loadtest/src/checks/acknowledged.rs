//! Nothing that was acknowledged is lost.
//!
//! Sees: an order that is not confirmed with the same units whenever the basket is looked at later;
//! held units that are missing from the live basket, and given back ones that are still in it; a
//! board that counts fewer sold units than before, and a board or an ops overview that counts fewer
//! than were acknowledged well before it was asked for; a visitor who has another queue number than
//! they were given; a queue number that two visitors were given. Cannot see what nobody looks at
//! again: the audit at the end of a run looks at every order.

use std::collections::{HashMap, HashSet};

use super::attempts::Attempts;
use super::baskets::{Answered, Basket, Seen};
use super::report::{Report, at, name};
use super::staff::Staff;
use super::units::{contains, count, say, sum};
use super::{Evidence, Finding};
use crate::history::{Told, What, Who};

/// A board shows what was acknowledged so long before it was asked for, not counting outages.
const BOARD_LAG_US: u64 = 5_000_000;

/// Looks for acknowledgements that were contradicted later.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new("acknowledged", "What was acknowledged is not lost.");
    let Evidence { staff, attempts, baskets, .. } = evidence;
    for (id, basket) in &baskets.all {
        orders(&mut report, id, basket, staff);
        holds(&mut report, id, basket);
        checkouts(&mut report, id, basket);
    }
    if staff.undo_us == u64::MAX {
        boards(&mut report, evidence);
    }
    numbers(&mut report, evidence.history, attempts);
    report.done()
}

fn orders(report: &mut Report, id: &str, basket: &Basket<'_>, staff: &Staff) {
    for order in &basket.orders {
        report.looked(1);
        let bought = sum(&order.what.units);
        for seen in later(basket, order.told_us) {
            let kept = seen.what.state == "confirmed" && sum(seen.what.units) == bought;
            if !kept && staff.undo_us > seen.told_us {
                let units = say(&bought);
                report.broke(seen.told_us, || {
                    format!(
                        "{}: order {id} of {units} was acknowledged at {}, and was seen {} with {}",
                        at(seen.told_us),
                        at(order.told_us),
                        seen.what.state,
                        say(&sum(seen.what.units)),
                    )
                });
            }
        }
    }
}

/// How a basket was seen surely after an instant.
fn later<'a>(basket: &'a Basket<'a>, told_us: u64) -> impl Iterator<Item = &'a Answered<Seen<'a>>> {
    basket.seen.iter().filter(move |seen| seen.began_us >= told_us)
}

fn holds(report: &mut Report, id: &str, basket: &Basket<'_>) {
    report.looked((basket.holds.len() + basket.releases.len()) as u64);
    for seen in basket.seen.iter().filter(|seen| seen.what.live()) {
        let there = sum(seen.what.units);
        let kept = basket
            .holds
            .iter()
            .filter(|hold| hold.told_us <= seen.began_us && basket.release_us > seen.told_us);
        let must = sum(kept.flat_map(|hold| hold.units));
        if !contains(&there, &must) {
            report.broke(seen.told_us, || {
                format!(
                    "{}: basket {id} was given {}, and was seen with {}",
                    at(seen.told_us),
                    say(&must),
                    say(&there),
                )
            });
        }
        released(report, (id, basket), seen);
    }
}

/// A basket that was given back is not alive; nor are units in it of which every hold was given
/// back, if nothing else may have brought them.
fn released(report: &mut Report, (id, basket): (&str, &Basket<'_>), seen: &Answered<Seen<'_>>) {
    let done = basket.releases.iter().filter(|release| release.told_us <= seen.began_us);
    for release in done {
        let back = match release.what {
            None => true,
            // Whatever else was asked for before it was seen may have brought the same units.
            Some(hold) => {
                let others = basket.holds.iter().filter(|other| other.hold != hold);
                let maybe = sum(others.flat_map(|other| other.units));
                let gone = basket.holds.iter().filter(|gone| gone.hold == hold);
                let there = sum(seen.what.units);
                let gone = sum(gone.flat_map(|gone| gone.units));
                basket.complete
                    && gone.keys().any(|unit| there.contains_key(unit) && !maybe.contains_key(unit))
            }
        };
        if back {
            report.broke(seen.told_us, || {
                let what =
                    release.what.map_or("all of it".to_owned(), |hold| format!("hold {hold}"));
                format!(
                    "{}: basket {id} gave {what} back at {}, and was seen {} with {}",
                    at(seen.told_us),
                    at(release.told_us),
                    seen.what.state,
                    say(&sum(seen.what.units)),
                )
            });
        }
    }
}

fn checkouts(report: &mut Report, id: &str, basket: &Basket<'_>) {
    for checkout in &basket.checkouts {
        report.looked(1);
        for seen in later(basket, checkout.told_us).filter(|seen| seen.what.state == "open") {
            report.broke(seen.told_us, || {
                format!(
                    "{}: basket {id} went to the card page at {}, and was seen open",
                    at(seen.told_us),
                    at(checkout.told_us),
                )
            });
        }
    }
}

fn boards(report: &mut Report, evidence: &Evidence<'_>) {
    let Evidence { history, baskets, outages, .. } = evidence;
    let orders = baskets.all.iter().filter_map(|(_, basket)| {
        let first = basket.orders.iter().min_by_key(|order| order.told_us)?;
        Some((first.told_us, first.what.units.iter().map(count).sum::<u64>()))
    });
    let mut orders: Vec<(u64, u64)> = orders.collect();
    orders.sort_unstable();
    let heads = || {
        history.iter().filter_map(|told| match (&told.what, told.told_us) {
            (What::Board(board) | What::Desk(board), Some(told_us)) => Some((told, told_us, board)),
            _ => None,
        })
    };
    let (mut next, mut acknowledged) = (0, 0);
    for (Told { asked_us, .. }, told_us, board) in heads() {
        report.looked(1);
        while let Some((ordered_us, units)) = orders.get(next) {
            let ran_us = asked_us.saturating_sub(*ordered_us);
            if ran_us.saturating_sub(outages.within(*ordered_us, *asked_us)) < BOARD_LAG_US {
                break;
            }
            acknowledged += units;
            next += 1;
        }
        if board.counts.sold < acknowledged {
            report.broke(told_us, || {
                format!(
                    "{}: the board shows {} sold, and {acknowledged} were acknowledged long before",
                    at(told_us),
                    board.counts.sold,
                )
            });
        }
    }
    // The ops overview has no version.
    let boards = heads().filter(|(told, ..)| matches!(told.what, What::Board(_)));
    let mut boards: Vec<_> = boards.map(|(_, told_us, board)| (told_us, board)).collect();
    boards.sort_by_key(|(_, board)| board.version);
    for pair in boards.windows(2) {
        let [(_, before), (told_us, after)] = pair else { continue };
        if after.counts.sold < before.counts.sold {
            report.broke(*told_us, || {
                format!(
                    "{}: sold fell from {} on board {} to {} on board {}",
                    at(*told_us),
                    before.counts.sold,
                    before.version,
                    after.counts.sold,
                    after.version,
                )
            });
        }
    }
}

fn numbers(report: &mut Report, history: &[Told], attempts: &Attempts<'_>) {
    let mut owners: HashMap<u64, Who> = HashMap::new();
    let mut joined: HashSet<Who> = HashSet::new();
    for told in history {
        let What::Joined { number } = told.what else { continue };
        report.looked(1);
        joined.insert(told.who);
        let owner = *owners.entry(number).or_insert(told.who);
        if owner != told.who {
            report.broke(told.asked_us, || {
                let (first, second) = (name(owner), name(told.who));
                format!(
                    "{}: number {number} was given to {first} and to {second}",
                    at(told.asked_us)
                )
            });
        }
    }
    for told in history {
        let What::Saw(place) = &told.what else { continue };
        let known = owners.get(&place.number) == Some(&told.who);
        let sure = joined.contains(&told.who) && attempts.nameless(told.who) == u64::MAX;
        if !known && sure {
            report.broke(told.asked_us, || {
                let who = name(told.who);
                format!(
                    "{}: {who} was shown number {}, which they were never given",
                    at(told.asked_us),
                    place.number,
                )
            });
        }
    }
}
