//! Whatever an honest server tells, it is not accused.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use stanchion_loadtest::checks::{self, Evidence, Finding, Verdict};
use stanchion_loadtest::history::Told;

use crate::fake::Lie;
use crate::walk::{CAP, Step, step, walk};

fn findings(history: &[Told]) -> Vec<Finding> {
    checks::all(&Evidence::of(history, Some(CAP as u32)))
}

fn broken(history: &[Told]) -> Vec<Finding> {
    let findings = findings(history).into_iter();
    findings.filter(|finding| finding.verdict == Verdict::Broken).collect()
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn an_honest_history_with_overlaps_losses_and_outages_is_never_accused(
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let history = walk(Lie::None, &steps);
        let accused = broken(&history);
        prop_assert!(accused.is_empty(), "{accused:#?}");
    }
}

/// The same walks as always.
fn walks(count: usize) -> Vec<Vec<Step>> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let steps = prop::collection::vec(step(), 200..300);
    let draw = |_| steps.new_tree(&mut runner).expect("steps are drawn").current();
    (0..count).map(draw).collect()
}

/// How many of so many walks with a lie are caught by the check.
fn caught(lie: Lie, check: &str) -> usize {
    let walks = walks(60);
    let accused =
        |steps: &&Vec<Step>| broken(&walk(lie, steps)).iter().any(|finding| finding.check == check);
    walks.iter().filter(accused).count()
}

#[test]
fn the_same_walks_do_accuse_a_server_that_lies() {
    for (lie, check, least) in [
        (Lie::SeatTwice, "seat-twice", 5),
        (Lie::SeatTwice, "seat-history", 5),
        (Lie::OrderLost, "acknowledged", 20),
        (Lie::OrderLost, "seat-history", 5),
        (Lie::CapExceeded, "cap", 20),
        (Lie::PositionRises, "position", 20),
        (Lie::SoldOutEarly, "status", 1),
        (Lie::UnitsVanish, "board", 20),
        (Lie::CalledBackwards, "order", 5),
        (Lie::ExpiresEarly, "expiry", 20),
    ] {
        let caught = caught(lie, check);
        assert!(caught >= least, "{lie:?} is caught by {check} in {caught} of 60 walks");
    }
}

#[test]
fn the_walks_are_not_blind() {
    let walks = walks(60);
    let histories: Vec<_> = walks.iter().map(|steps| walk(Lie::None, steps)).collect();
    let mut looked = std::collections::BTreeMap::<String, u64>::new();
    for finding in histories.iter().flat_map(|history| findings(history)) {
        *looked.entry(finding.check).or_default() += finding.looked_at;
    }
    // Nobody posts a notice or stands by in a walk, and all slots are never taken for long.
    let never = |check: &str| matches!(check, "screen" | "next-call" | "takeover");
    let blind: Vec<_> =
        looked.iter().filter(|(check, looked)| **looked == 0 && !never(check)).collect();
    assert!(blind.is_empty(), "{blind:?} of {looked:?}");
}
