//! Whole nights against fakes: the honest one passes every check, and each lie is named.

use std::collections::BTreeSet;
use std::time::Duration;

use stanchion_loadtest::checks::{self, Evidence, Finding, Verdict};
use stanchion_loadtest::history::Told;
use stanchion_loadtest::measure::Operation;
use stanchion_loadtest::scenario::Looks;

use crate::evening::{Evening, crowd_of, evening};
use crate::fake::Lie;
use crate::fake::web::Fake;

pub(crate) const CAP: usize = 4;
const PEOPLE: u32 = 24;
/// Seats, and units of the pool: fewer seats than are wanted, and all of them fit into the baskets
/// of those who may be in the shop.
const STOCK: (usize, u32) = (6, 40);

async fn play(lie: Lie) -> Evening {
    let fake = Fake::serve(lie, CAP, STOCK).await;
    evening(&fake, crowd_of(PEOPLE)).await
}

fn findings(told: &[Told]) -> Vec<Finding> {
    checks::all(&Evidence::of(told, Some(CAP as u32)))
}

/// Plays a night with a lie, and expects this check among those that name it.
async fn check(lie: Lie, name: &str) {
    let night = play(lie).await;
    let findings = findings(&night.told).into_iter();
    let broken: Vec<_> = findings.filter(|found| found.verdict == Verdict::Broken).collect();
    let names: BTreeSet<&str> = broken.iter().map(|finding| finding.check.as_str()).collect();
    assert!(names.contains(name), "{lie:?} is named by {names:?}, not by {name}");
    assert!(broken.iter().all(|finding| !finding.examples.is_empty()), "{broken:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_night_passes_every_check() {
    let night = play(Lie::None).await;
    for finding in findings(&night.told) {
        // With so few people there may be no stretch in which a call can be matched with a leave;
        // and nobody stands by.
        let maybe = ["next-call", "takeover"].contains(&finding.check.as_str());
        let shown = maybe || finding.verdict != Verdict::NotShown;
        assert!(shown && finding.verdict != Verdict::Broken, "{finding:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_sold_twice_is_named() {
    check(Lie::SeatTwice, "seat-twice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_order_is_named() {
    check(Lie::OrderLost, "acknowledged").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exceeded_cap_is_named() {
    check(Lie::CapExceeded, "cap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_rises_is_named() {
    check(Lie::PositionRises, "position").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sold_out_said_too_early_is_named() {
    check(Lie::SoldOutEarly, "status").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_unit_is_named() {
    check(Lie::UnitsVanish, "board").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calling_out_of_order_is_named() {
    check(Lie::CalledBackwards, "order").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_outcomes_of_one_key_are_named() {
    check(Lie::TwoOutcomes, "retry").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basket_that_ends_early_is_named() {
    check(Lie::ExpiresEarly, "expiry").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_of_a_second_shows_in_everything_that_was_meant_in_that_second() {
    let fake = Fake::serve(Lie::Stalls, CAP, STOCK).await;
    let mut people = crowd_of(PEOPLE);
    for person in &mut people {
        person.looks = Looks::Every(Duration::from_millis(100));
        person.tabs = 1;
        person.shopping.thinks = (Duration::from_millis(200), Duration::from_millis(300));
    }
    let night = evening(&fake, people).await;
    let polls = night.measured.whole(Some(Operation::Poll), None).expect("everybody looks");
    assert!(polls.latency.max_ms() >= 900.0, "the longest wait was {} ms", polls.latency.max_ms());
    // Whoever measures from sending sees each of those who wait late once. They mean to look every
    // 100 ms, and are up to six looks behind: each is late three times by 400 ms and more.
    let all = polls.count();
    let others = 1.0 - f64::from(2 * PEOPLE) / all as f64;
    let late_ms = polls.latency.quantile_ms(others);
    assert!(
        late_ms >= 400.0,
        "but for {} of {all} looks, the longest took {late_ms} ms",
        2 * PEOPLE
    );
}
