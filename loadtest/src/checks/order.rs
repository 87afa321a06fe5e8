//! Visitors are called in the order in which they joined.
//!
//! The figures are Kendall's tau between queue numbers and the instants of calling, as closely as
//! these are known: 1 is exactly in order, 0 at random. Broken only where it is sure: somebody who
//! waited, and was seen by the server within the last few seconds, still waited after a later
//! number had been called for the first time. Who was away may be overtaken by the rules, and who
//! missed a claim is called again before others; neither is judged. Cannot judge visitors who
//! rarely ask, and takes it that a sale's presence span is at least [`PRESENCE_MS_MIN`].

use super::report::{Report, at, name};
use super::turns::{State, Turn, claim_span_us};
use super::{Evidence, Finding};
use crate::history::{Fault, Told, What};

/// A visitor is present so long after they were seen, whatever the sale says.
const PRESENT_US: u64 = 5_000_000;
/// The shortest presence span of a sale for which that is true: the server may be behind by three
/// seconds in noticing that it saw them.
pub const PRESENCE_MS_MIN: u64 = PRESENT_US / 1_000 + 3_000;

/// Compares calling with joining.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new("order", "Visitors who are there are called in order of joining.");
    let turns = &evidence.turns;
    let span_us = claim_span_us(turns);
    let called = |turn: &Turn| Some((turn.called_about(span_us)?.1, turn.number));
    let all: Vec<_> = turns.iter().filter_map(called).collect();
    let there: Vec<_> = turns.iter().filter(|turn| !turn.was_away()).filter_map(called).collect();
    report.looked(all.len() as u64);
    if let Some(tau) = kendall(all) {
        report.figure("calls_in_order_of_joining_all", tau, "tau");
    }
    if let Some(tau) = kendall(there) {
        report.figure("calls_in_order_of_joining_never_away", tau, "tau");
    }
    let kills = kills(evidence.history);
    overtaken(&mut report, turns, &kills);
    report.done()
}

/// When the harness killed the server.
pub(super) fn kills(history: &[Told]) -> Vec<u64> {
    let kills = history.iter().filter(|told| told.what == What::Fault(Fault::Killed));
    kills.map(|told| told.asked_us).collect()
}

/// Kendall's tau of queue numbers in the order of calling; calls of one instant count as in order.
fn kendall(mut called: Vec<(u64, u64)>) -> Option<f64> {
    let count = called.len() as f64;
    if called.len() < 2 {
        return None;
    }
    called.sort_unstable();
    let mut numbers: Vec<u64> = called.into_iter().map(|(_, number)| number).collect();
    let crossed = crossings(&mut numbers) as f64;
    Some(1.0 - 4.0 * crossed / (count * (count - 1.0)))
}

/// Sorts by merging, and counts the pairs that were the wrong way round.
fn crossings(numbers: &mut [u64]) -> u64 {
    if numbers.len() < 2 {
        return 0;
    }
    let (left, right) = numbers.split_at_mut(numbers.len() / 2);
    let mut crossed = crossings(left) + crossings(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut from_right = 0;
    for (at, number) in left.iter().enumerate() {
        while from_right < right.len() && right[from_right] < *number {
            merged.push(right[from_right]);
            crossed += (left.len() - at) as u64;
            from_right += 1;
        }
        merged.push(*number);
    }
    merged.extend_from_slice(&right[from_right..]);
    numbers.copy_from_slice(&merged);
    crossed
}

/// A time in which a number surely waited and was surely present.
pub(super) struct Present {
    pub(super) from_us: u64,
    pub(super) until_us: u64,
    number: u64,
}

fn overtaken(report: &mut Report, turns: &[Turn], kills: &[u64]) {
    let mut presents: Vec<Present> = turns.iter().flat_map(|turn| present(turn, kills)).collect();
    presents.sort_by_key(|present| present.from_us);
    let mut calls: Vec<_> =
        turns.iter().filter_map(|turn| Some((turn.first_call()?, turn))).collect();
    calls.sort_by_key(|((from_us, _), _)| *from_us);
    let mut least = Least::over(presents.iter().map(|present| present.until_us).collect());
    let mut next = presents.iter().peekable();
    for ((from_us, until_us), turn) in calls {
        while let Some(present) = next.next_if(|present| present.from_us <= from_us) {
            least.put(present.until_us, present.number);
        }
        if let Some(waits) = least.from(until_us).filter(|waits| *waits < turn.number) {
            report.broke(until_us, || {
                format!(
                    "{}: {} (number {}) was called before number {waits}, who was there and waited",
                    at(until_us),
                    name(turn.who),
                    turn.number,
                )
            });
        }
    }
}

/// When a number waited and was present: from each sight, for a while, and no longer than it was
/// seen to wait. A server that was killed has forgotten whom it had seen.
pub(super) fn present(turn: &Turn, kills: &[u64]) -> Vec<Present> {
    let waits = || turn.sights.iter().filter(|sight| sight.state == State::Waiting);
    let Some(waited_us) = waits().map(|sight| sight.asked_us).max() else { return Vec::new() };
    let sights = turn.sights.iter().filter(|sight| {
        matches!(sight.state, State::Joined | State::Waiting) && sight.told_us < waited_us
    });
    let span = |asked_us: u64| {
        let killed_us = kills.get(kills.partition_point(|killed_us| *killed_us < asked_us));
        asked_us.saturating_add(PRESENT_US).min(waited_us).min(*killed_us.unwrap_or(&u64::MAX))
    };
    sights
        .map(|sight| (sight.told_us, span(sight.asked_us)))
        .filter(|(from_us, until_us)| from_us < until_us)
        .map(|(from_us, until_us)| Present { from_us, until_us, number: turn.number })
        .collect()
}

/// The least number put at or after an instant: a Fenwick tree over the instants, backwards.
struct Least {
    instants: Vec<u64>,
    tree: Vec<u64>,
}

impl Least {
    fn over(mut instants: Vec<u64>) -> Self {
        instants.sort_unstable_by(|one, other| other.cmp(one));
        instants.dedup();
        let tree = vec![u64::MAX; instants.len() + 1];
        Self { instants, tree }
    }

    fn put(&mut self, at_us: u64, number: u64) {
        let mut at = self.instants.partition_point(|instant| *instant > at_us) + 1;
        while let Some(least) = self.tree.get_mut(at) {
            *least = number.min(*least);
            at += at & at.wrapping_neg();
        }
    }

    fn from(&self, at_us: u64) -> Option<u64> {
        let mut at = self.instants.partition_point(|instant| *instant >= at_us);
        let mut least = u64::MAX;
        while at > 0 {
            least = least.min(self.tree[at]);
            at -= at & at.wrapping_neg();
        }
        (least < u64::MAX).then_some(least)
    }
}
