//! Nobody's basket or turn ends before its time, and time stops when the server does.
//!
//! Sees: a basket found expired before the remaining time that its visitor was told had passed, not
//! counting outages that the harness made; a remaining time that fell faster than time passed; a
//! basket that was found given back and nobody gave back; a turn taken away before the claim window
//! that was shown had passed. Each is judged less two seconds and a bit: so long may a server stand
//! still without counting it as an outage. Cannot see outages that the harness did not make, nor
//! what nobody looks at in time.

use super::baskets::{Answered, Basket, LAG_US};
use super::outages::Outages;
use super::report::{Report, at, name};
use super::staff::Staff;
use super::turns::{State, Turn};
use super::{Evidence, Finding};

/// Looks for what ended too early.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report =
        Report::new("expiry", "No basket and no turn ends before its time, outages not counted.");
    let Evidence { staff, outages, baskets, turns, .. } = evidence;
    for (id, basket) in &baskets.all {
        ended(&mut report, (id, basket), outages, staff);
        fell(&mut report, (id, basket), outages);
    }
    for turn in turns {
        missed(&mut report, turn, outages);
    }
    report.done()
}

/// How long a clock that stops in outages surely ran at most, between two instants.
fn ran_us(outages: &Outages, from_us: u64, until_us: u64) -> u64 {
    until_us.saturating_sub(from_us).saturating_sub(outages.within(from_us, until_us))
}

fn ended(report: &mut Report, (id, basket): (&str, &Basket<'_>), outages: &Outages, staff: &Staff) {
    report.looked(basket.remaining.len() as u64);
    let who = || basket.who.map_or_else(|| "somebody".to_owned(), name);
    for seen in &basket.seen {
        let early = |told: &&Answered<u64>| {
            ran_us(outages, told.began_us, seen.told_us).saturating_add(LAG_US) < told.what
        };
        let told = basket.remaining.iter().find(early).filter(|_| seen.what.state == "expired");
        if let Some(told) = told {
            report.broke(seen.told_us, || {
                format!(
                    "{}: basket {id} of {} was expired; at {} it was told to have {} left",
                    at(seen.told_us),
                    who(),
                    at(told.told_us),
                    at(told.what),
                )
            });
        }
        let asked_us = basket.loosened_us.min(staff.end_us);
        if seen.what.state == "released" && asked_us > seen.told_us && basket.who.is_some() {
            report.broke(seen.told_us, || {
                format!(
                    "{}: basket {id} was given back, and {} never asked",
                    at(seen.told_us),
                    who()
                )
            });
        }
    }
}

/// Deadlines are only ever put off: what is left falls no faster than time passes.
fn fell(report: &mut Report, (id, basket): (&str, &Basket<'_>), outages: &Outages) {
    for later in &basket.remaining {
        for before in basket.remaining.iter().filter(|one| one.told_us <= later.began_us) {
            let ran_us = ran_us(outages, before.began_us, later.told_us);
            if later.what.saturating_add(ran_us).saturating_add(LAG_US) < before.what {
                report.broke(later.told_us, || {
                    format!(
                        "{}: basket {id} has {} left, and had {} at {}",
                        at(later.told_us),
                        at(later.what),
                        at(before.what),
                        at(before.told_us),
                    )
                });
                break;
            }
        }
    }
}

fn missed(report: &mut Report, turn: &Turn, outages: &Outages) {
    // Who took their turn may have idled out of the shop.
    let active = turn.sights.iter().filter(|sight| sight.state == State::Active);
    let claimed_us = active.map(|sight| sight.asked_us).min().unwrap_or(u64::MAX);
    for called in turn.sights.iter().filter(|sight| sight.state == State::Called) {
        let Some(left_us) = called.claim_in_us else { continue };
        report.looked(1);
        let lost = turn.sights.iter().find(|sight| {
            matches!(sight.state, State::Waiting | State::Returning | State::Ended)
                && sight.asked_us >= called.told_us
                && sight.told_us <= turn.leave_us
                && claimed_us > sight.told_us
                && ran_us(outages, called.asked_us, sight.told_us).saturating_add(LAG_US) < left_us
        });
        if let Some(lost) = lost {
            report.broke(lost.told_us, || {
                format!(
                    "{}: the turn of {} (number {}) was over; at {} it was theirs for {}",
                    at(lost.told_us),
                    name(turn.who),
                    turn.number,
                    at(called.told_us),
                    at(left_us),
                )
            });
        }
    }
}
