//! A status is true when it is shown.
//!
//! Sees: a status that does not follow from the counts beside it, and `low` and `on_sale` for
//! shares of which the smaller is `on_sale`; and `sold_out`, as a status or as the reason of a
//! refusal, although units of the same performance were surely held later, or in a basket that
//! surely was not over yet. An order is never undone but by staff, so nothing can come back after
//! `sold_out`; from the first change by staff that brings units back, it is not judged. A refusal
//! may be about a part of a performance, such as one of its pools; it is judged only where
//! everybody was given seats, and takes it that visitors name neither zone nor section. Cannot see
//! `in_baskets` said too early.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::baskets::{Basket, Baskets};
use super::report::{Report, at, name};
use super::staff::Staff;
use super::units::seat_of;
use super::{Evidence, Finding};
use crate::history::{Counts, Told, What, Who};

/// Looks for statuses that were not so.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report =
        Report::new("status", "A status is true when it is shown; sold out means sold.");
    shown(&mut report, evidence.history);
    sold_out(&mut report, evidence);
    report.done()
}

/// A share of available units that was called `low` or `on_sale`.
type Share = (u64, u64);

fn shown(report: &mut Report, history: &[Told]) {
    let (mut low, mut on_sale) = ((0, 1), (u64::MAX, 1));
    for told in history {
        let mut see = |what: &str, status: &str, counts: &Counts| {
            report.looked(1);
            follows(report, told, (what, status), counts);
            let share = (counts.available, counts.capacity.saturating_sub(counts.withheld));
            match status {
                "low" if above(share, low) => low = share,
                "on_sale" if above(on_sale, share) => on_sale = share,
                _ => return,
            }
            if !above(on_sale, low) {
                let when = told.told_us.unwrap_or(told.asked_us);
                report.broke(when, || {
                    format!(
                        "{}: {} of {} is low, {} of {} is not",
                        at(when),
                        low.0,
                        low.1,
                        on_sale.0,
                        on_sale.1
                    )
                });
            }
        };
        match &told.what {
            What::Board(board) => see("the sale", &board.status, &board.counts),
            What::Performances { performances, .. } => {
                for performance in performances {
                    see(&performance.id, &performance.status, &performance.counts);
                }
            }
            _ => {}
        }
    }
}

/// Whether the first share is greater.
fn above(one: Share, other: Share) -> bool {
    u128::from(one.0) * u128::from(other.1) > u128::from(other.0) * u128::from(one.1)
}

fn follows(report: &mut Report, told: &Told, (what, status): (&str, &str), counts: &Counts) {
    let in_baskets = counts.held.saturating_add(counts.paying);
    let follows = match status {
        "sold_out" => counts.available == 0 && in_baskets == 0,
        "in_baskets" => counts.available == 0 && in_baskets > 0,
        "low" | "on_sale" => counts.available > 0,
        // A status that a later server may have.
        _ => true,
    };
    if !follows {
        let when = told.told_us.unwrap_or(told.asked_us);
        report.broke(when, || {
            let Counts { available, .. } = counts;
            format!(
                "{}: {what} is {status}, with {available} available and {in_baskets} in baskets",
                at(when),
            )
        });
    }
}

/// Somebody was told that a performance is sold out.
struct SoldOut {
    told_us: u64,
    who: Who,
    refused: bool,
}

fn sold_out(report: &mut Report, evidence: &Evidence<'_>) {
    let Evidence { history, staff, baskets, .. } = evidence;
    let seated = seated(baskets);
    let mut first: HashMap<&str, SoldOut> = HashMap::new();
    let mut whole: Option<SoldOut> = None;
    for told in *history {
        let Some(told_us) = told.told_us.filter(|told_us| *told_us < staff.restore_us) else {
            continue;
        };
        let said = |refused| SoldOut { told_us, who: told.who, refused };
        match &told.what {
            What::HoldRefused { performance, code } if code == "sold_out" => {
                report.looked(1);
                if seated.contains(performance.as_str()) {
                    earliest(first.entry(performance).or_insert_with(|| said(true)), said(true));
                }
            }
            What::Performances { performances, .. } => {
                for performance in performances.iter().filter(|one| one.status == "sold_out") {
                    let id = performance.id.as_str();
                    earliest(first.entry(id).or_insert_with(|| said(false)), said(false));
                }
            }
            What::Board(board) if board.status == "sold_out" => {
                earliest(whole.get_or_insert_with(|| said(false)), said(false));
            }
            _ => {}
        }
    }
    for (id, basket) in &baskets.all {
        for (performance, until_us) in lasting(basket, staff) {
            let said = [first.get(performance), whole.as_ref()];
            for said in said.into_iter().flatten().filter(|said| said.told_us < until_us) {
                early(report, said, performance, (id, basket));
            }
        }
    }
}

fn earliest(kept: &mut SoldOut, said: SoldOut) {
    if said.told_us < kept.told_us {
        *kept = said;
    }
}

/// The performances of which a basket had units, and until when it surely was not over, neither
/// sold nor ended; what was surely taken later still is as wrong, however short it was. What may
/// have been taken after staff brought units back says nothing.
fn lasting<'a>(basket: &'a Basket<'a>, staff: &Staff) -> BTreeMap<&'a str, u64> {
    let until_us = basket.sure_until_us();
    let mut lasting: BTreeMap<&str, u64> = BTreeMap::new();
    for hold in basket.holds.iter().filter(|hold| hold.told_us < staff.restore_us) {
        for unit in hold.units {
            let known = lasting.entry(&unit.performance).or_default();
            *known = until_us.max(hold.began_us).max(*known);
        }
    }
    lasting
}

fn early(
    report: &mut Report,
    said: &SoldOut,
    performance: &str,
    (id, basket): (&str, &Basket<'_>),
) {
    report.broke(said.told_us, || {
        let told = if said.refused { "was refused" } else { "was shown" };
        let held = basket.holds.iter().map(|hold| hold.told_us).min().unwrap_or(0);
        format!(
            "{}: {} {told} {performance} as sold out, and basket {id} of {} held units of it, as \
             told at {}",
            at(said.told_us),
            name(said.who),
            basket.who.map_or_else(|| "somebody".to_owned(), name),
            at(held),
        )
    });
}

/// Performances of which all units that were ever taken are seats.
fn seated<'a>(baskets: &Baskets<'a>) -> BTreeSet<&'a str> {
    let holds = || baskets.all.iter().flat_map(|(_, basket)| &basket.holds);
    let units = || holds().flat_map(|hold| hold.units);
    let mut seated: BTreeSet<&str> = units().map(|unit| unit.performance.as_str()).collect();
    for unit in units().filter(|unit| seat_of(unit).is_none()) {
        seated.remove(unit.performance.as_str());
    }
    seated
}
