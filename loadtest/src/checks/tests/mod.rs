//! Small histories, told by hand: honest ones that look suspicious, and lies.

mod board;
mod figures;
mod large;
mod orders;
mod queue;
mod seats;
mod times;

use super::{Evidence, Finding, Verdict, all};
use crate::history::{
    Board, Counts, Fault, Order, Performance, Place, Source, Told, Unit, What, Who,
};

/// A cap that no small history reaches.
const CAP: u32 = 1_000;

/// What a check found in a history, however it is ordered.
fn found_under(cap: u32, check: &str, mut history: Vec<Told>) -> Finding {
    history.sort_by_key(|told| told.asked_us);
    let findings = all(&Evidence::of(&history, Some(cap)));
    findings.into_iter().find(|finding| finding.check == check).expect("a check of that name")
}

fn found(check: &str, history: Vec<Told>) -> Finding {
    found_under(CAP, check, history)
}

#[track_caller]
fn kept(check: &str, history: Vec<Told>) {
    let finding = found(check, history);
    assert_eq!(finding.verdict, Verdict::Kept, "{finding:#?}");
}

#[track_caller]
fn broken(check: &str, history: Vec<Told>) {
    let finding = found(check, history);
    assert_eq!(finding.verdict, Verdict::Broken, "{finding:#?}");
    assert!(!finding.examples.is_empty(), "somebody can follow it up");
}

/// Told between these two milliseconds of the run.
fn told(who: Who, (asked_ms, told_ms): (u64, u64), what: What) -> Told {
    Told { who, asked_us: asked_ms * 1_000, told_us: Some(told_ms * 1_000), what }
}

fn by(visitor: u32, times: (u64, u64), what: What) -> Told {
    told(Who::Visitor(visitor), times, what)
}

/// Asked, and never answered.
fn lost(visitor: u32, asked_ms: u64, attempt: crate::history::Attempt) -> Told {
    let what = What::Tried(attempt);
    Told { who: Who::Visitor(visitor), asked_us: asked_ms * 1_000, told_us: None, what }
}

fn seat(seat: &str) -> Unit {
    let of = Source::Seat(seat.to_owned());
    Unit { performance: "hall".to_owned(), zone: "stalls".to_owned(), of }
}

fn standing(units: u32) -> Unit {
    let of = Source::Pool { pool: "standing".to_owned(), units };
    Unit { performance: "yard".to_owned(), zone: "floor".to_owned(), of }
}

/// The first hold of a basket, of the visitor whose number it is, with a minute to go.
fn held(basket: &str, number: u64, units: &[Unit]) -> What {
    what_held(basket, number, ("1", 60_000), units)
}

fn what_held(basket: &str, number: u64, (hold, left_ms): (&str, u64), units: &[Unit]) -> What {
    What::Held {
        number,
        basket: basket.to_owned(),
        hold: hold.to_owned(),
        units: units.to_vec(),
        expires_in_ms: Some(left_ms),
    }
}

fn released(basket: &str) -> What {
    What::Released { basket: basket.to_owned(), hold: None }
}

fn order(basket: &str, key: &str, units: &[Unit]) -> Order {
    Order {
        basket: basket.to_owned(),
        payment: format!("pay-{basket}"),
        key: key.to_owned(),
        units: units.to_vec(),
        late: false,
    }
}

fn ordered(basket: &str, units: &[Unit]) -> What {
    What::Ordered(order(basket, &format!("key-{basket}"), units))
}

fn seen(basket: &str, state: &str, units: &[Unit]) -> What {
    What::BasketSeen { basket: basket.to_owned(), state: state.to_owned(), units: units.to_vec() }
}

fn place(number: u64, state: &str, position: Option<u64>) -> What {
    let state = state.to_owned();
    What::Saw(Place { number, state, position, ..Place::default() })
}

fn called(number: u64, claim_in_ms: u64) -> What {
    let (state, claim_in_ms) = ("called".to_owned(), Some(claim_in_ms));
    What::Saw(Place { number, state, claim_in_ms, ..Place::default() })
}

fn changed(action: &str, cap: Option<u32>) -> What {
    What::Changed { action: action.to_owned(), cap, notice: None }
}

fn fault(at_ms: u64, fault: Fault) -> Told {
    told(Who::Staff, (at_ms, at_ms), What::Fault(fault))
}

fn counts(available: u64, held: u64, paying: u64, sold: u64) -> Counts {
    let capacity = available + held + paying + sold;
    Counts { capacity, available, held, paying, sold, withheld: 0 }
}

fn board(version: u64, counts: Counts) -> Board {
    let cap = u64::from(CAP);
    Board { version, status: "on_sale".to_owned(), counts, cap, ..Board::default() }
}

fn hall(status: &str, counts: Counts) -> Performance {
    let (id, status) = ("hall".to_owned(), status.to_owned());
    Performance { id, status, counts, zones: vec![("stalls".to_owned(), counts)] }
}

fn shown(version: u64, performance: Performance) -> What {
    What::Performances { version, performances: vec![performance] }
}
