//! A shown position never rises.
//!
//! Compares what one queue number was shown in exchanges of which one was over before the other
//! began; of those that overlap, nobody knows which was first. Cannot see positions that a sale's
//! policy does not show.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::report::{Report, at, name};
use super::turns::Turn;
use super::{Evidence, Finding};

/// Looks for positions that rose.
pub fn check(evidence: &Evidence<'_>) -> Finding {
    let mut report = Report::new("position", "A position that was shown never rises.");
    for turn in &evidence.turns {
        rises(&mut report, turn);
    }
    report.done()
}

fn rises(report: &mut Report, turn: &Turn) {
    let mut pending = BinaryHeap::new();
    let mut least: Option<(u64, u64)> = None;
    for sight in &turn.sights {
        let Some(position) = sight.position else { continue };
        report.looked(1);
        while let Some(Reverse((told_us, _))) = pending.peek()
            && *told_us <= sight.asked_us
        {
            let Some(Reverse((told_us, position))) = pending.pop() else { break };
            if least.is_none_or(|(before, _)| position < before) {
                least = Some((position, told_us));
            }
        }
        if let Some((before, before_us)) = least.filter(|(before, _)| *before < position) {
            report.broke(sight.told_us, || {
                format!(
                    "{}: {} (number {}) was shown position {position}, and {before} at {}",
                    at(sight.told_us),
                    name(turn.who),
                    turn.number,
                    at(before_us),
                )
            });
        }
        pending.push(Reverse((sight.told_us, position)));
    }
}
